//! The traces of a workload, each as soon as it has ended.

use jackfield_protocol::{Error, Request, Response, Trace, TraceId, WorkloadId};
use jackfield_workbench::Workbench;
use jiff::tz::TimeZone;
use serde::Serialize;

use crate::command::unexpected;
use crate::output::Output;
use crate::page::Page;
use crate::render;
use crate::style::Role;

/// A reader's place among the traces.
pub(crate) struct Traces {
    workbench: Workbench,
    workload: WorkloadId,
    last: TraceId,
    is_wide: bool,
    zone: TimeZone,
}

/// A line of JSON.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
enum Line<'a> {
    Trace(&'a Trace),
}

impl Traces {
    /// From the first trace on.
    pub(crate) fn new(workbench: &Workbench, workload: WorkloadId, is_wide: bool) -> Self {
        let zone = TimeZone::system();
        Self { workbench: workbench.clone(), workload, last: TraceId(0), is_wide, zone }
    }

    /// Those that are new. Announcements leave some out where there are very many, so what there is is asked for.
    pub(crate) async fn new_ones(&self) -> Result<Vec<TraceId>, Error> {
        let request = Request::Traces { workload: Some(self.workload), after: self.last, limit: u32::MAX };
        match self.workbench.dispatch(request).await? {
            Response::Traces(summaries) => Ok(summaries.into_iter().map(|summary| summary.id).collect()),
            _ => Err(unexpected()),
        }
    }

    /// A new one; none if it has made room for newer ones meanwhile.
    pub(crate) async fn get(&mut self, id: TraceId, output: &Output) -> Result<Option<Trace>, Error> {
        self.note_gap(id, output);
        self.last = id;
        match self.workbench.dispatch(Request::TraceById(id)).await {
            Ok(Response::Trace(trace)) => Ok(Some(trace)),
            Ok(_) => Err(unexpected()),
            Err(_) => {
                note_lost(1, output);
                Ok(None)
            }
        }
    }

    /// This process has opened one workload, so no number is another's.
    fn note_gap(&self, next: TraceId, output: &Output) {
        let lost = next.0.saturating_sub(self.last.0.saturating_add(1));
        if lost > 0 {
            note_lost(lost, output);
        }
    }

    pub(crate) fn show(&self, trace: &Trace, output: &mut Output) -> Result<(), Error> {
        if output.is_json() {
            return output.json(&Line::Trace(trace));
        }
        let page = render::trace::numbered(trace, &self.zone);
        if self.is_wide { output.print(&page) } else { output.print_cut(&page) }
    }
}

fn note_lost(count: u64, output: &Output) {
    if output.is_json() {
        return;
    }
    let mut page = Page::default();
    let traces = if count == 1 { "1 trace is" } else { &format!("{count} traces are") };
    page.line()
        .add(Role::Warning, "warning: ")
        .plain(format!("{traces} not shown: there are more calls than this output can follow"));
    output.note(&page);
}
