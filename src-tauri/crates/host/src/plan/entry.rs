//! The ways into a workload.

use jackfield_component::is_of_toolchain;
use jackfield_protocol::{ComponentInfo, ComponentName, Diagnostic, Entry, EntryKind, Plan, Port};

use super::version::is_wasi_release;
use crate::workload::Workload;

/// What a command exports.
const RUN: &str = "wasi:cli/run";
/// What a handler of HTTP requests exports, in WASI 0.2 and 0.3.
const HTTP_HANDLERS: [&str; 2] = ["wasi:http/incoming-handler", "wasi:http/handler"];

/// The exports of a component that can be used from outside, in the order of its binary: not those that its toolchain
/// has left behind, which can only be called by name.
pub(super) fn entries(component: &ComponentName, info: &ComponentInfo) -> Vec<Entry> {
    let entry = |port: &Port| {
        Some(Entry { component: component.clone(), export: port.name.clone(), kind: kind(port)? })
    };
    info.exports().filter(|port| !is_of_toolchain(info, port)).filter_map(entry).collect()
}

/// How an export is used; none if there is nothing in it to call.
fn kind(port: &Port) -> Option<EntryKind> {
    if port.functions().is_empty() {
        return None;
    }
    let wasi = port.interface_name().filter(|name| is_wasi_release(name.version.as_deref()));
    Some(match wasi.map(|name| name.unversioned()) {
        Some(name) if name == RUN => EntryKind::Run,
        Some(name) if HTTP_HANDLERS.contains(&name.as_str()) => EntryKind::Http,
        _ => EntryKind::Functions,
    })
}

/// The service must be a command.
pub(super) fn service_without_run(workload: &Workload, plan: &Plan) -> Option<Diagnostic> {
    let component = &workload.service.as_ref()?.component;
    let runs = |entry: &Entry| entry.component == *component && entry.kind == EntryKind::Run;
    (!plan.entries.iter().any(runs)).then(|| Diagnostic::ServiceWithoutRun { component: component.clone() })
}
