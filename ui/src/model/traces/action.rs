//! What can be asked for about traces, probes, interventions and held calls.

use jackfield_protocol::{
    ComponentName, HoldId, Intervention, InterventionId, ProbeLevel, ProbeSelection, Release, TraceFormat,
    TraceId, WorkloadId,
};

use super::held::{HeldEdit, ReleaseKind};
use super::intervene::Draft;
use super::list::TraceFilter;
use crate::model::PathWish;

/// Something about traces. Where no workload is named, the current one is meant.
#[derive(Debug, Clone, PartialEq)]
pub enum TraceAction {
    /// Changes which traces the list shows.
    Filter(TraceFilter),
    /// Keeps the newest trace in view, or not.
    Follow(bool),
    /// Shows a trace of the list.
    Select(TraceId),
    /// Shows a trace from anywhere: the tab comes to the front, and the list shows it.
    Open(TraceId),
    /// Shows the trace so many rows further in the list.
    Step(i64),
    /// Shows the newest trace of the list, or the oldest.
    ToEnd(bool),
    /// Selects a row of the trace that is shown.
    SelectRow(usize),
    /// Selects the row so many rows further.
    StepRow(i64),
    /// Selects the first row, or the last.
    RowToEnd(bool),
    /// Folds or unfolds the calls below a row.
    Toggle(usize),
    /// Folds the selected row, or goes to the one above it.
    Fold,
    /// Unfolds the selected row, or goes to the first one below it.
    Unfold,
    /// Folds or unfolds everything.
    FoldAll(bool),
    /// Shows or hides the whole values of the selected row.
    Details(bool),
    /// Shows the component that a name in a trace stands for.
    ShowComponent(ComponentName),
    /// Switches probes.
    Observe(ProbeSelection, ProbeLevel),
    /// Opens, changes or closes the form of an intervention.
    Draft(Option<Draft>),
    /// Adds or changes the intervention that the form describes.
    Intervene,
    /// Switches an intervention on or off, or adds one that needs no form.
    Put(Intervention),
    /// Takes one away.
    Remove(InterventionId),
    /// Shows the form of a held call.
    ShowHold(HoldId),
    /// Folds the form of held calls away, or unfolds it.
    FoldHolds(bool),
    /// Something was typed into the form of a held call.
    EditHold(HoldId, HeldEdit),
    /// Lets a held call go on.
    Release(HoldId, ReleaseKind, Release),
    /// Lets all held calls of a workload go on.
    ReleaseAll(WorkloadId),
    /// Asks for a file to which one trace is written.
    ExportOne(TraceId, TraceFormat),
    /// A file was chosen.
    PathChosen(PathWish, String),
    /// Asks where one trace is to be sent.
    SendOne(TraceId),
    /// The address of the collector was changed, or the question was closed.
    Endpoint(Option<String>),
    /// Sends traces to the address.
    Send,
}
