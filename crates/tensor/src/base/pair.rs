//! A setting for both dimensions of an image, or one for each: a kernel of 3 by 3, or of 3 rows and 5 columns.

use std::fmt;

/// A setting for the rows and the columns of an image; printed like a number or a tuple in Python.
///
/// ```
/// use downhill_tensor::Pair;
/// assert_eq!(Pair::from(3).to_array(), [3, 3]);
/// assert_eq!(Pair::from([3, 5]).to_array(), [3, 5]);
/// assert_eq!(format!("{} {}", Pair::from(3), Pair::from((3, 5))), "3 (3, 5)");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pair {
    /// The same number for both.
    Both(usize),
    /// One for the rows (height) and one for the columns (width).
    Each(usize, usize),
}

impl Pair {
    /// The number for the rows and the one for the columns.
    pub fn to_array(self) -> [usize; 2] {
        match self {
            Pair::Both(number) => [number, number],
            Pair::Each(rows, columns) => [rows, columns],
        }
    }
}

impl From<usize> for Pair {
    fn from(number: usize) -> Self {
        Pair::Both(number)
    }
}

impl From<[usize; 2]> for Pair {
    fn from([rows, columns]: [usize; 2]) -> Self {
        Pair::Each(rows, columns)
    }
}

impl From<(usize, usize)> for Pair {
    fn from((rows, columns): (usize, usize)) -> Self {
        Pair::Each(rows, columns)
    }
}

impl fmt::Display for Pair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Pair::Both(number) => write!(f, "{number}"),
            Pair::Each(rows, columns) => write!(f, "({rows}, {columns})"),
        }
    }
}
