//! An import for which no rule found anything, and what came close.

use jackfield_protocol::{ComponentName, Diagnostic, Port};

use super::candidates;
use super::scene::Scene;

/// Tells what is missing, who has the interface in another version, and which versions the host has.
pub(super) fn diagnostic(scene: &Scene<'_>, consumer: &ComponentName, import: &Port) -> Diagnostic {
    let host_versions = import.interface_name().map(|name| scene.host.versions(&name));
    Diagnostic::UnresolvedImport {
        component: consumer.clone(),
        import: import.name.clone(),
        functions: import.functions().iter().map(|function| function.display_name().to_owned()).collect(),
        // No export has the same name, so these differ in their version.
        near_misses: candidates(&scene.same_interface(consumer, import)),
        host_versions: host_versions.unwrap_or_default(),
    }
}
