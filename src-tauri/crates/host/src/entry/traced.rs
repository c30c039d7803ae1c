//! Calls whose way through the components is told.

use std::sync::{Arc, Mutex, PoisonError};

use jackfield_component::value::Value;
use jackfield_protocol::{CallId, CallOutcome, Trace};
use tokio::time::Instant;

use super::{Entry, call::outcome};
use crate::{HostError, calls::Waiting, function::Args, probe::Tracer, running::Context};

impl Entry {
    /// Calls a function in a fresh instance, whatever the policy, and tells what happened below. The entry
    /// must have been prepared to be observed. Without a trace, the call did not begin.
    pub(crate) async fn call_traced(
        self: &Arc<Self>,
        context: &Arc<Context>,
        call: CallId,
        function: &str,
        args: Args<'_>,
    ) -> (Result<(CallOutcome, Option<Value>), HostError>, Option<Trace>) {
        let (known, args, mut handles) = match self.begin(function, args) {
            Ok(begun) => begun,
            Err(error) => return (Err(error), None),
        };
        let texts = args.iter().map(crate::probe::shown).collect();
        let tracer = Tracer::new(call, self.component.clone(), known.full_name.clone(), texts);
        let tracer = Arc::new(Mutex::new(tracer));
        let started = Instant::now();
        let waiting = Waiting::default();
        let told = Arc::clone(&tracer);
        let work = async {
            let mut live = self.live(context, Some(call)).await?;
            live.store.data_mut().tracer = Some(told);
            self.invoke(&mut live, &known, &args).await
        };
        let target = self.target(&known);
        let results = context.calls.run(call, target, &context.shared.ticker, &waiting, work).await;
        let result = results.and_then(|results| self.read_result(&known, results, &mut handles));
        let trace = {
            let mut tracer = tracer.lock().unwrap_or_else(PoisonError::into_inner);
            let text = result.as_ref().ok().map(|value| value.as_ref().map(Value::to_string));
            tracer.finish(text, self.compiled.unobserved())
        };
        (result.map(|value| (outcome(call, &known, value.as_ref(), started), value)), Some(trace))
    }
}
