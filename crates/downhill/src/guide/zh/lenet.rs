//! 第五章：LeNet 与完整的训练循环，逐行说明每一行为什么在那里。
//!
//! 前几章的零件到这里全部装到一起：模型、损失函数、优化器、小批量。LeNet 读一张 28 × 28 的灰度图像，说出它是哪个数字：
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
//!         let x = self.pool.forward(&self.conv1.forward(images).relu()); // [n, 6, 14, 14]
//!         let x = self.pool.forward(&self.conv2.forward(&x).relu()); // [n, 16, 5, 5]
//!         let x = self.fc1.forward(&x.flatten_dims(1, -1)).relu(); // [n, 120]
//!         self.fc3.forward(&self.fc2.forward(&x).relu()) // [n, 10]
//!     }
//! }
//!
//! manual_seed(0);
//! let digits = data::synthetic::Digits::new(8).seed(1).dataset(); // 自动生成的数字图像
//! let train_data = data::DataLoader::new(digits.clone(), 4).shuffle(true);
//!
//! let net = LeNet::new();
//! let criterion = nn::CrossEntropyLoss::new();
//! let mut optimizer = optim::SGD::new(net.parameters(), 0.001).momentum(0.9);
//! assert_eq!(net.num_parameters(), 61706);
//!
//! for _epoch in 0..2 {
//!     for (inputs, labels) in &train_data {
//!         optimizer.zero_grad();
//!         let outputs = net.forward(&inputs);
//!         let loss = criterion.forward(&outputs, &labels);
//!         loss.backward();
//!         optimizer.step();
//!         assert!((loss.item() - 10f64.ln()).abs() < 0.3); // 还什么都没学到：接近 ln 10
//!     }
//! }
//!
//! let accuracy = no_grad(|| nn::accuracy(&net.forward(&digits.features()), &digits.targets()));
//! assert!((0.0..=1.0).contains(&accuracy));
//! ```
//!
//! # 六行循环
//!
//! | 代码 | 做什么 | 少了它会怎样 |
//! |---|---|---|
//! | `for (inputs, labels) in &train_data` | 每轮重新打乱样本，逐批取出 | 不打乱时，相邻的样本往往同属一类，见 [`batches`](super::batches) |
//! | `optimizer.zero_grad()` | 清掉上一步的梯度 | 梯度越加越大，见 [`mxnet`](super::mxnet) |
//! | `net.forward(&inputs)` | 前向计算，同时把运算记到磁带上 | |
//! | `criterion.forward(&outputs, &labels)` | 把输出和标签变成一个数 | |
//! | `loss.backward()` | 倒着读磁带，求出每个参数的梯度 | `step` 无梯度可用，参数不动 |
//! | `optimizer.step()` | 每个参数沿负梯度走一步 | 算出了梯度却不用，损失原地踏步 |
//!
//! `zero_grad` 放在 `backward` 之前的任何地方都行，放在循环开头最不容易忘。`loss` 用完即弃，磁带随之释放；如果要累计每轮的平均损失，加的应是 `loss.item()` 这个数，而不是张量本身，否则每一步的计算图都会留在内存里。
