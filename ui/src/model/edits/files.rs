//! Making and saving workloads, and leaving one that has changes.

use jackfield_protocol::{Request, WorkloadId};

use super::super::{Effect, Model, OpenWorkload, Purpose};

/// What the user wants to leave although not everything is saved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Leaving {
    /// The workload that is to be closed; nothing if it is the whole window.
    pub workload: Option<WorkloadId>,
    /// The user chose to save first, and that is under way.
    pub is_saving: bool,
}

impl Model {
    /// Makes an empty workload.
    pub(in crate::model) fn new_workload(&mut self) -> Vec<Effect> {
        vec![Effect::Send(Request::New { name: None }, Purpose::New)]
    }

    /// Closes a workload; one that has changes is asked about first.
    pub(in crate::model) fn close(&mut self, id: WorkloadId) -> Vec<Effect> {
        self.leave(Some(id))
    }

    /// Closes the window; workloads with changes are asked about first.
    pub(in crate::model) fn quit(&mut self) -> Vec<Effect> {
        self.leave(None)
    }

    fn leave(&mut self, workload: Option<WorkloadId>) -> Vec<Effect> {
        let leaving = Leaving { workload, is_saving: false };
        if self.unsaved(leaving).next().is_some() {
            self.leaving = Some(leaving);
            return Vec::new();
        }
        self.leave_now(leaving)
    }

    /// The workloads whose changes would be lost.
    pub fn unsaved(&self, leaving: Leaving) -> impl Iterator<Item = &OpenWorkload> {
        let concerned = move |open: &&OpenWorkload| leaving.workload.is_none_or(|id| id == open.view.id);
        self.workloads.iter().filter(concerned).filter(|open| open.view.is_modified)
    }

    fn leave_now(&mut self, leaving: Leaving) -> Vec<Effect> {
        self.leaving = None;
        match leaving.workload {
            Some(id) => vec![Effect::Send(Request::Close(id), Purpose::Close(id))],
            None => vec![Effect::Quit],
        }
    }

    /// The user said what is to become of the changes.
    pub(in crate::model) fn answer_leaving(&mut self, keep: Option<bool>) -> Vec<Effect> {
        let Some(leaving) = self.leaving.take() else { return Vec::new() };
        match keep {
            None => Vec::new(),
            Some(false) => self.leave_now(leaving),
            Some(true) => self.save_and_leave(leaving),
        }
    }

    /// Saves one after the other, because each may need a dialog, and leaves after the last.
    fn save_and_leave(&mut self, leaving: Leaving) -> Vec<Effect> {
        let Some(id) = self.unsaved(leaving).next().map(|open| open.view.id) else {
            return self.leave_now(leaving);
        };
        self.leaving = Some(Leaving { is_saving: true, ..leaving });
        self.save(id)
    }

    /// Writes a workload to its file; asks for one if it has none.
    pub(in crate::model) fn save(&mut self, id: WorkloadId) -> Vec<Effect> {
        match self.workload(id) {
            Some(open) if open.view.path.is_some() => save_to(id, None),
            Some(_) => vec![Effect::PickSave(id)],
            None => Vec::new(),
        }
    }

    /// What a workload's file might be called.
    pub(crate) fn save_name(&self, id: WorkloadId) -> String {
        let name = self.workload(id).map_or("", |open| open.view.name.as_str());
        let is_plain = |c: char| c.is_alphanumeric() || "-_. ".contains(c);
        let name: String = name.chars().map(|c| if is_plain(c) { c } else { '-' }).collect();
        match name.trim() {
            "" => "workload.toml".to_owned(),
            name => format!("{name}.toml"),
        }
    }

    /// The save dialog was closed, with a file or without.
    pub(in crate::model) fn save_picked(&mut self, id: WorkloadId, path: Option<String>) -> Vec<Effect> {
        match path {
            Some(path) => save_to(id, Some(path)),
            None => {
                self.leaving = None;
                Vec::new()
            }
        }
    }

    /// A workload was written. The event that says so may come later.
    pub(super) fn saved(&mut self, id: WorkloadId, path: &str) -> Vec<Effect> {
        if let Some(workload) = self.workload_mut(id) {
            workload.view.path = Some(path.to_owned());
            workload.view.is_modified = false;
        }
        let mut effects = self.remember_places(id);
        if let Some(leaving) = self.leaving.filter(|leaving| leaving.is_saving) {
            effects.extend(self.save_and_leave(leaving));
        }
        effects
    }

    /// Keeps where a workload's cards are for the next time that it is opened; what was never saved has no
    /// next time.
    pub(in crate::model) fn remember_places(&mut self, id: WorkloadId) -> Vec<Effect> {
        let Some(workload) = self.workload(id) else { return Vec::new() };
        let Some(path) = workload.view.path.clone() else { return Vec::new() };
        let places = workload.canvas.places();
        match self.preferences.places.put(&path, &places) {
            true => vec![Effect::Remember(self.preferences.to_text())],
            false => Vec::new(),
        }
    }

    /// Stops what runs, and starts it again as it is now.
    pub(in crate::model) fn restart(&mut self) -> Vec<Effect> {
        let Some(id) = self.current else { return Vec::new() };
        self.restarting = Some(id);
        vec![Effect::Send(Request::Stop(id), Purpose::Stop(id))]
    }

    /// A workload has stopped; it is started again if that was the point.
    pub(in crate::model) fn stopped(&mut self, id: WorkloadId) -> Vec<Effect> {
        match self.restarting.take_if(|restarting| *restarting == id) {
            Some(id) => vec![Effect::Send(Request::Start(id), Purpose::Start(id))],
            None => Vec::new(),
        }
    }
}

fn save_to(workload: WorkloadId, path: Option<String>) -> Vec<Effect> {
    vec![Effect::Send(Request::Save { workload, path }, Purpose::Save(workload))]
}
