//! What a workload offers to MCP clients.

use std::sync::{Arc, Mutex};

use jackfield_host::workload::Loaded;
use jackfield_mcp::WorkloadTools;
use jackfield_protocol::{EntryKind, Plan};
use tokio::sync::watch;

use super::lock;

/// The tools, and who is told when they are others.
#[derive(Debug, Default)]
pub(super) struct Offer {
    tools: Mutex<Option<Arc<WorkloadTools>>>,
    pub(super) changes: watch::Sender<u64>,
}

impl Offer {
    /// The tools; made by `make` if there are none yet.
    pub(super) fn tools(&self, make: impl FnOnce() -> WorkloadTools) -> Arc<WorkloadTools> {
        Arc::clone(lock(&self.tools).get_or_insert_with(|| Arc::new(make())))
    }

    /// Offers what is started or was put in the place of what runs.
    pub(super) fn set(&self, loaded: &Loaded, plan: &Plan) {
        let fresh = tools_of(loaded, plan);
        let mut tools = lock(&self.tools);
        let has_changed = tools.as_ref().is_none_or(|old| old.views() != fresh.views());
        *tools = Some(Arc::new(fresh));
        if has_changed {
            self.changes.send_modify(|changes| *changes += 1);
        }
    }
}

/// What a workload offers: its functions, but not the ways in that the host itself uses.
pub(super) fn tools_of(loaded: &Loaded, plan: &Plan) -> WorkloadTools {
    let components: Vec<_> =
        loaded.components.iter().map(|(name, component)| (name.clone(), component)).collect();
    let mut tools = WorkloadTools::new(&components);
    tools.tools.retain(|tool| {
        let export = tool.interface.as_deref().unwrap_or(&tool.function);
        plan.entries.iter().any(|entry| {
            entry.component == tool.component && entry.export == export && entry.kind == EntryKind::Functions
        })
    });
    tools
}
