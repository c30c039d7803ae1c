//! How a workload is doing, as it changes.

use jackfield_protocol::{EntryKind, Listening, Plan, Port, WorkloadState, WorkloadView};

use crate::page::Page;
use crate::style::Role;

/// Says that the workload has reached `state`, and what can be done with it there.
pub(crate) fn page(view: &WorkloadView, state: &WorkloadState) -> Page {
    let mut page = Page::default();
    let role = match state {
        WorkloadState::Running | WorkloadState::Completed => Role::Good,
        WorkloadState::Failed { .. } => Role::Error,
        WorkloadState::Starting | WorkloadState::Stopped => Role::Faint,
    };
    // The reason of a failure follows as the command's error.
    page.line().add(Role::Name, &view.name).plain(": ").add(role, state.label());
    let has_service = view.plan.nodes.iter().any(|node| node.is_service);
    if *state == WorkloadState::Running && !has_service {
        add_entries(&mut page, &view.plan);
    }
    page
}

/// Says where HTTP handlers answer.
pub(crate) fn listening(listening: &[Listening]) -> Page {
    let mut page = Page::default();
    for Listening { component, url } in listening {
        page.line().plain("  ").add(Role::Name, component).plain(" answers HTTP requests at ").plain(url);
    }
    page
}

/// A workload without a service does nothing by itself: says how to make it do something.
fn add_entries(page: &mut Page, plan: &Plan) {
    page.line().plain("  it has no service, and so waits to be called; Ctrl-C stops it");
    let mut callable = false;
    for entry in &plan.entries {
        match entry.kind {
            EntryKind::Functions => callable = true,
            EntryKind::Http | EntryKind::Run => continue,
        }
        let node = plan.node(&entry.component);
        let ports = node.into_iter().flat_map(|node| node.component.exports());
        for function in ports.filter(|port| port.name == entry.export).flat_map(Port::functions) {
            page.line().plain("  ").add(Role::Name, &entry.component).plain(" ").plain(function.signature());
        }
    }
    if callable {
        page.line().plain("  to call one: jack call WORKLOAD COMPONENT FUNCTION ARGUMENTS…");
    }
}
