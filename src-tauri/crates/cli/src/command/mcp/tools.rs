//! `jack mcp tools`

use std::process::ExitCode;

use jackfield_protocol::{Error, McpRequest, McpResponse, ToolView};
use jackfield_workbench::Workbench;
use serde_json::Value;

use super::server::{Server, ask, connect};
use crate::command::unexpected;
use crate::output::Output;
use crate::page::Page;
use crate::style::Role;

pub(super) async fn run(
    workbench: &Workbench,
    server: Server<'_>,
    output: &mut Output,
) -> Result<ExitCode, Error> {
    let connection = connect(workbench, server, output).await?;
    let mut all: Vec<ToolView> = Vec::new();
    let mut cursor = None;
    loop {
        let request = McpRequest::ListTools { cursor: cursor.clone() };
        let McpResponse::Tools { tools, next } = ask(workbench, connection, request).await? else {
            return Err(unexpected());
        };
        all.extend(tools);
        // A server that names the same page again would be asked for ever.
        if next.is_none() || next == cursor {
            break;
        }
        cursor = next;
    }
    if output.is_json() {
        output.json(&all)?;
    } else {
        output.print(&page(&all))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn page(tools: &[ToolView]) -> Page {
    let mut page = Page::default();
    for tool in tools {
        page.line().add(Role::Name, &tool.name).plain(arguments(&tool.input_schema));
        for line in tool.description.iter().flat_map(|text| text.lines()) {
            page.line().add(Role::Faint, format!("  {line}"));
        }
    }
    if tools.is_empty() {
        page.line().add(Role::Faint, "The server has no tools.");
    }
    page
}

/// The arguments in short: `(a: number, b: number, precision?: integer)`.
fn arguments(schema: &Value) -> String {
    let required: Vec<&str> = schema
        .get("required")
        .and_then(Value::as_array)
        .map(|names| names.iter().filter_map(Value::as_str).collect())
        .unwrap_or_default();
    let properties = schema.get("properties").and_then(Value::as_object);
    let arguments = properties.into_iter().flatten().map(|(name, schema)| {
        let optional = if required.contains(&name.as_str()) { "" } else { "?" };
        format!("{name}{optional}: {}", kind(schema))
    });
    format!("({})", arguments.collect::<Vec<_>>().join(", "))
}

fn kind(schema: &Value) -> String {
    match schema.get("type") {
        Some(Value::String(kind)) => kind.clone(),
        Some(Value::Array(kinds)) => kinds.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" | "),
        _ if schema.get("enum").is_some() => "enum".to_owned(),
        _ if schema.get("oneOf").is_some() || schema.get("anyOf").is_some() => "one of several".to_owned(),
        _ => "any".to_owned(),
    }
}
