//! The log tab. Only the rows in view are laid out, whatever the length of the log.

use egui::scroll_area::ScrollBarVisibility;
use egui::{
    ComboBox, CursorIcon, Event, FontId, Rect, ScrollArea, Sense, TextEdit, TextStyle, Ui, WidgetInfo,
    WidgetType, pos2, vec2,
};
use jackfield_protocol::{CallId, ComponentName, LogLevel, LogStream, TraceId, WorkloadState};

use super::logs_ink;
use super::widgets::{command_button, counter, cut_line, empty, name_button, name_field};
use crate::action::{Action, LogAction, TraceAction};
use crate::command::Command;
use crate::model::traces::TraceList;
use crate::model::{Log, LogLine, Model, OpenWorkload};
use crate::text::{count, grouped, shortened, time_of_day};
use crate::theme::{self, Tokens, space, words};

/// A row shows this many characters of a line at most.
const MAX_ROW_CHARS: usize = 500;
/// The tooltip of a row shows this many characters at most; copying takes the whole line.
const MAX_TOOLTIP_CHARS: usize = 4000;
/// Where the columns begin, from the row's left side.
const TIME_AT: f32 = 8.0;
const COMPONENT_AT: f32 = 104.0;
const STREAM_AT: f32 = 224.0;
const CALL_AT: f32 = 284.0;
const TEXT_AT: f32 = 336.0;
/// How wide the way to a trace is.
const TRACE_WIDTH: f32 = 52.0;

/// Filter and switches.
pub(super) fn tools(ui: &mut Ui, model: &Model, workload: &OpenWorkload, actions: &mut Vec<Action>) {
    component_choice(ui, workload, actions);
    stream_choice(ui, workload, actions);
    call_choice(ui, workload, actions);
    let mut text = workload.log.filter().text.clone();
    let field = TextEdit::singleline(&mut text).hint_text("Filter text").desired_width(150.0);
    let response = ui.add(field);
    name_field(&response, "Filter log");
    if response.changed() {
        actions.push(Action::Log(LogAction::FilterText(text)));
    }
    if !workload.log.filter().is_empty() && ui.button("Clear filter").clicked() {
        actions.push(Action::Log(LogAction::ClearFilter));
    }
    for command in [Command::FollowLog, Command::PauseLog, Command::ClearLog, Command::CopyLog] {
        command_button(ui, model, command, actions);
    }
    counter(ui, summary(&workload.log));
}

fn component_choice(ui: &mut Ui, workload: &OpenWorkload, actions: &mut Vec<Action>) {
    let chosen = &workload.log.filter().component;
    let mut choose = |component: Option<ComponentName>| {
        actions.push(Action::Log(LogAction::FilterComponent(component)));
    };
    let text = chosen.as_ref().map_or("All components", ComponentName::as_str);
    let response =
        ComboBox::from_id_salt("log component").selected_text(text).width(120.0).show_ui(ui, |ui| {
            if ui.selectable_label(chosen.is_none(), "All components").clicked() {
                choose(None);
            }
            for node in &workload.view.plan.nodes {
                let is_chosen = chosen.as_ref() == Some(&node.name);
                if ui.selectable_label(is_chosen, node.name.as_str()).clicked() {
                    choose(Some(node.name.clone()));
                }
            }
        });
    name_combo(&response.response, "Log of component", text);
}

fn stream_choice(ui: &mut Ui, workload: &OpenWorkload, actions: &mut Vec<Action>) {
    let chosen = workload.log.filter().stream;
    let name = |stream: Option<LogStream>| {
        stream.map_or_else(|| "All streams".to_owned(), |stream| stream.to_string())
    };
    let response =
        ComboBox::from_id_salt("log stream").selected_text(name(chosen)).width(96.0).show_ui(ui, |ui| {
            let printed = [None, Some(LogStream::Stdout), Some(LogStream::Stderr), Some(LogStream::Host)];
            let logged = LogLevel::ALL.map(|level| Some(LogStream::Log(level)));
            for stream in printed.into_iter().chain(logged) {
                if ui.selectable_label(chosen == stream, name(stream)).clicked() {
                    actions.push(Action::Log(LogAction::FilterStream(stream)));
                }
            }
        });
    name_combo(&response.response, "Log of stream", &name(chosen));
}

fn call_choice(ui: &mut Ui, workload: &OpenWorkload, actions: &mut Vec<Action>) {
    let mut text = workload.log.filter().call.map(|call| call.to_string()).unwrap_or_default();
    let response = ui.add(TextEdit::singleline(&mut text).hint_text("#call").desired_width(48.0));
    name_field(&response, "Log of call");
    if response.changed() {
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        actions.push(Action::Log(LogAction::FilterCall(digits.parse().ok().map(CallId))));
    }
}

