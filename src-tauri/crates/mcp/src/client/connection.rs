//! A connection, from the first exchange to its end.

use std::sync::Arc;
use std::time::Duration;

use jackfield_protocol::{McpRequest, McpResponse, ServerView};
use rmcp::RoleClient;
use rmcp::model::{ClientRequest, CustomRequest, ErrorData, ServerResult, SubscriptionFilter};
use rmcp::service::{Peer, PeerRequestOptions, RequestHandle, RunningServiceCancellationToken, ServiceError};
use rmcp::transport::StreamableHttpClientTransport;
use tokio::sync::watch;
use tokio::time::{sleep, timeout};
use tokio_util::sync::{CancellationToken, DropGuard};

use super::desk::{Answer, Desk, Notices, Slot};
use super::failure::Failure;
use super::http::HttpLink;
use super::lines::{LineTransport, LineWriter};
use super::process::Process;
use super::raw::RawIds;
use super::requests::Question;
use super::startup::{Era, Running, may_be_stateless, server_view, shake_hands};
use super::{AskOptions, ConnectOptions, Target};
use crate::record::Recorder;

/// How long telling a server something may take: it may have ceased to read.
const TELL_TIMEOUT: Duration = Duration::from_secs(1);

/// How long the SDK may take to end.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(5);

/// An open connection to a server. When it is dropped, the connection is closed, and a child process is killed.
pub struct Connection {
    desk: Arc<Desk>,
    peer: Peer<RoleClient>,
    server: ServerView,
    wire: Wire,
    process: Option<Arc<Process>>,
    options: ConnectOptions,
    raw_ids: RawIds,
    cancel: std::sync::Mutex<Option<RunningServiceCancellationToken>>,
    ended: watch::Receiver<Option<Failure>>,
    stop: CancellationToken,
    _stop: DropGuard,
}

/// What messages that the SDK does not know of are written to.
enum Wire {
    Lines(LineWriter),
    Http(HttpLink),
}

impl Connection {
    /// Connects to a server, and returns once the first exchange has told what it is. Everything is recorded,
    /// also where this fails.
    ///
    /// # Errors
    /// When the server cannot be reached, ends, is silent, or does not speak MCP.
    pub async fn connect(
        target: Target,
        recorder: Recorder,
        notices: Notices,
        options: ConnectOptions,
    ) -> Result<Self, Failure> {
        let desk = Desk::new(recorder, notices);
        let stop = CancellationToken::new();
        let guard = stop.clone().drop_guard();
        let opening = Opening { desk, options, stop, guard };
        match target {
            Target::Stream(stream) => {
                let (input, output) = tokio::io::split(stream);
                opening.over_lines(input, output, None).await
            }
            Target::Process(spec) => {
                let (process, output, input) = Process::start(&spec, &opening.desk, &opening.stop)?;
                opening.over_lines(output, input, Some(process)).await
            }
            Target::Url(spec) => {
                let link = HttpLink::new(&spec, &opening.desk, opening.options.max_frame_bytes)?;
                opening.over_http(link).await
            }
        }
    }

    /// What the server says of itself.
    #[must_use]
    pub fn server(&self) -> &ServerView {
        &self.server
    }

    /// Asks the server something and waits for its answer.
    ///
    /// # Errors
    /// When it refuses, does not answer in time, or the connection breaks; and when this was called off. That a
    /// tool failed is no error but its answer.
    pub async fn ask(&self, request: McpRequest, options: AskOptions) -> Result<McpResponse, Failure> {
        let question = Question::of(request);
        let slot = Slot::new(options.ticket);
        let answered = self.exchange(&question, &slot, &options.cancel).await;
        if let Some(ticket) = options.ticket {
            self.desk.forget(ticket);
        }
        question.response(answered?)
    }

    /// Writes one message as it stands. If it is a request, its id is replaced by one that is not in use. What
    /// the server answers is recorded and goes nowhere else. Returns the number of the frame.
    ///
    /// # Errors
    /// When it holds a line break where messages are lines, or cannot be written.
    pub async fn send_raw(&self, text: &str) -> Result<u64, Failure> {
        let message = self.raw_ids.prepare(text);
        match &self.wire {
            Wire::Lines(writer) => {
                let text = message.text.replace(['\r', '\n'], " ");
                let written = timeout(TELL_TIMEOUT, writer.raw(message.id, &text)).await;
                let late = |_| Failure::TimedOut {
                    method: "a raw message".to_owned(),
                    waited: TELL_TIMEOUT,
                    stray: None,
                };
                match written.map_err(late)? {
                    Ok(number) => Ok(number),
                    Err(error) => Err(self.broken(error.to_string()).await),
                }
            }
            Wire::Http(link) => {
                let (link, stop) = (link.clone(), self.stop.clone());
                let (sender, receiver) = tokio::sync::oneshot::channel();
                tokio::spawn(async move {
                    let sent = |number| {
                        // Whoever asked may have gone.
                        let _ = sender.send(number);
                    };
                    tokio::select! {
                        () = link.raw(message.id, &message.text, sent) => {}
                        () = stop.cancelled() => {}
                    }
                });
                receiver.await.map_err(|_| Failure::NotOpen)
            }
        }
    }

