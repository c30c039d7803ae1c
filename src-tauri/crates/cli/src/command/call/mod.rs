//! `jack call`: one call into a workload that runs for it alone.
//!
//! | module | what it is for |
//! |---|---|
//! | `callee` | which component and which function are meant |
//! | `words` | from the words behind them to a text for each parameter |
//! | `value` | from a text to a value of the parameter's type |

pub(crate) mod callee;
mod value;
mod words;

use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use jackfield_component::{Signature, value::result_from_wave};
use jackfield_protocol::{
    CallOutcome, Error, ErrorKind, Event, ExportedFunction, Functions, LogRecord, Request, Response, Ticket,
    Trace, WorkloadId, WorkloadView,
};
use jackfield_workbench::Workbench;
use tokio::time::sleep;

use super::observe::{self, Flow, HeldLines, Holds};
use super::{open, unexpected};
use crate::args::{CallArgs, Form};
use crate::asked::Asked;
use crate::failure::{Failure, code};
use crate::follow::Follower;
use crate::output::Output;
use crate::render;
use crate::render::functions::Place;
use crate::signals::Interrupts;
use words::Words;

/// There is one call.
const TICKET: Ticket = Ticket(1);
/// Between two attempts to end a call that was about to begin.
const AGAIN: Duration = Duration::from_millis(50);

/// What to call, and with what.
#[derive(Debug)]
struct Target {
    component: String,
    function: String,
    /// One value in WAVE for each parameter.
    args: Vec<String>,
    is_traced: bool,
}

/// What becomes of a call while it is made.
struct Watch<'a> {
    follower: Follower,
    log: render::log::Layout,
    lines: HeldLines,
    holds: Holds,
    /// By Ctrl-C.
    is_given_up: bool,
    output: &'a Output,
}

/// What came of a call.
struct Called {
    outcome: Result<CallOutcome, Error>,
    trace: Option<Trace>,
}

/// The outcome as JSON, with the whole trace in the place of its number.
fn traced(outcome: &CallOutcome, trace: &Trace) -> serde_json::Result<serde_json::Value> {
    let mut json = serde_json::to_value(outcome)?;
    if let Some(members) = json.as_object_mut() {
        members.insert("trace".to_owned(), serde_json::to_value(trace)?);
    }
    Ok(json)
}

pub(super) async fn run(
    workbench: &Workbench,
    call: &CallArgs,
    output: &mut Output,
) -> Result<ExitCode, Failure> {
    let events = workbench.subscribe();
    let view = open(workbench, &call.workload, output).await?;
    if call.function.is_some() && !call.explain && !view.plan.is_runnable() {
        // Nothing of it can be called; this says why.
        workbench.dispatch(Request::Start(view.id)).await?;
    }
    let functions = callee::functions(workbench, &view, &call.component).await?;
    let function = match &call.function {
        Some(wanted) => callee::find(&call.component, &functions, wanted)?,
        None => return Ok(list(call, &functions, output)?),
    };
    if call.explain {
        return Ok(explain(call, &functions, function, output)?);
    }
    let target = Target {
        component: call.component.clone(),
        function: function.full_name(),
        args: arguments(call, &functions, function)?,
        // What is to be kept has to be seen.
        is_traced: call.trace || call.interventions.record.is_some(),
    };
    observe::check(&view.plan, &call.interventions)?;
    let mut watch = Watch {
        follower: Follower::new(workbench, view.id, events),
        log: render::log::Layout::of(&view.plan),
        // Who holds calls wants to see what they print meanwhile.
        lines: match call.trace && call.interventions.breaks.is_empty() {
            true => HeldLines::of_call(),
            false => HeldLines::none(),
        },
        is_given_up: false,
        holds: Holds::new(workbench, view.id, !call.interventions.breaks.is_empty()),
        output,
    };
    observe::begin(workbench, &view, &call.interventions).await?;
    let called = in_workload(workbench, &view, &target, &mut watch).await;
    let code = if watch.is_given_up { code::INTERRUPTED } else { code::FAILED };
    let failed = |error| Failure::new(error, code);
    let called = called.map_err(failed)?;
    observe::end(workbench, &view, &call.interventions, output).await?;
    show(call, &functions, function, called, output).map_err(|failure| Failure { code, ..failure })
}

