//! `jack up`: a workload in the foreground.

use std::process::ExitCode;
use std::time::Duration;

use jackfield_protocol::{
    Error, ErrorKind, Event, LogRecord, ProbeSelection, Request, WorkloadState, WorkloadView,
};
use jackfield_workbench::Workbench;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until};

use super::observe::{Flow, HeldLines, Holds, Traces};
use super::{observe, open};
use crate::args::{Interventions, TraceLevel, WorkloadArgs};
use crate::asked::Asked;
use crate::failure::{Failure, code};
use crate::follow::Follower;
use crate::input::Forwarding;
use crate::output::Output;
use crate::render;
use crate::signals::Interrupts;

/// How often it is looked for lines that have waited long enough.
const BETWEEN_LOOKS: Duration = Duration::from_secs(1);

/// How long it runs, what the service reads, and what is done about its calls.
#[derive(Debug, Clone, Copy)]
pub(super) struct How<'a> {
    pub(super) limit: Option<Duration>,
    pub(super) reads_terminal: bool,
    pub(super) trace: Option<TraceLevel>,
    pub(super) is_wide: bool,
    pub(super) interventions: &'a Interventions,
}

pub(super) async fn run(
    workbench: &Workbench,
    workload: &WorkloadArgs,
    how: How<'_>,
    output: &mut Output,
) -> Result<ExitCode, Failure> {
    let state = to_its_end(workbench, workload, how, output).await;
    let (name, state) = state.map_err(|error| Failure::new(error, code::NOT_STARTED))?;
    outcome(&name, &state)
}

/// Gives the workload's name and the state that it ended in.
async fn to_its_end(
    workbench: &Workbench,
    workload: &WorkloadArgs,
    how: How<'_>,
    output: &mut Output,
) -> Result<(String, WorkloadState), Error> {
    let mut interrupts = Interrupts::listen()?;
    let events = workbench.subscribe();
    let view = open(workbench, workload, output).await?;
    observe::check(&view.plan, how.interventions)?;
    let mut session = Session {
        holds: Holds::new(workbench, view.id, !how.interventions.breaks.is_empty()),
        traces: how.trace.map(|_| Traces::new(workbench, view.id, how.is_wide)),
        follower: Follower::new(workbench, view.id, events),
        log: render::log::Layout::of(&view.plan),
        lines: held_lines(&view, how, output),
        output,
        state: view.state.clone(),
        view,
    };
    session.warn();
    let ended = session.watch(workbench, how, &mut interrupts).await;
    // Nothing that is held may keep it from stopping.
    session.holds.release_all_held().await?;
    let stopped = workbench.dispatch(Request::Stop(session.view.id)).await;
    session.finish().await?;
    ended?;
    stopped?;
    observe::end(workbench, &session.view, how.interventions, session.output).await?;
    Ok((session.view.name, session.state))
}

/// Where traces are shown, what was printed below a call stands in its trace. For programs each has all of it, and
/// who holds calls wants to see what they print meanwhile.
fn held_lines(view: &WorkloadView, how: How<'_>, output: &Output) -> HeldLines {
    if how.trace.is_none() || output.is_json() || !how.interventions.breaks.is_empty() {
        return HeldLines::none();
    }
    let service = view.plan.nodes.iter().find(|node| node.is_service);
    HeldLines::of_workload(service.map(|node| node.name.clone()))
}

/// The process ends as the service did.
fn outcome(name: &str, state: &WorkloadState) -> Result<ExitCode, Failure> {
    let WorkloadState::Failed { component, reason, exit_code } = state else { return Ok(ExitCode::SUCCESS) };
    let culprit = component.as_ref().map(|name| format!("`{name}`: ")).unwrap_or_default();
    let error = Error::new(ErrorKind::Trap, format!("{name} failed: {culprit}{reason}"));
    Err(Failure::new(error, exit_code.unwrap_or(code::TRAPPED)))
}

/// One run of a workload.
struct Session<'a> {
    view: WorkloadView,
    /// As last announced.
    state: WorkloadState,
    follower: Follower,
    log: render::log::Layout,
    lines: HeldLines,
    holds: Holds,
    /// Nothing if they are not shown.
    traces: Option<Traces>,
    output: &'a mut Output,
}

