//! The way from whoever has a trace to the thread that writes it. Whoever has it never waits: what there is no room
//! for is counted at its place.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use jackfield_protocol::Trace;

use crate::weight_in_bytes;

/// How many bytes of traces may wait. One is always taken, whatever its size.
const MAX_WAITING_BYTES: usize = 32 << 20;

/// What waits.
#[derive(Debug)]
pub(super) enum Item {
    Trace(Arc<Trace>),
    /// So many traces had no room.
    Lost(u64),
}

/// The queue. See the module.
#[derive(Debug, Default)]
pub(super) struct Queue {
    state: Mutex<State>,
    /// There is something to take, or nothing will come any more.
    filled: Condvar,
    /// Something was written, or nothing will be any more.
    drained: Condvar,
}

#[derive(Debug, Default)]
struct State {
    items: VecDeque<Item>,
    weight_in_bytes: usize,
    is_closed: bool,
    /// Whether the writer has what it took still before it.
    is_writing: bool,
    is_done: bool,
}

impl Queue {
    /// Appends, or counts as lost. Never waits.
    pub(super) fn push(&self, trace: Arc<Trace>) {
        let weight = weight_in_bytes(&trace);
        let mut state = self.lock();
        if state.is_closed || state.is_done {
            return;
        }
        let was_empty = state.items.is_empty();
        if state.weight_in_bytes == 0 || state.weight_in_bytes + weight <= MAX_WAITING_BYTES {
            state.weight_in_bytes += weight;
            state.items.push_back(Item::Trace(trace));
        } else if let Some(Item::Lost(count)) = state.items.back_mut() {
            *count += 1;
        } else {
            state.items.push_back(Item::Lost(1));
        }
        drop(state);
        if was_empty {
            self.filled.notify_one();
        }
    }

    /// Everything that waits; nothing once it is closed and empty. Waits for one of the two.
    pub(super) fn take_all(&self) -> VecDeque<Item> {
        let mut state = self.lock();
        state.is_writing = false;
        self.drained.notify_all();
        while state.items.is_empty() && !state.is_closed {
            state = self.filled.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        state.weight_in_bytes = 0;
        state.is_writing = true;
        std::mem::take(&mut state.items)
    }

    /// Nothing will be pushed any more.
    pub(super) fn close(&self) {
        self.lock().is_closed = true;
        self.filled.notify_all();
    }

    /// Nothing will be written any more.
    pub(super) fn note_done(&self) {
        self.lock().is_done = true;
        self.drained.notify_all();
    }

    /// Waits until what was pushed before is written, or never will be.
    pub(super) fn wait_until_written(&self) {
        let mut state = self.lock();
        while !state.is_done && (state.is_writing || !state.items.is_empty()) {
            state = self.drained.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::trace;

    #[test]
    fn what_has_no_room_is_counted_at_its_place_and_nobody_waits() {
        let queue = Queue::default();
        let large = Arc::new(trace(20_000));
        let fitting = MAX_WAITING_BYTES / weight_in_bytes(&large);
        for _ in 0..fitting + 3 {
            queue.push(Arc::clone(&large));
        }
        let taken = queue.take_all();
        assert_eq!(taken.len(), fitting + 1);
        assert!(matches!(taken.back(), Some(Item::Lost(3))), "{:?}", taken.back().map(|_| "a trace"));
        queue.push(Arc::clone(&large));
        assert!(matches!(queue.take_all().front(), Some(Item::Trace(_))), "there is room again");
    }
}
