//! Values of WIT's types, between JSON and WAVE.
//!
//! A [`Value`] knows what it is, so that it can be written without its type; to read one takes the
//! type. What can be written in JSON is described in [`crate::schema`]. WAVE is that of the crate
//! `wasm-wave`, with which the tests compare, but read and written here: its release for Wasmtime 48
//! has no maps, it stops at the first mistake, and it does not say where in a value that is. Maps are
//! written as its later releases do: `{"key": value}`.
//!
//! Handles to resources are values only in a session of calls, which keeps what they stand for; whoever
//! calls without one asks [`Signature::check_callable`] first.
//!
//! Every value of a callable function's types survives both ways, with two exceptions that the component
//! model itself makes: all NaNs are one, and of equal keys in a map the last counts.

mod describe;
mod from_json;
mod from_wave;
mod problem;
mod to_json;
mod to_wave;

use jackfield_protocol::{Integer, TypeKind};
use serde_json::{Map, Value as Json};

use crate::schema::RESULT;
use crate::{NotCallable, Signature};

pub use from_wave::WaveError;
pub use problem::{ValueProblem, ValueProblemKind, ValueProblems};

/// A value of any type that can be written down.
///
/// Displays as WAVE.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// `bool`.
    Bool(bool),
    /// `u8`.
    U8(u8),
    /// `s8`.
    S8(i8),
    /// `u16`.
    U16(u16),
    /// `s16`.
    S16(i16),
    /// `u32`.
    U32(u32),
    /// `s32`.
    S32(i32),
    /// `u64`.
    U64(u64),
    /// `s64`.
    S64(i64),
    /// `f32`.
    F32(f32),
    /// `f64`.
    F64(f64),
    /// `char`.
    Char(char),
    /// `string`.
    String(String),
    /// `list<…>`.
    List(Vec<Value>),
    /// `list<…, n>`.
    FixedLengthList(Vec<Value>),
    /// `map<…>`: keys and values, each key once.
    Map(Vec<(Value, Value)>),
    /// `record`: the fields in the order of the type, all of them.
    Record(Vec<(String, Value)>),
    /// `tuple<…>`.
    Tuple(Vec<Value>),
    /// `variant`: the case, and what comes with it.
    Variant(String, Option<Box<Value>>),
    /// `enum`.
    Enum(String),
    /// `option<…>`.
    Option(Option<Box<Value>>),
    /// `result<…>`.
    Result(Result<Option<Box<Value>>, Option<Box<Value>>>),
    /// `flags`: those that are set, in the order of the type.
    Flags(Vec<String>),
    /// `own<…>` and `borrow<…>`: a handle to a resource, by the number that a session of calls gave it.
    /// Written `#1` in WAVE, which is an extension, and `"#1"` in JSON.
    Handle(u64),
}

impl Value {
    /// An integer; none if it is out of the type's range.
    #[must_use]
    pub fn integer(ty: Integer, value: i128) -> Option<Self> {
        Some(match ty {
            Integer::U8 => Self::U8(value.try_into().ok()?),
            Integer::S8 => Self::S8(value.try_into().ok()?),
            Integer::U16 => Self::U16(value.try_into().ok()?),
            Integer::S16 => Self::S16(value.try_into().ok()?),
            Integer::U32 => Self::U32(value.try_into().ok()?),
            Integer::S32 => Self::S32(value.try_into().ok()?),
            Integer::U64 => Self::U64(value.try_into().ok()?),
            Integer::S64 => Self::S64(value.try_into().ok()?),
        })
    }

    /// The first handle in it: a value without one belongs to no instance.
    #[must_use]
    pub fn first_handle(&self) -> Option<u64> {
        let of = |value: &Option<Box<Self>>| value.as_deref().and_then(Self::first_handle);
        match self {
            Self::Handle(handle) => Some(*handle),
            Self::List(values) | Self::FixedLengthList(values) | Self::Tuple(values) => {
                values.iter().find_map(Self::first_handle)
            }
            Self::Map(entries) => {
                entries.iter().find_map(|(key, value)| key.first_handle().or_else(|| value.first_handle()))
            }
            Self::Record(fields) => fields.iter().find_map(|(_, value)| value.first_handle()),
            Self::Variant(_, value) | Self::Option(value) => of(value),
            Self::Result(Ok(value) | Err(value)) => of(value),
            _ => None,
        }
    }
}

/// Why arguments or a result could not be read.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ConvertError {
    /// No values can be written for the function.
    #[error("the function cannot be called from here: {0}")]
    NotCallable(#[from] NotCallable),
    /// The arguments are not what the function takes.
    #[error(transparent)]
    Arguments(#[from] ValueProblems),
    /// The result is not what the function gives.
    #[error("the result cannot be read: {0}")]
    Result(#[from] WaveError),
    /// The function gives a result and there is none, or the other way round.
    #[error("the function gives {}", if *.expected { "a result, and there is none" } else { "no result, and there is one" })]
    ResultCount {
        /// Whether the function gives a result.
        expected: bool,
    },
}

/// Reads a function's arguments, in the order of its parameters, from a JSON object.
///
/// # Errors
/// [`ConvertError::Arguments`] with everything that is wrong, or [`ConvertError::NotCallable`].
pub fn args_from_json(
    signature: Signature<'_>,
    args: &Map<String, Json>,
) -> Result<Vec<Value>, ConvertError> {
    signature.check_callable()?;
    Ok(from_json::read_args(signature, args)?)
}

/// Brings a function's arguments from a JSON object into WAVE, in the order of its parameters.
///
/// # Errors
/// As for [`args_from_json`].
pub fn args_to_wave(signature: Signature<'_>, args: &Map<String, Json>) -> Result<Vec<String>, ConvertError> {
    Ok(args_from_json(signature, args)?.iter().map(Value::to_string).collect())
}

/// Reads a function's result from WAVE: none for a function that gives nothing.
///
/// # Errors
/// [`ConvertError::Result`] if the text is no value of the result's type,
/// [`ConvertError::ResultCount`] if there should be none, or one, and [`ConvertError::NotCallable`].
pub fn result_from_wave(signature: Signature<'_>, wave: Option<&str>) -> Result<Option<Value>, ConvertError> {
    signature.check_callable()?;
    match (signature.function.result, wave) {
        (Some(ty), Some(wave)) => Ok(Some(from_wave::read(signature.types, ty, wave)?)),
        (None, None) => Ok(None),
        (expected, _) => Err(ConvertError::ResultCount { expected: expected.is_some() }),
    }
}

/// A function's result as JSON: `{"result": …}`, or `{}` for a function that gives nothing.
#[must_use]
pub fn result_to_json(result: Option<&Value>) -> Map<String, Json> {
    result.map(|result| (RESULT.to_owned(), result.to_json())).into_iter().collect()
}

/// Reads an argument from WAVE, as a person writes it on a command line.
///
/// # Errors
/// [`WaveError`] if the text is no value of the type.
pub fn from_wave(
    types: &jackfield_protocol::TypeGraph,
    ty: jackfield_protocol::TypeId,
    wave: &str,
) -> Result<Value, WaveError> {
    from_wave::read(types, ty, wave)
}

/// Whether a value of the type may be `null` in JSON. An option of such a type is written in another
/// way, so that its `null` means one thing.
pub(crate) fn may_be_null(kind: &TypeKind) -> bool {
    matches!(kind, TypeKind::Option(_))
}
