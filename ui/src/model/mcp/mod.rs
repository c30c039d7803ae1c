//! What the window knows of MCP connections and sessions.

use jackfield_protocol::{Event, Response};

use super::{Effect, Model, Purpose};

impl Model {
    pub(super) fn mcp_answered(&mut self, _purpose: &Purpose, _response: Response) -> Vec<Effect> {
        Vec::new()
    }

    pub(super) fn mcp_event(&mut self, _event: Event) -> Vec<Effect> {
        Vec::new()
    }
}
