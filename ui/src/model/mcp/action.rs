//! What can be asked for in the MCP tab.

use jackfield_protocol::{CallId, ConnectionId, Ticket, WorkloadId};

use super::arguments::FormEdit;
use super::connect::{ConnectDraft, ConnectKind};
use super::offer::{OfferKey, OfferKind};
use super::tree::TreeAction;

/// Something about the MCP tab. Where no connection is named, the one that is shown is meant.
#[derive(Debug, Clone, PartialEq)]
pub enum McpAction {
    /// Shows a connection.
    Show(ConnectionId),
    /// Opens the form for a new connection.
    OpenForm(ConnectKind),
    /// Opens it with what is remembered of the connection in this place of the list.
    UseRecent(usize),
    /// Closes it.
    CloseForm,
    /// Something was typed into it.
    EditForm(ConnectDraft),
    /// Connects to what it describes.
    Connect,
    /// Connects to a workload, which is started if it does not run.
    ConnectTo(WorkloadId),
    /// Closes a connection.
    Disconnect(ConnectionId),
    /// Makes a connection anew that is closed or failed.
    Reconnect(ConnectionId),
    /// Takes a connection out of the list.
    Forget(ConnectionId),
    /// Offers a workload to MCP clients of this machine.
    Serve(WorkloadId),
    /// Offers it no longer.
    StopServing(WorkloadId),
    /// Lists what the server offers again.
    Reload,
    /// Lists another kind of offers.
    Tab(OfferKind),
    /// Searches the offers.
    Search(String),
    /// Shows the form of an offer.
    Select(OfferKey),
    /// Changes the arguments of the selected offer.
    Form(FormEdit),
    /// How long to wait: seconds.
    Timeout(String),
    /// Calls the selected tool, or reads or gets what is selected.
    Call,
    /// Gives up a request.
    Cancel(Ticket),
    /// Shows the result as a tree, or as text.
    ShowTree(bool),
    /// Folds, unfolds or selects in the result.
    Tree(TreeAction),
    /// Shows the log lines of a call; of the current workload if none is named.
    ShowCall(Option<WorkloadId>, CallId),
    /// Empties the list of what the server sent of itself.
    ClearNotices,
    /// The least severe log messages that the server should send.
    LogLevel(String),
}
