//! The calls of a trace as a tree with bars over an axis of time. Only the rows in view are laid out.

use egui::scroll_area::ScrollBarVisibility;
use egui::text::{LayoutJob, TextFormat, TextWrapping};
use egui::{
    Color32, CursorIcon, Event, EventFilter, FontId, Id, Key, Modifiers, Rect, ScrollArea, Sense, TextStyle,
    Ui, WidgetInfo, WidgetType, pos2, vec2,
};
use jackfield_protocol::{LogStream, Outcome, Span, Trace, TraceLine};

use super::super::table;
use super::super::widgets::{cut_line, name_button};
use super::outcome_color;
use super::waterfall::Axis;
use crate::action::{Action, TraceAction};
use crate::command::Command;
use crate::model::Model;
use crate::model::traces::{OpenTrace, Row, RowKind, arguments, function_name, nanos, row_text};
use crate::text::{printable, shortened};
use crate::theme::{self, Tokens, space};

/// A step of the tree to the right.
const INDENT: f32 = 14.0;
/// A deeper tree is not moved further to the right.
const MAX_INDENT_SHARE: f32 = 0.5;
/// The mark that folds.
const FOLD: f32 = 16.0;
const DURATION: f32 = 74.0;
/// With less room beside its bar, what was done to a call stands behind it.
const MIN_NOTE_WIDTH: f32 = 90.0;
/// A value in a row is cut after so many characters.
const MAX_VALUE_CHARS: usize = 160;
/// And all arguments together.
const MAX_ARGUMENTS_CHARS: usize = 400;

/// What has the keyboard.
pub(super) fn id() -> Id {
    Id::new("calls of trace")
}

pub(super) fn show(ui: &mut Ui, model: &Model, open: &OpenTrace, trace: &Trace, actions: &mut Vec<Action>) {
    ui.spacing_mut().item_spacing.y = 0.0;
    let (head, _) = ui.allocate_exact_size(vec2(ui.available_width(), space::LOG_ROW), Sense::hover());
    let height = ui.available_height();
    let place = Rect::from_min_size(ui.cursor().min, vec2(ui.available_width(), height));
    keys(ui, place, height, open, actions);
    let t = theme::tokens(ui.ctx());
    let bar = ui.spacing().scroll.bar_width + ui.spacing().scroll.bar_inner_margin;
    let view = View::new(ui, model, open, trace, head, bar);
    let small = TextStyle::Small.resolve(ui.style());
    view.axis.paint(ui.painter(), head, place.bottom(), &small, t);
    let mut area = ScrollArea::vertical()
        .id_salt(("calls", open.id))
        .auto_shrink([false, false])
        .scroll_bar_visibility(ScrollBarVisibility::AlwaysVisible);
    if let Some(offset) = revealing(ui, open, height) {
        area = area.vertical_scroll_offset(offset);
    }
    let rows = open.rows.shown();
    let output = area.show_rows(ui, space::LOG_ROW, rows.len(), |ui, range| {
        for at in range {
            if let Some(row) = rows.get(at) {
                view.row(ui, at, row, actions);
            }
        }
    });
    table::outline(ui, id(), place);
    let seen = Seen { offset: output.state.offset.y, reveal: open.reveal };
    ui.data_mut(|data| data.insert_temp(id().with(open.id), seen));
}

/// What was shown last.
#[derive(Clone, Copy, Default)]
struct Seen {
    offset: f32,
    reveal: u64,
}

/// Where to scroll to so that the selected row is in view, if that was wished since the last frame.
fn revealing(ui: &Ui, open: &OpenTrace, height: f32) -> Option<f32> {
    let seen: Seen = ui.data(|data| data.get_temp(id().with(open.id))).unwrap_or_default();
    let row = open.selected.filter(|_| seen.reveal != open.reveal)?;
    let top = row as f32 * space::LOG_ROW;
    let bottom = top + space::LOG_ROW - height;
    Some(seen.offset.clamp(bottom.min(top), top).max(0.0))
}

