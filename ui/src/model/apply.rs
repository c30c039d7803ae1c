//! What the user asks for, carried out on the model.

use jackfield_protocol::{Request, WorkloadId};

use super::observe::open;
use super::{DockTab, Edit, Effect, Log, Model, PaletteState, Purpose, ThemeChoice, UndoStep};
use crate::action::{Action, CanvasAction, LogAction, PaletteAction, Selection};
use crate::canvas::Canvas;
use crate::command::Command;

/// One step of the zoom commands.
const ZOOM_STEP: f32 = 1.2;

impl Model {
    /// Carries out what the user asked for, and says what must be done outside of the model.
    pub fn apply(&mut self, action: Action) -> Vec<Effect> {
        match action {
            Action::Run(command) => return self.run(command),
            Action::Open(path) => return vec![open(path)],
            Action::Close(id) => return self.close(id),
            Action::Library(action) => return self.apply_to_library(action),
            Action::Leave(keep) => return self.answer_leaving(keep),
            Action::SwitchTo(id) => {
                let effects = self.commit_typed();
                self.switch_to(id);
                return effects;
            }
            Action::Select(selection) => {
                let effects = self.commit_typed();
                self.select(selection);
                return effects;
            }
            Action::Reveal(selection) => {
                let effects = self.commit_typed();
                self.reveal(selection);
                return effects;
            }
            Action::Canvas(action) => return self.apply_to_canvas(action),
            Action::Log(action) => self.apply_to_log(action),
            Action::Calls(action) => return self.apply_to_calls(action),
            Action::Mcp(action) => return self.apply_to_mcp(action),
            Action::Session(action) => return self.apply_to_session(action),
            Action::Trace(action) => return self.apply_to_traces(action),
            Action::Exchange(action) => return self.apply_to_exchange(action),
            Action::Edit(edit, label) => {
                return self.current.map(|id| self.edit(id, edit, label)).unwrap_or_default();
            }
            Action::Compose(action) => return self.compose(action),
            Action::Copy(text) => return vec![Effect::Copy(text)],
            Action::Dismiss(id) => self.notices.retain(|notice| notice.id != id),
            Action::Palette(action) => return self.apply_to_palette(action),
            Action::CloseHelp => self.help_open = false,
        }
        Vec::new()
    }

    fn run(&mut self, command: Command) -> Vec<Effect> {
        if !command.is_enabled(self) {
            return Vec::new();
        }
        match command {
            Command::Open => return vec![Effect::PickWorkload],
            Command::New => return self.new_workload(),
            Command::Save => return self.current.map(|id| self.save(id)).unwrap_or_default(),
            Command::SaveAs => return self.current.map(Effect::PickSave).into_iter().collect(),
            Command::AddFile => return vec![Effect::PickComponent],
            Command::ExportWorkload => return self.ask_for_export(),
            Command::ImportManifest => return vec![self.ask_for_manifest()],
            Command::Restart => return self.restart(),
            Command::Quit => return self.quit(),
            Command::Close => return self.current.map(|id| self.close(id)).unwrap_or_default(),
            Command::Start => return self.send_for_current(Request::Start, Purpose::Start),
            Command::Stop => return self.send_for_current(Request::Stop, Purpose::Stop),
            Command::CopyLog => {
                return self.current().map(|open| Effect::Copy(open.log.copied())).into_iter().collect();
            }
            Command::Undo => return self.undo_or_redo(UndoStep::Undo),
            Command::Redo => return self.undo_or_redo(UndoStep::Redo),
            Command::FindInLibrary => return self.find_in_library(),
            Command::Fit => self.with_canvas(Canvas::request_fit),
            Command::ZoomIn => self.with_canvas(|canvas| canvas.zoom_about_centre(ZOOM_STEP)),
            Command::ZoomOut => self.with_canvas(|canvas| canvas.zoom_about_centre(1.0 / ZOOM_STEP)),
            Command::ZoomReset => self.with_canvas(Canvas::reset_zoom),
            Command::Arrange => self.with_canvas(Canvas::request_layout),
            Command::Deselect => {
                if self.cancel_pull() {
                    return Vec::new();
                }
                self.select(None);
                return vec![Effect::Unfocus];
            }
            Command::Delete
            | Command::Rename
            | Command::ToggleService
            | Command::LinkToRules
            | Command::LinkToHost
            | Command::LinkToStub => return self.run_compose(command),
            Command::NextWorkload => self.step_workload(1),
            Command::PreviousWorkload => self.step_workload(-1),
            Command::PauseLog => self.with_log(Log::toggle_pause),
            Command::FollowLog => self.with_log(|log| log.set_follow(!log.follows())),
            Command::ClearLog => self.with_log(Log::clear),
            Command::Help => self.help_open = !self.help_open,
            Command::Palette => {
                self.palette = if self.palette.is_some() { None } else { Some(PaletteState::default()) };
            }
            Command::ToggleComponents
            | Command::ToggleInspector
            | Command::ToggleDock
            | Command::ShowLogs
            | Command::ShowProblems
            | Command::ThemeSystem
            | Command::ThemeDark
            | Command::ThemeLight => return self.change_preferences(command),
            Command::ShowMcp
            | Command::ShowSession
            | Command::LargeDock
            | Command::ClearLogFilter
            | Command::ConnectWorkload
            | Command::ConnectCommand
            | Command::ConnectUrl
            | Command::Disconnect
            | Command::Reconnect
            | Command::ForgetConnection
            | Command::ServeWorkload
            | Command::StopServing
            | Command::ReloadOffers
            | Command::CallTool
            | Command::CancelCall
            | Command::ReplayFrame
            | Command::EditFrame
            | Command::PairedFrame
            | Command::ClearFrameFilter
            | Command::FollowFrames => return self.run_mcp(command),
            command => return self.run_traces(command),
        }
        Vec::new()
    }

