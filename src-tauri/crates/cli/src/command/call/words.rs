//! From the words behind a function's name to a text for each of its parameters.

use jackfield_component::Signature;
use jackfield_protocol::{Error, ErrorKind, ParamType, Problem, TypeKind};

use super::value::{self, Given};
use crate::nearest::nearest;

/// The words of a call, and what they are for.
pub(crate) struct Words<'a> {
    /// The function's full name.
    pub(crate) function: &'a str,
    /// Its declaration in WIT.
    pub(crate) declaration: &'a str,
    /// What it takes.
    pub(crate) signature: Signature<'a>,
}

/// What was said, sorted, with everything that is wrong with it.
#[derive(Default)]
struct Said {
    values: Vec<String>,
    /// Parameters by their place, and what was given for each.
    named: Vec<(usize, Given)>,
    problems: Vec<Problem>,
}

impl Words<'_> {
    /// A value in WAVE for each parameter, of flags, or of values in the order of the parameters. `named` are
    /// pairs `NAME=VALUE` beside them.
    pub(crate) fn read(&self, words: &[String], named: &[String]) -> Result<Vec<String>, Error> {
        let mut said = self.sort(words);
        for pair in named {
            self.take_pair(pair, &mut said);
        }
        if !said.problems.is_empty() {
            return Err(self.error(said.problems));
        }
        let are_switches = said.named.iter().all(|(place, _)| self.is_bool(*place));
        let given = match said.values.as_slice() {
            [] => self.by_name(said.named),
            _ if are_switches => self.by_place(said.values, said.named)?,
            [value, ..] => return Err(self.mixed(value)),
        };
        self.values(given)
    }

    fn sort(&self, words: &[String]) -> Said {
        let mut said = Said::default();
        let mut words = words.iter().peekable();
        while let Some(word) = words.next() {
            if word == "--" {
                said.values.extend(words.cloned());
                break;
            }
            let Some(flag) = word.strip_prefix("--") else {
                said.values.push(word.clone());
                continue;
            };
            let (name, value) = match flag.split_once('=') {
                Some((name, value)) => (name, Some(value.to_owned())),
                None => (flag, None),
            };
            let Some((place, switch)) = self.flag(name) else {
                said.problems.push(self.unknown(name));
                continue;
            };
            if switch == Given::No {
                match value {
                    None => said.named.push((place, switch)),
                    Some(_) => said.problems.push(self.no_with_value(place)),
                }
                continue;
            }
            let next = |next: &&String| self.takes(place, next);
            let value = value.or_else(|| words.next_if(next).cloned());
            match value {
                Some(value) => said.named.push((place, Given::Text(value))),
                None if self.is_bool(place) => said.named.push((place, switch)),
                None => said.problems.push(self.without_value(place, words.peek().copied())),
            }
        }
        said
    }

    fn take_pair(&self, pair: &str, said: &mut Said) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        match self.place(name) {
            Some(_) if !pair.contains('=') => {
                said.problems.push(problem("--arg", format!("write --arg {name}=VALUE"), None));
            }
            Some(place) => said.named.push((place, Given::Text(value.to_owned()))),
            None => said.problems.push(self.unknown(name)),
        }
    }

    /// Whether the word behind a flag is the flag's value.
    fn takes(&self, place: usize, next: &str) -> bool {
        if self.is_bool(place) {
            return matches!(next, "true" | "false");
        }
        let is_flag = next.strip_prefix("--").is_some_and(|flag| {
            flag.is_empty() || self.flag(flag.split_once('=').map_or(flag, |(name, _)| name)).is_some()
        });
        !is_flag
    }

    fn by_name(&self, named: Vec<(usize, Given)>) -> Vec<Vec<Given>> {
        let mut given: Vec<Vec<Given>> = self.signature.function.params.iter().map(|_| Vec::new()).collect();
        for (place, value) in named {
            if let Some(values) = given.get_mut(place) {
                values.push(value);
            }
        }
        given
    }

    /// Values in the order of the parameters that are no switches given by name. What may be left out at the end may
    /// be left out here, too.
    fn by_place(&self, values: Vec<String>, named: Vec<(usize, Given)>) -> Result<Vec<Vec<Given>>, Error> {
        let count = values.len() + named.len();
        let mut given = self.by_name(named);
        let mut values = values.into_iter();
        let params = self.signature.function.params.iter();
        for (place, param) in given.iter_mut().zip(params).filter(|(place, _)| place.is_empty()) {
            match values.next() {
                Some(value) => place.push(Given::Text(value)),
                None if self.may_be_left_out(param) => {}
                None => return Err(self.count(count)),
            }
        }
        if values.next().is_some() { Err(self.count(count)) } else { Ok(given) }
    }

    fn values(&self, given: Vec<Vec<Given>>) -> Result<Vec<String>, Error> {
        let params = &self.signature.function.params;
        if given.iter().all(Vec::is_empty) && given.len() != self.optional_count() {
            return Err(self.count(0));
        }
        let mut stdin = value::Input::default();
        let mut problems = Vec::new();
        let mut values = Vec::with_capacity(params.len());
        for (param, given) in params.iter().zip(given) {
            match value::read(self.signature.types, param, &given, &mut stdin) {
                Ok(value) => values.push(value.to_string()),
                Err(wrong) => {
                    problems.push(problem(&format!("--{}", param.name), wrong.message, wrong.help));
                }
            }
        }
        if problems.is_empty() { Ok(values) } else { Err(self.error(problems)) }
    }

    fn optional_count(&self) -> usize {
        self.signature.function.params.iter().filter(|param| self.may_be_left_out(param)).count()
    }

    /// An option is none then, and a switch is off.
    fn may_be_left_out(&self, param: &ParamType) -> bool {
        matches!(self.signature.types.kind(param.ty), TypeKind::Option(_) | TypeKind::Bool)
    }

    /// The parameter that a flag is for, and what the flag says if it stands alone: `--loud`, `--no-loud`.
    fn flag(&self, name: &str) -> Option<(usize, Given)> {
        let no = || name.strip_prefix("no-").and_then(|name| self.place(name));
        let place = self.place(name).map(|place| (place, Given::Yes));
        place.or_else(|| no().filter(|place| self.is_bool(*place)).map(|place| (place, Given::No)))
    }

    fn place(&self, name: &str) -> Option<usize> {
        self.signature.function.params.iter().position(|param| param.name == name)
    }

    fn is_bool(&self, place: usize) -> bool {
        let param = self.signature.function.params.get(place);
        param.is_some_and(|param| {
            let (_, inner) = value::without_options(self.signature.types, param.ty);
            matches!(self.signature.types.kind(inner), TypeKind::Bool)
        })
    }

    fn unknown(&self, name: &str) -> Problem {
        let names = || self.signature.function.params.iter().map(|param| param.name.as_str());
        let help = match nearest(name, names()) {
            Some(name) => format!("did you mean --{name}?"),
            None if names().next().is_none() => "it takes nothing".to_owned(),
            None => {
                let all: Vec<_> = names().map(|name| format!("--{name}")).collect();
                format!("it takes {}; behind `--`, words are values and not flags", all.join(", "))
            }
        };
        problem(&format!("--{name}"), "there is no such parameter".to_owned(), Some(help))
    }

    fn no_with_value(&self, place: usize) -> Problem {
        let param = self.signature.function.params.get(place);
        let name = param.map(|param| param.name.as_str()).unwrap_or_default();
        let help = format!("write --{name}=true or --{name}=false");
        problem(&format!("--no-{name}"), "it takes no value".to_owned(), Some(help))
    }

    fn without_value(&self, place: usize, next: Option<&String>) -> Problem {
        let param = self.signature.function.params.get(place);
        let name = param.map(|param| param.name.as_str()).unwrap_or_default();
        let help = next.map(|next| format!("if `{next}` is its value, write --{name}={next}"));
        problem(&format!("--{name}"), "its value is missing".to_owned(), help)
    }

    fn mixed(&self, value: &str) -> Error {
        let message = format!(
            "some values for `{}` are given by name, and `{value}` is given by its place",
            self.function
        );
        let all: Vec<_> =
            self.signature.function.params.iter().map(|param| format!("--{} …", param.name)).collect();
        Error::new(ErrorKind::Arguments, message)
            .with_help(format!("give all of them by name ({}), or all of them in order", all.join(" ")))
    }

    fn count(&self, given: usize) -> Error {
        let expected = self.signature.function.params.len();
        let arguments = if expected == 1 { "argument" } else { "arguments" };
        let message = format!("`{}` takes {expected} {arguments}, and {given} were given", self.function);
        Error::new(ErrorKind::Arguments, message)
            .with_help(format!("{}\n--help shows how each is written", self.declaration))
    }

    fn error(&self, problems: Vec<Problem>) -> Error {
        Error::new(ErrorKind::Arguments, format!("the arguments do not fit `{}`", self.function))
            .with_problems(problems)
            .with_help(self.declaration)
    }
}