pub(super) fn name_combo(response: &egui::Response, label: &str, value: &str) {
    response.widget_info(|| WidgetInfo {
        current_text_value: Some(value.to_owned()),
        ..WidgetInfo::labeled(WidgetType::ComboBox, true, label)
    });
}

fn summary(log: &Log) -> String {
    let mut text = if log.filter().is_empty() {
        count(log.shown(), "line")
    } else {
        format!("{} of {}", grouped(log.shown() as u64), count(log.len(), "line"))
    };
    if log.held() > 0 {
        text.push_str(&format!(", {} held", grouped(log.held() as u64)));
    }
    if log.dropped() > 0 {
        text.push_str(&format!(", {} older dropped", grouped(log.dropped())));
    }
    text
}

/// The rows.
pub(super) fn show(ui: &mut Ui, model: &Model, workload: &OpenWorkload, actions: &mut Vec<Action>) {
    let log = &workload.log;
    if log.shown() == 0 {
        empty(ui, reason_for_emptiness(workload));
        return;
    }
    copy_with_keyboard(ui, log, actions);
    let view = View {
        workload,
        traces: &model.traces.list,
        t: theme::tokens(ui.ctx()),
        font: TextStyle::Monospace.resolve(ui.style()),
    };
    ui.spacing_mut().item_spacing.y = 0.0;
    // Where the end is must be known before drawing: a line that has just come shall not wait for
    // the next frame to be seen.
    let end = (log.shown() as f32 * space::LOG_ROW - ui.available_height()).max(0.0);
    // The area takes the wheel's motion for itself; and a bar that comes and goes costs a frame.
    let scroll = ui.input(|input| input.smooth_scroll_delta.y);
    let mut area = ScrollArea::vertical()
        .auto_shrink([false, false])
        .id_salt(("log", workload.view.id))
        .scroll_bar_visibility(ScrollBarVisibility::AlwaysVisible);
    if log.follows() {
        area = area.vertical_scroll_offset(end);
    }
    let output = area.show_rows(ui, space::LOG_ROW, log.shown(), |ui, rows| {
        for line in rows.filter_map(|row| log.row(row)) {
            view.row(ui, line, actions);
        }
    });
    let at_end = output.state.offset.y >= end - 1.0;
    if let Some(follow) = change_of_mind(ui, scroll, log.follows(), at_end) {
        actions.push(Action::Log(LogAction::Follow(follow)));
    }
}

/// Scrolling away from the end, with the wheel or the bar, lets it go; scrolling to the end takes
/// hold of it again.
pub(super) fn change_of_mind(ui: &Ui, scroll: f32, follows: bool, at_end: bool) -> Option<bool> {
    let is_dragging = ui.input(|input| input.pointer.primary_down());
    match (follows, at_end) {
        (true, false) if scroll > 0.0 || is_dragging => Some(false),
        (false, true) if scroll < 0.0 || is_dragging => Some(true),
        _ => None,
    }
}

fn reason_for_emptiness(workload: &OpenWorkload) -> &'static str {
    match workload.view.state {
        _ if !workload.log.is_empty() => words::LOG_ALL_FILTERED,
        WorkloadState::Running | WorkloadState::Starting => words::LOG_EMPTY_RUNNING,
        _ => words::LOG_EMPTY_STOPPED,
    }
}

fn copy_with_keyboard(ui: &Ui, log: &Log, actions: &mut Vec<Action>) {
    let is_asked = ui.input(|input| input.events.contains(&Event::Copy));
    if is_asked && log.has_selection() && !ui.ctx().text_edit_focused() {
        actions.push(Action::Run(Command::CopyLog));
    }
}

struct View<'a> {
    workload: &'a OpenWorkload,
    traces: &'a TraceList,
    t: &'static Tokens,
    font: FontId,
}

