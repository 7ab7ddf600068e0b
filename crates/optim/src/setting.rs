//! The options of an optimiser as a table: each with its name, its accessors and its range.
//!
//! Options are read, set, checked, saved and loaded through this one table.

use std::fmt;

use downhill_tensor::{Error, LoadError, StateDict};

use crate::state_reader::StateReader;

/// The value of an option: a number, a whole number or a truth value.
///
/// ```
/// use downhill_optim::{OptionValue, ParamGroups, SGD};
/// use downhill_tensor::Tensor;
/// let w = Tensor::from(1.0).requires_grad_(true);
/// let mut optimizer = SGD::new([&w], 0.1).nesterov(true);
/// optimizer.groups_mut()[0].set("momentum", 0.9);
/// let group = optimizer.groups()[0];
/// assert_eq!(group.get("momentum"), Some(OptionValue::Number(0.9)));
/// assert_eq!(group.get("nesterov").and_then(OptionValue::as_bool), Some(true));
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum OptionValue {
    /// A number.
    Number(f64),
    /// A whole number.
    Count(usize),
    /// A truth value.
    Bool(bool),
}

impl OptionValue {
    /// The value as a number; `None` for a truth value.
    pub fn as_f64(self) -> Option<f64> {
        (!matches!(self, OptionValue::Bool(_))).then(|| self.number())
    }

    /// The value as a truth value; `None` for a number.
    pub fn as_bool(self) -> Option<bool> {
        match self {
            OptionValue::Bool(value) => Some(value),
            _ => None,
        }
    }

    fn number(self) -> f64 {
        match self {
            OptionValue::Number(number) => number,
            OptionValue::Count(count) => count as f64,
            OptionValue::Bool(value) => f64::from(u8::from(value)),
        }
    }

    fn count(self) -> usize {
        match self {
            OptionValue::Count(count) => count,
            other => other.number() as usize,
        }
    }
}

impl From<f64> for OptionValue {
    fn from(number: f64) -> Self {
        OptionValue::Number(number)
    }
}

impl From<usize> for OptionValue {
    fn from(count: usize) -> Self {
        OptionValue::Count(count)
    }
}

impl From<bool> for OptionValue {
    fn from(value: bool) -> Self {
        OptionValue::Bool(value)
    }
}

impl fmt::Display for OptionValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            OptionValue::Number(number) => number.fmt(f),
            OptionValue::Count(count) => count.fmt(f),
            OptionValue::Bool(value) => value.fmt(f),
        }
    }
}

/// One option in the options `O`: its name, how its field is read and written, and its range.
#[derive(Debug)]
pub struct Setting<O> {
    pub(crate) name: &'static str,
    field: Field<O>,
    range: Range,
}

/// How a field is read and written.
#[derive(Debug)]
enum Field<O> {
    Number(fn(&O) -> f64, fn(&mut O, f64)),
    OptionalNumber(fn(&O) -> Option<f64>, fn(&mut O, Option<f64>)),
    Count(fn(&O) -> usize, fn(&mut O, usize)),
    OptionalCount(fn(&O) -> Option<usize>, fn(&mut O, Option<usize>)),
    Bool(fn(&O) -> bool, fn(&mut O, bool)),
}

#[derive(Clone, Copy, Debug)]
enum Range {
    Any,
    AtLeast0,
    From0Below1,
    Whole,
    WholeAtLeast1,
    TrueOrFalse,
}

impl Range {
    fn expected(self, value: OptionValue) -> &'static str {
        match self {
            Range::Any => "a number",
            Range::AtLeast0 => "at least 0",
            Range::From0Below1 => "at least 0 and below 1",
            Range::Whole => "a whole number of at least 0",
            Range::WholeAtLeast1 if value.as_f64() == Some(0.0) => "at least 1",
            Range::WholeAtLeast1 => "a whole number of at least 1",
            Range::TrueOrFalse => "true or false",
        }
    }

    fn holds(self, value: OptionValue) -> bool {
        let number = value.as_f64();
        match self {
            Range::Any => number.is_some_and(|x| !x.is_nan()),
            Range::AtLeast0 => number.is_some_and(|x| x >= 0.0),
            Range::From0Below1 => number.is_some_and(|x| (0.0..1.0).contains(&x)),
            Range::Whole => number.is_some_and(|x| x >= 0.0 && x.fract() == 0.0),
            Range::WholeAtLeast1 => number.is_some_and(|x| x >= 1.0 && x.fract() == 0.0),
            Range::TrueOrFalse => value.as_bool().is_some(),
        }
    }
}

impl<O> Setting<O> {
    /// Any number.
    pub const fn number(name: &'static str, get: fn(&O) -> f64, set: fn(&mut O, f64)) -> Self {
        Setting { name, field: Field::Number(get, set), range: Range::Any }
    }

