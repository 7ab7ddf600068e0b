//! Chapter 1. A slope: gradient descent on x², and what the learning rate does.
//!
//! To train a model is to make one number small: the *loss*, which says how wrong the model is. Gradient descent does
//! so in the simplest way possible: it finds out which way is downhill, takes a step, and looks again.
//!
//! # One step
//!
//! Let f(x) = x². Its derivative f'(x) = 2x is the slope at x: how much f grows for each unit that x grows. For a
//! small ε,
//!
//! ```text
//! f(x + ε) ≈ f(x) + ε f'(x)
//! ```
//!
//! Now choose ε = -lr · f'(x), where lr, the *learning rate*, is a small positive number:
//!
//! ```text
//! f(x - lr f'(x)) ≈ f(x) - lr f'(x)²
//! ```
//!
//! A square is never negative. So a step of `x <- x - lr f'(x)` makes f smaller if the step is small enough, unless
//! the slope is 0. The minus sign is the whole point: the derivative points to where f grows, and the step goes the
//! other way, downhill.
//!
//! ```
//! use downhill::prelude::*;
//!
//! let x = Tensor::<f64>::new(10.0).requires_grad_(true);
//! for _ in 0..10 {
//!     x.zero_grad();
//!     x.square().backward(); // now x.grad() is 2x
//!     no_grad(|| x.sub_(&(0.2 * x.grad().unwrap())));
//! }
//! assert!((x.item() - 0.060466176).abs() < 1e-12);
//! ```
//!
//! `backward` computes the derivative. `no_grad` says that the update itself is not to be differentiated. `zero_grad`
//! clears the derivative of the previous step; without it the new derivative would be added to the old one, and
//! [`mxnet`](super::mxnet) explains why.
//!
//! # The learning rate, exactly
//!
//! On x² everything can be computed exactly, because a step is a multiplication:
//!
//! ```text
//! x <- x - lr · 2x = (1 - 2 lr) x        so after n steps        x = (1 - 2 lr)ⁿ · start
//! ```
//!
//! Ten steps from x = 10:
//!
//! | lr | factor 1 - 2 lr | x after ten steps | what happens |
//! |---:|---:|---:|---|
//! | 0.05 | 0.9 | 3.4868 | too small: still far away |
//! | 0.2 | 0.6 | 0.0605 | comes close |
//! | 0.5 | 0 | 0 | arrives in one step |
//! | 0.9 | -0.8 | 1.0737 | jumps across the minimum, each time to a lower point |
//! | 1 | -1 | 10 | jumps between 10 and -10 forever |
//! | 1.1 | -1.2 | 61.9174 | each jump lands higher: it *diverges* |
//!
//! <div>
#![doc = include_str!("pictures/slope.svg")]
//! </div>
//!
//! x converges to 0 when the factor is between -1 and 1, which means 0 < lr < 1. How does that agree with the
//! approximation above, which promises a descent for every lr? It leaves out the curvature c, the second derivative
//! f''. For a parabola, where c is the same everywhere, the exact law is
//!
//! ```text
//! f(x - lr f'(x)) = f(x) - lr f'(x)² (1 - lr c/2)
//! ```
//!
//! The last factor is close to 1 only if lr is small, and it is positive exactly if lr < 2/c. So a step makes f
//! smaller if lr < 2/c, leaves it as it is at lr = 2/c, and makes it larger beyond. For x², c = 2 and the limit is 1.
//! At lr = 0.5 the approximation from x = 10 says 100 - 0.5 · 20² = -100, which x² never reaches; the exact law
//! says 0.
//!
//! ```
//! use downhill::prelude::*;
//!
//! fn descend(lr: f64) -> f64 {
//!     let x = Tensor::<f64>::new(10.0).requires_grad_(true);
//!     for _ in 0..10 {
//!         x.zero_grad();
//!         x.square().backward();
//!         no_grad(|| x.sub_(&(lr * x.grad().unwrap())));
//!     }
//!     x.item()
//! }
//!
//! for lr in [0.05, 0.2, 0.5, 0.9, 1.0, 1.1] {
//!     let expected = 10.0 * (1.0 - 2.0 * lr as f64).powi(10);
//!     assert!((descend(lr) - expected).abs() < 1e-12, "{lr}");
//!
//!     // One step from x = 10, where f = 100 and f' = 20: the exact law, and the side of the limit 2/c = 1.
//!     let (f, slope, curvature) = (100.0, 20.0, 2.0);
//!     let after = (10.0 - lr * slope).powi(2);
//!     assert!((after - (f - lr * slope * slope * (1.0 - lr * curvature / 2.0))).abs() < 1e-9);
//!     assert_eq!(after < f, lr < 2.0 / curvature);
//! }
//! ```
//!
//! The general rule: close to a minimum a smooth function looks like a parabola. If c is the curvature there, a step
//! multiplies the distance from the minimum by about 1 - lr · c, so gradient descent converges when
//!
//! ```text
//! 0 < lr < 2 / c
//! ```
//!
//! It is sometimes said that a constant learning rate always ends in oscillations around the minimum. Below the limit
//! it does not: at lr = 0.2 the distance shrinks to 0.6 of itself with each step, without end. What keeps jumping
//! around the minimum is descent with *noise*, the subject of [`batches`](super::batches).
//!
//! # Two valleys
//!
//! Gradient descent knows only the slope at the current point. f(x) = (x² - 4)²/8 + x/2 has a shallow valley at x =
//! 1.8608, a *local minimum*, and a deeper one at x = -2.1149. Three runs of thirty steps from x = 3.5:
//!
//! <div>
#![doc = include_str!("pictures/valleys.svg")]
//! </div>
//!
//! - With lr = 0.05 it walks into the nearer valley and stays there. The slope is 0, and nothing says that there is a
//!   deeper one.
//! - With lr = 0.3 the first step is so long that it lands beyond the hill. That is luck, not a method: from another
//!   start the same rate may jump out of the deeper valley.
//! - With lr = 0.435 it reaches the deeper valley and cannot settle in it. The curvature there is f''(x) = (3x² -
//!   4)/2 = 4.709, so the limit is 2 / 4.709 = 0.4247. It ends by jumping between two points, -2.267 and -1.923.
//!
//! ```
//! use downhill::prelude::*;
//!
//! fn end(lr: f64, start: f64, steps: usize) -> f64 {
//!     let x = Tensor::<f64>::new(start).requires_grad_(true);
//!     let mut optimizer = optim::SGD::new([&x], lr);
//!     for _ in 0..steps {
//!         optimizer.zero_grad();
//!         ((x.square() - 4).square() / 8 + &x / 2).backward();
//!         optimizer.step();
//!     }
//!     x.item()
//! }
//!
//! assert!((end(0.05, 3.5, 30) - 1.8608).abs() < 0.01); // the nearer valley
//! assert!((end(0.3, 3.5, 30) + 2.1149).abs() < 1e-3); // the deeper one
//! let two = [end(0.435, 3.5, 1000), end(0.435, 3.5, 1001)];
//! assert!((two[0].min(two[1]) + 2.267).abs() < 1e-3 && (two[0].max(two[1]) + 1.923).abs() < 1e-3);
//! ```
//!
//! # More than one variable
//!
//! If f depends on many numbers, its derivatives by each of them form the *gradient* ∇f. Walking a small distance in
//! the direction of a unit vector u changes f at the rate ∇f · u = |∇f| cos θ, where θ is the angle between the two.
//! It is smallest, -|∇f|, when u points exactly against the gradient. So -∇f is the direction of steepest descent,
//! and the rule stays the same:
//!
//! ```text
//! x <- x - lr ∇f(x)
//! ```
//!
//! Now each direction has its own curvature. The largest curvature limits the learning rate, and in directions of
//! small curvature, descent at that rate is slow; [`momentum`](super::momentum) and [`newton`](super::newton) are two
//! remedies.
//!
//! All figures of this chapter come from `cargo run --release --example gradient_descent`, which also draws the
//! pictures.
//!
//! # Exercises
//!
//! **1.** Why does lr = 0.5 reach the minimum of x² in one step? Which rate does so for f(x) = 3x²?
//!
//! <details><summary>Answer</summary>
//!
//! The factor is 1 - lr · c, and it is 0 when lr = 1/c. The curvature of x² is 2, that of 3x² is 6, so the rate is
//! 1/6. Newton's method divides by the curvature in every step.
//!
//! ```
//! use downhill::prelude::*;
//!
//! let x = Tensor::<f64>::new(10.0).requires_grad_(true);
//! (3 * x.square()).backward();
//! no_grad(|| x.sub_(&(1.0 / 6.0 * x.grad().unwrap())));
//! assert!(x.item().abs() < 1e-12);
//! ```
//!
//! </details>
//!
//! **2.** From x = 10 with lr = 0.2, after how many steps is |x| below 0.001 for the first time? Compute it, then
//! count.
//!
//! <details><summary>Answer</summary>
//!
//! 10 · 0.6ⁿ < 0.001 means n > ln(0.0001) / ln(0.6) = 18.03, so 19 steps.
//!
//! ```
//! use downhill::prelude::*;
//!
//! let x = Tensor::<f64>::new(10.0).requires_grad_(true);
//! let mut optimizer = optim::SGD::new([&x], 0.2);
//! let mut steps = 0;
//! while x.item().abs() >= 0.001 {
//!     optimizer.zero_grad();
//!     x.square().backward();
//!     optimizer.step();
//!     steps += 1;
//! }
//! assert_eq!(steps, 19);
//! assert_eq!((0.0001f64.ln() / 0.6f64.ln()).ceil(), 19.0);
//! ```
//!
//! </details>
//!
//! **3.** What is the largest learning rate for f(x, y) = x² + 10 y²? Show that a rate 1 % below it converges and a
//! rate 1 % above it does not.
//!
//! <details><summary>Answer</summary>
//!
//! The curvatures are 2 and 20. The larger one decides: 2/20 = 0.1.
//!
//! ```
//! use downhill::prelude::*;
//!
//! let end = |lr: f64| {
//!     let at = Tensor::<f64>::new([1.0, 1.0]).requires_grad_(true);
//!     let mut optimizer = optim::SGD::new([&at], lr);
//!     for _ in 0..500 {
//!         optimizer.zero_grad();
//!         (at.square() * Tensor::<f64>::new([1.0, 10.0])).sum().backward();
//!         optimizer.step();
//!     }
//!     at.abs().max().item()
//! };
//! assert!(end(0.099) < 0.001);
//! assert!(end(0.101) > 1000.0);
//! ```
//!
//! </details>
//!
//! Next: [`regression`](super::regression).
