//! Finding the function that a caller means, and bringing arguments and results into WAVE.

use std::str::FromStr;

use jackfield_component::{
    Signature,
    value::{self, Value},
};
use jackfield_protocol::{
    ComponentInfo, ComponentName, Error, ErrorKind, Function, ParamType, Port, PortKind, TypeGraph, TypeId,
    TypeKind,
};
use serde_json::{Map, Value as Json};
use thiserror::Error as ThisError;

use crate::value::Gone;

/// Why a call could not be made.
#[derive(Debug, Clone, PartialEq, Eq, ThisError)]
pub enum CallError {
    /// There is no such component in the workload.
    #[error("there is no component `{name}`")]
    NoComponent {
        /// The name that was given.
        name: ComponentName,
        /// The components that there are.
        known: Vec<ComponentName>,
    },
    /// There is no such function.
    #[error("`{component}` exports no function `{function}`")]
    NoFunction {
        /// The component.
        component: ComponentName,
        /// What was asked for.
        function: String,
        /// The functions that there are, with their signatures.
        known: Vec<String>,
    },
    /// More than one function is meant.
    #[error("`{component}` exports more than one function `{function}`")]
    Ambiguous {
        /// The component.
        component: ComponentName,
        /// What was asked for.
        function: String,
        /// The full names that could be meant.
        candidates: Vec<String>,
    },
    /// The function takes or gives a handle to a resource, which lives only in a session of calls.
    #[error("`{function}` works on a resource, and a handle to one lives only in a session of calls")]
    NeedsSession {
        /// The function.
        function: String,
    },
    /// A parameter or the result is of a type whose values cannot be written down.
    #[error("`{function}` cannot be called from outside: {reason}")]
    NotWritable {
        /// The function.
        function: String,
        /// What cannot be written.
        reason: String,
    },
    /// The arguments in JSON are not what the function takes.
    #[error("the arguments do not fit `{function}`: {reason}")]
    Json {
        /// The function.
        function: String,
        /// Everything that is wrong with them.
        reason: String,
    },
    /// There is no such handle in the session.
    #[error("there is no handle #{handle} in this session{}", what_became(gone.as_ref()))]
    NoHandle {
        /// Its number.
        handle: u64,
        /// What became of it, if it was there.
        gone: Option<Gone>,
        /// The handles that there are, each with its resource.
        known: Vec<String>,
    },
    /// A handle is of another resource than the one that is asked for.
    #[error("the handle #{handle} is a `{resource}`, which is not the resource that `{param}` takes")]
    OtherHandle {
        /// Its number.
        handle: u64,
        /// What WIT calls its resource.
        resource: String,
        /// The parameter that it was given for.
        param: String,
    },
    /// A handle that a call gives away is given twice, or lent to it besides.
    #[error("the handle #{handle} is given away in this call, so it can be given only once")]
    HandleGivenTwice {
        /// Its number.
        handle: u64,
    },
    /// The session has no instance any more.
    #[error("the session has ended, because a call in it failed or was stopped")]
    SessionEnded,
    /// Too few or too many arguments.
    #[error("`{function}` takes {expected} arguments, and {given} were given")]
    ArgumentCount {
        /// The function.
        function: String,
        /// How many parameters it has.
        expected: usize,
        /// How many arguments were given.
        given: usize,
        /// Its declaration.
        signature: String,
    },
    /// An argument is not a value of the parameter's type.
    #[error("`{given}` is no value for the parameter `{param}: {ty}`: {reason}")]
    Argument {
        /// The parameter.
        param: String,
        /// Its type in WIT.
        ty: String,
        /// What was given.
        given: String,
        /// What is wrong with it.
        reason: String,
    },
}

fn what_became(gone: Option<&Gone>) -> String {
    match gone {
        Some(Gone::Given(function)) => format!(" any more: it was given to `{function}`"),
        Some(Gone::Dropped) => " any more: it was dropped".to_owned(),
        None => String::new(),
    }
}

impl From<CallError> for Error {
    fn from(error: CallError) -> Self {
        let message = error.to_string();
        let kind = match error {
            CallError::ArgumentCount { .. }
            | CallError::Argument { .. }
            | CallError::Json { .. }
            | CallError::NoHandle { .. }
            | CallError::OtherHandle { .. }
            | CallError::HandleGivenTwice { .. } => ErrorKind::Arguments,
            _ => ErrorKind::Request,
        };
        let help = help(&error);
        let error = Error::new(kind, message);
        help.map_or(error.clone(), |help| error.with_help(help))
    }
}

