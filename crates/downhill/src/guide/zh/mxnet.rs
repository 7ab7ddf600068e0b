//! 写给 MXNet 读者：为什么要 `zero_grad`，为什么要 `.sum()`，以及学习率该怎么换算。
//!
//! downhill 的用法随 PyTorch。从 gluon 转过来，只有下面几处习惯要改；不知道时最容易中招的是前两处，因为程序不会报错，或者报的错一眼看不懂。所有写法的对照表在 [`differences`](crate::differences)。
//!
//! # 梯度是累加的，所以要 zero_grad
//!
//! gluon 的参数默认 `grad_req="write"`：每次 `backward` 都用新梯度覆盖旧梯度，循环里不必清零。PyTorch 和 downhill 则总是累加，相当于 gluon 的 `grad_req="add"`。忘了清零，第二步用的就是两步梯度之和，第三步是三步之和，训练很快就乱了。
//!
//! 累加并非疏忽，它正是链式法则的要求：一个张量被用到几次，梯度就是几项之和，见[神经元](crate::guide::neuron)一章。几次 `backward` 之间也照此办理，还有个现成的好处：显存或内存放不下大批量时，可以把它拆成几份，逐份 `backward`，最后只 `step` 一次，这叫**梯度累积**。
//!
//! ```
//! use downhill::prelude::*;
//!
//! let w = Tensor::from([1.0, 2.0]).requires_grad_(true);
//! for expected in [[2.0, 4.0], [4.0, 8.0]] {
//!     w.square().sum().backward(); // 没有清零：第二次是两次之和
//!     assert_eq!(w.grad().unwrap().to_vec(), expected);
//! }
//! w.zero_grad();
//! w.square().sum().backward();
//! assert_eq!(w.grad().unwrap().to_vec(), [2.0, 4.0]);
//! ```
//!
//! 用优化器时，循环里写一行 `optimizer.zero_grad()` 就够了，它会清掉自己管的全部参数。
//!
//! # 损失必须是一个数，所以要 sum 或 mean
//!
//! gluon 的损失函数给每个样本各算一个损失，对这样的向量调用 `backward`，MXNet 会不声不响地先求和。downhill 不替你做这个决定：求和还是求平均，梯度相差一个批量大小，而这等于学习率相差同样的倍数。元素多于一个时，`backward` 会报错，告诉你形状，并建议 `.sum()` 或 `.mean()`。
//!
//! ```
//! use downhill::prelude::*;
//!
//! let x = Tensor::from([[1.0], [2.0], [3.0], [4.0]]);
//! let y = Tensor::from([[2.0], [4.0], [6.0], [8.0]]);
//! let w = Tensor::from([[0.0]]).requires_grad_(true);
//! let losses = || (x.matmul(&w) - &y).square() / 2; // 每个样本一个损失，形状 [4, 1]
//!
//! losses().sum().backward(); // gluon 的 l.backward()：先求和，更新时再除以批量大小
//! let of_sum = w.grad().unwrap().item();
//! w.zero_grad();
//! losses().mean().backward(); // 这里：求平均，更新时不用再除
//! assert_eq!(w.grad().unwrap().item(), of_sum / 4.0);
//! ```
//!
//! # 学习率换算
//!
//! - `trainer.step(batch_size)` 和手写的 `sgd(params, lr, batch_size)` 都会把梯度除以批量大小，求和的损失因此又变回平均。这里的 `optimizer.step()` 不除，损失也就应当用平均。最后不足一批时，求平均会除以真实的样本数，而写死的 `batch_size` 会让这一步偏小。
//! - gluon 的 `L2Loss` 带有系数 1/2，`nn::MSELoss` 没有。同样的一步，`MSELoss` 的学习率要减半：gluon 里的 0.2，在这里是 0.1。直接写 `(...).square().mean() / 2` 则不必换算。
//! - `SoftmaxCrossEntropyLoss` 对应 `nn::CrossEntropyLoss`，后者已经对样本求了平均，学习率照旧。两者都直接接收未经 softmax 的输出（logits），前面不要再加 softmax。
//!
//! # 其他不同
//!
//! | gluon | downhill |
//! |---|---|
//! | 只有 `autograd.record()` 里的运算才记录 | 凡是用到需要梯度的张量，运算都会记录；不想记录时用 `no_grad(\|\| ...)` |
//! | `w.attach_grad()` | `w.requires_grad_(true)` |
//! | `w[:] = w - lr * w.grad / batch_size` | `no_grad(\|\| w.sub_(&(lr * w.grad().unwrap())))` |
//! | `net.initialize()`，输入大小到第一次前向时才确定 | 创建层时就写明输入大小，并立即初始化 |
//! | `autograd.record()` 同时切换到训练模式 | `net.train()` 与 `net.eval()`，只影响 `Dropout`、`BatchNorm` 这类层 |
//! | `loss.asscalar()` | `loss.item()` |
//! | `trainer.set_learning_rate(lr * 0.1)` | `optimizer.set_lr(0.1 * lr)`，或用 `optim::Scheduler` |
