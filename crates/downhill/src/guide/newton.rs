//! Chapter 11. Second derivatives and Newton's method: curvature, and steps of the right length.
//!
//! The gradient says which way is down. It does not say how far to go, so we guess a learning rate. The second
//! derivative, the curvature, tells how far.
//!
//! # The gradient of a gradient
//!
//! The rules of the operations are written with tensor operations. So the backward pass can be recorded like any
//! other computation, and differentiated again:
//!
//! ```
//! use downhill::prelude::*;
//!
//! let x = Tensor::<f64>::new(2.0).requires_grad_(true);
//! let y = x.pow(3);
//! let [first] = Backward::of(&y).create_graph().grads([&x]);
//! let first = first.unwrap();
//! let [second] = grad(&first, [&x]);
//! assert_eq!((first.item(), second.unwrap().item()), (12.0, 12.0)); // 3x² and 6x at 2
//! ```
//!
//! `create_graph` keeps recording on during the backward pass. The rest of this chapter uses just that, in loops.
//!
//! # The Hessian
//!
//! A function of n variables has n² second derivatives, the *Hessian* H. [`hessian`](crate::tensor::hessian) computes
//! it with n backward passes through the recorded gradient. Often one needs only its product with a vector v, which
//! is the gradient of one number: ∇(∇f · v) = H v. [`hvp`](crate::tensor::hvp) takes two backward passes for any n
//! and never stores H.
//!
//! The curvature in the direction of a unit vector u is u · H u. The largest is the largest eigenvalue of H, and it
//! limits the learning rate, as [`slope`](super::slope) shows: lr < 2/c. Multiplying by H again and again turns
//! almost any vector towards the direction with the largest curvature (the *power method*). For the bowl of
//! [`regression`](super::regression):
//!
//! ```
//! use downhill::prelude::*;
//! use downhill::tensor::{hessian, hvp};
//!
//! let (x, y) = (Tensor::<f64>::new([0.0, 1.0, 2.0]), Tensor::<f64>::new([1.0, 3.0, 5.0]));
//! let loss = |p: &Tensor<f64>| (p.select(0, 0) * &x + p.select(0, 1) - &y).square().mean() / 2;
//! let at = Tensor::<f64>::new([0.0, 0.0]);
//!
//! let mut v = Tensor::<f64>::new([1.0, 0.0]);
//! let mut curvature = 0.0;
//! for _ in 0..20 {
//!     let product = hvp(loss, &at, &v);
//!     curvature = product.norm().item();
//!     v = product / curvature;
//! }
//! assert!((curvature - 2.387).abs() < 1e-3); // so the largest rate is 2/2.387 = 0.838
//!
//! let h = hessian(loss, &at); // [[Σx²/m, Σx/m], [Σx/m, 1]]
//! assert!((h.at([0, 0]) - 5.0 / 3.0).abs() < 1e-12 && (h.at([0, 1]) - 1.0).abs() < 1e-12);
//! ```
//!
//! # Newton's method
//!
//! Near x the function looks like a parabola with the same slope and the same curvature. Go to *its* minimum:
//!
//! ```text
//! x <- x - f'(x) / f''(x)            in n dimensions     x <- x - H⁻¹ ∇f(x)
//! ```
//!
//! This is gradient descent with a learning rate of 1/c for each direction. On a bowl, one step is enough, however
//! long the bowl is. On other functions, close to the minimum, the number of correct digits about doubles with each
//! step. These are the steps from x = 0 to the minimum of f(x) = eˣ - 2x, which is at ln 2 = 0.693147…:
//!
//! | step | x | distance |
//! |---:|---:|---:|
//! | 1 | 1 | 3.1e-1 |
//! | 2 | 0.735758882 | 4.3e-2 |
//! | 3 | 0.694042300 | 9.0e-4 |
//! | 4 | 0.693147581 | 4.0e-7 |
//! | 5 | 0.693147181 | 8.0e-14 |
//!
//! ```
//! use downhill::prelude::*;
//!
//! let x = Tensor::<f64>::new(0.0).requires_grad_(true);
//! let mut optimizer = optim::Newton::new([&x], 1.0);
//! for distance in [3.1e-1, 4.3e-2, 9.0e-4, 4.0e-7, 8.0e-14] {
//!     optimizer.step_with(|| x.exp() - 2 * &x).unwrap();
//!     let error = (x.item() - 2f64.ln()).abs();
//!     assert!(0.9 * distance < error && error < 1.1 * distance, "{error}");
//! }
//! ```
//!
//! Rosenbrock's valley, with 10 instead of the usual 100, is f(x, y) = (1 - x)² + 10 (y - x²)². It has a flat, curved
//! floor between steep walls. Gradient descent is limited by the walls and creeps along the floor; Newton's method
//! takes 6 steps to f < 1e-6:
//!
//! <div>
#![doc = include_str!("pictures/newton.svg")]
//! </div>
//!
//! # Why are networks not trained like this?
//!
//! - **Size.** LeNet has 61 706 parameters, so its Hessian has 3.8 billion elements: 15 GB in `f32`, and 61 706
//!   backward passes to fill it, for one step.
//! - **It goes to where the slope is 0**, be it a minimum, a maximum or a saddle. Where f curves downwards, the
//!   parabola's "minimum" is a maximum and the step leads *up*. On the two valleys of [`slope`](super::slope), from
//!   x = 0.3, one step by hand leads to the top of the hill at 0.2541. `optim::Newton` refuses such a step and says
//!   why. Adding a number to all curvatures (`damping`) turns the step back towards the direction of the gradient.
//! - **Noise.** The Hessian of a small batch is an estimate, as its gradient is, and dividing by a noisy estimate
//!   does more harm than adding one.
//!
//! In practice, `LBFGS` estimates curvatures from the gradients of the last steps, and Adam scales each parameter by
//! the size of its own gradients; both need gradients only. `cargo run --release --example optimizers` runs all of
//! them in the same valley.
//!
//! ```
//! use downhill::prelude::*;
//! use downhill::tensor::hessian;
//!
//! let f = |x: &Tensor<f64>| (x.square() - 4).square() / 8 + x / 2;
//! let x = Tensor::<f64>::new(0.3).requires_grad_(true);
//! let [slope] = grad(&f(&x), [&x]);
//! let step = x.item() - slope.unwrap().item() / hessian(f, &x).item();
//! assert!((step - 0.2541).abs() < 1e-3); // the top of the hill
//!
//! let refusal = optim::Newton::new([&x], 1.0).step_with(|| f(&x)).unwrap_err();
//! assert!(refusal.to_string().contains("not positive definite"), "{refusal}");
//! assert_eq!(x.item(), 0.3); // x is unchanged
//! ```
//!
//! The picture comes from `cargo run --release --example guide_pictures`.
//!
//! # Exercises
//!
//! **1.** Compute the third derivative of x⁴ at x = 2 by differentiating three times.
//!
//! <details><summary>Answer</summary>
//!
//! 24 x = 48.
//!
//! ```
//! use downhill::prelude::*;
//!
//! let x = Tensor::<f64>::new(2.0).requires_grad_(true);
//! let mut y = x.pow(4);
//! for expected in [32.0, 48.0, 48.0] {
//!     let [derivative] = Backward::of(&y).create_graph().grads([&x]);
//!     y = derivative.unwrap();
//!     assert!((y.item() - expected).abs() < 1e-12);
//! }
//! ```
//!
//! </details>
//!
//! **2.** Show that one step of Newton's method solves a linear regression exactly. Where have you seen this formula?
//!
//! <details><summary>Answer</summary>
//!
//! With J = |Xw - y|²/(2m) the gradient is Xᵀ(Xw - y)/m and the Hessian XᵀX/m, so w - H⁻¹∇J = (XᵀX)⁻¹Xᵀy: the normal
//! equations.
//!
//! ```
//! use downhill::prelude::*;
//!
//! let x = Tensor::<f64>::new([[1.0, 0.0], [1.0, 1.0], [1.0, 2.0], [1.0, 4.0]]);
//! let y = Tensor::<f64>::new([[1.0], [2.0], [2.0], [5.0]]);
//! let w = Tensor::<f64>::new([[7.0], [-3.0]]).requires_grad_(true); // anywhere
//! optim::Newton::new([&w], 1.0).step_with(|| (x.matmul(&w) - &y).square().mean() / 2).unwrap();
//!
//! // The gradient is 0, which holds only at the solution.
//! let residual = no_grad(|| x.t().matmul(&(x.matmul(&w) - &y)));
//! assert!(residual.abs().max().item() < 1e-12);
//! ```
//!
//! </details>
//!
//! **3.** Find the largest learning rate of f(x, y) = x² + 10 y² + x y with `hvp`, and check that 1 % more diverges
//! and 1 % less does not.
//!
//! <details><summary>Answer</summary>
//!
//! H = [[2, 1], [1, 20]] has the largest eigenvalue 11 + √82 = 20.055, so the limit is 0.09972.
//!
//! ```
//! use downhill::prelude::*;
//! use downhill::tensor::hvp;
//!
//! let f = |p: &Tensor<f64>| {
//!     let (x, y) = (p.select(0, 0), p.select(0, 1));
//!     x.square() + 10 * y.square() + &x * &y
//! };
//! let mut v = Tensor::<f64>::new([1.0, 1.0]);
//! for _ in 0..50 {
//!     let product = hvp(f, &Tensor::<f64>::zeros([2]), &v);
//!     v = &product / product.norm();
//! }
//! let curvature = hvp(f, &Tensor::<f64>::zeros([2]), &v).norm().item();
//! assert!((curvature - (11.0 + 82f64.sqrt())).abs() < 1e-9);
//!
//! let end = |lr: f64| {
//!     let at = Tensor::<f64>::new([1.0, 1.0]).requires_grad_(true);
//!     let mut optimizer = optim::SGD::new([&at], lr);
//!     for _ in 0..500 {
//!         optimizer.zero_grad();
//!         f(&at).backward();
//!         optimizer.step();
//!     }
//!     at.norm().item()
//! };
//! assert!(end(0.99 * 2.0 / curvature) < 0.01 && end(1.01 * 2.0 / curvature) > 100.0);
//! ```
//!
//! </details>
//!
//! Next: [`mxnet`](super::mxnet), if you know MXNet.
