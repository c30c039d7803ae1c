//! The app: reads what arrived, draws, applies what the user asked for, and carries out what
//! follows from it. The only place where model, views and backend meet.

use egui::Id;

use crate::action::Action;
use crate::backend::Backend;
use crate::model::{Effect, Model};
use crate::{command, panels, theme};

/// Something that is asked for is drawn in so few frames, or not at all.
const FRAMES_TO_DRAW: u8 = 10;

/// The window's content.
///
/// Make one with [`App::new`] and call [`App::show`] every frame with a `Ui` that covers the window.
/// It draws nothing outside of `show`, and asks for no frame while nothing changes.
pub struct App {
    model: Model,
    backend: Box<dyn Backend>,
    connected: bool,
    holds_open: bool,
    /// The field that is to have the keyboard, and how many frames it has to be drawn in.
    wanted_focus: Option<(Id, u8)>,
}

impl App {
    /// An app that talks to `backend`. Nothing is sent before the first [`show`](Self::show).
    #[must_use]
    pub fn new(backend: Box<dyn Backend>) -> Self {
        Self { model: Model::default(), backend, connected: false, holds_open: false, wanted_focus: None }
    }

    /// The state that the window shows.
    #[must_use]
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// The backend.
    #[must_use]
    pub fn backend(&self) -> &dyn Backend {
        self.backend.as_ref()
    }

    /// Draws one frame and handles its input.
    pub fn show(&mut self, ui: &mut egui::Ui) {
        if !self.connected {
            self.connect(ui.ctx());
        }
        self.receive(ui.ctx());
        let mut actions = command::pressed(ui, &self.model);
        panels::show(ui, &self.model, &mut actions);
        self.focus(ui.ctx());
        self.apply(ui.ctx(), actions);
        self.hold_open();
    }

    /// Does what `action` asks for, as if a view had asked for it.
    pub fn act(&mut self, ctx: &egui::Context, action: Action) {
        self.apply(ctx, vec![action]);
    }

    fn connect(&mut self, ctx: &egui::Context) {
        self.connected = true;
        theme::install(ctx);
        self.backend.connect(ctx);
        let preferences = self.backend.recall();
        let effects = self.model.begin(preferences.as_deref());
        self.carry_out(ctx, effects);
    }

    fn receive(&mut self, ctx: &egui::Context) {
        self.model.tick(ctx.input(|input| input.time));
        theme::follow(ctx, self.model.preferences.theme);
        for incoming in self.backend.poll() {
            let effects = self.model.observe(incoming);
            self.carry_out(ctx, effects);
        }
        if ctx.input(|input| input.events.contains(&egui::Event::WindowFocused(true))) {
            let effects = self.model.look_at_files();
            self.carry_out(ctx, effects);
        }
        if let Some(delay) = self.model.next_tick() {
            ctx.request_repaint_after(delay);
        }
    }

    fn apply(&mut self, ctx: &egui::Context, actions: Vec<Action>) {
        if actions.is_empty() {
            return;
        }
        for action in actions {
            let effects = self.model.apply(action);
            self.carry_out(ctx, effects);
        }
        // The views were drawn from the state before.
        ctx.request_repaint();
    }

    /// Tells the shell when something comes to be not saved, and when it no longer is.
    fn hold_open(&mut self) {
        let is_unsaved = self.model.workloads.iter().any(|workload| workload.view.is_modified);
        if is_unsaved != self.holds_open {
            self.holds_open = is_unsaved;
            self.backend.hold_open(is_unsaved);
        }
    }

    /// Gives the keyboard to the field that is to have it, once it is drawn: a dialog measures itself in its first
    /// frame, and what is in it does not take part in anything yet.
    fn focus(&mut self, ctx: &egui::Context) {
        let Some((id, frames)) = self.wanted_focus.take() else { return };
        if ctx.read_response(id).is_some_and(|field| field.enabled()) {
            ctx.memory_mut(|memory| memory.request_focus(id));
        } else if frames > 0 {
            self.wanted_focus = Some((id, frames - 1));
            ctx.request_repaint();
        }
    }

    fn carry_out(&mut self, ctx: &egui::Context, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Send(request, purpose) => {
                    let ticket = self.backend.send(request);
                    self.model.sent(ticket, purpose);
                }
                Effect::PickWorkload => self.backend.pick_workload(),
                Effect::PickSave(id) => self.backend.pick_save(id, &self.model.save_name(id)),
                Effect::PickComponent => self.backend.pick_component(),
                Effect::PickPath(wish) => self.backend.pick_path(wish),
                Effect::Copy(text) => self.backend.copy_text(&text),
                Effect::Remember(preferences) => self.backend.remember(&preferences),
                Effect::Focus(id) => self.wanted_focus = Some((id, FRAMES_TO_DRAW)),
                Effect::Unfocus => ctx.memory_mut(|memory| {
                    if let Some(id) = memory.focused() {
                        memory.surrender_focus(id);
                    }
                }),
                Effect::Quit => self.backend.quit(),
            }
        }
    }
}
