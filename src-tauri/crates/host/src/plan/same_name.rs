//! The rule of the same name: who exports exactly what is imported, version included, provides it.

use jackfield_protocol::{ComponentName, Diagnostic, LinkTarget, Port, Rule};

use super::scene::{Export, Scene};
use super::{Verdict, candidates, why};

/// Links to the one component that exports what is imported; of several, none is better than another.
pub(super) fn link(scene: &Scene<'_>, consumer: &ComponentName, import: &Port) -> Option<Verdict> {
    match scene.same_name(consumer, import).as_slice() {
        [] => None,
        [export] => Some(Ok((target(export), why(Rule::SameName, import, export.version(), &[])))),
        several => Some(Err(Diagnostic::AmbiguousImport {
            component: consumer.clone(),
            import: import.name.clone(),
            candidates: candidates(several),
        })),
    }
}

/// A link's end at an export.
pub(super) fn target(export: &Export<'_>) -> LinkTarget {
    LinkTarget::Component { name: export.component.clone(), export: export.port.name.clone() }
}