/// The tree has the keyboard as a whole.
fn keys(ui: &mut Ui, place: Rect, height: f32, open: &OpenTrace, actions: &mut Vec<Action>) {
    let response = ui.interact(place, id(), Sense::focusable_noninteractive());
    response.widget_info(|| WidgetInfo::labeled(WidgetType::Other, true, "calls of trace"));
    if !response.has_focus() {
        return;
    }
    let filter = EventFilter { vertical_arrows: true, horizontal_arrows: true, ..EventFilter::default() };
    ui.memory_mut(|memory| memory.set_focus_lock_filter(id(), filter));
    let page = (height / space::LOG_ROW) as i64;
    for (key, action) in [
        (Key::ArrowUp, TraceAction::StepRow(-1)),
        (Key::ArrowDown, TraceAction::StepRow(1)),
        (Key::ArrowLeft, TraceAction::Fold),
        (Key::ArrowRight, TraceAction::Unfold),
        (Key::PageUp, TraceAction::StepRow(-page)),
        (Key::PageDown, TraceAction::StepRow(page)),
        (Key::Home, TraceAction::RowToEnd(false)),
        (Key::End, TraceAction::RowToEnd(true)),
        (Key::Enter, TraceAction::Details(!open.has_details)),
    ] {
        if ui.input_mut(|input| input.consume_key(Modifiers::NONE, key)) {
            actions.push(Action::Trace(action));
        }
    }
    if ui.input(|input| input.events.contains(&Event::Copy)) {
        actions.push(Action::Run(Command::CopyTrace));
    }
}

struct View<'a> {
    model: &'a Model,
    open: &'a OpenTrace,
    trace: &'a Trace,
    axis: Axis,
    label_right: f32,
    duration_right: f32,
    t: &'static Tokens,
    font: FontId,
}

impl<'a> View<'a> {
    fn new(ui: &Ui, model: &'a Model, open: &'a OpenTrace, trace: &'a Trace, head: Rect, bar: f32) -> Self {
        let duration_right = head.right() - bar - space::MEDIUM;
        let axis_right = duration_right - DURATION;
        let axis_left = axis_right - (head.width() * 0.36).clamp(90.0, 520.0);
        Self {
            model,
            open,
            trace,
            axis: Axis { left: axis_left, right: axis_right, length_nanos: open.length_nanos },
            label_right: axis_left - space::MEDIUM,
            duration_right,
            t: theme::tokens(ui.ctx()),
            font: TextStyle::Monospace.resolve(ui.style()),
        }
    }

    fn row(&self, ui: &mut Ui, at: usize, row: &Row, actions: &mut Vec<Action>) {
        let size = vec2(ui.available_width(), space::LOG_ROW);
        let (rect, response) = ui.allocate_exact_size(size, Sense::CLICK);
        let is_selected = self.open.selected == Some(at);
        response.widget_info(|| {
            let label = shortened(&row_text(self.trace, row.kind), 300).into_owned();
            WidgetInfo::selected(WidgetType::SelectableLabel, true, is_selected, label)
        });
        self.ground(ui, rect, row, is_selected, response.hovered());
        let indent = (row.depth as f32 * INDENT).min((self.label_right - rect.left()) * MAX_INDENT_SHARE);
        let left = rect.left() + space::SMALL + indent;
        self.fold_mark(ui, at, row, Rect::from_x_y_ranges(left..=left + FOLD, rect.y_range()), actions);
        self.content(ui, row, rect, left + FOLD);
        if response.clicked() {
            actions.push(Action::Trace(TraceAction::SelectRow(at)));
            ui.memory_mut(|memory| memory.request_focus(id()));
        }
        if response.double_clicked() {
            actions.push(Action::Trace(TraceAction::Details(!self.open.has_details)));
        }
        let trace = self.trace;
        response.context_menu(|ui| menu(ui, trace, row, actions));
        response.on_hover_ui(|ui| self.tooltip(ui, row));
    }

    fn ground(&self, ui: &Ui, rect: Rect, row: &Row, is_selected: bool, is_hovered: bool) {
        let t = self.t;
        let is_trap = matches!(row.kind, RowKind::Trap(_) | RowKind::Frame(..));
        let ground = match (is_selected, is_trap, is_hovered) {
            (true, ..) => t.accent_ground,
            (_, true, _) => t.error_ground,
            (.., true) => t.sunken,
            _ => return,
        };
        let rect =
            if is_selected || is_trap { rect } else { rect.with_max_x(self.label_right + space::SMALL) };
        ui.painter().rect_filled(rect, 0, ground);
        if is_selected {
            let bar = rect.with_max_x(rect.left() + 2.0);
            ui.painter().rect_filled(bar, 0, t.accent);
        }
    }

