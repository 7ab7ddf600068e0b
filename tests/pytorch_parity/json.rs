//! Reads a case field by field and tracks what was not read, so that an unknown argument is a failure.

use serde_json::{Map, Value as Json};

/// Why a case did not run to its end.
#[derive(Debug)]
pub enum Failure {
    /// The case contains something that the interpreter does not understand; no case expects that.
    Schema(String),
    /// The library refused the call, by a panic, an `Err`, or a type that cannot hold the argument.
    Refused(String),
}

pub type Outcome<R> = Result<R, Failure>;

pub fn schema<R>(text: impl Into<String>) -> Outcome<R> {
    Err(Failure::Schema(text.into()))
}

pub fn refused<R>(text: impl Into<String>) -> Outcome<R> {
    Err(Failure::Refused(text.into()))
}

/// Runs a call of the library; a panic becomes a refusal.
pub fn attempt<R>(call: impl FnOnce() -> Outcome<R>) -> Outcome<R> {
    let mut result = None;
    match downhill_tests::panic_of(|| result = Some(call())) {
        Some(panic) => refused(format!("panic: {}", panic.text)),
        None => result.expect("the call gave a result or panicked"),
    }
}

/// The fields of a JSON object; each is taken once.
#[derive(Clone)]
pub struct Fields {
    owner: String,
    map: Map<String, Json>,
}

impl Fields {
    pub fn of(owner: impl Into<String>, json: Json) -> Outcome<Self> {
        match json {
            Json::Object(map) => Ok(Fields { owner: owner.into(), map }),
            other => schema(format!("{}: an object was expected, not {other}", owner.into())),
        }
    }

    /// A field that must be there.
    pub fn get<X: FromJson>(&mut self, name: &str) -> Outcome<X> {
        match self.map.remove(name) {
            Some(json) => self.read(name, &json),
            None => schema(format!("{}: `{name}` is missing", self.owner)),
        }
    }

    /// A field that may be missing or null.
    pub fn option<X: FromJson>(&mut self, name: &str) -> Outcome<Option<X>> {
        match self.map.remove(name) {
            Some(json) => self.read(name, &json),
            None => Ok(None),
        }
    }

    /// A field that has a default.
    pub fn or<X: FromJson>(&mut self, name: &str, default: X) -> Outcome<X> {
        match self.map.remove(name) {
            Some(json) => self.read(name, &json),
            None => Ok(default),
        }
    }

    /// A field as it is in the file.
    pub fn take(&mut self, name: &str) -> Option<Json> {
        self.map.remove(name)
    }

    /// The fields of an object inside this one.
    pub fn fields(&mut self, name: &str) -> Outcome<Fields> {
        let json = self.get::<Json>(name)?;
        Fields::of(format!("{}.{name}", self.owner), json)
    }

    /// These fields, and those of the other that are missing here.
    pub fn or_else(mut self, defaults: &Fields) -> Fields {
        for (name, json) in &defaults.map {
            self.map.entry(name).or_insert_with(|| json.clone());
        }
        self
    }

    pub fn has(&self, name: &str) -> bool {
        self.map.contains_key(name)
    }

    /// Checks that everything has been read.
    pub fn finish(&self) -> Outcome<()> {
        match self.map.iter().next() {
            Some((name, json)) => schema(format!("{}: `{name}` = {json} is not understood", self.owner)),
            None => Ok(()),
        }
    }

    fn read<X: FromJson>(&self, name: &str, json: &Json) -> Outcome<X> {
        let place = |text: String| format!("{}: `{name}`: {text}", self.owner);
        X::from_json(json).map_err(|failure| match failure {
            Failure::Schema(text) => Failure::Schema(place(text)),
            Failure::Refused(text) => Failure::Refused(place(text)),
        })
    }
}

/// What an argument can be read as.
pub trait FromJson: Sized {
    fn from_json(json: &Json) -> Outcome<Self>;
}

impl FromJson for Json {
    fn from_json(json: &Json) -> Outcome<Self> {
        Ok(json.clone())
    }
}

impl FromJson for f64 {
    fn from_json(json: &Json) -> Outcome<Self> {
        match (json.as_f64(), json.as_str()) {
            (Some(number), _) => Ok(number),
            (_, Some("nan")) => Ok(f64::NAN),
            (_, Some("inf")) => Ok(f64::INFINITY),
            (_, Some("-inf")) => Ok(f64::NEG_INFINITY),
            _ => schema(format!("{json} is not a number")),
        }
    }
}

impl FromJson for i64 {
    fn from_json(json: &Json) -> Outcome<Self> {
        json.as_i64().map_or_else(|| schema(format!("{json} is not an integer")), Ok)
    }
}

impl FromJson for isize {
    fn from_json(json: &Json) -> Outcome<Self> {
        Ok(i64::from_json(json)? as isize)
    }
}

impl FromJson for usize {
    fn from_json(json: &Json) -> Outcome<Self> {
        let number = i64::from_json(json)?;
        usize::try_from(number).or_else(|_| refused(format!("{number} is not a `usize`")))
    }
}

impl FromJson for bool {
    fn from_json(json: &Json) -> Outcome<Self> {
        json.as_bool().map_or_else(|| schema(format!("{json} is not true or false")), Ok)
    }
}

impl FromJson for String {
    fn from_json(json: &Json) -> Outcome<Self> {
        json.as_str().map_or_else(|| schema(format!("{json} is not a string")), |text| Ok(text.to_owned()))
    }
}

impl<X: FromJson> FromJson for Option<X> {
    fn from_json(json: &Json) -> Outcome<Self> {
        if json.is_null() { Ok(None) } else { X::from_json(json).map(Some) }
    }
}

impl<X: FromJson> FromJson for Vec<X> {
    fn from_json(json: &Json) -> Outcome<Self> {
        match json.as_array() {
            Some(items) => items.iter().map(X::from_json).collect(),
            None => schema(format!("{json} is not a list")),
        }
    }
}

/// One dimension or a list of them.
pub struct Dims(pub Vec<isize>);

impl FromJson for Dims {
    fn from_json(json: &Json) -> Outcome<Self> {
        if json.is_number() { Ok(Dims(vec![isize::from_json(json)?])) } else { Vec::from_json(json).map(Dims) }
    }
}

/// A height and a width, or one number for both.
pub struct Pair(pub [usize; 2]);

impl FromJson for Pair {
    fn from_json(json: &Json) -> Outcome<Self> {
        if json.is_number() {
            return Ok(Pair([usize::from_json(json)?; 2]));
        }
        let both = Vec::<usize>::from_json(json)?;
        <[usize; 2]>::try_from(both).map(Pair).or_else(|_| schema(format!("{json} is not a pair")))
    }
}
