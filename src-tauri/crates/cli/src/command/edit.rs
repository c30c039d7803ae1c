//! `jack new` and `jack edit`: workload files from the terminal.

use std::path::Path;
use std::process::ExitCode;

use jackfield_protocol::{
    ComponentName, Diagnostic, Edit, EditLinkEnd, Error, ErrorKind, Link, LinkTarget, Node, Port, Request,
    Response, WorkloadId, WorkloadView,
};
use jackfield_workbench::Workbench;
use serde_json::json;

use super::{absolute, open, pulling, text, unexpected};
use crate::args::{EditCommand, Values, WorkloadArgs};
use crate::output::Output;
use crate::render;

const IN_A_FOLDER: &str = "workload.toml";

/// Makes an empty workload file.
pub(super) async fn new(
    workbench: &Workbench,
    file: &Path,
    name: Option<&str>,
    output: &mut Output,
) -> Result<ExitCode, Error> {
    let file = if file.is_dir() { file.join(IN_A_FOLDER) } else { file.to_owned() };
    if file.symlink_metadata().is_ok() {
        let message = format!("there is something already: {}", file.display());
        return Err(Error::new(ErrorKind::File, message).with_help("choose another name, or use `jack edit`"));
    }
    let path = absolute(&text(&file)?)?;
    let name = name.map_or_else(|| name_of(Path::new(&path)), |name| Some(name.to_owned()));
    let Response::Opened(view) = workbench.dispatch(Request::New { name }).await? else {
        return Err(unexpected());
    };
    let saved = save(workbench, view.id, Some(path)).await?;
    if output.is_json() {
        output.json(&json!({ "path": saved, "name": view.name }))?;
    } else {
        output.print(&render::edit::made(&view.name, &saved))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// What a workload is called after its file, or after its folder if the file has the usual name.
fn name_of(path: &Path) -> Option<String> {
    let named = if path.ends_with(IN_A_FOLDER) { path.parent()?.file_name()? } else { path.file_stem()? };
    let plain = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
    let name: String = named.to_str()?.chars().map(plain).collect();
    let name = name.trim_matches('-');
    name.starts_with(|c: char| c.is_ascii_lowercase()).then(|| name.to_owned())
}

/// Changes a workload file.
pub(super) async fn run(
    workbench: &Workbench,
    file: &WorkloadArgs,
    command: &EditCommand,
    output: &mut Output,
) -> Result<ExitCode, Error> {
    let before = open(workbench, file, output).await?;
    let edits = edits(command, &before)?;
    let mut done = Vec::new();
    let mut added = None;
    for edit in &edits {
        let request = Request::Edit { workload: before.id, edit: edit.clone() };
        let edited = pulling::dispatch(workbench, request, file.fetch, output).await?;
        let Response::Edited { component, .. } = edited else { return Err(unexpected()) };
        done.push(in_words(edit, component.as_ref()));
        added = component.or(added);
    }
    let after = view(workbench, before.id).await?;
    refuse_answers(&edits, &after)?;
    // All of them or none: nothing was written so far.
    let path = save(workbench, before.id, None).await?;
    let change = Change::new(&edits, &before, &after);
    if output.is_json() {
        output.json(&json!({
            "path": path,
            "component": added,
            "added": change.added,
            "removed": change.removed,
            "diagnostics": after.plan.diagnostics,
        }))?;
    } else {
        output.print(&render::edit::page(&done, &change.added, &change.removed))?;
        output.note(&render::plan::findings(&after.plan));
    }
    Ok(ExitCode::SUCCESS)
}

/// An answer that the stub cannot give, which nothing that comes later could make right.
fn refuse_answers(edits: &[Edit], after: &WorkloadView) -> Result<(), Error> {
    let is_set = |diagnostic: &&Diagnostic| {
        let Diagnostic::UnusableAnswer { component, import, function, .. } = diagnostic else { return false };
        edits.iter().any(|edit| match edit {
            Edit::SetAnswer { component: of, import: for_import, function: set, answer: Some(_) } => {
                let short = set.split_once(']').map_or(set.as_str(), |(_, name)| name);
                (of, for_import) == (component, import) && (function == set || function == short)
            }
            _ => false,
        })
    };
    match after.plan.diagnostics.iter().find(is_set) {
        None => Ok(()),
        Some(diagnostic) => {
            Err(Error::new(ErrorKind::Request, diagnostic.message()).with_help(diagnostic.suggestion()))
        }
    }
}

/// The links that an edit made and took away.
struct Change {
    added: Vec<Link>,
    removed: Vec<Link>,
}

impl Change {
    fn new(edits: &[Edit], before: &WorkloadView, after: &WorkloadView) -> Self {
        // Links that only go by another name now are the same.
        // What imports types alone is linked to nobody, whatever comes and goes.
        let has_end = |link: &&Link| link.target != LinkTarget::Types;
        let old = before.plan.links.iter().filter(has_end).map(|link| renamed(edits, link));
        let old: Vec<Link> = old.collect();
        let is_in = |links: &[Link], link: &Link| {
            links.iter().any(|other| {
                (&other.consumer, &other.import, &other.target)
                    == (&link.consumer, &link.import, &link.target)
            })
        };
        let new: Vec<Link> = after.plan.links.iter().filter(has_end).cloned().collect();
        Self {
            added: new.iter().filter(|link| !is_in(&old, link)).cloned().collect(),
            removed: old.iter().filter(|link| !is_in(&new, link)).cloned().collect(),
        }
    }
}

fn renamed(edits: &[Edit], link: &Link) -> Link {
    let mut link = link.clone();
    for edit in edits {
        let Edit::RenameComponent { from, to } = edit else { continue };
        let rename = |name: &mut ComponentName| {
            if name == from {
                name.clone_from(to);
            }
        };
        rename(&mut link.consumer);
        if let LinkTarget::Component { name, .. } = &mut link.target {
            rename(name);
        }
    }
    link
}

/// What a command means, in the order in which it is to be done.
fn edits(command: &EditCommand, view: &WorkloadView) -> Result<Vec<Edit>, Error> {
    let named = |name: &String| ComponentName::new(name.as_str());
    let edit = match command {
        EditCommand::Add { source, name } => {
            Edit::AddComponent { name: name.as_ref().map(named), source: from_here(source)? }
        }
        EditCommand::Remove { names } => Edit::RemoveComponents(names.iter().map(named).collect()),
        EditCommand::Rename { from, to } => Edit::RenameComponent { from: named(from), to: named(to) },
        EditCommand::Link { component, import, to, .. } => Edit::SetLink {
            component: named(component),
            import: full_import(view, &named(component), import)?,
            to: to.as_deref().map(|to| match to {
                "host" => EditLinkEnd::Host,
                "stub" => EditLinkEnd::Stub,
                name => EditLinkEnd::Component(name.into()),
            }),
        },
        EditCommand::Answer { component, import, function, value, .. } => {
            let component = named(component);
            let import = full_import(view, &component, import)?;
            let function = full_function(view, &component, &import, function)?;
            Edit::SetAnswer { component, import, function, answer: value.clone() }
        }
        EditCommand::Service { name, .. } => Edit::SetService(name.as_ref().map(named)),
        EditCommand::SetSource { component, source } => {
            Edit::SetSource { component: named(component), source: from_here(source)? }
        }
        EditCommand::SetName { name } => Edit::SetName(name.clone()),
        EditCommand::Env { component, values } => {
            let component = named(component);
            let set = |(key, value)| Edit::SetEnv { component: component.clone(), key, value };
            let known = |node: &Node| node.settings.env.clone();
            return Ok(entries(values, view, &component, known)?.into_iter().map(set).collect());
        }
        EditCommand::Config { component, values } => {
            let component = named(component);
            let set = |(key, value)| Edit::SetConfig { component: component.clone(), key, value };
            let known = |node: &Node| node.settings.config.clone();
            return Ok(entries(values, view, &component, known)?.into_iter().map(set).collect());
        }
        EditCommand::Limits { component, memory, time } => {
            let component = named(component);
            let memory = memory.as_deref().map(limit).map(|limit| {
                let component = component.clone();
                Edit::SetMemoryLimit { component, limit }
            });
            let time = time.as_deref().map(limit).map(|limit| Edit::SetTimeLimit { component, limit });
            return Ok(memory.into_iter().chain(time).collect());
        }
    };
    Ok(vec![edit])
}

/// The entries of a table of a component that are to be set or, if they are there, taken away.
fn entries(
    values: &Values,
    view: &WorkloadView,
    component: &ComponentName,
    known: impl Fn(&Node) -> Vec<(String, String)>,
) -> Result<Vec<(String, Option<String>)>, Error> {
    let known: Vec<String> = known(node(view, component)?).into_iter().map(|(key, _)| key).collect();
    if let Some(key) = values.unset.iter().find(|key| !known.contains(key)) {
        let help = match known.as_slice() {
            [] => "nothing is set".to_owned(),
            known => format!("it has {}", known.join(", ")),
        };
        let message = format!("`{component}` has no `{key}` to take away");
        return Err(Error::new(ErrorKind::Request, message).with_help(help));
    }
    let set = values.set.iter().map(|(key, value)| (key.clone(), Some(value.clone())));
    Ok(set.chain(values.unset.iter().map(|key| (key.clone(), None))).collect())
}

/// A limit as the file has it, or that there is none.
fn limit(text: &str) -> Option<String> {
    Some(text.to_owned()).filter(|text| text != "none")
}

/// A file that is there as seen from here is meant as seen from here; anything else is what the workload
/// file makes of it.
pub(super) fn from_here(source: &str) -> Result<String, Error> {
    let looks_like_a_file =
        source.contains(['/', '\\']) || source.ends_with(".wasm") || source.ends_with(".wat");
    if looks_like_a_file && !source.contains("://") && Path::new(source).is_file() {
        return absolute(source);
    }
    Ok(source.to_owned())
}

fn node<'v>(view: &'v WorkloadView, component: &ComponentName) -> Result<&'v Node, Error> {
    view.plan.node(component).ok_or_else(|| {
        let names: Vec<String> = view.plan.nodes.iter().map(|node| format!("`{}`", node.name)).collect();
        let message = format!("the workload has no component `{component}`");
        Error::new(ErrorKind::Request, message).with_help(format!("its components are {}", names.join(", ")))
    })
}

