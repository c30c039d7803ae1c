//! Serving over a pair of byte streams, a message a line: the protocol's stdio transport.

use std::sync::Arc;
use std::time::Duration;

use rmcp::RoleServer;
use rmcp::service::{RunningService, ServerInitializeError, serve_server_with_ct};
use rmcp::transport::async_rw::AsyncRwTransport;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::ends::{Cut, Watched};
use super::error::ServeError;
use super::handler::Handler;
use super::life::Life;
use super::toolbox::Toolbox;

/// How long calls go on when their client sends nothing more: it may still read what they answer.
const PATIENCE_AFTER_HANG_UP: Duration = Duration::from_secs(1);

/// How long a client that does not read what it is sent delays the end.
const PATIENCE_WITH_READERS: Duration = Duration::from_secs(2);

/// Serves one client, until it closes `read` or `stop` fires.
///
/// Returns when nothing runs any more. Calls that run when `stop` fires fail, and their clients are
/// told; calls that run when the client closes its side get another second to answer, and fail then. Lines
/// that are no JSON are passed over, lines above 16 MiB too.
///
/// What happens to the bytes on their way, recording for example, is up to the two streams.
///
/// # Errors
/// [`ServeError::Handshake`], if what comes in first is no MCP.
pub async fn serve_stream<R, W>(
    toolbox: Arc<dyn Toolbox>,
    read: R,
    write: W,
    stop: CancellationToken,
) -> Result<(), ServeError>
where
    R: AsyncRead + Send + Unpin + 'static,
    W: AsyncWrite + Send + Unpin + 'static,
{
    // Hanging up stops the calls of this client, and nothing else.
    let life = Life::new(stop.child_token());
    let (read, hung_up) = Watched::new(read);
    // Not the token that stops calls: what they answer then has to get out.
    let close = CancellationToken::new();
    let handler = Handler::new(toolbox, &life);
    let cut = CancellationToken::new();
    let _cut_on_drop = cut.clone().drop_guard();
    let write = Cut::new(write, cut.clone());
    let transport = AsyncRwTransport::new_server(read, write);
    let begun = tokio::select! {
        begun = serve_server_with_ct(handler, transport, close.clone()) => begun,
        () = life.stop.cancelled() => return Ok(()),
    };
    match begun {
        Ok(service) => converse(service, &life, &hung_up, &close, &cut).await,
        Err(ServerInitializeError::ConnectionClosed(_) | ServerInitializeError::Cancelled) => {}
        Err(error) => return Err(ServeError::Handshake { reason: reason(&error) }),
    }
    life.idle().await;
    life.over().await;
    Ok(())
}

async fn converse(
    service: RunningService<RoleServer, Handler>,
    life: &Life,
    hung_up: &CancellationToken,
    close: &CancellationToken,
    cut: &CancellationToken,
) {
    let mut conversation = std::pin::pin!(service.waiting());
    let patience = async {
        hung_up.cancelled().await;
        sleep(PATIENCE_AFTER_HANG_UP).await;
    };
    tokio::select! {
        _ = &mut conversation => return,
        () = patience => life.stop.cancel(),
        () = life.stop.cancelled() => {}
    }
    life.idle().await;
    close.cancel();
    if timeout(PATIENCE_WITH_READERS, &mut conversation).await.is_err() {
        cut.cancel();
        let _ = conversation.await;
    }
}

fn reason(error: &ServerInitializeError) -> String {
    match error {
        ServerInitializeError::ExpectedInitializeRequest(_) => "another message came first".to_owned(),
        other => other.to_string(),
    }
}
