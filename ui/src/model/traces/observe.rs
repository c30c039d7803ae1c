//! What arrives about traces, probes and held calls, and what the model makes of it.

use jackfield_protocol::{
    Error, Event, HeldCall, Probes, Request, Response, TraceId, TraceSummary, WorkloadId,
};

use super::super::{DockTab, Effect, Model, Notice};
use super::export::format_name;
use super::{ReleaseKind, TRACE_PAGE, TraceFilter, TracePurpose, effect};
use crate::text::count;

impl Model {
    pub(in crate::model) fn traces_event(&mut self, event: Event) {
        match event {
            Event::Probes { workload, probes } => self.set_probes(workload, probes),
            Event::AllProbes(level) => self.traces.observe_all = level,
            Event::Held(call) => self.hold(call),
            Event::Released(id) => {
                for open in &mut self.workloads {
                    open.observed.release(id);
                }
            }
            Event::Traced(traces) => self.traced(traces),
            Event::Figures { workload, figures } => {
                if let Some(open) = self.workload_mut(workload) {
                    open.observed.put(figures);
                }
            }
            _ => {}
        }
    }

    fn traced(&mut self, traces: Vec<TraceSummary>) {
        self.traces.list.extend(traces);
    }

    fn hold(&mut self, call: HeldCall) {
        if let Some(open) = self.workload_mut(call.workload) {
            open.observed.hold(call);
        }
    }

    /// Takes in what is held now, and nothing else.
    pub(in crate::model) fn replace_held(&mut self, calls: Vec<HeldCall>) {
        for open in &mut self.workloads {
            let is_held = |id| calls.iter().any(|call| call.id == id);
            open.observed.held.retain(|held| is_held(held.call.id));
        }
        for call in calls {
            self.hold(call);
        }
    }

    /// What to ask after a snapshot: the traces that came since, and figures where something is observed.
    pub(in crate::model) fn ask_for_traces(&self) -> Vec<Effect> {
        let after = self.traces.list.last();
        let list = Request::Traces { workload: None, after, limit: TRACE_PAGE };
        let observed = self.workloads.iter().filter(|open| open.is_observed()).map(|open| open.view.id);
        let figures = observed.map(|id| effect(Request::Figures(id), TracePurpose::Figures(id)));
        std::iter::once(effect(list, TracePurpose::List)).chain(figures).collect()
    }

    fn set_probes(&mut self, id: WorkloadId, probes: Probes) {
        let Some(open) = self.workload_mut(id) else { return };
        open.view.probes = probes;
        let probes = &open.view.probes;
        let is_gone = |draft: &super::Draft| {
            draft.id.0 != 0 && probes.interventions.iter().all(|known| known.id != draft.id)
        };
        open.observed.draft.take_if(|draft| is_gone(draft));
    }

    pub(in crate::model) fn traces_answered(
        &mut self,
        purpose: &super::super::Purpose,
        response: Response,
    ) -> Vec<Effect> {
        let super::super::Purpose::Trace(purpose) = purpose else { return Vec::new() };
        match (purpose, response) {
            (TracePurpose::List, Response::Traces(traces)) => {
                self.traces.error = None;
                self.traces.list.extend(traces);
            }
            (
                TracePurpose::OpenRecording(path),
                Response::RecordingOpened { traces, total, lost, damage },
            ) => return self.recording_read(path, traces, &missing(total, lost, &damage)),
            (TracePurpose::Show(id), Response::Trace(trace)) => {
                if let Some(open) = self.traces.open.as_mut().filter(|open| open.id == *id) {
                    open.put(trace);
                }
            }
            (TracePurpose::Figures(id), Response::Figures(figures)) => {
                if let Some(open) = self.workload_mut(*id) {
                    open.observed.put(figures);
                }
            }
            (purpose, Response::Probes(probes)) => self.probes_answered(purpose, probes),
            (purpose, Response::Recording { path, traces }) => self.recording(purpose, path, traces),
            (TracePurpose::Send, Response::Exported { to, traces }) => {
                self.traces.sending = None;
                self.inform(format!("Sent {} to {to}", count_of(traces)), "");
            }
            (TracePurpose::Export(format), Response::Exported { to, traces }) => {
                let name = format_name(*format);
                self.inform(format!("Exported {} as {name} to {to}", count_of(traces)), "");
            }
            _ => {}
        }
        Vec::new()
    }

    fn probes_answered(&mut self, purpose: &TracePurpose, probes: Probes) {
        let id = match purpose {
            TracePurpose::Observe(id, _)
            | TracePurpose::Intervene(id)
            | TracePurpose::Switch(id)
            | TracePurpose::Remove(id, _)
            | TracePurpose::ReleaseAll(id) => *id,
            _ => return,
        };
        self.set_probes(id, probes);
        if let (TracePurpose::Intervene(_), Some(open)) = (purpose, self.workload_mut(id)) {
            open.observed.draft = None;
        }
    }

