//! Chapter 7. Momentum: steps with a velocity, PyTorch's formula, and the steps it saves in a long bowl.
//!
//! Gradient descent has no memory. A rolling ball has one: it keeps its velocity, gains speed on a long slope, and
//! rolls over small bumps. *Momentum* gives the update a velocity v. In each step part of v is lost to friction and
//! the gradient is added; μ is the fraction that is kept:
//!
//! ```text
//! v <- μ v + ∇f(x)        (the first time: v = ∇f(x))
//! x <- x - lr · v
//! ```
//!
//! That is the formula of PyTorch's `SGD` and of ours. On f(x) = x² from x = 10 with lr = 0.1 and μ = 0.9:
//!
//! | step | gradient 2x | v | new x |
//! |---:|---:|---:|---:|
//! | 1 | 20 | 20 | 8 |
//! | 2 | 16 | 0.9 · 20 + 16 = 34 | 4.6 |
//! | 3 | 9.2 | 0.9 · 34 + 9.2 = 39.8 | 0.62 |
//! | 4 | 1.24 | 0.9 · 39.8 + 1.24 = 37.06 | -3.086 |
//!
//! The ball is fast when it comes to the bottom, so it rolls up the other side. There the slope pulls it back, and
//! friction makes each swing smaller than the one before.
//!
//! ```
//! use downhill::prelude::*;
//!
//! let x = Tensor::<f64>::new(10.0).requires_grad_(true);
//! let mut optimizer = optim::SGD::new([&x], 0.1).momentum(0.9);
//! for expected in [8.0, 4.6, 0.62, -3.086] {
//!     optimizer.zero_grad();
//!     x.square().backward();
//!     optimizer.step();
//!     assert!((x.item() - expected).abs() < 1e-12);
//! }
//!
//! // With friction the swings shrink, and the ball ends at the bottom. Without (μ = 1) the slope still pulls it
//! // back, but the swings stay as wide as the first.
//! let swing = |momentum: f64| {
//!     let x = Tensor::<f64>::new(10.0).requires_grad_(true);
//!     let mut optimizer = optim::SGD::new([&x], 0.1).momentum(momentum);
//!     let mut path = Vec::new();
//!     for _ in 0..300 {
//!         optimizer.zero_grad();
//!         x.square().backward();
//!         optimizer.step();
//!         path.push(x.item());
//!     }
//!     let last = &path[250..];
//!     (last.iter().copied().fold(f64::MAX, f64::min), last.iter().copied().fold(f64::MIN, f64::max))
//! };
//! let (low, high) = swing(0.9);
//! assert!(-1e-4 < low && low < 0.0 && 0.0 < high && high < 1e-4);
//! let (low, high) = swing(1.0);
//! assert!(low < -9.0 && high > 9.0);
//! ```
//!
//! On a constant slope, v grows to ∇f + μ ∇f + μ² ∇f + … = ∇f / (1 - μ). With μ = 0.9 the steps become ten times as
//! long. Where the gradient changes its sign from step to step, its contributions cancel instead. That is the whole
//! trick: longer steps along the valley, smaller swings across it.
//!
//! # A long bowl
//!
//! Let f(x, y) = (x² + κ y²)/2. Its curvature is 1 along x and κ along y, and the ratio κ is called the *condition
//! number*. [`slope`](super::slope) has shown that y limits the rate to 2/κ, and that x then shrinks by 1 - lr only.
//! The best that plain descent can do is lr = 2/(1 + κ), where both directions shrink by the factor (κ - 1)/(κ + 1)
//! in each step.
//!
//! With momentum the best choice, found by Polyak in 1964, is lr = (2/(√κ + 1))² and μ = ((√κ - 1)/(√κ + 1))², and
//! the factor is √μ = (√κ - 1)/(√κ + 1). The square root is the gain. Steps from (-10, 0.6) until f is a millionth of
//! what it was, each with its best settings:
//!
//! | κ | plain | with momentum |
//! |---:|---:|---:|
//! | 4 | 14 | 8 |
//! | 25 | 87 | 24 |
//! | 100 | 346 | 55 |
//! | 400 | 1382 | 121 |
//!
//! Four times the condition number means four times the steps without momentum, and a little more than twice with it.
//! The paths for κ = 25:
//!
//! <div>
#![doc = include_str!("pictures/momentum.svg")]
//! </div>
//!
//! On the left, the rate is small enough that y does not oscillate, and x creeps. In the middle, at the best rate, y
//! oscillates and x is still slow. On the right, with momentum, y oscillates as well, and x reaches the minimum.
//!
//! ```
//! use downhill::prelude::*;
//!
//! fn steps(curvature: f64, lr: f64, momentum: f64) -> usize {
//!     let at = Tensor::<f64>::new([-10.0, 0.6]).requires_grad_(true);
//!     let scale = Tensor::<f64>::new([1.0, curvature]);
//!     let f = || (at.square() * &scale).sum() / 2;
//!     let goal = 1e-6 * f().item();
//!     let mut optimizer = optim::SGD::new([&at], lr).momentum(momentum);
//!     for step in 1.. {
//!         optimizer.zero_grad();
//!         f().backward();
//!         optimizer.step();
//!         if f().item() <= goal {
//!             return step;
//!         }
//!     }
//!     unreachable!()
//! }
//!
//! assert_eq!(steps(25.0, 2.0 / 26.0, 0.0), 87);
//! let root: f64 = 5.0;
//! let (lr, momentum) = ((2.0 / (root + 1.0)).powi(2), ((root - 1.0) / (root + 1.0)).powi(2));
//! assert_eq!(steps(25.0, lr, momentum), 24);
//! ```
//!
//! Nobody knows κ of a network. In practice one starts with μ = 0.9 and finds the rate by trying. The table and the
//! picture come from `cargo run --release --example guide_pictures`; `cargo run --release --example optimizers`
//! compares six optimisers in a curved valley.
//!
//! # Nesterov
//!
//! Nesterov's variant (1983), in the form of Sutskever and others (2013), takes the gradient a little further on,
//! where the velocity is about to carry the point. PyTorch writes it as a step along ∇f + μ v instead of v, which
//! brakes earlier and swings less: `SGD::new(...).momentum(0.9).nesterov(true)`.
//!
//! # Exercises
//!
//! **1.** The gradient is always 1, lr = 0.1 and μ = 0.9. How long is the first step, and how long the hundredth?
//!
//! <details><summary>Answer</summary>
//!
//! The first is lr = 0.1, and the steps grow towards lr/(1 - μ) = 1. The hundredth is 1 - 0.9¹⁰⁰ of that, all but
//! 0.003 %. So adding momentum 0.9 to a run multiplies its effective rate by ten, and it often needs a smaller lr.
//!
//! ```
//! use downhill::prelude::*;
//!
//! let x = Tensor::<f64>::zeros([]).requires_grad_(true);
//! let mut optimizer = optim::SGD::new([&x], 0.1).momentum(0.9);
//! let mut lengths = Vec::new();
//! for _ in 0..100 {
//!     let before = x.item();
//!     x.set_grad(Some(Tensor::<f64>::new(1.0)));
//!     optimizer.step();
//!     lengths.push(before - x.item());
//! }
//! assert!((lengths[0] - 0.1).abs() < 1e-12);
//! assert!((lengths[99] - (1.0 - 0.9f64.powi(100))).abs() < 1e-9);
//! ```
//!
//! </details>
//!
//! **2.** Many books write v <- μ v - lr · ∇f and x <- x + v. When is that the same as PyTorch's formula, and when
//! not?
//!
//! <details><summary>Answer</summary>
//!
//! It is the same as long as lr does not change: the book's v is -lr times PyTorch's. When a scheduler lowers the
//! rate, PyTorch's next step is shorter at once, because the new rate multiplies the whole velocity. In the book's
//! form the old velocity keeps its length and decays over the following steps.
//!
//! ```
//! use downhill::prelude::*;
//!
//! let x = Tensor::<f64>::new(10.0).requires_grad_(true);
//! let mut optimizer = optim::SGD::new([&x], 0.1).momentum(0.9);
//! let (mut book_x, mut book_v) = (10.0, 0.0);
//! let mut difference = Vec::new();
//! for lr in [0.1, 0.1, 0.1, 0.01] {
//!     optimizer.set_lr(lr);
//!     optimizer.zero_grad();
//!     x.square().backward();
//!     optimizer.step();
//!     book_v = 0.9 * book_v - lr * 2.0 * book_x;
//!     book_x += book_v;
//!     difference.push((x.item() - book_x).abs());
//! }
//! assert!(difference[..3].iter().all(|d| *d < 1e-12));
//! assert!(difference[3] > 3.0);
//! ```
//!
//! </details>
//!
//! **3.** Plain descent on x² diverges above lr = 1. Does momentum lower that limit or raise it? Try μ = 0.9 with
//! lr = 1.8 and with 2.
//!
//! <details><summary>Answer</summary>
//!
//! It raises it, to 2 (1 + μ)/c = 1.9 for the curvature c = 2, because momentum works against swings back and forth.
//! (A step is a linear map of (x, v), and all its eigenvalues are below 1 in size as long as lr · c < 2 (1 + μ).)
//!
//! ```
//! use downhill::prelude::*;
//!
//! let end = |lr: f64| {
//!     let x = Tensor::<f64>::new(10.0).requires_grad_(true);
//!     let mut optimizer = optim::SGD::new([&x], lr).momentum(0.9);
//!     for _ in 0..300 {
//!         optimizer.zero_grad();
//!         x.square().backward();
//!         optimizer.step();
//!     }
//!     x.item().abs()
//! };
//! assert!(end(1.8) < 1e-3 && end(2.0) > 1e6);
//! ```
//!
//! </details>
//!
//! Next: [`batches`](super::batches).
