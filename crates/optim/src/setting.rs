//! The options of an optimiser as a table: each with its name, its place and its range.
//!
//! From this one table options are set and checked, read by schedulers, saved and loaded.

use downhill_tensor::{Error, LoadError, StateDict};

use crate::reader::Reader;

/// One option: its name, where it is kept, and what it may be.
#[derive(Debug)]
pub struct Setting<'a> {
    pub(crate) name: &'static str,
    value: Value<'a>,
    range: Range,
}

#[derive(Debug)]
enum Value<'a> {
    Number(&'a mut f64),
    Count(&'a mut usize),
    OptionalCount(&'a mut Option<usize>),
    Switch(&'a mut bool),
}

#[derive(Clone, Copy, Debug)]
enum Range {
    Any,
    AtLeast0,
    From0Below1,
    Whole,
}

impl Range {
    fn expected(self) -> &'static str {
        match self {
            Range::Any => "a number",
            Range::AtLeast0 => "at least 0",
            Range::From0Below1 => "at least 0 and below 1",
            Range::Whole => "a whole number of at least 0",
        }
    }

    fn holds(self, value: f64) -> bool {
        match self {
            Range::Any => !value.is_nan(),
            Range::AtLeast0 => value >= 0.0,
            Range::From0Below1 => (0.0..1.0).contains(&value),
            Range::Whole => value >= 0.0 && value.fract() == 0.0,
        }
    }
}

impl<'a> Setting<'a> {
    /// Any number.
    pub fn number(name: &'static str, value: &'a mut f64) -> Self {
        Setting { name, value: Value::Number(value), range: Range::Any }
    }

    /// A number of at least 0.
    pub fn at_least_0(name: &'static str, value: &'a mut f64) -> Self {
        Setting { name, value: Value::Number(value), range: Range::AtLeast0 }
    }

    /// A number from 0 to 1, without 1.
    pub fn below_1(name: &'static str, value: &'a mut f64) -> Self {
        Setting { name, value: Value::Number(value), range: Range::From0Below1 }
    }

    /// A whole number of at least 0.
    pub fn count(name: &'static str, value: &'a mut usize) -> Self {
        Setting { name, value: Value::Count(value), range: Range::Whole }
    }

    /// A whole number that follows from other options when it is absent.
    pub fn optional_count(name: &'static str, value: &'a mut Option<usize>) -> Self {
        Setting { name, value: Value::OptionalCount(value), range: Range::Whole }
    }

    /// On or off: 1 or 0.
    pub fn switch(name: &'static str, value: &'a mut bool) -> Self {
        Setting { name, value: Value::Switch(value), range: Range::Any }
    }

    /// The value; `None` when it is absent.
    pub(crate) fn get(&self) -> Option<f64> {
        match &self.value {
            Value::Number(value) => Some(**value),
            Value::Count(value) => Some(**value as f64),
            Value::OptionalCount(value) => value.map(|value| value as f64),
            Value::Switch(value) => Some(f64::from(u8::from(**value))),
        }
    }

    /// Changes the value, or says why not; `op` is the optimiser.
    pub(crate) fn set(&mut self, op: &'static str, value: f64) -> Result<(), Error> {
        if !self.range.holds(value) {
            let (name, expected) = (self.name, self.range.expected());
            return Err(Error::Argument { op, name, given: value.to_string(), expected });
        }
        match &mut self.value {
            Value::Number(place) => **place = value,
            Value::Count(place) => **place = value as usize,
            Value::OptionalCount(place) => **place = Some(value as usize),
            Value::Switch(place) => **place = value != 0.0,
        }
        Ok(())
    }

    /// Puts the value into a state under `prefix.NAME`, as a tensor without dimensions; nothing when it is absent.
    pub(crate) fn save(&self, prefix: &str, state: &mut StateDict) {
        let name = format!("{prefix}.{}", self.name);
        match &self.value {
            Value::Number(value) => state.insert_number::<f64>(name, **value),
            Value::Count(value) => state.insert_number::<i64>(name, **value as i64),
            Value::OptionalCount(Some(value)) => state.insert_number::<i64>(name, *value as i64),
            Value::OptionalCount(None) => {}
            Value::Switch(value) => state.insert_number::<bool>(name, **value),
        }
    }

    /// Takes the value from a state.
    pub(crate) fn load(&mut self, op: &'static str, prefix: &str, reader: &mut Reader) -> Result<(), LoadError> {
        let name = format!("{prefix}.{}", self.name);
        let loaded = match &mut self.value {
            Value::Number(_) => reader.number::<f64>(&name)?,
            Value::Switch(_) => reader.number::<bool>(&name)?.map(|on| f64::from(u8::from(on))),
            Value::Count(_) => reader.number::<i64>(&name)?.map(|count| count as f64),
            Value::OptionalCount(place) if !reader.has(&name) => {
                **place = None;
                None
            }
            Value::OptionalCount(_) => reader.number::<i64>(&name)?.map(|count| count as f64),
        };
        match loaded {
            Some(value) => self.set(op, value).map_err(|error| LoadError::Value { name, problem: error.to_string() }),
            None => Ok(()),
        }
    }
}
