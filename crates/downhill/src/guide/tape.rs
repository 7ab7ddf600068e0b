//! Chapter 4. The tape: what the forward pass records, and how the backward pass reads it.
//!
//! Autograd is a list and a loop. The forward pass records each operation as it runs; the backward pass goes through
//! the list from its end. First comes a complete toy for plain numbers, then the real one.
//!
//! # A tape in thirty lines
//!
//! Each entry holds a value and, for each input, the entry of that input and the local derivative by it.
//!
//! ```
//! #[derive(Default)]
//! struct Toy {
//!     values: Vec<f64>,
//!     inputs: Vec<Vec<(usize, f64)>>, // (entry of the input, local derivative)
//! }
//!
//! impl Toy {
//!     fn write(&mut self, value: f64, inputs: &[(usize, f64)]) -> usize {
//!         self.values.push(value);
//!         self.inputs.push(inputs.to_vec());
//!         self.values.len() - 1
//!     }
//!     fn leaf(&mut self, value: f64) -> usize {
//!         self.write(value, &[])
//!     }
//!     fn add(&mut self, a: usize, b: usize) -> usize {
//!         self.write(self.values[a] + self.values[b], &[(a, 1.0), (b, 1.0)])
//!     }
//!     fn mul(&mut self, a: usize, b: usize) -> usize {
//!         let (x, y) = (self.values[a], self.values[b]);
//!         self.write(x * y, &[(a, y), (b, x)])
//!     }
//!     fn sigmoid(&mut self, a: usize) -> usize {
//!         let s = 1.0 / (1.0 + (-self.values[a]).exp());
//!         self.write(s, &[(a, s * (1.0 - s))])
//!     }
//!     fn backward(&self, loss: usize) -> Vec<f64> {
//!         let mut grads = vec![0.0; self.values.len()];
//!         grads[loss] = 1.0;
//!         for entry in (0..=loss).rev() {
//!             for &(input, local) in &self.inputs[entry] {
//!                 grads[input] += grads[entry] * local;
//!             }
//!         }
//!         grads
//!     }
//! }
//!
//! // The neuron of the last chapter.
//! let mut tape = Toy::default();
//! let [x, w, b, minus_one] = [1.5, 0.8, -0.2, -1.0].map(|number| tape.leaf(number));
//! let product = tape.mul(w, x);
//! let z = tape.add(product, b);
//! let a = tape.sigmoid(z);
//! let error = tape.add(a, minus_one);
//! let loss = tape.mul(error, error);
//!
//! let grads = tape.backward(loss);
//! assert!((grads[w] + 0.158631).abs() < 1e-6 && (grads[b] + 0.105754).abs() < 1e-6);
//! ```
//!
//! Why does going from the end work? An operation can only use values that exist already, so the inputs of an entry
//! have smaller numbers than the entry itself. When the loop reaches an entry, it has already processed all of its
//! consumers, because they have larger numbers. So the gradient of the entry is complete.
//!
//! The real tape differs in three ways. Its entries hold tensors. No table of local derivatives is kept (for a matrix
//! product it would be enormous); each operation has a *rule* that turns the gradient of its output into
//! those of its inputs directly, a vector-Jacobian product. And the rules are written with tensor operations, so that
//! the backward pass can itself be recorded and differentiated: [`newton`](super::newton).
//!
//! # The tape of a program
//!
//! [`Tape::record`](crate::tensor::Tape::record) runs a closure and keeps everything that happens in it. To print it:
//!
//! ```
//! use downhill::prelude::*;
//!
//! let x = Tensor::<f64>::new(1.5).named("x");
//! let w = Tensor::<f64>::new(0.8).requires_grad_(true).named("w");
//! let b = Tensor::<f64>::new(-0.2).requires_grad_(true).named("b");
//! let (loss, tape) = Tape::record(|| {
//!     let a = (&w * &x + &b).sigmoid();
//!     let loss = (a - 1).square();
//!     loss.backward();
//!     loss
//! });
//! println!("{tape}");
//! # let operations: Vec<&str> = tape.entries().iter().map(|entry| entry.op()).collect();
//! # assert_eq!(operations, ["leaf", "leaf", "mul", "leaf", "add", "sigmoid", "add", "square"]);
//! # assert!((loss.item() - 0.072329).abs() < 1e-6);
//! ```
//!
//! ```text
#![doc = include_str!("pictures/neuron.txt")]
//! ```
//!
//! In the first half each line is one entry: its number, its name, the operation with the numbers of its inputs, the
//! shape (`[]` is a single number), the value, and the source line. In the second half each line is one step of the
//! backward pass from an entry to one of its inputs: the rule, and the gradient that the input got. In a rule, `grad`
//! is the gradient of the operation's output. x is data and needs no gradient, so none was computed for it.
//!
//! The numbers are those of the tables in [`neuron`](super::neuron), and so are those in the picture, drawn by
//! [`viz::Graph`](crate::viz::Graph). Thick arrows carry large gradients:
//!
//! <div>
#![doc = include_str!("pictures/neuron.svg")]
//! </div>
//!
//! # Step by step
//!
//! [`backward_steps`](crate::tensor::Tape::backward_steps) gives the steps of the backward pass, for a loop of your
//! own: the entry, its complete gradient, and what each of its inputs got.
//!
//! ```
//! # use downhill::prelude::*;
//! let x = Tensor::<f64>::new(3.0).requires_grad_(true);
//! let (y, tape) = Tape::record(|| &x * x.square()); // x is used twice
//! for step in tape.backward_steps(&y) {
//!     println!("%{} has the gradient {}", step.entry(), step.grad());
//!     for to in step.contributions() {
//!         println!("    adds {} to %{}, which makes {}", to.grad(), to.input(), to.sum());
//!     }
//! }
//! # let (steps, x) = (tape.backward_steps(&y), tape.entry(&x).unwrap().number());
//! # let to_x = steps.iter().flat_map(|step| step.contributions()).filter(|to| to.input() == x);
//! # assert_eq!(to_x.map(|to| to.sum().cast::<f64>().item()).collect::<Vec<_>>(), [9.0, 27.0]);
//! ```
//!
//! x gets 9 from the product and then 18 from the square. The sum is 27 = 3x², the derivative of x³.
//!
//! # Why is this number what it is?
//!
//! For one element of one gradient, [`explain`](crate::tensor::Tape::explain) writes out the computation. This is the
//! line through three points of [`regression`](super::regression), at w = 0 and b = 0:
//!
//! ```text
#![doc = include_str!("pictures/explanation.txt")]
//! ```
//!
//! Each line is one term of the chain rule: the upstream gradient times the local derivative. For w the local
//! derivatives are the x (the point at x = 0 contributes nothing and has no line), for b they are 1. The last line is
//! a check against the function itself: it moves the element a little to both sides and runs the recorded operations
//! again. If a rule is wrong, the two numbers disagree.
//!
//! # What the tape does not hold
//!
//! - **What is not recorded**: inside `no_grad`, and after `detach()`, there are values but no graph. A gradient that
//!   should have come from there is missing without an error.
//! - **What is freed**: without `Tape::record` the graph keeps only the values that the rules need, and `backward`
//!   frees them as it goes. A second `backward` is an error that says so; `Backward::of(&loss).retain_graph().run()`
//!   keeps them.
//! - **What changes later**: an update in place does not change what was recorded. The tape keeps the old values.
//!
//! The text and the pictures come from `cargo run --release --example guide_pictures`. `cargo run --release --example
//! backprop` shows the tape of a network, and writes a page to step through it.
//!
//! # Exercises
//!
//! **1.** Add `sub` and `square` to the toy, and check the gradient of (w x - y)² at w = 2, x = 3, y = 5.
//!
//! <details><summary>Answer</summary>
//!
//! `sub` has the local derivatives 1 and -1, `square` has 2x. The derivative by w is 2 (6 - 5) · 3 = 6.
//!
//! ```
//! # #[derive(Default)]
//! # struct Toy { values: Vec<f64>, inputs: Vec<Vec<(usize, f64)>> }
//! # impl Toy {
//! #     fn write(&mut self, value: f64, inputs: &[(usize, f64)]) -> usize {
//! #         self.values.push(value);
//! #         self.inputs.push(inputs.to_vec());
//! #         self.values.len() - 1
//! #     }
//! #     fn mul(&mut self, a: usize, b: usize) -> usize {
//! #         let (x, y) = (self.values[a], self.values[b]);
//! #         self.write(x * y, &[(a, y), (b, x)])
//! #     }
//! #     fn backward(&self, loss: usize) -> Vec<f64> {
//! #         let mut grads = vec![0.0; self.values.len()];
//! #         grads[loss] = 1.0;
//! #         for entry in (0..=loss).rev() {
//! #             for &(input, local) in &self.inputs[entry] {
//! #                 grads[input] += grads[entry] * local;
//! #             }
//! #         }
//! #         grads
//! #     }
//! # }
//! impl Toy {
//!     fn sub(&mut self, a: usize, b: usize) -> usize {
//!         self.write(self.values[a] - self.values[b], &[(a, 1.0), (b, -1.0)])
//!     }
//!     fn square(&mut self, a: usize) -> usize {
//!         let x = self.values[a];
//!         self.write(x * x, &[(a, 2.0 * x)])
//!     }
//! }
//!
//! let mut tape = Toy::default();
//! let [w, x, y] = [2.0, 3.0, 5.0].map(|number| tape.write(number, &[]));
//! let product = tape.mul(w, x);
//! let error = tape.sub(product, y);
//! let loss = tape.square(error);
//! assert_eq!(tape.backward(loss)[w], 6.0);
//! ```
//!
//! </details>
//!
//! **2.** The loop of the toy adds with `+=`. Which result changes if it is `=`? Find the shortest program for which
//! it does.
//!
//! <details><summary>Answer</summary>
//!
//! Every value with more than one use, and one consumer that takes it twice is enough: `x * x` at 3 would have the
//! gradient 3. With `+=` it is 3 + 3. The tape of downhill shows both contributions:
//!
//! ```
//! use downhill::prelude::*;
//!
//! let x = Tensor::<f64>::new(3.0).requires_grad_(true);
//! let (y, tape) = Tape::record(|| &x * &x);
//! let steps = tape.backward_steps(&y);
//! let sums = steps[0].contributions().iter().map(|to| to.sum().cast::<f64>().item());
//! assert_eq!(sums.collect::<Vec<_>>(), [3.0, 6.0]);
//! ```
//!
//! </details>
//!
//! **3.** Somebody computes a loss as `(w * x.detach() + w.detach() * x).sum()`. Which gradients does the tape have,
//! and what does `explain` say about w?
//!
//! <details><summary>Answer</summary>
//!
//! Both have one, but each lacks a part: w the part through the second product, x the one through the first. The
//! values are right, so nobody notices. `explain` shows one consumer for w where the formula has two. Its finite
//! difference agrees all the same, because it repeats the recorded operations only. A finite difference of the whole
//! *program* does not agree, and that is what `gradcheck` computes.
//!
//! ```
//! use downhill::prelude::*;
//! use downhill::gradcheck;
//!
//! let [x, w] = [2.0, 5.0].map(|number| Tensor::<f64>::new(number).requires_grad_(true));
//! let (_, tape) = Tape::record(|| (&w * x.detach() + w.detach() * &x).backward());
//! let why = tape.explain(&w, []);
//! assert_eq!((why.gradient(), why.consumers().len()), (2.0, 1)); // of 2 w x it should be 2x = 4
//!
//! let broken = gradcheck(|[w, x]| w * x.detach() + w.detach() * x, [&w, &x]).unwrap_err();
//! assert!((broken.numeric / broken.analytic - 2.0).abs() < 1e-6); // half of the gradient is missing
//! ```
//!
//! </details>
//!
//! Next: [`broadcasting`](super::broadcasting).
