//! Changes to workloads: what came of them.

use jackfield_protocol::Response;

use super::{Model, Purpose};

impl Model {
    pub(super) fn edited(&mut self, _purpose: &Purpose, _response: &Response) {}
}
