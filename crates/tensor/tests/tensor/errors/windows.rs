//! Convolutions and pools whose input does not fit.

use downhill_tensor::{AvgPool2dOptions, Conv2dOptions, MaxPool2dOptions, Padding};

use super::{check, zeros};

#[test]
fn channels_and_dimensions() {
    check(
        &[
            (
                line!(),
                "conv2d: expected images [batch, channels, height, width] or one image [channels, height, width], \
                 got [28, 28]; `unsqueeze` adds a dimension of size 1"
                    .to_owned(),
                || drop(zeros([28, 28]).conv2d(&zeros([6, 1, 5, 5]), None, Conv2dOptions::new())),
            ),
            (
                line!(),
                "conv2d: expected a weight [out, in / groups, kernel height, kernel width], got a weight [1, 5, 5]"
                    .to_owned(),
                || drop(zeros([1, 28, 28]).conv2d(&zeros([1, 5, 5]), None, Conv2dOptions::new())),
            ),
            (
                line!(),
                "conv2d: expected an input with 3 channels, which a weight [6, 3, 5, 5] with groups = 1 reads, got 1 \
                 in [8, 1, 28, 28]; give the previous layer as many outputs as this one has inputs"
                    .to_owned(),
                || drop(zeros([8, 1, 28, 28]).conv2d(&zeros([6, 3, 5, 5]), None, Conv2dOptions::new())),
            ),
            (
                line!(),
                "conv2d: expected an input with 1 channel, which a weight [6, 1, 5, 5] with groups = 1 reads, got 4 \
                 in [1, 4, 28, 28]; `unsqueeze(1)` makes a batch of images with one channel of [batch, height, width]"
                    .to_owned(),
                || drop(zeros([4, 28, 28]).conv2d(&zeros([6, 1, 5, 5]), None, Conv2dOptions::new())),
            ),
            (
                line!(),
                "conv2d: expected an input with 6 channels, which a weight [4, 3, 1, 1] with groups = 2 reads, got 3 \
                 in [1, 3, 2, 2]; give the previous layer as many outputs as this one has inputs"
                    .to_owned(),
                || drop(zeros([3, 2, 2]).conv2d(&zeros([4, 3, 1, 1]), None, Conv2dOptions::new().groups(2))),
            ),
            (
                line!(),
                "conv2d: expected output channels that groups = 2 divides, got 3 in the weight [3, 1, 1, 1]; choose \
                 groups that divide both numbers of channels"
                    .to_owned(),
                || drop(zeros([2, 2, 2]).conv2d(&zeros([3, 1, 1, 1]), None, Conv2dOptions::new().groups(2))),
            ),
            (
                line!(),
                "conv2d: expected a bias [6], one number for each output channel, got [1]".to_owned(),
                || drop(zeros([1, 5, 5]).conv2d(&zeros([6, 1, 5, 5]), Some(&zeros([1])), Conv2dOptions::new())),
            ),
        ],
        line!(),
    );
}

