//! How long instances live: the policies `fresh`, `pool` and `reuse`.
//!
//! The policy is that of the entry's own component; what it reaches lives in the same instance. What
//! always holds: an instance takes one call at a time; it is used again only after a call that
//! returned, never after one that trapped, ran out of time or was cancelled.
//!
//! With `pool`, instances are made beside the calls only where making one takes long. Where it is a matter of
//! microseconds, whoever makes them and the calls would meet in the allocator, and both would take longer than a
//! call that makes its own; so there they are made as soon as no calls come.
//!
//! With `reuse`, calls of functions take their turns, so that all of them see one state. HTTP requests
//! do not wait for one another, because one may last as long as its client listens: where the
//! instance is busy, another is made, and kept.

use std::{
    collections::VecDeque,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use jackfield_protocol::CallId;
use tokio::sync::{Semaphore, SemaphorePermit};
use wasmtime::{Store, component::Instance};

use super::Entry;
use crate::{HostError, calls::Waiting, running::Context, store::State, workload::InstancePolicy};

/// Instances that are kept for further calls when requests came side by side.
const MAX_KEPT: usize = 16;

/// An instance that takes longer to make than this is worth to be made beside calls.
const LONG: Duration = Duration::from_micros(500);

/// Calls that have not come for so long are no stream of calls.
const QUIET: Duration = Duration::from_millis(2);

/// A store with the instance in it.
pub(crate) struct Live {
    pub(crate) store: Store<State>,
    pub(crate) instance: Instance,
    /// The calls that it has taken.
    calls: u32,
}

/// An instance, for one call.
pub(super) struct Lease<'a> {
    pub(super) live: Live,
    _turn: Option<SemaphorePermit<'a>>,
}

/// Whether a call may work beside others on the state of a component.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turns {
    /// One after the other.
    Taken,
    /// Side by side, each in an instance of its own.
    None,
}

/// The instances of an entry that no call has.
pub(super) struct Instances {
    policy: InstancePolicy,
    idle: Mutex<VecDeque<Live>>,
    turn: Semaphore,
    is_filling: AtomicBool,
    /// How many calls have come.
    calls: AtomicU64,
    /// Whether the last instance took long to make; also if none was made yet.
    is_slow: AtomicBool,
}

impl Instances {
    pub(super) fn new(policy: InstancePolicy) -> Self {
        Self {
            policy,
            idle: Mutex::default(),
            turn: Semaphore::new(1),
            is_filling: AtomicBool::new(false),
            calls: AtomicU64::new(0),
            is_slow: AtomicBool::new(true),
        }
    }

    fn idle(&self) -> MutexGuard<'_, VecDeque<Live>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many are to be ready.
    fn wanted(&self) -> usize {
        match self.policy {
            InstancePolicy::Pool { size } => size as usize,
            InstancePolicy::Fresh | InstancePolicy::Reuse { .. } => 0,
        }
    }

    fn is_full(&self) -> bool {
        self.idle().len() >= self.wanted()
    }

    fn calls(&self) -> u64 {
        self.calls.load(Ordering::Relaxed)
    }

    /// Waits until making an instance hinders no calls, and returns how many have come until then.
    async fn quiet(&self) -> u64 {
        let mut calls = self.calls();
        while !self.is_slow.load(Ordering::Relaxed) {
            tokio::time::sleep(QUIET).await;
            let before = std::mem::replace(&mut calls, self.calls());
            if calls == before {
                break;
            }
        }
        calls
    }
}

impl Entry {
    /// An instance for a call, as the policy says.
    pub(super) async fn take(
        self: &Arc<Self>,
        context: &Arc<Context>,
        call: CallId,
        turns: Turns,
        waiting: &Waiting,
    ) -> Result<Lease<'_>, HostError> {
        let is_reused = matches!(self.instances.policy, InstancePolicy::Reuse { .. });
        let turn = match turns {
            // Never closed.
            Turns::Taken if is_reused => waiting.for_instance(self.instances.turn.acquire()).await.ok(),
            _ => None,
        };
        let idle = self.instances.idle().pop_back();
        if self.instances.wanted() > 0 {
            self.instances.calls.fetch_add(1, Ordering::Relaxed);
            self.fill(context);
        }
        let live = match idle {
            Some(mut live) => {
                live.store.data_mut().begin_call(call);
                live
            }
            None => self.live(context, Some(call)).await?,
        };
        Ok(Lease { live, _turn: turn })
    }

    /// Takes an instance back after a call that returned.
    pub(super) fn give_back(&self, lease: Lease<'_>) {
        let Lease { mut live, _turn } = lease;
        let InstancePolicy::Reuse { max_calls } = self.instances.policy else { return };
        live.calls += 1;
        let mut idle = self.instances.idle();
        if live.calls < max_calls && idle.len() < MAX_KEPT {
            idle.push_back(live);
        }
    }

    /// A fresh store and instance.
    pub(super) async fn live(&self, context: &Context, call: Option<CallId>) -> Result<Live, HostError> {
        let (store, instance) = self.instantiate(&context.shared, &context.observer, call).await?;
        Ok(Live { store, instance, calls: 0 })
    }

    /// Sees to it that as many instances are ready as the policy says, without being waited for. Where
    /// one cannot be made, the next call makes its own and hears why.
    pub(crate) fn fill(self: &Arc<Self>, context: &Arc<Context>) {
        let instances = &self.instances;
        if instances.is_full() || instances.is_filling.swap(true, Ordering::AcqRel) {
            return;
        }
        let (entry, context) = (Arc::clone(self), Arc::clone(context));
        let tasks = context.tasks.clone();
        tasks.spawn(async move {
            let filling = async {
                let instances = &entry.instances;
                while !instances.is_full() {
                    let calls = instances.quiet().await;
                    while !instances.is_full() && instances.calls() == calls {
                        let Some(live) = entry.ready(&context).await else { return };
                        instances.idle().push_front(live);
                    }
                }
            };
            context.stop.run_until_cancelled(filling).await;
            entry.instances.is_filling.store(false, Ordering::Release);
        });
    }

    /// An instance that waits for a call.
    async fn ready(&self, context: &Context) -> Option<Live> {
        let started = Instant::now();
        let live = context.shared.engines.ticker().drive(self.live(context, None));
        let live = tokio::time::timeout(self.time_limit, live).await;
        self.instances.is_slow.store(started.elapsed() >= LONG, Ordering::Relaxed);
        live.ok()?.ok()
    }
}
