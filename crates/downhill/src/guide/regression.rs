//! Chapter 2. Linear regression by hand: a loss, its gradient with the right sign, and the same with tensors.
//!
//! Take three points, (0, 1), (1, 3) and (2, 5), and a line h(x) = w x + b that should go through them. The loss is
//! half the mean of the squared errors, over m = 3 examples:
//!
//! ```text
//! J(w, b) = 1/(2m) Σ (h(xᵢ) - yᵢ)²
//! ```
//!
//! # The gradient, and its sign
//!
//! By the chain rule the derivative of a square u² is 2u times the derivative of u. Here u is h(xᵢ) - yᵢ = w xᵢ + b -
//! yᵢ. Its derivative by w is xᵢ and by b it is 1. The 2 cancels the 1/2, which is the purpose of the 1/2:
//!
//! ```text
//! ∂J/∂w = + 1/m Σ (h(xᵢ) - yᵢ) xᵢ
//! ∂J/∂b = + 1/m Σ (h(xᵢ) - yᵢ)
//! ```
//!
//! The sign is plus. Some lessons print -1/m in front of the first sum. A minus is right only if the error is written
//! the other way round, as yᵢ - h(xᵢ); with h(xᵢ) - yᵢ it is wrong, and a descent along it would climb. Gradient
//! descent has only one minus sign, in the update `w <- w - lr ∂J/∂w`. (Such lessons usually go on with the right
//! update, so the error is easy to miss, until somebody puts the printed gradient into code.)
//!
//! Now with numbers: at w = 0, b = 0 every h is 0 and the errors are -1, -3, -5:
//!
//! ```text
//! J     = (1 + 9 + 25) / 6                = 5.8333
//! ∂J/∂w = (-1 · 0 - 3 · 1 - 5 · 2) / 3    = -4.3333
//! ∂J/∂b = (-1 - 3 - 5) / 3                = -3
//! ```
//!
//! The line is too low and too flat. Both derivatives are negative, so the update raises w and b, as it should. When
//! in doubt about a sign, check it against the function itself: move w a little to both sides and see how J changes.
//!
//! ```
//! let (x, y) = ([0.0, 1.0, 2.0], [1.0, 3.0, 5.0]);
//! let errors = |w: f64, b: f64| [0, 1, 2].map(|i| w * x[i] + b - y[i]);
//! let j = |w: f64, b: f64| errors(w, b).map(|e| e * e).iter().sum::<f64>() / 6.0;
//! let dj_dw = |w: f64, b: f64| (0..3).map(|i| errors(w, b)[i] * x[i]).sum::<f64>() / 3.0;
//!
//! let ε = 1e-5;
//! let difference = (j(ε, 0.0) - j(-ε, 0.0)) / (2.0 * ε);
//! assert!((j(0.0, 0.0) - 5.8333).abs() < 1e-4);
//! assert!((dj_dw(0.0, 0.0) - difference).abs() < 1e-9); // plus: they agree
//! assert!((-dj_dw(0.0, 0.0) - difference).abs() > 8.0); // minus: they do not
//! ```
//!
//! # Descent, by hand
//!
//! With lr = 0.5 the first step goes to w = 0 + 0.5 · 4.3333 = 2.1667 and b = 0 + 0.5 · 3 = 1.5. The loss falls from
//! 5.83333 to 0.23148, after the second step it is 0.01800, and after twenty it is 0.00004 at w = 1.9897, b = 1.0144.
//!
//! On the left are the lines, on the right the same steps seen from above the bowl J(w, b):
//!
//! <div>
#![doc = include_str!("pictures/regression.svg")]
//! </div>
//!
//! The first steps cross the narrow direction of the bowl, where it is steep, and the others creep along its floor.
//! The curvatures in the two directions are 2.387 and 0.279 (the eigenvalues of the matrix of second derivatives), so
//! the largest rate is 2 / 2.387 = 0.838, and at lr = 0.5 the slow direction shrinks only by 1 - 0.5 · 0.279 = 0.86
//! with each step.
//!
//! # The same with tensors
//!
//! A framework takes over the part where mistakes happen, the gradient. You write only J.
//!
//! ```
//! use downhill::prelude::*;
//!
//! let x = Tensor::<f64>::new([0.0, 1.0, 2.0]);
//! let y = Tensor::<f64>::new([1.0, 3.0, 5.0]);
//! let w = Tensor::<f64>::zeros([]).requires_grad_(true);
//! let b = Tensor::<f64>::zeros([]).requires_grad_(true);
//!
//! for step in 0..20 {
//!     let loss = (&w * &x + &b - &y).square().mean() / 2; // J
//!     loss.backward();
//!     let (dw, db) = (w.grad().unwrap(), b.grad().unwrap());
//!     if step == 0 {
//!         assert!((loss.item() - 35.0 / 6.0).abs() < 1e-12);
//!         assert!((dw.item() + 13.0 / 3.0).abs() < 1e-12 && (db.item() + 3.0).abs() < 1e-12);
//!     }
//!     no_grad(|| {
//!         w.sub_(&(0.5 * dw));
//!         b.sub_(&(0.5 * db));
//!     });
//!     w.zero_grad();
//!     b.zero_grad();
//! }
//! assert!((w.item() - 1.9897).abs() < 1e-4 && (b.item() - 1.0144).abs() < 1e-4);
//! ```
//!
//! And with a layer, a loss and an optimiser, which is the form that stays the same up to [`lenet`](super::lenet):
//!
//! ```
//! use downhill::prelude::*;
//!
//! let x = Tensor::from([[0.0], [1.0], [2.0]]); // three rows of one feature
//! let y = Tensor::from([[1.0], [3.0], [5.0]]);
//! let net = nn::Linear::new(1, 1);
//! let criterion = nn::MSELoss::new(); // the mean of the squares, without the 1/2
//! let mut optimizer = optim::SGD::new(net.parameters(), 0.25);
//! for _ in 0..200 {
//!     optimizer.zero_grad();
//!     criterion.forward(&net.forward(&x), &y).backward();
//!     optimizer.step();
//! }
//! assert!((net.weight.item() - 2.0).abs() < 1e-3);
//! ```
//!
//! The figures come from `cargo run --release --example guide_pictures`. A larger regression, on 1000 examples or on
//! a CSV file of your own, is `cargo run --release --example linreg`.
//!
//! # Exercises
//!
//! **1.** Take one step from (0, 0) with lr = 0.5, once with the gradient and once with its negative. What is J then?
//!
//! <details><summary>Answer</summary>
//!
//! It falls from 5.83 to 0.23 with the right sign, and rises to 28.01 with the wrong one.
//!
//! ```
//! let errors = |w: f64, b: f64| [b - 1.0, w + b - 3.0, 2.0 * w + b - 5.0];
//! let j = |w: f64, b: f64| errors(w, b).map(|e| e * e).iter().sum::<f64>() / 6.0;
//! let (dw, db) = (-13.0 / 3.0, -3.0);
//! let after = |sign: f64| j(-0.5 * sign * dw, -0.5 * sign * db);
//! assert!((after(1.0) - 0.2315).abs() < 1e-4);
//! assert!((after(-1.0) - 28.0093).abs() < 1e-4);
//! ```
//!
//! </details>
//!
//! **2.** `MSELoss` is the mean of the squares without the 1/2. Which learning rate makes it take the same steps as J
//! with lr = 0.5?
//!
//! <details><summary>Answer</summary>
//!
//! Its gradient is twice as long, so half the rate: 0.25. A factor of the loss acts as a factor of the learning rate.
//!
//! ```
//! use downhill::prelude::*;
//!
//! let (x, y) = (Tensor::<f64>::new([0.0, 1.0, 2.0]), Tensor::<f64>::new([1.0, 3.0, 5.0]));
//! let after_ten = |half: bool, lr: f64| {
//!     let w = Tensor::<f64>::zeros([]).requires_grad_(true);
//!     let mut optimizer = optim::SGD::new([&w], lr);
//!     for _ in 0..10 {
//!         optimizer.zero_grad();
//!         let loss = (&w * &x + 1 - &y).square().mean();
//!         (if half { loss / 2 } else { loss }).backward();
//!         optimizer.step();
//!     }
//!     w.item()
//! };
//! assert!((after_ten(true, 0.5) - after_ten(false, 0.25)).abs() < 1e-12);
//! ```
//!
//! </details>
//!
//! **3.** With many features, let X be the matrix with one example in each row. Show that the gradient of J by the
//! column of weights w is Xᵀ(Xw - y)/m.
//!
//! <details><summary>Answer</summary>
//!
//! Element j of Xᵀ(Xw - y) is the sum over the examples i of X[i, j] times error i: the formula above, once for each
//! feature.
//!
//! ```
//! use downhill::prelude::*;
//!
//! let x = Tensor::<f64>::new([[1.0, 2.0], [0.5, -1.0], [3.0, 0.0], [-2.0, 1.0]]);
//! let y = Tensor::<f64>::new([[1.0], [2.0], [3.0], [4.0]]);
//! let w = Tensor::<f64>::new([[0.3], [-0.7]]).requires_grad_(true);
//! ((x.matmul(&w) - &y).square().mean() / 2).backward();
//!
//! let by_hand = no_grad(|| x.t().matmul(&(x.matmul(&w) - &y)) / 4);
//! assert!((w.grad().unwrap() - by_hand).abs().max().item() < 1e-12);
//! ```
//!
//! </details>
//!
//! Next: [`neuron`](super::neuron).
