//! Layers from their type and the arguments of PyTorch's constructor.

use downhill::nn::{
    Approximate, AvgPool2d, BatchNorm, Conv2d, Dropout, ELU, Embedding, Flatten, GELU, Identity, Layer, LayerNorm,
    LeakyReLU, Linear, LogSoftmax, MaxPool2d, Padding, ReLU, SiLU, Sigmoid, Softmax, Softplus, Tanh,
};
use downhill::tensor::{CreateFloat, Float, Tensor};
use serde_json::Value as Json;

use crate::functional::sizes;
use crate::json::{Fields, FromJson, Outcome, Pair, refused, schema};

/// A layer by the type of its input.
pub enum Built<T: Float> {
    Layer(Box<dyn Layer<Tensor<T>, Output = Tensor<T>>>),
    Embedding(Embedding<T>),
}

/// Builds `{type, arguments}`.
pub fn layer<T: Float>(mut args: Fields) -> Outcome<Built<T>>
where
    Tensor<T>: CreateFloat,
{
    let kind: String = args.get("type")?;
    let built = match kind.as_str() {
        "Embedding" => Built::Embedding(embedding(&mut args)?),
        "Linear" => {
            let layer = Linear::of(args.get("in_features")?, args.get("out_features")?).bias(args.or("bias", true)?);
            Built::Layer(Box::new(layer))
        }
        "Conv2d" => Built::Layer(Box::new(conv2d(&mut args)?)),
        "MaxPool2d" => Built::Layer(Box::new(max_pool2d(&mut args)?)),
        "AvgPool2d" => Built::Layer(Box::new(avg_pool2d(&mut args)?)),
        "BatchNorm1d" => Built::Layer(Box::new(batch_norm::<1, T>(&mut args)?)),
        "BatchNorm2d" => Built::Layer(Box::new(batch_norm::<2, T>(&mut args)?)),
        "LayerNorm" => Built::Layer(Box::new(layer_norm(&mut args)?)),
        "Flatten" => {
            let layer = Flatten::new().start_dim(args.or("start_dim", 1)?).end_dim(args.or("end_dim", -1)?);
            Built::Layer(Box::new(layer))
        }
        "Identity" => Built::Layer(Box::new(Identity)),
        "Dropout" => {
            args.option::<bool>("inplace")?;
            Built::Layer(Box::new(Dropout::new(args.or("p", 0.5)?)))
        }
        other => Built::Layer(activation(other, &mut args)?),
    };
    args.finish()?;
    Ok(built)
}

fn activation<T: Float>(kind: &str, args: &mut Fields) -> Outcome<Box<dyn Layer<Tensor<T>, Output = Tensor<T>>>> {
    if matches!(kind, "ReLU" | "LeakyReLU" | "ELU" | "SiLU") {
        // Whether PyTorch reuses the memory of the input makes no difference to the numbers.
        args.option::<bool>("inplace")?;
    }
    Ok(match kind {
        "ReLU" => Box::new(ReLU),
        "Sigmoid" => Box::new(Sigmoid),
        "Tanh" => Box::new(Tanh),
        "SiLU" => Box::new(SiLU),
        "LeakyReLU" => Box::new(LeakyReLU::new(args.or("negative_slope", 0.01)?)),
        "ELU" => Box::new(ELU::new(args.or("alpha", 1.0)?)),
        "Softplus" => Box::new(Softplus::new(args.or("beta", 1.0)?, args.or("threshold", 20.0)?)),
        "Softmax" => Box::new(Softmax::new(args.get("dim")?)),
        "LogSoftmax" => Box::new(LogSoftmax::new(args.get("dim")?)),
        "GELU" => Box::new(GELU::new(args.or("approximate", Approximate::None)?)),
        other => return schema(format!("layer type `{other}` is not understood")),
    })
}

fn embedding<T: Float>(args: &mut Fields) -> Outcome<Embedding<T>>
where
    Tensor<T>: CreateFloat,
{
    let layer = Embedding::of(args.get("num_embeddings")?, args.get("embedding_dim")?);
    Ok(args.option("padding_idx")?.into_iter().fold(layer, |layer, row| layer.padding_idx(row)))
}

fn conv2d<T: Float>(args: &mut Fields) -> Outcome<Conv2d<T>>
where
    Tensor<T>: CreateFloat,
{
    let (input, output, kernel): (_, _, Pair) =
        (args.get("in_channels")?, args.get("out_channels")?, args.get("kernel_size")?);
    let mut layer = Conv2d::of(input, output, kernel.0).groups(args.or("groups", 1)?);
    if let Some(stride) = args.option::<Pair>("stride")? {
        layer = layer.stride(stride.0);
    }
    match args.take("padding") {
        Some(Json::String(word)) if word == "valid" => layer = layer.padding(0),
        Some(Json::String(word)) if word == "same" => layer = layer.padding(Padding::Same),
        Some(padding) => layer = layer.padding(Pair::from_json(&padding)?.0),
        None => {}
    }
    if let Some(dilation) = args.option::<Pair>("dilation")? {
        layer = layer.dilation(dilation.0);
    }
    match args.option::<String>("padding_mode")?.as_deref() {
        None | Some("zeros") => Ok(layer.bias(args.or("bias", true)?)),
        Some(other) => refused(format!("Conv2d: padding_mode `{other}`")),
    }
}

fn max_pool2d(args: &mut Fields) -> Outcome<MaxPool2d> {
    let mut layer = MaxPool2d::new(args.get::<Pair>("kernel_size")?.0).ceil_mode(args.or("ceil_mode", false)?);
    if let Some(stride) = args.option::<Pair>("stride")? {
        layer = layer.stride(stride.0);
    }
    if let Some(padding) = args.option::<Pair>("padding")? {
        layer = layer.padding(padding.0);
    }
    if let Some(dilation) = args.option::<Pair>("dilation")? {
        layer = layer.dilation(dilation.0);
    }
    Ok(layer)
}

fn avg_pool2d(args: &mut Fields) -> Outcome<AvgPool2d> {
    let mut layer = AvgPool2d::new(args.get::<Pair>("kernel_size")?.0).ceil_mode(args.or("ceil_mode", false)?);
    if let Some(stride) = args.option::<Pair>("stride")? {
        layer = layer.stride(stride.0);
    }
    if let Some(padding) = args.option::<Pair>("padding")? {
        layer = layer.padding(padding.0);
    }
    let layer = layer.count_include_pad(args.or("count_include_pad", true)?);
    Ok(layer.divisor_override(args.option::<isize>("divisor_override")?))
}

fn batch_norm<const DIMS: usize, T: Float>(args: &mut Fields) -> Outcome<BatchNorm<DIMS, T>> {
    let layer = BatchNorm::of(args.get("num_features")?).eps(args.or("eps", 1e-5)?);
    let layer = layer.bias(args.or("bias", true)?);
    let layer = layer.momentum(args.or("momentum", Some(0.1))?);
    Ok(layer.affine(args.or("affine", true)?).track_running_stats(args.or("track_running_stats", true)?))
}

fn layer_norm<T: Float>(args: &mut Fields) -> Outcome<LayerNorm<T>> {
    let layer = LayerNorm::of(sizes(args.get("normalized_shape")?)?).eps(args.or("eps", 1e-5)?);
    Ok(layer.elementwise_affine(args.or("elementwise_affine", true)?).bias(args.or("bias", true)?))
}
