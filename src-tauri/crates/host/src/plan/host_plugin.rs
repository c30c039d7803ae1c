//! The rule of the host: a plugin that has the interface in a compatible version provides it.

use jackfield_protocol::{LinkTarget, Port, Rule};

use super::scene::Scene;
use super::{Verdict, why};

/// Links to the host, if it has the interface.
pub(super) fn link(scene: &Scene<'_>, import: &Port) -> Option<Verdict> {
    let host = scene.host.find(&import.interface_name()?)?;
    let target = LinkTarget::Host { plugin: host.plugin.clone() };
    Some(Ok((target, why(Rule::HostPlugin, import, host.interface.version.clone(), &[]))))
}
