//! The first exchange with a server: which revision it speaks, and what it is.

use std::time::Duration;

use jackfield_protocol::ServerView;
use rmcp::RoleClient;
use rmcp::model::ProtocolVersion;
use rmcp::service::{
    ClientInitializeError, ClientLifecycleMode, RunningService, serve_client_with_lifecycle,
};
use rmcp::transport::IntoTransport;
use serde_json::Value;

use super::desk::Desk;
use super::failure::Failure;
use super::handler::Refusing;
use super::requests::text;

/// Which of the two eras of MCP is spoken.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Era {
    /// The handshake first, because most servers know nothing else and some end at any other request; where it
    /// is refused, the stateless way.
    #[default]
    Either,
    /// The revisions 2024-11-05 to 2025-11-25, which begin with `initialize`.
    Handshake,
    /// The revision 2026-07-28, in which every request stands for itself.
    Stateless,
}

/// Errors with which servers of the stateless era answer `initialize`: method not found, invalid request or parameters, and
/// the three that this revision brought.
const REFUSALS: [i64; 6] = [-32601, -32600, -32602, -32022, -32021, -32020];

pub(super) type Running = RunningService<RoleClient, Refusing>;

/// Makes the first exchange over a transport, within a time.
pub(super) async fn shake_hands<T, E, A>(
    desk: &Desk,
    transport: T,
    era: Era,
    limit: Duration,
) -> Result<Running, Failure>
where
    T: IntoTransport<RoleClient, E, A>,
    E: std::error::Error + Send + Sync + 'static,
{
    let mode = match era {
        Era::Stateless => {
            ClientLifecycleMode::Discover { preferred_versions: vec![ProtocolVersion::V_2026_07_28] }
        }
        Era::Either | Era::Handshake => ClientLifecycleMode::Initialize,
    };
    let startup = serve_client_with_lifecycle(Refusing, transport, mode);
    let running = match tokio::time::timeout(limit, startup).await {
        Ok(Ok(running)) => running,
        Ok(Err(error)) => return Err(failure_of(desk, error)),
        Err(_) => return Err(silence(desk, limit)),
    };
    match running.peer().peer_info() {
        Some(info) if ProtocolVersion::KNOWN_VERSIONS.contains(&info.protocol_version) => Ok(running),
        info => {
            let offered = info.map(|info| info.protocol_version.to_string()).unwrap_or_default();
            running.cancellation_token().cancel();
            Err(Failure::ProtocolVersion { offered, known: known_versions() })
        }
    }
}

/// Whether a refused handshake may mean that the server is of the stateless era.
pub(super) fn may_be_stateless(failure: &Failure) -> bool {
    matches!(failure, Failure::Refused { code, .. } if REFUSALS.contains(code))
}

/// What the server says of itself, from its own words.
pub(super) fn server_view(desk: &Desk, running: &Running) -> ServerView {
    let said = desk.server().unwrap_or_default();
    let protocol_version = running.peer().peer_info().map(|info| info.protocol_version.to_string());
    // The stateless era names the server in the metadata of its results.
    let server = said
        .get("serverInfo")
        .or_else(|| said.get("_meta").and_then(|meta| meta.get("io.modelcontextprotocol/serverInfo")))
        .unwrap_or(&Value::Null);
    ServerView {
        name: text(server, "name").unwrap_or_default(),
        title: text(server, "title"),
        version: text(server, "version").unwrap_or_default(),
        protocol_version: protocol_version.unwrap_or_default(),
        instructions: text(&said, "instructions"),
        capabilities: said.get("capabilities").and_then(Value::as_object).cloned().unwrap_or_default(),
    }
}

fn known_versions() -> Vec<String> {
    ProtocolVersion::KNOWN_VERSIONS.iter().map(ToString::to_string).collect()
}

fn silence(desk: &Desk, waited: Duration) -> Failure {
    match desk.garbage() {
        Some(sample) => Failure::Garbage { waited, sample },
        None => Failure::NoHandshake { waited },
    }
}

fn failure_of(desk: &Desk, error: ClientInitializeError) -> Failure {
    match error {
        ClientInitializeError::ConflictInitResponseId(expected, received)
        | ClientInitializeError::UncorrelatedErrorResponse { expected, received } => {
            Failure::WrongId { expected: expected.to_string(), received: received.to_string() }
        }
        ClientInitializeError::JsonRpcError(error) => Failure::Refused {
            method: "initialize".to_owned(),
            code: i64::from(error.code.0),
            message: error.message.into_owned(),
            data: error.data.map(Box::new),
        },
        ClientInitializeError::NoCompatibleProtocolVersion { server_supported, .. } => {
            let offered: Vec<String> = server_supported.iter().map(ToString::to_string).collect();
            Failure::ProtocolVersion { offered: offered.join(", "), known: known_versions() }
        }
        ClientInitializeError::ExpectedInitResult(_) => {
            bad_handshake("its result does not have the form of a handshake's")
        }
        ClientInitializeError::LegacyFallbackFailed { fallback, .. } => failure_of(desk, *fallback),
        ClientInitializeError::Cancelled => Failure::NotOpen,
        other => desk
            .trouble()
            .or_else(|| desk.ending())
            .unwrap_or_else(|| Failure::Closed { reason: other.to_string() }),
    }
}

fn bad_handshake(reason: &str) -> Failure {
    Failure::BadResult { method: "initialize".to_owned(), reason: reason.to_owned() }
}