/// The import's name in the binary: it may be named without version, or by its interface alone.
fn full_import(view: &WorkloadView, component: &ComponentName, import: &str) -> Result<String, Error> {
    let all: Vec<&Port> = node(view, component)?.component.imports().collect();
    let is_meant = |port: &&Port| {
        let name = port.interface_name();
        name.is_some_and(|name| name.unversioned() == import || name.interface == import)
    };
    let exact = all.iter().copied().find(|port| port.name == import);
    let meant: Vec<&Port> = all.iter().copied().filter(is_meant).collect();
    let only = if let [only] = meant.as_slice() { Some(*only) } else { None };
    if let Some(port) = exact.or(only) {
        return Ok(port.name.clone());
    }
    let (what, choice) = match meant.as_slice() {
        [] => ("does not import", all),
        _ => ("has several imports named", meant),
    };
    let names: Vec<&str> = choice.iter().map(|port| port.name.as_str()).collect();
    let help = match names.as_slice() {
        [] => "it has no imports".to_owned(),
        names => format!("choose of {}", names.join(", ")),
    };
    Err(Error::new(ErrorKind::Request, format!("`{component}` {what} `{import}`")).with_help(help))
}

/// The function's name in the binary: a method may be named without its kind.
fn full_function(
    view: &WorkloadView,
    component: &ComponentName,
    import: &str,
    function: &str,
) -> Result<String, Error> {
    let port = node(view, component)?.component.imports().find(|port| port.name == import);
    let functions = port.map(Port::functions).unwrap_or_default();
    let exact = functions.iter().find(|known| known.name == function);
    let found = exact.or_else(|| functions.iter().find(|known| known.display_name() == function));
    found.map(|found| found.name.clone()).ok_or_else(|| {
        let names: Vec<&str> = functions.iter().map(|known| known.name.as_str()).collect();
        let help = match names.as_slice() {
            [] => "it has no functions".to_owned(),
            names => format!("it has {}", names.join(", ")),
        };
        Error::new(ErrorKind::Request, format!("`{import}` has no function `{function}`")).with_help(help)
    })
}

