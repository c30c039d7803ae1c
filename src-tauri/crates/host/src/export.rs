//! One component of an entry and everything that it reaches, for other runtimes.
//!
//! What runs here has labels in place of the names of what it imports of the host, so that the host knows whose import
//! it is ([`crate::scoped`]). What leaves has the names, and nothing of Jackfield in it.

use indexmap::IndexMap;
use jackfield_component::Component;
use jackfield_protocol::{ComponentName, Plan};

use crate::{HostError, compose};

/// A component that any runtime can run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fused {
    /// Its binary. That of the entry, unchanged, if it uses no other.
    pub bytes: Vec<u8>,
    /// The instance that exports the entry's functions without an interface, if they cannot be exported
    /// as they are: their types have names in an instance only.
    pub bare: Option<&'static str>,
    /// What it exports beside what the entry does, each after those whose types it mentions.
    pub mentioned: Vec<Mentioned>,
}

/// An interface that is exported because an export of the entry mentions its types.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mentioned {
    /// The component that has it; none if it is a probe.
    pub component: Option<ComponentName>,
    /// Its name there.
    pub export: String,
    /// Its name in what is exported: the same, unless the entry has another interface of that name.
    pub name: String,
}

/// Fuses `entry` and everything that it reaches.
///
/// # Errors
/// If the plan does not fit the components, or they do not fit one another.
pub fn fuse(
    plan: &Plan,
    components: &IndexMap<ComponentName, Component>,
    entry: &ComponentName,
) -> Result<Fused, HostError> {
    compose::compose_plain(plan, components, entry)
}

/// `entry` and every component that it reaches, each after those that it needs.
#[must_use]
pub fn reached(plan: &Plan, entry: &ComponentName) -> Vec<ComponentName> {
    compose::reached(plan, entry).into_iter().collect()
}
