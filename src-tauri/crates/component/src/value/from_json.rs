//! Values from JSON, with everything that is wrong with it at once.

use std::collections::HashSet;

use jackfield_protocol::{Field, Integer, Label, TypeGraph, TypeId, TypeKind};
use serde_json::{Map, Number, Value as Json};

use super::from_wave::handle;
use super::problem::{ValueProblemKind, ValueProblems};
use super::{Value, describe, may_be_null};
use crate::Signature;

/// Reads the arguments of a function in the order of its parameters.
pub(super) fn read_args(
    signature: Signature<'_>,
    args: &Map<String, Json>,
) -> Result<Vec<Value>, ValueProblems> {
    let mut reader = Reader::new(signature.types);
    let params = signature.function.params.iter().map(|param| (param.name.as_str(), param.ty));
    let values = reader.members("parameter", &params, args);
    reader.finish(values.map(|values| values.into_iter().map(|(_, value)| value).collect()))
}

/// Reads JSON by its type. What cannot be read gives `None` and at least one problem.
struct Reader<'a> {
    types: &'a TypeGraph,
    pointer: String,
    problems: ValueProblems,
}

impl<'a> Reader<'a> {
    fn new(types: &'a TypeGraph) -> Self {
        Self { types, pointer: String::new(), problems: ValueProblems::default() }
    }

    fn finish<T>(self, read: Option<T>) -> Result<T, ValueProblems> {
        match read {
            Some(read) if self.problems.problems.is_empty() => Ok(read),
            _ => Err(self.problems),
        }
    }

    fn read(&mut self, id: TypeId, json: &Json) -> Option<Value> {
        let types = self.types;
        match (types.kind(id), json) {
            (TypeKind::Bool, Json::Bool(value)) => Some(Value::Bool(*value)),
            (TypeKind::Integer(integer), Json::Number(number)) => self.integer(id, *integer, number, json),
            (TypeKind::Integer(integer), Json::String(text)) if integer.is_wide() => {
                self.digits(id, *integer, text, json)
            }
            (TypeKind::F32, _) => self.f32(id, json),
            (TypeKind::F64, _) => self.float(id, json).map(Value::F64),
            (TypeKind::Char, Json::String(text)) => match only_char(text) {
                Some(c) => Some(Value::Char(c)),
                None => self.mismatch(id, json),
            },
            (TypeKind::String, Json::String(text)) => Some(Value::String(text.clone())),
            (TypeKind::List(element), Json::Array(items)) => {
                self.items(items.iter().map(|item| (*element, item))).map(Value::List)
            }
            (TypeKind::FixedLengthList { element, length }, Json::Array(items)) => {
                if u32::try_from(items.len()).ok() != Some(*length) {
                    return self.mismatch(id, json);
                }
                self.items(items.iter().map(|item| (*element, item))).map(Value::FixedLengthList)
            }
            (TypeKind::Tuple(parts), Json::Array(items)) => {
                if items.len() != parts.len() {
                    return self.mismatch(id, json);
                }
                self.items(parts.iter().copied().zip(items)).map(Value::Tuple)
            }
            (TypeKind::Map { key, value }, Json::Object(entries)) => self.map(*key, *value, entries),
            (TypeKind::Record(fields), Json::Object(entries)) => {
                let fields = fields.iter().map(|Field { name, ty, .. }| (name.as_str(), *ty));
                self.members("field", &fields, entries).map(Value::Record)
            }
            (TypeKind::Own(_) | TypeKind::Borrow(_), Json::String(text)) => match handle(text) {
                Some(number) => Some(Value::Handle(number)),
                None => self.mismatch(id, json),
            },
            (TypeKind::Enum(labels), Json::String(name)) => self.label(labels, name).map(Value::Enum),
            (TypeKind::Flags(labels), Json::Array(items)) => self.flags(labels, items),
            (TypeKind::Option(_), Json::Null) => Some(Value::Option(None)),
            (TypeKind::Option(some), _) => self.some(id, *some, json),
            (TypeKind::Variant(_) | TypeKind::Result { .. }, Json::String(name)) => {
                self.case(id, name, None, json)
            }
            (TypeKind::Variant(_) | TypeKind::Result { .. }, Json::Object(entries)) => match only(entries) {
                Some((name, payload)) => self.case(id, name, Some(payload), json),
                None => self.mismatch(id, json),
            },
            _ => self.mismatch(id, json),
        }
    }

    fn integer(&mut self, id: TypeId, integer: Integer, number: &Number, json: &Json) -> Option<Value> {
        let whole = number.as_u64().map(i128::from).or_else(|| number.as_i64().map(i128::from));
        // To JSON Schema, `3.0` is an integer. What is beyond `i128` ends up at its bounds.
        let float = || number.as_f64().filter(|float| float.fract() == 0.0).map(|float| float as i128);
        match whole.or_else(float) {
            Some(value) => self.in_range(integer, value, number.to_string()),
            None => self.mismatch(id, json),
        }
    }