/// What was done, in a few words.
fn in_words(edit: &Edit, component: Option<&ComponentName>) -> String {
    let list = |names: &[ComponentName]| names.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    match edit {
        Edit::AddComponent { source, .. } => {
            format!("added {} from {source}", component.map(ToString::to_string).unwrap_or_default())
        }
        Edit::RemoveComponents(names) => format!("removed {}", list(names)),
        Edit::RenameComponent { from, to } => format!("renamed {from} to {to}"),
        Edit::SetLink { component, import, to: Some(_) } => format!("linked {component} {import}"),
        Edit::SetLink { component, import, to: None } => format!("left {component} {import} to the rules"),
        Edit::SetAnswer { component, import, function, answer } => {
            answered(component, import, function, answer.as_deref())
        }
        Edit::SetService(Some(name)) => format!("made {name} the service"),
        Edit::SetService(None) => "left the workload without a service".to_owned(),
        Edit::SetSource { component, source } => format!("took {component} from {source}"),
        Edit::SetName(name) => format!("named the workload {name}"),
        Edit::SetEnv { component, key, value } => entry("env", component, key, value.as_deref()),
        Edit::SetConfig { component, key, value } => entry("config", component, key, value.as_deref()),
        Edit::SetNetwork { component, origin, is_granted: true } => format!("allowed {component} {origin}"),
        Edit::SetNetwork { component, origin, .. } => format!("took {origin} from {component}"),
        Edit::SetMemoryLimit { component, limit } => limited(component, "memory", limit.as_deref()),
        Edit::SetTimeLimit { component, limit } => limited(component, "time", limit.as_deref()),
    }
}