    fn fold_mark(&self, ui: &Ui, at: usize, row: &Row, place: Rect, actions: &mut Vec<Action>) {
        let Some(is_folded) = self.open.is_folded(at) else { return };
        let response = ui.interact(place, ui.id().with(("fold", at)), Sense::CLICK);
        let RowKind::Span(span) = row.kind else { return };
        let word = if is_folded { "unfold" } else { "fold" };
        let name = self.trace.spans.get(span).map_or("", |span| function_name(&span.function));
        name_button(&response, &format!("{word} {name} of row {at}"));
        let color = if response.hovered() { self.t.text } else { self.t.text_dim };
        let mark = if is_folded { "⏵" } else { "⏷" };
        let galley = ui.painter().layout_no_wrap(mark.to_owned(), self.font.clone(), color);
        ui.painter().galley(place.center() - galley.size() / 2.0, galley, color);
        if response.on_hover_cursor(CursorIcon::PointingHand).clicked() {
            actions.push(Action::Trace(TraceAction::Toggle(at)));
        }
    }

    fn content(&self, ui: &Ui, row: &Row, rect: Rect, left: f32) {
        let room = (self.label_right - left).max(10.0);
        let job = match row.kind {
            RowKind::Span(at) => match self.trace.spans.get(at) {
                Some(span) => {
                    self.axis.bar(ui.painter(), rect, span, self.t);
                    let is_noted = self.note(ui, rect, span);
                    self.duration(ui, rect, span);
                    self.span_job(span, room, is_noted)
                }
                None => return,
            },
            RowKind::Line(at) => match self.trace.lines.get(at) {
                Some(line) => {
                    self.axis.tick(ui.painter(), rect, line.at_nanos, self.line_color(line));
                    self.line_job(line, room)
                }
                None => return,
            },
            RowKind::Trap(_) | RowKind::Frame(..) => {
                let text = row_text(self.trace, row.kind);
                let text = shortened(&text, 400);
                // There is no bar beside it.
                cut_line(&text, self.font.clone(), self.t.error, (self.duration_right - left).max(10.0))
            }
        };
        let galley = ui.painter().layout_job(job);
        let top = rect.center().y - galley.size().y / 2.0;
        ui.painter().galley(pos2(left, top), galley, self.t.text);
    }

    /// `component.function(a: 3) → 9`, each part in its colour.
    fn span_job(&self, span: &Span, room: f32, is_noted: bool) -> LayoutJob {
        let t = self.t;
        let mut job = LayoutJob { break_on_newline: false, ..LayoutJob::default() };
        job.wrap = TextWrapping { break_anywhere: true, ..TextWrapping::truncate_at_width(room) };
        let mut add = |text: &str, color: Color32| {
            job.append(text, 0.0, TextFormat::simple(self.font.clone(), color));
        };
        if !span.outcome.is_ok() {
            add(span.outcome.label(), outcome_color(&span.outcome, t));
            add(" ", t.text);
        }
        let provider = span.provider.as_str();
        add(&printable(provider), self.component_color(provider));
        add(if span.provider.component().is_some() { "." } else { " " }, t.text_dim);
        add(&printable(&shortened(function_name(&span.function), MAX_VALUE_CHARS)), t.text);
        add(&shortened(&arguments(span, MAX_VALUE_CHARS), MAX_ARGUMENTS_CHARS), t.text_dim);
        if let Some(result) = &span.result {
            add(" → ", t.text_dim);
            let ink = if span.outcome.is_ok() { t.good } else { t.error };
            add(&printable(&shortened(result, MAX_VALUE_CHARS)), ink);
        }
        if let Some(note) = note_text(span).filter(|_| !is_noted) {
            add(&format!("  {note}"), t.warning);
        }
        job
    }

    /// Beside the bar, if there is room: what was done to the call, and how long it was held. Whether there was.
    fn note(&self, ui: &Ui, rect: Rect, span: &Span) -> bool {
        let Some(text) = note_text(span) else { return true };
        let (left, room) = self.axis.beside(span);
        let font = TextStyle::Small.resolve(ui.style());
        if room < MIN_NOTE_WIDTH {
            return false;
        }
        let galley = ui.painter().layout_job(cut_line(&text, font, self.t.warning, room));
        let top = rect.center().y - galley.size().y / 2.0;
        ui.painter().galley(pos2(left, top), galley, self.t.warning);
        true
    }