    fn digits(&mut self, id: TypeId, integer: Integer, text: &str, json: &Json) -> Option<Value> {
        if !are_digits(text, integer.min() < 0) {
            return self.mismatch(id, json);
        }
        let beyond = if text.starts_with('-') { i128::MIN } else { i128::MAX };
        self.in_range(integer, text.parse().unwrap_or(beyond), text.to_owned())
    }

    fn in_range(&mut self, integer: Integer, value: i128, found: String) -> Option<Value> {
        let ty = integer.word();
        if let Some(value) = Value::integer(integer, value) {
            return Some(value);
        }
        self.problem(if value > integer.max() {
            ValueProblemKind::TooLarge { found, limit: integer.max().to_string(), ty }
        } else {
            ValueProblemKind::TooSmall { found, limit: integer.min().to_string(), ty }
        })
    }

    fn float(&mut self, id: TypeId, json: &Json) -> Option<f64> {
        match json {
            Json::Number(number) if number.as_f64().is_some() => number.as_f64(),
            Json::String(text) if text == "nan" => Some(f64::NAN),
            Json::String(text) if text == "inf" => Some(f64::INFINITY),
            Json::String(text) if text == "-inf" => Some(f64::NEG_INFINITY),
            _ => self.mismatch(id, json),
        }
    }

    fn f32(&mut self, id: TypeId, json: &Json) -> Option<Value> {
        let value = self.float(id, json)?;
        let (ty, limit) = ("f32", f64::from(f32::MAX));
        if value.is_finite() && value > limit {
            return self.problem(ValueProblemKind::TooLarge {
                found: describe::found(json),
                limit: format!("{limit:e}"),
                ty,
            });
        }
        if value.is_finite() && value < -limit {
            return self.problem(ValueProblemKind::TooSmall {
                found: describe::found(json),
                limit: format!("{:e}", -limit),
                ty,
            });
        }
        Some(Value::F32(value as f32))
    }

