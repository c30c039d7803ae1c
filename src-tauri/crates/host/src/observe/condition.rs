//! Conditions on the arguments of a call, in the Common Expression Language: `args.a > 3`.
//!
//! `args` has a field for each parameter. Records are maps, variants are maps with one entry (`{"some-case":
//! payload}`), cases without payload, enums and flags are strings and lists of strings, `none` is null and `some`
//! its payload, handles are strings (`counter#1`). A u64 is a `uint` (`args.a + 1u > 5u`), other integers are `int`. Source: the language's specification, <https://cel.dev>.

use std::{collections::HashMap, sync::Arc};

use cel::{Context, ExecutionError, ParseErrors, Program, Value};
use jackfield_component::Signature;
use wasmtime::component::Val;

use crate::probe::{HANDLE, shown};

mod samples;

/// What is wrong with one that gives a number or a text.
const NO_ANSWER: &str = "it is neither true nor false";

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
        let program = Program::compile(text).map_err(|errors| misread(text, &errors))?;
        for name in program.references().variables() {
            if name != "args" && !text.contains(&format!("{name},")) {
                return Err(format!(
                    "there is no `{name}`; arguments are `args.NAME`{}",
                    in_brackets(params)
                ));
            }
        }
        let condition = Self { program };
        // With nothing in it, an argument that there is not and one that there is look alike, so each of the
        // parameters is tried as a null.
        let args = params.iter().map(|name| (name.clone(), Value::Null)).collect();
        match condition.evaluate(args) {
            Err(ExecutionError::NoSuchKey(name)) if !params.iter().any(|param| param == name.as_str()) => {
                let known = params.join("`, `");
                Err(format!("there is no parameter `{name}`; there are `{known}`{}", in_brackets(params)))
            }
            Err(ExecutionError::UndeclaredReference(name)) => Err(format!("there is no function `{name}`")),
            _ => Ok(condition),
        }
    }

    /// Sees to it that it can be asked of a function's arguments: that there are some of their types of which it
    /// is true or false. Made-up ones are tried, so what only some values show (an index too high) is left to the
    /// calls.
    ///
    /// # Errors
    /// Says why it cannot.
    pub(super) fn check(&self, signature: Signature<'_>) -> Result<(), String> {
        let mut wrong = None;
        for args in samples::of(signature) {
            match self.evaluate(args) {
                Ok(Value::Bool(_)) => return Ok(()),
                Ok(_) => wrong = wrong.or_else(|| Some(NO_ANSWER.to_owned())),
                Err(error) if is_of_types(&error) => wrong = wrong.or_else(|| Some(mistyped(&error))),
                Err(_) => return Ok(()),
            }
        }
        wrong.map_or(Ok(()), Err)
    }

    /// Whether it is true of these arguments.
    ///
    /// # Errors
    /// If it is neither true nor false of them: says why.
    pub(super) fn holds(&self, params: &[String], args: &[Val]) -> Result<bool, String> {
        let args = params.iter().cloned().zip(args.iter().map(value)).collect();
        match self.evaluate(args) {
            Ok(Value::Bool(holds)) => Ok(holds),
            Ok(_) => Err(NO_ANSWER.to_owned()),
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

/// Where a text is no condition, and what stands there. What could stand there instead is most of the language, so
/// that is not said.
fn misread(text: &str, errors: &ParseErrors) -> String {
    // The others mostly follow from the first.
    let first = errors.errors.iter().min_by_key(|error| error.pos);
    let Some(error) = first else { return "it cannot be read".to_owned() };
    let (line, column) = error.pos;
    let at = |number: isize| usize::try_from(number - 1).unwrap_or_default();
    let place = match text.lines().nth(1) {
        Some(_) => format!("line {line}, column {column}"),
        None => format!("column {column}"),
    };
    if !error.msg.starts_with("Syntax error") {
        return format!("at {place}: {}", error.msg);
    }
    let rest: String = text.lines().nth(at(line)).unwrap_or_default().chars().skip(at(column)).collect();
    match word(rest.trim_start()) {
        "" => format!("at {place} it ends where more is needed"),
        found => format!("at {place} there is `{found}`, which cannot stand there"),
    }
}

/// The word that a text begins with, or else its first character.
fn word(text: &str) -> &str {
    let end = text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len());
    let first = text.chars().next().map_or(0, char::len_utf8);
    text.get(..end.max(first)).unwrap_or_default()
}

/// How parameters are written whose names CEL would read as subtractions.
fn in_brackets(params: &[String]) -> String {
    let name = params.iter().find(|name| name.contains('-'));
    name.map(|name| format!(", or `args['{name}']` where there is a hyphen in the name")).unwrap_or_default()
}

fn mistyped(error: &ExecutionError) -> String {
    let text = error.to_string();
    let is_mixed = text.to_lowercase().contains("uint");
    if is_mixed { format!("{text}; a u64 is a `uint`, beside which numbers are written `1u`") } else { text }
}

/// Whether it comes from the types of values, so that other values would not help.
fn is_of_types(error: &ExecutionError) -> bool {
    matches!(
        error,
        ExecutionError::InvalidArgumentCount { .. }
            | ExecutionError::UnsupportedTargetType { .. }
            | ExecutionError::NotSupportedAsMethod { .. }
            | ExecutionError::UnsupportedKeyType(_)
            | ExecutionError::UnexpectedType { .. }
            | ExecutionError::NoSuchKey(_)
            | ExecutionError::NoSuchOverload(_)
            | ExecutionError::MissingArgumentOrTarget
            | ExecutionError::ValuesNotComparable(..)
            | ExecutionError::UnsupportedBinaryOperator(..)
            | ExecutionError::UnsupportedIndex(..)
    )
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
        // Always, so that what can be said of it does not depend on how large it is.
        Val::U64(value) => Value::UInt(*value),
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
            "args.big == 18446744073709551615u",
            "args.big - 1u > 3u",
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
            ("args.a-b > 3", "there is no `b`; arguments are `args.NAME`"),
            ("args.a >", "at column 9 it ends where more is needed"),
            ("", "at column 1 it ends where more is needed"),
            ("args.a > 3 four", "at column 12 there is `four`, which cannot stand there"),
            ("args.a => 3", "at column 8 there is `=`, which cannot stand there"),
            ("args.ä > 3", "at column 6 there is `ä`, which cannot stand there"),
            ("(args.a > 3", "at column 12 it ends where more is needed"),
            ("args.a > 3 &&\n* 2", "at line 2, column 1 there is `*`, which cannot stand there"),
        ] {
            let error = holds(text, &args).unwrap_err();
            assert_eq!(error, expected, "{text}");
        }
        assert_eq!(holds("args.a", &args), Err("it is neither true nor false".to_owned()));
    }

    /// What a condition on a function with these parameters is refused with.
    fn refused(text: &str, types: &str, params: &[(&str, &str)]) -> Option<String> {
        let list: String = params.iter().map(|(name, ty)| format!(" (param \"{name}\" {ty})")).collect();
        let component = wat::parse_str(format!(
            "(component (import \"test:t/t\" (instance {types} (export \"f\" (func{list})))))"
        ));
        let component = jackfield_component::read_bytes(component.unwrap()).unwrap();
        let port = &component.info().ports[0];
        let signature = component.signature(port, &port.functions()[0]).unwrap();
        let names: Vec<String> = params.iter().map(|(name, _)| (*name).to_owned()).collect();
        Condition::new(text, &names).unwrap().check(signature).err()
    }

    #[test]
    fn a_condition_that_no_values_of_the_types_could_meet_is_refused() {
        let types =
            "(type $p' (record (field \"x\" s8) (field \"y\" float64))) (export \"p\" (type $p (eq $p')))
            (type $c' (enum \"red\" \"green\")) (export \"c\" (type $c (eq $c')))
            (type $s' (variant (case \"square\") (case \"circle\" $p))) (export \"s\" (type $s (eq $s')))";
        let params = [
            ("a", "u32"),
            ("name", "string"),
            ("p", "$p"),
            ("c", "$c"),
            ("s", "$s"),
            ("l", "(list u8)"),
            ("o", "(option u8)"),
            ("r", "(result (error string))"),
            ("b", "bool"),
            ("u", "u64"),
            ("kebab-name", "u8"),
        ];
        for text in [
            "args.a > 3",
            "args.a > 3.5 && args.name.startsWith('x')",
            "args.p.x == -1 && args.p.y < 0.5",
            "args.c == 'green'",
            "args.s.circle.x > 3",
            "args.s == 'square'",
            "args.l[20] == 1",
            "args.l.exists(x, x > 3)",
            "args.o > 3",
            "args.o == null",
            "args.r.err.contains('no')",
            "args.b",
            "10 / (args.a - 1) > 2",
            "args.u + 1u > 5u",
            "args.u > 3 && args.u == 4 || args.u in [1u, 2u]",
            "args['kebab-name'] == 9",
        ] {
            assert_eq!(refused(text, types, &params), None, "{text}");
        }
        for (text, expected) in [
            ("args.a", "neither true nor false"),
            ("args.name > 3", "string"),
            ("args.a.startsWith('x')", "startsWith"),
            ("args.p.z > 3", "z"),
            ("args.s.triangle > 3", "no matching overload"),
            ("size(args.a) > 3", "size"),
            ("args.u + 1 > 5", "written `1u`"),
        ] {
            let reason = refused(text, types, &params).unwrap_or_else(|| panic!("{text} is not refused"));
            assert!(reason.contains(expected), "{text}: {reason}");
        }
    }

    #[test]
    fn types_beyond_all_bounds_and_keys_of_maps_are_left_to_the_calls() {
        let wide: String = (1..16).map(|n| format!("(type $t{n} (tuple $t{0} $t{0})) ", n - 1)).collect();
        let types = format!("(type $t0 (tuple u8 u8)) {wide}");
        assert_eq!(refused("args.a > 3", &types, &[("a", "$t15")]), None);
        assert!(refused("args.a > 3", &types, &[("a", "$t3")]).is_some());
        assert_eq!(refused("args.a.x > 3", "", &[("a", "(map string u8)")]), None);
    }
}
