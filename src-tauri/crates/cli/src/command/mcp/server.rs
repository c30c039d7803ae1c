//! From what the user says to a connection.

use std::path::Path;

use jackfield_protocol::{
    ConnectionId, Endpoint, Error, ErrorKind, McpRequest, McpResponse, Request, Response, Ticket,
};
use jackfield_workbench::Workbench;

use crate::args::{Fetch, WorkloadArgs};
use crate::command::{open, unexpected};
use crate::output::Output;

/// The only request that `jack` has under way.
pub(super) const TICKET: Ticket = Ticket(1);

/// What the user says about a server.
#[derive(Debug, Clone, Copy)]
pub(super) struct Server<'a> {
    /// A URL, a workload, or a command line.
    pub(super) server: &'a str,
    /// For a URL.
    pub(super) headers: &'a [String],
    /// For a workload.
    pub(super) fetch: Fetch,
}

/// Connects to a server. A workload is started first.
pub(super) async fn connect(
    workbench: &Workbench,
    Server { server, headers, fetch }: Server<'_>,
    output: &Output,
) -> Result<ConnectionId, Error> {
    let endpoint = if server.starts_with("http://") || server.starts_with("https://") {
        let headers = headers.iter().map(|header| header_of(header)).collect::<Result<_, _>>()?;
        Endpoint::Url { url: server.to_owned(), headers }
    } else if Path::new(server).exists() {
        let args = WorkloadArgs { path: server.into(), fetch };
        let workload = open(workbench, &args, output).await?.id;
        workbench.dispatch(Request::Start(workload)).await?;
        Endpoint::Workload(workload)
    } else {
        command_of(server)?
    };
    match workbench.dispatch(Request::Connect(endpoint)).await? {
        Response::Connected(view) => Ok(view.id),
        _ => Err(unexpected()),
    }
}

fn header_of(text: &str) -> Result<(String, String), Error> {
    let (name, value) = text.split_once(':').ok_or_else(|| {
        Error::new(ErrorKind::Request, format!("`{text}` is not a header"))
            .with_help("write --header 'NAME: VALUE'")
    })?;
    Ok((name.trim().to_owned(), value.trim().to_owned()))
}

fn command_of(line: &str) -> Result<Endpoint, Error> {
    let mut words = shlex::split(line).unwrap_or_default().into_iter();
    let command = words.next().ok_or_else(|| {
        Error::new(
            ErrorKind::Request,
            format!("`{line}` is no command line: a quote is not closed, or it is empty"),
        )
    })?;
    if looks_like_a_file(&command) && words.len() == 0 && !Path::new(&command).exists() {
        return Err(Error::new(ErrorKind::File, format!("no such file: {command}"))
            .with_help("name a workload file, an http(s) URL, or a command line in quotes"));
    }
    Ok(Endpoint::Process { command, args: words.collect(), env: Vec::new(), folder: None })
}

fn looks_like_a_file(word: &str) -> bool {
    word.ends_with(".toml") || word.ends_with('/')
}

/// Asks a server.
pub(super) async fn ask(
    workbench: &Workbench,
    connection: ConnectionId,
    request: McpRequest,
) -> Result<McpResponse, Error> {
    match workbench.dispatch(Request::Mcp { connection, ticket: TICKET, request }).await? {
        Response::Mcp(response) => Ok(response),
        _ => Err(unexpected()),
    }
}
