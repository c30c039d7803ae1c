//! The desk that every frame of a connection passes, whatever its transport.
//!
//! The SDK sees typed messages, in which unknown fields are lost and which its handlers get in no certain
//! order. So results and notifications are taken here, from the bytes: whole, and in the order in which
//! they came. To the SDK remain the lifecycle, ids, time-outs and the sessions of HTTP.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Instant;

use bytes::Bytes;
use jackfield_protocol::{FrameKind, FrameWay, McpNotice, Ticket};
use rmcp::ErrorData;
use rmcp::model::{
    ClientJsonRpcMessage, ClientRequest, CustomResult, GetExtensions, GetMeta, JsonRpcMessage, RequestId,
    ServerJsonRpcMessage, ServerResult,
};
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::failure::Failure;
use crate::record::{Envelope, Mark, Message, Recorder};

/// Hears of what a server sends of itself, in the order in which it came. Called where the frame is read,
/// so it must be quick.
pub type Notices = Arc<dyn Fn(McpNotice) + Send + Sync>;

/// How much of a line that is no message is shown.
const SAMPLE_CHARS: usize = 200;

/// How many ids of raw requests are remembered.
const MAX_RAW_IDS: usize = 10_000;

/// The desk of one connection.
pub(super) struct Desk {
    pub(super) recorder: Recorder,
    notices: Notices,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    calls: HashMap<String, Weak<Slot>>,
    tickets: HashMap<String, Ticket>,
    /// Requests that the SDK does not know of.
    raw_ids: HashSet<String>,
    /// The id of the request whose answer says what the server is.
    hello: Option<String>,
    server: Option<Value>,
    garbage: Option<String>,
    stray: Option<String>,
    trouble: Option<Failure>,
    ending: Option<Failure>,
}

/// Where the answer to one request is laid down. It travels with the request through the SDK.
#[derive(Default)]
pub(super) struct Slot {
    pub(super) ticket: Option<Ticket>,
    state: Mutex<SlotState>,
}

#[derive(Default)]
struct SlotState {
    asked: Option<(Instant, Mark)>,
    answer: Option<Answer>,
    is_answered: bool,
    trouble: Option<Failure>,
}

/// An answer.
#[derive(Debug, Default)]
pub(super) struct Answer {
    pub(super) result: Value,
    pub(super) request_frame: u64,
    pub(super) duration_micros: u64,
}

impl Slot {
    pub(super) fn new(ticket: Option<Ticket>) -> Arc<Self> {
        Arc::new(Self { ticket, ..Self::default() })
    }

    /// Notes why no answer will come.
    pub(super) fn fail(&self, trouble: Failure) {
        lock(&self.state).trouble.get_or_insert(trouble);
    }

    pub(super) fn trouble(&self) -> Option<Failure> {
        lock(&self.state).trouble.clone()
    }

    pub(super) fn answer(&self) -> Option<Answer> {
        lock(&self.state).answer.take()
    }

    /// Whether the answer has come.
    pub(super) fn has_answer(&self) -> bool {
        lock(&self.state).is_answered
    }

    fn put(&self, result: Value, mark: Mark) {
        let mut state = lock(&self.state);
        let (asked, request) = state.asked.unwrap_or_else(|| (Instant::now(), Mark::default()));
        let elapsed = || u64::try_from(asked.elapsed().as_micros()).unwrap_or(u64::MAX);
        state.answer = Some(Answer {
            result,
            request_frame: mark.answers.unwrap_or(request.number),
            duration_micros: mark.duration_micros.unwrap_or_else(elapsed),
        });
    }
}

/// What the SDK gets to see of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sight {
    /// All of it, typed: the transport of HTTP reads tool lists for its headers.
    Full,
    /// Of results that are taken here, only that they came. Reading them a second time, as one of twenty types, costs
    /// more than all else.
    Arrival,
}

impl Desk {
    pub(super) fn new(recorder: Recorder, notices: Notices) -> Arc<Self> {
        Arc::new(Self { recorder, notices, state: Mutex::default() })
    }

    /// Records a message of the SDK, just before its bytes are sent.
    pub(super) fn outgoing(&self, message: &ClientJsonRpcMessage, bytes: &Bytes) {
        let JsonRpcMessage::Request(request) = message else {
            self.recorder.message(FrameWay::ToServer, bytes);
            return;
        };
        let id = json_text(&request.id);
        let slot = slot_of(message);
        let mut state = lock(&self.state);
        match &request.request {
            ClientRequest::InitializeRequest(_) | ClientRequest::DiscoverRequest(_) => state.hello = Some(id),
            request => {
                if let Some(slot) = slot {
                    let token = request.get_meta().get_progress_token();
                    state.expect(id, slot, token.map(|token| json_text(&token.0)));
                }
            }
        }
        drop(state);
        let mark = self.recorder.message(FrameWay::ToServer, bytes);
        if let Some(slot) = slot {
            lock(&slot.state).asked = Some((Instant::now(), mark));
        }
    }

