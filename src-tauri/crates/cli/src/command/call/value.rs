//! One parameter's value, of whatever people write on a command line.
//!
//! A text is read as WAVE by the parameter's type, else as JSON, else, where the type is a string or a character,
//! as what it is.

use std::io::Read as _;
use std::str::FromStr as _;
use std::{fs, io};

use jackfield_component::Signature;
use jackfield_component::value::{Value, args_from_json, from_wave};
use jackfield_protocol::{FunctionTypes, Integer, ParamType, TypeGraph, TypeId, TypeKind};
use serde_json::{Map, Value as Json};

use crate::render::wit_type;

/// Longer values are cut in messages.
const MAX_SHOWN_IN_CHARS: usize = 60;

/// What was given for a parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Given {
    /// A flag and nothing with it: `--loud`.
    Yes,
    /// Its opposite: `--no-loud`.
    No,
    /// A text, which may also say where the value is: `@FILE`, `-`.
    Text(String),
}

/// Why it is no value.
#[derive(Debug)]
pub(crate) struct Wrong {
    pub(crate) message: String,
    pub(crate) help: Option<String>,
}

/// Standard input, which can be read once.
#[derive(Debug, Default)]
pub(crate) struct Input {
    was_read: bool,
}

/// A text, or what a file holds.
enum Text {
    Written(String),
    Read(Vec<u8>),
}

/// The type without the options around it, and how many there are.
pub(crate) fn without_options(types: &TypeGraph, id: TypeId) -> (usize, TypeId) {
    let mut inner = id;
    let mut count = 0;
    while let TypeKind::Option(some) = types.kind(inner) {
        inner = *some;
        count += 1;
    }
    (count, inner)
}

/// The value of a parameter for which `given` was given, which may be several texts for a list.
pub(crate) fn read(
    types: &TypeGraph,
    param: &ParamType,
    given: &[Given],
    input: &mut Input,
) -> Result<Value, Wrong> {
    let mut texts = Vec::with_capacity(given.len());
    for given in given {
        texts.push(match given {
            Given::Yes => Text::Written(true.to_string()),
            Given::No => Text::Written(false.to_string()),
            Given::Text(text) => fetch(text, input)?,
        });
    }
    match texts.as_slice() {
        [] => missing(types, param),
        [text] => one(types, param, text),
        several => many(types, param, several),
    }
}

/// Reads what `@FILE` and `-` stand for.
fn fetch(text: &str, input: &mut Input) -> Result<Text, Wrong> {
    let wrong = |message: String, help: Option<&str>| Wrong { message, help: help.map(str::to_owned) };
    if text == "-" {
        if input.was_read {
            return Err(wrong("standard input can be only one value".to_owned(), None));
        }
        input.was_read = true;
        let mut bytes = Vec::new();
        return match io::stdin().lock().read_to_end(&mut bytes) {
            Ok(_) => Ok(Text::Read(bytes)),
            Err(error) => Err(wrong(format!("cannot read standard input: {error}"), None)),
        };
    }
    let Some(path) = text.strip_prefix('@') else { return Ok(Text::Written(text.to_owned())) };
    let help = "@ stands before a file's name; text that begins with it stands in quotes: '\"@text\"'";
    match fs::read(path) {
        Ok(bytes) => Ok(Text::Read(bytes)),
        Err(error) => Err(wrong(format!("cannot read the file: {error}: {path}"), Some(help))),
    }
}

fn missing(types: &TypeGraph, param: &ParamType) -> Result<Value, Wrong> {
    let message = format!("missing; it takes {}", wit_type::accepted(types, param.ty));
    let name = &param.name;
    let help = match types.kind(param.ty) {
        TypeKind::Option(_) => return Ok(Value::Option(None)),
        TypeKind::Bool => return Ok(Value::Bool(false)),
        TypeKind::List(_) => format!("for an empty list: --{name} '[]'"),
        _ => return Err(Wrong { message, help: None }),
    };
    Err(Wrong { message, help: Some(help) })
}

fn one(types: &TypeGraph, param: &ParamType, text: &Text) -> Result<Value, Wrong> {
    let whole = whole(types, param, param.ty, text);
    let (options, inner) = without_options(types, param.ty);
    match whole {
        Ok(value) => Ok(value),
        // One item of a list, or one flag.
        Err(wrong) => match items(types, param, inner, std::slice::from_ref(text)) {
            Some(Ok(value)) => Ok(some(options, value)),
            _ => Err(wrong),
        },
    }
}

fn many(types: &TypeGraph, param: &ParamType, texts: &[Text]) -> Result<Value, Wrong> {
    let (options, inner) = without_options(types, param.ty);
    match items(types, param, inner, texts) {
        Some(value) => value.map(|value| some(options, value)),
        None => Err(Wrong { message: format!("given {} times, and it is no list", texts.len()), help: None }),
    }
}

