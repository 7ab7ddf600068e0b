//! Every public function of `Tensor`, called with special values, zero sizes, no dimensions and very many, and
//! hostile integers: it returns, or panics with an error of downhill at the caller's line. So do the backward passes
//! of what returns.

mod places;
mod values;

use std::collections::BTreeMap;
use std::path::Path;

use downhill_tensor::{Backward, Tensor};
use downhill_tests::{Panic, panic_of};

/// What a row may use: tensors and numbers that change from call to call.
struct Call {
    /// A leaf that requires a gradient.
    x: Tensor,
    y: Tensor,
    mask: Tensor<bool>,
    labels: Tensor<i64>,
    /// A dimension, a position or a count with a sign.
    k: isize,
    /// Another one.
    j: isize,
    /// A size, of which memory can be had.
    n: usize,
    p: f64,
}

/// One function: its name, and a call of it that gives the tensors whose gradients are checked as well.
type Row = (&'static str, fn(&Call) -> Vec<Tensor>);

/// One row or more for each public function of `Tensor`.
fn rows() -> impl Iterator<Item = &'static Row> {
    values::ROWS.iter().chain(places::ROWS)
}

/// What a function returns, as far as it has gradients.
trait Results {
    fn floats(self) -> Vec<Tensor>;
}

impl Results for Tensor {
    fn floats(self) -> Vec<Tensor> {
        vec![self]
    }
}

impl Results for Vec<Tensor> {
    fn floats(self) -> Vec<Tensor> {
        self
    }
}

impl Results for (Tensor, Tensor<i64>) {
    fn floats(self) -> Vec<Tensor> {
        vec![self.0]
    }
}

/// Something without a gradient, which is dropped.
struct Other<X>(X);

impl<X> Results for Other<X> {
    fn floats(self) -> Vec<Tensor> {
        drop(self.0);
        Vec::new()
    }
}

const SPECIAL: [f32; 20] = [
    f32::NAN,
    f32::INFINITY,
    -0.0,
    0.0,
    f32::NEG_INFINITY,
    f32::MAX,
    f32::MIN,
    1e-45,
    -1e-45,
    1e-40,
    f32::MIN_POSITIVE,
    1.0,
    -1.0,
    0.5,
    3.0,
    1e-20,
    -1e20,
    89.0,
    -104.0,
    16_777_217.0,
];

const INTEGERS: [isize; 12] = [0, 1, -1, 2, -2, -3, 63, 64, -65, isize::MAX, isize::MIN, 3];
const SIZES: [usize; 5] = [1, 0, 2, 3, 7];
const NUMBERS: [f64; 12] =
    [0.0, 1.0, f64::NAN, -0.0, 2.0, f64::INFINITY, 0.5, -1.0, f64::NEG_INFINITY, 1e300, 5e-324, -1e300];
const LABELS: [i64; 8] = [0, 1, -1, 2, i64::MAX, i64::MIN, 1 << 32, 3];

fn shapes() -> Vec<Vec<usize>> {
    let (many, too_many) = (vec![1; 64], vec![1; 65]);
    let plain: [&[usize]; 11] = [
        &[],
        &[1],
        &[3],
        &[2, 3],
        &[0],
        &[2, 0, 3],
        &[3, 3],
        &[2, 2, 3, 3],
        &[1, 2, 4, 1],
        &[2, 2, 0, 1],
        &[3, 2, 5],
    ];
    plain.into_iter().map(<[usize]>::to_vec).chain([many, too_many]).collect()
}

fn filled<T: Copy>(from: &[T], start: usize, shape: &[usize]) -> Vec<T> {
    (0..shape.iter().product()).map(|i| from[(start + i) % from.len()]).collect()
}

/// A view that is not contiguous, where the shape allows one.
fn turned(x: Tensor) -> Tensor {
    if x.ndim() == 2 { x.t().copy().t() } else { x }
}

impl Call {
    fn number(turn: usize) -> Call {
        let shapes = shapes();
        // The steps have no common divisor with the numbers of choices, so that all pairs meet.
        let shape = |step: usize| &shapes[(turn * step) % shapes.len()];
        let floats = |step: usize| {
            let shape = shape(step);
            Tensor::from_vec(filled(&SPECIAL, turn * 7, shape), shape.clone()).expect("as many as the shape holds")
        };
        let labels = [vec![], vec![0], vec![1], vec![3], vec![2, 3], vec![2, 0], vec![1; 64]];
        let label_shape = &labels[turn % labels.len()];
        let mask = filled(&[true, false, true], turn, shape(3));
        Call {
            x: turned(floats(1)).detach().requires_grad_(true),
            y: floats([1, 1, 5, 3][turn % 4]),
            mask: Tensor::from_vec(mask, shape(3).clone()).expect("as many as the shape holds"),
            labels: Tensor::from_vec(filled(&LABELS, turn / 3, label_shape), label_shape.clone()).expect("labels"),
            k: INTEGERS[(turn / 13) % INTEGERS.len()],
            j: INTEGERS[(turn / 5) % INTEGERS.len()],
            n: SIZES[(turn / 7) % SIZES.len()],
            p: NUMBERS[(turn / 3) % NUMBERS.len()],
        }
    }

