//! What a component's functions take and give: the help of `jack call`.

use clap::CommandFactory as _;
use jackfield_component::Signature;
use jackfield_component::value::Value;
use jackfield_protocol::{ExportedFunction, Functions, ParamType, TypeId, TypeKind};

use super::{column_width, wit_type};
use crate::args::Args;
use crate::page::Page;
use crate::style::Role;

/// A longer flag pushes what stands behind it to the right, and no other.
const WIDEST_FLAG: usize = 32;

/// How the functions are reached from the command line.
pub(crate) struct Place<'a> {
    /// The workload as it was given.
    pub(crate) workload: &'a str,
    /// The component's name.
    pub(crate) component: &'a str,
}

impl Place<'_> {
    fn command(&self) -> String {
        format!("jack call {} {}", quoted(self.workload), quoted(self.component))
    }
}

/// All functions, with the first line of their docs.
pub(crate) fn list(place: &Place<'_>, functions: &Functions) -> Page {
    let mut page = Page::default();
    page.line().plain("Functions of ").add(Role::Name, place.component).plain(":");
    let mut interface = None;
    for function in &functions.functions {
        if interface != Some(&function.interface) {
            interface = Some(&function.interface);
            page.line();
            if let Some(name) = &function.interface {
                page.line().add(Role::Name, name);
                add_docs(&mut page, "  ", function.interface_docs.as_deref());
            }
        }
        page.line().plain("  ").plain(function.function.signature());
        add_docs(&mut page, "      ", function.function.docs.as_deref());
        if let Some(reason) = obstacle(functions, function) {
            page.line().plain("      ").add(Role::Warning, reason);
        }
    }
    page.line();
    match functions.functions.is_empty() {
        true => page.line().add(Role::Faint, "It exports no functions that can be called."),
        false => page.line().plain(format!("What one takes: {} FUNCTION --help", place.command())),
    };
    page
}

/// One function: docs, each parameter as a flag, the types, the result and a call.
pub(crate) fn one(
    place: &Place<'_>,
    functions: &Functions,
    function: &ExportedFunction,
    short: &str,
) -> Page {
    let mut page = Page::default();
    page.line().add(Role::Heading, function.full_name());
    add_docs(&mut page, "  ", function.function.docs.as_deref());
    let command = format!("{} {}", place.command(), quoted(short));
    let flags: Vec<String> =
        function.types.params.iter().map(|param| flag(functions, &param.name, param.ty)).collect();
    page.section("Usage:");
    page.line().plain("  ").plain([vec![command.clone()], flags.clone()].concat().join(" "));
    add_params(&mut page, functions, function, &flags);
    add_types(&mut page, functions, function);
    page.section("Result:");
    page.line().plain("  ").plain(match function.types.result {
        Some(result) => wit_type::name(&functions.types, result),
        None => "nothing".to_owned(),
    });
    match obstacle(functions, function) {
        Some(reason) => {
            page.line();
            page.line().add(Role::Warning, reason);
        }
        None => add_examples(&mut page, &command, functions, function),
    }
    page.line();
    page.line().add(Role::Faint, "Options of jack itself, such as --trace and --output: jack call --help");
    page
}

fn add_params(page: &mut Page, functions: &Functions, function: &ExportedFunction, flags: &[String]) {
    page.section("Parameters:");
    if flags.is_empty() {
        page.line().add(Role::Faint, "  none");
    }
    let width = column_width(flags.iter().map(String::as_str), WIDEST_FLAG);
    for (param, flag) in function.types.params.iter().zip(flags) {
        let accepted = accepted(functions, function, param);
        let line = page.line();
        line.plain("  ").add(Role::Name, format!("{flag:width$}")).plain("  ").plain(accepted);
    }
    if flags.iter().any(|flag| flag.trim_start_matches('[').starts_with("--arg ")) {
        page.line().add(Role::Faint, "  --arg, because jack has an option of that name itself");
    }
}

