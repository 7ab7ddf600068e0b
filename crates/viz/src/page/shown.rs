//! The part of a tensor that a page shows: the first rows and columns of its first matrices as numbers, and these
//! matrices as pictures.

use downhill_tensor::{AnyTensor, Kind};

use super::json;

/// The largest numbers of rows, columns and matrices that are shown as numbers.
pub(crate) const ROWS: usize = 10;
pub(crate) const COLUMNS: usize = 10;
pub(crate) const MATRICES: usize = 6;

/// Matrices with more rows or columns than this have no picture.
const PICTURE: usize = 64;

/// The number of shades above zero, and as many below, in a picture.
const SHADES: f64 = 26.0;

/// A tensor as a sequence of matrices made of its last two dimensions; a vector is one row.
pub(crate) struct Matrices {
    count: usize,
    rows: usize,
    columns: usize,
}

impl Matrices {
    pub(crate) fn of(shape: &[usize]) -> Matrices {
        let (outer, rows, columns) = match *shape {
            [] => (&[][..], 1, 1),
            [columns] => (&[][..], 1, columns),
            [ref outer @ .., rows, columns] => (outer, rows, columns),
        };
        Matrices { count: outer.iter().product(), rows, columns }
    }

    /// The positions of all numbers that are shown, in row-major order of the tensor.
    pub(crate) fn positions(&self) -> impl Iterator<Item = usize> {
        (0..self.count.min(MATRICES)).flat_map(|matrix| self.positions_of(matrix))
    }

    fn positions_of(&self, matrix: usize) -> impl Iterator<Item = usize> {
        let row_of = move |row: usize| (matrix * self.rows + row) * self.columns;
        let (rows, columns) = (self.rows.min(ROWS), self.columns.min(COLUMNS));
        (0..rows).flat_map(move |row| (0..columns).map(move |column| row_of(row) + column))
    }

    /// Whether a picture shows more than the numbers do.
    fn have_pictures(&self) -> bool {
        let more = self.count > 1 || self.rows > ROWS || self.columns > COLUMNS;
        more && (2..=PICTURE).contains(&self.rows) && (2..=PICTURE).contains(&self.columns)
    }

    fn pictures(&self, values: &[f64], largest: f64) -> Vec<String> {
        if !self.have_pictures() {
            return Vec::new();
        }
        let matrices = values.chunks(self.rows * self.columns).take(MATRICES);
        matrices.map(|matrix| matrix.iter().map(|&x| shade(x, largest)).collect()).collect()
    }
}

/// `a` to `z` above zero, `A` to `Z` below, `0` for zero and `!` for NaN and infinity.
fn shade(x: f64, largest: f64) -> char {
    if !x.is_finite() {
        return '!';
    }
    let level = (x.abs() / largest * SHADES).ceil().min(SHADES) as u8;
    match level {
        0 => '0',
        _ if x > 0.0 => char::from(b'a' + level - 1),
        _ => char::from(b'A' + level - 1),
    }
}

/// The part of a tensor that is shown.
pub(crate) fn json(tensor: &AnyTensor) -> String {
    let values = tensor.numbers();
    let number = |position: usize| match tensor.kind() {
        Kind::F32 => json::number(values[position] as f32),
        _ => json::number(values[position]),
    };
    let matrices = Matrices::of(tensor.shape());
    let largest = values.iter().filter(|x| x.is_finite()).fold(0.0_f64, |largest, x| largest.max(x.abs()));
    let cells =
        (0..matrices.count.min(MATRICES)).map(|matrix| json::array(matrices.positions_of(matrix).map(number)));
    let pictures = matrices.pictures(&values, largest);
    json::object([
        ("shape", json::indices(tensor.shape())),
        ("kind", json::string(&tensor.kind().to_string())),
        ("largest", json::number(largest)),
        ("norm", json::number(tensor.norm() as f32)),
        ("cells", json::array(cells)),
        ("pictures", json::array(pictures.iter().map(|picture| json::string(picture)))),
    ])
}

#[cfg(test)]
mod tests {
    use downhill_tensor::Tensor;

    use super::*;

    #[test]
    fn positions_are_those_of_the_first_rows_columns_and_matrices() {
        let all = |n: usize| (0..n).collect::<Vec<_>>();
        let cases: [(&[usize], Vec<usize>); 7] = [
            (&[], all(1)),
            (&[3], all(3)),
            (&[12], all(10)),
            (&[2, 3], all(6)),
            (&[1, 11], all(10)),
            (&[0, 4], vec![]),
            (&[8, 2, 1], all(12)),
        ];
        for (shape, positions) in cases {
            assert_eq!(Matrices::of(shape).positions().collect::<Vec<_>>(), positions, "{shape:?}");
        }
        let cut: Vec<usize> = Matrices::of(&[30, 20]).positions().collect();
        assert_eq!((cut.len(), cut[10], cut[99]), (100, 20, 189));
    }

    #[test]
    fn tensors_in_json() {
        let cases = [
            (
                AnyTensor::from(&Tensor::from([[1.0, -0.1], [f32::NAN, 2.0]])),
                r#"{"shape":[2,2],"kind":"f32","largest":2,"norm":"NaN","cells":[[1,-0.1,"NaN",2]],"pictures":[]}"#,
            ),
            (
                AnyTensor::from(&Tensor::from([true, false])),
                r#"{"shape":[2],"kind":"bool","largest":1,"norm":1,"cells":[[1,0]],"pictures":[]}"#,
            ),
            (
                AnyTensor::from(&Tensor::from([[[0.0, -1.0], [0.01, f32::INFINITY]], [[0.5, 0.52], [1.0, 0.0]]])),
                concat!(
                    r#"{"shape":[2,2,2],"kind":"f32","largest":1,"norm":"inf","#,
                    r#""cells":[[0,-1,0.01,"inf"],[0.5,0.52,1,0]],"pictures":["0Za!","mnz0"]}"#
                ),
            ),
            (
                AnyTensor::from(&Tensor::zeros([0, 3])),
                r#"{"shape":[0,3],"kind":"f32","largest":0,"norm":0,"cells":[[]],"pictures":[]}"#,
            ),
        ];
        for (tensor, json) in cases {
            assert_eq!(super::json(&tensor), json);
        }
    }
}
