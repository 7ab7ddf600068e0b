//! Converts tensors to the bytes of a safetensors file and back, widening types that tensors do not support.

use downhill_files::out_of_memory;
use downhill_tensor::{AnyTensor, Element, Kind, Tensor};
use half::{bf16, f16};
use safetensors::Dtype;

use crate::error::Error;
use crate::float16::Half;

/// The type and the little-endian bytes of a tensor; floats are converted to 16 bits on request.
pub(crate) fn stored(tensor: &AnyTensor, half: Option<Half>) -> Result<(Dtype, Vec<u8>), f64> {
    Ok(match (tensor, half) {
        (AnyTensor::F32(tensor), None) => {
            (Dtype::F32, tensor.to_vec().into_iter().flat_map(f32::to_le_bytes).collect())
        }
        (AnyTensor::F64(tensor), None) => {
            (Dtype::F64, tensor.to_vec().into_iter().flat_map(f64::to_le_bytes).collect())
        }
        (AnyTensor::F32(tensor), Some(half)) => narrowed(tensor.to_vec().into_iter().map(f64::from), half)?,
        (AnyTensor::F64(tensor), Some(half)) => narrowed(tensor.to_vec().into_iter(), half)?,
        (AnyTensor::I64(tensor), _) => (Dtype::I64, tensor.to_vec().into_iter().flat_map(i64::to_le_bytes).collect()),
        (AnyTensor::Bool(tensor), _) => (Dtype::BOOL, tensor.to_vec().into_iter().map(u8::from).collect()),
    })
}

/// Rounds each number to the nearest 16-bit float; the error is a finite number that is too large.
fn narrowed(numbers: impl Iterator<Item = f64>, half: Half) -> Result<(Dtype, Vec<u8>), f64> {
    let (dtype, round): (Dtype, fn(f32) -> u16) = match half {
        Half::F16 => (Dtype::F16, |x| f16::from_f32(x).to_bits()),
        Half::BF16 => (Dtype::BF16, |x| bf16::from_f32(x).to_bits()),
    };
    let infinity = round(f32::INFINITY);
    let mut bytes = Vec::with_capacity(2 * numbers.size_hint().0);
    for number in numbers {
        let bits = round(rounded_to_odd(number));
        // Ignore the sign bit.
        if bits & 0x7fff == infinity && number.is_finite() {
            return Err(number);
        }
        bytes.extend(bits.to_le_bytes());
    }
    Ok((dtype, bytes))
}

/// An `f32` that rounds to the same 16 bits as the number itself. Rounding to the nearest `f32` first could turn a
/// value just above a tie into the tie, so of the two `f32` around the number this takes the one whose last bit is 1
/// (Boldo and Melquiond 2008, "Emulation of FMA and correctly rounded sums: proved algorithms using rounding to
/// odd"). `from_f64` of `half` 2.7 ignores the lower 32 bits and cannot be used.
fn rounded_to_odd(number: f64) -> f32 {
    let nearest = number as f32;
    if f64::from(nearest) == number || nearest.is_nan() || nearest.to_bits() & 1 == 1 {
        return nearest;
    }
    let toward_zero = f64::from(nearest).abs() > number.abs();
    f32::from_bits(if toward_zero { nearest.to_bits() - 1 } else { nearest.to_bits() + 1 })
}

/// The file and the tensor that numbers come from, for error messages.
#[derive(Clone, Copy)]
pub(crate) struct Origin<'a> {
    pub(crate) file: &'a str,
    pub(crate) name: &'a str,
}

