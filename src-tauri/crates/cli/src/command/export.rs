//! `jack export`: a workload for other runtimes.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind as IoErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use jackfield_protocol::{
    ComponentName, Error, ErrorKind, ExportFinding, ExportForm, Exported, ExportedFile, Request, Response,
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
    let request = Request::ExportWorkload { workload: view.id, form, with };
    let Response::ExportedWorkload(exported) = workbench.dispatch(request).await? else {
        return Err(unexpected());
    };
    let paths = match is_stdout(file) {
        true => Vec::new(),
        false => write_all(&exported.files, file, args.force)?,
    };
    let commands = commands(&exported, file)?;
    if is_stdout(file) {
        let first = exported.files.first().map(|file| file.bytes.as_slice()).unwrap_or_default();
        output.bytes(first)?;
        output.note(&render::export::beside(&exported.files));
    } else if output.is_json() {
        output.json(&as_json(&exported, &paths, &commands))?;
        return Ok(ExitCode::SUCCESS);
    } else {
        output.print(&render::export::written(&paths))?;
    }
    output.note(&render::export::findings(&exported.findings));
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

/// Writes all files, or none if one is there already.
fn write_all(files: &[ExportedFile], first: &Path, force: bool) -> Result<Vec<String>, Error> {
    let paths: Vec<PathBuf> = files.iter().map(|file| place(first, &file.path)).collect();
    if let Some(there) = paths.iter().find(|path| !force && path.symlink_metadata().is_ok()) {
        return Err(is_there(there));
    }
    for (file, path) in files.iter().zip(&paths) {
        if let Some(folder) = path.parent().filter(|_| !file.path.is_empty()) {
            fs::create_dir_all(folder).map_err(|error| cannot_write(folder, &error))?;
        }
        write(path, &file.bytes, force)?;
    }
    paths.iter().map(|path| text(path)).collect()
}

/// Where a file of an export has to be.
fn place(first: &Path, path: &str) -> PathBuf {
    if path.is_empty() { first.to_owned() } else { folder(first).join(path) }
}

fn folder(file: &Path) -> &Path {
    file.parent().unwrap_or(Path::new(""))
}

/// Writes a file that must not be there yet, unless it may be written over.
pub(super) fn write(path: &Path, bytes: &[u8], force: bool) -> Result<(), Error> {
    let mut options = OpenOptions::new();
    options.write(true).truncate(force).create(force).create_new(!force);
    let written = options.open(path).and_then(|mut file| file.write_all(bytes));
    written.map_err(|error| match error.kind() {
        IoErrorKind::AlreadyExists => is_there(path),
        _ => cannot_write(path, &error),
    })
}

fn is_there(path: &Path) -> Error {
    let message = format!("there is something already: {}", path.display());
    Error::new(ErrorKind::File, message).with_help("choose another name, or write over it with `--force`")
}

fn cannot_write(path: &Path, error: &std::io::Error) -> Error {
    let message = format!("cannot write ({error}): {}", path.display());
    Error::new(ErrorKind::File, message).with_help("check that its folder is there, and may be written to")
}

/// The commands with the names of files in them.
fn commands(exported: &Exported, file: &Path) -> Result<Vec<String>, Error> {
    let name = if is_stdout(file) { "FILE".to_owned() } else { quoted(&text(file)?) };
    let deps = quoted(&text(&folder(file).join("deps"))?);
    let with_names = |command: &String| {
        let words = command.split(' ').map(|word| match word {
            "FILE" => name.as_str(),
            "FOLDER/deps" => deps.as_str(),
            word => word,
        });
        words.collect::<Vec<_>>().join(" ")
    };
    Ok(exported.commands.iter().map(with_names).collect())
}

fn quoted(path: &str) -> String {
    // Only a zero byte cannot be quoted, and no path has one.
    shlex::try_quote(path).map_or_else(|_| path.to_owned(), Into::into)
}

fn as_json(exported: &Exported, paths: &[String], commands: &[String]) -> Value {
    let sizes = exported.files.iter().map(|file| file.bytes.len());
    let files = paths.iter().zip(sizes).map(|(path, size)| json!({ "path": path, "size-in-bytes": size }));
    let finding = |finding: &ExportFinding| {
        json!({
            "about": finding.about,
            "message": finding.to_string(),
            "flags": finding.flags,
            "help": finding.help,
        })
    };
    json!({
        "files": files.collect::<Vec<_>>(),
        "findings": exported.findings.iter().map(finding).collect::<Vec<_>>(),
        "commands": commands,
    })
}
