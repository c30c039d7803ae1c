//! Which function is meant.

use jackfield_protocol::{
    ComponentName, Error, ErrorKind, ExportedFunction, Functions, Plan, Request, Response, WorkloadView,
};
use jackfield_workbench::Workbench;

use crate::command::unexpected;
use crate::nearest::nearest;

/// What a component of the workload can be asked to do.
pub(crate) async fn functions(
    workbench: &Workbench,
    view: &WorkloadView,
    component: &str,
) -> Result<Functions, Error> {
    let component = component_named(&view.plan, component)?;
    match workbench.dispatch(Request::Functions { workload: view.id, component }).await? {
        Response::Functions(functions) => Ok(functions),
        _ => Err(unexpected()),
    }
}

fn component_named(plan: &Plan, wanted: &str) -> Result<ComponentName, Error> {
    let names = || plan.nodes.iter().map(|node| node.name.as_str());
    if names().any(|name| name == wanted) {
        return Ok(wanted.into());
    }
    let known = match nearest(wanted, names()) {
        Some(name) => format!("did you mean `{name}`? "),
        None => String::new(),
    };
    let all = names().collect::<Vec<_>>().join(", ");
    Err(Error::new(ErrorKind::Request, format!("there is no component `{wanted}`"))
        .with_help(format!("{known}the workload has: {all}")))
}

/// The function that `wanted` means: `name`, `interface#name`, or the full `ns:pkg/interface@version#name`.
pub(crate) fn find<'f>(
    component: &str,
    functions: &'f Functions,
    wanted: &str,
) -> Result<&'f ExportedFunction, Error> {
    match fitting(functions, wanted).as_slice() {
        [only] => Ok(only),
        [] => Err(none(component, functions, wanted)),
        several => {
            let message = format!("`{component}` exports more than one function `{wanted}`");
            let names = several.iter().map(|function| function.full_name()).collect::<Vec<_>>();
            Err(Error::new(ErrorKind::Request, message).with_help(format!("say which: {}", names.join(", "))))
        }
    }
}

/// The functions that `wanted` could mean. What the host itself calls (`run` of a command, HTTP handlers) is only meant
/// if nothing else is.
fn fitting<'f>(functions: &'f Functions, wanted: &str) -> Vec<&'f ExportedFunction> {
    let mut fitting: Vec<_> =
        functions.functions.iter().filter(|function| is_meant(function, wanted)).collect();
    let is_of_wasi = |function: &ExportedFunction| {
        function.interface.as_deref().is_some_and(|interface| interface.starts_with("wasi:"))
    };
    if !fitting.iter().all(|function| is_of_wasi(function)) {
        fitting.retain(|function| !is_of_wasi(function));
    }
    fitting
}

fn none(component: &str, functions: &Functions, wanted: &str) -> Error {
    let message = format!("`{component}` exports no function `{wanted}`");
    let error = Error::new(ErrorKind::Request, message);
    let names = functions.functions.iter().map(|function| function.function.display_name());
    let suggestion = nearest(wanted, names).map(|name| format!("did you mean `{name}`? "));
    let known: Vec<_> = functions.functions.iter().map(|function| function.function.signature()).collect();
    error.with_help(match known.as_slice() {
        [] => "it exports no functions that can be called".to_owned(),
        known => format!("{}it has: {}", suggestion.unwrap_or_default(), known.join("; ")),
    })
}

fn is_meant(function: &ExportedFunction, wanted: &str) -> bool {
    let (interface, name) = match wanted.rsplit_once('#') {
        Some((interface, name)) => (Some(interface), name),
        None => (None, wanted),
    };
    let names = [function.function.name.as_str(), function.function.display_name()];
    names.contains(&name)
        && interface.is_none_or(|wanted| is_interface(wanted, function.interface.as_deref()))
}

/// Whether `wanted` names the interface: in full, without its version, or by its last part.
fn is_interface(wanted: &str, interface: Option<&str>) -> bool {
    let Some(interface) = interface else { return false };
    let unversioned = interface.split_once('@').map_or(interface, |(name, _)| name);
    let last = unversioned.rsplit_once('/').map_or(unversioned, |(_, last)| last);
    [interface, unversioned, last].contains(&wanted)
}

/// The shortest name that means this function and no other.
pub(crate) fn short_name(functions: &Functions, function: &ExportedFunction) -> String {
    let name = function.function.display_name();
    let last = function.interface.as_deref().map(|interface| {
        let unversioned = interface.split_once('@').map_or(interface, |(name, _)| name);
        format!("{}#{name}", unversioned.rsplit_once('/').map_or(unversioned, |(_, last)| last))
    });
    let is_alone = |wanted: &String| matches!(fitting(functions, wanted).as_slice(), [only] if only.full_name() == function.full_name());
    let short = [Some(name.to_owned()), last].into_iter().flatten().find(is_alone);
    short.unwrap_or_else(|| function.full_name())
}
