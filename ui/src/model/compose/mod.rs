//! Composing in the window: the fields of the inspector, the commands on what is selected, and the
//! wire that is being pulled. All of it ends as an edit, which goes through
//! [`Model::edit`](super::Model).

mod apply;
mod draft;
mod fit;
mod name;
mod wit;

use egui::Pos2;
use jackfield_protocol::{ComponentName, Direction, Edit, EditLinkEnd, Plan};

pub use draft::{Drafts, Field, Table, UNIT, answer_edit, network_edit};
pub use fit::{Fit, LinkChoice, choices, fit_of_wire, may_be_host, only_fit};
pub use wit::{Wit, WitShelf};

/// Something that the user asks for while composing.
#[derive(Debug, Clone, PartialEq)]
pub enum ComposeAction {
    /// This stands in a field now.
    Type(Field, String),
    /// What stands in a field is meant.
    Commit(Field),
    /// The keyboard went elsewhere: what stands in the field is meant, unless it was refused already.
    Leave(Field),
    /// What stands in a field is not meant.
    Revert(Field),
    /// The field for the name has the keyboard now.
    NameFocused,
    /// Shows the WIT of a component.
    AskWit(ComponentName),
    /// A wire is pulled from a port.
    Pull(PortRef),
    /// The wire was let go on another port.
    DropOn(PortRef),
    /// The wire was let go where there is no port, at this point of the window.
    DropAway(Pos2),
    /// Nothing is to become of the wire.
    CancelPull,
}

/// A port on the canvas.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PortRef {
    /// Whose.
    pub component: ComponentName,
    /// Which way it faces.
    pub direction: Direction,
    /// Its full name.
    pub name: String,
}

/// An import whose wire was let go over nothing: what shall provide it is to be chosen.
#[derive(Debug, Clone, PartialEq)]
pub struct Choice {
    /// The component that imports.
    pub component: ComponentName,
    /// The import's full name.
    pub import: String,
    /// In points of the window.
    pub at: Pos2,
}

/// What the window remembers about composing one workload.
#[derive(Debug, Clone, Default)]
pub struct Compose {
    /// What is being typed.
    pub drafts: Drafts,
    /// The field for the selected component's name, or the workload's, is to get the keyboard.
    pub wants_name_focus: bool,
    /// The port from which a wire is pulled.
    pub pull: Option<PortRef>,
    /// What the user is asked after a wire was let go.
    pub choice: Option<Choice>,
}

impl Compose {
    /// Lets go what begins at a component that is no more.
    pub(in crate::model) fn forget_gone(&mut self, plan: &Plan) {
        self.pull = self.pull.take().filter(|port| plan.node(&port.component).is_some());
        self.choice = self.choice.take().filter(|choice| plan.node(&choice.component).is_some());
    }
}

/// The edit that links an import, with its label.
#[must_use]
pub fn link_edit(component: &ComponentName, import: &str, to: Option<EditLinkEnd>) -> (Edit, String) {
    let label = match &to {
        Some(EditLinkEnd::Component(name)) => format!("Link {import} of {component} to {name}"),
        Some(EditLinkEnd::Host) => format!("Link {import} of {component} to the host"),
        Some(EditLinkEnd::Stub) => format!("Link {import} of {component} to a stub"),
        None => format!("Leave {import} of {component} to the rules"),
    };
    (Edit::SetLink { component: component.clone(), import: import.to_owned(), to }, label)
}
