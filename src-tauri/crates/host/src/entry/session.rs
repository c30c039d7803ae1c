//! Sessions of calls: one instance that lives from the first call to the last, so that what a call
//! gave can be given to another, resources too.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use jackfield_component::value::Value;
use jackfield_protocol::{CallId, CallOutcome, ProbeLevel};
use tokio::{sync::Mutex, time::Instant};

use super::{
    Entry,
    call::{Known, outcome},
    instances::Live,
    traced::Tracing,
};
use crate::{
    HostError,
    calls::Waiting,
    function::{self, Args, CallError},
    running::Context,
    value::Handles,
};

/// A session of calls to one component. Calls in it take their turns. It goes on with the code that it
/// began with when the component's file changes, and ends when a call fails, or with the workload.
pub struct CallSession {
    entry: Arc<Entry>,
    context: Arc<Context>,
    /// None after a call that failed.
    held: Mutex<Option<Held>>,
    has_ended: AtomicBool,
}

/// What lives as long as a session.
struct Held {
    live: Live,
    handles: Handles,
}

/// What a session holds is out of its place. Whatever ends that before it is put back ends the session.
struct Ending<'a>(Option<&'a AtomicBool>);

impl Ending<'_> {
    fn put_back(mut self, held: Held, place: &mut Option<Held>) {
        self.0 = None;
        *place = Some(held);
    }
}

impl Drop for Ending<'_> {
    fn drop(&mut self) {
        if let Some(has_ended) = self.0 {
            has_ended.store(true, Ordering::Release);
        }
    }
}

impl CallSession {
    /// Makes the instance.
    pub(crate) async fn open(
        entry: Arc<Entry>,
        context: Arc<Context>,
        call: CallId,
    ) -> Result<Self, HostError> {
        let waiting = Waiting::default();
        let target = entry.session_target();
        let live = entry.live(&context, Some(call));
        let live = context.calls.run(call, target, context.shared.engines.ticker(), &waiting, live).await?;
        let held = Mutex::new(Some(Held { live, handles: Handles::default() }));
        Ok(Self { entry, context, held, has_ended: AtomicBool::new(false) })
    }

    /// Whether no call can be made in it any more: one failed, or was stopped while it went on. One that was stopped
    /// while it waited for its turn has ended nothing.
    pub fn has_ended(&self) -> bool {
        self.has_ended.load(Ordering::Acquire)
    }

    /// Calls a function, as [`Running::call`](crate::Running::call) does. Handles to resources that it
    /// gives are numbers, `#1` and so on, which later calls can be given. A handle that is given as
    /// `own<…>` is given away.
    ///
    /// # Errors
    /// As there, and if a handle is not this session's. Once the session has ended, always.
    pub async fn call(
        &self,
        call: CallId,
        function: &str,
        args: &[String],
    ) -> Result<CallOutcome, HostError> {
        let known = self.entry.known(function)?;
        function::check_writable(&known.callee, self.entry.signature(&known), true)?;
        let started = Instant::now();
        let waiting = Waiting::default();
        let context = &self.context;
        // Its handles are read where the session is held, so they are not told.
        let tracing = self.entry.trace_call(context, call, &waiting, &known, &[], ProbeLevel::Off);
        let work = self.run(call, &known, args, &waiting, tracing.as_ref());
        let target = self.entry.target(&known);
        let work = context.calls.run(call, target, context.shared.engines.ticker(), &waiting, work);
        let result = context.tasks.track_future(work).await;
        let told = tracing.map(|tracing| tracing.end_call(&self.entry, context, &result)).unwrap_or_default();
        let outcome = outcome(call, &known, result?.as_ref(), started);
        Ok(CallOutcome { trace: told.id, ..outcome })
    }

    async fn run(
        &self,
        call: CallId,
        known: &Known,
        args: &[String],
        waiting: &Waiting,
        tracing: Option<&Tracing>,
    ) -> Result<Option<Value>, HostError> {
        let mut place = waiting.for_instance(self.held.lock()).await;
        let held = place.as_mut().ok_or(CallError::SessionEnded)?;
        let args = self.entry.read_args(known, Args::Wave(args), &held.handles)?;
        if args.has_handles {
            let func = self.entry.func(&mut held.live, known)?;
            held.handles.check(func.ty(&held.live.store).params(), &args.vals)?;
        }
        // Out of its place while the guest runs: whatever ends that early leaves the place empty.
        let Some(mut held) = place.take() else { return Err(CallError::SessionEnded.into()) };
        let ending = Ending(Some(&self.has_ended));
        held.live.store.data_mut().begin_call(call);
        let results = self.entry.invoke(&mut held.live, known, &args.vals, tracing).await?;
        held.handles.give(&args.given_away, &known.full_name);
        let result = self.entry.read_result(known, results, &mut held.handles)?;
        ending.put_back(held, &mut place);
        Ok(result)
    }

    /// The handles that it holds, with what they stand for: `#1 (bucket)`.
    pub async fn handles(&self) -> Vec<String> {
        self.held.lock().await.as_ref().map(|held| held.handles.list()).unwrap_or_default()
    }

    /// Drops a handle, which runs the resource's destructor if it is an owned one.
    ///
    /// # Errors
    /// If there is no such handle, or the destructor fails or takes too long, which ends the session.
    pub async fn release(&self, call: CallId, handle: u64) -> Result<(), HostError> {
        let waiting = Waiting::default();
        let work = async {
            let mut place = waiting.for_instance(self.held.lock()).await;
            let Some(mut held) = place.take() else { return Err(CallError::SessionEnded.into()) };
            let resource = match held.handles.remove(handle) {
                Ok(resource) => resource,
                Err(error) => {
                    *place = Some(held);
                    return Err(error.into());
                }
            };
            let ending = Ending(Some(&self.has_ended));
            held.live.store.data_mut().begin_call(call);
            let dropped = resource.resource_drop_async(&mut held.live.store).await;
            dropped.map_err(|error| self.entry.failed(&error, &held.live.store, None))?;
            ending.put_back(held, &mut place);
            Ok(())
        };
        let context = &self.context;
        let target = self.entry.session_target();
        context.calls.run(call, target, context.shared.engines.ticker(), &waiting, work).await
    }
}

impl fmt::Debug for CallSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallSession").field("component", self.entry.component()).finish_non_exhaustive()
    }
}
