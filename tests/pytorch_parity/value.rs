//! Tensors of any element type as values of a program, read from a case.

use downhill::tensor::{AnyTensor, Element, Float, Tensor};
use serde_json::Value as Json;

use crate::json::{Fields, FromJson, Outcome, refused, schema};

/// A tensor whose element type is in the case; floats have the type of the case.
#[derive(Clone)]
pub enum Value<T: Float> {
    Float(Tensor<T>),
    Int(Tensor<i64>),
    Bool(Tensor<bool>),
}

impl<T: Float> Value<T> {
    /// Reads `{"shape": [2], "data": [1, "nan"], "dtype": "i64", "requires_grad": true}`.
    pub fn read(json: &Json) -> Outcome<Self> {
        let mut fields = Fields::of("tensor", json.clone())?;
        let shape: Vec<usize> = fields.get("shape")?;
        let kind: Option<String> = fields.option("dtype")?;
        let requires_grad = fields.or("requires_grad", false)?;
        let value = match kind.as_deref() {
            None | Some("f32" | "f64") => {
                let data = fields.get::<Vec<f64>>("data")?.into_iter().map(T::of).collect();
                let tensor = tensor(data, shape)?;
                Value::Float(if requires_grad { tensor.requires_grad_(true) } else { tensor })
            }
            Some("i64") => Value::Int(tensor(fields.get::<Vec<i64>>("data")?, shape)?),
            Some("bool") => {
                let data = fields.get::<Vec<Json>>("data")?;
                Value::Bool(tensor(data.iter().map(truth).collect::<Outcome<_>>()?, shape)?)
            }
            Some(other) => return schema(format!("tensor: dtype `{other}` is not understood")),
        };
        if requires_grad && !matches!(value, Value::Float(_)) {
            return refused("only floats require a gradient");
        }
        fields.finish()?;
        Ok(value)
    }

    /// Reads a list in which null means no tensor.
    pub fn read_optional(json: &Json) -> Outcome<Vec<Option<Self>>> {
        let read = |json: Option<Json>| json.map(|json| Value::read(&json)).transpose();
        Vec::<Option<Json>>::from_json(json)?.into_iter().map(read).collect()
    }

    /// Reads a list of tensors.
    pub fn read_all(json: &Json) -> Outcome<Vec<Self>> {
        Vec::<Json>::from_json(json)?.iter().map(Value::read).collect()
    }

    pub fn float(&self) -> Outcome<&Tensor<T>> {
        match self {
            Value::Float(tensor) => Ok(tensor),
            _ => refused("a `Tensor` of floats is wanted"),
        }
    }

    pub fn int(&self) -> Outcome<&Tensor<i64>> {
        match self {
            Value::Int(tensor) => Ok(tensor),
            _ => refused("a `Tensor<i64>` is wanted"),
        }
    }

    pub fn bool(&self) -> Outcome<&Tensor<bool>> {
        match self {
            Value::Bool(tensor) => Ok(tensor),
            _ => refused("a `Tensor<bool>` is wanted"),
        }
    }

    pub fn any(&self) -> AnyTensor {
        match self {
            Value::Float(tensor) => tensor.into(),
            Value::Int(tensor) => tensor.into(),
            Value::Bool(tensor) => tensor.into(),
        }
    }

    /// The rows with these numbers.
    pub fn rows(&self, rows: &Tensor<i64>) -> Value<T> {
        match self {
            Value::Float(tensor) => Value::Float(tensor.index_select(0, rows)),
            Value::Int(tensor) => Value::Int(tensor.index_select(0, rows)),
            Value::Bool(tensor) => Value::Bool(tensor.index_select(0, rows)),
        }
    }

    pub fn requires_grad(&self) -> bool {
        matches!(self, Value::Float(tensor) if tensor.requires_grad())
    }

    /// The gradient that backward stored, if there is one.
    pub fn grad(&self) -> Option<Value<T>> {
        self.float().ok().and_then(Tensor::grad).map(Value::Float)
    }
}

fn truth(json: &Json) -> Outcome<bool> {
    match (json.as_bool(), json.as_i64()) {
        (Some(truth), _) => Ok(truth),
        (_, Some(number @ (0 | 1))) => Ok(number == 1),
        _ => schema(format!("{json} is not a truth value")),
    }
}

fn tensor<E: Element>(data: Vec<E>, shape: Vec<usize>) -> Outcome<Tensor<E>> {
    Tensor::from_vec(data, shape).or_else(|error| schema(format!("tensor: {error}")))
}

/// The only value of a list.
pub fn one<'a, T: Float>(op: &str, inputs: &'a [Value<T>]) -> Outcome<&'a Value<T>> {
    match inputs {
        [x] => Ok(x),
        _ => schema(format!("{op}: 1 input was expected, not {}", inputs.len())),
    }
}

/// The two floats of a list.
pub fn two<'a, T: Float>(op: &str, inputs: &'a [Value<T>]) -> Outcome<(&'a Tensor<T>, &'a Tensor<T>)> {
    match inputs {
        [x, y] => Ok((x.float()?, y.float()?)),
        _ => schema(format!("{op}: 2 inputs were expected, not {}", inputs.len())),
    }
}