    /// Records a message that someone wrote by hand, and notes its id as one that the SDK does not know.
    pub(super) fn outgoing_raw(&self, id: Option<String>, bytes: &Bytes) -> Mark {
        let mut state = lock(&self.state);
        if state.raw_ids.len() < MAX_RAW_IDS {
            state.raw_ids.extend(id);
        }
        drop(state);
        self.recorder.message(FrameWay::ToServer, bytes)
    }

    /// Records a frame of the server, takes what is awaited from it, and returns what the SDK is to see.
    pub(super) fn incoming(&self, bytes: &Bytes, sight: Sight) -> Vec<ServerJsonRpcMessage> {
        let message = Message::of(bytes);
        let mark = self.recorder.classified(FrameWay::ToClient, bytes, &message, None);
        if let Message::Malformed(_) = &message {
            self.note_garbage(bytes);
        }
        let text = std::str::from_utf8(bytes).unwrap_or_default().trim();
        let texts = match &message {
            Message::Batch(_) => parts(text),
            _ => vec![text],
        };
        let envelopes = message.envelopes().iter().zip(texts);
        envelopes.filter_map(|(envelope, text)| self.take(envelope, text, mark, sight)).collect()
    }

    fn take(
        &self,
        envelope: &Envelope<'_>,
        text: &str,
        mark: Mark,
        sight: Sight,
    ) -> Option<ServerJsonRpcMessage> {
        match envelope.kind() {
            Ok(FrameKind::Response | FrameKind::Error) => self.take_answer(envelope, text, mark, sight),
            Ok(FrameKind::Notification) => {
                self.take_notification(envelope);
                typed(text)
            }
            _ => typed(text),
        }
    }

    fn take_answer(
        &self,
        envelope: &Envelope<'_>,
        text: &str,
        mark: Mark,
        sight: Sight,
    ) -> Option<ServerJsonRpcMessage> {
        let Some(id) = envelope.id_text() else { return typed(text) };
        let mut state = lock(&self.state);
        if state.raw_ids.remove(&id) {
            return None;
        }
        let result = envelope.result.and_then(|result| serde_json::from_str::<Value>(result.get()).ok());
        if state.hello.as_deref() == Some(id.as_str()) {
            state.server = result;
            return typed(text).or_else(|| unreadable(&id, text));
        }
        let asked = state.calls.remove(&id);
        // To one that was given up an answer may still come: that is late, and not astray.
        if asked.is_none() {
            state.stray = Some(id.clone());
        }
        let slot = asked.and_then(|slot| slot.upgrade());
        drop(state);
        if let Some(slot) = &slot {
            lock(&slot.state).is_answered = true;
        }
        match (slot, result) {
            (Some(slot), Some(result)) => {
                slot.put(result, mark);
                if sight == Sight::Full { typed(text) } else { arrived(&id) }
            }
            _ => typed(text).or_else(|| unreadable(&id, text)),
        }
    }

    fn take_notification(&self, envelope: &Envelope<'_>) {
        let method = envelope.method().unwrap_or_default();
        let params = envelope.params.map_or("{}", RawValue::get);
        let notice = match method.as_str() {
            "notifications/progress" => self.progress(params),
            "notifications/message" => serde_json::from_str::<LogParams>(params).ok().map(LogParams::notice),
            "notifications/tools/list_changed" => Some(McpNotice::ToolsChanged),
            "notifications/resources/list_changed" => Some(McpNotice::ResourcesChanged),
            "notifications/prompts/list_changed" => Some(McpNotice::PromptsChanged),
            "notifications/resources/updated" => serde_json::from_str::<UpdatedParams>(params)
                .ok()
                .map(|params| McpNotice::ResourceUpdated { uri: params.uri }),
            _ => None,
        };
        if let Some(notice) = notice {
            (self.notices)(notice);
        }
    }

    fn progress(&self, params: &str) -> Option<McpNotice> {
        let params: ProgressParams<'_> = serde_json::from_str(params).ok()?;
        let ticket = lock(&self.state).tickets.get(params.progress_token.get()).copied()?;
        Some(McpNotice::Progress {
            ticket,
            progress: params.progress.get().to_owned(),
            total: params.total.map(|total| total.get().to_owned()),
            message: params.message,
        })
    }

