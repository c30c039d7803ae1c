//! Conditions on the arguments of a call, in the Common Expression Language: `args.a > 3`.
//!
//! `args` has a field for each parameter. Records are maps, variants are maps with one entry (`{"some-case":
//! payload}`), cases without payload, enums and flags are strings and lists of strings, `none` is null and `some`
//! its payload, handles are strings (`counter#1`). Source: the language's specification, <https://cel.dev>.

use std::{collections::HashMap, sync::Arc};

use cel::{Context, ExecutionError, Program, Value};
use wasmtime::component::Val;

use crate::probe::{HANDLE, shown};

/// A condition that can be asked.
pub(super) struct Condition {
    program: Program,
}

impl Condition {
    /// Reads a condition on a call with these parameters.
    ///
    /// # Errors
    /// Says where it is wrong, or which parameter there is not.
    pub(super) fn new(text: &str, params: &[String]) -> Result<Self, String> {
        let program = Program::compile(text).map_err(|error| error.to_string())?;
        for name in program.references().variables() {
            if name != "args" && !text.contains(&format!("{name},")) {
                return Err(format!("there is no `{name}`; arguments are `args.NAME`"));
            }
        }
        let condition = Self { program };
        // With nothing in it, an argument that there is not and one that there is look alike, so each of the
        // parameters is tried as a null.
        let args = params.iter().map(|name| (name.clone(), Value::Null)).collect();
        match condition.evaluate(args) {
            Err(ExecutionError::NoSuchKey(name)) if !params.iter().any(|param| param == name.as_str()) => {
                let known = params.join("`, `");
                Err(format!("there is no parameter `{name}`; there are `{known}`"))
            }
            Err(ExecutionError::UndeclaredReference(name)) => Err(format!("there is no function `{name}`")),
            _ => Ok(condition),
        }
    }

    /// Whether it is true of these arguments.
    ///
    /// # Errors
    /// If it is neither true nor false of them: says why.
    pub(super) fn holds(&self, params: &[String], args: &[Val]) -> Result<bool, String> {
        let args = params.iter().cloned().zip(args.iter().map(value)).collect();
        match self.evaluate(args) {
            Ok(Value::Bool(holds)) => Ok(holds),
            Ok(_) => Err("it is neither true nor false".to_owned()),
            Err(error) => Err(error.to_string()),
        }
    }

    fn evaluate(&self, args: HashMap<String, Value>) -> Result<Value, ExecutionError> {
        let mut context = Context::default();
        context.add_variable_from_value("args", args);
        self.program.execute(&context)
    }
}

impl std::fmt::Debug for Condition {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Condition").finish_non_exhaustive()
    }
}

fn value(val: &Val) -> Value {
    let integer = |number: i64| Value::Int(number);
    match val {
        Val::Bool(value) => Value::Bool(*value),
        Val::S8(value) => integer((*value).into()),
        Val::U8(value) => integer((*value).into()),
        Val::S16(value) => integer((*value).into()),
        Val::U16(value) => integer((*value).into()),
        Val::S32(value) => integer((*value).into()),
        Val::U32(value) => integer((*value).into()),
        Val::S64(value) => integer(*value),
        Val::U64(value) => i64::try_from(*value).map_or(Value::UInt(*value), Value::Int),
        Val::Float32(value) => Value::Float((*value).into()),
        Val::Float64(value) => Value::Float(*value),
        Val::Char(value) => text(value.to_string()),
        Val::String(value) => text(value.clone()),
        Val::Enum(name) => text(name.clone()),
        Val::Flags(names) => list(names.iter().map(|name| text(name.clone()))),
        Val::List(values) | Val::FixedLengthList(values) | Val::Tuple(values) => {
            list(values.iter().map(value))
        }
        Val::Record(fields) if !fields.iter().any(|(name, _)| name.starts_with(HANDLE)) => {
            map(fields.iter().map(|(name, field)| (name.clone(), value(field))))
        }
        Val::Variant(name, None) => text(name.clone()),
        Val::Variant(name, Some(payload)) => map([(name.clone(), value(payload))]),
        Val::Option(None) => Value::Null,
        Val::Option(Some(payload)) => value(payload),
        Val::Result(result) => {
            let (name, payload) = match result {
                Ok(payload) => ("ok", payload),
                Err(payload) => ("err", payload),
            };
            map([(name.to_owned(), payload.as_deref().map_or(Value::Null, value))])
        }
        Val::Map(entries) => map(entries.iter().map(|(key, entry)| (shown(key), value(entry)))),
        other => text(shown(other)),
    }
}

fn text(text: String) -> Value {
    Value::String(Arc::new(text))
}

fn list(values: impl IntoIterator<Item = Value>) -> Value {
    Value::List(Arc::new(values.into_iter().collect()))
}

fn map(entries: impl IntoIterator<Item = (String, Value)>) -> Value {
    entries.into_iter().collect::<HashMap<_, _>>().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(text: &str, args: &[(&str, Val)]) -> Result<bool, String> {
        let names: Vec<String> = args.iter().map(|(name, _)| (*name).to_owned()).collect();
        let values: Vec<Val> = args.iter().map(|(_, value)| value.clone()).collect();
        Condition::new(text, &names)?.holds(&names, &values)
    }

    #[test]
    fn arguments_of_all_shapes_can_be_asked_about() {
        let point = Val::Record(vec![("x".into(), Val::S8(-3)), ("y".into(), Val::Float64(2.5))]);
        let args = [
            ("a", Val::U32(4)),
            ("big", Val::U64(u64::MAX)),
            ("name", Val::String("hello".into())),
            ("point", point),
            ("colour", Val::Enum("red".into())),
            ("some", Val::Option(Some(Box::new(Val::U8(7))))),
            ("none", Val::Option(None)),
            ("list", Val::List(vec![Val::U8(1), Val::U8(2)])),
            ("shape", Val::Variant("circle".into(), Some(Box::new(Val::Float32(1.5))))),
            ("outcome", Val::Result(Err(Some(Box::new(Val::String("no".into())))))),
        ];
        for text in [
            "args.a > 3",
            "args.a + 1 == 5",
            "args.big > 3",
            "args.name.startsWith('he') && size(args.name) == 5",
            "args.point.x == -3 && args.point.y >= 2.5",
            "args.colour == 'red'",
            "args.some == 7",
            "args.none == null",
            "2 in args.list",
            "args.list.exists(x, x == 2)",
            "args.shape.circle == 1.5",
            "args.outcome.err == 'no'",
        ] {
            assert_eq!(holds(text, &args), Ok(true), "{text}");
            assert_eq!(holds(&format!("!({text})"), &args), Ok(false), "not {text}");
        }
    }

    #[test]
    fn what_is_wrong_is_said_when_it_is_read() {
        let args = [("a", Val::U32(4))];
        for (text, expected) in [
            ("args.b > 3", "there is no parameter `b`; there are `a`"),
            ("a > 3", "there is no `a`; arguments are `args.NAME`"),
            ("args.a >", "Syntax error"),
        ] {
            let error = holds(text, &args).unwrap_err();
            assert!(error.contains(expected), "{text}: {error}");
        }
        assert_eq!(holds("args.a", &args), Err("it is neither true nor false".to_owned()));
    }
}
