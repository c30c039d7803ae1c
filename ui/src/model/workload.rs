//! One open workload: what the workbench says of it, and what the window adds.

use jackfield_protocol::{ComponentName, Denial, Plan, Severity, WorkloadState, WorkloadView};

use egui::Pos2;
use std::collections::{BTreeMap, VecDeque};

use super::calls::Calls;
use super::compose::Compose;
use super::library::PendingDrop;
use super::traces::Observed;
use super::{Edit, Log, Reloads, UndoLog, UndoStep};
use crate::action::Selection;
use crate::canvas::Canvas;

/// A guest that tries everything must not fill the list.
const MAX_DENIALS: usize = 64;

/// An open workload.
pub struct OpenWorkload {
    /// What the workbench says of it.
    pub view: WorkloadView,
    /// What its components printed.
    pub log: Log,
    /// The edits made in the window.
    pub undo: UndoLog,
    /// What its components wanted and may not have, since it was started; the newest last.
    pub denials: Vec<Denial>,
    /// What its cards are marked with after files changed.
    pub reloads: Reloads,
    /// What the inspector shows.
    pub selection: Option<Selection>,
    /// The calls of its functions.
    pub calls: Calls,
    /// What is being composed.
    pub compose: Compose,
    /// What is known of the calls over its links.
    pub observed: Observed,
    /// Where its cards are and what part of them is seen.
    pub(crate) canvas: Canvas,
    /// Presses of undo and redo that wait for an edit to be made.
    pub(super) undo_queue: VecDeque<UndoStep>,
    /// What was dropped on the canvas and is not there yet.
    pub(super) drops: Vec<PendingDrop>,
    pub(super) is_start_pending: bool,
    pub(super) is_stop_pending: bool,
}

impl OpenWorkload {
    /// A workload that has just been opened, with its cards where they were when it was last.
    pub(super) fn new(view: WorkloadView, places: BTreeMap<ComponentName, Pos2>) -> Self {
        Self {
            canvas: Canvas::new(&view, places),
            view,
            log: Log::default(),
            undo: UndoLog::default(),
            denials: Vec::new(),
            reloads: Reloads::default(),
            selection: None,
            undo_queue: VecDeque::new(),
            drops: Vec::new(),
            calls: Calls::default(),
            compose: Compose::default(),
            observed: Observed::default(),
            is_start_pending: false,
            is_stop_pending: false,
        }
    }

    /// Takes what the workbench says now. Cards that were there stay where they are.
    pub(super) fn update(&mut self, view: WorkloadView) {
        if let Some((from, to)) = renamed(&self.view.plan, &view.plan) {
            self.canvas.rename(&from, &to);
            self.selection = self.selection.take().map(|selection| selection.renamed(&from, &to));
        }
        if self.view.plan != view.plan {
            self.reserve_drops(&view);
            self.canvas.rebuild(&view);
        } else if self.view.state != view.state {
            self.canvas.set_state(&view.state);
        }
        self.compose.drafts.forget_gone(&view);
        self.compose.forget_gone(&view.plan);
        if self.view.state != view.state {
            self.observed.set_state(&view.state);
        }
        self.view = view;
        let plan = &self.view.plan;
        self.denials.retain(|denial| {
            let granted = plan.node(&denial.component).map(|node| node.settings.network.as_slice());
            !denial.grant.as_ref().is_some_and(|grant| granted.unwrap_or_default().contains(grant))
        });
        self.selection = self.selection.take().filter(|selection| match selection {
            Selection::Component(name) => plan.node(name).is_some(),
            Selection::Link { consumer, import } => plan.link(consumer, import).is_some(),
        });
    }

    /// Takes in that a component was refused something.
    pub(super) fn denied(&mut self, denial: Denial) {
        let is_same =
            |known: &Denial| (&known.component, &known.wanted) == (&denial.component, &denial.wanted);
        if self.denials.len() < MAX_DENIALS && !self.denials.iter().any(is_same) {
            self.denials.push(denial);
        }
    }

    pub(super) fn set_state(&mut self, state: WorkloadState) {
        if state == WorkloadState::Starting {
            self.denials.clear();
        }
        if state != WorkloadState::Running {
            self.reloads.clear();
            self.calls.stopped();
        }
        self.canvas.set_state(&state);
        self.observed.set_state(&state);
        self.view.state = state;
    }

    /// Makes an edit; the caller decides whether it is a new one.
    pub(super) fn perform(&mut self, edit: &Edit) {
        match edit {
            Edit::MoveCards(moves) => {
                for (name, _, to) in moves {
                    self.canvas.place(name, *to);
                }
            }
            // That is for the workbench to make.
            Edit::Document { .. } => {}
        }
    }

    /// Its name, with a mark if its file says something else.
    #[must_use]
    pub fn title(&self) -> String {
        let mark = if self.view.is_modified { " *" } else { "" };
        format!("{}{mark}", self.view.name)
    }

    /// Whether it could be started now. A plan with errors can be asked to start: the answer says
    /// what is in the way.
    #[must_use]
    pub fn can_start(&self) -> bool {
        !self.view.state.is_active() && !self.is_start_pending && !self.is_stop_pending
    }

    /// Whether there is something to stop.
    #[must_use]
    pub fn can_stop(&self) -> bool {
        (self.view.state.is_active() || self.is_start_pending) && !self.is_stop_pending
    }

    /// How many findings the plan has, a failure at run time included: errors, warnings.
    #[must_use]
    pub fn problem_counts(&self) -> (usize, usize) {
        let is_error = |severity: Severity| severity == Severity::Error;
        let errors = self.view.plan.diagnostics.iter().filter(|found| is_error(found.severity())).count();
        let warnings = self.view.plan.diagnostics.len() - errors;
        let failed = matches!(self.view.state, WorkloadState::Failed { .. });
        (errors + usize::from(failed), warnings + self.denials.len())
    }
}

/// The component that has another name now: its card stays where it is, and stays selected.
fn renamed(before: &Plan, after: &Plan) -> Option<(ComponentName, ComponentName)> {
    let mut gone = before.nodes.iter().filter(|node| after.node(&node.name).is_none());
    let mut new = after.nodes.iter().filter(|node| before.node(&node.name).is_none());
    let (from, to) = (gone.next()?, new.next()?);
    let is_alone = gone.next().is_none() && new.next().is_none();
    let is_same = from.source == to.source && from.component.digest == to.component.digest;
    (is_alone && is_same).then(|| (from.name.clone(), to.name.clone()))
}
