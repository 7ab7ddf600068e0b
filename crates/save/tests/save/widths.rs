//! Types that tensors do not support: widened when read, and 16-bit floats written.

use std::fs;

use downhill_save::{Half, load_file, load_file_as, save_file_as};
use downhill_tensor::{AnyTensor, Element, Kind, StateDict, Tensor};

use crate::broken::with_header;
use crate::folder;
use crate::safetensors::committed;

/// The numbers and the type that `load_file_as::<T>` reads from a file with these bytes, or its error message.
fn read<T: Element>(dtype: &str, count: usize, bytes: &[u8]) -> Result<(Kind, Vec<f64>), String> {
    let path = folder("widths").join(format!("{dtype}-{}", T::KIND));
    let header = format!(r#"{{"w":{{"dtype":"{dtype}","shape":[{count}],"data_offsets":[0,{}]}}}}"#, bytes.len());
    fs::write(&path, [&with_header(&header, 0), bytes].concat()).unwrap();
    let state =
        load_file_as::<T>(&path).map_err(|error| error.to_string().replace(&format!("{}: ", path.display()), ""))?;
    let any = state.get("w").unwrap();
    let numbers = match any {
        AnyTensor::F32(tensor) => tensor.to_vec().into_iter().map(f64::from).collect(),
        AnyTensor::F64(tensor) => tensor.to_vec(),
        AnyTensor::I64(tensor) => tensor.to_vec().into_iter().map(|x| x as f64).collect(),
        AnyTensor::Bool(tensor) => tensor.to_vec().into_iter().map(|x| f64::from(u8::from(x))).collect(),
    };
    Ok((any.kind(), numbers))
}

#[test]
fn narrow_numbers_are_widened_on_request() {
    use Kind::{Bool, F32, F64, I64};
    let half = |numbers: &[u16]| numbers.iter().flat_map(|x| x.to_le_bytes()).collect::<Vec<u8>>();
    let four = |numbers: &[i32]| numbers.iter().flat_map(|x| x.to_le_bytes()).collect::<Vec<u8>>();
    let (infinity, smallest) = (f64::INFINITY, 2.0_f64.powi(-24));
    // The type, its bytes, the numbers, and the types that f32, f64 and i64 give; `None` is an error.
    #[allow(clippy::type_complexity)]
    let rows: [(&str, Vec<u8>, Vec<f64>, [Option<Kind>; 3]); 11] = [
        (
            "F16",
            half(&[0x3c00, 0xc000, 0x7bff, 0x0001, 0x8000, 0x7c00, 0x3555]),
            vec![1.0, -2.0, 65504.0, smallest, -0.0, infinity, 0.333251953125],
            [Some(F32), Some(F64), None],
        ),
        (
            "BF16",
            half(&[0x3f80, 0xc000, 0x7f7f, 0x0001, 0x8000, 0xff80]),
            vec![1.0, -2.0, 3.3895313892515355e38, 2.0_f64.powi(-133), -0.0, -infinity],
            [Some(F32), Some(F64), None],
        ),
        ("U8", vec![0, 127, 255], vec![0.0, 127.0, 255.0], [Some(F32), Some(F64), Some(I64)]),
        ("I8", vec![0, 127, 255, 128], vec![0.0, 127.0, -1.0, -128.0], [Some(F32), Some(F64), Some(I64)]),
        ("U16", half(&[0, 65535]), vec![0.0, 65535.0], [Some(F32), Some(F64), Some(I64)]),
        ("I16", half(&[0x8000, 0x7fff]), vec![-32768.0, 32767.0], [Some(F32), Some(F64), Some(I64)]),
        ("I32", four(&[-1, 1 << 24]), vec![-1.0, 16777216.0], [Some(F32), Some(F64), Some(I64)]),
        ("U32", four(&[-1]), vec![4294967295.0], [None, Some(F64), Some(I64)]),
        ("F32", 0.1_f32.to_le_bytes().into(), vec![f64::from(0.1_f32)], [Some(F32), Some(F64), Some(F32)]),
        ("F64", 0.1_f64.to_le_bytes().into(), vec![0.1], [Some(F64); 3]),
        ("BOOL", vec![1, 0], vec![1.0, 0.0], [Some(Bool); 3]),
    ];
    for (dtype, bytes, numbers, kinds) in rows {
        let count = numbers.len();
        let read =
            [read::<f32>(dtype, count, &bytes), read::<f64>(dtype, count, &bytes), read::<i64>(dtype, count, &bytes)];
        for (read, kind) in read.into_iter().zip(kinds) {
            assert_eq!(read.ok(), kind.map(|kind| (kind, numbers.clone())), "{dtype}");
        }
    }

    let exact = |number, kind: &str, can| format!("`w` holds the {number}, which {kind} cannot hold exactly; {can}");
    let only = "only F32, F64, I64 and BOOL are loaded as they are";
    let long = |number: u64| number.to_le_bytes();
    let errors = [
        (read::<f32>("I32", 1, &four(&[(1 << 24) + 1])), exact("I32 16777217", "f32", "`load_file_as::<i64>` can")),
        (
            read::<f32>("U64", 1, &long(u64::MAX)),
            exact("U64 18446744073709551615", "f32", "no type of tensors can, so convert it where it was saved"),
        ),
        (
            read::<f64>("U64", 1, &long((1 << 53) + 1)),
            exact("U64 9007199254740993", "f64", "`load_file_as::<i64>` can"),
        ),
        (read::<i64>("U64", 1, &long(1 << 63)), exact("U64 9223372036854775808", "i64", "`load_file_as::<f64>` can")),
        (read::<i64>("F16", 1, &[0, 0]), format!("`w` holds F16; {only}; `load_file_as::<f32>` widens it")),
        (read::<bool>("U8", 1, &[1]), format!("`w` holds U8; {only}; `load_file_as::<f32>` widens it")),
    ];
    for (read, expected) in errors {
        assert_eq!(read.unwrap_err(), expected);
    }
}

/// The file was written by Python's `safetensors`.
#[test]
fn a_half_file_of_python_is_read() {
    let state = load_file_as::<f32>(committed("float16.safetensors")).unwrap();
    assert_eq!(state.get("half").unwrap().kind(), Kind::F32);
}

/// Every 16-bit float round-trips, and the bits in the file are those of the format.
#[test]
fn all_numbers_of_16_bits_are_written_and_read() {
    let folder = folder("halves");
    for (half, widen) in [
        (Half::F16, (|bits| f64::from(half::f16::from_bits(bits))) as fn(u16) -> f64),
        (Half::BF16, |bits| f64::from(half::bf16::from_bits(bits))),
    ] {
        let numbers: Vec<f64> = (0..=u16::MAX).map(widen).collect();
        let mut state = StateDict::new();
        state.insert("exact", &Tensor::<f64>::from_vec(numbers.clone(), [1 << 16]).unwrap());
        state.insert(
            "single",
            &Tensor::<f32>::from_vec(numbers.iter().map(|&x| x as f32).collect(), [1 << 16]).unwrap(),
        );
        state.insert("labels", &Tensor::from([1, i64::MAX]));
        let path = folder.join(format!("{half:?}"));
        save_file_as(&state, half, &path).unwrap();
        let read = load_file_as::<f64>(&path).unwrap();
        for name in ["exact", "single"] {
            let read = read.tensor::<f64>(name).unwrap().to_vec();
            for (bits, (&a, b)) in numbers.iter().zip(read).enumerate() {
                assert!(
                    a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan(),
                    "{half:?} {bits:04x}: {a} became {b}"
                );
            }
        }
        assert_eq!(read.tensor::<i64>("labels").unwrap().to_vec(), [1, i64::MAX]);
        // The numbers in the file, except NaNs, have exactly these 16 bits.
        let bytes = fs::read(&path).unwrap();
        let stored: Vec<u16> =
            bytes[bytes.len() - 2 * (1 << 16)..].chunks(2).map(|b| u16::from_le_bytes([b[0], b[1]])).collect();
        assert!((0..=u16::MAX).zip(stored).all(|(bits, stored)| bits == stored || widen(bits).is_nan()));
    }
}

#[test]
fn numbers_are_rounded_and_too_large_ones_refused() {
    let path = folder("rounding").join("file");
    let write = |numbers: &[f64], half| {
        let mut state = StateDict::new();
        state.insert("w", &Tensor::<f64>::from_vec(numbers.to_vec(), [numbers.len()]).unwrap());
        save_file_as(&state, half, &path)?;
        Ok::<_, downhill_save::Error>(load_file_as::<f64>(&path)?.tensor::<f64>("w").unwrap().to_vec())
    };
    // Ties go to even; a number between two floats is rounded once, not first to f32.
    let tie = 1.0 + 2.0_f64.powi(-11);
    assert_eq!(
        write(&[0.1, tie, tie + 1e-12, 65519.9], Half::F16).unwrap(),
        [0.0999755859375, 1.0, 1.0009765625, 65504.0]
    );
    assert_eq!(write(&[0.1, 1.00390625, 1e38], Half::BF16).unwrap(), [0.10009765625, 1.0, 9.969_209_968_386_869e37]);
    let before = fs::read(&path).unwrap();
    let at = path.display();
    for (number, half, expected) in [
        (
            65520.0,
            Half::F16,
            "6.552e4, which is too large for F16, whose largest number is 65504; BF16 reaches as far as f32",
        ),
        (-1e39, Half::BF16, "-1e39, which is too large for BF16; save it as it is by `save_file`"),
    ] {
        let error = write(&[0.0, number], half).unwrap_err().to_string();
        assert_eq!(error, format!("{at}: cannot be written: `w` holds {expected}"));
        assert_eq!(fs::read(&path).unwrap(), before);
    }
    assert!(load_file(&path).is_err(), "it holds BF16");
}