fn answered(component: &ComponentName, import: &str, function: &str, answer: Option<&str>) -> String {
    match answer {
        Some("") => format!("answered {function} of {import} to {component}"),
        Some(answer) => format!("answered {function} of {import} to {component}: {answer}"),
        None => format!("took the answer of {function} of {import} from {component}"),
    }
}

fn entry(table: &str, component: &ComponentName, key: &str, value: Option<&str>) -> String {
    match value {
        Some(value) => format!("set {table} of {component}: {key}={value}"),
        None => format!("took {key} from {table} of {component}"),
    }
}

fn limited(component: &ComponentName, what: &str, limit: Option<&str>) -> String {
    match limit {
        Some(limit) => format!("limited {what} of {component} to {limit}"),
        None => format!("left {what} of {component} to the host's own limit"),
    }
}

async fn save(workbench: &Workbench, workload: WorkloadId, path: Option<String>) -> Result<String, Error> {
    match workbench.dispatch(Request::Save { workload, path }).await? {
        Response::Saved { path } => Ok(path),
        _ => Err(unexpected()),
    }
}

async fn view(workbench: &Workbench, workload: WorkloadId) -> Result<WorkloadView, Error> {
    let Response::Snapshot(snapshot) = workbench.dispatch(Request::Snapshot).await? else {
        return Err(unexpected());
    };
    snapshot.workloads.into_iter().find(|view| view.id == workload).ok_or_else(unexpected)
}
