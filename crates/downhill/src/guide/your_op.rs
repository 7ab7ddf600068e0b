//! Chapter 10. Write your own operation: a forward computation, its derivative, and the check that they agree.
//!
//! What can be composed of existing operations needs no derivative of its own: write the formula, and the chain rule
//! does the rest. A rule of your own is worth writing when the composed formula is slow or inaccurate, or when there
//! is no formula.
//!
//! # One input
//!
//! The softsign has a shape like `tanh`, without an exponential:
//!
//! ```text
//! y = x / (1 + |x|)        dy/dx = 1 / (1 + |x|)²
//! ```
//!
//! An operation is a type that implements [`Op`](crate::tensor::Op), with forward and backward next to each other:
//!
//! ```
//! use downhill::prelude::*;
//! use downhill::tensor::{Array, Fixed, Op, Saved, Saves};
//! use downhill::{gradcheck, gradgradcheck};
//!
//! struct Softsign;
//!
//! impl Op<f64> for Softsign {
//!     type Arity = Fixed<1>;
//!     const NAME: &'static str = "softsign";
//!     const FORMULA: &'static str = "x / (1 + |x|)";
//!     const DERIVATIVE: &'static str = "grad / (1 + |x|)²";
//!     const SAVES: Saves = Saves::Inputs;
//!
//!     fn forward(&self, [x]: [Array<f64>; 1]) -> Array<f64> {
//!         x.map(|x| x / (1.0 + x.abs()))
//!     }
//!
//!     fn backward(&self, grad: Tensor<f64>, saved: &Saved<f64>) -> [Option<Tensor<f64>>; 1] {
//!         [Some(grad / (1 + saved.input(0).abs()).square())]
//!     }
//! }
//!
//! let x = Tensor::<f64>::new([-2.0, 0.5, 3.0]);
//! gradcheck(|[x]| Softsign.apply([x]), [&x]).unwrap();
//! gradgradcheck(|[x]| Softsign.apply([x]), [&x]).unwrap();
//! ```
//!
//! - `forward` works on arrays: plain numbers, which are not recorded.
//! - `backward` gets `grad`, the gradient of the loss by the output, and gives that of each input: the
//!   vector-Jacobian product of [`tape`](super::tape). It is written with *tensors*, so it is recorded itself when
//!   second derivatives are asked for, and `gradgradcheck` passes without more code.
//! - `SAVES` says what the rule needs from the forward pass. Everything else is freed, and asking for it is an error
//!   that says so.
//! - `FORMULA` and `DERIVATIVE` are for readers: the tape prints them.
//!
//! # When the rule is wrong
//!
//! Without the square, everything still runs; training is just a little worse, and nobody knows why. `gradcheck`
//! moves each element to both sides and compares:
//!
//! ```
//! # use downhill::prelude::*;
//! # use downhill::gradcheck;
//! # use downhill::tensor::{Array, Fixed, Op, Saved, Saves};
//! # struct Softsign;
//! # impl Op<f64> for Softsign {
//! #     type Arity = Fixed<1>;
//! #     const NAME: &'static str = "softsign";
//! #     const FORMULA: &'static str = "x / (1 + |x|)";
//! #     const DERIVATIVE: &'static str = "grad / (1 + |x|)²";
//! #     const SAVES: Saves = Saves::Inputs;
//! #     fn forward(&self, [x]: [Array<f64>; 1]) -> Array<f64> {
//! #         x.map(|x| x / (1.0 + x.abs()))
//! #     }
//! // in the operation above:
//! fn backward(&self, grad: Tensor<f64>, saved: &Saved<f64>) -> [Option<Tensor<f64>>; 1] {
//!     [Some(grad / (1 + saved.input(0).abs()))]
//! }
//! # }
//! # let x = Tensor::<f64>::new([-2.0, 0.5, 3.0]);
//! let error = gradcheck(|[x]| Softsign.apply([x]), [&x]).unwrap_err();
//! assert_eq!((error.order, error.input, error.element), (1, 0, 0));
//! assert!((error.analytic / error.numeric - 3.0).abs() < 1e-6); // too large by 1 + |-2|
//! ```
//!
//! The error reads `gradient of order 1 by element 0 of input 0: the rule gives …, a finite difference …`, with both
//! numbers. Check at asymmetric points away from kinks, and in `f64`: in `f32` a finite difference has only three or
//! four correct digits.
//!
//! # Two inputs
//!
//! The length of the hypotenuse, c = √(a² + b²), has the derivatives a/c and b/c. Its rule needs both inputs and the
//! output:
//!
//! ```
//! use downhill::prelude::*;
//! use downhill::gradgradcheck;
//! use downhill::tensor::{Array, Fixed, Op, Saved, Saves};
//!
//! struct Hypot;
//!
//! impl Op<f64> for Hypot {
//!     type Arity = Fixed<2>;
//!     const NAME: &'static str = "hypot";
//!     const FORMULA: &'static str = "√(a² + b²)";
//!     const DERIVATIVE: &'static str = "grad * a/c; grad * b/c";
//!     const SAVES: Saves = Saves::InputsAndOutput;
//!     const BROADCASTS: bool = true;
//!
//!     fn forward(&self, [a, b]: [Array<f64>; 2]) -> Array<f64> {
//!         a.zip("hypot", b, |a, b| a.hypot(b))
//!     }
//!
//!     fn backward(&self, grad: Tensor<f64>, saved: &Saved<f64>) -> [Option<Tensor<f64>>; 2] {
//!         let grad = grad / saved.output();
//!         [0, 1].map(|input| saved.wants(input).then(|| &grad * saved.input(input)))
//!     }
//! }
//!
//! let a = Tensor::<f64>::new([[3.0, 1.0], [-2.0, 0.5]]);
//! let b = Tensor::<f64>::new([4.0, -1.5]); // broadcast over the rows
//! assert_eq!(Hypot.apply([&a, &b]).at([0, 0]), 5.0);
//! gradgradcheck(|[a, b]| Hypot.apply([a, b]), [&a, &b]).unwrap();
//! ```
//!
//! `wants` avoids the work for an input that needs no gradient. With `BROADCASTS` the rule may assume equal shapes;
//! the sums of [`broadcasting`](super::broadcasting) are taken afterwards. `a.hypot(b)` is the reason for an
//! operation of its own: `(a.square() + b.square()).sqrt()` is infinite in `f32` for a = 1e20.
//!
//! # Without a formula
//!
//! Rounding has the derivative 0 wherever it has one, so no layer before it would learn. The *straight-through
//! estimator* rounds in the forward pass and passes the gradient on as if it had not. That is a design decision and
//! not the derivative, as `gradcheck` reports. Hinton proposed the estimator in 2012 for neurons that are 0 or 1; the
//! name is from Bengio, Léonard and Courville, 2013.
//!
//! ```
//! use downhill::prelude::*;
//! use downhill::gradcheck;
//! use downhill::tensor::{Array, Fixed, Op, Saved, Saves};
//!
//! struct RoundStraightThrough;
//!
//! impl Op<f64> for RoundStraightThrough {
//!     type Arity = Fixed<1>;
//!     const NAME: &'static str = "round_straight_through";
//!     const FORMULA: &'static str = "round(x)";
//!     const DERIVATIVE: &'static str = "grad, as if nothing was rounded";
//!     const SAVES: Saves = Saves::Nothing;
//!
//!     fn forward(&self, [x]: [Array<f64>; 1]) -> Array<f64> {
//!         x.map(f64::round)
//!     }
//!
//!     fn backward(&self, grad: Tensor<f64>, _: &Saved<f64>) -> [Option<Tensor<f64>>; 1] {
//!         [Some(grad)]
//!     }
//! }
//!
//! let x = Tensor::<f64>::new([0.4, 1.7]).requires_grad_(true);
//! let y = RoundStraightThrough.apply([&x]);
//! assert_eq!(y.to_vec(), [0.0, 2.0]);
//! y.square().sum().backward();
//! assert_eq!(x.grad().unwrap().to_vec(), [0.0, 4.0]);
//! assert!(gradcheck(|[x]| RoundStraightThrough.apply([x]), [&x]).is_err());
//! ```
//!
//! When speed matters, the same rule can be written a second time on arrays, as
//! [`backward_fused`](crate::tensor::Op::backward_fused). It is used whenever no second derivatives are asked for.
//!
//! # Exercises
//!
//! **1.** Write an operation that is the identity forward and multiplies the gradient by -1 backward. (Put before
//! a second head, it trains the earlier layers *against* that head: Ganin and Lempitsky, 2015.)
//!
//! <details><summary>Answer</summary>
//!
//! ```
//! use downhill::prelude::*;
//! use downhill::tensor::{Array, Fixed, Op, Saved, Saves};
//!
//! struct Reverse;
//!
//! impl Op for Reverse {
//!     type Arity = Fixed<1>;
//!     const NAME: &'static str = "reverse";
//!     const FORMULA: &'static str = "x";
//!     const DERIVATIVE: &'static str = "-grad";
//!     const SAVES: Saves = Saves::Nothing;
//!
//!     fn forward(&self, [x]: [Array<f32>; 1]) -> Array<f32> {
//!         x
//!     }
//!
//!     fn backward(&self, grad: Tensor, _: &Saved<f32>) -> [Option<Tensor>; 1] {
//!         [Some(-grad)]
//!     }
//! }
//!
//! let x = Tensor::from([1.0, 2.0]).requires_grad_(true);
//! let y = Reverse.apply([&x]);
//! assert_eq!(y.to_vec(), [1.0, 2.0]);
//! y.square().sum().backward();
//! assert_eq!(x.grad().unwrap().to_vec(), [-2.0, -4.0]);
//! ```
//!
//! </details>
//!
//! **2.** exp(x) is its own derivative. What should it save, and what happens if it declares `Saves::Nothing` and
//! uses the output anyway?
//!
//! <details><summary>Answer</summary>
//!
//! The output: `Saves::Output`. Otherwise the backward pass stops with a message that says what is missing.
//!
//! ```
//! use downhill::prelude::*;
//! use downhill::gradgradcheck;
//! use downhill::tensor::{Array, Fixed, Op, Saved, Saves};
//!
//! struct Exp<const SAVE: bool>;
//!
//! impl<const SAVE: bool> Op<f64> for Exp<SAVE> {
//!     type Arity = Fixed<1>;
//!     const NAME: &'static str = "my_exp";
//!     const FORMULA: &'static str = "eˣ";
//!     const DERIVATIVE: &'static str = "grad * eˣ";
//!     const SAVES: Saves = if SAVE { Saves::Output } else { Saves::Nothing };
//!
//!     fn forward(&self, [x]: [Array<f64>; 1]) -> Array<f64> {
//!         x.map(f64::exp)
//!     }
//!
//!     fn backward(&self, grad: Tensor<f64>, saved: &Saved<f64>) -> [Option<Tensor<f64>>; 1] {
//!         [Some(grad * saved.output())]
//!     }
//! }
//!
//! let x = Tensor::<f64>::new([0.3, -1.0]).requires_grad_(true);
//! gradgradcheck(|[x]| Exp::<true>.apply([x]), [&x]).unwrap();
//! let failure = std::panic::catch_unwind(|| Exp::<false>.apply([&x]).sum().backward()).unwrap_err();
//! let message = failure.downcast_ref::<String>().unwrap();
//! assert_eq!(message, "my_exp: its derivative asks for the output, which SAVES does not declare");
//! ```
//!
//! </details>
//!
//! **3.** How small an error in a rule does `gradcheck` find? Multiply the gradient of the softsign by 1 + ε.
//!
//! <details><summary>Answer</summary>
//!
//! It accepts a relative error of 1e-5, far above the error of a central difference in `f64`, so 1.00005 is found and
//! 1.000001 is not.
//!
//! ```
//! use downhill::prelude::*;
//! use downhill::gradcheck;
//!
//! // The right value, with a gradient that is wrong by ε: detached values have no gradient.
//! let off = |ε: f64| move |[x]: [&Tensor<f64>; 1]| {
//!     let y = x / (1 + x.abs());
//!     &y * (1.0 + ε) - ε * y.detach()
//! };
//! let x = Tensor::<f64>::new([-2.0, 0.5, 3.0]);
//! assert!(gradcheck(off(5e-5), [&x]).is_err());
//! assert!(gradcheck(off(1e-6), [&x]).is_ok());
//! ```
//!
//! </details>
//!
//! Next: [`newton`](super::newton).
