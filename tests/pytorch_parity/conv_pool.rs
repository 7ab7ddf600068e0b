//! Convolutions and pools.

use downhill::nn::functional as F;
use downhill::nn::{AvgPool2dOptions, Conv2dOptions, MaxPool2dOptions};
use downhill::tensor::Float;

use crate::json::{Fields, Outcome, Pair, schema};
use crate::single::Output;
use crate::value::{Value, one};

pub fn call<T: Float>(op: &str, args: &mut Fields, inputs: &[Value<T>]) -> Outcome<Option<Output<T>>> {
    let output = match op {
        "conv2d" => {
            let options = conv(args)?;
            match inputs {
                [x, weight] => F::conv2d(x.float()?, weight.float()?, None, options),
                [x, weight, bias] => F::conv2d(x.float()?, weight.float()?, Some(bias.float()?), options),
                _ => return schema(format!("conv2d: 2 or 3 inputs were expected, not {}", inputs.len())),
            }
        }
        "max_pool2d" => F::max_pool2d(one(op, inputs)?.float()?, max_pool(args)?),
        "avg_pool2d" => F::avg_pool2d(one(op, inputs)?.float()?, avg_pool(args)?),
        _ => return Ok(None),
    };
    Ok(Some(Output::float(output)))
}

fn pair(args: &mut Fields, name: &str, default: usize) -> Outcome<[usize; 2]> {
    Ok(args.or(name, Pair([default; 2]))?.0)
}

fn conv(args: &mut Fields) -> Outcome<Conv2dOptions> {
    let (stride, padding, dilation) =
        (pair(args, "stride", 1)?, pair(args, "padding", 0)?, pair(args, "dilation", 1)?);
    let groups = args.or("groups", 1)?;
    Ok(Conv2dOptions::new().stride(stride).padding(padding).dilation(dilation).groups(groups))
}

fn max_pool(args: &mut Fields) -> Outcome<MaxPool2dOptions> {
    let kernel: Pair = args.get("kernel_size")?;
    let (padding, dilation) = (pair(args, "padding", 0)?, pair(args, "dilation", 1)?);
    let stride = args.option::<Pair>("stride")?;
    let ceil_mode = args.or("ceil_mode", false)?;
    let options = MaxPool2dOptions::new(kernel.0).padding(padding).dilation(dilation).ceil_mode(ceil_mode);
    Ok(stride.into_iter().fold(options, |options, stride| options.stride(stride.0)))
}

fn avg_pool(args: &mut Fields) -> Outcome<AvgPool2dOptions> {
    let kernel: Pair = args.get("kernel_size")?;
    let (padding, stride) = (pair(args, "padding", 0)?, args.option::<Pair>("stride")?);
    let (ceil_mode, count) = (args.or("ceil_mode", false)?, args.or("count_include_pad", true)?);
    let divisor = args.option::<isize>("divisor_override")?;
    let options = AvgPool2dOptions::new(kernel.0).padding(padding).ceil_mode(ceil_mode).count_include_pad(count);
    let options = options.divisor_override(divisor);
    Ok(stride.into_iter().fold(options, |options, stride| options.stride(stride.0)))
}
