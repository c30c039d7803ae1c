//! Which settings are understood but not acted upon yet.
//!
//! A file that says `permissions` must not let its reader believe that something was granted or
//! denied. So whatever the host does not act upon is listed here, and the plan warns of it; a
//! setting leaves this list in the change that gives it an effect.

use super::Workload;
use super::reader::dotted;

impl Workload {
    /// The settings in the file that have no effect, by their paths: `components.square.instances`.
    #[must_use]
    pub fn settings_without_effect(&self) -> Vec<String> {
        let mut settings = Vec::new();
        for (name, spec) in &self.components {
            let component = dotted("components", name.as_str());
            let given = [
                ("permissions.network", !spec.permissions.network.is_empty()),
                ("permissions.volumes", !spec.permissions.volumes.is_empty()),
            ];
            let given = given.into_iter().filter(|(_, given)| *given);
            settings.extend(given.map(|(setting, _)| format!("{component}.{setting}")));
        }
        settings.extend(self.volumes.keys().map(|name| dotted("volumes", name)));
        settings
    }
}
