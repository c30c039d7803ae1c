//! `jack plan`: how a workload is linked.

use std::process::ExitCode;

use jackfield_protocol::Error;
use jackfield_workbench::Workbench;

use super::open;
use crate::args::WorkloadArgs;
use crate::output::Output;
use crate::{dot, render};

pub(super) async fn run(
    workbench: &Workbench,
    workload: &WorkloadArgs,
    as_dot: bool,
    output: &mut Output,
) -> Result<ExitCode, Error> {
    let view = open(workbench, workload, output).await?;
    if as_dot {
        output.text(&dot::graph(&view))?;
    } else if output.is_json() {
        output.json(&view.plan)?;
    } else {
        output.print(&render::plan::page(&view))?;
    }
    if view.plan.is_runnable() {
        return Ok(ExitCode::SUCCESS);
    }
    if as_dot {
        output.note(&render::plan::findings(&view.plan));
    }
    Ok(ExitCode::FAILURE)
}
