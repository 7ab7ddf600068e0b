//! Reductions: sums, means, extremes.

use downhill::tensor::{Element, Float, Tensor};

use crate::json::{Dims, Fields, Outcome, schema};
use crate::single::Output;
use crate::value::{Value, one};

/// The dimensions and `keepdim` of a reduction.
struct Over {
    dims: Option<Vec<isize>>,
    keepdim: bool,
}

impl Over {
    fn read(args: &mut Fields) -> Outcome<Self> {
        let dims = args.option::<Dims>("dim")?.map(|Dims(dims)| dims);
        Ok(Over { dims, keepdim: args.or("keepdim", false)? })
    }

    /// Calls the one of the three methods that PyTorch's arguments correspond to.
    fn call<R>(
        self,
        ndim: usize,
        all: impl FnOnce() -> R,
        some: impl FnOnce(Vec<isize>) -> R,
        keep: impl FnOnce(Vec<isize>) -> R,
    ) -> R {
        match (self.dims, self.keepdim) {
            (None, false) => all(),
            (None, true) => keep((0..ndim as isize).collect()),
            (Some(dims), false) => some(dims),
            (Some(dims), true) => keep(dims),
        }
    }
}

pub fn call<T: Float>(op: &str, args: &mut Fields, inputs: &[Value<T>]) -> Outcome<Option<Output<T>>> {
    let x = || one(op, inputs)?.float();
    let output = match op {
        "sum" => {
            let over = Over::read(args)?;
            return Ok(Some(Output::One(match one(op, inputs)? {
                Value::Float(x) => Value::Float(sum(x, over)),
                Value::Int(x) => Value::Int(sum(x, over)),
                Value::Bool(x) => Value::Int(sum(x, over)),
            })));
        }
        "norm" => {
            let (x, over) = (x()?, Over::read(args)?);
            let p: f64 = args.or("p", 2.0)?;
            over.call(x.ndim(), || x.norm_p(p), |dims| x.norm_p_dim(p, dims), |dims| x.norm_p_keepdim(p, dims))
        }
        "cumsum" => x()?.cumsum(args.get("dim")?),
        "prod" => match (args.option("dim")?, args.or("keepdim", false)?) {
            (None, false) => x()?.prod(),
            (None, true) => return schema("prod: keepdim needs a dim"),
            (Some(dim), false) => x()?.prod_dim(dim),
            (Some(dim), true) => x()?.prod_keepdim(dim),
        },
        "mean" => {
            let (x, over) = (x()?, Over::read(args)?);
            over.call(x.ndim(), || x.mean(), |dims| x.mean_dim(dims), |dims| x.mean_keepdim(dims))
        }
        "amax" => {
            let (x, over) = (x()?, Over::read(args)?);
            over.call(x.ndim(), || x.amax([]), |dims| x.amax(dims), |dims| x.amax_keepdim(dims))
        }
        "amin" => {
            let (x, over) = (x()?, Over::read(args)?);
            over.call(x.ndim(), || x.amin([]), |dims| x.amin(dims), |dims| x.amin_keepdim(dims))
        }
        "logsumexp" => {
            let (x, over) = (x()?, Over::read(args)?);
            over.call(x.ndim(), || x.logsumexp([]), |dims| x.logsumexp(dims), |dims| x.logsumexp_keepdim(dims))
        }
        "var" => {
            let (x, over, c) = (x()?, Over::read(args)?, args.or("correction", 1)?);
            over.call(x.ndim(), || x.var_dim([], c), |dims| x.var_dim(dims, c), |dims| x.var_keepdim(dims, c))
        }
        "std" => {
            let (x, over, c) = (x()?, Over::read(args)?, args.or("correction", 1)?);
            over.call(x.ndim(), || x.std_dim([], c), |dims| x.std_dim(dims, c), |dims| x.std_keepdim(dims, c))
        }
        "max" => x()?.max(),
        "min" => x()?.min(),
        "max_dim" => return extreme_dim(x()?, args, Tensor::max_dim, Tensor::max_keepdim).map(Some),
        "min_dim" => return extreme_dim(x()?, args, Tensor::min_dim, Tensor::min_keepdim).map(Some),
        "argmax" => {
            return position(x()?, args, Tensor::argmax, Tensor::argmax_dim, Tensor::argmax_keepdim).map(Some);
        }
        "argmin" => {
            return position(x()?, args, Tensor::argmin, Tensor::argmin_dim, Tensor::argmin_keepdim).map(Some);
        }
        _ => return Ok(None),
    };
    Ok(Some(Output::float(output)))
}

fn sum<E: Element>(x: &Tensor<E>, over: Over) -> Tensor<E::Sum> {
    over.call(x.ndim(), || x.sum(), |dims| x.sum_dim(dims), |dims| x.sum_keepdim(dims))
}

type Method<'a, T, A, R> = fn(&'a Tensor<T>, A) -> R;

fn extreme_dim<'a, T: Float>(
    x: &'a Tensor<T>,
    args: &mut Fields,
    gone: Method<'a, T, isize, (Tensor<T>, Tensor<i64>)>,
    kept: Method<'a, T, isize, (Tensor<T>, Tensor<i64>)>,
) -> Outcome<Output<T>> {
    let (dim, keepdim) = (args.get("dim")?, args.or("keepdim", false)?);
    let (values, indices) = if keepdim { kept(x, dim) } else { gone(x, dim) };
    Ok(Output::Many(vec![Value::Float(values), Value::Int(indices)]))
}

fn position<'a, T: Float>(
    x: &'a Tensor<T>,
    args: &mut Fields,
    all: fn(&'a Tensor<T>) -> Tensor<i64>,
    gone: Method<'a, T, isize, Tensor<i64>>,
    kept: Method<'a, T, isize, Tensor<i64>>,
) -> Outcome<Output<T>> {
    let (dim, keepdim) = (args.option("dim")?, args.or("keepdim", false)?);
    Ok(Output::One(Value::Int(match (dim, keepdim) {
        (None, false) => all(x),
        (None, true) => all(x).reshape(vec![1; x.ndim()]),
        (Some(dim), false) => gone(x, dim),
        (Some(dim), true) => kept(x, dim),
    })))
}
