//! All that is wrong with the fields of a body. serde ends at the first error, so each field is read by itself, and one
//! that is wrong is replaced before the others are parsed further.

use std::{cell::Cell, collections::BTreeSet, fmt};

use serde::{
    Deserializer,
    de::{
        self, DeserializeOwned, DeserializeSeed, IgnoredAny, IntoDeserializer, MapAccess, Visitor,
    },
    forward_to_deserialize_any,
};
use serde_json::{Value, json};
use tollgate_domain::validation::FieldError;

use crate::problem::{FieldErrors, Problem};

/// How many fields may be unknown or there again. With more of them nothing else is told, for which the body would be read
/// once a field.
const MAX_UNKNOWN: usize = 100;

/// A body that was read, with the errors of its fields. A field with an error has a value that stands in for it.
#[derive(Debug)]
pub(crate) struct Draft<T> {
    body: T,
    errors: FieldErrors,
}

impl<T> Draft<T> {
    pub(super) fn sound(body: T) -> Self {
        Self { body, errors: FieldErrors::new() }
    }

    /// Returns the body, unless a field has an error.
    pub(crate) fn whole(self) -> Result<T, Problem> {
        self.parse(Ok)
    }

    /// Parses the fields further. The problem names all fields that are wrong in either way.
    pub(crate) fn parse<U>(
        self,
        parse: impl FnOnce(T) -> Result<U, FieldErrors>,
    ) -> Result<U, Problem> {
        let (body, errors) = self.parts();
        merged(errors, parse(body))
    }

    /// Returns the body and the errors so far, for those who parse it elsewhere and call [`merged`].
    pub(crate) fn parts(self) -> (T, FieldErrors) {
        (self.body, self.errors)
    }
}

/// Returns what was parsed, or the problem of all fields that are wrong. The first error of a field is kept.
pub(crate) fn merged<U>(
    mut errors: FieldErrors,
    parsed: Result<U, FieldErrors>,
) -> Result<U, Problem> {
    match parsed {
        Ok(parsed) => {
            errors.finish().map_err(Problem::invalid)?;
            Ok(parsed)
        }
        Err(more) => {
            errors.extend(more);
            Err(Problem::invalid(errors))
        }
    }
}

/// Reads a body that is well-formed JSON and was not accepted as a whole. Returns only the errors if nothing can stand in
/// for a field.
pub(super) fn draft<T: DeserializeOwned>(text: &str) -> Result<Draft<T>, FieldErrors> {
    let known = read::<T>("{}", &[], Vec::new()).known;
    let mut errors = FieldErrors::new();
    let mut sound = Vec::new();
    // Each field by itself, so that the error of one hides no other.
    for field in names(text, known, &mut errors)? {
        let one = read::<T>(text, &[field], Vec::new());
        match one.outcome {
            Err(error) if !one.is_complete => errors.add(field, said(&error)),
            _ => sound.push(field),
        }
    }
    // A missing field is required if the type cannot be read with all others there.
    let all: Vec<_> = known.iter().copied().filter_map(stand_in::<T>).collect();
    let is_required = |field: &str| {
        let others = all.iter().filter(|(name, _)| *name != field).cloned().collect();
        read::<T>("{}", &[], others).outcome.is_err()
    };
    let missing = known.iter().copied().filter(|field| !sound.contains(field));
    let required: BTreeSet<&str> = missing.filter(|field| is_required(field)).collect();
    for field in &required {
        errors.add(field, FieldError::Missing);
    }
    // What is right, with values that stand in for what is wrong and required.
    let stand_ins = all.iter().filter(|(name, _)| required.contains(name)).cloned().collect();
    match read(text, &sound, stand_ins).outcome {
        Ok(body) => Ok(Draft { body, errors }),
        Err(error) => {
            if errors.fields().is_empty() {
                errors.add("body", said(&error));
            }
            Err(errors)
        }
    }
}

/// Returns the known fields that are there once, and adds the errors of all others; only the errors if there are too many.
fn names(
    text: &str,
    known: &'static [&'static str],
    errors: &mut FieldErrors,
) -> Result<Vec<&'static str>, FieldErrors> {
    let mut json = serde_json::Deserializer::from_str(text);
    let there = Deserializer::deserialize_map(&mut json, Names { known, errors });
    let (there, wrong) = there.map_err(|error| FieldErrors::one("body", said(&error)))?;
    if wrong > MAX_UNKNOWN { Err(errors.clone()) } else { Ok(there) }
}

/// Returns what serde says of an error, without the place.
fn said(error: &serde_json::Error) -> String {
    let message = error.to_string();
    let message = message.rsplit_once(" at line ").map_or(&*message, |(message, _)| message);
    shortened(match message {
        "unexpected end of hex escape" | "lone leading surrogate in hex escape" => {
            "has half a character: escapes from \\ud800 to \\udfff go in pairs"
        }
        message => message,
    })
}

