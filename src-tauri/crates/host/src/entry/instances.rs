//! How long instances live: the policies `fresh`, `pool` and `reuse`.
//!
//! The policy is that of the entry's own component; what it reaches lives in the same instance. What
//! always holds: an instance takes one call at a time; it is used again only after a call that
//! returned, never after one that trapped, ran out of time or was cancelled.
//!
//! With `reuse`, calls of functions take their turns, so that all of them see one state. HTTP requests
//! do not wait for one another, because one may last as long as its client listens: where the
//! instance is busy, another is made, and kept.

use std::{
    collections::VecDeque,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use jackfield_protocol::CallId;
use tokio::sync::{Semaphore, SemaphorePermit};
use wasmtime::{Store, component::Instance};

use super::Entry;
use crate::{HostError, calls::Waiting, running::Context, store::State, workload::InstancePolicy};

/// Instances that are kept for further calls when requests came side by side.
const MAX_KEPT: usize = 16;

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
}

impl Instances {
    pub(super) fn new(policy: InstancePolicy) -> Self {
        Self { policy, idle: Mutex::default(), turn: Semaphore::new(1), is_filling: AtomicBool::new(false) }
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

    /// Whether so few are ready that it is time to make more: not after each call, because several together take
    /// less time, and calls do not meet those that make them.
    fn is_low(&self) -> bool {
        self.idle().len() < self.wanted().div_ceil(2)
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
        self.fill(context);
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
        if !instances.is_low() || instances.is_filling.swap(true, Ordering::AcqRel) {
            return;
        }
        let (entry, context) = (Arc::clone(self), Arc::clone(context));
        let tasks = context.tasks.clone();
        tasks.spawn(async move {
            let filling = async {
                while !entry.instances.is_full() {
                    let live = context.shared.engines.ticker().drive(entry.live(&context, None));
                    match tokio::time::timeout(entry.time_limit, live).await {
                        Ok(Ok(live)) => entry.instances.idle().push_front(live),
                        Ok(Err(_)) | Err(_) => break,
                    }
                }
            };
            context.stop.run_until_cancelled(filling).await;
            entry.instances.is_filling.store(false, Ordering::Release);
        });
    }
}