    fn recording(&mut self, purpose: &TracePurpose, path: String, traces: u64) {
        match purpose {
            TracePurpose::Record(id) => {
                self.inform(format!("Recording traces to {path}"), "");
                if let Some(open) = self.workload_mut(*id) {
                    open.view.recording = Some(path);
                }
            }
            TracePurpose::StopRecording(id) => {
                self.inform(format!("Recorded {} to {path}", count_of(traces)), "");
                if let Some(open) = self.workload_mut(*id) {
                    open.view.recording = None;
                }
            }
            _ => {}
        }
    }

    fn recording_read(&mut self, path: &str, traces: Vec<TraceSummary>, missing: &str) -> Vec<Effect> {
        let newest = traces.last().map(|trace| trace.id);
        self.inform(format!("Read {} from {path}", count(traces.len(), "trace")), missing);
        self.traces.list.extend(traces);
        self.traces.list.set_filter(TraceFilter::default());
        self.show_dock(DockTab::Traces);
        newest.map(|id| self.show_trace(id)).unwrap_or_default()
    }

    /// A request about traces was answered with nothing but that it is done.
    pub(in crate::model) fn traces_done(&mut self, purpose: &TracePurpose) {
        match purpose {
            TracePurpose::Clear => {
                self.traces.list.clear();
                self.traces.open = None;
            }
            TracePurpose::Release(id, _) => {
                for open in &mut self.workloads {
                    open.observed.release(*id);
                }
            }
            _ => {}
        }
    }

    pub(in crate::model) fn traces_failed(&mut self, purpose: &TracePurpose, error: &Error) {
        let attempt = match purpose {
            TracePurpose::Show(id) => return self.show_failed(*id, error),
            TracePurpose::Intervene(id) => return self.intervention_failed(*id, error),
            TracePurpose::Release(id, kind) => {
                if let Some(held) = self.held_mut(*id) {
                    held.is_released = false;
                    held.error = Some((*kind, error_text(error)));
                    return;
                }
                // It went on by itself meanwhile.
                return;
            }
            // The tab says it in its place.
            TracePurpose::List | TracePurpose::Figures(_) => {
                self.traces.error = Some(error_text(error));
                return;
            }
            TracePurpose::Send => {
                if let Some(draft) = &mut self.traces.sending {
                    (draft.is_sending, draft.error) = (false, Some(error_text(error)));
                    return;
                }
                "Could not send traces"
            }
            TracePurpose::Observe(..) | TracePurpose::ObserveAll => "Could not switch probes",
            TracePurpose::Switch(_) => "Could not change what is done to calls",
            TracePurpose::Remove(..) => "Could not take it away",
            TracePurpose::ReleaseAll(_) => "Could not release the held calls",
            TracePurpose::Clear => "Could not clear the traces",
            TracePurpose::Record(_) => "Could not record traces",
            TracePurpose::StopRecording(_) => "Could not stop recording",
            TracePurpose::OpenRecording(_) => "Could not open the recording",
            TracePurpose::Export(_) => "Could not export traces",
        };
        self.notify(Notice::from_error(0, attempt, error));
    }

    fn show_failed(&mut self, id: TraceId, error: &Error) {
        if let Some(open) = self.traces.open.as_mut().filter(|open| open.id == id) {
            open.error = Some(error_text(error));
        }
    }

    fn intervention_failed(&mut self, id: WorkloadId, error: &Error) {
        let text = error_text(error);
        match self.workload_mut(id).and_then(|open| open.observed.draft.as_mut()) {
            Some(draft) => draft.error = Some(text),
            None => self.notify(Notice::from_error(0, "Could not change what is done to calls", error)),
        }
    }
}

fn count_of(traces: u64) -> String {
    count(usize::try_from(traces).unwrap_or(usize::MAX), "trace")
}

/// An error in its place, with what helps.
fn error_text(error: &Error) -> String {
    match &error.help {
        Some(help) => format!("{} ({help})", error.message),
        None => error.message.clone(),
    }
}

impl ReleaseKind {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Continue, Self::Change, Self::Answer, Self::Fail];
}

/// What a reader of a recording does not see, in words.
fn missing(total: u64, lost: u64, damage: &[String]) -> String {
    let mut parts = vec![format!("the file has {}; memory keeps the newest", count_of(total))];
    if lost > 0 {
        parts.push(format!("{} could not be written", count_of(lost)));
    }
    parts.extend(damage.iter().cloned());
    parts.join("; ")
}
