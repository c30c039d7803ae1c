//! Everything that a view can ask for. Views emit these; [`Model::apply`](crate::model::Model::apply)
//! is the one place that carries them out.

use egui::{Pos2, Rect, Vec2};
use jackfield_protocol::{CallId, ComponentName, Edit, LogStream, WorkloadId};

use crate::command::Command;
pub use crate::model::ExchangeAction;
pub use crate::model::compose::{ComposeAction, PortRef};
pub use crate::model::mcp::{McpAction, SessionAction};
pub use crate::model::traces::TraceAction;
pub use crate::model::{CallAction, LibraryAction};

/// Something that the user asked for.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// Runs a command of the menus.
    Run(Command),
    /// Opens a workload file.
    Open(String),
    /// Shows another open workload.
    SwitchTo(WorkloadId),
    /// Closes an open workload.
    Close(WorkloadId),
    /// Shows something in the inspector, or nothing.
    Select(Option<Selection>),
    /// Shows something in the inspector and brings it into view on the canvas.
    Reveal(Selection),
    /// Something about the canvas of the current workload.
    Canvas(CanvasAction),
    /// Something about the log panel.
    Log(LogAction),
    /// Something about the library.
    Library(LibraryAction),
    /// What is to become of unsaved changes: saved, given up, or nothing, which stays.
    Leave(Option<bool>),
    /// Something about calls of functions.
    Calls(CallAction),
    /// Something about the MCP tab.
    Mcp(McpAction),
    /// Something about the session tab.
    Session(SessionAction),
    /// Something about traces, probes and held calls.
    Trace(TraceAction),
    /// Something about exports and imports.
    Exchange(ExchangeAction),
    /// Changes the current workload; the label says what is changed, as the menu has it.
    Edit(Edit, String),
    /// Something about composing the current workload.
    Compose(ComposeAction),
    /// Puts text on the clipboard.
    Copy(String),
    /// Takes a notice away.
    Dismiss(u64),
    /// Something about the command palette.
    Palette(PaletteAction),
    /// Closes the help window.
    CloseHelp,
}

/// What the inspector shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selection {
    /// A component's card.
    Component(ComponentName),
    /// The link that satisfies an import.
    Link {
        /// The component that imports.
        consumer: ComponentName,
        /// The import's name in its binary.
        import: String,
    },
}

impl Selection {
    /// The same after a component got another name.
    #[must_use]
    pub(crate) fn renamed(self, from: &ComponentName, to: &ComponentName) -> Self {
        let rename = |name: ComponentName| if name == *from { to.clone() } else { name };
        match self {
            Self::Component(name) => Self::Component(rename(name)),
            Self::Link { consumer, import } => Self::Link { consumer: rename(consumer), import },
        }
    }

    /// The component that is selected, or whose link is.
    #[must_use]
    pub fn component(&self) -> &ComponentName {
        match self {
            Self::Component(name) | Self::Link { consumer: name, .. } => name,
        }
    }
}

/// Something about the canvas. Positions are in canvas space, deltas and rectangles in points of the
/// window.
#[derive(Debug, Clone, PartialEq)]
pub enum CanvasAction {
    /// The layout found places for these cards (their top left corners).
    Arranged(Vec<(ComponentName, Pos2)>),
    /// The canvas has this place in the window.
    Placed(Rect),
    /// A card is being dragged, and its top left corner is here now.
    Drag(ComponentName, Pos2),
    /// The card that was dragged has been let go.
    Drop,
    /// Moves what is seen by this much.
    Pan(Vec2),
    /// Enlarges what is seen by `factor`, and keeps the point `around` where it is.
    Zoom {
        /// Above 1 to enlarge.
        factor: f32,
        /// In points of the window.
        around: Pos2,
    },
    /// Folds or unfolds the imports that the host provides for one component.
    ToggleHostImports(ComponentName),
}

/// Something about the log panel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LogAction {
    /// Shows only lines of this component, or of all.
    FilterComponent(Option<ComponentName>),
    /// Shows only lines of this stream, or of both.
    FilterStream(Option<LogStream>),
    /// Shows only lines of this call, or of all.
    FilterCall(Option<CallId>),
    /// Shows only lines with this text in them, in any case.
    FilterText(String),
    /// Shows every line.
    ClearFilter,
    /// Keeps the newest line in view, or not.
    Follow(bool),
    /// Selects the line with this sequence number alone.
    SelectLine(u64),
    /// Selects from the line that was selected first to this one.
    ExtendSelection(u64),
    /// Selects nothing.
    Unselect,
}

/// Something about the command palette.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PaletteAction {
    /// The search text changed.
    Query(String),
    /// Moves the highlight by this many entries.
    Step(i32),
    /// Runs the entry with this index among those that match.
    Accept(usize),
    /// Closes the palette.
    Close,
}
