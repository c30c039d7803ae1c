//! `jack mcp`: MCP servers, workloads as MCP servers, and what was recorded.

mod call;
mod record;
mod serve;
mod server;
mod sessions;
mod tools;

use std::process::ExitCode;

use jackfield_protocol::Error;
use jackfield_workbench::Workbench;

use crate::args::McpCommand;
use crate::output::Output;
use server::Server;

pub(super) async fn run(
    workbench: &Workbench,
    command: &McpCommand,
    output: &mut Output,
) -> Result<ExitCode, Error> {
    match command {
        McpCommand::Tools { server, headers, fetch } => {
            tools::run(workbench, Server { server, headers, fetch: *fetch }, output).await
        }
        McpCommand::Call { server, tool, arguments, headers, fetch, timeout } => {
            let target = call::Target { tool, arguments, timeout: *timeout };
            call::run(workbench, Server { server, headers, fetch: *fetch }, &target, output).await
        }
        McpCommand::Serve { workload, stdio, port } => {
            serve::run(workbench, workload, *stdio, *port, output).await
        }
        McpCommand::Record { command } => record::run(workbench, command).await,
        McpCommand::Sessions { command } => sessions::run(workbench, command.as_ref(), output).await,
    }
}