impl View<'_> {
    fn row(&self, ui: &mut Ui, line: &LogLine, actions: &mut Vec<Action>) {
        let record = &line.record;
        // Not a stop for the Tab key: there may be thousands.
        let (rect, response) =
            ui.allocate_exact_size(vec2(ui.available_width(), space::LOG_ROW), Sense::CLICK);
        let is_selected = self.workload.log.is_selected(record.seq);
        response.widget_info(|| {
            let text = shortened(line.text(), MAX_ROW_CHARS);
            let label = format!("{} {}: {text}", record.component, record.stream);
            WidgetInfo::selected(WidgetType::SelectableLabel, true, is_selected, label)
        });
        self.paint(ui, rect, line, is_selected, response.hovered());
        if response.clicked() {
            let extend = ui.input(|input| input.modifiers.shift);
            let action = match (extend, is_selected) {
                (true, _) => LogAction::ExtendSelection(record.seq),
                (false, true) => LogAction::Unselect,
                (false, false) => LogAction::SelectLine(record.seq),
            };
            actions.push(Action::Log(action));
        }
        if record.text.chars().nth(80).is_some() {
            response.on_hover_text(shortened(line.text(), MAX_TOOLTIP_CHARS));
        }
        if let Some(call) = record.call {
            self.call(ui, rect, record.seq, call, actions);
            if let Some(trace) = self.traces.of_call(Some(self.workload.view.id), call) {
                self.trace(ui, rect, record.seq, trace, actions);
            }
        }
    }

    /// The call is a button of its own over the row.
    fn call(&self, ui: &Ui, row: Rect, seq: u64, call: CallId, actions: &mut Vec<Action>) {
        let left = row.left() + CALL_AT;
        let place = Rect::from_x_y_ranges(left..=left + TEXT_AT - CALL_AT - space::SMALL, row.y_range());
        let response = ui.interact(place, ui.id().with(("call of line", seq)), Sense::CLICK);
        name_button(&response, &format!("call {call} of line {seq}"));
        let color = if response.hovered() { self.t.text } else { self.t.accent };
        let galley =
            ui.painter().layout_job(cut_line(&call.to_string(), self.font.clone(), color, place.width()));
        let top = place.center().y - galley.size().y / 2.0;
        ui.painter().galley(pos2(place.left(), top), galley, color);
        let response = response.on_hover_cursor(CursorIcon::PointingHand);
        if response.on_hover_text("Show only the lines of this call").clicked() {
            actions.push(Action::Log(LogAction::FilterCall(Some(call))));
        }
    }

    /// At the right end, the way to what the call caused.
    fn trace(&self, ui: &Ui, row: Rect, seq: u64, trace: TraceId, actions: &mut Vec<Action>) {
        let place = row.with_min_x(row.right() - TRACE_WIDTH);
        let response = ui.interact(place, ui.id().with(("trace of line", seq)), Sense::CLICK);
        name_button(&response, &format!("trace of line {seq}"));
        let color = if response.hovered() { self.t.text } else { self.t.accent };
        ui.painter().rect_filled(place, 0, self.t.panel);
        let galley = ui.painter().layout_no_wrap("trace".to_owned(), self.font.clone(), color);
        ui.painter().galley(place.center() - galley.size() / 2.0, galley, color);
        let response = response.on_hover_cursor(CursorIcon::PointingHand);
        if response.on_hover_text("Show what this call caused").clicked() {
            actions.push(Action::Trace(TraceAction::Open(trace)));
        }
    }

    fn paint(&self, ui: &Ui, rect: Rect, line: &LogLine, is_selected: bool, is_hovered: bool) {
        let (t, record) = (self.t, &line.record);
        if is_selected || is_hovered {
            ui.painter().rect_filled(rect, 0, if is_selected { t.accent_ground } else { t.sunken });
        }
        let stream_color = match record.stream {
            LogStream::Log(level) if level >= LogLevel::Error => t.error,
            LogStream::Stderr | LogStream::Log(LogLevel::Warn) => t.warning,
            _ => t.text_dim,
        };
        let columns = [
            (TIME_AT, COMPONENT_AT, time_of_day(record.time_unix_micros), t.text_dim),
            (
                COMPONENT_AT,
                STREAM_AT,
                record.component.to_string(),
                t.component(self.index_of(&record.component)),
            ),
            (STREAM_AT, CALL_AT, record.stream.to_string(), stream_color),
        ];
        let room = |start: f32, end: f32| (end - start - space::MEDIUM).max(0.0);
        let cells = columns.map(|(start, end, text, color)| {
            (start, cut_line(&text, self.font.clone(), color, room(start, end)))
        });
        let text = logs_ink::job(&record.text, MAX_ROW_CHARS, &self.font, t, room(TEXT_AT, rect.width()));
        for (start, job) in cells.into_iter().chain([(TEXT_AT, text)]) {
            let galley = ui.painter().layout_job(job);
            let top = rect.center().y - galley.size().y / 2.0;
            ui.painter().galley(pos2(rect.left() + start, top), galley, t.text);
        }
    }

    fn index_of(&self, name: &ComponentName) -> usize {
        self.workload.view.plan.nodes.iter().position(|node| node.name == *name).unwrap_or(0)
    }
}
