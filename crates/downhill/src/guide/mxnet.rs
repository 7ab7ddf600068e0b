//! For readers of MXNet: why there is a `zero_grad`, and why a loss needs `.sum()` or `.mean()`.
//!
//! Two programs for the same step, first in Gluon:
//!
//! ```python
//! with autograd.record():
//!     loss = criterion(net(x), y)     # one loss for each row
//! loss.backward()
//! trainer.step(batch_size)
//! ```
//!
//! ```
//! # use downhill::prelude::*;
//! # let (x, y) = (Tensor::randn([4, 2]), Tensor::randn([4, 1]));
//! # let net = nn::Linear::new(2, 1);
//! # let criterion = nn::MSELoss::new();
//! # let mut optimizer = optim::SGD::new(net.parameters(), 0.1);
//! optimizer.zero_grad();
//! let loss = criterion.forward(&net.forward(&x), &y); // one number, the mean
//! loss.backward();
//! optimizer.step();
//! ```
//!
//! # Gradients accumulate
//!
//! In Gluon `backward` *overwrites* the gradients (`grad_req="write"`, the default). In PyTorch and in downhill it
//! *adds* to them, as with `grad_req="add"`. Adding follows the chain rule: a parameter that is used in two places
//! has the sum of two gradients, whether both places are in one `backward` or in two. So a batch can be split when
//! memory is short, and several losses can be taken one after the other. The price is one line at the start of the
//! loop that clears the gradients of the last step.
//!
//! Without it, each step follows the sum of all gradients so far. That is momentum without friction (μ = 1 in
//! [`momentum`](super::momentum)): on x² from 10 with lr = 0.2 the ball rolls back and forth and never stops.
//!
//! ```
//! use downhill::prelude::*;
//!
//! let x = Tensor::<f64>::new(10.0).requires_grad_(true);
//! let mut optimizer = optim::SGD::new([&x], 0.2);
//! let mut path = Vec::new();
//! for _ in 0..100 {
//!     // optimizer.zero_grad() is missing
//!     x.square().backward();
//!     optimizer.step();
//!     path.push(x.item());
//! }
//! assert!((path[0] - 6.0).abs() < 1e-12 && (path[1] + 0.4).abs() < 1e-12); // 6, and then a jump across the minimum
//! assert!(path[90..].iter().any(|x| x.abs() > 9.0)); // as far away as at the start
//! ```
//!
//! # A loss is one number
//!
//! A gradient is defined for *one number*. Gluon's losses give a vector, one element for each row, and its `backward`
//! sums the elements silently. PyTorch and downhill require you to say what you mean:
//!
//! ```
//! use downhill::prelude::*;
//!
//! let (x, w) = (Tensor::from([1.0, 2.0, 3.0]), Tensor::from(2.0).requires_grad_(true));
//! let losses = (&w * &x - 1).square(); // one for each row
//!
//! let failure = std::panic::catch_unwind(|| losses.backward()).unwrap_err();
//! let message = failure.downcast_ref::<String>().unwrap();
//! assert!(message.contains("`.sum()`"), "{message}");
//!
//! losses.sum().backward(); // what Gluon does
//! assert_eq!(w.grad().unwrap().item(), 44.0); // 2 (1·1 + 3·2 + 5·3)
//! ```
//!
//! Gluon's sum is the reason for the `batch_size` in `trainer.step(batch_size)`: dividing the gradient of the sum by
//! it gives the gradient of the mean. Here the mean is in the loss, and `step` takes no argument. With a sum in the
//! loss, divide the learning rate instead:
//!
//! | Gluon | downhill |
//! |---|---|
//! | a vector of losses, `backward()`, `trainer.step(batch_size)` | `losses.mean().backward()`, `optimizer.step()` |
//! | the same, `trainer.step(1)` | `losses.sum().backward()`, `optimizer.step()` |
//! | `w[:] = w - lr * w.grad / n` | `losses.sum().backward()`, `w.add_scaled_(&w.expect_grad(), -lr / n)` |
//!
//! (The update by hand is written inside `no_grad`.)
//!
//! # Other habits
//!
//! - **Recording** is on by default, and `no_grad` switches it off. Gluon is the other way round: only what runs in
//!   `autograd.record()` is recorded.
//! - **`attach_grad()`** is `requires_grad_(true)`.
//! - **Training mode**: `autograd.record()` also switches dropout and batch normalisation to training. Here
//!   only `net.train()` and `net.eval()` do.
//! - **`L2Loss`** is half the squared error. `nn::MSELoss` has no factor 1/2, so its gradient is twice as long; see
//!   exercise 2 of [`regression`](super::regression).
//! - **Shapes of parameters** are given when a layer is made: `nn::Linear::new(2, 1)` for `nn.Dense(1, in_units=2)`.
//!   There is no deferred initialisation.
//! - **Errors** appear at the line that caused them and not at the next `asnumpy()`: nothing is asynchronous.
//!
//! All names side by side are in [`differences`](crate::differences).
//!
//! # Exercises
//!
//! **1.** Show that one step with the mean at rate 0.1 is one step with the sum at rate 0.1/n.
//!
//! <details><summary>Answer</summary>
//!
//! ```
//! use downhill::prelude::*;
//!
//! let x = Tensor::<f64>::new([1.0, -2.0, 0.5, 4.0]);
//! let after = |lr: f64, reduce: fn(Tensor<f64>) -> Tensor<f64>| {
//!     let w = Tensor::<f64>::new(2.0).requires_grad_(true);
//!     reduce((&w * &x - 1).square()).backward();
//!     optim::SGD::new([&w], lr).step();
//!     w.item()
//! };
//! let (mean, sum) = (after(0.1, |losses| losses.mean()), after(0.1 / 4.0, |losses| losses.sum()));
//! assert!((mean - sum).abs() < 1e-12);
//! ```
//!
//! </details>
//!
//! **2.** 25 examples in batches of 10: the last batch has 5. The loop calls `trainer.step(10)` in each step, as many
//! tutorials do. What is the weight of each example of the last batch there, and what is it here, with the mean?
//!
//! <details><summary>Answer</summary>
//!
//! In Gluon every example has the weight 1/10, so the last step is half as long. Here each step takes the mean over
//! its batch, so the last one has the usual length, and each of its five examples has the weight 1/5, twice that of
//! the others. `DataLoader::drop_last(true)` leaves the short batch out.
//!
//! ```
//! use downhill::prelude::*;
//!
//! let x = Tensor::ones([25, 1]);
//! let loader = data::DataLoader::new(data::TensorDataset::new(x.clone(), x)?, 10);
//! let (mut gluon, mut here) = (Vec::new(), Vec::new());
//! for (inputs, _) in &loader {
//!     let w = Tensor::zeros([1, 1]).requires_grad_(true);
//!     inputs.matmul(&w).sum().backward();
//!     gluon.push(w.grad().unwrap().item() / 10.0);
//!     w.zero_grad();
//!     inputs.matmul(&w).mean().backward();
//!     here.push(w.grad().unwrap().item());
//! }
//! // The length of each step, if every example has the gradient 1:
//! let close = |lengths: &[f64], expected: [f64; 3]| lengths.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-6);
//! assert!(close(&gluon, [1.0, 1.0, 0.5]) && close(&here, [1.0, 1.0, 1.0]));
//! assert_eq!(loader.drop_last(true).iter().count(), 2);
//! # Ok::<(), data::Error>(())
//! ```
//!
//! </details>
//!
//! Back to [the guide](super).
