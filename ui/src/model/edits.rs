//! Changes to workloads: asked for here, and what came of them.

use jackfield_protocol::{Edit, Request, Response, WorkloadId};

use super::{Effect, Model, Purpose};

impl Model {
    /// Asks the workbench to change a workload. The label says what is changed, as the menu has it.
    pub(crate) fn edit(&mut self, workload: WorkloadId, edit: Edit, label: String) -> Vec<Effect> {
        vec![Effect::Send(Request::Edit { workload, edit }, Purpose::Edit { workload, label })]
    }

    pub(super) fn edited(&mut self, _purpose: &Purpose, _response: &Response) {}
}
