//! The plan: what is linked to what, and why, as plain data.
//!
//! [`plan`] is a pure function of a workload, what its components import and export, and what the host
//! has. It reads no file and runs nothing, and the same input always gives the same output. Whatever
//! cannot be linked is in the plan as well, as a [`Diagnostic`].
//!
//! For each import, the first of these rules that has an answer decides:
//!
//! | rule | module | answer |
//! |---|---|---|
//! | an explicit `[[links]]` row | `explicit` | its target, or why the row cannot be used |
//! | types alone | here | nobody: each component has its own definition of them |
//! | exports of other components | `exports` | one, the first of a chain, or the highest version; or ambiguous |
//! | a host plugin | `host_plugin` | the plugin with a compatible version |
//! | none | `unresolved` | whose types differ, or what came close |
//!
//! An export can be used if its version is compatible (`version`) and its types are those that are
//! imported ([`jackfield_component::mismatch`]). Each link tells what else there was, and why not that.
//!
//! Then the plan as a whole is looked at: `split` finds resources that come from two places, `cycle`
//! components that need one another, `entry` the ways in and whether the service is one.

mod answers;
mod catalog;
mod cycle;
mod entry;
mod explicit;
mod exports;
mod host_plugin;
#[cfg(test)]
mod properties;
mod scene;
mod split;
mod unresolved;
mod version;

use indexmap::IndexMap;
use jackfield_component::{Component, PortRef};
use jackfield_protocol::{
    ComponentInfo, ComponentName, ComponentSettings, Diagnostic, Direction, Link, LinkTarget, Node, Plan,
    Reason, Rule, Why,
};

use crate::workload::{ComponentSpec, LinkRow, Workload};
use scene::{Import, Scene};

pub use catalog::{HostCatalog, HostInterface};

/// What a rule says about an import: a link, or why there can be none.
type Verdict = Result<(LinkTarget, Why), Box<Diagnostic>>;

/// Plans a workload.
///
/// `components` has what each of the workload's components is; one that is missing there is missing
/// in the plan. `host` is what the host can satisfy by itself.
#[must_use]
pub fn plan(
    workload: &Workload,
    components: &IndexMap<ComponentName, Component>,
    host: &HostCatalog,
) -> Plan {
    let scene = Scene::new(workload, components, host);
    let mut plan = Plan::default();
    for (consumer, component) in scene.nodes() {
        let info = component.info();
        plan.nodes.push(node(workload, consumer, info));
        plan.entries.extend(entry::entries(consumer, info));
        let (rows, unusable) = explicit::rows(&scene, consumer, info);
        for port in PortRef::all(component, Direction::Import) {
            let import = Import::new(consumer, port);
            // A row that cannot be is the answer for the import that it names.
            if unusable.iter().any(|told| told.import() == Some(import.name())) {
                continue;
            }
            let rows = rows.get(import.name()).map(Vec::as_slice).unwrap_or_default();
            match verdict(&scene, import, rows) {
                Ok((target, why)) => {
                    let row = rows.first().filter(|_| target == LinkTarget::Stub);
                    let (answers, unusable) =
                        row.map(|row| answers::of_row(component, port, row)).unwrap_or_default();
                    plan.diagnostics.extend(unusable);
                    let (consumer, import) = (consumer.clone(), import.name().to_owned());
                    plan.links.push(Link { consumer, import, target, why, answers });
                }
                Err(diagnostic) => plan.diagnostics.push(*diagnostic),
            }
        }
        plan.diagnostics.extend(unusable);
    }
    split::separate(&scene, &mut plan);
    let whole = cycle::cycles(&plan).into_iter().chain(entry::service_without_run(workload, &plan));
    plan.diagnostics.extend(whole.collect::<Vec<_>>());
    plan.diagnostics.extend(workload.unusable_settings(host.settings()));
    plan
}

fn node(workload: &Workload, name: &ComponentName, info: &ComponentInfo) -> Node {
    let spec = workload.components.get(name);
    Node {
        name: name.clone(),
        source: spec.map(|spec| spec.source_text.clone()).unwrap_or_default(),
        settings: spec.map(settings).unwrap_or_default(),
        is_service: workload.service.as_ref().is_some_and(|service| service.component == *name),
        component: info.clone(),
    }
}

fn settings(spec: &ComponentSpec) -> ComponentSettings {
    let pairs = |map: &IndexMap<String, String>| {
        map.iter().map(|(key, value)| (key.clone(), value.clone())).collect()
    };
    ComponentSettings {
        env: pairs(&spec.env),
        config: pairs(&spec.config),
        network: spec.permissions.network.clone(),
        memory_limit_in_bytes: spec.limits.memory_in_bytes,
        time_limit_in_millis: spec
            .limits
            .time
            .map(|time| u64::try_from(time.as_millis()).unwrap_or(u64::MAX)),
    }
}

/// What becomes of an import.
fn verdict<'a>(scene: &Scene<'a>, import: Import<'a>, rows: &[&LinkRow]) -> Verdict {
    // Whoever exports them is not needed for them: it would only be instantiated for nothing, and could make a cycle.
    if rows.is_empty() && !import.port.port().needs_provider() {
        return Ok((LinkTarget::Types, why(Rule::TypesAlone, import, None)));
    }
    let mut exports = exports::look(scene, import);
    let mut others = Vec::new();
    let found = match rows {
        [row, more @ ..] => Some(explicit::link(scene, import, &exports, (row, more), &mut others)),
        [] => exports.link(scene, import, &mut others).or_else(|| host_plugin::link(scene, import)),
    };
    let unfit = std::mem::take(&mut exports.unfit);
    match found {
        Some(Ok((target, mut why))) => {
            // That a middleware does not get itself is no news.
            others.extend(unfit.into_iter().filter(|it| it.reason != Reason::Itself));
            exports::sort(scene, &mut others);
            if !matches!(target, LinkTarget::Host { .. }) {
                others.extend(host_plugin::not_taken(scene, import, why.rule));
            }
            why.not_taken = others;
            Ok((target, why))
        }
        Some(Err(diagnostic)) => Err(diagnostic),
        None => {
            others.extend(unfit);
            exports::sort(scene, &mut others);
            Err(Box::new(unresolved::diagnostic(scene, import, others)))
        }
    }
}

/// Why a link is made; what else there was is added later.
fn why(rule: Rule, import: Import<'_>, export_version: Option<String>) -> Why {
    Why { rule, import_version: import.version(), export_version, not_taken: Vec::new() }
}
