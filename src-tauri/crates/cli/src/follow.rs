//! Following one workload without missing a line.
//!
//! A reader that is slower than the components misses events, and so the lines in them. The
//! workbench keeps the lines, and they are numbered without gaps: whenever a number is missing,
//! the lines are asked for.

use jackfield_protocol::{Error, Event, LogRecord, Request, Response, WorkloadId};
use jackfield_workbench::{Subscription, Workbench};

use crate::command::unexpected;

/// A reader's place in the story of one workload.
pub(crate) struct Follower {
    workbench: Workbench,
    workload: WorkloadId,
    events: Subscription,
    last_seq: u64,
}

impl Follower {
    /// Follows `workload` from the first event in `events`, and from its first line.
    pub(crate) fn new(workbench: &Workbench, workload: WorkloadId, events: Subscription) -> Self {
        Self { workbench: workbench.clone(), workload, events, last_seq: 0 }
    }

    /// The next event as the workbench announced it, to be handed to [`Self::complete`]. Safe to
    /// cancel.
    pub(crate) async fn next(&mut self) -> Option<Event> {
        self.events.next().await
    }

    /// What `event` means for the workload: the event itself if it is about it, and whatever
    /// the reader has missed before it. [`Event::Skipped`] counts lines that are lost for good.
    pub(crate) async fn complete(&mut self, event: Event) -> Result<Vec<Event>, Error> {
        match event {
            Event::Logs(records) => self.complete_logs(records).await,
            Event::Skipped(_) => {
                let mut events = self.missed_lines().await?;
                events.extend(self.present_state().await?);
                Ok(events)
            }
            Event::Opened(view) if view.id == self.workload => Ok(vec![Event::Opened(view)]),
            Event::Closed(id) if id == self.workload => Ok(vec![Event::Closed(id)]),
            Event::State { workload, state } if workload == self.workload => {
                Ok(vec![Event::State { workload, state }])
            }
            Event::Listening { workload, listening } if workload == self.workload => {
                Ok(vec![Event::Listening { workload, listening }])
            }
            Event::Denied { workload, denial } if workload == self.workload => {
                Ok(vec![Event::Denied { workload, denial }])
            }
            Event::Reloaded { workload, .. } | Event::NotReloaded { workload, .. }
                if workload == self.workload =>
            {
                Ok(vec![event])
            }
            Event::Unrecorded { workload, lost, problem } if workload == self.workload => {
                Ok(vec![Event::Unrecorded { workload, lost, problem }])
            }
            Event::Held(call) if call.workload == self.workload => Ok(vec![Event::Held(call)]),
            Event::Released(hold) => Ok(vec![Event::Released(hold)]),
            Event::Traced(mut traces) => {
                traces.retain(|trace| trace.workload == Some(self.workload));
                Ok(if traces.is_empty() { Vec::new() } else { vec![Event::Traced(traces)] })
            }
            // Of other workloads, of the library, or of MCP.
            _ => Ok(Vec::new()),
        }
    }

    /// Everything that is there already, and every line.
    pub(crate) async fn rest(&mut self) -> Result<Vec<Event>, Error> {
        let mut events = Vec::new();
        while let Some(event) = self.events.try_next() {
            events.extend(self.complete(event).await?);
        }
        events.extend(self.missed_lines().await?);
        Ok(events)
    }

    async fn complete_logs(&mut self, records: Vec<LogRecord>) -> Result<Vec<Event>, Error> {
        let new: Vec<LogRecord> = records
            .into_iter()
            .filter(|record| record.workload == self.workload && record.seq > self.last_seq)
            .collect();
        match (new.first(), new.last()) {
            (Some(first), _) if first.seq != self.last_seq + 1 => self.missed_lines().await,
            (_, Some(last)) => {
                self.last_seq = last.seq;
                Ok(vec![Event::Logs(new)])
            }
            _ => Ok(Vec::new()),
        }
    }

    /// Every line that was printed by now and not yet told of.
    pub(crate) async fn missed_lines(&mut self) -> Result<Vec<Event>, Error> {
        let request =
            Request::Logs { workload: self.workload, after: self.last_seq, before: None, limit: u32::MAX };
        let Response::Logs(page) = self.workbench.dispatch(request).await? else {
            return Err(unexpected());
        };
        let mut events = Vec::new();
        if page.dropped > 0 {
            events.push(Event::Skipped(page.dropped));
        }
        if let Some(last) = page.records.last() {
            self.last_seq = last.seq;
            events.push(Event::Logs(page.records));
        }
        Ok(events)
    }

    async fn present_state(&self) -> Result<Option<Event>, Error> {
        let Response::Snapshot(snapshot) = self.workbench.dispatch(Request::Snapshot).await? else {
            return Err(unexpected());
        };
        let view = snapshot.workloads.into_iter().find(|view| view.id == self.workload);
        Ok(view.map(|view| Event::State { workload: view.id, state: view.state }))
    }
}
