//! Calls of the functions that an entry exports.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use jackfield_protocol::{CallId, CallOutcome};
use tokio::time::Instant;
use wasmtime::component::{Component, Type, Val, types::ComponentItem};

use super::{Entry, export, instances::Turns};
use crate::{
    HostError,
    calls::{Target, Waiting},
    function::{self, CallError, Callee},
    running::Context,
};

/// How many names of functions are remembered. There are several for each function.
const MAX_REMEMBERED: usize = 1000;

/// A function with the types of its values.
#[derive(Debug)]
pub(crate) struct Known {
    pub(crate) callee: Callee,
    pub(crate) full_name: String,
    pub(crate) params: Vec<(String, Type)>,
    pub(crate) results: Vec<Type>,
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
        args: &[String],
    ) -> Result<CallOutcome, HostError> {
        let known = self.known(function)?;
        let args = function::read_args(&known.callee, &known.params, args)?;
        let started = Instant::now();
        let target =
            Target { component: &self.component, function: &known.full_name, limit: self.time_limit };
        let waiting = Waiting::default();
        let work = self.run(context, call, &known, &args, &waiting);
        let results = context.calls.run(call, target, &context.shared.ticker, &waiting, work).await?;
        let duration_micros = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX);
        let result = function::write_result(&known.callee, &results)?;
        Ok(CallOutcome { call, function: known.full_name.clone(), result, duration_micros })
    }

    async fn run(
        self: &Arc<Self>,
        context: &Arc<Context>,
        call: CallId,
        known: &Known,
        args: &[Val],
        waiting: &Waiting,
    ) -> Result<Vec<Val>, HostError> {
        let mut lease = self.take(context, call, Turns::Taken, waiting).await?;
        let live = &mut lease.live;
        let Callee { interface, function } = &known.callee;
        let func = export(&mut live.store, live.instance, interface.as_deref(), &function.name)
            .ok_or_else(|| self.no_function(&known.full_name))?;
        let mut results = vec![Val::Bool(false); known.results.len()];
        match func.call_async(&mut live.store, args, &mut results).await {
            Ok(()) => {
                self.give_back(lease);
                Ok(results)
            }
            Err(error) => Err(self.failed(&error, &live.store, Some(&known.full_name))),
        }
    }

    /// The function that a caller means, which was looked up once.
    fn known(&self, function: &str) -> Result<Arc<Known>, HostError> {
        if let Some(known) = self.functions().get(function) {
            return Ok(Arc::clone(known));
        }
        let callee = function::find(&self.component, &self.info, function)?;
        let (params, results) = self
            .compiled
            .pre()
            .and_then(|pre| types(pre.component(), &callee))
            .ok_or_else(|| self.no_function(function))?;
        function::check_writable(&callee, params.iter().map(|(_, ty)| ty).chain(&results))?;
        let known = Arc::new(Known { full_name: callee.full_name(), callee, params, results });
        let mut functions = self.functions();
        if functions.len() < MAX_REMEMBERED {
            functions.insert(function.to_owned(), Arc::clone(&known));
        }
        Ok(known)
    }

    fn functions(&self) -> std::sync::MutexGuard<'_, HashMap<String, Arc<Known>>> {
        self.functions.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn no_function(&self, function: &str) -> CallError {
        CallError::NoFunction {
            component: self.component.clone(),
            function: function.to_owned(),
            known: Vec::new(),
        }
    }
}

type Types = (Vec<(String, Type)>, Vec<Type>);

/// The types of a function's parameters and results.
fn types(component: &Component, callee: &Callee) -> Option<Types> {
    let interface = match &callee.interface {
        Some(interface) => Some(component.get_export_index(None, interface.as_str())?),
        None => None,
    };
    let (item, _) = component.get_export(interface.as_ref(), callee.function.name.as_str())?;
    let ComponentItem::ComponentFunc(ty) = item else { return None };
    Some((ty.params().map(|(name, ty)| (name.to_owned(), ty)).collect(), ty.results().collect()))
}