#[test]
fn windows_that_are_too_large() {
    check(
        &[
            (
                line!(),
                "conv2d: expected an image of at least [5, 5] with its padding, which a kernel [5, 5] with dilation \
                 [1, 1] spans, got [4, 28], padded to [4, 28]; use a smaller kernel, more padding, or fewer layers \
                 in front"
                    .to_owned(),
                || drop(zeros([1, 4, 28]).conv2d(&zeros([6, 1, 5, 5]), None, Conv2dOptions::new())),
            ),
            (
                line!(),
                format!(
                    "conv2d: expected an image of at least [1, {most}] with its padding, which a kernel [1, 2] with \
                     dilation [1, {most}] spans, got [1, 15], padded to [1, 15]; use a smaller kernel, more padding, \
                     or fewer layers in front",
                    most = usize::MAX
                ),
                || {
                    let options = Conv2dOptions::new().dilation([1, usize::MAX]);
                    drop(zeros([1, 1, 15]).conv2d(&zeros([1, 1, 1, 2]), None, options));
                },
            ),
            (
                line!(),
                "conv2d: expected an image of at least [2, 5] with its padding, which a kernel [2, 3] with dilation \
                 [1, 2] spans, got [2, 2], padded to [2, 4]; use a smaller kernel, more padding, or fewer layers in \
                 front"
                    .to_owned(),
                || {
                    let options = Conv2dOptions::new().dilation([1, 2]).padding([0, 1]);
                    drop(zeros([1, 2, 2]).conv2d(&zeros([1, 1, 2, 3]), None, options));
                },
            ),
            (
                line!(),
                "max_pool2d: expected an image of at least [2, 2] with its padding, which a kernel [2, 2] with \
                 dilation [1, 1] spans, got [2, 1], padded to [2, 1]; use a smaller kernel, more padding, or fewer \
                 layers in front"
                    .to_owned(),
                || drop(zeros([1, 2, 1]).max_pool2d(MaxPool2dOptions::new(2))),
            ),
            (
                line!(),
                "max_pool2d: expected a padding of at most half the window, [1, 2], got [2, 2]; use less padding or \
                 a larger kernel"
                    .to_owned(),
                || drop(zeros([1, 9, 9]).max_pool2d(MaxPool2dOptions::new(2).dilation([1, 3]).padding(2))),
            ),
            (
                line!(),
                "max_pool2d: expected a padding of at most half the kernel (its taps, without the gaps between \
                 them), [2, 2], got [3, 3]; use less padding or a larger kernel"
                    .to_owned(),
                || drop(zeros([1, 9, 9]).max_pool2d(MaxPool2dOptions::new(4).dilation(2).padding(3))),
            ),
            (
                line!(),
                "max_pool2d: expected windows that each see an element of the image, got row 0 of windows that sees \
                 padding only (kernel 2, dilation 2, padding 1, 1 rows); use less padding or a smaller dilation"
                    .to_owned(),
                || drop(zeros([1, 1, 8]).max_pool2d(MaxPool2dOptions::new(2).stride(3).padding(1).dilation(2))),
            ),
            (
                line!(),
                "max_pool2d: expected windows that each see an element of the image, got column 0 of windows that \
                 sees padding only (kernel 2, dilation 5, padding 1, 4 columns); use less padding or a smaller \
                 dilation"
                    .to_owned(),
                || drop(zeros([1, 9, 4]).max_pool2d(MaxPool2dOptions::new(2).stride(1).padding(1).dilation([1, 5]))),
            ),
            (
                line!(),
                "max_pool2d: expected images with at least one row and one column, got [0, 4]".to_owned(),
                || drop(zeros([1, 0, 4]).max_pool2d(MaxPool2dOptions::new(2).padding(1))),
            ),
            (line!(), "conv2d: expected images with at least one row and one column, got [3, 0]".to_owned(), || {
                drop(zeros([16, 1, 3, 0]).conv2d(&zeros([6, 1, 1, 1]), None, Conv2dOptions::new().padding(1)))
            }),
            (
                line!(),
                "avg_pool2d: expected a padding of at most half the window, [1, 1], got [0, 2]; use less padding or \
                 a larger kernel"
                    .to_owned(),
                || drop(zeros([1, 9, 9]).avg_pool2d(AvgPool2dOptions::new(3).padding([0, 2]))),
            ),
            (
                line!(),
                "avg_pool2d: expected images [batch, channels, height, width] or one image [channels, height, \
                 width], got [9]; `unsqueeze` adds a dimension of size 1"
                    .to_owned(),
                || drop(zeros([9]).avg_pool2d(AvgPool2dOptions::new(3))),
            ),
        ],
        line!(),
    );
}

#[test]
fn settings_that_must_not_be_zero() {
    check(
        &[
            (line!(), "conv2d: stride is (1, 0); it must be at least 1".to_owned(), || {
                Conv2dOptions::new().stride([1, 0]);
            }),
            (line!(), "conv2d: dilation is 0; it must be at least 1".to_owned(), || {
                Conv2dOptions::new().dilation(0);
            }),
            (line!(), "conv2d: groups is 0; it must be at least 1".to_owned(), || {
                Conv2dOptions::new().groups(0);
            }),
            (line!(), "conv2d: kernel_size is [0, 2]; it must be at least 1".to_owned(), || {
                drop(zeros([1, 2, 2]).conv2d(&zeros([1, 1, 0, 2]), None, Conv2dOptions::new()));
            }),
            (line!(), "max_pool2d: kernel_size is 0; it must be at least 1".to_owned(), || {
                MaxPool2dOptions::new(0);
            }),
            (line!(), "max_pool2d: stride is 0; it must be at least 1".to_owned(), || {
                MaxPool2dOptions::new(2).stride(0);
            }),
            (line!(), "max_pool2d: dilation is 0; it must be at least 1".to_owned(), || {
                MaxPool2dOptions::new(2).dilation(0);
            }),
            (line!(), "avg_pool2d: kernel_size is (2, 0); it must be at least 1".to_owned(), || {
                AvgPool2dOptions::new((2, 0));
            }),
            (line!(), "avg_pool2d: stride is 0; it must be at least 1".to_owned(), || {
                AvgPool2dOptions::new(2).stride(0);
            }),
            (
                line!(),
                "conv2d: expected a stride of 1 with `Padding::Same`, whose output is as large as the image, got 2; \
                 give the padding as numbers"
                    .to_owned(),
                || {
                    let options = Conv2dOptions::new().stride(2).padding(Padding::Same);
                    drop(zeros([1, 4, 4]).conv2d(&zeros([1, 1, 3, 3]), None, options));
                },
            ),
            (line!(), "avg_pool2d: divisor_override is 0; it must be another number".to_owned(), || {
                AvgPool2dOptions::new(2).divisor_override(0);
            }),
        ],
        line!(),
    );
}
