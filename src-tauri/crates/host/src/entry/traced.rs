//! Calls whose way through the components is told.

use std::sync::{
    Arc, Mutex, MutexGuard, PoisonError,
    atomic::{AtomicU64, Ordering},
};

use jackfield_component::value::Value;
use jackfield_protocol::{
    Argument, CallId, Cost, Outcome, ProbeLevel, Trace, TraceContext, TraceId, Unobserved,
};
use tokio::time::Instant;
use wasmtime::Store;

use super::{Entry, instances::Live};
use crate::{
    HostError,
    calls::Clock,
    observe::{Ended, Tracer},
    running::Context,
    store::State,
};

/// What is told of a call from outside.
pub(super) struct Beginning<'a, F> {
    pub(super) call: CallId,
    pub(super) clock: &'a Clock,
    pub(super) function: &'a str,
    /// At least so much is observed.
    pub(super) floor: ProbeLevel,
    pub(super) args: F,
    /// The trace that it belongs to, if its caller told one.
    pub(super) context: Option<TraceContext>,
}

/// The trace of a call that goes on.
#[derive(Clone)]
pub(super) struct Tracing {
    tracer: Arc<Mutex<Tracer>>,
    started: Instant,
    floor: ProbeLevel,
    /// What the store had when the call began.
    fuel: Arc<AtomicU64>,
    /// What its arguments and its result take, once it has returned.
    bytes: Arc<AtomicU64>,
}

/// What a trace became.
#[derive(Default)]
pub(crate) struct Told {
    pub(crate) id: Option<TraceId>,
    /// The trace itself, for who asked to observe this call.
    pub(crate) trace: Option<Trace>,
}

impl Entry {
    /// Begins the trace of a call, if it or a link below it is observed.
    pub(super) fn trace<F: FnOnce() -> Vec<Argument>>(
        &self,
        context: &Context,
        beginning: Beginning<'_, F>,
    ) -> Option<Tracing> {
        let Beginning { call, clock, function, floor, args, context: trace_context } = beginning;
        let level = self.site.level().max(floor);
        if level == ProbeLevel::Off && self.observed.is_empty() {
            return None;
        }
        let args = if level == ProbeLevel::Values { args() } else { Vec::new() };
        let tracer = self.tracer(context).of_call(
            call,
            clock.clone(),
            floor,
            (&self.component, function.to_owned()),
            args,
            trace_context,
        );
        Some(Tracing {
            tracer: Arc::new(Mutex::new(tracer)),
            started: Instant::now(),
            floor,
            fuel: Arc::default(),
            bytes: Arc::default(),
        })
    }

    /// What hears of a service's calls, if any of them are observed.
    pub(crate) fn service_tracer(&self, context: &Context) -> Option<Arc<Mutex<Tracer>>> {
        (!self.observed.is_empty()).then(|| Arc::new(Mutex::new(self.tracer(context))))
    }

    fn tracer(&self, context: &Context) -> Tracer {
        let observer = Arc::clone(&context.observer);
        let board = Arc::clone(context.probes.board());
        Tracer::of_service(board, observer, self.compiled.sites(), self.unobserved())
    }

    /// The links that calls go over without being seen, although they should be.
    fn unobserved(&self) -> &[Unobserved] {
        self.compiled.unobserved()
    }
}

impl Tracing {
    fn attach(&self, store: &mut Store<State>) {
        store.data_mut().trace_to(Some(Arc::clone(&self.tracer)));
        if let Ok(fuel) = store.get_fuel() {
            self.fuel.store(fuel, Ordering::Relaxed);
        }
    }

    fn tracer(&self) -> MutexGuard<'_, Tracer> {
        self.tracer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A call of a function is over.
    pub(super) fn end_call(
        &self,
        entry: &Entry,
        context: &Context,
        result: &Result<Option<Value>, HostError>,
    ) -> Told {
        let shows = entry.site.level().max(self.floor) == ProbeLevel::Values;
        let (outcome, text) = match result {
            Ok(value) => {
                let is_error = matches!(value, Some(Value::Result(Err(_))));
                let outcome = if is_error { Outcome::Error } else { Outcome::Ok };
                (outcome, value.as_ref().filter(|_| shows).map(Value::to_string))
            }
            Err(error) => (outcome_of(error), None),
        };
        self.end(entry, context, outcome, text)
    }

    /// The call is over.
    pub(super) fn end(
        &self,
        entry: &Entry,
        context: &Context,
        outcome: Outcome,
        result: Option<String>,
    ) -> Told {
        if entry.site.level() > ProbeLevel::Off {
            let duration = u64::try_from(self.started.elapsed().as_nanos()).unwrap_or(u64::MAX);
            let bytes = self.bytes.load(Ordering::Relaxed);
            entry.site.record(std::time::Instant::now(), duration, bytes);
            if !outcome.is_ok() {
                entry.site.error();
            }
        }
        let Some(trace) = self.tracer().finish(Ended { outcome, result }) else { return Told::default() };
        let kept = (self.floor > ProbeLevel::Off).then(|| trace.clone());
        let id = context.observer.traced(trace);
        Told { id: Some(id), trace: kept.map(|trace| Trace { id, ..trace }) }
    }

    /// The call has returned; so many bytes went in and out.
    pub(super) fn returned(&self, bytes: u64) {
        self.bytes.store(bytes, Ordering::Relaxed);
    }

    /// Lets a store tell what its components do from now on, and reads what that has cost when the result is dropped,
    /// be it because the call is given up.
    pub(super) fn meter<'a>(tracing: Option<&'a Self>, live: &'a mut Live) -> Metered<'a> {
        if let Some(tracing) = tracing {
            tracing.attach(&mut live.store);
        }
        Metered { live, tracing }
    }

    /// What the call has cost since then: the memory that its instance has, and the fuel that was used.
    fn cost(&self, store: &Store<State>) {
        let peak_memory_bytes = Some(store.data().limiter.memory_in_bytes());
        let before = self.fuel.load(Ordering::Relaxed);
        let fuel = store.get_fuel().ok().map(|left| before.saturating_sub(left));
        self.tracer().cost(Cost { peak_memory_bytes, fuel });
    }
}

/// An instance that works on a call.
pub(super) struct Metered<'a> {
    pub(super) live: &'a mut Live,
    tracing: Option<&'a Tracing>,
}

impl Drop for Metered<'_> {
    fn drop(&mut self) {
        if let Some(tracing) = self.tracing {
            tracing.cost(&self.live.store);
        }
    }
}

/// How a call ended that gave no result.
pub(super) fn outcome_of(error: &HostError) -> Outcome {
    match error {
        HostError::Failed { failure, .. } => {
            let mut message = failure.reason.clone();
            if let Some(limit) = &failure.limit {
                message = format!("{message}; {limit}");
            }
            Outcome::Trap { message, frames: failure.frames.clone() }
        }
        HostError::TimedOut { .. } | HostError::Busy { .. } => Outcome::TimedOut,
        HostError::Cancelled { .. } | HostError::Stopped => Outcome::Cancelled,
        other => Outcome::Trap { message: other.to_string(), frames: Vec::new() },
    }
}
