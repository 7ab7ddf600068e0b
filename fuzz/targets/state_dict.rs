//! States with a few changes given to modules, optimisers, schedulers and loaders: taken whole, or refused without a
//! trace.

#![no_main]

use arbitrary::Arbitrary;
use downhill_fuzz::run;
use downhill_tensor::{AnyTensor, StateDict, Tensor};
use libfuzzer_sys::fuzz_target;

/// A change of one entry of a state.
#[derive(Arbitrary, Debug)]
enum Change {
    Remove,
    Rename(String),
    /// Puts it at the end of a name, or takes it from there, as a damaged list of parameters has it.
    Suffix(char),
    Number(f64),
    Integer(i64),
    Flag(bool),
    Floats(Vec<f32>),
    Doubles(Vec<f64>),
    Integers(Vec<i64>),
    /// One number of the tensor that is there.
    Element(u8, f64),
    Shape(Vec<u8>),
    As(u8),
}

#[derive(Arbitrary, Debug)]
struct Input {
    kind: u8,
    /// Whose state it is at first; mostly its own.
    other: Option<u8>,
    changes: Vec<(u8, Change)>,
}

/// The same numbers as another type of element.
fn cast(tensor: &AnyTensor, kind: u8) -> AnyTensor {
    match kind % 4 {
        0 => AnyTensor::from(&tensor.cast::<f32>()),
        1 => AnyTensor::from(&tensor.cast::<f64>()),
        2 => AnyTensor::from(&tensor.cast::<i64>()),
        _ => AnyTensor::from(&tensor.cast::<bool>()),
    }
}

/// With one number in another place's stead.
fn with_element(tensor: &AnyTensor, place: u8, number: f64) -> AnyTensor {
    let mut numbers = tensor.numbers();
    if numbers.is_empty() {
        return tensor.clone();
    }
    let place = usize::from(place) % numbers.len();
    numbers[place] = number;
    let tensor_of_numbers = Tensor::from_vec(numbers, tensor.shape()).expect("as many as there were");
    let kind = ["f32", "f64", "i64", "bool"].iter().position(|&kind| tensor.kind().to_string() == kind);
    cast(&AnyTensor::from(&tensor_of_numbers), kind.expect("one of four") as u8)
}

fn changed(name: &str, tensor: &AnyTensor, change: &Change) -> Option<(String, AnyTensor)> {
    let mut name = name.to_owned();
    let tensor = match change {
        Change::Remove => return None,
        Change::Rename(other) => {
            name = other.clone();
            tensor.clone()
        }
        Change::Suffix(letter) => {
            match name.ends_with(*letter) {
                true => drop(name.pop()),
                false => name.push(*letter),
            }
            tensor.clone()
        }
        Change::Number(number) => AnyTensor::from(&Tensor::<f64>::new(*number)),
        Change::Integer(number) => AnyTensor::from(&Tensor::from(*number)),
        Change::Flag(flag) => AnyTensor::from(&Tensor::from(*flag)),
        Change::Floats(numbers) => {
            AnyTensor::from(&Tensor::from_vec(numbers.clone(), [numbers.len()]).expect("fits"))
        }
        Change::Doubles(numbers) => {
            AnyTensor::from(&Tensor::from_vec(numbers.clone(), [numbers.len()]).expect("fits"))
        }
        Change::Integers(numbers) => {
            AnyTensor::from(&Tensor::from_vec(numbers.clone(), [numbers.len()]).expect("fits"))
        }
        Change::Element(place, number) => with_element(tensor, *place, *number),
        Change::Shape(sizes) => {
            let sizes: Vec<usize> = sizes.iter().map(|&size| size.into()).collect();
            match Tensor::from_vec(tensor.numbers(), sizes) {
                Ok(other) => AnyTensor::from(&other),
                Err(_) => return Some((name, tensor.clone())),
            }
        }
        Change::As(kind) => cast(tensor, *kind),
    };
    Some((name, tensor))
}

fn run(input: &Input) {
    let mut own = run::made(input.kind);
    let mut state = run::made(input.other.unwrap_or(input.kind)).state();
    for (place, change) in input.changes.iter().take(8) {
        let place = usize::from(*place) % state.len().max(1);
        let mut next = StateDict::new();
        for (i, (name, tensor)) in state.iter().enumerate() {
            let entry =
                if i == place { changed(name, tensor, change) } else { Some((name.to_owned(), tensor.clone())) };
            entry.into_iter().for_each(|(name, tensor)| next.insert_any(name, &tensor));
        }
        state = next;
    }
    run::check_load(&mut *own, &state);
}

fuzz_target!(|input: Input| run(&input));
