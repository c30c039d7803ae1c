//! What was seen of calls: the list of traces, the one that is shown, and what the user asks for about them.
//!
//! The list is bounded and holds summaries only; a trace is asked for when it is looked at. What is observed of
//! a workload, and which of its calls are held, belongs to the workload: see [`Observed`].

mod action;
mod apply;
mod export;
mod held;
mod intervene;
mod list;
mod observe;
mod observed;
mod open;
mod rows;
mod site;
mod span_text;

use jackfield_protocol::{HoldId, InterventionId, ProbeLevel, Request, TraceFormat, TraceId, WorkloadId};

pub use action::TraceAction;
pub use export::{DEFAULT_COLLECTOR, SendDraft};
pub use held::{Held, HeldEdit, ReleaseKind};
pub(crate) use intervene::condition_field;
pub use intervene::{Draft, DraftKind, summary};
pub use list::{MAX_TRACES, TraceFilter, TraceList, TraceOutcome};
pub use observed::Observed;
pub use open::OpenTrace;
pub(crate) use rows::row_text;
pub use rows::{Row, RowKind, Rows};
pub use site::{entry_site, has_entry, link_of_span, link_site};
pub(crate) use span_text::{arguments, function_name, nanos};

use super::{Effect, Model, OpenWorkload, Purpose};

/// So many traces are asked for at the start.
pub const TRACE_PAGE: u32 = 2_000;

/// What a request about traces and probes was sent for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TracePurpose {
    /// To list what is kept.
    List,
    /// To show one.
    Show(TraceId),
    /// To know what has gone over a workload's links.
    Figures(WorkloadId),
    /// To switch probes.
    Observe(WorkloadId, ProbeLevel),
    /// To switch those of all workloads.
    ObserveAll,
    /// To add or change an intervention from the form.
    Intervene(WorkloadId),
    /// To switch an intervention on or off, or to add one without a form.
    Switch(WorkloadId),
    /// To take one away.
    Remove(WorkloadId, InterventionId),
    /// To let a held call go on.
    Release(HoldId, ReleaseKind),
    /// To let all of them go on.
    ReleaseAll(WorkloadId),
    /// To forget what is kept.
    Clear,
    /// To keep traces on disk.
    Record(WorkloadId),
    /// To keep them there no longer.
    StopRecording(WorkloadId),
    /// To read a recording.
    OpenRecording(String),
    /// To write traces to a file.
    Export(TraceFormat),
    /// To send them to a collector.
    Send,
}

/// The traces of all workloads, and the one that is shown.
#[derive(Debug, Default)]
pub struct TraceRoom {
    /// What is known of each.
    pub list: TraceList,
    /// At which level all workloads were last said to be observed, and those opened later are.
    pub observe_all: ProbeLevel,
    /// Why what is kept could not be listed.
    pub error: Option<String>,
    /// The one that is shown.
    pub open: Option<OpenTrace>,
    /// The question where traces are to be sent.
    pub sending: Option<SendDraft>,
    /// The held call whose form is shown.
    pub shown_hold: Option<HoldId>,
    /// Whether the form of held calls is folded away.
    pub is_hold_form_folded: bool,
}

impl Model {
    /// The held calls of all workloads, oldest first.
    pub fn held(&self) -> impl Iterator<Item = &Held> {
        let mut held: Vec<&Held> = self.workloads.iter().flat_map(|open| &open.observed.held).collect();
        held.sort_by_key(|held| (held.call.since_unix_micros, held.call.id));
        held.into_iter()
    }

    /// The held call whose form is shown: the chosen one, or the oldest.
    #[must_use]
    pub fn shown_held(&self) -> Option<&Held> {
        let chosen = self.held().find(|held| Some(held.call.id) == self.traces.shown_hold);
        chosen.or_else(|| self.held().next())
    }

    pub(super) fn held_mut(&mut self, id: HoldId) -> Option<&mut Held> {
        self.workloads.iter_mut().flat_map(|open| &mut open.observed.held).find(|held| held.call.id == id)
    }

    /// How much is observed of the current workload, if it is the same for all of it that can be observed at once.
    #[must_use]
    pub fn observe_level(&self) -> Option<ProbeLevel> {
        self.current().and_then(OpenWorkload::observed_level)
    }
}

fn effect(request: Request, purpose: TracePurpose) -> Effect {
    Effect::Send(request, Purpose::Trace(purpose))
}
