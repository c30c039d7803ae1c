//! What of a workload counts only from its next start.

use super::{PluginSettings, Workload};

impl Workload {
    /// Whether a running workload that began as `self`, and took over the grants and answers of `other`, is as
    /// `other` says. Where things stand in the file is of no importance, nor what the workload is called.
    #[must_use]
    pub fn runs_like(&self, other: &Self) -> bool {
        self.at_start() == other.at_start()
    }

    /// Without what counts at once, and without places.
    fn at_start(&self) -> Self {
        let mut workload = self.clone();
        workload.name.clear();
        workload.namespace = None;
        workload.path.clear();
        for spec in workload.components.values_mut() {
            spec.permissions.network.clear();
            spec.source_place = None;
            spec.source_text.clear();
        }
        for row in &mut workload.links {
            row.answers.clear();
        }
        for settings in workload.host.values_mut() {
            forget_places(settings);
        }
        workload
    }
}

fn forget_places(settings: &mut PluginSettings) {
    settings.place = None;
    for setting in settings.values.values_mut() {
        setting.place = None;
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::workload::parse;

    fn workload(text: &str) -> Workload {
        parse(text, Path::new("/w/workload.toml")).expect(text)
    }

    #[test]
    fn only_grants_and_answers_need_no_new_start() {
        let begun = workload(
            "name = \"w\"\n[components.a]\nsource = \"./a.wasm\"\n\
             [[links]]\nfrom = \"a\"\nimport = \"x:y/z\"\nto = \"stub\"\n",
        );
        let granted = workload(
            "name = \"v\"\n\n[components.a]\nsource = \"./a.wasm\"\n\
             permissions = { network = [\"https://a.example\"] }\n\
             [[links]]\nfrom = \"a\"\nimport = \"x:y/z\"\nto = \"stub\"\nanswers = { f = \"1\" }\n",
        );
        assert!(begun.runs_like(&granted));
        let other = workload("name = \"w\"\n[components.a]\nsource = \"./a.wasm\"\nenv = { A = \"1\" }\n");
        assert!(!begun.runs_like(&other));
    }
}