/// How the parameter's value is written, and what it is if it is left out.
fn accepted(functions: &Functions, function: &ExportedFunction, param: &ParamType) -> String {
    let types = &functions.types;
    let words = wit_type::accepted(types, param.ty);
    let no = opposite(functions, function, param);
    match (types.kind(param.ty), no) {
        (TypeKind::Bool, Some(no)) => format!("true if it is there, else false, as with {no}"),
        (TypeKind::Bool, None) => format!("{words}; false, if it is left out"),
        (_, Some(no)) => format!("{words}; {no} for false"),
        (_, None) => words,
    }
}

/// The flag that stands for `false`, if the parameter is a switch.
pub(crate) fn opposite(
    functions: &Functions,
    function: &ExportedFunction,
    param: &ParamType,
) -> Option<String> {
    let mut inner = functions.types.kind(param.ty);
    while let TypeKind::Option(some) = inner {
        inner = functions.types.kind(*some);
    }
    let name = format!("no-{}", param.name);
    let is_taken = function.types.params.iter().any(|param| param.name == name);
    let is_switch = *inner == TypeKind::Bool && !is_own_option(&param.name);
    (is_switch && !is_taken && !is_own_option(&name)).then(|| format!("--{name}"))
}

/// The definitions of the types that have names.
fn add_types(page: &mut Page, functions: &Functions, function: &ExportedFunction) {
    let types = &functions.types;
    let roots = function.types.params.iter().map(|param| param.ty).chain(function.types.result);
    let named: Vec<TypeId> = wit_type::named(types, roots);
    if named.is_empty() {
        return;
    }
    page.section("Types:");
    for id in named {
        let structure = wit_type::structure(types, id);
        page.line().plain("  ").add(Role::Name, wit_type::name(types, id)).plain(" = ").plain(structure);
        add_docs(page, "      ", types.get(id).and_then(|def| def.docs.as_deref()));
        for (name, docs) in parts(types.kind(id)) {
            let first = docs.lines().next().unwrap_or_default();
            page.line().plain("      ").add(Role::Faint, format!("{name}: {first}"));
        }
    }
}

/// The documented parts of a type.
fn parts(kind: &TypeKind) -> Vec<(&str, &str)> {
    let all: Vec<(&str, Option<&str>)> = match kind {
        TypeKind::Record(fields) => {
            fields.iter().map(|field| (field.name.as_str(), field.docs.as_deref())).collect()
        }
        TypeKind::Variant(cases) => {
            cases.iter().map(|case| (case.name.as_str(), case.docs.as_deref())).collect()
        }
        TypeKind::Enum(labels) | TypeKind::Flags(labels) => {
            labels.iter().map(|label| (label.name.as_str(), label.docs.as_deref())).collect()
        }
        _ => Vec::new(),
    };
    all.into_iter().filter_map(|(name, docs)| Some((name, docs?))).collect()
}

/// A call by name, and where there are values with parts, the same in JSON.
fn add_examples(page: &mut Page, command: &str, functions: &Functions, function: &ExportedFunction) {
    let mut in_wave = command.to_owned();
    let mut in_json = command.to_owned();
    let mut values = command.to_owned();
    for param in &function.types.params {
        let Some(value) = wit_type::example(&functions.types, param.ty) else { return };
        let name = option(&param.name);
        // Of options what is in them.
        let (wave, json) = (text(&value), json_text(&value));
        if value == Value::Bool(true) && !is_own_option(&param.name) {
            in_wave.push_str(&format!(" --{}", param.name));
            in_json.push_str(&format!(" --{}", param.name));
        } else {
            in_wave.push_str(&format!(" {name}{}", quoted(&wave)));
            in_json.push_str(&format!(" {name}{}", quoted(&json)));
        }
        values.push_str(&format!(" {}", quoted(&wave)));
    }
    page.section("Examples:");
    page.line().plain("  ").plain(&in_wave);
    if values != in_wave {
        page.line().plain("  ").plain(values);
    }
    if in_json != in_wave {
        page.line().plain("  ").plain(in_json);
    }
}

/// The value as it can be written on a command line.
fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Char(c) => c.to_string(),
        Value::Option(Some(value)) if !matches!(**value, Value::Option(_)) => text(value),
        value => value.to_string(),
    }
}

fn json_text(value: &Value) -> String {
    match value {
        Value::String(_) | Value::Char(_) | Value::Enum(_) => text(value),
        Value::Option(Some(value)) if !matches!(**value, Value::Option(_)) => json_text(value),
        value => value.to_json().to_string(),
    }
}

