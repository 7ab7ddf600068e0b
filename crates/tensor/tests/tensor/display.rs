//! Printing a tensor gives the text that PyTorch gives, for the recorded cases in `display_cases.txt`.

use downhill_tensor::{Float, Tensor};

/// One tensor and how PyTorch prints it.
#[derive(Debug, Default)]
struct Case {
    name: String,
    dtype: String,
    shape: Vec<usize>,
    data: Vec<String>,
    autograd: String,
    text: String,
}

/// Reads the table: cases are separated by empty lines, and each starts with `key: value` lines.
fn cases(table: &str) -> Vec<Case> {
    let without_comments = table.lines().filter(|line| !line.starts_with('#'));
    let lines: Vec<&str> = without_comments.collect();
    let blocks = lines.split(|line| line.is_empty());
    blocks.filter(|block| !block.is_empty()).map(case).collect()
}

fn case(block: &[&str]) -> Case {
    let mut case = Case::default();
    let mut text = Vec::new();
    for line in block {
        if let Some(line) = line.strip_prefix('|') {
            text.push(line.strip_prefix(' ').unwrap_or(line));
            continue;
        }
        let (key, value) = line.split_once(':').expect("a line has a key");
        let words = value.split_whitespace();
        match key {
            "name" => case.name = value.trim().to_string(),
            "dtype" => case.dtype = value.trim().to_string(),
            "shape" => case.shape = words.map(|size| size.parse().unwrap()).collect(),
            "data" => case.data = words.map(str::to_string).collect(),
            "autograd" => case.autograd = value.trim().to_string(),
            _ => panic!("unknown key {key}"),
        }
    }
    case.text = text
        .join("\n")
        .replace("torch.float64", "f64")
        .replace("torch.int64", "i64")
        .replace("torch.bool", "bool")
        .replace("NegBackward0", "neg");
    case
}

impl Case {
    /// The elements in order; data shorter than the shape is repeated.
    fn elements<T>(&self, parse: impl Fn(&str) -> T) -> Vec<T> {
        let numel = self.shape.iter().product();
        let words = self.data.iter().cycle().take(numel);
        words.map(|word| parse(word)).collect()
    }

    fn shown(&self) -> String {
        let shape = self.shape.clone();
        match self.dtype.as_str() {
            "f32" => self.float(|word| word.parse::<f64>().unwrap() as f32),
            "f64" => self.float(|word| word.parse::<f64>().unwrap()),
            "i64" => {
                let elements = self.elements(|word| word.parse::<i64>().unwrap());
                Tensor::<i64>::from_vec(elements, shape).unwrap().to_string()
            }
            "bool" => {
                let elements = self.elements(|word| word.parse::<bool>().unwrap());
                Tensor::<bool>::from_vec(elements, shape).unwrap().to_string()
            }
            other => panic!("unknown dtype {other}"),
        }
    }

    fn float<T: Float>(&self, parse: impl Fn(&str) -> T) -> String {
        let tensor = Tensor::<T>::from_vec(self.elements(parse), self.shape.clone()).unwrap();
        match self.autograd.as_str() {
            "-" => tensor.to_string(),
            "leaf" => tensor.requires_grad_(true).to_string(),
            "neg" => (-&tensor.requires_grad_(true)).to_string(),
            other => panic!("unknown autograd {other}"),
        }
    }
}

#[test]
fn a_tensor_is_shown_as_pytorch_shows_it() {
    let cases = cases(include_str!("display_cases.txt"));
    assert!(cases.len() >= 50, "only {} cases were read", cases.len());
    let wrong: Vec<String> = cases
        .iter()
        .map(|case| (case, case.shown()))
        .filter(|(case, shown)| case.text != *shown)
        .map(|(case, shown)| format!("{}\nPyTorch:\n{}\nhere:\n{shown}", case.name, case.text))
        .collect();
    assert!(wrong.is_empty(), "{} of {} cases differ\n\n{}", wrong.len(), cases.len(), wrong.join("\n\n"));
}
