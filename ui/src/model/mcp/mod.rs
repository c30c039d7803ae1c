//! What the window knows of MCP connections and sessions.
//!
//! [`McpRoom`] has the connections and what their servers offer, [`SessionRoom`] the recorded
//! conversations. Both change in two places only, as the whole model does: `apply` (what the user asks
//! for) and `observe` (what arrives).

mod action;
mod apply;
mod arguments;
mod check;
mod connect;
mod content;
mod frames;
mod observe;
mod offer;
mod room;
mod schema;
mod session;
mod shell;
mod tree;

use jackfield_protocol::{ConnectionId, Endpoint, SessionId, Ticket, WorkloadId};

pub use action::McpAction;
pub use arguments::{Arguments, FieldKind, FormEdit, JsonError};
pub use check::{Problems, fits, problems, step};
pub(crate) use connect::connect_field;
pub use connect::{ConnectDraft, ConnectKind, McpPreferences, Recent};
pub(crate) use content::MAX_SHOWN_CHARS;
pub use frames::{FrameFilter, FrameRow, Frames, MAX_FRAMES};
pub use offer::{Offer, OfferKey, OfferKind};
pub use room::{Answer, Connection, List, McpRoom, Running, ServerNotice};
pub(crate) use schema::label_of;
pub use schema::{Branch, ObjectShape, Schema, Shape};
pub(crate) use session::frame_editor;
pub use session::{BytesView, Details, FRAME_PAGE, OpenSession, SessionAction, SessionRoom};
pub use shell::split as split_command;
pub use tree::{JsonTree, TreeAction, TreeKind, TreeRow};

use super::{Effect, Model, Purpose};

/// What a request about MCP was sent for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum McpPurpose {
    /// To connect to a server.
    Connect(Endpoint),
    /// To close a connection.
    Disconnect(ConnectionId),
    /// To take one out of the list.
    Forget(ConnectionId),
    /// To list what a server offers.
    List {
        /// Over which connection.
        connection: ConnectionId,
        /// What kind of offers.
        kind: OfferKind,
        /// Which time of asking.
        generation: u32,
    },
    /// To use something that it offers.
    Use {
        /// Over which connection.
        connection: ConnectionId,
        /// Names the request.
        ticket: Ticket,
        /// What.
        key: OfferKey,
    },
    /// To give a request up.
    Cancel(Ticket),
    /// To choose which log messages it sends.
    LogLevel,
    /// To offer a workload to MCP clients.
    Serve(WorkloadId),
    /// To offer it no longer.
    StopServing(WorkloadId),
    /// To list what is recorded.
    Sessions,
    /// To show frames.
    Frames(SessionId),
    /// To show the bytes of one.
    Bytes(SessionId, u64),
    /// To send something again.
    Send(SessionId),
    /// To delete a session.
    Delete(SessionId),
}

impl Model {
    /// What must be drawn again each second: what is being asked of a server.
    pub(super) fn waits_for_server(&self) -> bool {
        !self.mcp.running.is_empty()
    }
}
