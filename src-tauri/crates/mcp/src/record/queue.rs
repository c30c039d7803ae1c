//! The way from whoever tells a frame to the thread that writes it: ordered, bounded in bytes, lossless.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, ThreadId};

use bytes::Bytes;
use jackfield_protocol::Frame;

/// How many bytes of frames may wait. One frame is always taken, whatever its size.
const MAX_WAITING_BYTES: usize = 64 << 20;

/// What a frame without bytes weighs.
const FRAME_WEIGHT: usize = 512;

/// A frame with its bytes.
pub(crate) struct Entry {
    pub(crate) frame: Frame,
    pub(crate) bytes: Bytes,
}

impl Entry {
    fn weight(&self) -> usize {
        self.bytes.len() + FRAME_WEIGHT
    }
}

/// The queue. See the module.
#[derive(Default)]
pub(crate) struct Queue {
    state: Mutex<State>,
    /// There is something to take, or nothing will come any more.
    filled: Condvar,
    /// There is room, or something was written.
    drained: Condvar,
}

#[derive(Default)]
struct State {
    entries: VecDeque<Entry>,
    weight: usize,
    pushed: u64,
    written: u64,
    is_closed: bool,
    is_done: bool,
    /// Who takes. It must not wait for itself, which a sink would make it do that reads its session.
    taker: Option<ThreadId>,
    problem: Option<String>,
}

impl Queue {
    /// Appends; waits while the queue is full. Nothing happens once the queue is closed.
    pub(crate) fn push(&self, entry: Entry) {
        let mut state = self.lock();
        while state.weight > MAX_WAITING_BYTES && !state.is_closed && !state.is_done {
            state = self.drained.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        if state.is_closed || state.is_done {
            return;
        }
        state.weight += entry.weight();
        state.pushed += 1;
        let was_empty = state.entries.is_empty();
        state.entries.push_back(entry);
        drop(state);
        if was_empty {
            self.filled.notify_one();
        }
    }

    /// Everything that waits, or nothing when it is closed and empty. Waits for one of the two.
    pub(crate) fn take_all(&self) -> VecDeque<Entry> {
        let mut state = self.lock();
        while state.entries.is_empty() && !state.is_closed {
            state = self.filled.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        state.weight = 0;
        state.taker = Some(thread::current().id());
        let taken = std::mem::take(&mut state.entries);
        drop(state);
        self.drained.notify_all();
        taken
    }

    /// Notes that so many entries are in the file, or that they cannot be.
    pub(crate) fn note_written(&self, count: usize, problem: Option<String>) {
        let mut state = self.lock();
        state.written += count as u64;
        state.problem = state.problem.take().or(problem);
        drop(state);
        self.drained.notify_all();
    }

    /// Nothing will be pushed any more.
    pub(crate) fn close(&self) {
        self.lock().is_closed = true;
        self.filled.notify_all();
        self.drained.notify_all();
    }

    /// Nothing will be written any more.
    pub(crate) fn note_done(&self) {
        self.lock().is_done = true;
        self.drained.notify_all();
    }

    pub(crate) fn wait_until_written(&self) {
        let mut state = self.lock();
        let goal = state.pushed;
        if state.taker == Some(thread::current().id()) {
            return;
        }
        while state.written < goal && !state.is_done {
            state = self.drained.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    pub(crate) fn wait_until_done(&self) {
        let mut state = self.lock();
        while !state.is_done {
            state = self.drained.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    pub(crate) fn problem(&self) -> Option<String> {
        self.lock().problem.clone()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
