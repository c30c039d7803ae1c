//! Observing a workload's calls and doing something to them: what `jack call` and `jack up` have in common.
//!
//! | module | what it is for |
//! |---|---|
//! | `link` | which link is meant by what people write |
//! | `parse` | what is to be done, as it is written on the command line |
//! | `holds` | calls that are held, and how they go on |
//! | `lines` | lines that are held back for their places in traces |
//! | `traces` | the traces of a workload, as they end |

mod holds;
mod lines;
mod link;
mod parse;
mod traces;

use jackfield_protocol::{Error, Plan, Request, Response, WorkloadView};
use jackfield_workbench::Workbench;

pub(crate) use holds::{Flow, Holds};
pub(crate) use lines::HeldLines;
pub(crate) use traces::Traces;

use super::{absolute, text, unexpected};
use crate::args::Interventions;
use crate::output::Output;
use crate::page::Page;
use crate::style::Role;

/// Says what is wrong with the command line, before anything runs.
pub(crate) fn check(plan: &Plan, args: &Interventions) -> Result<(), Error> {
    parse::interventions(plan, args).map(|_| ())
}

/// Does what the command line says, from the first call on.
pub(crate) async fn begin(
    workbench: &Workbench,
    view: &WorkloadView,
    args: &Interventions,
) -> Result<(), Error> {
    let workload = view.id;
    for intervention in parse::interventions(&view.plan, args)? {
        workbench.dispatch(Request::Intervene { workload, intervention }).await?;
    }
    if let Some(path) = &args.record {
        let path = Some(absolute(&text(path)?)?);
        workbench.dispatch(Request::Record { workload, path }).await?;
    }
    Ok(())
}

/// Ends what [`begin`] began, and says what was kept.
pub(crate) async fn end(
    workbench: &Workbench,
    view: &WorkloadView,
    args: &Interventions,
    output: &Output,
) -> Result<(), Error> {
    if args.record.is_none() {
        return Ok(());
    }
    let Response::Recording { path, traces } = workbench.dispatch(Request::StopRecording(view.id)).await?
    else {
        return Err(unexpected());
    };
    if !output.is_json() {
        let mut page = Page::default();
        let traces = if traces == 1 { "1 trace".to_owned() } else { format!("{traces} traces") };
        page.line().add(Role::Faint, format!("kept {traces} in ")).plain(path);
        output.note(&page);
    }
    Ok(())
}
