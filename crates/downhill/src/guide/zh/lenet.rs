//! 第五章：LeNet 与完整的训练循环，逐行说明每一行为什么在那里。
//!
//! 前几章的模型只有几个参数。LeNet 按现在通行的写法有 61706 个（LeCun 等人 1998 年的原版是 60000 个），而循环里没有一样新东西：模型、损失函数、优化器、小批量，前面都见过了。
//!
//! # 网络
//!
//! LeNet 读一幅 28 × 28 的灰度图像，给出十个数字各自的得分：
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
//! assert_eq!(net.num_parameters(), 61706);
//! ```
//!
//! | 层 | 输出的形状 | 参数个数 |
//! |---|---|---:|
//! | 图像 | `[n, 1, 28, 28]` | |
//! | `conv1`：6 个 5 × 5 的卷积核，四周填充 2 个像素 | `[n, 6, 28, 28]` | 6 · (25 + 1) = 156 |
//! | relu、池化 | `[n, 6, 14, 14]` | |
//! | `conv2`：16 个 6 × 5 × 5 的卷积核 | `[n, 16, 10, 10]` | 16 · (150 + 1) = 2416 |
//! | relu、池化 | `[n, 16, 5, 5]` | |
//! | 展平 | `[n, 400]` | |
//! | `fc1`、relu | `[n, 120]` | 120 · (400 + 1) = 48120 |
//! | `fc2`、relu | `[n, 84]` | 84 · (120 + 1) = 10164 |
//! | `fc3` | `[n, 10]` | 10 · (84 + 1) = 850 |
//!
//! `#[derive(Module)]` 从结构体的字段里找出各层，也就找到了它们的参数，依次命名为 `conv1.weight`、`conv1.bias` 等等。下图画的是四幅图像做一次前向和反向的磁带，每层合成一个节点：
//!
//! <div>
#![doc = include_str!("../pictures/lenet_graph.svg")]
//! </div>
//!
//! # 循环
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
//!         optimizer.zero_grad();
//!         let outputs = net.forward(&inputs);
//!         let loss = criterion.forward(&outputs, &labels);
//!         loss.backward();
//!         optimizer.step();
//!     }
//! }
//! ```
//!
//! | 代码 | 做什么 | 要点 |
//! |---|---|---|
//! | `for (inputs, labels) in &train_data` | 每轮重新打乱样本，逐批取出 | 不打乱会怎样，见 [`batches`](super::batches) |
//! | `optimizer.zero_grad()` | 清掉上一步的梯度 | 不清就会累加，见 [`mxnet`](super::mxnet) |
//! | `net.forward(&inputs)` | 前向计算，得到 `[4, 10]` 的 logits | 运算同时记到磁带上 |
//! | `criterion.forward(&outputs, &labels)` | 与标签 `[4]` 比较，得到一个数 | 平均交叉熵，已含 softmax，见 [`cross_entropy`][] |
//! | `loss.backward()` | 倒着读磁带，给每个参数留下梯度 | 读完磁带就释放了，不能再来一次 |
//! | `optimizer.step()` | 按梯度和速度更新每个参数 | 这一步不写磁带；速度见 [`momentum`](super::momentum) |
//!
//! [`cross_entropy`]: crate::guide::cross_entropy
//!
//! 优化器不认识网络，损失函数不认识优化器，它们只在参数上碰面：网络读参数的值，`backward` 写参数的梯度，优化器读梯度、改参数的值。记住这一点，循环里的顺序就不会弄错。
//!
//! # 训练的过程
//!
//! 8000 幅自动生成的数字图像，批量 4，学习率 0.001，动量 0.9（`cargo run --release --example lenet`；加上 `--data DIR` 就换成 MNIST）：
//!
//! | 轮 | 平均损失 | 2000 幅新图像上的准确率 |
//! |---:|---:|---:|
//! | 1 | 1.7208 | 86.65% |
//! | 2 | 0.3015 | 96.80% |
//! | 5 | 0.0491 | 96.30% |
//! | 10 | 0.0030 | 99.55% |
//!
//! 第一轮的平均数掩盖了最有意思的部分。把最初 2000 步的损失画出来：
//!
//! <div>
#![doc = include_str!("../pictures/lenet.svg")]
//! </div>
//!
//! 学习率为 0.001（蓝线）时，前一千步好像什么都没发生：损失停在 ln 10 = 2.30，和在十类里瞎猜一样。这是一段**平台**，网络正在鞍点附近。
//! 每一层的梯度都要乘上其他各层的权重，而权重起初都很小，因此有用的方向每步只放大一点点，很久都看不出来，然后突然就看出来了。
//! 学习率大，离开得就早：按每 25 步的平均损失算，首次低于 2 是在第 1275 步（学习率 0.001）、第 475 步（0.003）和第 200 步（0.01），差不多成反比。
//! 不过 0.01 的曲线也跳得厉害，那是批量只有 4 的噪声。
//!
//! 所以，“损失有一阵子不变，就算收敛，可以停了”这条经验要慎用。损失不动的时候，先看梯度传到了没有，再试试大一点的学习率。
//!
//! # 测试
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
//! `eval` 告诉 `Dropout`、`BatchNorm2d` 这样的层，现在不是在训练（LeNet 里没有这类层，但值得养成习惯）；`no_grad` 让这次前向不写磁带，省内存也省时间。
//! 测试要用从未参加训练的图像，在训练图像上准确率再高，也只说明记得牢。
//!
//! # 习题
//!
//! 答案的代码见[英文版的习题](crate::guide::lenet#exercises)。
//!
//! **1.** 内存一次只放得下 4 幅图像，而学习率是按批量 8 调好的。怎样用两个 4 幅的小批量得到 8 幅的梯度？
//!
//! <details><summary>答案</summary>
//!
//! 两批之间不写 `step` 和 `zero_grad`，梯度自然相加。损失是平均值，两次之和是 8 幅平均的两倍，所以每次的损失要先除以 2。
//!
//! </details>
//!
//! **2.** 有人把权重和偏置全部初始化为 0。第一次 `backward` 之后，哪些梯度不是 0？网络能学到什么？
//!
//! <details><summary>答案</summary>
//!
//! 只有最后一层的偏置。其他每个梯度都含有为 0 的因子，不是后面的权重，就是前面的输出。网络只能学到各类出现的频率，对图像一无所知。这就是权重要随机初始化的原因。
//!
//! </details>
//!
//! **3.** 图像从 28 × 28 换成 32 × 32，哪一层要改，改成什么？窗口大小为 k、填充为 p 时，m 个像素变成 m + 2p - k + 1 个。
//!
//! <details><summary>答案</summary>
//!
//! 32 → 32 → 16 → 12 → 6，所以 `fc1` 的输入由 400 变成 16 · 6 · 6 = 576。卷积不在乎图像的大小。
//! （`conv1` 不填充时是 32 → 28 → 14 → 10 → 5，`fc1` 不必改，1998 年的 LeNet 正是如此。）
//!
//! </details>
//!
//! 中文部分到此为止。想知道磁带的样子、怎样自己写一个运算、怎样用二阶导数做牛顿法，请接着读英文版的 [`tape`](crate::guide::tape)、[`your_op`](crate::guide::your_op) 和
//! [`newton`](crate::guide::newton)。
