//! `jack trace`: recordings, without the workloads that they are of.

use std::path::Path;
use std::process::ExitCode;

use jackfield_protocol::{
    Error, ErrorKind, Request, Response, Trace, TraceFormat, TraceSelection, TraceSummary,
};
use jackfield_workbench::Workbench;
use serde::Serialize;

use super::{absolute, text, unexpected};
use crate::args::TraceCommand;
use crate::output::Output;
use crate::page::Page;
use crate::render;
use crate::style::Role;

/// What a recording holds.
#[derive(Serialize)]
struct Opened {
    /// The newest last.
    traces: Vec<TraceSummary>,
    total: u64,
    lost: u64,
    damage: Vec<String>,
}

pub(super) async fn run(
    workbench: &Workbench,
    command: &TraceCommand,
    output: &mut Output,
) -> Result<ExitCode, Error> {
    match command {
        TraceCommand::List { file } => list(workbench, file, output).await?,
        TraceCommand::Show { file, number } => show(workbench, file, *number, output).await?,
        TraceCommand::Export { file, format, output: to } if to.as_os_str() == "-" => {
            print_exported(workbench, file, (*format).into(), output).await?;
        }
        TraceCommand::Export { file, format, output: to } => {
            let (path, format) = (absolute(&text(to)?)?, TraceFormat::from(*format));
            let export = |traces| Request::ExportTraces { traces, format, path };
            give(workbench, file, export, "written", output).await?;
        }
        TraceCommand::Send { file, endpoint } => {
            let send = |traces| Request::SendTraces { traces, endpoint: endpoint.clone() };
            give(workbench, file, send, "sent", output).await?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn open(workbench: &Workbench, file: &Path) -> Result<Opened, Error> {
    let request = Request::OpenRecording { path: text(file)? };
    match workbench.dispatch(request).await? {
        Response::RecordingOpened { traces, total, lost, damage } => {
            Ok(Opened { traces, total, lost, damage })
        }
        _ => Err(unexpected()),
    }
}

async fn list(workbench: &Workbench, file: &Path, output: &mut Output) -> Result<(), Error> {
    let opened = open(workbench, file).await?;
    if output.is_json() {
        return output.json(&opened);
    }
    note_what_is_missing(&opened, output);
    let mut page = render::traces::page(&opened.traces);
    let before = opened.total.saturating_sub(opened.traces.len() as u64);
    if before > 0 {
        let text = format!("{before} older ones are not listed; `show` and `export` have them");
        page.line().add(Role::Faint, text);
    }
    output.print(&page)
}

async fn show(
    workbench: &Workbench,
    file: &Path,
    number: Option<u64>,
    output: &mut Output,
) -> Result<(), Error> {
    let number = match number {
        Some(number) => number,
        None => {
            let opened = open(workbench, file).await?;
            note_what_is_missing(&opened, output);
            if opened.total == 0 {
                let message = format!("the recording is empty: {}", file.display());
                return Err(Error::new(ErrorKind::Request, message));
            }
            opened.total
        }
    };
    let request = Request::RecordedTrace { path: text(file)?, number };
    let Response::Trace(trace) = workbench.dispatch(request).await? else { return Err(unexpected()) };
    print(&trace, output)
}

fn print(trace: &Trace, output: &mut Output) -> Result<(), Error> {
    match output.is_json() {
        true => output.json(trace),
        false => output.print(&render::trace::page(trace)),
    }
}

/// Writes all traces of a recording to standard output, which takes no part of what cannot be written in whole.
async fn print_exported(
    workbench: &Workbench,
    file: &Path,
    format: TraceFormat,
    output: &mut Output,
) -> Result<(), Error> {
    note_what_is_missing(&open(workbench, file).await?, output);
    let cannot =
        |error: std::io::Error| Error::new(ErrorKind::File, format!("cannot keep the traces: {error}"));
    let folder = tempfile::tempdir().map_err(cannot)?;
    let path = folder.path().join("traces");
    let traces = TraceSelection::Recording(text(file)?);
    workbench.dispatch(Request::ExportTraces { traces, format, path: text(&path)? }).await?;
    output.bytes(&std::fs::read(&path).map_err(cannot)?)
}

/// Gives all traces of a recording to another program.
async fn give(
    workbench: &Workbench,
    file: &Path,
    request: impl FnOnce(TraceSelection) -> Request,
    done: &str,
    output: &mut Output,
) -> Result<(), Error> {
    // Whoever gets them must know what is missing, and the other form cannot say so.
    note_what_is_missing(&open(workbench, file).await?, output);
    let request = request(TraceSelection::Recording(text(file)?));
    let Response::Exported { to, traces } = workbench.dispatch(request).await? else {
        return Err(unexpected());
    };
    if output.is_json() {
        return output.json(&serde_json::json!({ "to": to, "traces": traces }));
    }
    let mut page = Page::default();
    page.line().plain(format!("{} {done} to ", counted(traces))).add(Role::Name, to);
    output.note(&page);
    Ok(())
}

fn counted(traces: u64) -> String {
    if traces == 1 { "1 trace was".to_owned() } else { format!("{traces} traces were") }
}

/// On standard error, so that it is seen whatever is done with the rest.
fn note_what_is_missing(opened: &Opened, output: &Output) {
    let mut page = Page::default();
    for damage in &opened.damage {
        page.line().add(Role::Warning, "warning: ").plain(damage);
    }
    if opened.lost > 0 {
        let text = format!("{} traces are missing: the disk was too slow or full", opened.lost);
        page.line().add(Role::Warning, "warning: ").plain(text);
    }
    output.note(&page);
}
