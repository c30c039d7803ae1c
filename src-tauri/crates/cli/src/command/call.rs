//! `jack call`: one call into a workload that runs for it alone.

use std::process::ExitCode;

use jackfield_protocol::{CallOutcome, Error, Event, Request, Response, Trace, WorkloadId};
use jackfield_workbench::Workbench;
use serde::Serialize;

use super::{open, unexpected};
use crate::args::WorkloadArgs;
use crate::follow::Follower;
use crate::output::Output;
use crate::render;

/// What to call, and with what.
#[derive(Debug)]
pub(super) struct Target<'a> {
    pub(super) component: &'a str,
    pub(super) function: &'a str,
    pub(super) args: &'a [String],
    pub(super) is_traced: bool,
}

/// What came of a call.
struct Called {
    outcome: Result<CallOutcome, Error>,
    trace: Option<Trace>,
}

/// The same as JSON.
#[derive(Serialize)]
struct Traced<'a> {
    #[serde(flatten)]
    outcome: &'a CallOutcome,
    trace: &'a Trace,
}

pub(super) async fn run(
    workbench: &Workbench,
    workload: &WorkloadArgs,
    target: &Target<'_>,
    output: &mut Output,
) -> Result<ExitCode, Error> {
    let events = workbench.subscribe();
    let view = open(workbench, workload, output).await?;
    let mut follower = Follower::new(workbench, view.id, events);
    let log = render::log::Layout::of(&view.plan);
    let called = start_and_call(workbench, view.id, target, &mut follower, &log, output).await;
    let stopped = workbench.dispatch(Request::Stop(view.id)).await;
    note_lines(follower.rest().await?, &log, output);
    let Called { outcome, trace } = called?;
    stopped?;
    if let (Some(trace), false) = (&trace, output.is_json()) {
        output.print(&render::trace::page(trace))?;
    }
    let outcome = outcome?;
    if output.is_json() {
        match &trace {
            Some(trace) => output.json(&Traced { outcome: &outcome, trace })?,
            None => output.json(&outcome)?,
        }
    } else if trace.is_some() {
        // It stands in the trace.
    } else if let Some(result) = &outcome.result {
        // As it stands: WAVE writes control characters as escapes.
        output.text(&format!("{result}\n"))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Calls, and meanwhile shows what the components print.
async fn start_and_call(
    workbench: &Workbench,
    workload: WorkloadId,
    target: &Target<'_>,
    follower: &mut Follower,
    log: &render::log::Layout,
    output: &Output,
) -> Result<Called, Error> {
    let (component, function) = (target.component.into(), target.function.to_owned());
    let args = target.args.to_vec();
    let request = match target.is_traced {
        true => Request::Trace { workload, component, function, args },
        false => Request::Call { workload, component, function, args },
    };
    let call = async {
        workbench.dispatch(Request::Start(workload)).await?;
        workbench.dispatch(request).await
    };
    tokio::pin!(call);
    loop {
        tokio::select! {
            response = &mut call => return match response? {
                Response::Called(outcome) => Ok(Called { outcome: Ok(outcome), trace: None }),
                Response::Traced { result, trace } => Ok(Called { outcome: result, trace: Some(trace) }),
                _ => Err(unexpected()),
            },
            Some(event) = follower.next() => note_lines(follower.complete(event).await?, log, output),
        }
    }
}

/// Shows lines on standard error, where they do not mix with the result.
fn note_lines(events: Vec<Event>, log: &render::log::Layout, output: &Output) {
    for event in events {
        match event {
            Event::Logs(records) => output.note(&log.page(&records)),
            Event::Skipped(count) => output.note(&render::log::lost(count)),
            _ => {}
        }
    }
}
