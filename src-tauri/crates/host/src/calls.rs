//! The calls that a workload works on: how many, how long, and how one is cancelled.
//!
//! What always holds: a call ends with its time at the latest, also while it waits for its turn; and
//! whatever ends it, its place is free again.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU8, AtomicU64, Ordering},
    },
    time::Duration,
};

use jackfield_protocol::{CallId, ComponentName};
use tokio::{
    sync::{Notify, Semaphore},
    time::Instant,
};
use tokio_util::sync::CancellationToken;

use crate::{HostError, Line, observe::Tracer, ticker::Ticker};

/// A name for a call. Unique in the process, so that the logs of several workloads stay readable side by
/// side.
pub fn next_call() -> CallId {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    CallId(NEXT.fetch_add(1, Ordering::Relaxed))
}

/// What is called, and how long it may take.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Target<'a> {
    pub(crate) component: &'a ComponentName,
    pub(crate) function: &'a str,
    pub(crate) limit: Duration,
}

/// A call's time, which stands still while the call is held.
#[derive(Debug, Clone, Default)]
pub(crate) struct Clock(Arc<ClockState>);

#[derive(Debug, Default)]
struct ClockState {
    pauses: Mutex<Pauses>,
    changed: Notify,
}

#[derive(Debug, Default)]
struct Pauses {
    /// How many hold the call now: its parallel calls may be held side by side.
    now: u32,
    since: Option<Instant>,
    total: Duration,
}

impl Clock {
    /// Stops the clock until the result is dropped.
    pub(crate) fn pause(&self) -> Pause {
        let mut pauses = self.pauses();
        pauses.now += 1;
        pauses.since.get_or_insert_with(Instant::now);
        drop(pauses);
        self.0.changed.notify_waiters();
        Pause(self.clone())
    }

    /// Returns when the time is over.
    async fn run_out(&self, limit: Duration) {
        let Some(end) = Instant::now().checked_add(limit) else { return std::future::pending().await };
        loop {
            let mut changed = std::pin::pin!(self.0.changed.notified());
            // Before it is looked at, so that no change falls between.
            changed.as_mut().enable();
            let (is_paused, total) = {
                let pauses = self.pauses();
                (pauses.now > 0, pauses.total)
            };
            match end.checked_add(total).filter(|_| !is_paused) {
                None => changed.await,
                Some(end) => tokio::select! {
                    () = tokio::time::sleep_until(end) => return,
                    () = changed => {}
                },
            }
        }
    }

    fn pauses(&self) -> MutexGuard<'_, Pauses> {
        self.0.pauses.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A clock stands still.
#[derive(Debug)]
pub(crate) struct Pause(Clock);

impl Drop for Pause {
    fn drop(&mut self) {
        let mut pauses = self.0.pauses();
        pauses.now = pauses.now.saturating_sub(1);
        if pauses.now == 0
            && let Some(since) = pauses.since.take()
        {
            pauses.total = pauses.total.saturating_add(since.elapsed());
        }
        drop(pauses);
        self.0.0.changed.notify_waiters();
    }
}

/// What a call waits for before it begins; it tells when its time is over.
#[derive(Debug, Default)]
pub(crate) struct Waiting {
    what: AtomicU8,
    /// The time of the call.
    pub(crate) clock: Clock,
}

impl Waiting {
    const NOTHING: u8 = 0;
    const TURN: u8 = 1;
    const INSTANCE: u8 = 2;

    /// Waits for an instance that has other calls before this one.
    pub(crate) async fn for_instance<T>(&self, instance: impl Future<Output = T>) -> T {
        self.during(Self::INSTANCE, instance).await
    }

    async fn during<T>(&self, what: u8, work: impl Future<Output = T>) -> T {
        self.what.store(what, Ordering::Relaxed);
        let done = work.await;
        self.what.store(Self::NOTHING, Ordering::Relaxed);
        done
    }

    fn what(&self) -> Option<&'static str> {
        match self.what.load(Ordering::Relaxed) {
            Self::TURN => Some("other calls of the workload to end"),
            Self::INSTANCE => Some("its instance, which takes one call at a time"),
            _ => None,
        }
    }
}

/// The calls of one workload.
#[derive(Debug)]
pub(crate) struct Calls {
    turns: Semaphore,
    active: Mutex<HashMap<CallId, CancellationToken>>,
    stop: CancellationToken,
}

