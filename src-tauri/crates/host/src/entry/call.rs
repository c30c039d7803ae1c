//! Calls of the functions that an entry exports.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use jackfield_component::{Signature, value::Value};
use jackfield_protocol::{CallId, CallOutcome, FunctionTypes, ProbeLevel};
use tokio::time::Instant;
use wasmtime::component::{Func, Val};

use super::{
    Entry, export,
    instances::{Live, Turns},
    traced::{Beginning, Told, Tracing},
};
use crate::{
    HostError,
    calls::{Target, Waiting},
    failure::Failure,
    function::{self, Args, CallError, Callee},
    observe::{arguments, size},
    running::Context,
    value::{FromGuest, Handles, ToGuest},
};

/// How many names of functions are remembered. There are several for each function.
const MAX_REMEMBERED: usize = 1000;

/// A function with the types of its values.
#[derive(Debug)]
pub(super) struct Known {
    pub(super) callee: Callee,
    pub(super) full_name: String,
    types: FunctionTypes,
    /// Whether all of its values can be written down, and none is a handle.
    is_callable: bool,
}

/// The arguments of a call.
pub(super) struct Given {
    pub(super) vals: Vec<Val>,
    /// Whether there are handles among them.
    pub(super) has_handles: bool,
    /// The handles that are the callee's from then on.
    pub(super) given_away: Vec<u64>,
}

/// The functions that were called, by the names that callers gave them.
#[derive(Debug, Default)]
pub(super) struct Functions(Mutex<HashMap<String, Arc<Known>>>);

impl Entry {
    /// Calls a function in an instance that the component's policy chooses.
    pub(crate) async fn call(
        self: &Arc<Self>,
        context: &Arc<Context>,
        call: CallId,
        function: &str,
        args: Args<'_>,
        floor: ProbeLevel,
    ) -> (Result<(CallOutcome, Option<Value>), HostError>, Told) {
        let (known, args, mut handles) = match self.begin(function, args) {
            Ok(begun) => begun,
            Err(error) => return (Err(error), Told::default()),
        };
        let started = Instant::now();
        let waiting = Waiting::default();
        let tracing = self.trace_call(context, call, &waiting, &known, &args, floor);
        // On the heap, because it is large and goes through many hands.
        let work = Box::pin(self.run(context, call, &known, &args, &waiting, tracing.as_ref()));
        let target = self.target(&known);
        let results = context.calls.run(call, target, context.shared.engines.ticker(), &waiting, work).await;
        let result = results.and_then(|results| self.read_result(&known, results, &mut handles));
        let told = tracing.map(|tracing| tracing.end_call(self, context, &result)).unwrap_or_default();
        let result = result.map(|value| {
            let outcome = outcome(call, &known, value.as_ref(), started);
            (CallOutcome { trace: told.id, ..outcome }, value)
        });
        (result, told)
    }

    /// Begins the trace of a call of a function, if it is observed.
    pub(super) fn trace_call(
        &self,
        context: &Context,
        call: CallId,
        waiting: &Waiting,
        known: &Known,
        args: &[Val],
        floor: ProbeLevel,
    ) -> Option<Tracing> {
        let names = || known.callee.function.params.iter().map(|param| param.name.as_str().into());
        let args = || arguments(&names().collect::<Vec<_>>(), args);
        let (clock, function) = (&waiting.clock, known.full_name.as_str());
        self.trace(context, Beginning { call, clock, function, floor, args, context: None })
    }

    /// The function that is meant, and the arguments as it takes them.
    pub(super) fn begin(
        &self,
        function: &str,
        args: Args<'_>,
    ) -> Result<(Arc<Known>, Vec<Val>, Handles), HostError> {
        let known = self.known(function)?;
        if !known.is_callable {
            function::check_writable(&known.callee, self.signature(&known), false)?;
        }
        let handles = Handles::default();
        let args = self.read_args(&known, args, &handles)?.vals;
        Ok((known, args, handles))
    }

    async fn run(
        self: &Arc<Self>,
        context: &Arc<Context>,
        call: CallId,
        known: &Known,
        args: &[Val],
        waiting: &Waiting,
        tracing: Option<&Tracing>,
    ) -> Result<Vec<Val>, HostError> {
        let mut lease = self.take(context, call, Turns::Taken, waiting).await?;
        let results = self.invoke(&mut lease.live, known, args, tracing).await?;
        self.give_back(lease);
        Ok(results)
    }