/// A parameter as a flag: `--a <f64>`, `[--b <u8>]`, `[--verbose]`.
fn flag(functions: &Functions, name: &str, ty: TypeId) -> String {
    let types = &functions.types;
    let value = |ty| format!("{}<{}>", option(name), wit_type::name(types, ty));
    match types.kind(ty) {
        TypeKind::Option(some) => format!("[{}]", value(*some)),
        TypeKind::Bool if is_own_option(name) => format!("[{}]", value(ty)),
        TypeKind::Bool => format!("[--{name}]"),
        TypeKind::List(_) => format!("{} …", value(ty)),
        _ => value(ty),
    }
}

/// The parameter's flag up to its value: `--a `, and `--arg json=` where jack has a flag of that name itself.
fn option(name: &str) -> String {
    match is_own_option(name) {
        true => format!("--arg {name}="),
        false => format!("--{name} "),
    }
}

/// Whether `jack call` has an option of this name.
pub(crate) fn is_own_option(name: &str) -> bool {
    let root = Args::command();
    let call = root.find_subcommand("call");
    let all = root.get_arguments().chain(call.into_iter().flat_map(clap::Command::get_arguments));
    let mut names = all.filter_map(clap::Arg::get_long).chain(["help"]);
    names.any(|own| own == name)
}

/// Why the function cannot be called from the command line, and from where it can.
pub(crate) fn obstacle(functions: &Functions, function: &ExportedFunction) -> Option<String> {
    let signature = Signature { types: &functions.types, function: &function.types };
    let reason = signature.check_callable().err()?;
    Some(match signature.check_callable_in_session() {
        Ok(()) => {
            "it works on a resource, and handles live only in a session of calls: jack session".to_owned()
        }
        Err(_) => format!("it cannot be called from outside: {reason}"),
    })
}

fn add_docs(page: &mut Page, indent: &str, docs: Option<&str>) {
    for line in docs.unwrap_or_default().lines() {
        page.line().plain(indent).add(Role::Faint, line);
    }
}

/// A word as a shell takes it for one.
fn quoted(word: &str) -> String {
    shlex::try_quote(word).map_or_else(|_| word.to_owned(), std::borrow::Cow::into_owned)
}

#[cfg(test)]
mod tests {
    use jackfield_protocol::{Function, FunctionKind, FunctionTypes, ParamType, TypeGraph, TypeKind};

    use super::*;

    #[test]
    fn a_parameter_that_is_called_like_an_option_of_jack_is_reached_another_way() {
        let mut types = TypeGraph::default();
        let text = types.add(TypeKind::String.into()).expect("a type");
        let maybe = types.add(TypeKind::Option(text).into()).expect("a type");
        let params = [("json", text), ("name", maybe)].map(|(name, ty)| ParamType { name: name.into(), ty });
        let function = ExportedFunction {
            interface: None,
            interface_docs: None,
            function: Function {
                name: "greet".to_owned(),
                kind: FunctionKind::Freestanding,
                is_async: false,
                params: Vec::new(),
                result: None,
                docs: Some("Says hello.".to_owned()),
            },
            types: FunctionTypes { params: params.into(), result: None },
        };
        let functions = Functions { types, functions: vec![function.clone()] };
        let place = Place { workload: "a w.toml", component: "greeter" };
        assert_eq!(
            one(&place, &functions, &function, "greet").render(false),
            "greet\n  \
               Says hello.\n\
             \n\
             Usage:\n  \
               jack call 'a w.toml' greeter greet --arg json=<string> [--name <string>]\n\
             \n\
             Parameters:\n  \
               --arg json=<string>  text, without quotes\n  \
               [--name <string>]    text, without quotes; or none, or nothing at all\n  \
               --arg, because jack has an option of that name itself\n\
             \n\
             Result:\n  \
               nothing\n\
             \n\
             Examples:\n  \
               jack call 'a w.toml' greeter greet --arg json=text --name text\n  \
               jack call 'a w.toml' greeter greet text text\n\
             \n\
             Options of jack itself, such as --trace and --output: jack call --help\n"
        );
    }
}
