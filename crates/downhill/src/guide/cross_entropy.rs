//! Chapter 6. Softmax and cross-entropy: the loss of classifiers, its gradient p - onehot, and numbers too large for
//! a float.
//!
//! A classifier gives one number for each class, the *logits* z. The softmax turns them into probabilities, which are
//! positive and add up to 1:
//!
//! ```text
//! pᵢ = exp(zᵢ) / Σⱼ exp(zⱼ)
//! ```
//!
//! The loss is the *cross-entropy*: how surprising the right class y is under these probabilities.
//!
//! ```text
//! L = -ln p_y = -z_y + ln Σⱼ exp(zⱼ)
//! ```
//!
//! With z = (2, 1, 0) and the right class y = 0, p = (0.6652, 0.2447, 0.0900) and L = -ln 0.6652 = 0.4076. A network
//! that has learned nothing gives n classes the same probability, so its loss is ln n: 2.3026 for ten classes. If the
//! first loss of a run is far from that, something is wrong before training begins.
//!
//! # The gradient
//!
//! Take the second form of L. The derivative of -z_y by zᵢ is -1 if i is the right class, else 0. The derivative of
//! the logarithm is one over the sum, times exp(zᵢ): that is pᵢ again.
//!
//! ```text
//! ∂L/∂zᵢ = pᵢ - [i = y]
//! ```
//!
//! The gradient is what the network said minus what it should have said, and nothing else: here (-0.3348, 0.2447,
//! 0.0900). The right logit should rise, each wrong one should fall, by as much probability as it was given. For the
//! mean over a batch of n rows it is (p - onehot)/n in each row.
//!
//! ```
//! use downhill::prelude::*;
//!
//! let logits = Tensor::<f64>::new([[2.0, 1.0, 0.0], [-1.0, 3.0, 0.5]]).requires_grad_(true);
//! let labels = Tensor::from([0, 2]);
//! let loss = nn::CrossEntropyLoss::new().forward(&logits, &labels);
//! loss.backward();
//!
//! let p = no_grad(|| logits.softmax(1));
//! assert!((p.at([0, 0]) - 0.6652).abs() < 1e-4);
//! let by_hand = (p - labels.one_hot(3).cast::<f64>()) / 2;
//! assert!((logits.grad().unwrap() - by_hand).abs().max().item() < 1e-15);
//! ```
//!
//! # Why not the squared error?
//!
//! Two classes, and z the logit of the right one minus the other, so that p = σ(z). The picture shows the
//! cross-entropy and the squared error (1 - p)² against z:
//!
//! <div>
#![doc = include_str!("pictures/cross_entropy.svg")]
//! </div>
//!
//! On the left the network is sure of the wrong class. There the cross-entropy has a slope near -1: at z = -8 it is
//! -0.99966. The squared error is flat, with a slope of -0.00067, so the worst mistakes would be corrected last. The
//! derivative of the sigmoid, p (1 - p), makes the difference:
//!
//! ```text
//! d/dz (1 - p)² = -2 (1 - p) · p (1 - p)        d/dz (-ln p) = -1/p · p (1 - p) = -(1 - p)
//! ```
//!
//! Where p is near 0, the factor p makes the first slope vanish. In the second, the derivative of the logarithm, 1/p,
//! cancels p, and only p: the factor 1 - p remains. It is near 1 where the network is wrong, which is why the slope
//! is near -1 and not 0, and near 0 where the network is right.
//!
//! ```
//! use downhill::prelude::*;
//!
//! for z in [-8.0, 0.0, 8.0] {
//!     let z = Tensor::<f64>::new(z).requires_grad_(true);
//!     let p = z.sigmoid();
//!     let [cross_entropy] = grad(&-p.log(), [&z]);
//!     let [squared] = grad(&(1 - z.sigmoid()).square(), [&z]);
//!     let (cross_entropy, squared, p) = (cross_entropy.unwrap().item(), squared.unwrap().item(), p.item());
//!     assert!((cross_entropy + (1.0 - p)).abs() < 1e-12);
//!     assert!((squared + 2.0 * p * (1.0 - p) * (1.0 - p)).abs() < 1e-12);
//!     if z.item() == -8.0 {
//!         assert!((cross_entropy + 0.99966).abs() < 1e-5 && (squared + 0.00067).abs() < 1e-5);
//!     }
//! }
//! ```
//!
//! # Large logits
//!
//! exp(89) is more than the largest `f32`, 3.4e38. Written as in the first formula, a softmax of large logits is
//! infinity over infinity:
//!
//! ```
//! use downhill::prelude::*;
//!
//! let z = Tensor::from([1000.0, 0.0]);
//! let naive = z.exp() / z.exp().sum();
//! assert!(naive.at([0]).is_nan());
//! assert_eq!(z.softmax(0).to_vec(), [1.0, 0.0]);
//! ```
//!
//! The remedy: subtract the largest logit from all of them. Numerator and denominator shrink by the same factor, so
//! the probabilities stay as they are, and no exponent is above 0. The logarithm has a problem of its own: of p =
//! (1, 0) it is (0, -∞), although the exact second value is -1000. So it must not be taken of the finished
//! probabilities; it is computed as z - max - ln Σ exp(z - max):
//!
//! ```
//! use downhill::prelude::*;
//!
//! let z = Tensor::from([1000.0, 0.0]);
//! assert_eq!(z.softmax(0).log().to_vec(), [0.0, f32::NEG_INFINITY]);
//! assert_eq!(z.log_softmax(0).to_vec(), [0.0, -1000.0]);
//!
//! // The right class is the second: a large loss, but a number, and a finite gradient.
//! let z = Tensor::from([[1000.0, 0.0]]).requires_grad_(true);
//! let loss = nn::CrossEntropyLoss::new().forward(&z, &Tensor::from([1]));
//! loss.backward();
//! assert_eq!(loss.item(), 1000.0);
//! assert_eq!(z.grad().unwrap().to_vec(), [1.0, -1.0]);
//! ```
//!
//! That is why `CrossEntropyLoss` takes logits. **Do not put a softmax in front of it**: exercise 3 shows what is
//! lost.
//!
//! The figures of the picture come from `cargo run --release --example guide_pictures`.
//!
//! # Exercises
//!
//! **1.** Add 7 to every logit. What happens to the loss? What follows for the sum of the gradient over the classes?
//!
//! <details><summary>Answer</summary>
//!
//! Nothing, because numerator and denominator are multiplied by the same factor. So moving all logits together has
//! slope 0, and the slope in that direction is the sum of the gradient: it is 0. The formula agrees, since the
//! probabilities add up to 1 and so does the onehot.
//!
//! ```
//! use downhill::prelude::*;
//!
//! let criterion = nn::CrossEntropyLoss::new();
//! let labels = Tensor::from([1]);
//! let z = Tensor::<f64>::new([[0.3, -1.2, 2.0, 0.1]]).requires_grad_(true);
//! let loss = criterion.forward(&z, &labels);
//! loss.backward();
//! let moved = no_grad(|| criterion.forward(&(&z + 7), &labels));
//! assert!((loss.item() - moved.item()).abs() < 1e-14);
//! assert!(z.grad().unwrap().sum().item().abs() < 1e-15);
//! ```
//!
//! </details>
//!
//! **2.** Build the loss from `exp`, `sum` and `log` on moderate logits and let autograd find the gradient. Compare
//! with p - onehot.
//!
//! <details><summary>Answer</summary>
//!
//! Autograd goes through every step, and the factors cancel only in the numbers. The fused operation knows that they
//! cancel.
//!
//! ```
//! use downhill::prelude::*;
//!
//! let z = Tensor::<f64>::new([2.0, 1.0, 0.0]).requires_grad_(true);
//! let p = z.exp() / z.exp().sum();
//! (-p.select(0, 0).log()).backward();
//! let expected = [-0.334759, 0.244728, 0.090031];
//! for (grad, expected) in z.grad().unwrap().to_vec().into_iter().zip(expected) {
//!     assert!((grad - expected).abs() < 1e-6);
//! }
//! ```
//!
//! </details>
//!
//! **3.** A network for ten classes ends in a softmax, and its output p goes into `CrossEntropyLoss`, which applies
//! another one. How small can the loss become?
//!
//! <details><summary>Answer</summary>
//!
//! At best p is 1 for the right class and 0 for the nine others. As logits these are close together: e/(e + 9) =
//! 0.232. So the loss never falls below -ln 0.232 = 1.4612, and its gradient vanishes on the way there. Nothing
//! crashes; the network just learns poorly.
//!
//! ```
//! use downhill::prelude::*;
//!
//! let z = Tensor::<f64>::zeros([1, 10]);
//! z.slice_assign_(1, 3..4, &Tensor::<f64>::new([[1e6]])); // as sure of class 3 as can be
//! let criterion = nn::CrossEntropyLoss::new();
//! let labels = Tensor::from([3]);
//! assert_eq!(criterion.forward(&z, &labels).item(), 0.0);
//! let twice = criterion.forward(&z.softmax(1), &labels).item();
//! let e = std::f64::consts::E;
//! assert!((twice - (1.0 + 9.0 / e).ln()).abs() < 1e-12 && (twice - 1.4612).abs() < 1e-4);
//! ```
//!
//! </details>
//!
//! Next: [`momentum`](super::momentum).
