//! The results of a case, and their comparison with the expected ones.

use downhill::tensor::{AnyTensor, Float, Tensor};
use serde_json::Value as Json;

use crate::json::FromJson;
use crate::value::Value;

/// The results of a case under the names of the fields they are compared with.
pub type Results = Vec<(&'static str, Tree)>;

/// A result in the structure of the file.
#[derive(Clone)]
pub enum Tree {
    Nothing,
    /// A gradient that does not exist because nothing depends on the input: none or zeros are expected.
    NothingOrZeros,
    Tensor(AnyTensor),
    Number(f64),
    Flag(bool),
    List(Vec<Tree>),
    Named(Vec<(String, Tree)>),
}

impl<T: Float> From<&Value<T>> for Tree {
    fn from(value: &Value<T>) -> Self {
        Tree::Tensor(value.any().detach())
    }
}

impl<T: Float> From<&Tensor<T>> for Tree {
    fn from(tensor: &Tensor<T>) -> Self {
        Tree::Tensor(AnyTensor::from(tensor).detach())
    }
}

impl<T: Float> From<Option<Tensor<T>>> for Tree {
    fn from(tensor: Option<Tensor<T>>) -> Self {
        tensor.map_or(Tree::Nothing, |tensor| Tree::from(&tensor))
    }
}

impl<T: Float> From<Option<Value<T>>> for Tree {
    fn from(value: Option<Value<T>>) -> Self {
        value.map_or(Tree::Nothing, |value| Tree::from(&value))
    }
}

impl<X: Into<Tree>> FromIterator<X> for Tree {
    fn from_iter<I: IntoIterator<Item = X>>(items: I) -> Self {
        Tree::List(items.into_iter().map(Into::into).collect())
    }
}

/// How far a number may be from the expected one.
#[derive(Clone, Copy)]
pub struct Tolerance {
    pub rtol: f64,
    pub atol: f64,
}

impl Tolerance {
    fn accepts(self, got: f64, want: f64) -> bool {
        if want.is_finite() {
            (got - want).abs() <= self.atol + self.rtol * want.abs()
        } else {
            got == want || (got.is_nan() && want.is_nan())
        }
    }

    /// Compares a result with the file, and returns the first difference as a message.
    pub fn compare(self, place: &str, got: &Tree, want: &Json) -> Result<(), String> {
        let wrong = |got: &str| Err(format!("{place}: expected {}, got {got}", shortened(&want.to_string())));
        match got {
            Tree::Nothing if want.is_null() => Ok(()),
            Tree::Nothing => wrong("nothing"),
            Tree::NothingOrZeros if want.is_null() => Ok(()),
            Tree::NothingOrZeros => match Value::<f64>::read(want).ok().map(|value| numbers(&value.any())) {
                Some(want) if want.iter().all(|&want| self.accepts(0.0, want)) => Ok(()),
                _ => wrong("nothing"),
            },
            Tree::Number(got) => match f64::from_json(want) {
                Ok(number) if self.accepts(*got, number) => Ok(()),
                _ => wrong(&got.to_string()),
            },
            Tree::Flag(got) if want.as_bool() == Some(*got) => Ok(()),
            Tree::Flag(got) => wrong(&got.to_string()),
            Tree::Tensor(got) => match Value::<f64>::read(want) {
                Ok(want) => self.compare_tensors(place, got, &want.any()),
                Err(_) => wrong(&format!("a tensor {:?} of {}", got.shape(), got.kind())),
            },
            Tree::List(got) => match want.as_array() {
                Some(want) if want.len() == got.len() => {
                    let mut pairs = got.iter().zip(want).enumerate();
                    pairs.try_for_each(|(i, (got, want))| self.compare(&format!("{place}[{i}]"), got, want))
                }
                Some(want) => Err(format!("{place}: expected {} items, got {}", want.len(), got.len())),
                None => wrong(&format!("{} items", got.len())),
            },
            Tree::Named(got) => self.compare_named(place, got, want),
        }
    }

    fn compare_named(self, place: &str, got: &[(String, Tree)], want: &Json) -> Result<(), String> {
        let Some(want) = want.as_object() else { return Err(format!("{place}: expected {want}, got named tensors")) };
        if let Some((name, _)) = got.iter().find(|(name, _)| !want.contains_key(name)) {
            return Err(format!("{place}.{name}: expected no such name, got one"));
        }
        want.iter().try_for_each(|(name, want)| match got.iter().find(|(other, _)| other == name) {
            Some((_, got)) => self.compare(&format!("{place}.{name}"), got, want),
            None => Err(format!("{place}.{name}: expected, but missing")),
        })
    }

    fn compare_tensors(self, place: &str, got: &AnyTensor, want: &AnyTensor) -> Result<(), String> {
        let floats = |tensor: &AnyTensor| matches!(tensor, AnyTensor::F32(_) | AnyTensor::F64(_));
        if floats(got) != floats(want) || (!floats(got) && got.kind() != want.kind()) {
            return Err(format!("{place}: expected elements of {}, got {}", want.kind(), got.kind()));
        }
        if got.shape() != want.shape() {
            return Err(format!("{place}: expected shape {:?}, got {:?}", want.shape(), got.shape()));
        }
        let tolerance = if floats(got) { self } else { Tolerance { rtol: 0.0, atol: 0.0 } };
        let (got, want) = (numbers(got), numbers(want));
        let wrong = |(_, (got, want)): &(usize, (&f64, &f64))| !tolerance.accepts(**got, **want);
        let mut differences = got.iter().zip(&want).enumerate().filter(wrong);
        match differences.next() {
            Some((i, (got, want))) => {
                let more = differences.count();
                Err(format!("{place}: element {i}: expected {want}, got {got} ({more} more differ)"))
            }
            None => Ok(()),
        }
    }
}

fn numbers(tensor: &AnyTensor) -> Vec<f64> {
    match tensor {
        AnyTensor::F32(tensor) => tensor.to_vec().into_iter().map(f64::from).collect(),
        AnyTensor::F64(tensor) => tensor.to_vec(),
        AnyTensor::I64(tensor) => tensor.to_vec().into_iter().map(|number| number as f64).collect(),
        AnyTensor::Bool(tensor) => tensor.to_vec().into_iter().map(f64::from).collect(),
    }
}

fn shortened(text: &str) -> String {
    if text.len() <= 120 { text.to_owned() } else { text.chars().take(120).chain("...".chars()).collect() }
}