    fn items<'j>(&mut self, items: impl ExactSizeIterator<Item = (TypeId, &'j Json)>) -> Option<Vec<Value>> {
        let mut values = Some(Vec::with_capacity(items.len()));
        for (index, (ty, item)) in items.enumerate() {
            let value = self.at(&index.to_string(), |reader| reader.read(ty, item));
            values = values.zip(value).map(|(mut values, value)| {
                values.push(value);
                values
            });
        }
        values
    }

    /// The members of an object that has a known set of them.
    fn members<'m>(
        &mut self,
        thing: &'static str,
        members: &(impl Iterator<Item = (&'m str, TypeId)> + Clone),
        entries: &Map<String, Json>,
    ) -> Option<Vec<(String, Value)>> {
        let mut values = Some(Vec::new());
        for (name, ty) in members.clone() {
            let value = self.at(name, |reader| match entries.get(name) {
                Some(json) => reader.read(ty, json),
                None if may_be_null(reader.types.kind(ty)) => Some(Value::Option(None)),
                None => {
                    let expected = describe::expected(reader.types, ty);
                    reader.problem(ValueProblemKind::Missing { expected })
                }
            });
            values = values.zip(value).map(|(mut values, value)| {
                values.push((name.to_owned(), value));
                values
            });
        }
        let known: HashSet<&str> = members.clone().map(|(name, _)| name).collect();
        for unknown in entries.keys().filter(|key| !known.contains(key.as_str())) {
            // What is there already was not meant.
            let missing = members.clone().map(|(name, _)| name).filter(|name| !entries.contains_key(*name));
            let all = members.clone().map(|(name, _)| name);
            let kind = ValueProblemKind::unknown(thing, unknown, missing, all);
            values = self.at(unknown, |reader| reader.problem(kind));
        }
        values
    }

    fn map(&mut self, key: TypeId, value: TypeId, entries: &Map<String, Json>) -> Option<Value> {
        let mut values = Some(Vec::with_capacity(entries.len()));
        for (name, json) in entries {
            let entry = self.at(name, |reader| {
                let key = reader.key(key, name);
                let value = reader.read(value, json);
                key.zip(value)
            });
            values = values.zip(entry).map(|(mut values, entry)| {
                values.push(entry);
                values
            });
        }
        values.map(Value::Map)
    }

    fn key(&mut self, id: TypeId, name: &str) -> Option<Value> {
        match self.types.kind(id) {
            TypeKind::String => Some(Value::String(name.to_owned())),
            TypeKind::Char if only_char(name).is_some() => only_char(name).map(Value::Char),
            TypeKind::Bool if name == "true" => Some(Value::Bool(true)),
            TypeKind::Bool if name == "false" => Some(Value::Bool(false)),
            TypeKind::Integer(integer) if are_digits(name, integer.min() < 0) => {
                let beyond = if name.starts_with('-') { i128::MIN } else { i128::MAX };
                self.in_range(*integer, name.parse().unwrap_or(beyond), name.to_owned())
            }
            _ => {
                let expected = format!("as key {}", describe::expected(self.types, id));
                let found = format!("the key {}", describe::shown(name));
                self.problem(ValueProblemKind::Mismatch { expected, found })
            }
        }
    }

    fn label(&mut self, labels: &[Label], name: &str) -> Option<String> {
        let names = labels.iter().map(|label| label.name.as_str());
        if names.clone().any(|known| known == name) {
            return Some(name.to_owned());
        }
        self.problem(ValueProblemKind::unknown("case", name, names.clone(), names))
    }

    fn flags(&mut self, labels: &[Label], items: &[Json]) -> Option<Value> {
        let mut set = HashSet::new();
        let mut is_good = true;
        for (index, item) in items.iter().enumerate() {
            let good = self.at(&index.to_string(), |reader| {
                let names = labels.iter().map(|label| label.name.as_str());
                let Json::String(name) = item else {
                    let expected = describe::one_of(names.map(|name| format!("{name:?}")));
                    return reader
                        .problem(ValueProblemKind::Mismatch { expected, found: describe::found(item) });
                };
                let Some(known) = names.clone().find(|known| known == name) else {
                    return reader.problem(ValueProblemKind::unknown("flag", name, names.clone(), names));
                };
                if set.insert(known) {
                    return Some(());
                }
                reader.problem(ValueProblemKind::Twice { flag: name.clone() })
            });
            is_good &= good.is_some();
        }
        let names = labels.iter().filter(|label| set.contains(label.name.as_str()));
        is_good.then(|| Value::Flags(names.map(|label| label.name.clone()).collect()))
    }

    fn some(&mut self, id: TypeId, some: TypeId, json: &Json) -> Option<Value> {
        let value = if may_be_null(self.types.kind(some)) {
            match json.as_object().and_then(only) {
                Some((name, json)) if name == "some" => self.at("some", |reader| reader.read(some, json)),
                _ => self.mismatch(id, json),
            }
        } else {
            self.read(some, json)
        };
        value.map(|value| Value::Option(Some(Box::new(value))))
    }

    /// A case of a variant or a result.
    fn case(&mut self, id: TypeId, name: &str, payload: Option<&Json>, json: &Json) -> Option<Value> {
        let cases = cases(self.types.kind(id));
        let Some((_, ty)) = cases.iter().find(|case| case.0 == name) else {
            let names = || cases.iter().map(|case| case.0);
            return self.problem(ValueProblemKind::unknown("case", name, names(), names()));
        };
        let is_err = matches!(self.types.kind(id), TypeKind::Result { .. }) && name == "err";
        let payload = match (ty, payload) {
            (None, None) => None,
            (None, Some(Json::Null)) if is_err => None,
            (Some(ty), Some(payload)) => Some(Box::new(self.at(name, |reader| reader.read(*ty, payload))?)),
            (ty, _) => {
                let expected = describe::tagged(name, ty.is_some());
                return self.problem(ValueProblemKind::Mismatch { expected, found: describe::found(json) });
            }
        };
        Some(match (self.types.kind(id), name) {
            (TypeKind::Result { .. }, "ok") => Value::Result(Ok(payload)),
            (TypeKind::Result { .. }, _) => Value::Result(Err(payload)),
            _ => Value::Variant(name.to_owned(), payload),
        })
    }

    fn mismatch<T>(&mut self, id: TypeId, json: &Json) -> Option<T> {
        let (expected, found) = (describe::expected(self.types, id), describe::found(json));
        self.problem(ValueProblemKind::Mismatch { expected, found })
    }

    fn problem<T>(&mut self, kind: ValueProblemKind) -> Option<T> {
        self.problems.push(&self.pointer, kind);
        None
    }

    /// Reads what is one step further down.
    fn at<T>(&mut self, step: &str, read: impl FnOnce(&mut Self) -> T) -> T {
        let len = self.pointer.len();
        self.pointer.push('/');
        self.pointer.push_str(&step.replace('~', "~0").replace('/', "~1"));
        let read = read(self);
        self.pointer.truncate(len);
        read
    }
}

/// The cases of a variant or a result.
pub(super) fn cases(kind: &TypeKind) -> Vec<(&str, Option<TypeId>)> {
    match kind {
        TypeKind::Variant(cases) => cases.iter().map(|case| (case.name.as_str(), case.ty)).collect(),
        TypeKind::Result { ok, err } => vec![("ok", *ok), ("err", *err)],
        _ => Vec::new(),
    }
}

fn only(entries: &Map<String, Json>) -> Option<(&String, &Json)> {
    let mut entries = entries.iter();
    entries.next().filter(|_| entries.next().is_none())
}

fn only_char(text: &str) -> Option<char> {
    let mut chars = text.chars();
    chars.next().filter(|_| chars.next().is_none())
}

/// Whether a text is an integer without needless zeros and signs.
fn are_digits(text: &str, may_be_negative: bool) -> bool {
    let digits = text.strip_prefix('-').filter(|_| may_be_negative).unwrap_or(text);
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number && if digits.starts_with('0') { text == "0" } else { true }
}
