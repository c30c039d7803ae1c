//! One parameter's value, of whatever people write on a command line.
//!
//! A text is read as WAVE by the parameter's type, else as JSON, else, where the type is a string or a character,
//! as what it is. What jack prints, in either form, is read as the same value again.

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
    let wave = wave(types, id, &written);
    let json = json(types, &param.name, id, &written);
    let (wave, json) = match (wave, json) {
        // A text may be both, and mean two things. It is what jack itself would write so.
        (Ok(wave), Ok(json)) if is_written_so(&json, &written) && !is_same(&wave, &json) => return Ok(json),
        (Ok(value), _) | (Err(_), Ok(value)) => return Ok(value),
        (Err(wave), Err(json)) => (wave, json),
    };
    // WAVE lets `some` go unwritten only once.
    if options > 1
        && let Ok(value) = whole(types, param, inner, text)
    {
        return Ok(some(options, value));
    }
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

/// Whether the text is how the value is written in JSON.
fn is_written_so(value: &Value, text: &str) -> bool {
    serde_json::from_str(text).is_ok_and(|json: Json| json == value.to_json())
}

/// As text, in which all NaNs are one.
fn is_same(one: &Value, other: &Value) -> bool {
    one.to_string() == other.to_string()
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

#[cfg(test)]
mod tests {
    use jackfield_protocol::{Case, Field, Label, TypeDef};

    use super::*;

    /// Types, each with values of it, that look like each other when they are written.
    struct Odd {
        types: TypeGraph,
        all: Vec<(TypeId, Vec<Value>)>,
    }

    impl Odd {
        fn new() -> Self {
            Self { types: TypeGraph::default(), all: Vec::new() }
        }

        fn add(&mut self, kind: TypeKind, values: Vec<Value>) -> usize {
            let id = self.types.add(TypeDef { name: None, docs: None, kind }).expect("a type");
            self.all.push((id, values));
            self.all.len() - 1
        }

        fn of(&self, place: usize) -> (TypeId, Vec<Value>) {
            self.all[place].clone()
        }

        /// What holds one of each of these types.
        fn around(&mut self, place: usize) {
            let (id, values) = self.of(place);
            let boxed = |value: &Value| Some(Box::new(value.clone()));
            let some = values.iter().map(|value| Value::Option(boxed(value)));
            self.add(TypeKind::Option(id), some.chain([Value::Option(None)]).collect());
            for (is_ok, has_other) in [(true, false), (false, false), (true, true), (false, true)] {
                let other = has_other.then_some(id);
                let (ok, err) = if is_ok { (Some(id), other) } else { (other, Some(id)) };
                let mut all: Vec<Value> = Vec::new();
                for value in &values {
                    let given = |ty: Option<TypeId>| ty.and_then(|_| boxed(value));
                    all.push(Value::Result(Ok(given(ok))));
                    all.push(Value::Result(Err(given(err))));
                }
                self.add(TypeKind::Result { ok, err }, all);
            }
            let cases = [("null", None), ("ok", Some(id)), ("err", None)];
            let all = cases.iter().flat_map(|(name, ty)| {
                values
                    .iter()
                    .map(move |value| Value::Variant((*name).to_owned(), ty.map(|_| Box::new(value.clone()))))
            });
            let all = all.collect();
            let cases = cases.map(|(name, ty)| Case { name: name.to_owned(), ty, docs: None });
            self.add(TypeKind::Variant(cases.into()), all);
            self.add(TypeKind::List(id), vec![Value::List(values.clone()), Value::List(Vec::new())]);
            let field = Field { name: "null".to_owned(), ty: id, docs: None };
            let records = values.iter().map(|value| Value::Record(vec![("null".to_owned(), value.clone())]));
            self.add(TypeKind::Record(vec![field]), records.collect());
        }
    }

    fn odd() -> Odd {
        let mut odd = Odd::new();
        let text = |text: &str| Value::String(text.to_owned());
        let words =
            ["null", "none", "ok", "err", "true", "", "\"", "{\"err\":null}", "some(1)", "1", "\u{8}"];
        odd.add(TypeKind::String, words.map(text).into());
        odd.add(TypeKind::Char, ['"', 'n', '1', '\''].map(Value::Char).into());
        odd.add(TypeKind::Bool, vec![Value::Bool(true)]);
        odd.add(TypeKind::Integer(Integer::U64), vec![Value::U64(1), Value::U64(u64::MAX)]);
        odd.add(TypeKind::F64, [f64::INFINITY, -0.5, 1e21].map(Value::F64).into());
        odd.add(
            TypeKind::Result { ok: None, err: None },
            vec![Value::Result(Ok(None)), Value::Result(Err(None))],
        );
        let names = ["null", "ok", "err", "none", "some", "true", "nan"];
        let labels = || names.map(|name| Label { name: name.to_owned(), docs: None }).into();
        odd.add(TypeKind::Enum(labels()), names.map(|name| Value::Enum(name.to_owned())).into());
        let flags = vec![Value::Flags(Vec::new()), Value::Flags(vec!["null".to_owned(), "ok".to_owned()])];
        odd.add(TypeKind::Flags(labels()), flags);
        for _ in 0..2 {
            (0..odd.all.len()).for_each(|place| odd.around(place));
        }
        odd
    }

    #[test]
    fn what_is_printed_is_read_as_the_same_again() {
        let odd = odd();
        let mut count = 0;
        for (id, values) in &odd.all {
            for value in values {
                for text in [value.to_json().to_string(), value.to_string()] {
                    let read = whole(&odd.types, &param(*id), *id, &Text::Written(text.clone()));
                    let read = read.unwrap_or_else(|wrong| panic!("{text}: {wrong:?}"));
                    let name = wit_type::name(&odd.types, *id);
                    assert_eq!(read.to_string(), value.to_string(), "{text} as {name}");
                    count += 1;
                }
            }
        }
        assert!(count > 5_000, "{count}");
    }

    fn param(ty: TypeId) -> ParamType {
        ParamType { name: "x".to_owned(), ty }
    }

    #[test]
    fn what_may_be_left_out_in_wave_may_be_left_out() {
        let mut types = TypeGraph::default();
        let string = types.add(TypeKind::String.into()).expect("a type");
        let result = types.add(TypeKind::Result { ok: Some(string), err: None }.into()).expect("a type");
        for (text, expected) in [
            ("\"hello\"", "ok(\"hello\")"),
            ("\"err\"", "ok(\"err\")"),
            ("err", "err"),
            ("{\"err\": null}", "err"),
            ("{\"ok\": \"err\"}", "ok(\"err\")"),
        ] {
            let read = whole(&types, &param(result), result, &Text::Written(text.to_owned()));
            assert_eq!(read.expect("a value").to_string(), expected, "{text}");
        }
    }
}