impl Calls {
    /// At most `at_once` calls at a time, and none once `stop` is cancelled.
    pub(crate) fn new(at_once: usize, stop: CancellationToken) -> Self {
        let turns = Semaphore::new(at_once.min(Semaphore::MAX_PERMITS));
        Self { turns, active: Mutex::default(), stop }
    }

    /// Cancels a call. False if there is none of that name.
    pub(crate) fn cancel(&self, call: CallId) -> bool {
        let token = self.active().remove(&call);
        token.inspect(CancellationToken::cancel).is_some()
    }

    /// Does the work of a call when it is its turn.
    ///
    /// # Errors
    /// Those of the work, and if it takes too long, is cancelled, or the workload is stopped.
    pub(crate) async fn run<T>(
        &self,
        call: CallId,
        target: Target<'_>,
        ticker: &Ticker,
        waiting: &Waiting,
        work: impl Future<Output = Result<T, HostError>>,
    ) -> Result<T, HostError> {
        let token = self.stop.child_token();
        let _active = Active::new(self, call, token.clone());
        let work = async {
            // Never closed.
            let _turn = waiting.during(Waiting::TURN, self.turns.acquire()).await;
            ticker.drive(work).await
        };
        let work = async {
            tokio::select! {
                biased;
                done = work => Some(done),
                () = waiting.clock.run_out(target.limit) => None,
            }
        };
        match token.run_until_cancelled(work).await {
            Some(Some(done)) => done,
            Some(None) => Err(out_of_time(target, waiting)),
            None if self.stop.is_cancelled() => Err(HostError::Stopped),
            None => Err(HostError::Cancelled {
                component: target.component.clone(),
                function: target.function.to_owned(),
            }),
        }
    }

    fn active(&self) -> MutexGuard<'_, HashMap<CallId, CancellationToken>> {
        self.active.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn out_of_time(target: Target<'_>, waiting: &Waiting) -> HostError {
    let (component, function) = (target.component.clone(), target.function.to_owned());
    let limit_millis = target.limit.as_millis();
    match waiting.what() {
        Some(what) => HostError::Busy { component, function, what, limit_millis },
        None => HostError::TimedOut { component, function, limit_millis },
    }
}

/// A call's entry in the list, for as long as the call goes on.
struct Active<'a> {
    calls: &'a Calls,
    call: CallId,
}

impl<'a> Active<'a> {
    fn new(calls: &'a Calls, call: CallId, token: CancellationToken) -> Self {
        calls.active().insert(call, token);
        Self { calls, call }
    }
}

impl Drop for Active<'_> {
    fn drop(&mut self) {
        self.calls.active().remove(&self.call);
    }
}

/// The call that a store works on now: an instance that is used again works on one after the other.
#[derive(Debug, Clone, Default)]
pub(crate) struct CurrentCall(Arc<Current>);

#[derive(Debug, Default)]
struct Current {
    call: AtomicU64,
    tracer: Mutex<Option<Arc<Mutex<Tracer>>>>,
}

impl CurrentCall {
    pub(crate) fn new(call: Option<CallId>) -> Self {
        let current = Self::default();
        if let Some(call) = call {
            current.set(call);
        }
        current
    }

    pub(crate) fn set(&self, call: CallId) {
        self.0.call.store(call.0, Ordering::Relaxed);
    }

    /// None for a service, which is no call.
    pub(crate) fn get(&self) -> Option<CallId> {
        match self.0.call.load(Ordering::Relaxed) {
            0 => None,
            id => Some(CallId(id)),
        }
    }

    /// Says who hears of what the store does from now on.
    pub(crate) fn trace_to(&self, tracer: Option<Arc<Mutex<Tracer>>>) {
        *self.0.tracer.lock().unwrap_or_else(PoisonError::into_inner) = tracer;
    }

    /// Puts a line into its place in the call's trace, if there is one.
    pub(crate) fn line(&self, line: &Line) {
        if let Some(tracer) = self.tracer() {
            tracer.lock().unwrap_or_else(PoisonError::into_inner).line(line);
        }
    }

    /// Who hears of what the store does.
    pub(crate) fn tracer(&self) -> Option<Arc<Mutex<Tracer>>> {
        self.0.tracer.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
