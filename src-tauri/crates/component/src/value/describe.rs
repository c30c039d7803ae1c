//! Values and types in words, for messages.

use jackfield_protocol::{Integer, TypeGraph, TypeId, TypeKind};
use serde_json::Value as Json;

use super::may_be_null;
use crate::signature::unwritable_kind;

/// More names than this are not listed.
const MAX_LISTED: usize = 12;
/// Longer strings are cut off.
const MAX_SHOWN_IN_CHARS: usize = 40;

/// What JSON is expected for a type: `an integer from 0 to 255 (u8)`.
pub(super) fn expected(types: &TypeGraph, id: TypeId) -> String {
    let kind = types.kind(id);
    match kind {
        TypeKind::Bool => "true or false".to_owned(),
        TypeKind::Integer(integer) => of_integer(*integer),
        TypeKind::F32 => r#"a number (f32), "nan", "inf" or "-inf""#.to_owned(),
        TypeKind::F64 => r#"a number (f64), "nan", "inf" or "-inf""#.to_owned(),
        TypeKind::Char => "a string of one character (char)".to_owned(),
        TypeKind::String => "a string".to_owned(),
        TypeKind::List(_) => format!("an array ({})", name(types, id)),
        TypeKind::FixedLengthList { length, .. } => format!("an array of {length} items (list)"),
        TypeKind::Tuple(parts) => format!("an array of {} items (tuple)", parts.len()),
        TypeKind::Map { .. } | TypeKind::Record(_) => format!("an object ({})", name(types, id)),
        TypeKind::Flags(_) => format!("an array of names ({})", name(types, id)),
        TypeKind::Enum(labels) => one_of(labels.iter().map(|label| format!("{:?}", label.name))),
        TypeKind::Variant(cases) => one_of(cases.iter().map(|case| tagged(&case.name, case.ty.is_some()))),
        TypeKind::Result { ok, err } => {
            one_of([tagged("ok", ok.is_some()), tagged("err", err.is_some())].into_iter())
        }
        TypeKind::Option(some) if may_be_null(types.kind(*some)) => r#"null or {"some": …}"#.to_owned(),
        TypeKind::Option(some) => format!("null or {}", expected(types, *some)),
        TypeKind::Own(resource) | TypeKind::Borrow(resource) => {
            format!("a handle of this session to the resource `{resource}`, such as #1")
        }
        _ => format!("no value: nobody can write {}", unwritable_kind(types, kind).unwrap_or_default()),
    }
}

fn of_integer(integer: Integer) -> String {
    let text = if integer.is_wide() { ", or a string of its digits" } else { "" };
    format!("an integer from {} to {} ({}){text}", integer.min(), integer.max(), integer.word())
}

fn name(types: &TypeGraph, id: TypeId) -> &str {
    let name = types.get(id).and_then(|def| def.name.as_deref());
    name.unwrap_or_else(|| types.kind(id).word())
}

pub(super) fn tagged(name: &str, has_payload: bool) -> String {
    if has_payload { format!("{{{name:?}: …}}") } else { format!("{name:?}") }
}

pub(super) fn one_of(forms: impl Iterator<Item = String>) -> String {
    let forms: Vec<String> = forms.collect();
    let more = if forms.len() > MAX_LISTED { ", …" } else { "" };
    match forms.as_slice() {
        [only] => only.clone(),
        _ => {
            format!("one of {}{more}", forms.iter().take(MAX_LISTED).cloned().collect::<Vec<_>>().join(", "))
        }
    }
}

/// What some JSON is: `the string "abc"`.
pub(super) fn found(json: &Json) -> String {
    match json {
        Json::Null => "null".to_owned(),
        Json::Bool(value) => value.to_string(),
        Json::Number(value) => value.to_string(),
        Json::String(value) => format!("the string {}", shown(value)),
        Json::Array(items) => match items.len() {
            0 => "an empty array".to_owned(),
            1 => "an array of 1 item".to_owned(),
            len => format!("an array of {len} items"),
        },
        Json::Object(entries) if entries.is_empty() => "an empty object".to_owned(),
        Json::Object(entries) => {
            let keys: Vec<String> = entries.keys().take(3).map(|key| shown(key)).collect();
            let more = if entries.len() > keys.len() { ", …" } else { "" };
            format!("an object with {}{more}", keys.join(", "))
        }
    }
}

/// A string in quotes, cut off if it is long.
pub(super) fn shown(text: &str) -> String {
    match text.char_indices().nth(MAX_SHOWN_IN_CHARS) {
        Some((end, _)) => format!("{:?}…", text.get(..end).unwrap_or_default()),
        None => format!("{text:?}"),
    }
}
