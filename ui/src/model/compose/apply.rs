//! What the user asks for while composing, carried out on the model.

use jackfield_protocol::{ComponentName, Direction, Edit, EditLinkEnd, Error, Link, Request, Response};

use super::{Choice, ComposeAction, PortRef, Wit, link_edit};
use crate::action::Selection;
use crate::command::Command;
use crate::model::{Effect, Model, OpenWorkload, Purpose};

impl OpenWorkload {
    /// The component whose card is selected.
    #[must_use]
    pub fn selected_component(&self) -> Option<&ComponentName> {
        match &self.selection {
            Some(Selection::Component(name)) => Some(name),
            _ => None,
        }
    }

    /// The link that is selected.
    #[must_use]
    pub fn selected_link(&self) -> Option<&Link> {
        match &self.selection {
            Some(Selection::Link { consumer, import }) => self.view.plan.link(consumer, import),
            _ => None,
        }
    }

    /// Whether the selected component is the service; none if no component is selected.
    #[must_use]
    pub fn is_service_selected(&self) -> Option<bool> {
        Some(self.view.plan.node(self.selected_component()?)?.is_service)
    }
}

impl Model {
    /// Carries out what the user asked for.
    pub(in crate::model) fn compose(&mut self, action: ComposeAction) -> Vec<Effect> {
        let Some(id) = self.current else { return Vec::new() };
        if let ComposeAction::AskWit(component) = &action {
            return self.ask_wit(component);
        }
        let Some(workload) = self.current_mut() else { return Vec::new() };
        let OpenWorkload { view, compose, .. } = workload;
        let edit = match action {
            ComposeAction::Type(field, text) => {
                compose.drafts.set(field, text);
                None
            }
            ComposeAction::Commit(field) => compose.drafts.commit(&field, view),
            ComposeAction::Leave(field) => compose.drafts.leave(&field, view),
            ComposeAction::Revert(field) => {
                compose.drafts.forget(&field);
                None
            }
            ComposeAction::NameFocused => {
                compose.wants_name_focus = false;
                None
            }
            ComposeAction::Pull(port) => {
                (compose.pull, compose.choice) = (Some(port), None);
                None
            }
            ComposeAction::DropOn(port) => compose.pull.take().and_then(|pulled| wire(pulled, port)),
            ComposeAction::DropAway(at) => {
                let import = compose.pull.take().filter(|port| port.direction == Direction::Import);
                compose.choice =
                    import.map(|port| Choice { component: port.component, import: port.name, at });
                None
            }
            ComposeAction::CancelPull => {
                (compose.pull, compose.choice) = (None, None);
                None
            }
            ComposeAction::AskWit(_) => None,
        };
        edit.map(|(edit, label)| self.edit(id, edit, label)).unwrap_or_default()
    }

    /// Sends what was typed into fields that are about to vanish, so that nothing is lost.
    pub(in crate::model) fn commit_typed(&mut self) -> Vec<Effect> {
        let Some(workload) = self.current_mut() else { return Vec::new() };
        let id = workload.view.id;
        let edits = workload.compose.drafts.leave_all(&workload.view);
        edits.into_iter().flat_map(|(edit, label)| self.edit(id, edit, label)).collect()
    }

    /// Runs a command on what is selected.
    pub(in crate::model) fn run_compose(&mut self, command: Command) -> Vec<Effect> {
        let Some(workload) = self.current() else { return Vec::new() };
        let edit = match command {
            Command::Delete => delete(workload),
            Command::ToggleService => toggle_service(workload),
            Command::LinkToRules => relink(workload, None),
            Command::LinkToHost => relink(workload, Some(EditLinkEnd::Host)),
            Command::LinkToStub => relink(workload, Some(EditLinkEnd::Stub)),
            _ => return self.rename(),
        };
        let id = workload.view.id;
        edit.map(|(edit, label)| self.edit(id, edit, label)).unwrap_or_default()
    }

    /// Lets the wire that is being pulled go, or closes the question about it. Whether there was one.
    pub(in crate::model) fn cancel_pull(&mut self) -> bool {
        let Some(workload) = self.current_mut() else { return false };
        let pull = workload.compose.pull.take();
        workload.compose.choice.take().is_some() || pull.is_some()
    }

    /// Gives the keyboard to the field that has the name.
    fn rename(&mut self) -> Vec<Effect> {
        if let Some(workload) = self.current_mut() {
            workload.compose.wants_name_focus = true;
        }
        let was_open = std::mem::replace(&mut self.preferences.inspector_open, true);
        if was_open { Vec::new() } else { vec![Effect::Remember(self.preferences.to_text())] }
    }

    fn ask_wit(&mut self, component: &ComponentName) -> Vec<Effect> {
        let Some(workload) = self.current() else { return Vec::new() };
        let Some(node) = workload.view.plan.node(component) else { return Vec::new() };
        let (workload, digest) = (workload.view.id, node.component.digest.clone());
        if matches!(self.wit.get(&digest), Some(Wit::Asked | Wit::Text(_))) {
            return Vec::new();
        }
        self.wit.put(digest.clone(), Wit::Asked);
        let request = Request::Wit { workload, component: component.clone() };
        vec![Effect::Send(request, Purpose::Wit { workload, digest })]
    }

    /// Takes note of what came of something that composing asked for.
    pub(in crate::model) fn settle(&mut self, purpose: &Purpose, result: &Result<Response, Error>) {
        match (purpose, result) {
            (Purpose::Edit { workload, label }, result) => {
                if let Some(workload) = self.workload_mut(*workload) {
                    workload.compose.drafts.settle(label, result.is_ok());
                }
            }
            (Purpose::Wit { digest, .. }, Ok(Response::Wit(text))) => {
                self.wit.put(digest.clone(), Wit::Text(text.as_str().into()));
            }
            (Purpose::Wit { digest, .. }, Err(error)) => {
                self.wit.put(digest.clone(), Wit::Failed(error.message.clone()));
            }
            _ => {}
        }
    }
}

fn delete(workload: &OpenWorkload) -> Option<(Edit, String)> {
    match workload.selected_component() {
        Some(name) => Some((Edit::RemoveComponents(vec![name.clone()]), format!("Remove {name}"))),
        None => relink(workload, None),
    }
}

fn toggle_service(workload: &OpenWorkload) -> Option<(Edit, String)> {
    let name = workload.selected_component()?;
    Some(if workload.is_service_selected()? {
        (Edit::SetService(None), format!("Make {name} no service"))
    } else {
        (Edit::SetService(Some(name.clone())), format!("Make {name} the service"))
    })
}

fn relink(workload: &OpenWorkload, to: Option<EditLinkEnd>) -> Option<(Edit, String)> {
    let link = workload.selected_link()?;
    Some(link_edit(&link.consumer, &link.import, to))
}

/// The edit that a wire between two ports means; none if it joins no import with an export.
fn wire(a: PortRef, b: PortRef) -> Option<(Edit, String)> {
    let (import, export) = match (a.direction, b.direction) {
        (Direction::Import, Direction::Export) => (a, b),
        (Direction::Export, Direction::Import) => (b, a),
        _ => return None,
    };
    let to = EditLinkEnd::Component(export.component);
    Some(link_edit(&import.component, &import.name, Some(to)))
}
