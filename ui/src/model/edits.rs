//! Changes to workloads: the one way in, what came of them, and taking them back.
//!
//! An edit is in the undo log once the workbench has made it, never before. While one is under way,
//! undo and redo wait, so that what arrives in another order than it was sent cannot mix revisions up.

mod files;

use jackfield_protocol::{ComponentName, Edit, Request, Response, WorkloadId};

pub use files::Leaving;

use super::{Edit as Undoable, Effect, Model, Purpose};

/// One press of undo or redo.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UndoStep {
    /// Takes the last edit back.
    Undo,
    /// Makes it again.
    Redo,
}

impl Model {
    /// Asks the workbench for a change; every edit of the window comes through here. `label` is what
    /// stands behind 'Undo' afterwards, and behind 'Could not' if it fails: `add square`.
    pub fn edit(&mut self, workload: WorkloadId, edit: Edit, label: String) -> Vec<Effect> {
        vec![Effect::Send(Request::Edit { workload, edit }, Purpose::Edit { workload, label })]
    }

    /// Takes in the answer to an edit, to going back to a revision, or to saving.
    pub(super) fn edited(&mut self, purpose: &Purpose, response: &Response) -> Vec<Effect> {
        match (purpose, response) {
            (Purpose::Edit { workload, label }, Response::Edited { before, after, component }) => {
                self.edit_made(*workload, label, (*before, *after), component.as_ref());
            }
            (Purpose::Save(workload), Response::Saved { path }) => return self.saved(*workload, path),
            _ => {}
        }
        Vec::new()
    }

    fn edit_made(
        &mut self,
        id: WorkloadId,
        label: &str,
        (before, after): (u64, u64),
        component: Option<&ComponentName>,
    ) {
        let Some(workload) = self.workload_mut(id) else { return };
        if before != after {
            workload.undo.push(Undoable::Document { label: label.to_owned(), before, after });
        }
        workload.settle_drop(label, component);
    }

    /// The workbench could not do it: what was believed to happen is forgotten.
    pub(super) fn edit_failed(&mut self, purpose: &Purpose) {
        match purpose {
            Purpose::Edit { workload, label } => {
                if let Some(workload) = self.workload_mut(*workload) {
                    workload.settle_drop(label, None);
                }
            }
            Purpose::Restore { workload, step, .. } => {
                if let Some(workload) = self.workload_mut(*workload) {
                    workload.undo_queue.clear();
                    match step {
                        UndoStep::Undo => workload.undo.redo(),
                        UndoStep::Redo => workload.undo.undo(),
                    };
                }
            }
            Purpose::Save(_) => self.leaving = None,
            Purpose::New => self.library.waiting.clear(),
            _ => {}
        }
    }

    /// Undo and redo of the current workload.
    pub(super) fn undo_or_redo(&mut self, step: UndoStep) -> Vec<Effect> {
        let Some(id) = self.current else { return Vec::new() };
        if let Some(workload) = self.workload_mut(id) {
            workload.undo_queue.push_back(step);
        }
        self.run_undo_queue(id)
    }

    /// Goes on with what waited for the answer to `purpose`.
    pub(super) fn after_answer(&mut self, purpose: &Purpose) -> Vec<Effect> {
        match purpose {
            Purpose::Edit { workload, .. } | Purpose::Restore { workload, .. } => {
                self.run_undo_queue(*workload)
            }
            _ => Vec::new(),
        }
    }

    fn run_undo_queue(&mut self, id: WorkloadId) -> Vec<Effect> {
        if self.is_editing(id) {
            return Vec::new();
        }
        let mut effects = Vec::new();
        while let Some(workload) = self.workload_mut(id) {
            let Some(step) = workload.undo_queue.pop_front() else { break };
            let edit = match step {
                UndoStep::Undo => workload.undo.undo(),
                UndoStep::Redo => workload.undo.redo(),
            };
            match edit {
                Some(Undoable::Document { label, after, .. }) => {
                    let request = Request::Restore { workload: id, revision: after };
                    effects.push(Effect::Send(request, Purpose::Restore { workload: id, step, label }));
                    break;
                }
                Some(edit) => {
                    workload.perform(&edit);
                    effects.extend(self.remember_places(id));
                }
                None => {}
            }
        }
        effects
    }

    /// Whether the workbench has yet to answer an edit of this workload.
    fn is_editing(&self, id: WorkloadId) -> bool {
        self.pending.values().any(|pending| match &pending.purpose {
            Purpose::Edit { workload, .. } | Purpose::Restore { workload, .. } => *workload == id,
            _ => false,
        })
    }
}