fn help(error: &CallError) -> Option<String> {
    match error {
        CallError::NoComponent { known, .. } => Some(format!("the workload has: {}", join(known))),
        CallError::NoFunction { known, .. } if known.is_empty() => {
            Some("it exports no functions that can be called".to_owned())
        }
        CallError::NoFunction { known, .. } => Some(format!("it has: {}", known.join("; "))),
        CallError::Ambiguous { candidates, .. } => Some(format!("say which: {}", candidates.join(", "))),
        CallError::ArgumentCount { signature, .. } => Some(signature.clone()),
        CallError::Argument { ty, .. } => Some(example_for(ty)),
        CallError::NoHandle { known, .. } if known.is_empty() => {
            Some("call a constructor first: it gives one".to_owned())
        }
        CallError::NoHandle { known, .. } => Some(format!("it has: {}", known.join(", "))),
        CallError::NeedsSession { .. } | CallError::SessionEnded => Some("open a session".to_owned()),
        CallError::NotWritable { .. }
        | CallError::HandleGivenTwice { .. }
        | CallError::OtherHandle { .. }
        | CallError::Json { .. } => None,
    }
}

fn join(names: &[ComponentName]) -> String {
    names.iter().map(ComponentName::as_str).collect::<Vec<_>>().join(", ")
}

/// How a value of a type is written in WAVE.
fn example_for(ty: &str) -> String {
    let example = match ty {
        "string" => r#"text stands in quotes: "hello""#,
        "char" => "a character stands in quotes: 'x'",
        "bool" => "true or false",
        "f32" | "f64" => "a number: 3, -0.5, 1e9, inf, nan",
        _ if ty.starts_with("list") => "a list stands in brackets: [1, 2, 3]",
        _ if ty.starts_with("option") => "some(value) or none",
        _ if ty.starts_with("result") => "ok(value) or err(value)",
        _ if ty.starts_with("tuple") => "a tuple stands in parentheses: (1, \"a\")",
        _ => "values are written in WAVE: records as {field: value}, variants as case(value)",
    };
    example.to_owned()
}

/// A function of a component, found by what the caller wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Callee {
    /// The export that it is, or is part of.
    pub(crate) port: Port,
    /// The interface that holds it; none for a bare function.
    pub(crate) interface: Option<String>,
    pub(crate) function: Function,
}

impl Callee {
    /// `ns:pkg/interface@version#function`, or the bare function's name.
    pub(crate) fn full_name(&self) -> String {
        match &self.interface {
            Some(interface) => format!("{interface}#{}", self.function.name),
            None => self.function.name.clone(),
        }
    }
}

/// Finds the function that `wanted` means among the exports of a component.
pub(crate) fn find(
    component: &ComponentName,
    info: &ComponentInfo,
    wanted: &str,
) -> Result<Callee, CallError> {
    let (interface, name) = match wanted.rsplit_once('#') {
        Some((interface, name)) => (Some(interface), name),
        None => (None, wanted),
    };
    let all: Vec<Callee> = info.exports().flat_map(callees).collect();
    let mut fitting: Vec<&Callee> = all
        .iter()
        .filter(|callee| {
            (callee.function.name == name || callee.function.display_name() == name)
                && interface.is_none_or(|wanted| is_meant(wanted, callee.interface.as_deref()))
        })
        .collect();
    let callee = match (fitting.pop(), fitting.as_slice()) {
        (Some(callee), []) => callee.clone(),
        (None, _) => {
            let known = all.iter().map(|callee| callee.function.signature()).collect();
            return Err(CallError::NoFunction {
                component: component.clone(),
                function: wanted.to_owned(),
                known,
            });
        }
        (Some(last), others) => {
            let candidates = others.iter().copied().chain([last]).map(Callee::full_name).collect();
            return Err(CallError::Ambiguous {
                component: component.clone(),
                function: wanted.to_owned(),
                candidates,
            });
        }
    };
    Ok(callee)
}

fn callees(port: &Port) -> impl Iterator<Item = Callee> {
    let interface = matches!(port.kind, PortKind::Instance { .. }).then(|| port.name.clone());
    port.functions().iter().map(move |function| Callee {
        port: port.clone(),
        interface: interface.clone(),
        function: function.clone(),
    })
}

/// Whether `wanted` names the interface: in full, without its version, or by its last part.
fn is_meant(wanted: &str, interface: Option<&str>) -> bool {
    let Some(interface) = interface else { return false };
    let unversioned = interface.split_once('@').map_or(interface, |(name, _)| name);
    let last = unversioned.rsplit_once('/').map_or(unversioned, |(_, last)| last);
    [interface, unversioned, last].contains(&wanted)
}

/// Refuses a function with a type that no value can be written of. Handles to resources are values
/// in a session.
pub(crate) fn check_writable(
    callee: &Callee,
    signature: Signature<'_>,
    in_session: bool,
) -> Result<(), CallError> {
    let function = callee.full_name();
    signature
        .check_callable_in_session()
        .map_err(|error| CallError::NotWritable { function: function.clone(), reason: error.to_string() })?;
    if !in_session && signature.check_callable().is_err() {
        return Err(CallError::NeedsSession { function });
    }
    Ok(())
}