fn problem(flag: &str, message: String, help: Option<String>) -> Problem {
    Problem { message, help, path: flag.to_owned(), line: None, column: None, pull: None }
}

#[cfg(test)]
mod tests {
    use jackfield_protocol::{
        Case, Field, FunctionTypes, Integer, Label, ParamType, TypeDef, TypeGraph, TypeId, TypeKind,
    };

    use super::*;

    /// A function with a parameter of each of the kinds that matter, and what is said to it in WAVE.
    fn read(params: &[&str], words: &[&str]) -> Result<Vec<String>, Error> {
        let mut types = TypeGraph::default();
        let params =
            params.iter().map(|name| ParamType { name: (*name).to_owned(), ty: add(&mut types, name) });
        let function = FunctionTypes { params: params.collect(), result: None };
        let signature = Signature { types: &types, function: &function };
        let of = Words { function: "f", declaration: "f: func()", signature };
        let (named, words): (Vec<&str>, Vec<&str>) =
            words.iter().partition(|word| word.starts_with("--arg:"));
        let named: Vec<String> = named.iter().map(|word| word.replacen("--arg:", "", 1)).collect();
        of.read(&words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>(), &named)
    }

    /// A type by the parameter's name.
    fn add(types: &mut TypeGraph, name: &str) -> TypeId {
        let label = |name: &str| Label { name: name.to_owned(), docs: None };
        let mut plain = |kind: TypeKind| types.add(kind.into()).expect("a type");
        match name {
            "verbose" | "no-verbose" => plain(TypeKind::Bool),
            "count" => plain(TypeKind::Integer(Integer::U8)),
            "text" | "json" => plain(TypeKind::String),
            "char" => plain(TypeKind::Char),
            "color" => plain(TypeKind::Enum(vec![label("red"), label("green")])),
            "rights" => plain(TypeKind::Flags(vec![label("read"), label("write")])),
            "maybe" => {
                let text = plain(TypeKind::String);
                plain(TypeKind::Option(text))
            }
            "maybe-verbose" => {
                let verbose = plain(TypeKind::Bool);
                plain(TypeKind::Option(verbose))
            }
            "perhaps-maybe" => {
                let count = plain(TypeKind::Integer(Integer::U8));
                let maybe = plain(TypeKind::Option(count));
                plain(TypeKind::Option(maybe))
            }
            "words" => {
                let text = plain(TypeKind::String);
                plain(TypeKind::List(text))
            }
            "points" => {
                let x = plain(TypeKind::F32);
                let field = Field { name: "x".to_owned(), ty: x, docs: None };
                let point = types
                    .add(TypeDef { name: Some("point".to_owned()), ..TypeKind::Record(vec![field]).into() });
                types.add(TypeKind::List(point.expect("a type")).into()).expect("a type")
            }
            "shape" => {
                let radius = plain(TypeKind::Integer(Integer::U8));
                let case = |name: &str, ty| Case { name: name.to_owned(), ty, docs: None };
                plain(TypeKind::Variant(vec![case("dot", None), case("circle", Some(radius))]))
            }
            other => panic!("no such type: {other}"),
        }
    }

