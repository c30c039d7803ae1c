//! `jack import`: a workload file of a manifest.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::process::ExitCode;

use jackfield_protocol::{Error, ErrorKind, ImportFinding, Request, Response};
use jackfield_workbench::Workbench;
use serde_json::json;

use super::export::{is_stdout, write};
use super::{text, unexpected};
use crate::args::ImportArgs;
use crate::output::Output;
use crate::render;

const IN_A_FOLDER: &str = "workload.toml";
/// Longer manifests are not read.
const MAX_MANIFEST_IN_BYTES: u64 = 1 << 20;

pub(super) async fn run(
    workbench: &Workbench,
    args: &ImportArgs,
    output: &mut Output,
) -> Result<ExitCode, Error> {
    let manifest = read(&args.manifest)?;
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

fn read(manifest: &Path) -> Result<String, Error> {
    let bytes = if is_stdout(manifest) {
        bounded(io::stdin().lock())
    } else {
        File::open(manifest).and_then(bounded)
    };
    let path = manifest.display();
    let bytes = bytes.map_err(|error| {
        Error::new(ErrorKind::File, format!("the manifest cannot be read ({error}): {path}"))
            .with_help("check the path; `-` reads standard input")
    })?;
    if bytes.len() as u64 > MAX_MANIFEST_IN_BYTES {
        let message =
            format!("longer than {MAX_MANIFEST_IN_BYTES} bytes, which is too long for a manifest: {path}");
        return Err(Error::new(ErrorKind::File, message));
    }
    String::from_utf8(bytes).map_err(|_| {
        Error::new(ErrorKind::File, format!("not text in UTF-8, and so not a manifest: {path}"))
            .with_help("a manifest is YAML text")
    })
}

/// One more byte than is allowed, to see whether there is more.
fn bounded(source: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    source.take(MAX_MANIFEST_IN_BYTES + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}