    fn change_preferences(&mut self, command: Command) -> Vec<Effect> {
        let preferences = &mut self.preferences;
        match command {
            Command::ToggleComponents => preferences.components_open = !preferences.components_open,
            Command::ToggleInspector => preferences.inspector_open = !preferences.inspector_open,
            Command::ToggleDock => preferences.dock_open = !preferences.dock_open,
            Command::ShowLogs => (preferences.dock_open, preferences.dock_tab) = (true, DockTab::Logs),
            Command::ShowProblems => {
                (preferences.dock_open, preferences.dock_tab) = (true, DockTab::Problems);
            }
            Command::ThemeDark => preferences.theme = ThemeChoice::Dark,
            Command::ThemeLight => preferences.theme = ThemeChoice::Light,
            _ => preferences.theme = ThemeChoice::System,
        }
        vec![Effect::Remember(preferences.to_text())]
    }

    fn send_for_current(
        &self,
        request: impl Fn(WorkloadId) -> Request,
        purpose: impl Fn(WorkloadId) -> Purpose,
    ) -> Vec<Effect> {
        self.current.map(|id| Effect::Send(request(id), purpose(id))).into_iter().collect()
    }

    pub(super) fn switch_to(&mut self, id: WorkloadId) {
        if self.workload(id).is_some() {
            self.current = Some(id);
        }
    }

    fn step_workload(&mut self, step: isize) {
        let len = self.workloads.len() as isize;
        let at = self.workloads.iter().position(|workload| Some(workload.view.id) == self.current);
        let Some(at) = at.and_then(|at| (at as isize + step).checked_rem_euclid(len)) else { return };
        self.current = self.workloads.get(at as usize).map(|workload| workload.view.id);
    }

    fn select(&mut self, selection: Option<Selection>) {
        if let Some(workload) = self.current_mut() {
            workload.selection = selection;
        }
    }

    pub(super) fn reveal(&mut self, selection: Selection) {
        let Some(workload) = self.current_mut() else { return };
        workload.canvas.reveal(selection.component());
        workload.selection = Some(selection);
    }

    fn with_canvas(&mut self, change: impl FnOnce(&mut Canvas)) {
        if let Some(workload) = self.current_mut() {
            change(&mut workload.canvas);
        }
    }

    pub(super) fn with_log(&mut self, change: impl FnOnce(&mut Log)) {
        if let Some(workload) = self.current_mut() {
            change(&mut workload.log);
        }
    }

    fn apply_to_canvas(&mut self, action: CanvasAction) -> Vec<Effect> {
        let Some(workload) = self.current_mut() else { return Vec::new() };
        let id = workload.view.id;
        let canvas = &mut workload.canvas;
        match action {
            CanvasAction::Arranged(places) => {
                let moves = canvas.arrange(&places);
                if !moves.is_empty() {
                    workload.undo.push(Edit::MoveCards(moves));
                    return self.remember_places(id);
                }
            }
            CanvasAction::Placed(rect) => canvas.set_viewport(rect),
            CanvasAction::Drag(name, to) => canvas.drag(&name, to),
            CanvasAction::Drop => {
                if let Some(moved) = canvas.drop_card() {
                    workload.undo.push(Edit::MoveCards(vec![moved]));
                    return self.remember_places(id);
                }
            }
            CanvasAction::Pan(delta) => canvas.pan(delta),
            CanvasAction::Zoom { factor, around } => canvas.zoom(factor, around),
            CanvasAction::ToggleHostImports(name) => canvas.toggle_host_imports(&name),
        }
        Vec::new()
    }

    fn apply_to_log(&mut self, action: LogAction) {
        let Some(workload) = self.current_mut() else { return };
        let log = &mut workload.log;
        let mut filter = log.filter().clone();
        match action {
            LogAction::FilterComponent(component) => filter.component = component,
            LogAction::FilterStream(stream) => filter.stream = stream,
            LogAction::FilterCall(call) => filter.call = call,
            LogAction::FilterText(text) => filter.text = text,
            LogAction::ClearFilter => filter = super::LogFilter::default(),
            LogAction::Follow(follow) => log.set_follow(follow),
            LogAction::SelectLine(seq) => log.select(seq, false),
            LogAction::ExtendSelection(seq) => log.select(seq, true),
            LogAction::Unselect => log.unselect(),
        }
        log.set_filter(filter);
    }

    fn apply_to_palette(&mut self, action: PaletteAction) -> Vec<Effect> {
        let Some(mut palette) = self.palette.take() else { return Vec::new() };
        match action {
            PaletteAction::Close => return Vec::new(),
            PaletteAction::Query(query) => palette = PaletteState { query, highlighted: 0 },
            PaletteAction::Step(step) => palette.step(step, palette.entries(self).len()),
            PaletteAction::Accept(index) => {
                let entry = palette.entries(self).into_iter().nth(index);
                return entry.map(|entry| self.apply(entry.action)).unwrap_or_default();
            }
        }
        self.palette = Some(palette);
        Vec::new()
    }
}
