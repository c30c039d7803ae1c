//! Recording what clients say to a workload that is served on HTTP.
//!
//! Each conversation is a session of its own. A conversation is known by its `Mcp-Session-Id`, which the
//! answer to its first request gives; requests without one (the protocol's stateless revision) share a
//! session for as long as the workload is served, but no ids: each is answered by what comes back for it. A session
//! ends when its client says so, or with the server.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use http::{HeaderMap, header, request, response};
use jackfield_mcp::{HttpExchange, HttpTap, Recorder, SseSplitter};
use jackfield_protocol::FrameWay;

const SESSION_HEADER: &str = "mcp-session-id";
/// Longer bodies are not kept whole; the server takes no longer requests anyway.
const MAX_BODY_BYTES: usize = 64 << 20;

/// Begins and ends the sessions of conversations.
pub(crate) trait Book: Send + Sync {
    /// A recorder for a conversation.
    fn begin(&self) -> Recorder;
    /// Nothing more comes for this one.
    fn end(&self, recorder: Recorder);
}

/// Recorders by conversation.
pub(crate) struct Recording {
    book: Box<dyn Book>,
    by_session: Mutex<HashMap<String, Recorder>>,
    stateless: Mutex<Option<Recorder>>,
    /// How many requests without a conversation there were.
    stateless_exchanges: AtomicU64,
    /// All that have begun and not ended, in the order of their beginning.
    open: Mutex<Vec<Recorder>>,
}

impl Recording {
    pub(crate) fn new(book: Box<dyn Book>) -> Arc<Self> {
        Arc::new(Self {
            book,
            by_session: Mutex::default(),
            stateless: Mutex::default(),
            stateless_exchanges: AtomicU64::default(),
            open: Mutex::default(),
        })
    }

    /// Takes out what has not ended yet, in the order of its beginning.
    pub(crate) fn take_open(&self) -> Vec<Recorder> {
        lock(&self.by_session).clear();
        lock(&self.stateless).take();
        std::mem::take(&mut *lock(&self.open))
    }
}

/// The tap of one server.
pub(crate) struct Tap(pub(crate) Arc<Recording>);

impl HttpTap for Tap {
    fn exchange(&self, request: &request::Parts) -> Arc<dyn HttpExchange> {
        let session = session_of(&request.headers);
        let recorder = session.and_then(|session| lock(&self.0.by_session).get(&session).cloned());
        Arc::new(Exchange {
            recording: Arc::clone(&self.0),
            state: Mutex::new(State {
                recorder,
                request: Vec::new(),
                response: Body::Whole(Vec::new()),
                status: None,
                is_end: request.method == http::Method::DELETE,
                is_beginning: false,
            }),
        })
    }
}

struct Exchange {
    recording: Arc<Recording>,
    state: Mutex<State>,
}

struct State {
    /// Of the conversation, once that is known.
    recorder: Option<Recorder>,
    request: Vec<u8>,
    response: Body,
    /// What the response says of itself, if it is no success.
    status: Option<String>,
    /// Whether it asks for the end of its conversation.
    is_end: bool,
    /// Whether it asks for a conversation.
    is_beginning: bool,
}

/// What is known of a response's body so far.
enum Body {
    Whole(Vec<u8>),
    Events(SseSplitter),
}

impl HttpExchange for Exchange {
    fn request_bytes(&self, bytes: &[u8]) {
        append(&mut lock(&self.state).request, bytes);
    }

    fn request_end(&self, whole: bool) {
        let mut state = lock(&self.state);
        let body = Bytes::from(std::mem::take(&mut state.request));
        if body.is_empty() {
            return;
        }
        if state.recorder.is_none() {
            state.is_beginning = is_initialize(&body);
        }
        let recorder = state.recorder.get_or_insert_with(|| self.recording.recorder_for(&body));
        if whole {
            recorder.message(FrameWay::ToServer, &body);
        } else {
            recorder.broken(FrameWay::ToServer, &body, "the client went in the middle of its request");
        }
    }

    fn response(&self, response: &response::Parts) {
        let mut state = lock(&self.state);
        if let (Some(session), Some(recorder)) = (session_of(&response.headers), &state.recorder) {
            lock(&self.recording.by_session).entry(session).or_insert_with(|| recorder.clone());
        }
        let media_type = response.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        if media_type.is_some_and(|media_type| media_type.starts_with("text/event-stream")) {
            state.response = Body::Events(SseSplitter::new(MAX_BODY_BYTES));
        }
        if !response.status.is_success() {
            state.status = Some(format!("HTTP status {}", response.status));
        }
    }

    fn response_bytes(&self, bytes: &[u8]) {
        let mut state = lock(&self.state);
        let state = &mut *state;
        match &mut state.response {
            Body::Whole(body) => append(body, bytes),
            Body::Events(events) => {
                events.push(bytes);
                while let Ok(Some(event)) = events.next_event() {
                    if let Some(recorder) = &state.recorder {
                        recorder.event(FrameWay::ToClient, &event);
                    }
                }
            }
        }
    }

