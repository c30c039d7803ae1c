//! Values as JSON.

use serde_json::{Map, Number, Value as Json, json};

use super::Value;

/// Beyond this, programs that read numbers as `f64` lose digits (RFC 8259, section 6).
const MAX_SAFE_INTEGER: u64 = (1 << 53) - 1;

impl Value {
    /// The value as JSON, as [`crate::schema`] describes it.
    #[must_use]
    pub fn to_json(&self) -> Json {
        match self {
            Self::Bool(value) => json!(value),
            Self::U8(value) => json!(value),
            Self::S8(value) => json!(value),
            Self::U16(value) => json!(value),
            Self::S16(value) => json!(value),
            Self::U32(value) => json!(value),
            Self::S32(value) => json!(value),
            Self::U64(value) if *value > MAX_SAFE_INTEGER => json!(value.to_string()),
            Self::U64(value) => json!(value),
            Self::S64(value) if value.unsigned_abs() > MAX_SAFE_INTEGER => json!(value.to_string()),
            Self::S64(value) => json!(value),
            Self::F32(value) => float(short(*value)),
            Self::F64(value) => float(*value),
            Self::Char(value) => json!(value),
            Self::String(value) => json!(value),
            Self::List(values) | Self::FixedLengthList(values) | Self::Tuple(values) => {
                values.iter().map(Self::to_json).collect()
            }
            Self::Map(entries) => {
                entries.iter().map(|(key, value)| (key.to_json_key(), value.to_json())).collect()
            }
            Self::Record(fields) => {
                fields.iter().map(|(name, value)| (name.clone(), value.to_json())).collect()
            }
            Self::Variant(name, payload) => tagged(name, payload.as_deref()),
            Self::Result(Ok(payload)) => tagged("ok", payload.as_deref()),
            Self::Result(Err(payload)) => in_object("err", payload.as_deref()),
            Self::Handle(_) => json!(self.to_string()),
            Self::Enum(name) => json!(name),
            Self::Flags(names) => json!(names),
            Self::Option(None) => Json::Null,
            Self::Option(Some(value)) => match **value {
                Self::Option(_) => tagged("some", Some(value)),
                _ => value.to_json(),
            },
        }
    }

    fn to_json_key(&self) -> String {
        match self {
            Self::String(value) => value.clone(),
            Self::Char(value) => value.to_string(),
            // Only booleans and integers are keys, too; WAVE and JSON write them alike.
            other => other.to_string(),
        }
    }
}

fn tagged(name: &str, payload: Option<&Value>) -> Json {
    match payload {
        None => json!(name),
        Some(_) => in_object(name, payload),
    }
}

/// Also where nothing comes with it. Of an `err`, a string alone could be taken for what comes with an `ok`, because
/// WAVE leaves `ok` out.
fn in_object(name: &str, payload: Option<&Value>) -> Json {
    let payload = payload.map_or(Json::Null, Value::to_json);
    Json::Object(Map::from_iter([(name.to_owned(), payload)]))
}

fn float(value: f64) -> Json {
    match Number::from_f64(value) {
        Some(number) => Json::Number(number),
        None if value.is_nan() => json!("nan"),
        None if value > 0.0 => json!("inf"),
        None => json!("-inf"),
    }
}

/// The `f64` with the fewest digits that is this `f32` when it is rounded: `0.1`, and not
/// `0.10000000149011612`.
fn short(value: f32) -> f64 {
    let exact = f64::from(value);
    let short = value.to_string().parse().unwrap_or(exact);
    // The largest `f32` has a short form that is larger than it.
    if short as f32 == value && short.abs() <= f64::from(f32::MAX) { short } else { exact }
}
