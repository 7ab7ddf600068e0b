//! 中文教程：梯度下降和训练循环，每一步都有真实的数字。
//!
//! 这里是 [`guide`](super) 中几章的中文版，各自独立成文，不是逐句翻译。图、数字和习题与英文版相同；图由 downhill 自己画成，图中的文字是英文，正文都有说明。
//! 各页的代码都由测试编译并运行，断言的内容因此都是真的：抄进你自己项目的 `fn main`，改一改就能接着试。习题的答案折叠在题目下面，对应的代码在英文版里。
//!
//! 1. [`slope`]：x² 上的梯度下降，以及学习率到底管什么
//! 2. [`regression`]：三个点、一条直线，手算梯度，弄清它的正负号
//! 3. [`momentum`]：给下降配上速度
//! 4. [`batches`]：小批量与随机梯度下降，批量越大越好吗
//! 5. [`lenet`]：完整的训练循环
//!
//! 从 MXNet 的 gluon 转过来的读者，请先看 [`mxnet`]：为什么要 `zero_grad`，为什么要 `.sum()`。
//!
//! 用到的术语：
//!
//! | 中文 | 英文 | 这里的意思 |
//! |---|---|---|
//! | 张量 | tensor | 多维数组，`Tensor` |
//! | 损失 | loss | 要变小的那个数 |
//! | 梯度 | gradient | 损失对各个参数的偏导数，`grad()` |
//! | 反向传播 | backpropagation | 从损失往回用链式法则求出全部梯度，`backward()` |
//! | 磁带 | tape | 前向计算留下的运算记录，反向传播倒着读它 |
//! | 学习率 | learning rate | 每步乘在梯度上的数，`lr` |
//! | 学习率衰减 | learning rate decay | 训练中逐步调小学习率 |
//! | 小批量 | mini-batch | 每步用来计算梯度的那几个样本 |
//! | 轮 | epoch | 把全部训练样本用过一遍 |
//! | 动量 | momentum | 更新时保留下来的速度 |
//! | 曲率 | curvature | 二阶导数，它决定学习率的上限 |
//! | 噪声 | noise | 小批量的梯度与全部样本的梯度之差 |
//! | logits | logits | 分类网络的输出，还没有经过 softmax |

pub mod batches;
pub mod lenet;
pub mod momentum;
pub mod mxnet;
pub mod regression;
pub mod slope;
