//! Chapter 5. Broadcasting, and its gradient: what was repeated is summed.
//!
//! A layer adds one row of biases to every row of a batch. No loop is needed: different shapes are *broadcast*. Align
//! them at their right ends. Two sizes fit if they are equal or one of them is 1; a missing size counts as 1.
//! Where a size is 1, the tensor is repeated.
//!
//! ```text
//!     x   [3, 2]          x   [3, 2]          x   [3, 2]
//!     b      [2]          s   [3, 1]          c   []
//!     y   [3, 2]          y   [3, 2]          y   [3, 2]
//!
//! b in each of 3 rows   s in each of 2 columns   c in all 6 places
//! ```
//!
//! # Backward
//!
//! Let y = x + b, with x of shape `[3, 2]` and b of shape `[2]`. Element b\[j\] is in every row, since y\[i, j\] =
//! x\[i, j\] + b\[j\]. So it reaches the loss along three paths, and as in [`neuron`](super::neuron) their
//! contributions are added up:
//!
//! ```text
//! ∂L/∂b[j] = Σᵢ ∂L/∂y[i, j] · 1
//! ```
//!
//! The gradient of a repeated tensor is the sum over the dimensions in which it was repeated. It has to be: a
//! gradient has the shape of its tensor.
//!
//! ```
//! use downhill::prelude::*;
//!
//! let x = Tensor::from([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]).requires_grad_(true);
//! let b = Tensor::from([10.0, 20.0]).requires_grad_(true);
//! let y = &x + &b;
//! assert_eq!(y.to_vec(), [11.0, 22.0, 13.0, 24.0, 15.0, 26.0]);
//!
//! // Say that the loss changes by these amounts for each unit of y:
//! let upstream = Tensor::from([[0.5, 1.0], [1.5, 2.0], [2.0, 4.0]]);
//! y.backward_with(&upstream);
//! assert_eq!(x.grad().unwrap().to_vec(), upstream.to_vec()); // handed on as it is
//! assert_eq!(b.grad().unwrap().to_vec(), [4.0, 7.0]); // summed over the three rows
//! ```
//!
//! In a product the local derivative is the other factor. First multiply by it, as if the shapes were equal, then
//! sum:
//!
//! ```
//! use downhill::prelude::*;
//!
//! let x = Tensor::from([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]);
//! let s = Tensor::from([[1.0], [10.0], [100.0]]).requires_grad_(true); // a factor for each row
//! (&x * &s).sum().backward();
//! // Upstream is 1 everywhere, so the gradient of a factor is the sum of its row of x.
//! assert_eq!(s.grad().unwrap().shape(), [3, 1]);
//! assert_eq!(s.grad().unwrap().to_vec(), [3.0, 7.0, 11.0]);
//! ```
//!
//! downhill does this in one place for all operations that broadcast. Their derivatives are written for equal shapes,
//! and the result is then summed to the shape of the input.
//!
//! # Sum and repetition are each other's derivative
//!
//! In the other direction, a sum over rows passes its gradient to every row, that is, it repeats it; a mean of n
//! numbers repeats grad/n. Reshaping, transposing and slicing come in such pairs too: the gradient goes back to where
//! the number came from.
//!
//! ```
//! use downhill::prelude::*;
//!
//! let x = Tensor::from([[1.0, 2.0], [3.0, 4.0]]).requires_grad_(true);
//! x.mean_dim(0).backward_with(&Tensor::from([1.0, 10.0]));
//! assert_eq!(x.grad().unwrap().to_vec(), [0.5, 5.0, 0.5, 5.0]);
//! ```
//!
//! # Shapes that broadcast by mistake
//!
//! Predictions of shape `[n, 1]` and targets of shape `[n]` broadcast to a difference of shape `[n, n]`: every
//! prediction against every target. There is no error, the loss looks plausible, and the network learns the mean.
//!
//! ```
//! use downhill::prelude::*;
//!
//! let predictions = Tensor::from([[1.0], [2.0], [3.0]]);
//! let targets = Tensor::from([1.0, 2.0, 3.0]); // each prediction is right
//! let difference = &predictions - &targets;
//! assert_eq!(difference.shape(), [3, 3]);
//! assert!(difference.square().mean().item() > 1.3); // and yet the loss is not 0
//! ```
//!
//! `nn::MSELoss` refuses that, where PyTorch warns:
//!
//! ```should_panic
//! # use downhill::prelude::*;
//! let criterion = nn::MSELoss::new();
//! criterion.forward(&Tensor::from([[1.0], [2.0], [3.0]]), &Tensor::from([1.0, 2.0, 3.0]));
//! ```
//!
//! # Exercises
//!
//! **1.** What are the shapes of `[4, 1] + [3]`, `[2, 1, 5] * [4, 1]` and `[3, 2] - [3]`? Over which
//! dimensions is each gradient summed?
//!
//! <details><summary>Answer</summary>
//!
//! `[4, 3]`: the gradient of the first is summed over dimension 1, of the second over dimension 0. `[2, 4, 5]`: over
//! dimension 1 for the first, over 0 and 2 for the second. The third is an error, because the last sizes are 2 and 3.
//!
//! ```
//! use downhill::prelude::*;
//!
//! let [a, b] = [Tensor::ones([2, 1, 5]), Tensor::ones([4, 1])].map(|x| x.requires_grad_(true));
//! let y = &a * &b;
//! assert_eq!(y.shape(), [2, 4, 5]);
//! y.sum().backward();
//! assert_eq!(a.grad().unwrap().to_vec(), [4.0; 10]); // four uses of each element
//! assert_eq!(b.grad().unwrap().to_vec(), [10.0; 4]); // ten
//! assert_eq!((Tensor::ones([4, 1]) + Tensor::ones([3])).shape(), [4, 3]);
//! assert!(std::panic::catch_unwind(|| Tensor::ones([3, 2]) - Tensor::ones([3])).is_err());
//! ```
//!
//! </details>
//!
//! **2.** Let y = x - mean(x). What does the gradient of x look like when that of y is g? Guess from the section on
//! sums and repetition, then check.
//!
//! <details><summary>Answer</summary>
//!
//! The same operation again: g - mean(g). The direct path passes g on, and the path through the mean subtracts Σg/n
//! from every element. So moving all x by the same amount changes nothing, and indeed the gradient adds up to 0.
//!
//! ```
//! use downhill::prelude::*;
//!
//! let x = Tensor::from([1.0, 5.0, 3.0, -1.0]).requires_grad_(true);
//! let g = Tensor::from([4.0, 0.0, 0.0, 0.0]);
//! (&x - x.mean()).backward_with(&g);
//! assert_eq!(x.grad().unwrap().to_vec(), [3.0, -1.0, -1.0, -1.0]);
//! ```
//!
//! </details>
//!
//! **3.** Write the function that sums a gradient until it has a given shape, and compare it with autograd.
//!
//! <details><summary>Answer</summary>
//!
//! ```
//! use downhill::prelude::*;
//!
//! fn sum_to(grad: &Tensor, shape: &[usize]) -> Tensor {
//!     // Dimensions that the shape does not have are summed away ...
//!     let mut grad = grad.copy();
//!     while grad.ndim() > shape.len() {
//!         grad = grad.sum_dim(0);
//!     }
//!     // ... and those of size 1 stay, as 1.
//!     for dim in 0..shape.len() {
//!         if shape[dim] == 1 {
//!             grad = grad.sum_keepdim(dim as isize);
//!         }
//!     }
//!     grad
//! }
//!
//! let upstream = Tensor::arange(0.0, 24.0, 1.0).reshape([2, 3, 4]);
//! for shape in [vec![], vec![4], vec![3, 1], vec![2, 1, 4], vec![2, 3, 4]] {
//!     let x = Tensor::zeros(&shape[..]).requires_grad_(true);
//!     (&x + Tensor::zeros([2, 3, 4])).backward_with(&upstream);
//!     assert_eq!(x.grad().unwrap().to_vec(), sum_to(&upstream, &shape).to_vec());
//! }
//! ```
//!
//! </details>
//!
//! Next: [`cross_entropy`](super::cross_entropy).