impl Session<'_> {
    /// Shows findings that keep nothing from running; those that do become the error of the start.
    fn warn(&self) {
        if self.view.plan.is_runnable() && !self.output.is_json() {
            self.output.note(&render::plan::findings(&self.view.plan));
        }
    }

    /// Starts the workload and shows what it does, until it ends or is no longer wanted.
    async fn watch(
        &mut self,
        workbench: &Workbench,
        how: How<'_>,
        interrupts: &mut Interrupts,
    ) -> Result<(), Error> {
        self.observe(workbench, how).await?;
        let mut start = Asked::request(workbench, Request::Start(self.view.id));
        let mut starting = true;
        let mut deadline: Option<Instant> = None;
        let mut forwarding = None;
        let mut looks = interval(BETWEEN_LOOKS);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        // A service alone makes no calls from outside, at which changed files would be noticed.
        let following = workbench.follow_files();
        tokio::pin!(following);
        while !(self.has_ended() || self.output.is_closed()) {
            tokio::select! {
                // In this order: however much the components print, it can be stopped.
                biased;
                () = interrupts.first() => break,
                () = at(deadline) => break,
                result = start.answer(), if starting => {
                    result?;
                    starting = false;
                    if how.interventions.breaks.is_empty() {
                        forwarding = Some(Forwarding::start(workbench, self.view.id, how.reads_terminal));
                    }
                    deadline = how.limit.and_then(|limit| Instant::now().checked_add(limit));
                }
                never = &mut following, if !starting => match never {},
                _ = looks.tick(), if !starting => {
                    let overdue = self.lines.overdue();
                    self.show_lines(&overdue)?;
                }
                said = self.holds.said() => {
                    if self.holds.obey(said, self.output).await? == Flow::Stop {
                        break;
                    }
                }
                event = self.follower.next() => match event {
                    Some(event) => self.take(event).await?,
                    None => break,
                },
            }
        }
        drop(forwarding);
        // It failed before it had started: why, is what the start says.
        if starting && self.has_ended() {
            start.answer().await?;
        }
        Ok(())
    }

    /// Switches on what is wanted, before the first call.
    async fn observe(&mut self, workbench: &Workbench, how: How<'_>) -> Result<(), Error> {
        // What is to be kept has to be seen.
        let level = how.trace.or(how.interventions.record.as_ref().map(|_| TraceLevel::Values));
        if let Some(level) = level {
            let (workload, sites, level) = (self.view.id, ProbeSelection::All, level.into());
            workbench.dispatch(Request::SetProbes { workload, sites, level }).await?;
        }
        observe::begin(workbench, &self.view, how.interventions).await
    }

    fn has_ended(&self) -> bool {
        matches!(self.state, WorkloadState::Completed | WorkloadState::Failed { .. })
    }

    async fn take(&mut self, event: Event) -> Result<(), Error> {
        for event in self.follower.complete(event).await? {
            if matches!(event, Event::Traced(_)) {
                self.show_traces().await?;
            } else {
                self.holds.take(&event, self.output);
                self.show(event)?;
            }
        }
        Ok(())
    }

    async fn show_traces(&mut self) -> Result<(), Error> {
        let Some(traces) = &self.traces else { return Ok(()) };
        for id in traces.new_ones().await? {
            // What was printed below the call, which is told before it.
            for event in self.follower.missed_lines().await? {
                self.show(event)?;
            }
            let Some(traces) = &mut self.traces else { return Ok(()) };
            if let Some(mut trace) = traces.get(id, self.output).await? {
                let others = self.lines.place(&mut trace);
                traces.show(&trace, self.output)?;
                self.show_lines(&others)?;
            }
        }
        Ok(())
    }

    /// Shows what is left to show.
    async fn finish(&mut self) -> Result<(), Error> {
        for event in self.follower.rest().await? {
            if !matches!(event, Event::Traced(_)) {
                self.show(event)?;
            }
        }
        self.show_traces().await?;
        let rest = self.lines.rest();
        self.show_lines(&rest)
    }

    fn show_lines(&mut self, records: &[LogRecord]) -> Result<(), Error> {
        if records.is_empty() { Ok(()) } else { self.output.print(&self.log.page(records)) }
    }

    fn show(&mut self, event: Event) -> Result<(), Error> {
        if self.output.is_json() {
            self.output.json(&event)?;
        }
        match event {
            Event::State { state, .. } => {
                if state != self.state && !self.output.is_json() {
                    self.output.note(&render::state::page(&self.view, &state));
                }
                // Stopping what has ended by itself does not undo how it ended.
                if !(self.has_ended() && state == WorkloadState::Stopped) {
                    self.state = state;
                }
            }
            Event::Listening { listening, .. } if !self.output.is_json() => {
                self.output.note(&render::state::listening(&listening));
            }
            Event::Logs(records) if !self.output.is_json() => {
                let records = self.lines.take(records);
                self.show_lines(&records)?;
            }
            Event::Unrecorded { lost, problem, .. } if !self.output.is_json() => {
                self.output.note(&render::traces::unrecorded(lost, problem.as_deref()));
            }
            Event::Skipped(count) if !self.output.is_json() => {
                self.output.note(&render::log::lost(count));
            }
            _ => {}
        }
        Ok(())
    }
}

/// Resolves at `deadline`, or never if there is none.
async fn at(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => sleep_until(deadline).await,
        None => std::future::pending().await,
    }
}
