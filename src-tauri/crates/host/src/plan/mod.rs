//! The plan: what is linked to what, and why, as plain data.
//!
//! [`plan`] is a pure function of a workload, what its components import and export, and what the host
//! has. It reads no file and runs nothing, and the same input always gives the same output. Whatever
//! cannot be linked is in the plan as well, as a [`Diagnostic`].
//!
//! For each import that needs a provider, the first of these rules that has an answer decides:
//!
//! | rule | module | answer |
//! |---|---|---|
//! | an explicit `[[links]]` row | `explicit` | its target, or why the row cannot be used |
//! | the same name | `same_name` | the one other component that exports it; of several, none: ambiguous |
//! | a host plugin | `host_plugin` | the plugin with a compatible version (`version`) |
//! | none | `unresolved` | what came close |
//!
//! Then the plan as a whole is looked at: `cycle` finds components that need one another, `entry` the
//! ways in and whether the service is one.

mod catalog;
mod cycle;
mod entry;
mod explicit;
mod host_plugin;
#[cfg(test)]
mod properties;
mod same_name;
mod scene;
mod unresolved;
mod version;

use indexmap::IndexMap;
use jackfield_protocol::{
    Candidate, ComponentInfo, ComponentName, ComponentSettings, Diagnostic, Link, LinkTarget, Node, Plan,
    Port, Rule, Why,
};

use crate::workload::{ComponentSpec, LinkRow, Workload};
use scene::{Export, Scene};

pub use catalog::{HostCatalog, HostInterface};

/// What a rule says about an import: a link, or why there can be none.
type Verdict = Result<(LinkTarget, Why), Diagnostic>;

/// Plans a workload.
///
/// `components` has what each of the workload's components is; one that is missing there is missing
/// in the plan. `host` is what the host can satisfy by itself.
#[must_use]
pub fn plan(
    workload: &Workload,
    components: &IndexMap<ComponentName, ComponentInfo>,
    host: &HostCatalog,
) -> Plan {
    let scene = Scene::new(workload, components, host);
    let mut plan = Plan::default();
    for (name, info) in scene.nodes() {
        plan.nodes.push(node(workload, name, info));
        plan.entries.extend(entry::entries(name, info));
        let (rows, unusable) = explicit::rows(&scene, name, info);
        for import in info.imports() {
            match verdict(&scene, name, import, rows.get(import.name.as_str())) {
                Some(Ok((target, why))) => {
                    plan.links.push(Link {
                        consumer: name.clone(),
                        import: import.name.clone(),
                        target,
                        why,
                    });
                }
                Some(Err(diagnostic)) => plan.diagnostics.push(diagnostic),
                None => {}
            }
        }
        plan.diagnostics.extend(unusable);
    }
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
        memory_limit_in_bytes: spec.limits.memory_in_bytes,
        time_limit_in_millis: spec
            .limits
            .time
            .map(|time| u64::try_from(time.as_millis()).unwrap_or(u64::MAX)),
    }
}

/// What becomes of an import; none if it needs no provider.
fn verdict(
    scene: &Scene<'_>,
    consumer: &ComponentName,
    import: &Port,
    rows: Option<&Vec<&LinkRow>>,
) -> Option<Verdict> {
    if let Some([row, others @ ..]) = rows.map(Vec::as_slice) {
        return Some(explicit::link(scene, consumer, import, row, others));
    }
    if !import.needs_provider() {
        return None;
    }
    let verdict = same_name::link(scene, consumer, import)
        .or_else(|| host_plugin::link(scene, import))
        .unwrap_or_else(|| Err(unresolved::diagnostic(scene, consumer, import)));
    Some(verdict)
}

/// Why a link to `export` is made.
fn why(rule: Rule, import: &Port, export_version: Option<String>, not_taken: &[Export<'_>]) -> Why {
    let import_version = import.interface_name().and_then(|name| name.version);
    Why { rule, import_version, export_version, not_taken: candidates(not_taken) }
}

fn candidates(exports: &[Export<'_>]) -> Vec<Candidate> {
    let candidate = |export: &Export<'_>| Candidate {
        component: export.component.clone(),
        export: export.port.name.clone(),
    };
    exports.iter().map(candidate).collect()
}
