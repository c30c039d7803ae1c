//! `jack session`: calls into one instance, one on each line, so that resources live from one to the next.

mod line;

use std::io::{self, BufRead as _, IsTerminal as _};
use std::process::ExitCode;
use std::thread;

use jackfield_protocol::{
    CallSessionId, ComponentName, Error, ErrorKind, Event, Request, Response, Ticket, WorkloadId,
};
use jackfield_workbench::Workbench;
use serde_json::json;
use tokio::sync::mpsc;

use self::line::Line;
use super::{open, start, unexpected};
use crate::args::WorkloadArgs;
use crate::asked::Asked;
use crate::failure::code;
use crate::follow::Follower;
use crate::output::Output;
use crate::page::Page;
use crate::render;
use crate::signals::Interrupts;

const HELP: &str = "function(argument, …) calls; :handles lists what lives, :drop #1 ends it, :quit ends all";

/// There is one call at a time.
const TICKET: Ticket = Ticket(1);

/// Opens a session and carries out what is read, line by line.
pub(super) async fn run(
    workbench: &Workbench,
    workload: &WorkloadArgs,
    component: &str,
    output: &mut Output,
) -> Result<ExitCode, Error> {
    let interrupts = Interrupts::listen()?;
    let events = workbench.subscribe();
    let view = open(workbench, workload, output).await?;
    let mut session = Session {
        workbench,
        workload: view.id,
        follower: Follower::new(workbench, view.id, events),
        log: render::log::Layout::of(&view.plan),
        interrupts,
        has_failed: false,
        is_given_up: false,
        output,
    };
    let done = session.all(component.into()).await;
    let stopped = workbench.dispatch(Request::Stop(view.id)).await;
    session.rest().await?;
    done?;
    stopped?;
    Ok(match (session.is_given_up, session.has_failed) {
        (true, _) => ExitCode::from(code::INTERRUPTED),
        (false, true) => ExitCode::FAILURE,
        (false, false) => ExitCode::SUCCESS,
    })
}

struct Session<'a> {
    workbench: &'a Workbench,
    workload: WorkloadId,
    follower: Follower,
    log: render::log::Layout,
    interrupts: Interrupts,
    has_failed: bool,
    /// By Ctrl-C, while nothing was called.
    is_given_up: bool,
    output: &'a mut Output,
}

impl Session<'_> {
    async fn all(&mut self, component: ComponentName) -> Result<(), Error> {
        let workload = self.workload;
        start(self.workbench, workload, &mut self.interrupts).await?;
        let opened = self.workbench.dispatch(Request::OpenSession { workload, component }).await?;
        let Response::SessionOpened(id) = opened else { return Err(unexpected()) };
        let is_typed = io::stdin().is_terminal();
        if is_typed {
            self.tell(HELP);
        }
        let mut lines = lines();
        while !self.output.is_closed() {
            let text = tokio::select! {
                text = lines.recv() => text,
                () = self.interrupts.first() => {
                    self.is_given_up = true;
                    None
                }
            };
            let Some(text) = text else { break };
            let failed = match line::read(&text) {
                Ok(Line::Quit) => break,
                Ok(line) => self.carry_out(id, line).await.err(),
                Err(reason) => Some(Error::new(ErrorKind::Request, reason)),
            };
            let Some(error) = failed else { continue };
            self.fail(&error)?;
            if !matches!(error.kind, ErrorKind::Arguments | ErrorKind::Request) {
                self.tell("the session has ended");
                break;
            }
        }
        Ok(())
    }

    async fn carry_out(&mut self, session: CallSessionId, line: Line) -> Result<(), Error> {
        let workload = self.workload;
        let request = match line {
            Line::Call { function, args } => {
                Request::CallInSession { workload, session, function, args, ticket: Some(TICKET) }
            }
            Line::Handles => Request::Handles { workload, session },
            Line::Drop(handle) => Request::DropHandle { workload, session, handle },
            Line::Help => {
                self.tell(HELP);
                return Ok(());
            }
            Line::Empty | Line::Quit => return Ok(()),
        };
        let is_question = matches!(request, Request::Handles { .. });
        match self.ask(request).await? {
            Response::CalledInSession { outcome, .. } if self.output.is_json() => self.output.json(&outcome),
            Response::CalledInSession { outcome, .. } => match outcome.result {
                Some(result) => self.output.text(&format!("{result}\n")),
                None => Ok(()),
            },
            Response::Handles(handles) if self.output.is_json() => {
                self.output.json(&json!({ "handles": handles }))
            }
            Response::Handles(handles) if is_question => {
                handles.iter().try_for_each(|handle| self.output.text(&format!("{handle}\n")))
            }
            Response::Handles(_) => Ok(()),
            _ => Err(unexpected()),
        }
    }

    /// Asks, and meanwhile shows what the components print. Ctrl-C ends a call.
    async fn ask(&mut self, request: Request) -> Result<Response, Error> {
        let mut asked = Asked::request(self.workbench, request);
        let mut is_given_up = false;
        let answered = loop {
            tokio::select! {
                answered = asked.answer() => break answered,
                () = self.interrupts.first(), if !is_given_up => {
                    is_given_up = true;
                    let request = Request::CancelCall { workload: self.workload, ticket: TICKET };
                    self.workbench.dispatch(request).await?;
                }
                Some(event) = self.follower.next() => {
                    let events = self.follower.complete(event).await?;
                    show(&self.log, self.output, events);
                }
            }
        };
        self.rest().await?;
        answered
    }

    async fn rest(&mut self) -> Result<(), Error> {
        let events = self.follower.rest().await?;
        show(&self.log, self.output, events);
        Ok(())
    }

    fn fail(&mut self, error: &Error) -> Result<(), Error> {
        self.has_failed = true;
        match self.output.is_json() {
            true => self.output.json(&json!({ "error": error })),
            false => {
                self.output.note(&render::error::page(error));
                Ok(())
            }
        }
    }

    /// Says something to a person.
    fn tell(&self, text: &str) {
        let mut page = Page::default();
        page.line().plain(text);
        self.output.note(&page);
    }
}

/// Shows lines on standard error, where they do not mix with results.
fn show(log: &render::log::Layout, output: &Output, events: Vec<Event>) {
    for event in events {
        match event {
            Event::Logs(records) => output.note(&log.page(&records)),
            Event::Skipped(count) => output.note(&render::log::lost(count)),
            _ => {}
        }
    }
}

/// The lines of standard input. Read in a thread of its own, because reading cannot be interrupted.
fn lines() -> mpsc::Receiver<String> {
    let (sender, receiver) = mpsc::channel(1);
    thread::spawn(move || {
        for line in io::stdin().lock().lines().map_while(Result::ok) {
            if sender.blocking_send(line).is_err() {
                break;
            }
        }
    });
    receiver
}
