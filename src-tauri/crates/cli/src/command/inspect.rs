//! `jack inspect`: a component from the outside.

use std::path::Path;
use std::process::ExitCode;

use jackfield_protocol::{Error, Request, Response};
use jackfield_workbench::Workbench;

use super::{text, unexpected};
use crate::output::Output;
use crate::render;

pub(super) async fn run(workbench: &Workbench, file: &Path, output: &mut Output) -> Result<ExitCode, Error> {
    let path = text(file)?;
    let Response::Inspected(info) = workbench.dispatch(Request::Inspect { path: path.clone() }).await? else {
        return Err(unexpected());
    };
    if output.is_json() {
        output.json(&info)?;
    } else {
        output.print(&render::inspect::page(&path, &info))?;
    }
    Ok(ExitCode::SUCCESS)
}