    fn line_job(&self, line: &TraceLine, room: f32) -> LayoutJob {
        let mut job = LayoutJob { break_on_newline: false, ..LayoutJob::default() };
        job.wrap = TextWrapping { break_anywhere: true, ..TextWrapping::truncate_at_width(room) };
        let mut add = |text: &str, color: Color32| {
            job.append(text, 0.0, TextFormat::simple(self.font.clone(), color));
        };
        add(&format!("{} ", line.stream), self.line_color(line));
        add(&printable(&shortened(&line.text, 400)), self.t.text_dim);
        job
    }

    fn line_color(&self, line: &TraceLine) -> Color32 {
        match line.stream {
            LogStream::Log(level) if level >= jackfield_protocol::LogLevel::Error => self.t.error,
            LogStream::Stderr | LogStream::Log(jackfield_protocol::LogLevel::Warn) => self.t.warning,
            _ => self.t.text_dim,
        }
    }

    fn duration(&self, ui: &Ui, rect: Rect, span: &Span) {
        let text = span.duration_nanos.map_or_else(|| "…".to_owned(), nanos);
        let galley = ui.painter().layout_no_wrap(text, self.font.clone(), self.t.text_dim);
        let left = self.duration_right - galley.size().x;
        ui.painter().galley(pos2(left, rect.center().y - galley.size().y / 2.0), galley, self.t.text_dim);
    }

    fn component_color(&self, name: &str) -> Color32 {
        let open = self.trace.workload.and_then(|id| self.model.workload(id));
        let nodes = open.map(|open| open.view.plan.nodes.as_slice()).unwrap_or_default();
        let at = nodes.iter().position(|node| node.name == *name);
        let at = at.or_else(|| self.open.calls_of.keys().position(|known| known == name));
        self.t.component(at.unwrap_or(0))
    }

    fn tooltip(&self, ui: &mut Ui, row: &Row) {
        let RowKind::Span(at) = row.kind else {
            ui.label(shortened(&row_text(self.trace, row.kind), 2_000));
            return;
        };
        let Some(span) = self.trace.spans.get(at) else { return };
        ui.label(egui::RichText::new(printable(&span.function)).monospace());
        let from = span.consumer.as_ref().map_or("from outside", |name| name.as_str());
        let mut facts = vec![format!("{from} → {}", span.provider.as_str())];
        facts.push(format!("after {}", nanos(span.start_nanos)));
        facts.extend(span.duration_nanos.map(|duration| format!("took {}", nanos(duration))));
        if span.held_nanos > 0 {
            facts.push(format!("held {}", nanos(span.held_nanos)));
        }
        facts.push(match &span.outcome {
            Outcome::Trap { message, .. } => format!("trap: {}", printable(&shortened(message, 300))),
            outcome => outcome.label().to_owned(),
        });
        ui.label(facts.join(" · "));
    }
}

/// What was done to a call, and how long it was held.
fn note_text(span: &Span) -> Option<String> {
    let held = (span.held_nanos > 0).then(|| format!("held {}", nanos(span.held_nanos)));
    let done = span.intervention.as_deref().map(|text| printable(text).into_owned());
    let parts: Vec<String> = held.into_iter().chain(done).collect();
    (!parts.is_empty()).then(|| parts.join(" · "))
}

fn menu(ui: &mut Ui, trace: &Trace, row: &Row, actions: &mut Vec<Action>) {
    let mut copy = |ui: &mut Ui, text: &str, what: String| {
        if ui.button(text).clicked() {
            actions.push(Action::Copy(what));
        }
    };
    copy(ui, "Copy row", row_text(trace, row.kind));
    if let RowKind::Span(at) = row.kind
        && let Some(span) = trace.spans.get(at)
    {
        if !span.args.is_empty() {
            let values: Vec<&str> = span.args.iter().map(|argument| argument.value.as_str()).collect();
            copy(ui, "Copy arguments", values.join(" "));
        }
        if let Some(result) = &span.result {
            copy(ui, "Copy result", result.clone());
        }
    }
    if ui.button("Copy trace").clicked() {
        actions.push(Action::Run(Command::CopyTrace));
    }
    ui.separator();
    if ui.button("Show details").clicked() {
        actions.push(Action::Trace(TraceAction::Details(true)));
    }
}