    fn response_end(&self, whole: bool) {
        let mut state = lock(&self.state);
        let body = match &mut state.response {
            Body::Whole(body) => Bytes::from(std::mem::take(body)),
            // An event that never ended.
            Body::Events(events) => events.rest().unwrap_or_default(),
        };
        if let Some(recorder) = &state.recorder {
            match &state.status {
                Some(status) => {
                    recorder.transport(FrameWay::ToClient, status.clone(), None, &body);
                }
                None if body.is_empty() => {}
                None if matches!(state.response, Body::Events(_)) => {
                    let problem = "it broke off before its end: no empty line follows";
                    recorder.broken(FrameWay::ToClient, &body, problem);
                }
                None if whole => {
                    recorder.message(FrameWay::ToClient, &body);
                }
                None => {
                    recorder.broken(FrameWay::ToClient, &body, "the client went before all of it was sent");
                }
            }
        }
        let is_over = if state.status.is_none() { state.is_end } else { state.is_beginning };
        if is_over && let Some(recorder) = state.recorder.take() {
            self.recording.end(recorder);
        }
    }
}

impl Recording {
    /// The recorder of a request that names no known conversation.
    fn recorder_for(&self, body: &Bytes) -> Recorder {
        if is_initialize(body) {
            return self.begin();
        }
        let exchange = self.stateless_exchanges.fetch_add(1, Ordering::Relaxed) + 1;
        lock(&self.stateless).get_or_insert_with(|| self.begin()).for_exchange(exchange)
    }

    fn begin(&self) -> Recorder {
        let recorder = self.book.begin();
        lock(&self.open).push(recorder.clone());
        recorder
    }

    /// Ends the session that its client has closed, or that never came to be.
    fn end(&self, recorder: Recorder) {
        let is_other = |other: &Recorder| other.session() != recorder.session();
        lock(&self.by_session).retain(|_, other| is_other(other));
        lock(&self.open).retain(is_other);
        self.book.end(recorder);
    }
}

fn is_initialize(body: &Bytes) -> bool {
    let message: Option<serde_json::Value> = serde_json::from_slice(body).ok();
    message
        .is_some_and(|message| message.get("method").and_then(|method| method.as_str()) == Some("initialize"))
}

fn session_of(headers: &HeaderMap) -> Option<String> {
    Some(headers.get(SESSION_HEADER)?.to_str().ok()?.to_owned())
}

fn append(body: &mut Vec<u8>, bytes: &[u8]) {
    let room = MAX_BODY_BYTES.saturating_sub(body.len());
    body.extend_from_slice(bytes.get(..room.min(bytes.len())).unwrap_or_default());
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use jackfield_mcp::Sessions;
    use jackfield_protocol::{FrameKind, SessionRole};
    use tempfile::TempDir;

    use super::*;

    struct One(Arc<Sessions>);

    impl Book for One {
        fn begin(&self) -> Recorder {
            self.0.record("test", SessionRole::Server, Vec::new()).expect("a recorder")
        }

        fn end(&self, _: Recorder) {}
    }

    fn asked(tap: &Tap) -> Arc<dyn HttpExchange> {
        let (request, ()) = http::Request::post("/mcp").body(()).expect("a request").into_parts();
        let exchange = tap.exchange(&request);
        exchange.request_bytes(br#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#);
        exchange.request_end(true);
        exchange
    }

    fn answered(exchange: &dyn HttpExchange, body: &[u8]) {
        let response = http::Response::builder().header(header::CONTENT_TYPE, "text/event-stream");
        let (response, ()) = response.body(()).expect("a response").into_parts();
        exchange.response(&response);
        exchange.response_bytes(body);
        exchange.response_end(true);
    }

    #[test]
    fn clients_without_a_conversation_share_no_ids() {
        const ANSWER: &[u8] = b"data: {\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}\n\n";
        let folder = TempDir::new().expect("a folder");
        let sessions = Arc::new(Sessions::open(folder.path()).expect("sessions"));
        let tap = Tap(Recording::new(Box::new(One(Arc::clone(&sessions)))));
        let (one, other) = (asked(&tap), asked(&tap));
        answered(&*other, ANSWER);
        answered(&*one, ANSWER);
        answered(&*asked(&tap), b"data: {\"jsonrpc\"");
        let recorders = tap.0.take_open();
        let [recorder] = recorders.as_slice() else { panic!("one session") };
        recorder.finish();
        let id = recorder.session().expect("its session");
        let frames = sessions.page(id, 0, 100).expect("frames").frames;
        let told: Vec<_> = frames.iter().map(|it| (it.kind, it.answers, it.problem.is_some())).collect();
        let request = (FrameKind::Request, None, false);
        let response = |to| (FrameKind::Response, Some(to), false);
        let broken = (FrameKind::Malformed, None, true);
        assert_eq!(told, [request, request, response(2), response(1), request, broken]);
    }
}
