//! `jack mcp record`

use std::process::ExitCode;

use jackfield_protocol::Error;
use jackfield_workbench::Workbench;

use crate::signals::Interrupts;

pub(super) async fn run(workbench: &Workbench, command: &[String]) -> Result<ExitCode, Error> {
    let mut interrupts = Interrupts::listen()?;
    let streams = (tokio::io::stdin(), tokio::io::stdout(), tokio::io::stderr());
    let recording = workbench.record_between(command, streams);
    tokio::select! {
        code = recording => Ok(code?.map_or(ExitCode::FAILURE, ExitCode::from)),
        // The server is stopped with it.
        () = interrupts.first() => Ok(ExitCode::FAILURE),
    }
}
