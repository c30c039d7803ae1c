//! An import for which no rule found anything, and what came close.

use jackfield_protocol::{Diagnostic, NotTaken, Reason};

use super::scene::{Import, Scene};

/// Tells whose types differ; or, if it is not for them, what is missing, who has the interface in another
/// version, and which versions the host has.
pub(super) fn diagnostic(scene: &Scene<'_>, import: Import<'_>, unfit: Vec<NotTaken>) -> Diagnostic {
    let component = import.consumer.clone();
    let name = import.name().to_owned();
    if unfit.iter().any(|miss| matches!(miss.reason, Reason::Mismatch(_))) {
        return Diagnostic::MismatchedImport { component, import: name, candidates: unfit };
    }
    let host_versions = import.interface().map(|interface| scene.host.versions(&interface));
    let functions = import.port.port().functions().iter();
    Diagnostic::UnresolvedImport {
        component,
        import: name,
        functions: functions.map(|function| function.display_name().to_owned()).collect(),
        near_misses: unfit,
        host_versions: host_versions.unwrap_or_default(),
    }
}
