//! Chapter 9. LeNet: the whole training loop, line by line, on a network that reads digits.
//!
//! All models so far had a few parameters. LeNet has 61 706 in its usual form (that of LeCun and others, 1998, had
//! 60 000), and nothing in the loop is new.
//!
//! # The network
//!
//! ```
//! use downhill::prelude::*;
//!
//! #[derive(Module)]
//! struct LeNet {
//!     conv1: nn::Conv2d,
//!     conv2: nn::Conv2d,
//!     fc1: nn::Linear,
//!     fc2: nn::Linear,
//!     fc3: nn::Linear,
//!     pool: nn::MaxPool2d,
//! }
//!
//! impl LeNet {
//!     fn new() -> Self {
//!         LeNet {
//!             conv1: nn::Conv2d::new(1, 6, 5).padding(2),
//!             conv2: nn::Conv2d::new(6, 16, 5),
//!             fc1: nn::Linear::new(400, 120),
//!             fc2: nn::Linear::new(120, 84),
//!             fc3: nn::Linear::new(84, 10),
//!             pool: nn::MaxPool2d::new(2),
//!         }
//!     }
//!
//!     fn forward(&self, images: &Tensor) -> Tensor {
//!         let x = self.pool.forward(&self.conv1.forward(images).relu());
//!         let x = self.pool.forward(&self.conv2.forward(&x).relu());
//!         let x = self.fc1.forward(&x.flatten_dims(1, -1)).relu();
//!         let x = self.fc2.forward(&x).relu();
//!         self.fc3.forward(&x)
//!     }
//! }
//!
//! let net = LeNet::new();
//! assert_eq!(net.forward(&Tensor::zeros([2, 1, 28, 28])).shape(), [2, 10]);
//! assert_eq!(net.num_parameters(), 61_706);
//! ```
//!
//! | layer | output | parameters |
//! |---|---|---:|
//! | images | `[n, 1, 28, 28]` | |
//! | `conv1`: 6 kernels of 5 by 5, two pixels of padding | `[n, 6, 28, 28]` | 6 · (25 + 1) = 156 |
//! | relu, pool | `[n, 6, 14, 14]` | |
//! | `conv2`: 16 kernels of 6 by 5 by 5 | `[n, 16, 10, 10]` | 16 · (150 + 1) = 2416 |
//! | relu, pool | `[n, 16, 5, 5]` | |
//! | flatten | `[n, 400]` | |
//! | `fc1`, relu | `[n, 120]` | 120 · (400 + 1) = 48 120 |
//! | `fc2`, relu | `[n, 84]` | 84 · (120 + 1) = 10 164 |
//! | `fc3` | `[n, 10]` | 10 · (84 + 1) = 850 |
//!
//! `#[derive(Module)]` finds the layers among the fields, and with them their parameters, under the names
//! `conv1.weight`, `conv1.bias` and so on. This is the tape of one forward and backward pass over four digits,
//! with one node for each layer:
//!
//! <div>
#![doc = include_str!("pictures/lenet_graph.svg")]
//! </div>
//!
//! # The loop
//!
//! ```
//! # use downhill::prelude::*;
//! # let net = nn::Sequential::new().add(nn::Flatten::new()).add(nn::Linear::new(784, 10));
//! # let digits = data::synthetic::Digits::new(8).seed(1).dataset();
//! let train_data = data::DataLoader::new(digits, 4).shuffle(true);
//! let criterion = nn::CrossEntropyLoss::new();
//! let mut optimizer = optim::SGD::new(net.parameters(), 0.001).momentum(0.9);
//!
//! for epoch in 0..2 {
//!     for (inputs, labels) in &train_data {
//!         optimizer.zero_grad(); //                              1
//!         let outputs = net.forward(&inputs); //                 2
//!         let loss = criterion.forward(&outputs, &labels); //    3
//!         loss.backward(); //                                    4
//!         optimizer.step(); //                                   5
//!     }
//! }
//! ```
//!
//! 1. **`zero_grad`** clears the gradients of the last step. `backward` adds to what is there, so without this line a
//!    step would follow the sum of all gradients so far ([`mxnet`](super::mxnet)).
//! 2. **`forward`** computes the logits `[4, 10]` of the four images and records the graph.
//! 3. **The loss** compares them with the labels `[4]`: one number, the mean cross-entropy
//!    ([`cross_entropy`](super::cross_entropy)).
//! 4. **`backward`** goes through the graph from the loss to the parameters, stores a gradient in each of them, and
//!    frees the graph.
//! 5. **`step`** changes each parameter by its gradient and its velocity ([`momentum`](super::momentum)). This is not
//!    recorded.
//!
//! The optimiser knows nothing about the network, and the loss nothing about the optimiser. They share the
//! parameters: the network reads their values, `backward` writes their gradients, and the optimiser reads those and
//! changes the values.
//!
//! # What happens
//!
//! Eight thousand generated digits, batches of 4, rate 0.001, momentum 0.9 (`cargo run --release --example lenet`;
//! `--data DIR` takes MNIST):
//!
//! | epoch | mean loss | accuracy on 2000 other digits |
//! |---:|---:|---:|
//! | 1 | 1.7208 | 86.65 % |
//! | 2 | 0.3015 | 96.80 % |
//! | 5 | 0.0491 | 96.30 % |
//! | 10 | 0.0030 | 99.55 % |
//!
//! The mean of the first epoch hides the most interesting part. Here is the loss of the first 2000 steps:
//!
//! <div>
#![doc = include_str!("pictures/lenet.svg")]
//! </div>
//!
//! At rate 0.001 nothing seems to happen for a thousand steps: the loss is ln 10 = 2.30, that of guessing. It is a
//! *plateau*, and the network is near a saddle. The gradient of each layer is multiplied by the weights of the
//! others, and all of them are small at first. So the useful direction grows by a small factor in each step, too
//! little to see for a long time. A larger rate leaves the plateau sooner: the mean loss of 25 steps is below 2 from
//! step 1275 at rate 0.001, from 475 at 0.003, and from 200 at 0.01, about in inverse proportion. At 0.01 the noise
//! of batches of 4 is visible as well, in the jumps of the curve. When a loss does not change, do not stop at once:
//! check whether the parameters get gradients, and try a larger rate.
//!
//! # When it does not learn
//!
//! Three helpers check a training loop, and cost nothing when they are not used:
//!
//! - [`lint`](fn@crate::lint) runs a loop and reports the classic mistakes in it, with the line: no `zero_grad`, a
//!   step without a backward pass, a softmax before the cross-entropy, parameters that no optimiser holds, a loss
//!   that grows.
//! - [`Tape::audit`](crate::tensor::Tape::audit) is a table of the gradients of all parameters. It says which
//!   are missing, and where the graph was cut.
//! - [`detect_anomaly`](crate::detect_anomaly) stops at the first operation that turns finite numbers into NaN or
//!   infinity.
//!
//! ```
//! use downhill::lint::Mistake;
//! use downhill::prelude::*;
//!
//! let (x, labels) = (Tensor::randn([8, 4]), Tensor::from([0, 1, 2, 0, 1, 2, 0, 1]));
//! let net = nn::Sequential::new().add(nn::Linear::new(4, 3)).add(nn::Softmax::new(1));
//! let criterion = nn::CrossEntropyLoss::new();
//! let mut optimizer = optim::SGD::new(net.parameters(), 0.1);
//! let (_, findings) = downhill::lint(|| {
//!     for _ in 0..3 {
//!         criterion.forward(&net.forward(&x), &labels).backward();
//!         optimizer.step();
//!     }
//! });
//! let mistakes: Vec<Mistake> = findings.iter().map(|finding| finding.mistake()).collect();
//! assert!(mistakes.contains(&Mistake::SoftmaxBeforeCrossEntropy));
//! assert!(mistakes.contains(&Mistake::NoZeroGrad));
//! ```
//!
//! # Testing
//!
//! ```
//! # use downhill::prelude::*;
//! # let net = nn::Sequential::new().add(nn::Flatten::new()).add(nn::Linear::new(784, 10));
//! # let test_data = data::synthetic::Digits::new(20).seed(2).dataset();
//! net.eval();
//! let logits = no_grad(|| net.forward(&test_data.features()));
//! let accuracy = nn::accuracy(&logits, &test_data.targets());
//! net.train();
//! # assert!((0.0..=1.0).contains(&accuracy) && !logits.requires_grad());
//! ```
//!
//! `eval` tells layers such as `Dropout` and `BatchNorm2d` that training is over (LeNet has none, but it is a good
//! habit). `no_grad` turns recording off, which saves memory and time. Test on images that the network was not
//! trained on: the loss on the training images says how well it remembers them.
//!
//! # Exercises
//!
//! **1.** Memory allows only 4 images at a time, but the rate was tuned for batches of 8. How does one get the
//! gradient of 8 images from two batches of 4?
//!
//! <details><summary>Answer</summary>
//!
//! Leave out `zero_grad` and `step` between the two: gradients accumulate. The loss is a mean, so the sum of the two
//! is twice the gradient of the mean over 8, and each loss has to be halved.
//!
//! ```
//! use downhill::prelude::*;
//!
//! manual_seed(0);
//! let net = nn::Linear::new(3, 2);
//! let criterion = nn::CrossEntropyLoss::new();
//! let (x, labels) = (Tensor::randn([8, 3]), Tensor::from([0, 1, 1, 0, 1, 0, 0, 1]));
//!
//! criterion.forward(&net.forward(&x), &labels).backward();
//! let whole = net.weight.grad().unwrap();
//!
//! net.zero_grad();
//! for half in [0..4, 4..8] {
//!     let outputs = net.forward(&x.slice(0, half.clone()));
//!     (criterion.forward(&outputs, &labels.slice(0, half)) / 2).backward();
//! }
//! assert!((net.weight.grad().unwrap() - whole).abs().max().item() < 1e-6);
//! ```
//!
//! </details>
//!
//! **2.** Somebody starts with all weights and biases at 0. Which gradients are not 0 after the first `backward`?
//! What will the network learn?
//!
//! <details><summary>Answer</summary>
//!
//! Only that of the last bias. Every other gradient has a factor that is 0: the weights after it, or the values
//! before it. The network learns how frequent each class is, and nothing about the images. That is why weights start
//! at random.
//!
//! ```
//! use downhill::prelude::*;
//!
//! let (fc1, fc2) = (nn::Linear::new(4, 5), nn::Linear::new(5, 3));
//! let net = nn::Sequential::new().add(fc1).add(nn::ReLU).add(fc2);
//! no_grad(|| {
//!     for parameter in net.parameters() {
//!         parameter.zero_();
//!     }
//! });
//! let outputs = net.forward(&Tensor::randn([6, 4]));
//! nn::CrossEntropyLoss::new().forward(&outputs, &Tensor::from([0, 0, 0, 0, 1, 2])).backward();
//! for (name, parameter) in net.named_parameters() {
//!     let largest = parameter.grad().unwrap().abs().max().item();
//!     assert_eq!(largest > 0.0, name == "2.bias", "{name}");
//! }
//! ```
//!
//! </details>
//!
//! **3.** Images of 32 by 32 instead of 28 by 28: which layer has to change, and to what? A window of size k with
//! padding p turns m pixels into m + 2p - k + 1.
//!
//! <details><summary>Answer</summary>
//!
//! 32 → 32 → 16 → 12 → 6: `fc1` gets 16 · 6 · 6 = 576 inputs instead of 400. Convolutions work for any image
//! size. (Without padding it is 32 → 28 → 14 → 10 → 5 and `fc1` stays. The LeNet of 1998 read such images.)
//!
//! ```
//! use downhill::prelude::*;
//!
//! let pool = nn::MaxPool2d::new(2);
//! let shape = |conv1: nn::Conv2d| {
//!     let x = pool.forward(&conv1.forward(&Tensor::zeros([1, 1, 32, 32])));
//!     pool.forward(&nn::Conv2d::new(6, 16, 5).forward(&x)).flatten_dims(1, -1).shape().to_vec()
//! };
//! assert_eq!(shape(nn::Conv2d::new(1, 6, 5).padding(2)), [1, 576]);
//! assert_eq!(shape(nn::Conv2d::new(1, 6, 5)), [1, 400]);
//! ```
//!
//! </details>
//!
//! Next: [`your_op`](super::your_op).
