//! The rule of the explicit row: what `[[links]]` says goes before every other rule.
//!
//! A row that cannot be used is an error even where another rule would find a provider: its writer
//! meant something, and a link to something else would hide that.

use std::collections::HashMap;

use jackfield_protocol::{
    ComponentInfo, ComponentName, Diagnostic, LinkTarget, NotTaken, Port, PortKind, Reason, RowProblem, Rule,
};

use super::exports::{Exports, not_taken};
use super::scene::{Export, Import, Scene};
use super::{Verdict, host_plugin, why};
use crate::workload::{LinkEnd, LinkRow};

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
            Err(problem) => unusable.push(unusable_link(consumer, &row.import, problem)),
        }
    }
    (rows, unusable)
}

/// The import that a row means, or why there is none.
fn find_import<'a>(info: &'a ComponentInfo, row: &LinkRow) -> Result<&'a Port, RowProblem> {
    let by_name = info.imports().find(|import| import.name == row.import);
    let import = match by_name {
        Some(import) => import,
        None => find_unversioned(info, row)?,
    };
    if import.kind == PortKind::Type {
        return Err(RowProblem::IsType);
    }
    Ok(import)
}

/// The import of the interface that a row names without its version.
fn find_unversioned<'a>(info: &'a ComponentInfo, row: &LinkRow) -> Result<&'a Port, RowProblem> {
    let is_meant = |import: &&Port| {
        import.interface_name().is_some_and(|interface| interface.unversioned() == row.import)
    };
    let meant: Vec<&Port> = info.imports().filter(is_meant).collect();
    match meant.as_slice() {
        [import] => Ok(import),
        [] => {
            let linkable = info.imports().filter(|import| import.kind != PortKind::Type);
            Err(RowProblem::NotImported { imports: linkable.map(|import| import.name.clone()).collect() })
        }
        several => Err(RowProblem::SeveralVersions {
            imports: several.iter().map(|import| import.name.clone()).collect(),
        }),
    }
}

/// Links an import to what its row says; no link if there are several rows. `others` gets what was not
/// taken.
pub(super) fn link<'a>(
    scene: &Scene<'a>,
    import: Import<'a>,
    exports: &Exports<'a>,
    rows: (&LinkRow, &[&LinkRow]),
    others: &mut Vec<NotTaken>,
) -> Verdict {
    let (row, more_rows) = rows;
    let end = match &row.to {
        _ if !more_rows.is_empty() => Err(RowProblem::SeveralRows { count: more_rows.len() + 1 }),
        LinkEnd::Stub => Ok((LinkTarget::Stub, None)),
        LinkEnd::Host => host(scene, import),
        LinkEnd::Component(name) => component(scene, import, exports, name),
    };
    let (target, export_version) =
        end.map_err(|problem| Box::new(unusable_link(import.consumer, import.name(), problem)))?;
    let left = exports.fitting.iter().filter(|export| export.target() != target);
    others.extend(left.map(|export| not_taken(export, Reason::RowChoseAnother)));
    Ok((target, why(Rule::Explicit, import, export_version)))
}

/// What a row's end is, and which version it has.
type End = Result<(LinkTarget, Option<String>), RowProblem>;

fn host(scene: &Scene<'_>, import: Import<'_>) -> End {
    host_plugin::find(scene, import).ok_or_else(|| {
        let versions = import.interface().map(|interface| scene.host.versions(&interface));
        RowProblem::NotInHost { versions: versions.unwrap_or_default() }
    })
}

/// The export of component `name` that stands for the import, or why there is none.
fn component<'a>(scene: &Scene<'a>, import: Import<'a>, exports: &Exports<'a>, name: &ComponentName) -> End {
    if name == import.consumer {
        return Err(RowProblem::ToItself);
    }
    if scene.component(name).is_none() {
        return Err(RowProblem::NoSuchComponent { component: name.clone() });
    }
    if let Some(export) = exports.fitting.iter().find(|export| export.component == name) {
        return Ok((export.target(), export.version().map(str::to_owned)));
    }
    let component = name.clone();
    let others: Vec<Export<'_>> = scene.exports(import).filter(|export| export.component == name).collect();
    let compatible = others.iter().find(|export| import.is_compatible(export));
    if let Some((export, mismatch)) = compatible.and_then(|it| Some((it, scene.mismatch(import, it)?))) {
        let export = export.port.port().name.clone();
        return Err(RowProblem::Mismatch { component, export, mismatch: Box::new(mismatch) });
    }
    if others.is_empty() {
        return Err(RowProblem::NotExported { component });
    }
    let exports = others.iter().map(|export| export.port.port().name.clone()).collect();
    Err(RowProblem::OtherVersions { component, exports })
}

fn unusable_link(component: &ComponentName, import: &str, problem: RowProblem) -> Diagnostic {
    Diagnostic::UnusableLink { component: component.clone(), import: import.to_owned(), problem }
}