/// Makes a tensor from the bytes of a file. A type that tensors do not support is widened to `wide`, if given and if
/// it can hold every number.
///
/// The caller has checked in the header that the number of bytes matches the shape and the type.
pub(crate) fn restored(
    origin: Origin,
    dtype: Dtype,
    shape: &[usize],
    bytes: &[u8],
    wide: Option<Kind>,
) -> Result<AnyTensor, Error> {
    let floats = |numbers: &mut dyn Iterator<Item = f64>| match wide {
        Some(Kind::F32) => tensor(origin, shape, numbers.map(|x| Ok(x as f32))),
        Some(Kind::F64) => tensor(origin, shape, numbers.map(Ok)),
        _ => Err(unsupported(origin, dtype)),
    };
    // Integers must be converted exactly, and floats hold only some of the large ones.
    let inexact = |number: i128, kind| {
        let (file, name) = (origin.file.to_owned(), origin.name.to_owned());
        Error::Inexact { file, name, number: format!("{dtype} {number}"), kind, remedy: exact_alternative(number) }
    };
    let integers = |numbers: &mut dyn Iterator<Item = i128>| match wide {
        Some(Kind::F32) => {
            let checked = |x: i128| if x as f32 as i128 == x { Ok(x as f32) } else { Err(inexact(x, Kind::F32)) };
            tensor(origin, shape, numbers.map(checked))
        }
        Some(Kind::F64) => {
            let checked = |x: i128| if x as f64 as i128 == x { Ok(x as f64) } else { Err(inexact(x, Kind::F64)) };
            tensor(origin, shape, numbers.map(checked))
        }
        Some(Kind::I64) => {
            tensor(origin, shape, numbers.map(|x| i64::try_from(x).map_err(|_| inexact(x, Kind::I64))))
        }
        _ => Err(unsupported(origin, dtype)),
    };
    match dtype {
        Dtype::F32 if wide == Some(Kind::F64) => floats(&mut words(bytes).map(f32::from_le_bytes).map(f64::from)),
        Dtype::F32 => tensor(origin, shape, words(bytes).map(f32::from_le_bytes).map(Ok)),
        Dtype::F64 => tensor(origin, shape, words(bytes).map(f64::from_le_bytes).map(Ok)),
        Dtype::I64 => tensor(origin, shape, words(bytes).map(i64::from_le_bytes).map(Ok)),
        Dtype::BOOL => {
            let truth = |&byte: &u8| match byte {
                0 | 1 => Ok(byte == 1),
                _ => Err(Error::TruthValue { file: origin.file.to_owned(), name: origin.name.to_owned(), byte }),
            };
            tensor(origin, shape, bytes.iter().map(truth))
        }
        Dtype::F16 => floats(&mut words(bytes).map(f16::from_le_bytes).map(f64::from)),
        Dtype::BF16 => floats(&mut words(bytes).map(bf16::from_le_bytes).map(f64::from)),
        Dtype::U8 => integers(&mut words(bytes).map(u8::from_le_bytes).map(i128::from)),
        Dtype::I8 => integers(&mut words(bytes).map(i8::from_le_bytes).map(i128::from)),
        Dtype::U16 => integers(&mut words(bytes).map(u16::from_le_bytes).map(i128::from)),
        Dtype::I16 => integers(&mut words(bytes).map(i16::from_le_bytes).map(i128::from)),
        Dtype::U32 => integers(&mut words(bytes).map(u32::from_le_bytes).map(i128::from)),
        Dtype::I32 => integers(&mut words(bytes).map(i32::from_le_bytes).map(i128::from)),
        Dtype::U64 => integers(&mut words(bytes).map(u64::from_le_bytes).map(i128::from)),
        _ => Err(unsupported(origin, dtype)),
    }
}

fn tensor<T: Element>(
    origin: Origin,
    shape: &[usize],
    numbers: impl Iterator<Item = Result<T, Error>>,
) -> Result<AnyTensor, Error> {
    let count = numbers.size_hint().0;
    let mut data = Vec::new();
    if data.try_reserve_exact(count).is_err() {
        let reason = out_of_memory(count as u128 * size_of::<T>() as u128);
        return Err(Error::Read { file: origin.file.to_owned(), reason });
    }
    for number in numbers {
        data.push(number?);
    }
    let invalid =
        |error| Error::NotSafetensors { file: origin.file.to_owned(), reason: format!("`{}`: {error}", origin.name) };
    Ok(AnyTensor::from(&Tensor::from_vec(data, shape).map_err(invalid)?))
}

fn words<const N: usize>(bytes: &[u8]) -> impl ExactSizeIterator<Item = [u8; N]> {
    bytes.chunks_exact(N).map(|word| word.try_into().expect("a chunk of its size"))
}

fn unsupported(origin: Origin, dtype: Dtype) -> Error {
    let remedy = match dtype {
        Dtype::F16 | Dtype::BF16 | Dtype::U8 | Dtype::I8 | Dtype::U16 | Dtype::I16 => {
            "`load_file_as::<f32>` widens it"
        }
        Dtype::U32 | Dtype::I32 | Dtype::U64 => "`load_file_as::<i64>` widens it",
        _ => "convert it where it was saved",
    };
    Error::Dtype { file: origin.file.to_owned(), name: origin.name.to_owned(), dtype: dtype.to_string(), remedy }
}

/// Suggests a type that holds an integer exactly.
fn exact_alternative(number: i128) -> &'static str {
    match number {
        _ if i64::try_from(number).is_ok() => "`load_file_as::<i64>` can",
        _ if number as f64 as i128 == number => "`load_file_as::<f64>` can",
        _ => "no type of tensors can, so convert it where it was saved",
    }
}