/// A list or flags of one text for each item; none if the type is another.
fn items(types: &TypeGraph, param: &ParamType, id: TypeId, texts: &[Text]) -> Option<Result<Value, Wrong>> {
    let element = match types.kind(id) {
        TypeKind::List(element) | TypeKind::FixedLengthList { element, .. } => *element,
        TypeKind::Flags(_) => return Some(flags(types, param, id, texts)),
        _ => return None,
    };
    let values: Result<Vec<Value>, Wrong> =
        texts.iter().map(|text| whole(types, param, element, text)).collect();
    Some(values.and_then(|values| match types.kind(id) {
        TypeKind::FixedLengthList { length, .. } if values.len() != *length as usize => Err(Wrong {
            message: format!("it takes {length} items, and {} were given", values.len()),
            help: None,
        }),
        TypeKind::FixedLengthList { .. } => Ok(Value::FixedLengthList(values)),
        _ => Ok(Value::List(values)),
    }))
}

fn flags(types: &TypeGraph, param: &ParamType, id: TypeId, texts: &[Text]) -> Result<Value, Wrong> {
    let names = texts.iter().map(|text| match text {
        Text::Written(text) => text.clone(),
        Text::Read(bytes) => String::from_utf8_lossy(bytes).trim().to_owned(),
    });
    let all = names.collect::<Vec<_>>().join(", ");
    whole(types, param, id, &Text::Written(format!("{{{all}}}")))
}

fn some(options: usize, value: Value) -> Value {
    (0..options).fold(value, |value, _| Value::Option(Some(Box::new(value))))
}

/// A value of the type `id`, of one text.
fn whole(types: &TypeGraph, param: &ParamType, id: TypeId, text: &Text) -> Result<Value, Wrong> {
    let (options, inner) = without_options(types, id);
    let written = match text {
        Text::Written(text) => text.clone(),
        // What a file holds is the value itself, where that can be.
        Text::Read(bytes) if is_bytes(types, inner) => {
            let bytes = bytes.iter().map(|byte| Value::U8(*byte)).collect();
            return Ok(some(options, Value::List(bytes)));
        }
        Text::Read(bytes) => {
            let text = String::from_utf8(bytes.clone())
                .map_err(|_| Wrong { message: "what was read is not UTF-8".to_owned(), help: None })?;
            if matches!(types.kind(inner), TypeKind::String) {
                return Ok(some(options, Value::String(text)));
            }
            text.trim().to_owned()
        }
    };
    let wave = match wave(types, id, &written) {
        Ok(value) => return Ok(value),
        Err(wave) => wave,
    };
    let json = match json(types, &param.name, id, &written) {
        Ok(value) => return Ok(value),
        Err(json) => json,
    };
    bare(types, inner, &written).map(|value| some(options, value)).ok_or_else(|| Wrong {
        message: format!("`{}` is no {}", shown(&written), wit_type::name(types, id)),
        help: Some(format!("as WAVE: {wave}\nas JSON: {json}\nit takes {}", wit_type::accepted(types, id))),
    })
}

fn is_bytes(types: &TypeGraph, id: TypeId) -> bool {
    let TypeKind::List(element) = types.kind(id) else { return false };
    *types.kind(*element) == TypeKind::Integer(Integer::U8)
}

/// WAVE, and any number that Rust can read, also those that WAVE's grammar leaves out (`+3`, `.5`).
fn wave(types: &TypeGraph, id: TypeId, text: &str) -> Result<Value, String> {
    let number = match types.kind(id) {
        TypeKind::F64 => f64::from_str(text.trim()).ok().map(Value::F64),
        TypeKind::F32 => f32::from_str(text.trim()).ok().map(Value::F32),
        _ => None,
    };
    match number {
        Some(number) => Ok(number),
        None => from_wave(types, id, text).map_err(|error| error.to_string()),
    }
}

fn json(types: &TypeGraph, name: &str, id: TypeId, text: &str) -> Result<Value, String> {
    let json: Json = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let param = ParamType { name: name.to_owned(), ty: id };
    let function = FunctionTypes { params: vec![param], result: None };
    let args = Map::from_iter([(name.to_owned(), json)]);
    let read = args_from_json(Signature { types, function: &function }, &args);
    let value = read.map_err(|error| error.to_string().replace('\n', "; "))?;
    value.into_iter().next().ok_or_else(|| "there is no value".to_owned())
}

/// Text that stands for itself.
fn bare(types: &TypeGraph, id: TypeId, text: &str) -> Option<Value> {
    let mut chars = text.chars();
    match types.kind(id) {
        TypeKind::String => Some(Value::String(text.to_owned())),
        TypeKind::Char => chars.next().filter(|_| chars.next().is_none()).map(Value::Char),
        _ => None,
    }
}

fn shown(text: &str) -> String {
    match text.char_indices().nth(MAX_SHOWN_IN_CHARS) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}
