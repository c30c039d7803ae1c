//! `jack mcp call`

use std::process::ExitCode;
use std::time::Duration;

use jackfield_protocol::{
    ConnectionId, Error, ErrorKind, Event, McpNotice, McpRequest, McpResponse, Request, ToolOutcome,
};
use jackfield_workbench::Workbench;
use serde_json::{Map, Value};

use super::server::{Server, TICKET, ask, connect};
use crate::asked::Asked;
use crate::command::unexpected;
use crate::output::Output;
use crate::page::Page;
use crate::signals::Interrupts;
use crate::style::Role;

/// What to call, and with what.
pub(super) struct Target<'a> {
    pub(super) tool: &'a str,
    pub(super) arguments: &'a str,
    pub(super) timeout: Option<Duration>,
}

pub(super) async fn run(
    workbench: &Workbench,
    server: Server<'_>,
    target: &Target<'_>,
    output: &mut Output,
) -> Result<ExitCode, Error> {
    let arguments: Map<String, Value> = serde_json::from_str(target.arguments).map_err(|error| {
        Error::new(ErrorKind::Arguments, format!("the arguments are not a JSON object: {error}"))
            .with_help("write them like '{\"a\": 3, \"b\": 4}'")
    })?;
    let mut interrupts = Interrupts::listen()?;
    let mut events = workbench.subscribe();
    let connection = connect(workbench, server, output).await?;
    let request = McpRequest::CallTool {
        name: target.tool.to_owned(),
        arguments,
        timeout_millis: target.timeout.map(|time| u64::try_from(time.as_millis()).unwrap_or(u64::MAX)),
    };
    let mut asked = Asked::work({
        let workbench = workbench.clone();
        async move { ask(&workbench, connection, request).await }
    });
    let outcome = loop {
        tokio::select! {
            answer = asked.answer() => match answer? {
                McpResponse::Called(outcome) => break outcome,
                _ => return Err(unexpected()),
            },
            Some(event) = events.next() => note(connection, event, output),
            () = interrupts.first() => {
                workbench.dispatch(Request::CancelMcp { connection, ticket: TICKET }).await?;
            }
        }
    };
    while let Some(event) = events.try_next() {
        note(connection, event, output);
    }
    show(&outcome, output)?;
    Ok(if outcome.is_error { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// Shows what the server says beside its answer, on standard error.
fn note(connection: ConnectionId, event: Event, output: &Output) {
    let mut page = Page::default();
    match event {
        Event::Notice { connection: from, notice } if from == connection => match notice {
            McpNotice::Progress { progress, total, message, .. } => {
                let of = total.map(|total| format!(" of {total}")).unwrap_or_default();
                let line = page.line();
                line.add(Role::Faint, format!("progress {progress}{of} "));
                line.plain(message.unwrap_or_default());
            }
            McpNotice::Log { level, logger, data } => {
                let text = data.as_str().map_or_else(|| data.to_string(), str::to_owned);
                let logger = logger.map(|logger| format!(" {logger}")).unwrap_or_default();
                page.line().add(Role::Faint, format!("{level}{logger} ")).plain(text);
            }
            _ => return,
        },
        Event::Logs(records) => {
            for record in records {
                let from = format!("{} {} ", record.component, record.stream);
                page.line().add(Role::Faint, from).plain(record.text);
            }
        }
        _ => return,
    }
    output.note(&page);
}

/// Shows the answer: on standard error if the tool says that it failed.
fn show(outcome: &ToolOutcome, output: &mut Output) -> Result<(), Error> {
    if output.is_json() {
        return output.json(outcome);
    }
    let mut page = Page::default();
    let role = if outcome.is_error { Role::Error } else { Role::Plain };
    let content = outcome.result.get("content").and_then(Value::as_array);
    for item in content.into_iter().flatten() {
        match item.get("text").and_then(Value::as_str) {
            Some(text) => text.lines().for_each(|line| {
                page.line().add(role, line);
            }),
            None => {
                page.line().add(Role::Faint, describe(item));
            }
        }
    }
    if content.is_none_or(Vec::is_empty)
        && let Some(structured) = outcome.result.get("structuredContent")
    {
        page.line().add(role, structured);
    }
    if outcome.is_error {
        output.note(&page);
        return Ok(());
    }
    output.print(&page)
}

/// What content is that is no text.
fn describe(item: &Value) -> String {
    let field = |name: &str| item.get(name).and_then(Value::as_str);
    let kind = field("type").unwrap_or("content");
    let mime = field("mimeType").map(|mime| format!(" {mime}")).unwrap_or_default();
    let about = field("uri").or_else(|| field("name")).map(|about| format!(" {about}")).unwrap_or_default();
    let size = field("data").map(|data| format!(", {} characters of base64", data.len())).unwrap_or_default();
    format!("[{kind}{mime}{about}{size}]")
}
