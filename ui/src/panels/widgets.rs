//! Small things that several panels draw.

use std::borrow::Cow;

use egui::text::{LayoutJob, TextFormat, TextWrapping};
use egui::{Button, Color32, FontId, Frame, Response, RichText, Sense, Ui, WidgetInfo, WidgetType, vec2};
use jackfield_protocol::WorkloadState;

use crate::action::Action;
use crate::canvas::state_color;
use crate::command::Command;
use crate::model::Model;
use crate::{text, theme};

/// A button of the toolbar for a command.
pub(super) fn command_button(
    ui: &mut Ui,
    model: &Model,
    command: Command,
    actions: &mut Vec<Action>,
) -> Response {
    let button = Button::new(command.text()).selected(command.is_on(model) == Some(true));
    let response = ui.add_enabled(command.is_enabled(model), button);
    run_on_click(response, command, actions)
}

/// The rest of a command's button, whatever it looks like: tooltip, and running it.
pub(super) fn run_on_click(response: Response, command: Command, actions: &mut Vec<Action>) -> Response {
    let shortcut = command.shortcut_text(&response.ctx);
    let hint = match shortcut.as_str() {
        "" => command.tooltip().to_owned(),
        keys => format!("{}  ({keys})", command.tooltip()),
    };
    let response = response.on_hover_text(&hint).on_disabled_hover_text(&hint);
    if response.clicked() {
        actions.push(Action::Run(command));
    }
    response
}

/// A button with a short text for a command. Whether it was clicked.
pub(super) fn command_button_named(ui: &mut Ui, text: &str, label: &str, command: Command) -> bool {
    let response = ui.button(text).on_hover_text(command.tooltip());
    name_button(&response, label);
    response.clicked()
}

/// Says what a button does where its text alone does not.
pub(super) fn name_button(response: &Response, label: &str) {
    response.widget_info(|| WidgetInfo::labeled(WidgetType::Button, response.enabled(), label));
}

/// Says what a text field is for; its own description has no more than its text.
pub(super) fn name_field(response: &Response, label: &str) {
    response.ctx.accesskit_node_builder(response.id, |node| node.set_label(label));
}

/// A workload's state: a dot and a word, coloured.
pub(super) fn state_label(ui: &mut Ui, state: &WorkloadState) -> Response {
    let color = state_color(state, theme::tokens(ui.ctx()));
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = theme::space::SMALL;
        dot(ui, color);
        ui.label(RichText::new(state.label()).color(color)).on_hover_text(theme::words::state(state))
    })
    .inner
}

/// A small filled circle.
pub(super) fn dot(ui: &mut Ui, color: Color32) {
    let (rect, _) =
        ui.allocate_exact_size(vec2(9.0, ui.text_style_height(&egui::TextStyle::Body)), Sense::empty());
    ui.painter().circle_filled(rect.center(), 4.0, color);
}

/// Around what a dialog shows.
pub(super) fn dialog_frame(ui: &Ui) -> Frame {
    Frame::popup(ui.style()).inner_margin(theme::space::LARGE)
}

/// Makes text fields stand out from a dialog's ground, which is as light as they are on panels.
pub(super) fn dialog_fields(ui: &mut Ui) {
    ui.visuals_mut().text_edit_bg_color = Some(theme::tokens(ui.ctx()).panel);
}

/// Text that may be overlooked.
pub(super) fn dim(ui: &Ui, text: impl Into<String>) -> RichText {
    RichText::new(text).color(theme::tokens(ui.ctx()).text_dim)
}

/// How many there are of something. It stays on one line, where a label would be broken between number and noun.
pub(super) fn counter(ui: &mut Ui, text: String) -> Response {
    ui.add(egui::Label::new(dim(ui, text)).extend())
}

/// A heading inside of a panel.
pub(super) fn heading(ui: &mut Ui, text: &str) {
    ui.add_space(theme::space::SMALL);
    ui.label(dim(ui, text).strong());
}

/// Text over the middle of an empty space, to say why it is empty.
pub(super) fn empty(ui: &mut Ui, text: &str) {
    ui.vertical_centered(|ui| {
        ui.add_space((ui.available_height() / 2.0 - 20.0).clamp(0.0, 80.0));
        ui.add(egui::Label::new(dim(ui, text)).wrap());
    });
}

/// A name that is cut in its middle where it is longer than what is left of the line.
pub(super) fn cut_name<'a>(ui: &Ui, name: &'a str, room: f32) -> Cow<'a, str> {
    let font = egui::TextStyle::Body.resolve(ui.style());
    let painter = ui.painter();
    let width =
        |text: &str| painter.layout_no_wrap(text.to_owned(), font.clone(), Color32::PLACEHOLDER).size().x;
    text::cut_in_middle(name, |text| width(text) <= room)
}

/// One line of text that is cut with an ellipsis at `width`.
pub(super) fn cut_line(text: &str, font: FontId, color: Color32, width: f32) -> LayoutJob {
    let mut job = LayoutJob { break_on_newline: false, ..LayoutJob::default() };
    job.wrap = TextWrapping { break_anywhere: true, ..TextWrapping::truncate_at_width(width) };
    job.append(text, 0.0, TextFormat::simple(font, color));
    job
}
