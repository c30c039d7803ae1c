//! `jack mcp sessions`

use std::process::ExitCode;

use jackfield_protocol::{
    Error, ErrorKind, Frame, FrameBytes, FrameKind, FrameWay, Request, Response, SessionId, SessionRole,
    SessionView,
};
use jackfield_workbench::Workbench;

use crate::args::SessionsCommand;
use crate::command::unexpected;
use crate::output::Output;
use crate::page::Page;
use crate::render::Size;
use crate::style::Role;

/// How many frames are asked for at once.
const PAGE: u32 = 1000;
/// Stands for the newest session.
const LATEST: &str = "latest";

pub(super) async fn run(
    workbench: &Workbench,
    command: Option<&SessionsCommand>,
    output: &mut Output,
) -> Result<ExitCode, Error> {
    match command {
        None | Some(SessionsCommand::List) => list(workbench, output).await?,
        Some(SessionsCommand::Show { session }) => {
            show(workbench, find(workbench, session).await?, output).await?;
        }
        Some(SessionsCommand::Frame { session, number }) => {
            frame(workbench, find(workbench, session).await?, *number, output).await?;
        }
        Some(SessionsCommand::Delete { session }) => {
            let session = find(workbench, session).await?;
            workbench.dispatch(Request::DeleteSession(session)).await?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn all(workbench: &Workbench) -> Result<Vec<SessionView>, Error> {
    match workbench.dispatch(Request::Sessions).await? {
        Response::Sessions(sessions) => Ok(sessions),
        _ => Err(unexpected()),
    }
}

/// The session that is meant.
async fn find(workbench: &Workbench, name: &str) -> Result<SessionId, Error> {
    let sessions = all(workbench).await?;
    let mut found = sessions.iter().filter(|session| name == LATEST || session.id.as_str().starts_with(name));
    let help = "`jack mcp sessions` lists them";
    let first = found.next().ok_or_else(|| {
        Error::new(ErrorKind::Request, format!("there is no session `{name}`")).with_help(help)
    })?;
    if name != LATEST && first.id.as_str() != name && found.next().is_some() {
        let message = format!("several sessions begin with `{name}`");
        return Err(Error::new(ErrorKind::Request, message).with_help("write more of the id"));
    }
    Ok(first.id.clone())
}

async fn list(workbench: &Workbench, output: &mut Output) -> Result<(), Error> {
    let sessions = all(workbench).await?;
    if output.is_json() {
        return output.json(&sessions);
    }
    let mut page = Page::default();
    for session in &sessions {
        let line = page.line();
        line.add(Role::Name, &session.id);
        line.plain(format!("  {:<7}", role(session.role)));
        line.plain(format!("{:>7} frames  {:>9}  ", session.frames, Size(session.size_in_bytes).to_string()));
        line.plain(&session.label);
        if session.is_live {
            line.add(Role::Good, "  live");
        }
        if let Some(problem) = &session.problem {
            line.add(Role::Warning, format!("  {problem}"));
        }
    }
    if sessions.is_empty() {
        page.line().add(Role::Faint, "No sessions are recorded yet.");
    }
    output.print(&page)
}

fn role(role: SessionRole) -> &'static str {
    match role {
        SessionRole::Client => "client",
        SessionRole::Server => "server",
        SessionRole::Between => "between",
    }
}

async fn show(workbench: &Workbench, session: SessionId, output: &mut Output) -> Result<(), Error> {
    let mut after = 0;
    loop {
        let request = Request::Frames { session: session.clone(), after, limit: PAGE };
        let Response::Frames(page) = workbench.dispatch(request).await? else { return Err(unexpected()) };
        let Some(last) = page.frames.last() else { return Ok(()) };
        after = last.number;
        if output.is_json() {
            page.frames.iter().try_for_each(|frame| output.json(frame))?;
        } else {
            let mut text = Page::default();
            page.frames.iter().for_each(|frame| add(&mut text, frame));
            output.print(&text)?;
        }
    }
}

fn add(page: &mut Page, frame: &Frame) {
    let arrow = match frame.way {
        FrameWay::ToServer => "→",
        FrameWay::ToClient => "←",
    };
    let role = match frame.kind {
        FrameKind::Error | FrameKind::Malformed => Role::Error,
        FrameKind::Transport | FrameKind::Stderr => Role::Warning,
        FrameKind::Event => Role::Faint,
        _ => Role::Plain,
    };
    let line = page.line();
    line.add(Role::Faint, format!("{:>6}  {:>12.3} ms  ", frame.number, frame.time_micros as f64 / 1000.0));
    line.plain(format!("{arrow} ")).add(role, format!("{:<12} ", frame.kind.label()));
    line.add(Role::Name, frame.method.as_deref().unwrap_or_default());
    line.plain(frame.subject.as_ref().map(|subject| format!(" {subject}")).unwrap_or_default());
    let mut rest = vec![Size(frame.size_in_bytes).to_string()];
    rest.extend(frame.duration_micros.map(|micros| format!("{:.3} ms", micros as f64 / 1000.0)));
    rest.extend(frame.call.map(|call| format!("call {call}")));
    line.add(Role::Faint, format!("  {}", rest.join(", ")));
    if let Some(problem) = &frame.problem {
        line.add(Role::Error, format!("  {problem}"));
    }
}

async fn frame(
    workbench: &Workbench,
    session: SessionId,
    number: u64,
    output: &mut Output,
) -> Result<(), Error> {
    let request = Request::FrameBytes { session, number };
    let Response::FrameBytes(bytes) = workbench.dispatch(request).await? else { return Err(unexpected()) };
    if output.is_json() {
        return output.json(&bytes);
    }
    // Made safe and in lines of their own only where people read it.
    if !Output::is_terminal() {
        return output.bytes(&raw(bytes));
    }
    let mut page = Page::default();
    match &bytes {
        FrameBytes::Text(text) => text.lines().for_each(|line| {
            page.line().plain(line);
        }),
        FrameBytes::Hex(hex) => {
            page.line().plain(hex);
        }
    }
    output.print(&page)
}

/// The bytes themselves. Digits end at the first pair that is none.
fn raw(bytes: FrameBytes) -> Vec<u8> {
    match bytes {
        FrameBytes::Text(text) => text.into_bytes(),
        FrameBytes::Hex(digits) => {
            let byte = |pair: &[u8]| u8::from_str_radix(str::from_utf8(pair).ok()?, 16).ok();
            digits.as_bytes().chunks_exact(2).map_while(byte).collect()
        }
    }
}
