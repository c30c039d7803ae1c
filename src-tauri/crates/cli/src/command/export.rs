//! `jack export`: a workload for other runtimes.

use std::fs::OpenOptions;
use std::io::{ErrorKind as IoErrorKind, Write as _};
use std::path::Path;
use std::process::ExitCode;

use jackfield_protocol::{
    ComponentName, Error, ErrorKind, ExportFinding, ExportForm, Exported, Request, Response, WrittenExport,
};
use jackfield_workbench::Workbench;
use serde_json::{Value, json};

use super::{edit::from_here, open, text, unexpected};
use crate::args::ExportArgs;
use crate::output::Output;
use crate::render;

pub(super) async fn run(
    workbench: &Workbench,
    args: &ExportArgs,
    output: &mut Output,
) -> Result<ExitCode, Error> {
    let (form, file) = form(args)?;
    let view = open(workbench, &args.workload, output).await?;
    let with = args.with.iter().map(|source| from_here(source)).collect::<Result<_, _>>()?;
    if is_stdout(file) {
        let request = Request::ExportWorkload { workload: view.id, form, with };
        let Response::ExportedWorkload(exported) = workbench.dispatch(request).await? else {
            return Err(unexpected());
        };
        return print(&exported, output);
    }
    let path = text(file)?;
    let request = Request::WriteExport { workload: view.id, form, with, path, replace: args.force };
    match workbench.dispatch(request).await? {
        Response::WroteExport(written) if output.is_json() => output.json(&as_json(&written))?,
        Response::WroteExport(written) => {
            let paths: Vec<String> = written.files.into_iter().map(|file| file.path).collect();
            output.print(&render::export::written(&paths))?;
            output.note(&render::export::findings(&written.findings));
            output.note(&render::export::commands(&written.commands));
        }
        Response::ExportInTheWay(paths) => return Err(is_there(&paths.join(", "))),
        _ => return Err(unexpected()),
    }
    Ok(ExitCode::SUCCESS)
}

/// The file that was asked for, to standard output.
fn print(exported: &Exported, output: &mut Output) -> Result<ExitCode, Error> {
    let first = exported.files.first().map(|file| file.bytes.as_slice()).unwrap_or_default();
    output.bytes(first)?;
    output.note(&render::export::beside(&exported.files));
    output.note(&render::export::findings(&exported.findings));
    let commands: Vec<String> =
        exported.commands.iter().map(|command| command.replace("FOLDER/deps", "deps")).collect();
    output.note(&render::export::commands(&commands));
    Ok(ExitCode::SUCCESS)
}

/// What is asked for, and where it is to go.
fn form(args: &ExportArgs) -> Result<(ExportForm, &Path), Error> {
    let entry = args.entry.as_deref().map(ComponentName::from);
    match (&args.wasm, &args.wac, &args.wasmcloud) {
        (Some(file), ..) => Ok((ExportForm::Wasm { entry }, file)),
        (_, Some(file), _) => Ok((ExportForm::Wac { entry }, file)),
        (.., Some(file)) => {
            let images =
                args.image.iter().map(|(name, image)| (name.as_str().into(), image.clone())).collect();
            Ok((ExportForm::Wasmcloud { images, host: args.host.clone() }, file))
        }
        // The parser sees to it that there is one.
        _ => Err(Error::new(ErrorKind::Request, "say what to export to: --wasm, --wac or --wasmcloud")),
    }
}

/// Whether a file stands for standard output.
pub(super) fn is_stdout(file: &Path) -> bool {
    file.as_os_str() == "-"
}

/// Writes a file that must not be there yet, unless it may be written over.
pub(super) fn write(path: &Path, bytes: &[u8], force: bool) -> Result<(), Error> {
    let mut options = OpenOptions::new();
    options.write(true).truncate(force).create(force).create_new(!force);
    let written = options.open(path).and_then(|mut file| file.write_all(bytes));
    written.map_err(|error| match error.kind() {
        IoErrorKind::AlreadyExists => is_there(&path.display().to_string()),
        _ => cannot_write(path, &error),
    })
}

fn is_there(path: &str) -> Error {
    let message = format!("there is something already: {path}");
    Error::new(ErrorKind::File, message).with_help("choose another name, or write over it with `--force`")
}

fn cannot_write(path: &Path, error: &std::io::Error) -> Error {
    let message = format!("cannot write ({error}): {}", path.display());
    Error::new(ErrorKind::File, message).with_help("check that its folder is there, and may be written to")
}

fn as_json(written: &WrittenExport) -> Value {
    let finding = |finding: &ExportFinding| {
        json!({
            "about": finding.about,
            "message": finding.to_string(),
            "flags": finding.flags,
            "help": finding.help,
        })
    };
    json!({
        "files": written.files,
        "findings": written.findings.iter().map(finding).collect::<Vec<_>>(),
        "commands": written.commands,
    })
}
