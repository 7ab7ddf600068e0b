//! Chapter 3. The chain rule on one neuron, number by number.
//!
//! A neuron takes a number x, multiplies it by a weight w, adds a bias b, and applies the sigmoid σ(z) = 1/(1 + e⁻ᶻ).
//! Its output a should be the target t, and the loss is the square of the error:
//!
//! ```text
//! z = w x + b        a = σ(z)        L = (a - t)²
//! ```
//!
//! # Forward
//!
//! Let x = 1.5, w = 0.8, b = -0.2 and t = 1. From the inside out:
//!
//! | step | value |
//! |---|---:|
//! | z = 0.8 · 1.5 - 0.2 | 1 |
//! | a = σ(1) | 0.731059 |
//! | L = (0.731059 - 1)² | 0.072329 |
//!
//! # Backward
//!
//! How does L change when w changes? w moves z, z moves a, and a moves L. The chain rule says that the rates
//! multiply:
//!
//! ```text
//! dL/dw = dL/da · da/dz · dz/dw
//! ```
//!
//! Each factor is the derivative of one step by its own input, a *local derivative*, and needs only numbers that the
//! forward pass has computed. Start at the end, with dL/dL = 1, and go from the outside in:
//!
//! | quantity | local derivative | number | product so far |
//! |---|---|---:|---:|
//! | dL/da | 2 (a - t) | -0.537883 | -0.537883 |
//! | dL/dz = dL/da · da/dz | a (1 - a) | 0.196612 | -0.105754 |
//! | dL/dw = dL/dz · dz/dw | x | 1.5 | -0.158631 |
//! | dL/db = dL/dz · dz/db | 1 | 1 | -0.105754 |
//! | dL/dx = dL/dz · dz/dx | w | 0.8 | -0.084603 |
//!
//! The last three lines share dL/dz, which was computed once. That is *backpropagation*: the chain rule, from the
//! loss to the leaves, keeping every product that is used again. dL/dw is negative, so a larger weight means a
//! smaller loss.
//!
//! ```
//! use downhill::prelude::*;
//!
//! let [x, w, b] = [1.5, 0.8, -0.2].map(|number| Tensor::<f64>::new(number).requires_grad_(true));
//! let z = &w * &x + &b;
//! let a = z.sigmoid();
//! let loss = (&a - 1).square();
//!
//! // By hand ...
//! let dl_da = 2.0 * (a.item() - 1.0);
//! let dl_dz = dl_da * a.item() * (1.0 - a.item());
//! let by_hand = [dl_dz * x.item(), dl_dz, dl_dz * w.item()];
//!
//! // ... and by autograd.
//! loss.backward();
//! let grads = [&w, &b, &x].map(|leaf| leaf.grad().unwrap().item());
//! let table = [-0.158631, -0.105754, -0.084603];
//! for i in 0..3 {
//!     assert!((grads[i] - by_hand[i]).abs() < 1e-15 && (grads[i] - table[i]).abs() < 1e-6);
//! }
//! ```
//!
//! Autograd does exactly the same. While the forward pass runs, it records the steps and the numbers that their
//! derivatives need. `backward` reads this list from its end. [`tape`](super::tape) shows the list.
//!
//! # Two paths to the loss
//!
//! A number that is used twice affects the loss along two paths, and its total effect is their sum. Take L = x ·
//! σ(x), with u = x and v = σ(x) as the two factors:
//!
//! ```text
//! dL/dx = dL/du · du/dx + dL/dv · dv/dx = σ(x) · 1 + x · σ(x)(1 - σ(x))
//! ```
//!
//! That is why gradients are *accumulated* wherever a tensor has more than one consumer, and why the backward pass
//! may process a node only after all of its consumers have contributed.
//!
//! ```
//! use downhill::prelude::*;
//!
//! let x = Tensor::<f64>::new(1.0).requires_grad_(true);
//! (&x * x.sigmoid()).backward();
//! let s = 0.7310585786300049; // σ(1)
//! assert!((x.grad().unwrap().item() - (s + s * (1.0 - s))).abs() < 1e-15); // 0.927671
//! ```
//!
//! # Why backward, and not forward?
//!
//! One could also move every parameter a little and see how the loss changes. That takes two forward passes for each
//! parameter: for [`lenet`](super::lenet), with 61 706 of them, 123 412 forward passes for one step. A backward pass
//! gives all derivatives at once, at about the cost of two forward passes: each matrix product has two gradients, and
//! each of them is a matrix product again. It is so cheap because there is one loss and there are many
//! parameters: the products start at the single end and are shared by all the leaves.
//!
//! Moving the parameters is still a good test, because it does not use the chain rule:
//! [`gradcheck`](crate::gradcheck) does it for every operation of downhill.
//!
//! # Exercises
//!
//! **1.** Check dL/dw = -0.158631 with a finite difference, and then all three with `gradcheck`.
//!
//! <details><summary>Answer</summary>
//!
//! ```
//! use downhill::prelude::*;
//! use downhill::gradcheck;
//!
//! let loss = |x: f64, w: f64, b: f64| (1.0 / (1.0 + (-(w * x + b)).exp()) - 1.0).powi(2);
//! let ε = 1e-5;
//! let difference = (loss(1.5, 0.8 + ε, -0.2) - loss(1.5, 0.8 - ε, -0.2)) / (2.0 * ε);
//! assert!((difference + 0.158631).abs() < 1e-6);
//!
//! let [x, w, b] = [1.5, 0.8, -0.2].map(Tensor::<f64>::new);
//! gradcheck(|[x, w, b]| ((w * x + b).sigmoid() - 1).square(), [&x, &w, &b]).unwrap();
//! ```
//!
//! </details>
//!
//! **2.** Ten sigmoids one after the other, y = σ(σ(… σ(x) …)): how large can dy/dx be at most? What does that mean
//! for a deep network of sigmoids? And with `tanh`?
//!
//! <details><summary>Answer</summary>
//!
//! σ' = a (1 - a) is at most 1/4, so ten of them give at most 0.25¹⁰ ≈ 9.5e-7, and the first layers learn almost
//! nothing: the gradient *vanishes*. tanh' = 1 - a² can be as large as 1, and relu' is 1 wherever its input is
//! positive, which is one reason why deep networks use it.
//!
//! ```
//! use downhill::prelude::*;
//!
//! let slope = |activation: fn(&Tensor<f64>) -> Tensor<f64>, x: f64| {
//!     let x = Tensor::<f64>::new(x).requires_grad_(true);
//!     let mut y = x.clone();
//!     for _ in 0..10 {
//!         y = activation(&y);
//!     }
//!     y.backward();
//!     x.grad().unwrap().item()
//! };
//! for x in [-2.0, 0.0, 0.5, 3.0] {
//!     assert!(slope(|y| y.sigmoid(), x) < 0.25f64.powi(10));
//! }
//! assert_eq!(slope(|y| y.tanh(), 0.0), 1.0);
//! assert_eq!(slope(|y| y.relu(), 0.5), 1.0);
//! ```
//!
//! </details>
//!
//! **3.** Two neurons with the *same* weight: a = σ(w x), then L = σ(w a). Write dL/dw as a sum over the two places
//! where w is used.
//!
//! <details><summary>Answer</summary>
//!
//! At the second place, with a held fixed, it is σ'(w a) · a; at the first it is σ'(w a) · w · σ'(w x) · x. The
//! gradient of a shared weight is the sum over its uses. A convolution uses one weight at hundreds of places and
//! needs no other rule.
//!
//! ```
//! use downhill::prelude::*;
//!
//! let (x, w) = (2.0, Tensor::<f64>::new(0.7).requires_grad_(true));
//! let a = (&w * x).sigmoid();
//! let l = (&w * &a).sigmoid();
//! let (a, s, w0) = (a.item(), l.item(), 0.7);
//! let (second, first) = (s * (1.0 - s) * a, s * (1.0 - s) * w0 * a * (1.0 - a) * x);
//! l.backward();
//! assert!((w.grad().unwrap().item() - (first + second)).abs() < 1e-15);
//! ```
//!
//! </details>
//!
//! Next: [`tape`](super::tape).