/// Shortens a text from the client that is repeated in an answer.
pub(super) fn shortened(text: &str) -> String {
    text.chars().take(100).collect()
}

/// A field, and a value of its type.
type StandIn = (&'static str, Value);

/// Returns a value that the field takes.
fn stand_in<T: DeserializeOwned>(field: &'static str) -> Option<StandIn> {
    // A required field that takes none of these needs a value of its own.
    let values = [
        Value::Null,
        json!(""),
        json!(0),
        json!(false),
        json!([]),
        // The form of `MoneyBody`.
        json!({"amount": 0, "currency": "usd"}),
    ];
    let is_taken = |value: &Value| {
        let one = read::<T>("{}", &[], vec![(field, value.clone())]);
        one.is_complete || one.outcome.is_ok()
    };
    values.into_iter().find(is_taken).map(|value| (field, value))
}

/// What reading some fields of a body came to.
struct Reading<T> {
    outcome: Result<T, serde_json::Error>,
    /// Whether all fields that were to be read were. If so, an error is about one that was not.
    is_complete: bool,
    /// All fields that the type has.
    known: &'static [&'static str],
}

/// Reads these fields of a body, and values that stand in for others.
fn read<T: DeserializeOwned>(
    text: &str,
    fields: &[&'static str],
    stand_ins: Vec<StandIn>,
) -> Reading<T> {
    let is_complete = Cell::new(false);
    let known = Cell::<&'static [&'static str]>::new(&[]);
    let part = Part { text, fields, stand_ins, is_complete: &is_complete, known: &known };
    let outcome = T::deserialize(part);
    Reading { outcome, is_complete: is_complete.get(), known: known.get() }
}

/// A part of a body: some of its fields, and values that stand in for others.
struct Part<'de, 'a> {
    text: &'de str,
    fields: &'a [&'static str],
    stand_ins: Vec<StandIn>,
    is_complete: &'a Cell<bool>,
    known: &'a Cell<&'static [&'static str]>,
}

impl<'de> Deserializer<'de> for Part<'de, '_> {
    type Error = serde_json::Error;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Self::Error> {
        Err(de::Error::custom("the body is not read into a struct"))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        known: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        self.known.set(known);
        let mut json = serde_json::Deserializer::from_str(self.text);
        Deserializer::deserialize_map(&mut json, PartVisitor { part: self, visitor })
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}

/// Reads the names of an object, of which these fields are known.
struct Names<'a> {
    known: &'static [&'static str],
    errors: &'a mut FieldErrors,
}

impl<'de> Visitor<'de> for Names<'_> {
    /// The known fields that are there once, and how many others there are, each as often as it is there.
    type Value = (Vec<&'static str>, usize);

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let (mut there, mut twice, mut wrong) = (Vec::new(), Vec::new(), 0_usize);
        while let Some(name) = map.next_key::<String>()? {
            map.next_value::<IgnoredAny>()?;
            let known = self.known.iter().copied().find(|field| *field == name);
            if let Some(field) = known {
                if !there.contains(&field) {
                    there.push(field);
                    continue;
                }
                if !twice.contains(&field) {
                    twice.push(field);
                }
            } else if self.errors.fields().len() < MAX_UNKNOWN {
                self.errors.add(&shortened(&name), "is not a field of this request");
            }
            wrong += 1;
        }
        for field in &twice {
            self.errors.add(field, "is there twice");
        }
        there.retain(|field| !twice.contains(field));
        Ok((there, wrong))
    }
}

/// Hands a part of an object to the visitor of the type.
struct PartVisitor<'de, 'a, V> {
    part: Part<'de, 'a>,
    visitor: V,
}

impl<'de, V: Visitor<'de>> Visitor<'de> for PartVisitor<'_, '_, V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<V::Value, A::Error> {
        let Part { fields, stand_ins, is_complete, .. } = self.part;
        self.visitor.visit_map(PartMap { map, fields, stand_ins, stand_in: None, is_complete })
    }
}

/// The fields of a part of an object.
struct PartMap<'a, A> {
    map: A,
    fields: &'a [&'static str],
    stand_ins: Vec<StandIn>,
    /// The value of the field whose name was read last, if it stands in.
    stand_in: Option<Value>,
    is_complete: &'a Cell<bool>,
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for PartMap<'_, A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, A::Error> {
        while let Some(name) = self.map.next_key::<String>()? {
            if self.fields.iter().any(|field| *field == name) {
                return seed.deserialize(name.into_deserializer()).map(Some);
            }
            self.map.next_value::<IgnoredAny>()?;
        }
        let Some((name, value)) = self.stand_ins.pop() else {
            self.is_complete.set(true);
            return Ok(None);
        };
        self.stand_in = Some(value);
        seed.deserialize(name.into_deserializer()).map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, A::Error> {
        if let Some(value) = self.stand_in.take() {
            seed.deserialize(value).map_err(de::Error::custom)
        } else {
            self.map.next_value_seed(seed)
        }
    }
}
