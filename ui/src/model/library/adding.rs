//! Adding components to a workload: from the library's cards, and from files that are dropped.

use std::collections::BTreeSet;

use egui::Pos2;
use jackfield_protocol::{ComponentName, Edit, WorkloadId, WorkloadView};

use super::super::{Effect, Model, OpenWorkload, Purpose};

/// A component that waits for a workload to be added to.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::model) struct Addition {
    source: String,
    at: Option<Pos2>,
}

/// A component that was dropped on a canvas, and is not there yet.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::model) struct PendingDrop {
    label: String,
    at: Pos2,
}

/// What people call a component with this source: `square` of `oci://host/acme/square:1.0`.
#[must_use]
pub fn short_name(source: &str) -> &str {
    let file = source.rsplit(['/', '\\']).next().unwrap_or(source);
    let name = file.split(['@', ':']).next().unwrap_or(file);
    name.strip_suffix(".wasm").unwrap_or(name)
}

impl Model {
    /// Adds a component to the current workload; where there is none, makes one first.
    pub(in crate::model) fn add_component(&mut self, source: String, at: Option<Pos2>) -> Vec<Effect> {
        let addition = Addition { source, at };
        match self.current {
            Some(id) => self.add_to(id, addition),
            None => {
                let is_first = self.library.waiting.is_empty();
                self.library.waiting.push_back(addition);
                if is_first { self.new_workload() } else { Vec::new() }
            }
        }
    }

    /// Adds what waited for this workload.
    pub(in crate::model) fn add_waiting(&mut self, purpose: &Purpose, id: WorkloadId) -> Vec<Effect> {
        if *purpose != Purpose::New {
            return Vec::new();
        }
        let waiting = std::mem::take(&mut self.library.waiting);
        waiting.into_iter().flat_map(|addition| self.add_to(id, addition)).collect()
    }

    fn add_to(&mut self, id: WorkloadId, Addition { source, at }: Addition) -> Vec<Effect> {
        let label = format!("add {}", short_name(&source));
        if let Some((workload, at)) = self.workload_mut(id).zip(at) {
            workload.canvas.release_camera();
            workload.drops.push(PendingDrop { label: label.clone(), at });
        }
        self.edit(id, Edit::AddComponent { name: None, source }, label)
    }
}

impl OpenWorkload {
    /// Gives cards that are about to appear the places where they were dropped. The workbench's event may
    /// come before its answer, which alone has the name: until then, new cards get the places in order.
    pub(in crate::model) fn reserve_drops(&mut self, view: &WorkloadView) {
        let known: BTreeSet<&ComponentName> = self.view.plan.nodes.iter().map(|node| &node.name).collect();
        let new = view.plan.nodes.iter().map(|node| &node.name).filter(|name| !known.contains(name));
        for (name, drop) in new.zip(&self.drops) {
            self.canvas.reserve(name, drop.at);
        }
    }

    /// The workbench answered an edit: what was dropped is this component, or did not come.
    pub(in crate::model) fn settle_drop(&mut self, label: &str, component: Option<&ComponentName>) {
        let Some(at) = self.drops.iter().position(|drop| drop.label == label) else { return };
        let drop = self.drops.remove(at);
        if let Some(name) = component {
            self.canvas.reserve(name, drop.at);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::short_name;

    #[test]
    fn a_source_has_a_short_name() {
        for (source, expected) in [
            ("oci://samples/square:0.1.0", "square"),
            ("oci://127.0.0.1:5000/acme/square@sha256:00", "square"),
            ("oci://127.0.0.1:5000/acme/square", "square"),
            ("/home/somebody/square-root.wasm", "square-root"),
            (r"C:\components\square.wasm", "square"),
            ("square", "square"),
            ("", ""),
        ] {
            assert_eq!(short_name(source), expected, "{source}");
        }
    }
}
