//! `jack inspect`: a component from the outside.

use std::path::Path;
use std::process::ExitCode;

use jackfield_protocol::{Edit, Error, Request, Response};
use jackfield_workbench::Workbench;

use super::{absolute, text, unexpected};
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

/// The component as WIT. Only components of workloads have their WIT told, so this makes one of it alone.
pub(super) async fn wit(workbench: &Workbench, file: &Path, output: &mut Output) -> Result<ExitCode, Error> {
    let source = text(file)?;
    // Says what is wrong with the file itself, if something is.
    workbench.dispatch(Request::Inspect { path: source.clone() }).await?;
    let source = absolute(&source)?;
    let Response::Opened(view) = workbench.dispatch(Request::New { name: None }).await? else {
        return Err(unexpected());
    };
    let edit = Edit::AddComponent { name: Some("component".into()), source };
    let added = workbench.dispatch(Request::Edit { workload: view.id, edit }).await?;
    let Response::Edited { component: Some(component), .. } = added else { return Err(unexpected()) };
    let request = Request::Wit { workload: view.id, component };
    let Response::Wit(wit) = workbench.dispatch(request).await? else { return Err(unexpected()) };
    if output.is_json() {
        output.json(&wit)?;
    } else {
        output.print(&render::inspect::lines(&wit))?;
    }
    Ok(ExitCode::SUCCESS)
}
