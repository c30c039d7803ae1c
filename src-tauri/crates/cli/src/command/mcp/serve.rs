//! `jack mcp serve`

use std::process::ExitCode;

use jackfield_protocol::{Error, Event, Request, WorkloadId, WorkloadState};
use jackfield_workbench::{Subscription, Workbench};
use tokio_util::sync::CancellationToken;

use crate::args::WorkloadArgs;
use crate::command::{open, start};
use crate::output::Output;
use crate::page::Page;
use crate::render;
use crate::signals::Interrupts;
use crate::style::Role;

pub(super) async fn run(
    workbench: &Workbench,
    workload: &WorkloadArgs,
    stdio: bool,
    port: Option<u16>,
    output: &mut Output,
) -> Result<ExitCode, Error> {
    let mut interrupts = Interrupts::listen()?;
    let events = workbench.subscribe();
    let view = open(workbench, workload, output).await?;
    let log = render::log::Layout::of(&view.plan);
    start(workbench, view.id, &mut interrupts).await?;
    let mut watch = Watch { workload: view.id, events, log, is_quiet: stdio };
    // Clients are told of tools that come and go with a new build, also those that do not call.
    let following = workbench.follow_files();
    tokio::pin!(following);
    if stdio {
        let stop = CancellationToken::new();
        let streams = (tokio::io::stdin(), tokio::io::stdout());
        let serving = workbench.serve_streams(view.id, streams, stop.clone());
        tokio::pin!(serving);
        loop {
            tokio::select! {
                served = &mut serving => return served.map(|()| ExitCode::SUCCESS),
                () = interrupts.first() => stop.cancel(),
                never = &mut following => match never {},
                _ = watch.next(output) => {}
            }
        }
    }
    workbench.dispatch(Request::Serve { workload: view.id, port }).await?;
    loop {
        tokio::select! {
            () = interrupts.first() => return Ok(ExitCode::SUCCESS),
            never = &mut following => match never {},
            ended = watch.next(output) => if ended? {
                return Ok(ExitCode::FAILURE);
            },
        }
    }
}

/// Shows what happens to the workload.
struct Watch {
    workload: WorkloadId,
    events: Subscription,
    log: render::log::Layout,
    /// Standard output is for the protocol alone.
    is_quiet: bool,
}

impl Watch {
    /// Shows the next event; whether it was the last. Safe to cancel.
    async fn next(&mut self, output: &mut Output) -> Result<bool, Error> {
        let Some(event) = self.events.next().await else { return Ok(true) };
        match event {
            Event::Logs(records) => output.note(&self.log.page(&records)),
            Event::Opened(view) if view.id == self.workload && !self.is_quiet => {
                if let Some(url) = view.mcp_url {
                    let mut page = Page::default();
                    page.line().plain(&url);
                    if output.is_json() {
                        output.json(&serde_json::json!({ "mcp-url": url }))?;
                    } else {
                        output.print(&page)?;
                    }
                }
            }
            Event::State { workload, state: state @ WorkloadState::Failed { .. } }
                if workload == self.workload =>
            {
                let mut page = Page::default();
                page.line().add(Role::Error, state);
                output.note(&page);
                return Ok(true);
            }
            _ => {}
        }
        Ok(false)
    }
}
