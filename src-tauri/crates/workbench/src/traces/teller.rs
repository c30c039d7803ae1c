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

#[cfg(test)]
mod tests {
    use jackfield_protocol::{Outcome, SharedText, TraceId};

    use super::*;
    use crate::Subscription;

    fn summary(id: u64) -> TraceSummary {
        TraceSummary {
            id: TraceId(id),
            workload: None,
            workload_name: String::new(),
            call: None,
            start_unix_micros: 0,
            provider: None,
            function: SharedText::default(),
            duration_nanos: None,
            outcome: Outcome::Ok,
            span_count: 1,
        }
    }

    fn heard(events: &mut Subscription) -> Vec<Vec<u64>> {
        let next = || match events.try_next()? {
            Event::Traced(traces) => Some(traces.iter().map(|trace| trace.id.0).collect()),
            other => panic!("{other:?}"),
        };
        std::iter::from_fn(next).collect()
    }

    fn tell_a_thousand() -> (Arc<Teller>, Subscription) {
        let hub = Arc::new(Hub::new());
        let events = hub.subscribe();
        let teller = Arc::new(Teller::new(hub));
        (1..=1000).for_each(|id| teller.add(|| summary(id)));
        (teller, events)
    }

    #[tokio::test]
    async fn the_first_is_told_at_once_and_of_many_the_newest_a_moment_later() {
        let (teller, mut events) = tell_a_thousand();
        assert_eq!(heard(&mut events), [vec![1]]);
        tokio::time::sleep(EVERY * 2).await;
        let newest: Vec<u64> = (801..=1000).collect();
        assert_eq!(heard(&mut events), [newest]);
        tokio::time::sleep(EVERY * 10).await;
        assert!(heard(&mut events).is_empty() && !teller.lock().is_scheduled, "nothing runs while none come");
    }

    #[test]
    fn threads_without_a_runtime_tell_as_well() {
        let (_teller, mut events) = tell_a_thousand();
        assert_eq!(heard(&mut events), [vec![1]]);
        thread::sleep(EVERY * 3);
        assert_eq!(heard(&mut events).concat().last(), Some(&1000));
    }
}
