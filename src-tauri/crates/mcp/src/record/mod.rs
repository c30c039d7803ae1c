//! The recorder: every frame of a conversation, taken at the bytes.
//!
//! It sits below the SDK, because the SDK's typed messages lose unknown fields and it drops lines that it
//! cannot read; and those are what someone who looks for a fault needs to see. A [`Recorder`] is told what
//! went by and numbers, times, classifies and pairs it; the bytes go to the session's file as they are.
//!
//! What always holds:
//! - Frames are numbered from 1 without gaps, in the order in which they were told, and their times never
//!   decrease.
//! - Nothing is lost and nothing is changed. The file is written by a thread of its own behind a queue that
//!   is bounded in bytes; when the disk falls so far behind that the queue is full, whoever tells the next
//!   frame waits. That is chosen over a spill file or a count of what was dropped, because a session with
//!   holes misleads its reader, and a disk that cannot take the traffic of one conversation is rare.
//! - Sinks are called by that thread, in order, after the frame is in the file. So a slow sink slows no
//!   traffic until the queue is full, and whoever hears of a frame can read it.

mod classify;
mod lines;
mod pairing;
mod queue;
mod sse;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use bytes::Bytes;
use jackfield_protocol::{Frame, FrameKind, FrameWay, SessionId};

pub(crate) use classify::{Envelope, Message};
pub use lines::{Line, LineSplitter};
use pairing::{Answered, Pairing};
pub(crate) use queue::{Entry, Queue};
pub use sse::{SseEvent, SseSplitter};

/// The longest frame that is taken unless something else is said: 64 MiB.
pub const MAX_FRAME_BYTES: usize = 64 << 20;

/// Hears of every frame of a session, without its bytes, once it is in the file.
pub trait FrameSink: Send + Sync {
    /// Takes a frame. Called by the session's writing thread, in the order of the numbers.
    fn frame(&self, frame: &Frame);
}

impl<F: Fn(&Frame) + Send + Sync> FrameSink for F {
    fn frame(&self, frame: &Frame) {
        self(frame);
    }
}

/// What the recorder made of a frame, for whoever told it. All zero when recording is off.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Mark {
    /// The frame's number.
    pub number: u64,
    /// The frame of the request that it answers.
    pub answers: Option<u64>,
    /// From that request to this frame: microseconds.
    pub duration_micros: Option<u64>,
}

/// Takes the frames of one session. Cheap to clone; all clones record into the same session, which ends
/// when the last of them is gone or [`Recorder::finish`] is called.
#[derive(Clone, Default)]
pub struct Recorder {
    inner: Option<Arc<Inner>>,
    /// Responses answer requests that were told with the same number.
    exchange: u64,
}

struct Inner {
    session: SessionId,
    started: Instant,
    state: Mutex<State>,
    queue: Arc<Queue>,
}

struct State {
    last_number: u64,
    last_micros: u64,
    pairing: Pairing,
}

/// All that is told of a frame besides its bytes.
struct Told<'a> {
    way: FrameWay,
    message: Option<&'a Message<'a>>,
    kind: FrameKind,
    subject: Option<String>,
    problem: Option<String>,
}

impl Recorder {
    /// A recorder that keeps nothing.
    #[must_use]
    pub fn off() -> Self {
        Self::default()
    }

    pub(crate) fn new(session: SessionId, started: Instant, queue: Arc<Queue>) -> Self {
        let state = State { last_number: 0, last_micros: 0, pairing: Pairing::default() };
        let inner = Inner { session, started, state: Mutex::new(state), queue };
        Self { inner: Some(Arc::new(inner)), exchange: 0 }
    }

    /// Records into the same session what stands apart from all else in it, as the exchanges of several clients
    /// do that share no conversation: their ids mean nothing to each other. `number` is that of the exchange, from 1.
    #[must_use]
    pub fn for_exchange(&self, number: u64) -> Self {
        Self { inner: self.inner.clone(), exchange: number }
    }

    /// Whether it keeps what it is told.
    #[must_use]
    pub fn is_on(&self) -> bool {
        self.inner.is_some()
    }

    /// The session that it records, unless it is off.
    #[must_use]
    pub fn session(&self) -> Option<&SessionId> {
        self.inner.as_ref().map(|inner| &inner.session)
    }

    /// Takes a frame that should be a message: a line, the body of a POST, the data of an event.
    pub fn message(&self, way: FrameWay, bytes: &Bytes) -> Mark {
        if !self.is_on() {
            return Mark::default();
        }
        self.classified(way, bytes, &Message::of(bytes), None)
    }