    /// Calls a function in an instance. After an error the instance is of no use any more.
    pub(super) async fn invoke(
        &self,
        live: &mut Live,
        known: &Known,
        args: &[Val],
        tracing: Option<&Tracing>,
    ) -> Result<Vec<Val>, HostError> {
        let metered = Tracing::meter(tracing, live);
        let live = &mut *metered.live;
        let func = self.func(live, known)?;
        let mut results = vec![Val::Bool(false); usize::from(known.types.result.is_some())];
        let called = func.call_async(&mut live.store, args, &mut results).await;
        called.map_err(|error| self.failed(&error, &live.store, Some(&known.full_name)))?;
        if let Some(tracing) = tracing.filter(|_| self.site.level() > ProbeLevel::Off) {
            tracing.returned(size::of_call(self.signature(known), args, results.first()));
        }
        Ok(results)
    }

    /// The function in an instance.
    pub(super) fn func(&self, live: &mut Live, known: &Known) -> Result<Func, CallError> {
        let Callee { interface, function, .. } = &known.callee;
        let func = export(&mut live.store, live.instance, interface.as_deref(), &function.name);
        func.ok_or_else(|| self.no_function(&known.full_name))
    }

    /// The function that a caller means, which is looked up once.
    pub(super) fn known(&self, function: &str) -> Result<Arc<Known>, CallError> {
        if let Some(known) = self.functions().get(function) {
            return Ok(Arc::clone(known));
        }
        let callee = function::find(&self.component, self.source.info(), function)?;
        let signature = self.source.signature(&callee.port, &callee.function);
        let signature = signature.ok_or_else(|| self.no_function(function))?;
        let is_callable = signature.check_callable().is_ok();
        let types = signature.function.clone();
        let known = Arc::new(Known { full_name: callee.full_name(), callee, types, is_callable });
        let mut functions = self.functions();
        if functions.len() < MAX_REMEMBERED {
            functions.insert(function.to_owned(), Arc::clone(&known));
        }
        Ok(known)
    }

    fn functions(&self) -> MutexGuard<'_, HashMap<String, Arc<Known>>> {
        self.functions.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn signature<'a>(&'a self, known: &'a Known) -> Signature<'a> {
        Signature { types: self.source.types(), function: &known.types }
    }

    pub(super) fn target<'a>(&'a self, known: &'a Known) -> Target<'a> {
        Target { component: &self.component, function: &known.full_name, limit: self.time_limit }
    }

    /// The arguments as Wasmtime has them.
    pub(super) fn read_args(
        &self,
        known: &Known,
        args: Args<'_>,
        handles: &Handles,
    ) -> Result<Given, CallError> {
        let signature = self.signature(known);
        let values = function::read_args(&known.callee, signature, args)?;
        let mut to_guest = ToGuest::new(signature.types, handles);
        let params = known.types.params.iter().zip(values);
        let vals: Result<_, _> = params.map(|(param, value)| to_guest.value(param.ty, value)).collect();
        Ok(Given { vals: vals?, has_handles: to_guest.has_handles(), given_away: to_guest.given })
    }

    pub(super) fn read_result(
        &self,
        known: &Known,
        results: Vec<Val>,
        handles: &mut Handles,
    ) -> Result<Option<Value>, HostError> {
        let (Some(ty), Some(result)) = (known.types.result, results.into_iter().next()) else {
            return Ok(None);
        };
        let mut from_guest = FromGuest { types: self.source.types(), handles };
        // The types were looked at before the call.
        let value = from_guest.value(ty, result).ok_or_else(|| HostError::Failed {
            component: self.component.clone(),
            failure: Failure::new("its result cannot be written down").during(Some(&known.full_name)),
        })?;
        Ok(Some(value))
    }

    fn no_function(&self, function: &str) -> CallError {
        CallError::NoFunction {
            component: self.component.clone(),
            function: function.to_owned(),
            known: Vec::new(),
        }
    }
}

pub(super) fn outcome(call: CallId, known: &Known, result: Option<&Value>, started: Instant) -> CallOutcome {
    CallOutcome {
        call,
        function: known.full_name.clone(),
        result: result.map(Value::to_string),
        duration_micros: u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX),
        trace: None,
    }
}
