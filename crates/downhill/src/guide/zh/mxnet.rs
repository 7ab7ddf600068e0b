//! 写给 MXNet 读者：为什么要 `zero_grad`，为什么要 `.sum()` 或 `.mean()`，以及学习率怎样换算。
//!
//! 同样的一步，gluon 这样写：
//!
//! ```python
//! with autograd.record():
//!     loss = criterion(net(x), y)     # 每个样本一个损失
//! loss.backward()
//! trainer.step(batch_size)
//! ```
//!
//! downhill 沿用 PyTorch 的写法：
//!
//! ```
//! # use downhill::prelude::*;
//! # let (x, y) = (Tensor::randn([4, 2]), Tensor::randn([4, 1]));
//! # let net = nn::Linear::new(2, 1);
//! # let criterion = nn::MSELoss::new();
//! # let mut optimizer = optim::SGD::new(net.parameters(), 0.1);
//! optimizer.zero_grad();
//! let loss = criterion.forward(&net.forward(&x), &y); // 一个数：平均损失
//! loss.backward();
//! optimizer.step();
//! ```
//!
//! 多了一行 `zero_grad`，少了一个 `batch_size`，原因就是下面两节。
//!
//! # 梯度是累加的，所以要 zero_grad
//!
//! gluon 的参数默认 `grad_req="write"`，每次 `backward` 都用新梯度**覆盖**旧梯度，循环里不必清零。
//! PyTorch 和 downhill 则是**累加**，相当于 `grad_req="add"`。
//!
//! 累加并非疏忽，而是链式法则的要求：一个参数在两处用到，梯度就是两项之和；两处放在一次 `backward` 里也好，分成两次也好，结果都一样。
//! 好处也很实在：内存放不下大批量时，可以把它拆成几份，逐份 `backward`，最后只 `step` 一次，这叫**梯度累积**。代价是循环开头要多写一行。
//!
//! 忘了这一行会怎样？每一步用的都是从头到现在所有梯度的和，相当于 [`momentum`](super::momentum) 里 μ = 1、完全没有摩擦的球：它来回滚动，永远停不下来。
//!
//! ```
//! use downhill::prelude::*;
//!
//! let x = Tensor::<f64>::new(10.0).requires_grad_(true);
//! let mut optimizer = optim::SGD::new([&x], 0.2);
//! for expected in [6.0, -0.4] {
//!     // 这里少了 optimizer.zero_grad()
//!     x.square().backward();
//!     optimizer.step();
//!     assert!((x.item() - expected).abs() < 1e-12);
//! }
//! assert!((x.grad().unwrap().item() - (20.0 + 12.0)).abs() < 1e-12); // 两步的梯度加在一起
//! ```
//!
//! # 损失必须是一个数，所以要 sum 或 mean
//!
//! 梯度是对**一个数**而言的。gluon 的损失函数给每个样本各算一个损失，对这样的向量调用 `backward`，MXNet 会不声不响地先求和。
//! downhill 不替你做这个决定，因为求和与求平均的梯度相差一个批量大小，等于学习率相差同样的倍数。对多于一个元素的张量调用 `backward` 会报错，写明它的形状，并建议用 `.sum()` 或 `.mean()`。
//!
//! ```
//! use downhill::prelude::*;
//!
//! let x = Tensor::from([[1.0], [2.0], [3.0], [4.0]]);
//! let y = Tensor::from([[2.0], [4.0], [6.0], [8.0]]);
//! let w = Tensor::from([[0.0]]).requires_grad_(true);
//! let losses = || (x.matmul(&w) - &y).square() / 2; // 每个样本一个损失，形状 [4, 1]
//!
//! losses().sum().backward(); // gluon 的 loss.backward()：先求和，更新时再除以批量大小
//! let of_sum = w.grad().unwrap().item();
//! w.zero_grad();
//! losses().mean().backward(); // 这里：求平均，更新时不用再除
//! assert_eq!(w.grad().unwrap().item(), of_sum / 4.0);
//! ```
//!
//! `trainer.step(batch_size)` 里的 `batch_size`，就是为了把和的梯度变回平均的梯度。这里平均已经写在损失里，`step` 便不需要参数：
//!
//! | gluon | downhill |
//! |---|---|
//! | 损失是向量，`loss.backward()`，`trainer.step(batch_size)` | `losses.mean().backward()`，`optimizer.step()` |
//! | 同上，但用 `trainer.step(1)` | `losses.sum().backward()`，`optimizer.step()` |
//! | `w[:] = w - lr * w.grad / n` | `losses.sum().backward()`，`w.add_scaled_(&w.expect_grad(), -lr / n)` |
//!
//! （手写的更新要放在 `no_grad` 里。）
//!
//! # 学习率换算
//!
//! - gluon 的 `L2Loss` 带有系数 1/2，`nn::MSELoss` 没有，梯度因此是它的两倍。要走出同样的一步，学习率得减半：gluon 里的 0.2，换成 `MSELoss` 就是 0.1。
//!   自己写 `(...).square().mean() / 2` 则不必换算。
//! - `SoftmaxCrossEntropyLoss` 对应 `nn::CrossEntropyLoss`，后者已对样本求平均，学习率照旧。两者都直接接收 logits，前面不要再加 softmax。
//!
//! # 其他习惯
//!
//! - **记录**：默认就是开着的，不想记录时用 `no_grad`。gluon 正好反过来，只记录 `autograd.record()` 里的运算。
//! - **声明参数**：`attach_grad()` 对应 `requires_grad_(true)`。
//! - **训练模式**：`autograd.record()` 会顺便把 dropout 和批量归一化切换到训练模式。这里只由 `net.train()` 和 `net.eval()` 切换。
//! - **参数的形状**：创建层时就要写明，`nn.Dense(1, in_units=2)` 对应 `nn::Linear::new(2, 1)`；没有延后初始化，也不需要 `net.initialize()`。
//! - **报错的位置**：就在出错的那一行，而不是拖到下一次 `asnumpy()`，因为这里没有异步执行。
//!
//! 全部名称的对照表见 [`differences`](crate::differences)。
//!
//! # 习题
//!
//! 答案的代码见[英文版的习题](crate::guide::mxnet#exercises)。
//!
//! **1.** 证明：用平均损失、学习率 0.1 走一步，和用损失之和、学习率 0.1/n 走一步，结果相同。
//!
//! <details><summary>答案</summary>
//!
//! 损失之和是平均损失的 n 倍，梯度也是 n 倍，学习率除以 n 正好抵消。
//!
//! </details>
//!
//! **2.** 25 个样本，批量大小 10，最后一批只有 5 个。许多教程的循环里每步都调用 `trainer.step(10)`，最后一批的每个样本占多大的权重？这里求平均，又占多大？
//!
//! <details><summary>答案</summary>
//!
//! 在 gluon 里每个样本都占 1/10，最后一步因此只有一半长。这里每步都对批内实际的样本求平均，最后一步的长度与平常一样，而那 5 个样本各占 1/5，是其他样本的两倍。
//! 不想为此费神，就用 `DataLoader::drop_last(true)`。
//!
//! </details>
//!
//! 回到[中文教程](super)。
