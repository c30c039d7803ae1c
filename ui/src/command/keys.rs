//! The keys that run commands.

use egui::{Key, KeyboardShortcut, Modifiers};

use super::Command;
use crate::action::Action;
use crate::model::Model;

impl Command {
    /// The keys that run it.
    #[must_use]
    pub fn shortcut(self) -> Option<KeyboardShortcut> {
        const CTRL_SHIFT: Modifiers = Modifiers::COMMAND.plus(Modifiers::SHIFT);
        let (modifiers, key) = match self {
            Self::Open => (Modifiers::COMMAND, Key::O),
            Self::New => (Modifiers::COMMAND, Key::N),
            Self::Save => (Modifiers::COMMAND, Key::S),
            Self::SaveAs => (CTRL_SHIFT, Key::S),
            Self::ExportWorkload => (Modifiers::COMMAND, Key::E),
            Self::Close => (Modifiers::COMMAND, Key::W),
            Self::Quit => (Modifiers::COMMAND, Key::Q),
            Self::Undo => (Modifiers::COMMAND, Key::Z),
            Self::Redo => (CTRL_SHIFT, Key::Z),
            Self::Start => (Modifiers::NONE, Key::F5),
            Self::Stop => (Modifiers::SHIFT, Key::F5),
            Self::Restart => (CTRL_SHIFT, Key::F5),
            Self::FindInLibrary => (CTRL_SHIFT, Key::F),
            Self::Fit => (Modifiers::NONE, Key::F),
            Self::ZoomIn => (Modifiers::COMMAND, Key::Plus),
            Self::ZoomOut => (Modifiers::COMMAND, Key::Minus),
            Self::ZoomReset => (Modifiers::COMMAND, Key::Num0),
            Self::Deselect => (Modifiers::NONE, Key::Escape),
            Self::Delete => (Modifiers::NONE, Key::Delete),
            Self::Rename => (Modifiers::NONE, Key::F2),
            Self::ToggleComponents => (Modifiers::COMMAND, Key::B),
            Self::ToggleInspector => (Modifiers::COMMAND, Key::I),
            Self::ToggleDock => (Modifiers::COMMAND, Key::J),
            Self::ShowLogs => (CTRL_SHIFT, Key::L),
            Self::ShowProblems => (CTRL_SHIFT, Key::M),
            Self::ShowMcp => (CTRL_SHIFT, Key::T),
            Self::ShowSession => (CTRL_SHIFT, Key::E),
            Self::LargeDock => (CTRL_SHIFT, Key::J),
            Self::CallTool => (Modifiers::COMMAND, Key::Enter),
            Self::PairedFrame => (CTRL_SHIFT, Key::P),
            Self::ShowTraces => (CTRL_SHIFT, Key::A),
            Self::ObserveOff => (Modifiers::COMMAND, Key::F6),
            Self::ObserveTiming => (Modifiers::SHIFT, Key::F6),
            Self::ObserveValues => (Modifiers::NONE, Key::F6),
            Self::ContinueHeld => (Modifiers::NONE, Key::F8),
            Self::ReleaseAll => (Modifiers::SHIFT, Key::F8),
            Self::ToggleBreakpoint => (Modifiers::NONE, Key::F9),
            Self::NextWorkload => (Modifiers::CTRL, Key::PageDown),
            Self::PreviousWorkload => (Modifiers::CTRL, Key::PageUp),
            Self::Palette => (Modifiers::COMMAND, Key::K),
            Self::Help => (Modifiers::NONE, Key::F1),
            _ => return None,
        };
        Some(KeyboardShortcut::new(modifiers, key))
    }

    /// More keys that run it, not shown anywhere: where the plus sign needs Shift, people press its key
    /// without, and some keyboards have no Delete.
    fn other_shortcut(self) -> Option<KeyboardShortcut> {
        match self {
            Self::ZoomIn => Some(KeyboardShortcut::new(Modifiers::COMMAND, Key::Equals)),
            Self::Delete => Some(KeyboardShortcut::new(Modifiers::NONE, Key::Backspace)),
            _ => None,
        }
    }

    /// The shortcut as the platform writes it; empty if there is none.
    #[must_use]
    pub fn shortcut_text(self, ctx: &egui::Context) -> String {
        self.shortcut().map(|shortcut| ctx.format_shortcut(&shortcut)).unwrap_or_default()
    }

    /// Keys that a text field wants for itself while it has the focus.
    fn yields_to_text_field(self) -> bool {
        let bare = self.shortcut().is_some_and(|shortcut| {
            shortcut.modifiers == Modifiers::NONE
                && !matches!(shortcut.logical_key, Key::F1 | Key::F5 | Key::F6 | Key::F8 | Key::F9)
        });
        bare || matches!(self, Self::Undo | Self::Redo)
    }
}

/// The commands whose shortcuts were pressed, taken out of the input.
pub(crate) fn pressed(ui: &egui::Ui, model: &Model) -> Vec<Action> {
    let in_text_field = ui.ctx().text_edit_focused();
    let in_dialog = model.palette.is_some()
        || model.help_open
        || model.leaving.is_some()
        || model.traces.sending.is_some()
        || model.exchange.is_open();
    let mut actions = Vec::new();
    for command in by_specificity() {
        let mut shortcuts = command.shortcut().into_iter().chain(command.other_shortcut());
        let blocked = (in_text_field && command.yields_to_text_field())
            || (in_dialog && !matches!(command, Command::Palette | Command::Help))
            || egui::Popup::is_any_open(ui.ctx());
        let mut is_pressed = || shortcuts.any(|keys| ui.input_mut(|input| input.consume_shortcut(&keys)));
        if !blocked && command.is_enabled(model) && is_pressed() {
            actions.push(Action::Run(command));
        }
    }
    actions
}

/// Shortcuts with more modifiers first, because egui takes Ctrl+Shift+Z for Ctrl+Z as well.
fn by_specificity() -> Vec<Command> {
    let mut commands = Command::ALL.to_vec();
    commands.sort_by_key(|command| {
        command.shortcut().map_or(0, |shortcut| {
            let Modifiers { alt, ctrl, shift, mac_cmd, command } = shortcut.modifiers;
            -[alt, ctrl, shift, mac_cmd, command].into_iter().map(i32::from).sum::<i32>()
        })
    });
    commands
}