    fn describe(&self) -> String {
        let Call { x, y, mask, labels, k, j, n, p } = self;
        let values: Vec<f32> = x.to_vec().into_iter().take(4).collect();
        let [x, y, mask] = [x.shape(), y.shape(), mask.shape()].map(|shape| match shape.len() {
            0..64 => format!("{shape:?}"),
            rank => format!("of rank {rank}"),
        });
        let labels = labels.to_vec();
        format!("x {x} with {values:?}..., y {y}, mask {mask}, labels {labels:?}, k {k}, j {j}, n {n}, p {p}")
    }
}

/// Whether a panic is an error of downhill: its text begins with the name of the function, and it names a line of
/// these tests.
fn is_downhill(panic: &Panic) -> bool {
    let is_name =
        |name: &str| name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "_ ()".contains(c));
    let of_std = ["attempt to", "index out of", "called ", "range ", "slice ", "internal error", "capacity overflow"];
    let named = panic.text.split_once(": ").is_some_and(|(name, _)| is_name(name));
    let said = named || (panic.text.starts_with("dimension ") && panic.text.contains("out of reach"));
    said && !of_std.iter().any(|begin| panic.text.starts_with(begin)) && panic.file.contains("tests/tensor/kinds")
}

#[test]
fn every_function_returns_or_says_what_is_wrong() {
    let mut wrong = Vec::new();
    let mut returned = BTreeMap::new();
    for (name, run) in rows() {
        let returned = returned.entry(name).or_insert(0);
        for turn in 0..156 {
            let call = Call::number(turn);
            let mut outputs = Vec::new();
            let mut refused = panic_of(|| outputs = run(&call));
            *returned += usize::from(refused.is_none());
            for y in outputs.iter().filter(|y| y.requires_grad()) {
                let seed = y.detach().ones_like();
                refused = refused.or(panic_of(|| Backward::with(y, &seed).create_graph().grads([&call.x])));
            }
            if let Some(panic) = refused.filter(|panic| !is_downhill(panic)) {
                wrong.push(format!("{name} at {}:{}: {}\n  {}", panic.file, panic.line, panic.text, call.describe()));
                break;
            }
        }
    }
    let never = returned.iter().filter(|&(_, &returned)| returned == 0);
    wrong.extend(never.map(|(name, _)| format!("{name}: every call was refused, so that its rows check no value")));
    assert!(wrong.is_empty(), "{} functions:\n{}", wrong.len(), wrong.join("\n"));
}

/// The names of the public functions in `impl Tensor` blocks of a file.
fn functions(source: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut inside = false;
    for line in source.lines() {
        if line.starts_with("impl") {
            let head = line.split(" for ").next().unwrap_or(line);
            inside = head == line && line.contains(" Tensor<") && line.ends_with('{');
        } else if line == "}" {
            inside = false;
        } else if inside && let Some(rest) = line.strip_prefix("    pub fn ") {
            let end = rest.find(['(', '<']).expect("a function has arguments");
            names.push(rest[..end].to_owned());
        }
    }
    names
}

fn sources(folder: &Path, into: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).expect("the sources can be listed") {
        let path = entry.expect("the sources can be listed").path();
        if path.is_dir() {
            sources(&path, into);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            into.push(std::fs::read_to_string(&path).expect("a source can be read"));
        }
    }
}

#[test]
fn every_function_has_a_row() {
    let mut texts = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut texts);
    let mut names: Vec<String> = texts.iter().flat_map(|text| functions(text)).collect();
    names.sort();
    names.dedup();
    assert!(names.len() > 140, "only {} functions were found", names.len());
    let missing: Vec<&String> = names.iter().filter(|name| !rows().any(|row| row.0 == **name)).collect();
    assert!(missing.is_empty(), "no row in kinds/ for {missing:?}");
    let unknown: Vec<&str> = rows().map(|row| row.0).filter(|row| !names.iter().any(|name| name == row)).collect();
    assert!(unknown.is_empty(), "rows for what is no function of Tensor: {unknown:?}");
}
