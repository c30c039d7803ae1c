//! Which component is the way in.

use jackfield_protocol::{ComponentName, LinkTarget, Plan};

use crate::{ExportError, Parcel};

/// The component that was asked for. If none was: the service, or else the only one with a way in that no
/// other component uses. What is there for the export alone is one only if it is asked for.
pub(crate) fn choose<'p>(
    parcel: Parcel<'p>,
    wanted: Option<&ComponentName>,
) -> Result<&'p ComponentName, ExportError> {
    let plan = parcel.plan;
    let mut entries = with_ways_in(plan);
    if let Some(wanted) = wanted {
        return entries
            .iter()
            .copied()
            .find(|name| *name == wanted)
            .ok_or_else(|| ExportError::NoSuchEntry { wanted: wanted.clone(), entries: owned(&entries) });
    }
    entries.retain(|name| !parcel.stand_ins.contains(name));
    if let Some(service) = plan.nodes.iter().find(|node| node.is_service) {
        return Ok(&service.name);
    }
    let unused: Vec<&ComponentName> = entries.iter().copied().filter(|name| !is_used(plan, name)).collect();
    // Where each is used by another, any may be meant.
    let candidates = if unused.is_empty() { entries } else { unused };
    match candidates.as_slice() {
        [] => Err(ExportError::NoEntry),
        [only] => Ok(only),
        several => Err(ExportError::SeveralEntries { entries: owned(several) }),
    }
}

/// The exports of a component that are ways in.
pub(crate) fn ways_in(plan: &Plan, component: &ComponentName) -> Vec<String> {
    let entries = plan.entries.iter().filter(|entry| entry.component == *component);
    entries.map(|entry| entry.export.clone()).collect()
}

fn with_ways_in(plan: &Plan) -> Vec<&ComponentName> {
    let mut names: Vec<&ComponentName> = plan.entries.iter().map(|entry| &entry.component).collect();
    names.dedup();
    names
}

fn is_used(plan: &Plan, component: &ComponentName) -> bool {
    plan.links
        .iter()
        .any(|link| matches!(&link.target, LinkTarget::Component { name, .. } if name == component))
}

fn owned(names: &[&ComponentName]) -> Vec<ComponentName> {
    names.iter().copied().cloned().collect()
}