    #[test]
    fn values_are_wave_or_json_or_what_they_are() {
        for (param, words, wave) in [
            ("verbose", &["--verbose"][..], "true"),
            ("verbose", &["--verbose=false"], "false"),
            ("verbose", &["--verbose", "false"], "false"),
            ("verbose", &["true"], "true"),
            ("verbose", &[], "false"),
            ("verbose", &["--no-verbose"], "false"),
            ("text", &["--text", "a \"b\""], r#""a \"b\"""#),
            ("text", &["--text", r#""a\tb""#], r#""a\tb""#),
            ("text", &["--text", r#""a\/b""#], r#""a/b""#),
            ("text", &["--text", "3"], r#""3""#),
            ("text", &["--text", ""], r#""""#),
            ("text", &["--text", "{\"a\": 1}"], r#""{\"a\": 1}""#),
            ("char", &["--char", "x"], "'x'"),
            ("char", &["--char", "'x'"], "'x'"),
            ("color", &["--color", "red"], "red"),
            ("color", &["--color", "\"red\""], "red"),
            ("rights", &["--rights", "write", "--rights", "read"], "{read, write}"),
            ("rights", &["--rights", "read"], "{read}"),
            ("rights", &["--rights", "{}"], "{}"),
            ("rights", &["--rights", "[\"write\"]"], "{write}"),
            ("maybe", &[], "none"),
            ("maybe", &["--maybe", "a"], r#"some("a")"#),
            ("maybe", &["--maybe", "none"], "none"),
            ("maybe", &["--maybe", "null"], "none"),
            ("maybe", &["--maybe", "\"none\""], r#"some("none")"#),
            ("perhaps-maybe", &["--perhaps-maybe", "3"], "some(some(3))"),
            ("perhaps-maybe", &["--perhaps-maybe", "some(none)"], "some(none)"),
            ("perhaps-maybe", &["--perhaps-maybe", "none"], "none"),
            ("maybe-verbose", &["--maybe-verbose"], "some(true)"),
            ("maybe-verbose", &["--no-maybe-verbose"], "some(false)"),
            ("maybe-verbose", &[], "none"),
            ("words", &["--words", "a", "--words", "[b"], r#"["a", "[b"]"#),
            ("words", &["--words", "a"], r#"["a"]"#),
            ("words", &["--words", "[\"a\", \"b\"]"], r#"["a", "b"]"#),
            ("words", &["--words", "[]"], "[]"),
            ("points", &["--points", "{x: 1}", "--points", "{\"x\": 2.5}"], "[{x: 1}, {x: 2.5}]"),
            ("shape", &["--shape", "dot"], "dot"),
            ("shape", &["--shape", "{\"circle\": 3}"], "circle(3)"),
            ("json", &["--arg:json=a=b"], r#""a=b""#),
        ] {
            assert_eq!(read(&[param], words), Ok(vec![wave.to_owned()]), "{words:?}");
        }
    }

    #[test]
    fn what_may_be_left_out_may_be_left_out_either_way() {
        let expected = Ok(vec!["1".to_owned(), "none".to_owned()]);
        assert_eq!(read(&["count", "maybe"], &["1"]), expected);
        assert_eq!(read(&["count", "maybe"], &["--count", "1"]), expected);
        assert!(read(&["maybe", "count"], &["1"]).is_err());
        assert_eq!(read(&[], &[]), Ok(Vec::new()));
        assert_eq!(read(&["count", "verbose"], &["1"]), Ok(vec!["1".to_owned(), "false".to_owned()]));
        assert!(read(&["words"], &[]).unwrap_err().message.contains("takes 1 argument, and 0 were given"));
    }

    #[test]
    fn a_switch_may_stand_beside_values() {
        let expected = Ok(vec!["1".to_owned(), "true".to_owned(), r#"some("a")"#.to_owned()]);
        for words in [&["1", "--verbose", "a"][..], &["--verbose", "1", "a"], &["1", "a", "--verbose=true"]] {
            assert_eq!(read(&["count", "verbose", "maybe"], words), expected, "{words:?}");
        }
        let error = read(&["count", "verbose"], &["1", "2", "--verbose"]).unwrap_err();
        assert!(error.message.contains("takes 2 arguments, and 3 were given"), "{error}");
        assert!(read(&["count", "verbose"], &["true", "--count", "1"]).is_err());
    }

    #[test]
    fn a_parameter_that_is_called_no_something_is_that_parameter() {
        let expected = Ok(vec!["true".to_owned(), "false".to_owned()]);
        assert_eq!(read(&["no-verbose", "verbose"], &["--no-verbose"]), expected);
        let error = read(&["verbose"], &["--no-verbose=true"]).unwrap_err();
        assert_eq!(error.problems[0].message, "it takes no value");
        let error = read(&["count"], &["--no-count"]).unwrap_err();
        assert_eq!(error.problems[0].message, "there is no such parameter");
    }

    #[test]
    fn behind_two_dashes_everything_is_a_value() {
        assert_eq!(
            read(&["text", "count"], &["--", "--count", "3"]),
            Ok(vec![r#""--count""#.to_owned(), "3".to_owned()])
        );
        assert!(read(&["text", "count"], &["--text", "--count", "3"]).is_err());
        let given = Ok(vec![r#""--count""#.to_owned(), "3".to_owned()]);
        assert_eq!(read(&["text", "count"], &["--text=--count", "--count=3"]), given);
    }

    #[test]
    fn everything_that_is_wrong_is_said_at_once() {
        let error = read(&["count", "color", "char"], &["--count", "300", "--color", "blue"]).unwrap_err();
        let said: Vec<&str> = error.problems.iter().map(|problem| problem.message.as_str()).collect();
        assert_eq!(
            said,
            ["`300` is no u8", "`blue` is no enum { red, green }", "missing; it takes a character"]
        );
        let help = error.problems[0].help.clone().unwrap_or_default();
        assert!(
            help.contains("as WAVE: ") && help.contains("as JSON: /count: 300 is more than 255"),
            "{help}"
        );
        let error = read(&["count"], &["--cuont", "3"]).unwrap_err();
        assert_eq!(error.problems[0].help.as_deref(), Some("did you mean --count?"));
    }
}
