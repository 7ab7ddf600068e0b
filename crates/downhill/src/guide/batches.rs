//! Chapter 8. Mini-batches: how much a few examples can tell, what they cost, and what can go wrong.
//!
//! The loss of a model is a mean over the examples, and so is its gradient:
//!
//! ```text
//! f(x) = 1/n Σ fᵢ(x)        ∇f(x) = 1/n Σ ∇fᵢ(x)
//! ```
//!
//! *Full-batch* gradient descent takes all n examples for each step. *Stochastic* gradient descent (SGD) takes a
//! single one, drawn at random. *Mini-batch* descent takes a few, the *batch size* B, and is what everybody uses; the
//! optimiser is called SGD all the same. A pass over all examples is an *epoch*: n/B steps.
//!
//! Lessons on this subject often end with questions for the reader: how do the run times compare, is a larger batch
//! always better, what can go wrong, do slow updates avoid local optima? Here are answers, with figures.
//!
//! # Why a few examples are enough
//!
//! The gradient of a random batch is right on average: every example has the same chance to be in it. Such an
//! estimate is called *unbiased*. Here are all 15 batches of two out of six examples:
//!
//! ```
//! let (x, y) = ([1.0, 2.0, 3.0, 4.0, 5.0, 6.0], [2.0, 1.0, 4.0, 3.0, 7.0, 5.0]);
//! let gradient = |i: usize| (0.5 * x[i] - y[i]) * x[i]; // of (w x - y)²/2 at w = 0.5
//! let all = (0..6).map(gradient).sum::<f64>() / 6.0;
//!
//! let mut batches = Vec::new();
//! for i in 0..6 {
//!     for j in 0..i {
//!         batches.push((gradient(i) + gradient(j)) / 2.0);
//!     }
//! }
//! assert_eq!(batches.len(), 15);
//! assert!((batches.iter().sum::<f64>() / 15.0 - all).abs() < 1e-12);
//! ```
//!
//! It is right on average, and wrong by some amount each time. The distance of a batch's gradient from the full one
//! shrinks with √B: four times the examples for half the noise. Measured on 1000 examples of y = 2x₁ - 3.4x₂ + 4.2
//! (the set of the chapter on linear regression in *Dive into Deep Learning*), at the start of training:
//!
//! | batch size | root mean square distance | s/√B · √((n - B)/(n - 1)) |
//! |---:|---:|---:|
//! | 1 | 9.574 | 9.574 = s |
//! | 10 | 3.023 | 3.014 |
//! | 100 | 0.926 | 0.909 |
//! | 1000 | 0 | 0 |
//!
//! (The second root accounts for drawing without replacement, as a shuffled epoch does: near its end, few examples
//! are left to choose from.)
//!
//! So a hundred examples cost a hundred times as much as one, for a tenth of the noise. As long as x is far from the
//! minimum, even a rough direction is a good one, and it is better to take many rough steps. This is the loss over
//! all examples against the examples seen, and against steps:
//!
//! <div>
#![doc = include_str!("pictures/runs.svg")]
//! </div>
//!
//! The loss is below 0.001 after 29 examples with batches of 1, after 230 with batches of 10, and after 2000 with
//! full batches. But look at the right end of the blue curve, too: with batches of 1 and a constant rate, the loss
//! never settles.
//!
//! # How do the run times of SGD and full batches compare?
//!
//! **For an epoch, SGD is slower.** The arithmetic is the same, but every step has a fixed cost: calls, small
//! buffers, an update of all parameters. A network of 784-32-10 on 2048 generated digits, on one core (`cargo run
//! --release --example batch_size`):
//!
//! | batch size | 1 | 4 | 16 | 64 | 256 | 2048 |
//! |---|---:|---:|---:|---:|---:|---:|
//! | time for an epoch | 53.1 ms | 15.4 ms | 6.0 ms | 3.8 ms | 3.3 ms | 3.6 ms |
//!
//! **To a good model, SGD is usually faster**, the more so the more examples there are: the cost of a full step is
//! proportional to n, while the number of steps does not depend on n. Linear regression until the loss is at most
//! twice its minimum, with the rates 0.2 and 0.999:
//!
//! | examples | batches of 10 | full batches |
//! |---:|---:|---:|
//! | 1000 | 30 steps, 0.059 ms | 3 steps, **0.033 ms** |
//! | 10 000 | 29 steps, **0.058 ms** | 2 steps, 0.276 ms |
//! | 100 000 | 31 steps, **0.062 ms** | 2 steps, 2.763 ms |
//!
//! At 1000 examples the full batch wins, because this problem is very easy: its bowl is round, and a rate near 1
//! leads almost straight to the minimum. At 100 000 it takes 45 times as long as batches of 10, which need only 310
//! examples.
//!
//! # Is a larger batch always better?
//!
//! No. The same network on the same digits until the loss over all of them is at most 0.2, each batch size with the
//! best of the eight rates 0.025, 0.05, … 3.2:
//!
//! | batch size | best rate | steps | epochs | time | test accuracy |
//! |---:|---:|---:|---:|---:|---:|
//! | 1 | 0.025 | 4672 | 2.3 | 124 ms | 88.1 % |
//! | 4 | 0.1 | 1328 | 2.6 | 29 ms | 88.4 % |
//! | 16 | 0.4 | 336 | 2.6 | **17 ms** | 89.1 % |
//! | 64 | 0.8 | 195 | 6.1 | 18 ms | 88.8 % |
//! | 256 | 0.8 | 114 | 14.2 | 36 ms | 88.9 % |
//! | 2048 | 0.8 | 110 | 110 | 341 ms | 89.1 % |
//!
//! Read it in two halves. Up to 16, a batch four times as large allows a rate four times as large and needs about a
//! quarter of the steps: the number of epochs stays the same, and each image costs less time. Above, a better
//! gradient no longer allows a longer step. At a rate of 1.6 no batch size reaches the goal, not even the full batch:
//! the curvature sets the limit, as in [`slope`](super::slope). From 256 to 2048 the work of a step grows eightfold
//! and saves 4 of 114 steps. The turning point is where the noise of the gradient is about as large as the gradient
//! itself. McCandlish and others predicted it from the noise, for tasks from MNIST to Dota (*An Empirical Model of
//! Large-Batch Training*, 2018). Shallue and others saw the same curve in everything they trained: first each
//! doubling halves the steps, then it saves less, and in the end nothing (*Measuring the Effects of Data Parallelism
//! on Neural Network Training*, 2019).
//!
//! Two more things matter. *Memory*: the values that the derivatives need are kept for every example of the batch, so
//! memory grows with B. *Generalization*: it is often said that models from large batches do worse on new data. Here
//! they do not, as the last column shows. Hoffer and others found that the difference comes from too few steps and
//! not from the batch itself: it goes away when the rate is adapted and large batches get as many steps (*Train
//! longer, generalize better*, 2017).
//!
//! So choose a batch size at which the time for each image is low, 16 to 256 here, and find the rate for it. When you
//! change one of the two, change the other.
//!
//! # What can go wrong with gradient descent and SGD?
//!
//! - **The rate is too large**: with full batches above 2/c, and with small ones earlier. In the linear-regression
//!   example batches of 10 at rate 5 reach infinity after a quarter of an epoch. Or it is **too small**: at 0.002 the
//!   loss is still 7.1 after three epochs, where 0.2 has reached 0.00005 long before (`cargo run --release --example
//!   linreg`).
//! - **Features of different scale**: the largest curvature limits the rate, the smallest decides how long it takes.
//!   With the second feature multiplied by 1, 10 and 100, full batches at rate 1/c need 3, 440 and 44 163 steps to a
//!   loss of 0.001. Standardise the features; in deeper layers that is what normalisation layers, momentum and Adam
//!   are for.
//! - **The noise does not go away** (SGD): at a constant rate the loss stays above its minimum, about in proportion
//!   to the rate. Batch size 1 in the linear regression: 2.7e-5 above it at rate 0.2, 9.7e-6 at 0.1, 4.1e-6 at 0.05,
//!   1.8e-6 at 0.025. Lower the rate towards the end: [`StepLR`](crate::optim::StepLR),
//!   [`CosineAnnealingLR`](crate::optim::CosineAnnealingLR).
//! - **Examples that are wrong**: one label in 1000 is off by 1000. With batches of 1 at rate 0.2 the median loss of
//!   the others is 7.5e-5, as if nothing were wrong, but when the bad example comes, the loss jumps to 76 000. With
//!   full batches it never jumps, but it is always wrong: 2.2. Clip gradients
//!   ([`clip_grad_norm_`](crate::optim::clip_grad_norm_)), or take a loss that grows more slowly than the square
//!   ([`HuberLoss`](crate::nn::HuberLoss)).
//! - **Examples in order** (SGD): a batch represents all examples only if it is drawn at random. After one epoch with
//!   the digits shuffled, 65.2 % of new digits are read correctly; with the digits sorted by class, 10.0 %, as by
//!   guessing. Shuffle: [`shuffle(true)`](crate::data::DataLoader::shuffle).
//! - **Local minima, saddles and plateaus**: where the gradient is 0 full-batch descent stays, be it a minimum or
//!   not. Exercise 3 has a saddle, [`lenet`](super::lenet) a plateau, and the next section a local minimum.
//!
//! # Do slow updates avoid local optima?
//!
//! It is sometimes said that large batches, because they update slowly, are less likely to end in a local minimum.
//! The opposite is true, and slowness is not what matters. Take the two valleys of [`slope`](super::slope), f(x) =
//! (x² - 4)²/8 + x/2, and let each example pull to one side: fᵢ(x) = f(x) + aᵢ x, where aᵢ is 8 for half of the
//! examples and -8 for the others. The mean of all is f. 1000 runs from x = 3.5, on the side of the shallow valley;
//! how many end in the deeper one?
//!
//! <div>
#![doc = include_str!("pictures/escape.svg")]
//! </div>
//!
//! | batch size | 1 | 2 | 4 | 8 | 16 and more | all |
//! |---|---:|---:|---:|---:|---:|---:|
//! | rate 0.05, 500 steps | 72.8 % | 85.5 % | 44.8 % | 2.8 % | 0 % | 0 % |
//! | rate 0.005, 5000 steps | 0.8 % | 0 % | 0 % | 0 % | 0 % | 0 % |
//!
//! Full batches go to the nearer valley at both of these rates and stay there; a hundredth of the rate with a hundred
//! times the steps makes no difference. (A rate of 0.3 jumps over the hill in its first step, as
//! [`slope`](super::slope) shows; that is the length of the step, and luck.) Noise leads out, and there is more noise
//! in small batches and at large rates. Being slow does not help: a tenth of the rate with ten times the steps
//! averages the noise away.
//!
//! ```
//! use downhill::prelude::*;
//!
//! let full_batches = |lr: f64, steps: usize| {
//!     let x = Tensor::<f64>::new(3.5).requires_grad_(true);
//!     let mut optimizer = optim::SGD::new([&x], lr);
//!     for _ in 0..steps {
//!         optimizer.zero_grad();
//!         ((x.square() - 4).square() / 8 + &x / 2).backward();
//!         optimizer.step();
//!     }
//!     x.item()
//! };
//! for (lr, steps) in [(0.05, 500), (0.005, 5000), (0.0005, 50_000)] {
//!     assert!((full_batches(lr, steps) - 1.8608).abs() < 1e-4); // the nearer valley
//! }
//! assert!((full_batches(0.3, 500) + 2.1149).abs() < 1e-4); // the deeper one
//! ```
//!
//! Noise has no direction, though. It leads out of good valleys, too: of the runs that start in the deeper valley
//! with batches of 1, 27.5 % are out of it at the end. The deeper valley is only harder to leave. That is why batches
//! of 1 do worse here than batches of 2, and one more reason to lower the rate in time.
//!
//! How much of this carries over to networks with millions of parameters is an open question. Dauphin and others
//! argue that saddles are far more common there than bad minima, and that most minima are nearly as deep as the
//! deepest (*Identifying and attacking the saddle point problem in high-dimensional non-convex optimization*, 2014).
//!
//! The figures and pictures of this chapter come from `cargo run --release --example guide_pictures`, the times from
//! the same with `-- times`. Times are of one core of a Zen 4 processor and vary by up to a half from run to run; all
//! other figures are the same in every run.
//!
//! # Exercises
//!
//! **1.** Let fᵢ(x) = (x - aᵢ)²/2, so that the minimum of the mean is the mean of the a. SGD draws one example for
//! each step. What does it compute with the learning rate 1/t in step t?
//!
//! <details><summary>Answer</summary>
//!
//! x <- x - (x - a)/t = ((t - 1) x + a)/t: the mean of everything drawn so far. So with a falling rate the noise
//! averages out.
//!
//! ```
//! use downhill::prelude::*;
//!
//! let a = [3.0, -1.0, 4.0, 1.0, -5.0];
//! let x = Tensor::<f64>::new(100.0).requires_grad_(true);
//! let mut optimizer = optim::SGD::new([&x], 1.0);
//! for (t, a) in a.iter().enumerate() {
//!     optimizer.set_lr(1.0 / (t + 1) as f64);
//!     optimizer.zero_grad();
//!     ((&x - *a).square() / 2).backward();
//!     optimizer.step();
//! }
//! assert!((x.item() - a.iter().sum::<f64>() / 5.0).abs() < 1e-12);
//! ```
//!
//! </details>
//!
//! **2.** And with a constant rate lr? Let the a have the variance σ². What is the variance of x in the end?
//!
//! <details><summary>Answer</summary>
//!
//! x <- (1 - lr) x + lr a. If v is the variance of x when nothing changes any more, then v = (1 - lr)² v + lr² σ², so
//! v = lr σ²/(2 - lr): for small rates in proportion to the rate, as the list above has found. With batches of B it
//! is σ²/B instead of σ².
//!
//! ```
//! use downhill::prelude::*;
//!
//! manual_seed(0);
//! let lr = 0.2;
//! let x = Tensor::<f64>::zeros([2000]).requires_grad_(true); // 2000 runs side by side
//! let mut optimizer = optim::SGD::new([&x], lr);
//! for _ in 0..60 {
//!     let a = Tensor::<f64>::normal(0.0, 3.0, [2000]);
//!     optimizer.zero_grad();
//!     ((&x - &a).square() / 2).sum().backward();
//!     optimizer.step();
//! }
//! let expected = lr * 9.0 / (2.0 - lr); // 1
//! assert!((x.var().item() / expected - 1.0).abs() < 0.1);
//! ```
//!
//! </details>
//!
//! **3.** f(x, y) = x² + (y² - 1)² has two minima at y = ±1, and between them at y = 0 a *saddle*: a minimum along x
//! and a maximum along y. Where does descent from (1, 0) end, without and with noise?
//!
//! <details><summary>Answer</summary>
//!
//! Without noise it ends at the saddle: the derivative by y, 4y (y² - 1), is 0 there, so y never moves. Any noise
//! makes it leave, to either side.
//!
//! ```
//! use downhill::prelude::*;
//!
//! let end = |noise: f64| {
//!     let at = Tensor::<f64>::new([1.0, 0.0]).requires_grad_(true);
//!     let mut optimizer = optim::SGD::new([&at], 0.05);
//!     for _ in 0..200 {
//!         optimizer.zero_grad();
//!         let (x, y) = (at.select(0, 0), at.select(0, 1));
//!         let pull = noise * Tensor::<f64>::randn([2]); // what a batch would add to the gradient
//!         (x.square() + (y.square() - 1).square() + (pull * &at).sum()).backward();
//!         optimizer.step();
//!     }
//!     at.at([1])
//! };
//! manual_seed(0);
//! assert_eq!(end(0.0), 0.0);
//! assert!((end(0.1).abs() - 1.0).abs() < 0.1);
//! ```
//!
//! </details>
//!
//! Next: [`lenet`](super::lenet).
