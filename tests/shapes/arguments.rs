//! Random shapes and arguments, small ones and absurd ones.

use proptest::collection::vec;
use proptest::prelude::*;

/// As many elements as are computed with.
pub const MOST_ELEMENTS: u128 = 1 << 12;

/// More elements than any machine has memory for.
pub const NO_MEMORY: u128 = 1 << 40;

/// What the operations of the table are called with; each takes what it needs.
#[derive(Clone, Debug)]
pub struct Arguments {
    pub x: Vec<usize>,
    pub y: Vec<usize>,
    pub dims: Vec<isize>,
    pub dim: isize,
    pub other: isize,
    pub size: usize,
    pub step: usize,
    /// Kernel, stride, padding and dilation of a window, rows and columns.
    pub window: [[usize; 2]; 4],
    pub flag: bool,
}

/// Sizes that wrap around when they are multiplied.
fn absurd() -> impl Strategy<Value = usize> {
    prop::sample::select(vec![1 << 40, 1 << 62, 1 << 63, usize::MAX, isize::MAX as usize, 6148914691236517206])
}

fn size() -> impl Strategy<Value = usize> {
    prop_oneof![12 => 1..5_usize, 2 => Just(0), 1 => absurd()]
}

fn shape() -> impl Strategy<Value = Vec<usize>> {
    // Mostly no absurd size at all: one is enough to refuse everything.
    prop_oneof![3 => vec(prop_oneof![5 => 1..5_usize, 1 => Just(0)], 0..5), 1 => vec(size(), 0..5)]
}

fn int() -> impl Strategy<Value = isize> {
    prop_oneof![14 => -5..6_isize, 1 => absurd().prop_map(|size| size as isize), 1 => Just(isize::MIN)]
}

fn window() -> impl Strategy<Value = [[usize; 2]; 4]> {
    let each = || prop_oneof![12 => 1..4_usize, 3 => Just(0), 1 => absurd()];
    let pair = move || (each(), each()).prop_map(|(rows, columns)| [rows, columns]);
    (pair(), pair(), pair(), pair())
        .prop_map(|(kernel, stride, padding, dilation)| [kernel, stride, padding, dilation])
}

/// Shapes of which the second often has something to do with the first.
fn shapes() -> impl Strategy<Value = (Vec<usize>, Vec<usize>)> {
    (shape(), shape(), 0..5_u8, any::<prop::sample::Index>()).prop_map(|(x, mut y, how, place)| {
        match how {
            0 => y = x.clone(),
            1 => {
                y = x.clone();
                if !y.is_empty() {
                    let place = place.index(y.len());
                    y[place] = 1;
                }
            }
            2 => y = x.iter().rev().copied().collect(),
            3 if !x.is_empty() && !y.is_empty() => {
                let inner = y.len().saturating_sub(2);
                y[inner] = x[x.len() - 1];
            }
            _ => {}
        }
        (x, y)
    })
}

/// Everything together.
pub fn strategy() -> impl Strategy<Value = Arguments> {
    (shapes(), vec(int(), 0..6), int(), int(), size(), size(), window(), any::<bool>()).prop_map(
        |((x, y), dims, dim, other, size, step, window, flag)| Arguments {
            x,
            y,
            dims,
            dim,
            other,
            size,
            step,
            window,
            flag,
        },
    )
}