    /// The same for a frame that was cut or that broke off, with what is wrong with it.
    pub fn broken(&self, way: FrameWay, bytes: &Bytes, problem: impl Into<String>) -> Mark {
        let problem = Some(problem.into());
        self.push(Told { way, message: None, kind: FrameKind::Malformed, subject: None, problem }, bytes)
    }

    /// The same as [`Recorder::message`] for whoever has looked into the bytes already.
    pub(crate) fn classified(
        &self,
        way: FrameWay,
        bytes: &Bytes,
        message: &Message<'_>,
        problem: Option<String>,
    ) -> Mark {
        let told = Told { way, message: Some(message), kind: message.kind(), subject: None, problem };
        self.push(told, bytes)
    }

    /// Takes a line of a server's standard error.
    pub fn stderr(&self, line: &Bytes) -> Mark {
        let (way, kind) = (FrameWay::ToClient, FrameKind::Stderr);
        self.push(Told { way, message: None, kind, subject: None, problem: None }, line)
    }

    /// Takes something of the transport: an HTTP status with its body, a process that ended.
    pub fn transport(
        &self,
        way: FrameWay,
        subject: impl Into<String>,
        problem: Option<String>,
        bytes: &Bytes,
    ) -> Mark {
        let (kind, subject) = (FrameKind::Transport, Some(subject.into()));
        self.push(Told { way, message: None, kind, subject, problem }, bytes)
    }

    /// Takes an event of a stream: its message, or, where it carries none, the event as it came. That is no mistake:
    /// streams have events of their own.
    pub fn event(&self, way: FrameWay, event: &SseEvent) -> Mark {
        if let Some(message) = event.message() {
            return self.message(way, message);
        }
        let (kind, subject) = (FrameKind::Event, Some(event.purpose()));
        self.push(Told { way, message: None, kind, subject, problem: None }, &event.raw)
    }

    /// Waits until all that was told so far is in the file. Blocks the thread.
    pub fn flush(&self) {
        if let Some(inner) = &self.inner {
            inner.queue.wait_until_written();
        }
    }

    /// Ends the session: waits until everything is in the file, which then counts as complete. What is
    /// told later is dropped. Blocks the thread.
    pub fn finish(&self) {
        if let Some(inner) = &self.inner {
            inner.queue.close();
            inner.queue.wait_until_done();
        }
    }

    /// What keeps frames from being written: a full disk, for example.
    #[must_use]
    pub fn problem(&self) -> Option<String> {
        self.inner.as_ref().and_then(|inner| inner.queue.problem())
    }

    fn push(&self, told: Told<'_>, bytes: &Bytes) -> Mark {
        let Some(inner) = &self.inner else { return Mark::default() };
        // The lock is held until the frame is queued: the file's order is that of the numbers.
        let mut state = inner.state.lock().unwrap_or_else(PoisonError::into_inner);
        let frame = state.frame(inner, (self.exchange, told), bytes.len());
        let mark =
            Mark { number: frame.number, answers: frame.answers, duration_micros: frame.duration_micros };
        inner.queue.push(Entry { frame, bytes: bytes.clone() });
        mark
    }
}

impl State {
    fn frame(&mut self, inner: &Inner, (exchange, told): (u64, Told<'_>), size: usize) -> Frame {
        self.last_number += 1;
        let elapsed = u64::try_from(inner.started.elapsed().as_micros()).unwrap_or(u64::MAX);
        self.last_micros = self.last_micros.max(elapsed);
        let mut frame = Frame {
            session: inner.session.clone(),
            number: self.last_number,
            time_micros: self.last_micros,
            way: told.way,
            kind: told.kind,
            id: None,
            method: None,
            subject: told.subject,
            size_in_bytes: u64::try_from(size).unwrap_or(u64::MAX),
            answers: None,
            duration_micros: None,
            call: None,
            problem: told.problem,
        };
        if let Some(message) = told.message {
            self.describe(&mut frame, exchange, message);
        }
        frame
    }

    /// Fills in what the message itself says, and what it has to do with those before it.
    fn describe(&mut self, frame: &mut Frame, exchange: u64, message: &Message<'_>) {
        frame.id = message.id();
        frame.method = message.method();
        frame.subject = message.subject();
        frame.call = message.call();
        let paired = self.pairing.pair(frame, exchange, message);
        frame.problem = frame.problem.take().or_else(|| message.problem()).or(paired.problem);
        if let Some(Answered { number, micros, method, subject }) = paired.answered {
            frame.answers = Some(number);
            frame.duration_micros = Some(frame.time_micros.saturating_sub(micros));
            frame.method = frame.method.take().or(method);
            frame.subject = frame.subject.take().or(subject);
        }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.queue.close();
    }
}