    /// A number of at least 0 that may be absent.
    pub(crate) const fn optional_number(
        name: &'static str,
        get: fn(&O) -> Option<f64>,
        set: fn(&mut O, Option<f64>),
    ) -> Self {
        Setting { name, field: Field::OptionalNumber(get, set), range: Range::AtLeast0 }
    }

    /// A number of at least 0.
    pub const fn at_least_0(name: &'static str, get: fn(&O) -> f64, set: fn(&mut O, f64)) -> Self {
        Setting { name, field: Field::Number(get, set), range: Range::AtLeast0 }
    }

    /// A number of at least 0 and below 1.
    pub const fn below_1(name: &'static str, get: fn(&O) -> f64, set: fn(&mut O, f64)) -> Self {
        Setting { name, field: Field::Number(get, set), range: Range::From0Below1 }
    }

    /// A whole number of at least 0.
    pub const fn count(name: &'static str, get: fn(&O) -> usize, set: fn(&mut O, usize)) -> Self {
        Setting { name, field: Field::Count(get, set), range: Range::Whole }
    }

    /// A whole number of at least 1.
    pub const fn count_from_1(name: &'static str, get: fn(&O) -> usize, set: fn(&mut O, usize)) -> Self {
        Setting { name, field: Field::Count(get, set), range: Range::WholeAtLeast1 }
    }

    /// A whole number of at least 0; `None` means that the optimiser derives it from its other options.
    pub const fn optional_count(
        name: &'static str,
        get: fn(&O) -> Option<usize>,
        set: fn(&mut O, Option<usize>),
    ) -> Self {
        Setting { name, field: Field::OptionalCount(get, set), range: Range::Whole }
    }

    /// On or off.
    pub const fn bool(name: &'static str, get: fn(&O) -> bool, set: fn(&mut O, bool)) -> Self {
        Setting { name, field: Field::Bool(get, set), range: Range::TrueOrFalse }
    }

    /// The value; `None` when an optional one is not set.
    pub(crate) fn get(&self, options: &O) -> Option<OptionValue> {
        match self.field {
            Field::Number(get, _) => Some(get(options).into()),
            Field::OptionalNumber(get, _) => get(options).map(OptionValue::from),
            Field::Count(get, _) => Some(get(options).into()),
            Field::OptionalCount(get, _) => get(options).map(OptionValue::from),
            Field::Bool(get, _) => Some(get(options).into()),
        }
    }

    /// Sets the value; `op` is the name of the optimiser for errors.
    pub(crate) fn set(&self, options: &mut O, op: &'static str, value: OptionValue) -> Result<(), Error> {
        if !self.range.holds(value) {
            let (name, expected) = (self.name, self.range.expected(value));
            return Err(Error::Argument { op, name, given: value.to_string(), expected });
        }
        match self.field {
            Field::Number(_, set) => set(options, value.number()),
            Field::OptionalNumber(_, set) => set(options, Some(value.number())),
            Field::Count(_, set) => set(options, value.count()),
            Field::OptionalCount(_, set) => set(options, Some(value.count())),
            Field::Bool(_, set) => set(options, value == OptionValue::Bool(true)),
        }
        Ok(())
    }

    /// Writes the value into a state under `prefix.NAME`, as a tensor of shape `[]`. A count that is not set is left
    /// out.
    pub(crate) fn save(&self, options: &O, prefix: &str, state: &mut StateDict) {
        let name = format!("{prefix}.{}", self.name);
        match self.get(options) {
            Some(OptionValue::Number(number)) => state.insert_number::<f64>(name, number),
            Some(OptionValue::Count(count)) => state.insert_number::<i64>(name, count as i64),
            Some(OptionValue::Bool(value)) => state.insert_number::<bool>(name, value),
            None => {}
        }
    }

    /// Reads the value from a state.
    pub(crate) fn load(
        &self,
        options: &mut O,
        op: &'static str,
        prefix: &str,
        reader: &mut StateReader,
    ) -> Result<(), LoadError> {
        let name = format!("{prefix}.{}", self.name);
        let loaded: Option<OptionValue> = match self.field {
            Field::OptionalNumber(_, set) if !reader.has(&name) => {
                set(options, None);
                None
            }
            Field::Number(..) | Field::OptionalNumber(..) => reader.number::<f64>(&name)?.map(OptionValue::from),
            Field::Bool(..) => reader.number::<bool>(&name)?.map(OptionValue::from),
            Field::OptionalCount(_, set) if !reader.has(&name) => {
                set(options, None);
                None
            }
            // As a number, so that a negative one is refused by the range of the setting.
            Field::Count(..) | Field::OptionalCount(..) => {
                reader.number::<i64>(&name)?.map(|count| OptionValue::from(count as f64))
            }
        };
        match loaded {
            Some(value) => {
                let refused = |error: Error| LoadError::Value { name, problem: error.to_string() };
                self.set(options, op, value).map_err(refused)
            }
            None => Ok(()),
        }
    }
}