    fn note_garbage(&self, bytes: &[u8]) {
        let mut state = lock(&self.state);
        if state.garbage.is_none() && !bytes.trim_ascii().is_empty() {
            state.garbage = Some(String::from_utf8_lossy(bytes).chars().take(SAMPLE_CHARS).collect());
        }
    }

    /// What the server said of itself, as it wrote it.
    pub(super) fn server(&self) -> Option<Value> {
        lock(&self.state).server.clone()
    }

    /// The first line that was no message.
    pub(super) fn garbage(&self) -> Option<String> {
        lock(&self.state).garbage.clone()
    }

    /// The last id of a response that nobody waited for.
    pub(super) fn stray(&self) -> Option<String> {
        lock(&self.state).stray.clone()
    }

    /// Notes what a single exchange failed with.
    pub(super) fn note_trouble(&self, trouble: &Failure, slot: Option<&Arc<Slot>>) {
        lock(&self.state).trouble = Some(trouble.clone());
        if let Some(slot) = slot {
            slot.fail(trouble.clone());
        }
    }

    pub(super) fn trouble(&self) -> Option<Failure> {
        lock(&self.state).trouble.clone()
    }

    /// Notes why nothing more will come. What is noted first counts.
    pub(super) fn note_ending(&self, ending: Failure) {
        lock(&self.state).ending.get_or_insert(ending);
    }

    pub(super) fn ending(&self) -> Option<Failure> {
        lock(&self.state).ending.clone()
    }
}

impl State {
    fn expect(&mut self, id: String, slot: &Arc<Slot>, token: Option<String>) {
        // Requests that were given up leave entries behind. They go whenever the table has doubled.
        if self.calls.len() == self.calls.capacity() {
            self.calls.retain(|_, slot| slot.strong_count() > 0);
        }
        self.calls.insert(id, Arc::downgrade(slot));
        if let (Some(token), Some(ticket)) = (token, slot.ticket) {
            self.tickets.insert(token, ticket);
        }
    }
}

impl Desk {
    /// Forgets the ticket of a call that is over.
    pub(super) fn forget(&self, ticket: Ticket) {
        lock(&self.state).tickets.retain(|_, other| *other != ticket);
    }
}

/// The slot that travels with a request.
pub(super) fn slot_of(message: &ClientJsonRpcMessage) -> Option<&Arc<Slot>> {
    match message {
        JsonRpcMessage::Request(request) => request.request.extensions().get::<Arc<Slot>>(),
        _ => None,
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ProgressParams<'a> {
    #[serde(borrow)]
    progress_token: &'a RawValue,
    #[serde(borrow)]
    progress: &'a RawValue,
    #[serde(borrow)]
    total: Option<&'a RawValue>,
    message: Option<String>,
}

#[derive(Deserialize)]
struct LogParams {
    level: String,
    logger: Option<String>,
    #[serde(default)]
    data: Value,
}

impl LogParams {
    fn notice(self) -> McpNotice {
        McpNotice::Log { level: self.level, logger: self.logger, data: self.data }
    }
}

#[derive(Deserialize)]
struct UpdatedParams {
    uri: String,
}

/// The messages in a batch, each as it stands.
fn parts(text: &str) -> Vec<&str> {
    let parts: Vec<&RawValue> = serde_json::from_str(text).unwrap_or_default();
    parts.into_iter().map(RawValue::get).collect()
}

fn typed(text: &str) -> Option<ServerJsonRpcMessage> {
    serde_json::from_str(text).ok()
}

/// Tells the SDK that the answer to a request came, which is all that it needs to know.
fn arrived(id: &str) -> Option<ServerJsonRpcMessage> {
    let id: RequestId = serde_json::from_str(id).ok()?;
    Some(JsonRpcMessage::response(ServerResult::CustomResult(CustomResult(Value::Null)), id))
}

/// Stands for an answer whose form is so wrong that the SDK would drop it and wait on.
fn unreadable(id: &str, text: &str) -> Option<ServerJsonRpcMessage> {
    let id: RequestId = serde_json::from_str(id).ok()?;
    let sample: String = text.chars().take(SAMPLE_CHARS).collect();
    let error = ErrorData::internal_error(format!("an answer of no known form: {sample}"), None);
    Some(JsonRpcMessage::error(error, Some(id)))
}

/// An id as its JSON text.
pub(super) fn json_text(id: &RequestId) -> String {
    serde_json::to_string(id).unwrap_or_default()
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
