//! Numbers as a safetensors file stores them: to tensors, of wider numbers where tensors lack a type, and back.

use downhill_files::out_of_memory;
use downhill_tensor::{AnyTensor, Element, Kind, Tensor};
use half::{bf16, f16};
use safetensors::Dtype;

use crate::error::Error;

/// The two formats of floating point in 16 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Half {
    /// IEEE 754 binary16: 11 bits that matter, numbers up to 65504.
    F16,
    /// bfloat16, the upper half of an `f32`: 8 bits that matter, numbers up to 3.39e38.
    BF16,
}

/// The numbers of a tensor in little-endian order, and their type; floats in 16 bits on request.
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

/// Each number rounded to the nearest of 16 bits; a number that is too large is the error.
fn narrowed(numbers: impl Iterator<Item = f64>, half: Half) -> Result<(Dtype, Vec<u8>), f64> {
    let (dtype, round): (Dtype, fn(f32) -> u16) = match half {
        Half::F16 => (Dtype::F16, |x| f16::from_f32(x).to_bits()),
        Half::BF16 => (Dtype::BF16, |x| bf16::from_f32(x).to_bits()),
    };
    let infinity = round(f32::INFINITY);
    let mut bytes = Vec::with_capacity(2 * numbers.size_hint().0);
    for number in numbers {
        let bits = round(rounded_to_odd(number));
        // Without its sign.
        if bits & 0x7fff == infinity && number.is_finite() {
            return Err(number);
        }
        bytes.extend(bits.to_le_bytes());
    }
    Ok((dtype, bytes))
}

/// An `f32` that rounds to the same 16 bits as the number itself, where rounding to the nearest `f32` first could turn what
/// lies just above a tie into the tie: of the two `f32` around the number, the one whose last bit is 1 (Boldo and
/// Melquiond 2008, "Emulation of FMA and correctly rounded sums: proved algorithms using rounding to odd").
/// The `from_f64` of `half` 2.7 leaves out the lower 32 bits and cannot be used.
fn rounded_to_odd(number: f64) -> f32 {
    let nearest = number as f32;
    if f64::from(nearest) == number || nearest.is_nan() || nearest.to_bits() & 1 == 1 {
        return nearest;
    }
    let toward_zero = f64::from(nearest).abs() > number.abs();
    f32::from_bits(if toward_zero { nearest.to_bits() - 1 } else { nearest.to_bits() + 1 })
}

/// Where numbers stand, for messages.
#[derive(Clone, Copy)]
pub(crate) struct Place<'a> {
    pub(crate) file: &'a str,
    pub(crate) name: &'a str,
}

/// The tensor of a file. Numbers of a type that tensors lack become `wide`, if they are asked for and it can hold them.
///
/// The header was checked: the bytes are as many as the shape and the type need.
pub(crate) fn restored(
    at: Place,
    dtype: Dtype,
    shape: &[usize],
    bytes: &[u8],
    wide: Option<Kind>,
) -> Result<AnyTensor, Error> {
    let floats = |numbers: &mut dyn Iterator<Item = f64>| match wide {
        Some(Kind::F32) => tensor(at, shape, numbers.map(|x| Ok(x as f32))),
        Some(Kind::F64) => tensor(at, shape, numbers.map(Ok)),
        _ => Err(unsupported(at, dtype)),
    };
    // An integer must come out as it was; floating point holds only some of the large ones.
    let inexact = |number: i128, kind| {
        let (file, name) = (at.file.to_owned(), at.name.to_owned());
        Error::Inexact { file, name, number: format!("{dtype} {number}"), kind, remedy: exact(number) }
    };
    let integers = |numbers: &mut dyn Iterator<Item = i128>| match wide {
        Some(Kind::F32) => {
            let checked = |x: i128| if x as f32 as i128 == x { Ok(x as f32) } else { Err(inexact(x, Kind::F32)) };
            tensor(at, shape, numbers.map(checked))
        }
        Some(Kind::F64) => {
            let checked = |x: i128| if x as f64 as i128 == x { Ok(x as f64) } else { Err(inexact(x, Kind::F64)) };
            tensor(at, shape, numbers.map(checked))
        }
        Some(Kind::I64) => tensor(at, shape, numbers.map(|x| i64::try_from(x).map_err(|_| inexact(x, Kind::I64)))),
        _ => Err(unsupported(at, dtype)),
    };
    match dtype {
        Dtype::F32 if wide == Some(Kind::F64) => floats(&mut words(bytes).map(f32::from_le_bytes).map(f64::from)),
        Dtype::F32 => tensor(at, shape, words(bytes).map(f32::from_le_bytes).map(Ok)),
        Dtype::F64 => tensor(at, shape, words(bytes).map(f64::from_le_bytes).map(Ok)),
        Dtype::I64 => tensor(at, shape, words(bytes).map(i64::from_le_bytes).map(Ok)),
        Dtype::BOOL => {
            let truth = |&byte: &u8| match byte {
                0 | 1 => Ok(byte == 1),
                _ => Err(Error::TruthValue { file: at.file.to_owned(), name: at.name.to_owned(), byte }),
            };
            tensor(at, shape, bytes.iter().map(truth))
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
        _ => Err(unsupported(at, dtype)),
    }
}

fn tensor<T: Element>(
    at: Place,
    shape: &[usize],
    numbers: impl Iterator<Item = Result<T, Error>>,
) -> Result<AnyTensor, Error> {
    let count = numbers.size_hint().0;
    let mut data = Vec::new();
    if data.try_reserve_exact(count).is_err() {
        let reason = out_of_memory(count as u128 * size_of::<T>() as u128);
        return Err(Error::Read { file: at.file.to_owned(), reason });
    }
    for number in numbers {
        data.push(number?);
    }
    let refused =
        |error| Error::NotSafetensors { file: at.file.to_owned(), reason: format!("`{}`: {error}", at.name) };
    Ok(AnyTensor::from(&Tensor::from_vec(data, shape).map_err(refused)?))
}

fn words<const N: usize>(bytes: &[u8]) -> impl ExactSizeIterator<Item = [u8; N]> {
    bytes.chunks_exact(N).map(|word| word.try_into().expect("a chunk of its size"))
}

fn unsupported(at: Place, dtype: Dtype) -> Error {
    let remedy = match dtype {
        Dtype::F16 | Dtype::BF16 | Dtype::U8 | Dtype::I8 | Dtype::U16 | Dtype::I16 => {
            "`load_file_as::<f32>` widens it"
        }
        Dtype::U32 | Dtype::I32 | Dtype::U64 => "`load_file_as::<i64>` widens it",
        _ => "convert it where it was saved",
    };
    Error::Dtype { file: at.file.to_owned(), name: at.name.to_owned(), dtype: dtype.to_string(), remedy }
}

/// What can hold an integer exactly.
fn exact(number: i128) -> &'static str {
    match number {
        _ if i64::try_from(number).is_ok() => "`load_file_as::<i64>` can",
        _ if number as f64 as i128 == number => "`load_file_as::<f64>` can",
        _ => "no type of tensors can, so convert it where it was saved",
    }
}
