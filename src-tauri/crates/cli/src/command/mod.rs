//! What each subcommand does.

mod call;
mod edit;
mod export;
mod import;
mod inspect;
mod library;
mod mcp;
mod observe;
mod plan;
mod pulling;
mod session;
mod trace;
mod up;

pub(crate) use call::callee;

use std::path::Path;
use std::process::ExitCode;

use jackfield_protocol::{Error, ErrorKind, Request, Response, WorkloadId, WorkloadView};
use jackfield_workbench::{Config, Workbench};

use crate::args::{Command, WorkloadArgs};
use crate::asked::Asked;
use crate::complete;
use crate::failure::Failure;
use crate::output::Output;
use crate::signals::{self, Interrupts};

/// Carries a command out with a workbench of its own, of which nothing runs afterwards.
pub(crate) async fn run(command: &Command, output: &mut Output) -> Result<ExitCode, Failure> {
    // What needs no workbench.
    match command {
        Command::Completions { shell } => return Ok(print(shell.script(), output)?),
        Command::Complete(ask) => return Ok(print(&complete::answer(ask.shell, &ask.words).await, output)?),
        _ => {}
    }
    let workbench = Workbench::new(Config::for_this_user())?;
    let result = dispatch(&workbench, command, output).await;
    signals::work_is_done();
    workbench.shutdown().await;
    result
}

async fn dispatch(
    workbench: &Workbench,
    command: &Command,
    output: &mut Output,
) -> Result<ExitCode, Failure> {
    let done = match command {
        Command::Inspect { file, wit: true } => inspect::wit(workbench, file, output).await,
        Command::Inspect { file, wit: false } => inspect::run(workbench, file, output).await,
        Command::Plan { workload, dot } => plan::run(workbench, workload, *dot, output).await,
        Command::Up { workload, limit, stdin, trace, wide, interventions } => {
            let how = up::How {
                limit: *limit,
                reads_terminal: *stdin,
                trace: *trace,
                is_wide: *wide,
                interventions,
            };
            return up::run(workbench, workload, how, output).await;
        }
        Command::Call(call) => return call::run(workbench, call, output).await,
        Command::Session { workload, component } => {
            session::run(workbench, workload, component, output).await
        }
        Command::New { file, name } => edit::new(workbench, file, name.as_deref(), output).await,
        Command::Edit { workload, command } => edit::run(workbench, workload, command, output).await,
        Command::Export(args) => export::run(workbench, args, output).await,
        Command::Import(args) => import::run(workbench, args, output).await,
        Command::Library { command } => library::run(workbench, command, output).await,
        Command::Trace { command } => trace::run(workbench, command, output).await,
        Command::Completions { .. } | Command::Complete(_) => Ok(ExitCode::SUCCESS),
        Command::Mcp { command } => mcp::run(workbench, command, output).await,
    };
    done.map_err(Failure::from)
}

fn print(text: &str, output: &mut Output) -> Result<ExitCode, Error> {
    output.text(text)?;
    Ok(ExitCode::SUCCESS)
}

/// Opens a workload file.
async fn open(workbench: &Workbench, args: &WorkloadArgs, output: &Output) -> Result<WorkloadView, Error> {
    let request = Request::Open { path: text(&args.path)? };
    match pulling::dispatch(workbench, request, args.fetch, output).await? {
        Response::Opened(view) => Ok(view),
        _ => Err(unexpected()),
    }
}

/// A path as the protocol carries it.
fn text(path: &Path) -> Result<String, Error> {
    path.to_str().map(str::to_owned).ok_or_else(|| {
        let message = format!("the path `{}` is not UTF-8, which Jackfield needs", path.display());
        Error::new(ErrorKind::File, message).with_help("rename the file or the folder")
    })
}

/// A path that means the same wherever it is written down.
fn absolute(path: &str) -> Result<String, Error> {
    let absolute = std::path::absolute(path)
        .map_err(|error| Error::new(ErrorKind::File, format!("not a usable path ({error}): {path}")))?;
    text(&absolute)
}

/// Starts a workload. Ctrl-C gives that up.
pub(crate) async fn start(
    workbench: &Workbench,
    workload: WorkloadId,
    interrupts: &mut Interrupts,
) -> Result<(), Error> {
    let mut started = Asked::request(workbench, Request::Start(workload));
    tokio::select! {
        started = started.answer() => return started.map(|_| ()),
        () = interrupts.first() => {}
    }
    workbench.dispatch(Request::Stop(workload)).await?;
    // It has cleaned up when it answers; whether it was ready a moment before does not matter any more.
    let _ = started.answer().await;
    Err(Error::new(ErrorKind::Cancelled, "the start was given up"))
}

/// The workbench answered a request with the answer to another.
pub(crate) fn unexpected() -> Error {
    Error::new(ErrorKind::Request, "the workbench gave an answer that does not fit the request")
        .with_help("this is a defect of Jackfield: please report it with the command that you ran")
}
