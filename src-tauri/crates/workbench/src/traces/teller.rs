//! Tells of traces, but not more often than a reader can follow, and with nothing running while none come.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use jackfield_protocol::{Event, TraceSummary};
use tokio::runtime::Handle;

use crate::events::Hub;

/// How often traces are told of at most.
const EVERY: Duration = Duration::from_millis(200);
/// How many are told of at once; of more the newest.
const MAX_TOLD: usize = 200;

/// See the module.
pub(super) struct Teller {
    hub: Arc<Hub>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    pending: VecDeque<TraceSummary>,
    /// Whether what is pending will be told without anything more being done.
    is_scheduled: bool,
    told_at: Option<Instant>,
}

impl Teller {
    pub(super) fn new(hub: Arc<Hub>) -> Self {
        Self { hub, state: Mutex::default() }
    }

    /// Tells of a trace: at once if that has not been done for a while, else with others a moment later.
    pub(super) fn add(self: &Arc<Self>, summary: impl FnOnce() -> TraceSummary) {
        let mut state = self.lock();
        if state.pending.len() >= MAX_TOLD {
            state.pending.pop_front();
        }
        state.pending.push_back(summary());
        if state.is_scheduled {
            return;
        }
        let wait = state.told_at.map_or(Duration::ZERO, |at| EVERY.saturating_sub(at.elapsed()));
        if wait.is_zero() {
            self.tell(&mut state);
        } else {
            state.is_scheduled = true;
            drop(state);
            self.schedule(wait);
        }
    }

    fn schedule(self: &Arc<Self>, wait: Duration) {
        let later = Arc::clone(self);
        if let Ok(runtime) = Handle::try_current() {
            runtime.spawn(async move {
                tokio::time::sleep(wait).await;
                later.tell(&mut later.lock());
            });
            return;
        }
        let sleeping = move || {
            thread::sleep(wait);
            later.tell(&mut later.lock());
        };
        if thread::Builder::new().spawn(sleeping).is_err() {
            self.tell(&mut self.lock());
        }
    }

    fn tell(&self, state: &mut State) {
        state.is_scheduled = false;
        state.told_at = Some(Instant::now());
        let summaries: Vec<_> = state.pending.drain(..).collect();
        if !summaries.is_empty() {
            self.hub.announce(Event::Traced(summaries));
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
