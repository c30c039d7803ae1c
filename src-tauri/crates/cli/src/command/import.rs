//! `jack import`: a workload file of a manifest.

use std::process::ExitCode;

use jackfield_protocol::{Error, ImportFinding, Request, Response};
use jackfield_workbench::{Workbench, read_manifest};
use serde_json::json;

use super::export::{is_stdout, write};
use super::{text, unexpected};
use crate::args::ImportArgs;
use crate::output::Output;
use crate::render;

const IN_A_FOLDER: &str = "workload.toml";

pub(super) async fn run(
    workbench: &Workbench,
    args: &ImportArgs,
    output: &mut Output,
) -> Result<ExitCode, Error> {
    let manifest = read_manifest(&args.manifest)?;
    let request = Request::ImportWorkload { text: manifest, path: text(&args.manifest)? };
    let Response::ImportedWorkload(imported) = workbench.dispatch(request).await? else {
        return Err(unexpected());
    };
    let file = args.output.as_deref().filter(|file| !is_stdout(file));
    let file = file.map(|file| if file.is_dir() { file.join(IN_A_FOLDER) } else { file.to_owned() });
    if let Some(file) = &file {
        write(file, imported.text.as_bytes(), args.force)?;
    }
    if output.is_json() {
        let path = file.as_deref().map(text).transpose()?;
        let findings: Vec<_> = imported.findings.iter().map(finding).collect();
        output.json(&json!({ "path": path, "text": imported.text, "findings": findings }))?;
        return Ok(ExitCode::SUCCESS);
    }
    match &file {
        Some(file) => output.print(&render::export::written(&[text(file)?]))?,
        None => output.text(&imported.text)?,
    }
    output.note(&render::export::not_imported(&text(&args.manifest)?, &imported.findings));
    Ok(ExitCode::SUCCESS)
}

fn finding(finding: &ImportFinding) -> serde_json::Value {
    json!({ "finding": finding, "message": finding.to_string() })
}
