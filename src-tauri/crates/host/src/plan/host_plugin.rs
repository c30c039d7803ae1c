//! The rule of the host: a plugin that has the interface in a compatible version provides it.

use jackfield_protocol::{LinkTarget, NotTaken, Reason, Rule};

use super::scene::{Import, Scene};
use super::{Verdict, why};

/// Links to the host, if it has the interface.
pub(super) fn link(scene: &Scene<'_>, import: Import<'_>) -> Option<Verdict> {
    let (target, version) = find(scene, import)?;
    Some(Ok((target, why(Rule::HostPlugin, import, version))))
}

/// The plugin that has what is imported, and the version that it has. The host has each interface once, and not again
/// under names of a component's choosing.
pub(super) fn find(scene: &Scene<'_>, import: Import<'_>) -> Option<(LinkTarget, Option<String>)> {
    if import.port.port().implements.is_some() {
        return None;
    }
    let host = scene.host.find(&import.interface()?)?;
    Some((LinkTarget::Host { plugin: host.plugin.clone() }, host.interface.version.clone()))
}

/// What the host could have done, for an import that is linked to something else.
pub(super) fn not_taken(scene: &Scene<'_>, import: Import<'_>, rule: Rule) -> Option<NotTaken> {
    let (target, version) = find(scene, import)?;
    let reason = match rule {
        Rule::Explicit => Reason::RowChoseAnother,
        _ => Reason::ComponentsFirst,
    };
    Some(NotTaken { target, version, reason })
}