/// The arguments of a call, as they are written down.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Args<'a> {
    /// A value in WAVE for each parameter.
    Wave(&'a [String]),
    /// A member for each parameter, by its name.
    Json(&'a Map<String, Json>),
}

/// Reads the arguments of a call.
pub(crate) fn read_args(
    callee: &Callee,
    signature: Signature<'_>,
    args: Args<'_>,
) -> Result<Vec<Value>, CallError> {
    match args {
        Args::Wave(args) => read_wave(callee, signature, args),
        Args::Json(args) => value::args_from_json(signature, args)
            .map_err(|error| CallError::Json { function: callee.full_name(), reason: error.to_string() }),
    }
}

fn read_wave(callee: &Callee, signature: Signature<'_>, args: &[String]) -> Result<Vec<Value>, CallError> {
    let params = &signature.function.params;
    if params.len() != args.len() {
        return Err(CallError::ArgumentCount {
            function: callee.full_name(),
            expected: params.len(),
            given: args.len(),
            signature: callee.function.signature(),
        });
    }
    params.iter().zip(args).map(|(param, given)| read_arg(callee, signature.types, param, given)).collect()
}

fn read_arg(callee: &Callee, types: &TypeGraph, param: &ParamType, given: &str) -> Result<Value, CallError> {
    let described = callee.function.params.iter().find(|described| described.name == param.name);
    let error = |reason: String| CallError::Argument {
        param: param.name.clone(),
        ty: described.map(|param| param.ty.clone()).unwrap_or_default(),
        given: given.to_owned(),
        reason,
    };
    read_value(types, param.ty, given).map_err(error)
}

/// Reads a value in WAVE, or says what is wrong with it. Any number that Rust can read is one, also those that
/// WAVE's grammar leaves out (`+3`, `.5`).
pub(crate) fn read_value(types: &TypeGraph, ty: TypeId, given: &str) -> Result<Value, String> {
    match types.kind(ty) {
        TypeKind::F64 => f64::from_str(given.trim()).map(Value::F64).map_err(|e| e.to_string()),
        TypeKind::F32 => f32::from_str(given.trim()).map(Value::F32).map_err(|e| e.to_string()),
        _ => value::from_wave(types, ty, given).map_err(|e| e.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use jackfield_protocol::{Digest, Direction, FunctionKind, Param};

    use super::*;

    fn function(name: &str, kind: FunctionKind) -> Function {
        let params = vec![Param { name: "a".into(), ty: "f64".into() }];
        Function { name: name.into(), kind, is_async: false, params, result: None, docs: None }
    }

    fn info() -> ComponentInfo {
        let instance = |name: &str, functions| Port {
            implements: None,
            direction: Direction::Export,
            name: name.into(),
            kind: PortKind::Instance { functions, types: Vec::new(), resources: Vec::new() },
            docs: None,
        };
        let bare = Port {
            implements: None,
            direction: Direction::Export,
            name: "log".into(),
            kind: PortKind::Function(function("log", FunctionKind::Freestanding)),
            docs: None,
        };
        let free = |name| function(name, FunctionKind::Freestanding);
        let get = function("[method]bucket.get", FunctionKind::Method("bucket".into()));
        ComponentInfo {
            digest: Digest::from_sha256([0; 32]),
            size_in_bytes: 0,
            ports: vec![
                instance("math:ops/square@1.2.0", vec![free("square"), free("both")]),
                instance("math:ops/root", vec![free("both"), get]),
                bare,
            ],
            producers: Vec::new(),
        }
    }

    fn found(wanted: &str) -> Result<String, CallError> {
        find(&"c".into(), &info(), wanted).map(|callee| callee.full_name())
    }

    #[test]
    fn a_function_is_found_by_every_way_of_naming_it() {
        for wanted in ["square", "square#square", "math:ops/square#square", "math:ops/square@1.2.0#square"] {
            assert_eq!(found(wanted).as_deref(), Ok("math:ops/square@1.2.0#square"), "{wanted}");
        }
        assert_eq!(found("log").as_deref(), Ok("log"));
        assert_eq!(found("root#both").as_deref(), Ok("math:ops/root#both"));
    }

    #[test]
    fn what_cannot_be_called_is_explained() {
        let CallError::Ambiguous { candidates, .. } = found("both").unwrap_err() else { panic!("ambiguous") };
        assert_eq!(candidates, ["math:ops/square@1.2.0#both", "math:ops/root#both"]);
        assert_eq!(found("bucket.get").as_deref(), Ok("math:ops/root#[method]bucket.get"));
        let error = Error::from(found("cube").unwrap_err());
        assert!(error.help.is_some_and(|help| help.contains("square: func(a: f64)")));
    }
}