    /// Waits until the connection is over, and says why. [`Failure::NotOpen`] means that it was closed here.
    pub async fn ended(&self) -> Failure {
        let mut ended = self.ended.clone();
        match ended.wait_for(Option::is_some).await {
            Ok(failure) => failure.clone().unwrap_or(Failure::NotOpen),
            Err(_) => Failure::NotOpen,
        }
    }

    /// Whether it takes requests.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.ended.borrow().is_none()
    }

    /// Closes it: the server is told, and a child process has a moment to end before it is killed.
    pub async fn close(&self) {
        let token = self.cancel.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take();
        if let Some(token) = token {
            token.cancel();
        }
        // The SDK ends the way to the server; where that takes too long, it is ended without it.
        let _ = timeout(CLOSE_TIMEOUT, self.ended()).await;
        if let Some(process) = &self.process {
            process.stop().await;
        }
        self.stop.cancel();
    }

    async fn exchange(
        &self,
        question: &Question,
        slot: &Arc<Slot>,
        cancel: &CancellationToken,
    ) -> Result<Answer, Failure> {
        if let Some(ended) = self.ended.borrow().clone() {
            return Err(ended);
        }
        let mut request = CustomRequest::new(question.method, question.params.clone());
        request.extensions.insert(Arc::clone(slot));
        let request = ClientRequest::CustomRequest(request);
        let sent = self.peer.send_cancellable_request(request, PeerRequestOptions::no_options()).await;
        let mut handle = match sent {
            Ok(handle) => handle,
            Err(error) => return Err(self.failure(question, slot, error).await),
        };
        let limit = question.timeout.or((!question.is_call()).then_some(self.options.answer_timeout));
        tokio::select! {
            biased;
            received = &mut handle.rx => self.received(question, slot, received).await,
            () = cancel.cancelled() => {
                call_off(handle, "cancelled by the user").await;
                Err(Failure::Cancelled { method: question.method.to_owned() })
            }
            waited = past(limit) => {
                call_off(handle, RequestHandle::<RoleClient>::REQUEST_TIMEOUT_REASON).await;
                let (method, stray) = (question.method.to_owned(), self.desk.stray());
                Err(Failure::TimedOut { method, waited, stray })
            }
        }
    }

    async fn received(
        &self,
        question: &Question,
        slot: &Slot,
        received: Result<Result<ServerResult, ServiceError>, tokio::sync::oneshot::error::RecvError>,
    ) -> Result<Answer, Failure> {
        match received.unwrap_or(Err(ServiceError::TransportClosed)) {
            // The SDK is more lenient with ids than the desk. Then its own reading of the result has to do.
            Ok(result) => Ok(slot.answer().unwrap_or_else(|| Answer {
                result: serde_json::to_value(result).unwrap_or_default(),
                ..Answer::default()
            })),
            Err(error) => Err(self.failure(question, slot, error).await),
        }
    }

    async fn failure(&self, question: &Question, slot: &Slot, error: ServiceError) -> Failure {
        if let Some(trouble) = slot.trouble() {
            return trouble;
        }
        match error {
            ServiceError::McpError(error) => refused(question.method, error),
            other => self.broken(other.to_string()).await,
        }
    }

    /// Why the connection broke, if it did; and else what is at hand.
    async fn broken(&self, reason: String) -> Failure {
        match timeout(CLOSE_TIMEOUT, self.ended()).await {
            Ok(failure) => failure,
            Err(_) => Failure::Closed { reason },
        }
    }
}

/// What a connection is made with.
struct Opening {
    desk: Arc<Desk>,
    options: ConnectOptions,
    stop: CancellationToken,
    guard: DropGuard,
}

impl Opening {
    async fn over_lines(
        self,
        input: impl tokio::io::AsyncRead + Send + Unpin + 'static,
        output: impl tokio::io::AsyncWrite + Send + Unpin + 'static,
        process: Option<Process>,
    ) -> Result<Connection, Failure> {
        let limit = self.options.max_frame_bytes;
        let transport = LineTransport::new(input, output, &self.desk, limit, &self.stop);
        let process = process.map(Arc::new);
        let running = self.start(|| transport.clone()).await;
        match running {
            Ok(running) => Ok(self.finish(running, Wire::Lines(transport.writer()), process)),
            Err(failure) => Err(explain(failure, process.as_deref()).await),
        }
    }

