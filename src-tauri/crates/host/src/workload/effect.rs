//! Which settings are understood but not acted upon yet.
//!
//! A file that says `permissions` must not let its reader believe that something was granted or
//! denied. So whatever the host does not act upon is listed here, and the plan warns of it; a
//! setting leaves this list in the change that gives it an effect.

use super::reader::dotted;
use super::{InstancePolicy, Workload};

impl Workload {
    /// The settings in the file that have no effect, by their paths: `components.square.config`.
    #[must_use]
    pub fn settings_without_effect(&self) -> Vec<String> {
        let mut settings = Vec::new();
        for (name, spec) in &self.components {
            let component = dotted("components", name.as_str());
            let given =
                [("config", !spec.config.is_empty()), ("instances", spec.instances != InstancePolicy::Fresh)];
            let given = given.into_iter().filter(|(_, given)| *given);
            settings.extend(given.map(|(setting, _)| format!("{component}.{setting}")));
        }
        settings.extend(self.host.keys().map(|plugin| dotted("host", plugin)));
        settings
    }
}
