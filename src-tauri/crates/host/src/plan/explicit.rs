//! The rule of the explicit row: what `[[links]]` says goes before every other rule.
//!
//! A row that cannot be used is an error even where another rule would find a provider: its writer
//! meant something, and a link to something else would hide that.

use std::collections::HashMap;

use jackfield_protocol::{ComponentInfo, ComponentName, Diagnostic, LinkTarget, Port, PortKind, Rule};

use super::scene::{Export, Scene};
use super::{Verdict, same_name, version, why};
use crate::workload::{LinkEnd, LinkRow};

/// More names than this are not listed in a reason.
const MAX_NAMES: usize = 6;

/// The rows for each of a component's imports, by the import's name, and what is wrong with the rows
/// that no import answers to.
///
/// An import has several where one names it with its version and another without. Neither goes before
/// the other, so [`link`] makes no link of them.
pub(super) fn rows<'a>(
    scene: &Scene<'a>,
    consumer: &ComponentName,
    info: &'a ComponentInfo,
) -> (HashMap<&'a str, Vec<&'a LinkRow>>, Vec<Diagnostic>) {
    let mut rows: HashMap<&str, Vec<&LinkRow>> = HashMap::new();
    let mut unusable = Vec::new();
    for row in scene.rows(consumer) {
        match find_import(info, row) {
            Ok(import) => rows.entry(import.name.as_str()).or_default().push(row),
            Err(reason) => unusable.push(unusable_link(consumer, &row.import, reason)),
        }
    }
    (rows, unusable)
}

/// The import that a row means, or why there is none.
fn find_import<'a>(info: &'a ComponentInfo, row: &LinkRow) -> Result<&'a Port, String> {
    let by_name = info.imports().find(|import| import.name == row.import);
    let import = match by_name {
        Some(import) => import,
        None => find_unversioned(info, row)?,
    };
    if import.kind == PortKind::Type {
        return Err("it is a type, and types need no link".to_owned());
    }
    Ok(import)
}

/// The import of the interface that a row names without its version.
fn find_unversioned<'a>(info: &'a ComponentInfo, row: &LinkRow) -> Result<&'a Port, String> {
    let is_meant = |import: &&Port| {
        import.interface_name().is_some_and(|interface| interface.unversioned() == row.import)
    };
    let meant: Vec<&Port> = info.imports().filter(is_meant).collect();
    match meant.as_slice() {
        [import] => Ok(import),
        [] => Err(not_imported(info, row)),
        several => Err(format!("it is imported in several versions, name one of {}", names(several))),
    }
}

fn not_imported(info: &ComponentInfo, row: &LinkRow) -> String {
    let imports: Vec<&Port> = info.imports().filter(|import| import.kind != PortKind::Type).collect();
    if imports.is_empty() {
        return format!("`{}` imports nothing", row.from);
    }
    format!("`{}` does not import it, but {}", row.from, names(&imports))
}

fn names(ports: &[&Port]) -> String {
    let mut names: Vec<String> =
        ports.iter().take(MAX_NAMES).map(|port| format!("`{}`", port.name)).collect();
    if ports.len() > MAX_NAMES {
        names.push(format!("{} more", ports.len() - MAX_NAMES));
    }
    names.join(", ")
}

/// Links an import to what its row says; no link if there are several rows.
pub(super) fn link(
    scene: &Scene<'_>,
    consumer: &ComponentName,
    import: &Port,
    row: &LinkRow,
    others: &[&LinkRow],
) -> Verdict {
    if !others.is_empty() {
        let reason = format!("{} rows link it, leave one", others.len() + 1);
        return Err(unusable_link(consumer, &import.name, reason));
    }
    let candidates = scene.same_name(consumer, import);
    let end = match &row.to {
        LinkEnd::Stub => Ok((LinkTarget::Stub, None)),
        LinkEnd::Host => host(scene, import),
        LinkEnd::Component(name) => component(scene, consumer, import, name),
    };
    let (target, export_version) = end.map_err(|reason| unusable_link(consumer, &import.name, reason))?;
    let taken = |export: &Export<'_>| same_name::target(export) == target;
    let not_taken: Vec<Export<'_>> = candidates.into_iter().filter(|export| !taken(export)).collect();
    Ok((target, why(Rule::Explicit, import, export_version, &not_taken)))
}

/// What a row's end is, and which version it has.
type End = Result<(LinkTarget, Option<String>), String>;

fn host(scene: &Scene<'_>, import: &Port) -> End {
    let interface = import.interface_name();
    if let Some(host) = interface.as_ref().and_then(|interface| scene.host.find(interface)) {
        let target = LinkTarget::Host { plugin: host.plugin.clone() };
        return Ok((target, host.interface.version.clone()));
    }
    match interface.map(|interface| scene.host.versions(&interface)).unwrap_or_default().as_slice() {
        [] => Err("the host does not have it".to_owned()),
        versions => Err(format!("the host has it only in version {}", versions.join(", "))),
    }
}

/// The export of component `name` that stands for the import: one of the same name, or else the one
/// of the same interface in a compatible version.
fn component(scene: &Scene<'_>, consumer: &ComponentName, import: &Port, name: &ComponentName) -> End {
    if name == consumer {
        return Err("a component cannot be linked to itself".to_owned());
    }
    if scene.component(name).is_none() {
        return Err(format!("there is no component `{name}`"));
    }
    let mut same_name = scene.same_name(consumer, import);
    same_name.retain(|export| export.component == name);
    if let [export] = same_name.as_slice() {
        return Ok((same_name::target(export), export.version()));
    }
    let mut others = scene.same_interface(consumer, import);
    others.retain(|export| export.component == name);
    let wanted = import.interface_name().and_then(|interface| interface.version);
    let fitting: Vec<_> = others
        .iter()
        .filter(|export| version::compatible(wanted.as_deref(), export.version().as_deref()))
        .collect();
    let ports = |exports: &[Export<'_>]| {
        let ports: Vec<&Port> = exports.iter().map(|export| export.port).collect();
        names(&ports)
    };
    match fitting.as_slice() {
        [export] => Ok((same_name::target(export), export.version())),
        [] if others.is_empty() => Err(format!("`{name}` does not export it")),
        [] => Err(format!("`{name}` exports it only as {}", ports(&others))),
        _ => Err(format!("`{name}` exports it in several versions that fit: {}", ports(&others))),
    }
}

fn unusable_link(component: &ComponentName, import: &str, reason: String) -> Diagnostic {
    Diagnostic::UnusableLink { component: component.clone(), import: import.to_owned(), reason }
}