    async fn over_http(self, link: HttpLink) -> Result<Connection, Failure> {
        let transport = || StreamableHttpClientTransport::with_client(link.clone(), link.config());
        let running = self.start(transport).await?;
        Ok(self.finish(running, Wire::Http(link), None))
    }

    /// Shakes hands, a second time where the first is refused in a way that tells of the other era.
    async fn start<T, E, A>(&self, transport: impl Fn() -> T) -> Result<Running, Failure>
    where
        T: rmcp::transport::IntoTransport<RoleClient, E, A>,
        E: std::error::Error + Send + Sync + 'static,
    {
        let (era, limit) = (self.options.era, self.options.handshake_timeout);
        let refused = match shake_hands(&self.desk, transport(), era, limit).await {
            Err(failure) if era == Era::Either && may_be_stateless(&failure) => failure,
            other => return other,
        };
        let second = shake_hands(&self.desk, transport(), Era::Stateless, limit).await;
        // What the server said first is what most users can make something of.
        second.map_err(|_| refused)
    }

    fn finish(self, running: Running, wire: Wire, process: Option<Arc<Process>>) -> Connection {
        let server = server_view(&self.desk, &running);
        let peer = running.peer().clone();
        let cancel = std::sync::Mutex::new(Some(running.cancellation_token()));
        let (sender, ended) = watch::channel(None);
        tokio::spawn(watch_end(running, Arc::clone(&self.desk), process.clone(), self.stop.clone(), sender));
        if server.protocol_version.as_str() >= rmcp::model::ProtocolVersion::NO_INITIALIZE.as_str() {
            tokio::spawn(listen(peer.clone(), server.clone(), self.stop.clone()));
        }
        Connection {
            desk: self.desk,
            peer,
            server,
            wire,
            process,
            options: self.options,
            raw_ids: RawIds::default(),
            cancel,
            ended,
            stop: self.stop,
            _stop: self.guard,
        }
    }
}

/// Waits for the end of the SDK's service, and says why it came.
async fn watch_end(
    running: Running,
    desk: Arc<Desk>,
    process: Option<Arc<Process>>,
    stop: CancellationToken,
    ended: watch::Sender<Option<Failure>>,
) {
    let token = running.cancellation_token();
    let quit = running.waiting();
    tokio::pin!(quit);
    let result = tokio::select! {
        result = &mut quit => result,
        () = stop.cancelled() => {
            token.cancel();
            quit.await
        }
    };
    let failure = match result {
        Ok(rmcp::service::QuitReason::Closed) => {
            let ending = desk.ending().unwrap_or(Failure::Closed { reason: String::new() });
            explain(ending, process.as_deref()).await
        }
        Ok(_) => Failure::NotOpen,
        Err(error) => Failure::Closed { reason: error.to_string() },
    };
    // The connection may be gone, and then nobody asks.
    let _ = ended.send(Some(failure));
}

/// In the stateless era, what changes is told to those alone who asked for it.
async fn listen(peer: Peer<RoleClient>, server: ServerView, stop: CancellationToken) {
    let tells = |capability: &str| {
        let declared = server.capabilities.get(capability).and_then(|declared| declared.get("listChanged"));
        declared.and_then(serde_json::Value::as_bool).unwrap_or_default()
    };
    let mut filter = SubscriptionFilter::new();
    filter.tools_list_changed = tells("tools").then_some(true);
    filter.prompts_list_changed = tells("prompts").then_some(true);
    filter.resources_list_changed = tells("resources").then_some(true);
    if filter == SubscriptionFilter::new() {
        return;
    }
    let followed = async {
        // The desk has told of each already. This goes on for as long as the server has something to tell.
        let Ok(mut subscription) = peer.listen(filter).await else { return };
        while let Ok(Some(_)) = subscription.next().await {}
    };
    tokio::select! {
        () = followed => {}
        () = stop.cancelled() => {}
    }
}

/// That a pipe was closed says little when its process has ended: then how it ended is the reason.
async fn explain(failure: Failure, process: Option<&Process>) -> Failure {
    match (&failure, process) {
        (Failure::Closed { .. } | Failure::CutOff { .. }, Some(process)) => {
            process.ended().await.unwrap_or(failure)
        }
        _ => failure,
    }
}

fn refused(method: &str, error: ErrorData) -> Failure {
    Failure::Refused {
        method: method.to_owned(),
        code: i64::from(error.code.0),
        message: error.message.into_owned(),
        data: error.data.map(Box::new),
    }
}

/// Tells the server that nobody waits for its answer any more.
async fn call_off(handle: RequestHandle<RoleClient>, reason: &str) {
    // A server that does not read is not told, and the request is over all the same.
    let _ = timeout(TELL_TIMEOUT, handle.cancel(Some(reason.to_owned()))).await;
}

async fn past(limit: Option<Duration>) -> Duration {
    match limit {
        Some(limit) => {
            sleep(limit).await;
            limit
        }
        None => std::future::pending().await,
    }
}