/// Lists the component's functions.
fn list(call: &CallArgs, functions: &Functions, output: &mut Output) -> Result<ExitCode, Error> {
    if output.is_json() {
        output.json(functions)?;
    } else {
        output.print(&render::functions::list(&place(call), functions))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Shows what the function takes and gives.
fn explain(
    call: &CallArgs,
    functions: &Functions,
    function: &ExportedFunction,
    output: &mut Output,
) -> Result<ExitCode, Error> {
    if output.is_json() {
        let (types, functions) = (functions.types.clone(), vec![function.clone()]);
        output.json(&Functions { types, functions })?;
    } else {
        let short = callee::short_name(functions, function);
        output.print(&render::functions::one(&place(call), functions, function, &short))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn place(call: &CallArgs) -> Place<'_> {
    let workload = call.workload.path.to_str().unwrap_or("WORKLOAD");
    Place { workload, component: &call.component }
}

/// A value in WAVE for each parameter of the function.
fn arguments(
    call: &CallArgs,
    functions: &Functions,
    function: &ExportedFunction,
) -> Result<Vec<String>, Error> {
    let name = function.full_name();
    if let Some(reason) = render::functions::obstacle(functions, function) {
        return Err(Error::new(ErrorKind::Request, format!("`{name}` cannot be called so: {reason}"))
            .with_help(function.function.signature()));
    }
    let words = Words {
        function: &name,
        declaration: &function.function.signature(),
        signature: Signature { types: &functions.types, function: &function.types },
    };
    words.read(&call.words, &call.named)
}

/// Runs the workload for the time of the call.
async fn in_workload(
    workbench: &Workbench,
    view: &WorkloadView,
    target: &Target,
    watch: &mut Watch<'_>,
) -> Result<Called, Error> {
    let mut called = start_and_call(workbench, view.id, target, watch).await;
    let stopped = workbench.dispatch(Request::Stop(view.id)).await;
    for event in watch.follower.rest().await? {
        watch.note(event);
    }
    if let Ok(Called { trace: Some(trace), .. }) = &mut called {
        let others = watch.lines.place(trace);
        watch.note_lines(&others);
    }
    let rest = watch.lines.rest();
    watch.note_lines(&rest);
    let called = called?;
    stopped?;
    Ok(called)
}

/// Calls, and meanwhile shows what the components print, and asks about calls that are held.
async fn start_and_call(
    workbench: &Workbench,
    workload: WorkloadId,
    target: &Target,
    watch: &mut Watch<'_>,
) -> Result<Called, Error> {
    let (component, function) = (target.component.as_str().into(), target.function.clone());
    let args = target.args.clone();
    let request = match target.is_traced {
        true => Request::Trace { workload, component, function, args, ticket: Some(TICKET) },
        false => Request::Call { workload, component, function, args, ticket: Some(TICKET) },
    };
    let mut interrupts = Interrupts::listen()?;
    let has_started = Arc::new(AtomicBool::new(false));
    let mut call = Asked::work({
        let (workbench, has_started) = (workbench.clone(), Arc::clone(&has_started));
        async move {
            workbench.dispatch(Request::Start(workload)).await?;
            has_started.store(true, Ordering::Relaxed);
            workbench.dispatch(request).await
        }
    });
    let has_started = || has_started.load(Ordering::Relaxed);
    loop {
        tokio::select! {
            () = interrupts.first(), if !watch.is_given_up => {
                watch.is_given_up = true;
                give_up(workbench, workload, has_started()).await?;
            }
            // What was only about to begin has begun by now.
            () = sleep(AGAIN), if watch.is_given_up => give_up(workbench, workload, has_started()).await?,
            response = call.answer() => return match response? {
                Response::Called(outcome) => Ok(Called { outcome: Ok(outcome), trace: None }),
                Response::Traced { result, trace } => Ok(Called { outcome: result, trace: Some(trace) }),
                _ => Err(unexpected()),
            },
            said = watch.holds.said() => {
                if watch.holds.obey(said, watch.output).await? == Flow::Stop {
                    return Err(Error::new(ErrorKind::Cancelled, "the call was given up at a breakpoint"));
                }
            }
            Some(event) = watch.follower.next() => {
                for event in watch.follower.complete(event).await? {
                    watch.holds.take(&event, watch.output);
                    watch.note(event);
                }
            }
        }
    }
}

/// Ends the call itself, or its start: the answer to it says so.
async fn give_up(workbench: &Workbench, workload: WorkloadId, has_started: bool) -> Result<(), Error> {
    let request = match has_started {
        true => Request::CancelCall { workload, ticket: TICKET },
        false => Request::Stop(workload),
    };
    workbench.dispatch(request).await.map(|_| ())
}

impl Watch<'_> {
    fn note(&mut self, event: Event) {
        match event {
            Event::Logs(records) => {
                let records = self.lines.take(records);
                self.note_lines(&records);
            }
            Event::Unrecorded { lost, problem, .. } => {
                self.output.note(&render::traces::unrecorded(lost, problem.as_deref()));
            }
            Event::Skipped(count) => self.output.note(&render::log::lost(count)),
            _ => {}
        }
    }

    /// Shows lines on standard error, where they do not mix with the result.
    fn note_lines(&self, records: &[LogRecord]) {
        if !records.is_empty() {
            self.output.note(&self.log.page(records));
        }
    }
}

/// Shows the trace and the result.
fn show(
    call: &CallArgs,
    functions: &Functions,
    function: &ExportedFunction,
    called: Called,
    output: &mut Output,
) -> Result<ExitCode, Failure> {
    let Called { outcome, trace } = called;
    let trace = trace.filter(|_| call.trace);
    if let (Some(trace), false) = (&trace, output.is_json()) {
        let page = render::trace::page(trace);
        // The result stands in it, and so is not shown twice.
        match call.output {
            None if call.wide => output.print(&page)?,
            None => output.print_cut(&page)?,
            Some(_) => output.note(&page),
        }
    }
    let outcome = match outcome {
        Ok(outcome) => outcome,
        Err(error) => return Err(Failure { trace: trace.map(Box::new), ..error.into() }),
    };
    match (&trace, call.output) {
        (Some(trace), _) if output.is_json() => {
            let json = traced(&outcome, trace)
                .map_err(|error| Error::new(ErrorKind::Host, format!("cannot write the trace: {error}")))?;
            output.json(&json)?;
        }
        (None, _) if output.is_json() => output.json(&outcome)?,
        (Some(_), None) => {}
        (_, form) => {
            let form = form.unwrap_or(Form::Wave);
            let signature = Signature { types: &functions.types, function: &function.types };
            let result = result_from_wave(signature, outcome.result.as_deref())
                .map_err(|error| Error::new(ErrorKind::Host, error.to_string()))?;
            output.text(&render::result::lines(result.as_ref(), form, Output::is_terminal()))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}
