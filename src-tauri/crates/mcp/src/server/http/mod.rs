//! Serving on this machine's loopback address, over Streamable HTTP.
//!
//! | module | what it is for |
//! |---|---|
//! | `service` | one request: who may ask, what may come in, and the answer of the SDK |
//! | `loopback` | refuses web pages that speak to the server behind its user's back |
//! | `tap` | [`HttpTap`]: sees the exact bytes of every body |
//!
//! Stopping takes these steps, so that every client learns what became of its calls: no new connections;
//! the running calls fail; their answers get out; conversations and standing event streams end; connections
//! close. A client that does not read its answers delays the end by [`GRACE`] and no more.

mod loopback;
mod service;
mod tap;

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

use super::error::ServeError;
use super::life::Life;
use super::toolbox::Toolbox;
use service::McpService;
pub use tap::{HttpExchange, HttpTap};

/// The path that MCP is served at.
const PATH: &str = "/mcp";
/// How long a stop waits for clients that do not read.
const GRACE: Duration = Duration::from_secs(2);
/// More wait until others have gone.
const MAX_CONNECTIONS: usize = 256;
/// How long the head of a request may take.
const HEAD_TIMEOUT: Duration = Duration::from_secs(30);
/// How long to wait when the system is out of file handles.
const PAUSE_AFTER_ACCEPT_ERROR: Duration = Duration::from_millis(100);

/// What can be chosen about a server.
#[derive(Clone)]
pub struct HttpOptions {
    /// The port, or none for any free one.
    pub port: Option<u16>,
    /// The largest request that is read: bytes.
    pub max_request_in_bytes: usize,
    /// The most conversations at once. More are refused until some end, or have been silent for hours.
    pub max_sessions: usize,
    /// Sees the bodies of all requests and responses.
    pub tap: Option<Arc<dyn HttpTap>>,
}

impl Default for HttpOptions {
    fn default() -> Self {
        Self { port: None, max_request_in_bytes: 4 * 1024 * 1024, max_sessions: 1024, tap: None }
    }
}

/// A workload that is served. Stops when it is dropped; [`stop`](Self::stop) waits for that.
pub struct HttpServer {
    address: SocketAddr,
    task: JoinHandle<()>,
    stop: DropGuard,
}

impl HttpServer {
    /// Starts to serve. Has to be called in a Tokio runtime.
    ///
    /// # Errors
    /// [`ServeError`], if the port cannot be had.
    pub async fn start(toolbox: Arc<dyn Toolbox>, options: HttpOptions) -> Result<Self, ServeError> {
        let port = options.port.unwrap_or(0);
        let listen_error = |source| ServeError::listen(port, source);
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.map_err(listen_error)?;
        let address = listener.local_addr().map_err(listen_error)?;
        let life = Life::default();
        let stop = life.stop.clone().drop_guard();
        let service = Arc::new(McpService::new(toolbox, life, address.port(), options));
        Ok(Self { address, task: tokio::spawn(serve(listener, service)), stop })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What clients connect to: `http://127.0.0.1:PORT/mcp`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}{PATH}", self.address)
    }

    /// Stops, and returns when nothing runs any more.
    pub async fn stop(self) {
        self.stop.disarm().cancel();
        // It fails only where the runtime itself is going down, which ends everything as well.
        let _ = self.task.await;
    }
}

/// The connections of a server.
struct Connections {
    tracker: TaskTracker,
    /// Lets each finish what it is at.
    close: CancellationToken,
    /// Lets none finish anything.
    cut: CancellationToken,
}

async fn serve(listener: TcpListener, service: Arc<McpService>) {
    let connections = Connections {
        tracker: TaskTracker::new(),
        close: CancellationToken::new(),
        cut: CancellationToken::new(),
    };
    tokio::select! {
        () = accept(&listener, &service, &connections) => {}
        () = service.life.stop.cancelled() => {}
    }
    drop(listener);
    service.finish(GRACE).await;
    connections.close.cancel();
    connections.tracker.close();
    if timeout(GRACE, connections.tracker.wait()).await.is_err() {
        connections.cut.cancel();
        connections.tracker.wait().await;
    }
    service.life.over().await;
}

async fn accept(listener: &TcpListener, service: &Arc<McpService>, connections: &Connections) {
    let places = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    // It is never closed, so there is always a place some day.
    while let Ok(place) = Arc::clone(&places).acquire_owned().await {
        match listener.accept().await {
            Ok((stream, _)) => {
                let (close, cut) = (connections.close.clone(), connections.cut.clone());
                connections.tracker.spawn(connection(stream, Arc::clone(service), close, cut, place));
            }
            Err(_) => sleep(PAUSE_AFTER_ACCEPT_ERROR).await,
        }
    }
}

async fn connection(
    stream: TcpStream,
    service: Arc<McpService>,
    close: CancellationToken,
    cut: CancellationToken,
    _place: OwnedSemaphorePermit,
) {
    // Answers are small and awaited.
    let _ = stream.set_nodelay(true);
    let answer = service_fn(|request| service.answer(request));
    let mut connection = std::pin::pin!(
        http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD_TIMEOUT)
            .serve_connection(TokioIo::new(stream), answer)
    );
    // How a connection ends is its client's affair.
    tokio::select! {
        _ = &mut connection => return,
        () = close.cancelled() => connection.as_mut().graceful_shutdown(),
    }
    tokio::select! {
        _ = &mut connection => {}
        () = cut.cancelled() => {}
    }
}
