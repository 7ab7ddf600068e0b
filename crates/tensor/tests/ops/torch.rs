//! Reads `torch.txt`: what PyTorch computes for the calls in the table.

use downhill_tensor::{Float, Tensor};

/// A call with some inputs, and PyTorch's answer.
#[derive(Default)]
pub struct Case {
    /// The call as written in the table, without spaces.
    pub call: String,
    /// Whether the inputs are away from kinks, so that finite differences apply.
    pub smooth: bool,
    pub inputs: Vec<Numbers>,
    pub output: Numbers,
    /// A gradient of the output; `None` where the output has none.
    pub seed: Option<Numbers>,
    /// The gradient of each input.
    pub grads: Vec<Numbers>,
}

impl Case {
    /// The call and the shapes or short values of its inputs, for messages.
    pub fn describe(&self) -> String {
        let inputs: Vec<String> = self.inputs.iter().map(Numbers::describe).collect();
        format!("{} of {}", self.call, inputs.join(", "))
    }
}

/// The shape and the elements of a tensor.
#[derive(Clone, Debug, Default)]
pub struct Numbers {
    pub shape: Vec<usize>,
    pub data: Vec<f64>,
}

impl Numbers {
    /// A new tensor of these numbers.
    pub fn tensor<T: Float>(&self) -> Tensor<T> {
        let data = self.data.iter().map(|&x| T::of(x)).collect();
        Tensor::from_vec(data, self.shape.as_slice()).expect("as many numbers as the shape says")
    }

    /// The numbers of a tensor.
    pub fn of<T: Float>(tensor: &Tensor<T>) -> Numbers {
        Numbers { shape: tensor.shape().to_vec(), data: tensor.detach().cast::<f64>().to_vec() }
    }

    fn describe(&self) -> String {
        if self.data.len() <= 9 { format!("{:?}{:?}", self.shape, self.data) } else { format!("{:?}", self.shape) }
    }

    /// Says where these numbers differ from what is wanted by more than `rtol` of it plus `atol`, if they do.
    pub fn check(&self, what: &str, want: &Numbers, rtol: f64, atol: f64) -> Result<(), String> {
        if self.shape != want.shape {
            return Err(format!("{what}: shape {:?} instead of {:?}", self.shape, want.shape));
        }
        let close = |got: f64, want: f64| {
            got == want || (got.is_nan() && want.is_nan()) || (got - want).abs() <= atol + rtol * want.abs()
        };
        match self.data.iter().zip(&want.data).position(|(&got, &want)| !close(got, want)) {
            Some(i) => Err(format!("{what}: element {i} is {} instead of {}", self.data[i], want.data[i])),
            None => Ok(()),
        }
    }
}

/// All cases in the order of the file.
pub fn cases() -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    for line in include_str!("torch.txt").lines() {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        match word {
            "smooth" | "edge" => {
                let call = without_spaces(rest);
                cases.push(Case { call, smooth: word == "smooth", ..Case::default() });
                continue;
            }
            "#" | "" => continue,
            _ => {}
        }
        let case = cases.last_mut().expect("a case begins with its call");
        match word {
            "input" => case.inputs.push(numbers(rest)),
            "output" => case.output = numbers(rest),
            "seed" => case.seed = Some(numbers(rest)),
            "grad" => case.grads.push(numbers(rest)),
            _ => panic!("unknown line: {line}"),
        }
    }
    cases
}

/// `[2,3] 1 2 3 nan -inf -0`.
fn numbers(text: &str) -> Numbers {
    let mut words = text.split(' ');
    let shape = words.next().expect("a shape").trim_matches(['[', ']']).split(',').filter(|size| !size.is_empty());
    Numbers {
        shape: shape.map(|size| size.parse().expect("a size")).collect(),
        data: words.map(|word| word.parse().expect("a number")).collect(),
    }
}

/// The call in one spelling, however it was written.
pub fn without_spaces(call: &str) -> String {
    call.split_whitespace().collect()
}
