//! One step of a program: what is done with which of the tensors that are there.

use arbitrary::Arbitrary;

use crate::hostile::{Few, Int, Number, Range, Size};

/// Which of the tensors that are there.
pub(crate) type Which = u8;

/// A height and a width.
pub(crate) type Two = [Size; 2];

/// A new tensor.
#[derive(Arbitrary, Clone, Debug)]
pub(crate) enum Make {
    Full(Few<Size>, Number),
    Random(Few<Size>),
    Counted(Few<Size>),
    Arange(Number, Number, Number),
    Linspace(Number, Number, Size),
    Eye(Size),
    Given(Few<Number>, Few<Size>),
    Integers(Few<Int>),
    Zeros(Few<Size>),
    Flags(Few<bool>),
}

/// Another view or order of what is there.
#[derive(Arbitrary, Clone, Debug)]
pub(crate) enum Move {
    Reshape(Few<Int>),
    Expand(Few<Int>),
    ExpandFront(Size),
    Permute(Few<Int>),
    Transpose(Int, Int),
    Flatten(Int, Int),
    Squeeze(Few<Int>),
    Unsqueeze(Int),
    Flip(Few<Int>),
    Narrow(Int, Int, Size),
    Slice(Int, Range, Size),
    Select(Int, Int),
    Split(Size, Int),
    SplitWithSizes(Few<Size>, Int),
    Chunk(Size, Int),
    Pad(Few<Int>, Number),
    Copy,
    Detach,
}

/// One number for many.
#[derive(Arbitrary, Clone, Copy, Debug)]
pub(crate) enum Reduce {
    Sum,
    Mean,
    Var(Size),
    Std(Size),
    Amax,
    Amin,
    Norm,
    NormP(Number),
    LogSumExp,
}

/// Along one dimension.
#[derive(Arbitrary, Clone, Copy, Debug)]
pub(crate) enum Along {
    Softmax,
    LogSoftmax,
    CumSum,
    Prod,
    Max,
    Min,
    ArgMax,
    ArgMin,
}

/// The options of a window over images.
#[derive(Arbitrary, Clone, Copy, Debug)]
pub(crate) struct Window {
    pub(crate) kernel: Two,
    pub(crate) stride: Option<Two>,
    pub(crate) padding: Option<Two>,
    pub(crate) dilation: Option<Two>,
    pub(crate) flag: bool,
    pub(crate) other: Option<Int>,
}

/// One step; tensors are named by a number that counts around.
#[derive(Arbitrary, Clone, Debug)]
pub(crate) enum Step {
    Make(Make),
    Move(Which, Move),
    MoveInteger(Which, Move),
    Each(Which, u8),
    EachWith(Which, u8, Number, Number),
    Pair(Which, Which, u8),
    Compare(Which, Which, u8),
    CompareNumber(Which, u8, Number),
    Logic(Which, Which, u8),
    Where(Which, Which, Which),
    MaskedFill(Which, Which, Number),
    Reduce(Which, Reduce, Few<Int>, bool),
    All(Which, u8),
    Along(Which, Along, Int, bool),
    Cat(Few<Which>, Int, bool),
    Matmul(Which, Which),
    Linear(Which, Which, Option<Which>),
    IndexSelect(Which, Int, Which),
    Gather(Which, Int, Which),
    Embedding(Which, Which, Option<Int>),
    OneHot(Which, Int),
    Conv2d(Which, Which, Option<Which>, Window, Size),
    MaxPool2d(Which, Window),
    AvgPool2d(Which, Window),
    LayerNorm(Which, Few<Size>, Option<Which>, Option<Which>, Number),
    BatchNorm(Which, Which, Which, Option<Which>, Number),
    CrossEntropy(Which, Which),
    Dropout(Which, Number),
    Print(Which),
    Read(Which, [Int; 2]),
    InPlace(Which, Which, u8, Number),
    SliceAssign(Which, Int, Range, Which),
    Backward(Which),
    BackwardWith(Which, Which),
    Second(Which, Which),
}
