//! The traces as a table, newest first. Only the rows in view are laid out, whatever its length.

use egui::scroll_area::ScrollBarVisibility;
use egui::{
    Color32, Event, FontId, Id, Key, Modifiers, Rect, ScrollArea, Sense, TextStyle, Ui, WidgetInfo,
    WidgetType, vec2,
};
use jackfield_protocol::{TraceId, TraceSummary};

use super::super::table;
use super::super::widgets::empty;
use super::outcome_color;
use crate::action::{Action, TraceAction};
use crate::command::Command;
use crate::model::Model;
use crate::model::traces::{TraceList, function_name, nanos};
use crate::text::{count, grouped, printable, time_of_day};
use crate::theme::{self, Tokens, space, words};

/// How wide the columns are; component and function share what is left.
const TIME: f32 = 94.0;
const DURATION: f32 = 68.0;
const SPANS: f32 = 46.0;
const OUTCOME: f32 = 80.0;
/// The component has this share of what is left.
const COMPONENT_SHARE: f32 = 0.4;

pub(super) fn show(ui: &mut Ui, model: &Model, actions: &mut Vec<Action>) {
    if model.traces.list.shown() == 0 {
        empty(ui, words::TRACES_ALL_FILTERED);
        return;
    }
    table::head(ui, ["time", "component", "function", "duration", "calls", "outcome"], columns);
    rows(ui, model, actions);
}

/// Where the columns begin and end in a row, from its left side.
fn columns(width: f32) -> [(f32, f32); 6] {
    let left = (width - TIME - DURATION - SPANS - OUTCOME - space::MEDIUM).max(80.0);
    table::columns([TIME, left * COMPONENT_SHARE, left * (1.0 - COMPONENT_SHARE), DURATION, SPANS, OUTCOME])
}

/// What the table showed last.
#[derive(Clone, Copy, Default)]
struct Seen {
    offset: f32,
    /// The trace in the first row in view, and that row.
    anchor: Option<(TraceId, usize)>,
    open: Option<TraceId>,
}

fn rows(ui: &mut Ui, model: &Model, actions: &mut Vec<Action>) {
    let list = &model.traces.list;
    let table = Id::new("table of traces");
    let height = ui.available_height();
    let place = Rect::from_min_size(ui.cursor().min, vec2(ui.available_width(), height));
    keys(ui, table, place, height, actions);
    ui.spacing_mut().item_spacing.y = 0.0;
    let scroll = ui.input(|input| input.smooth_scroll_delta.y);
    let seen: Seen = ui.data(|data| data.get_temp(table)).unwrap_or_default();
    let open = model.traces.open.as_ref().map(|open| open.id);
    let mut area = ScrollArea::vertical()
        .id_salt(table)
        .auto_shrink([false, false])
        .scroll_bar_visibility(ScrollBarVisibility::AlwaysVisible);
    if let Some(offset) = wished_offset(list, &seen, open, height) {
        area = area.vertical_scroll_offset(offset);
    }
    let view = View {
        model,
        table,
        open,
        t: theme::tokens(ui.ctx()),
        font: TextStyle::Monospace.resolve(ui.style()),
    };
    let output = area.show_rows(ui, space::LOG_ROW, list.shown(), |ui, rows| {
        for trace in rows.filter_map(|row| list.row(row)) {
            view.row(ui, trace, actions);
        }
    });
    let offset = output.state.offset.y;
    let first = (offset / space::LOG_ROW) as usize;
    let anchor = list.row(first).map(|trace| (trace.id, first));
    ui.data_mut(|data| data.insert_temp(table, Seen { offset, anchor, open }));
    table::outline(ui, table, place);
    let is_dragging = ui.input(|input| input.pointer.primary_down());
    match (list.follows(), offset < 1.0) {
        (true, false) if scroll < 0.0 || is_dragging => {
            actions.push(Action::Trace(TraceAction::Follow(false)));
        }
        (false, true) if scroll > 0.0 || is_dragging => {
            actions.push(Action::Trace(TraceAction::Follow(true)));
        }
        _ => {}
    }
}

/// Where the table must be scrolled to: to the newest, to the trace that is shown, or so that what was in view
/// stays in view although newer ones came.
fn wished_offset(list: &TraceList, seen: &Seen, open: Option<TraceId>, height: f32) -> Option<f32> {
    if list.follows() {
        return Some(0.0);
    }
    let row = open.filter(|id| seen.open != Some(*id)).and_then(|id| list.row_of(id));
    let moved = seen.anchor.and_then(|(id, row)| Some((list.row_of(id)?, row)));
    let offset = match moved {
        Some((now, before)) if now != before => seen.offset + (now as f32 - before as f32) * space::LOG_ROW,
        _ => seen.offset,
    };
    let offset = match row {
        Some(row) => {
            let top = row as f32 * space::LOG_ROW;
            offset.clamp((top + space::LOG_ROW - height).max(0.0).min(top), top)
        }
        None => offset,
    };
    ((offset - seen.offset).abs() > 0.5).then_some(offset.max(0.0))
}

/// The table has the keyboard as a whole.
fn keys(ui: &mut Ui, table: Id, place: Rect, height: f32, actions: &mut Vec<Action>) {
    if !table::has_keyboard(ui, table, place, "traces") {
        return;
    }
    let page = (height / space::LOG_ROW) as i64;
    for (key, action) in [
        (Key::ArrowUp, TraceAction::Step(-1)),
        (Key::ArrowDown, TraceAction::Step(1)),
        (Key::PageUp, TraceAction::Step(-page)),
        (Key::PageDown, TraceAction::Step(page)),
        (Key::Home, TraceAction::ToEnd(true)),
        (Key::End, TraceAction::ToEnd(false)),
    ] {
        if ui.input_mut(|input| input.consume_key(Modifiers::NONE, key)) {
            actions.push(Action::Trace(action));
        }
    }
    if ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Enter)) {
        ui.memory_mut(|memory| memory.request_focus(super::tree::id()));
    }
    if ui.input(|input| input.events.contains(&Event::Copy)) {
        actions.push(Action::Run(Command::CopyTrace));
    }
}

struct View<'a> {
    model: &'a Model,
    table: Id,
    open: Option<TraceId>,
    t: &'static Tokens,
    font: FontId,
}

impl View<'_> {
    fn row(&self, ui: &mut Ui, trace: &TraceSummary, actions: &mut Vec<Action>) {
        let size = vec2(ui.available_width(), space::LOG_ROW);
        let (rect, response) = ui.allocate_exact_size(size, Sense::CLICK);
        let is_selected = self.open == Some(trace.id);
        response.widget_info(|| {
            let label = format!("trace {}", trace.id.0);
            WidgetInfo::selected(WidgetType::SelectableLabel, true, is_selected, label)
        });
        ui.ctx().accesskit_node_builder(response.id, |node| node.set_description(description(trace)));
        table::ground(ui, rect, is_selected, &response);
        self.paint(ui, rect, trace, is_selected);
        if response.clicked() {
            actions.push(Action::Trace(TraceAction::Select(trace.id)));
            ui.memory_mut(|memory| memory.request_focus(self.table));
        }
        response.on_hover_ui(|ui| {
            ui.label(egui::RichText::new(printable(&trace.function)).monospace());
            ui.label(description(trace));
        });
    }

    fn paint(&self, ui: &Ui, rect: Rect, trace: &TraceSummary, is_selected: bool) {
        let t = self.t;
        let ink = |color: Color32| if is_selected { t.text } else { color };
        let component = trace.provider.as_ref().map_or("", |provider| provider.as_str());
        let cells = [
            (time_of_day(trace.start_unix_micros), ink(t.text_dim)),
            (printable(component).into_owned(), ink(self.component_color(trace, component))),
            (printable(function_name(&trace.function)).into_owned(), t.text),
            (trace.duration_nanos.map_or_else(|| "…".to_owned(), nanos), ink(t.text_dim)),
            (grouped(trace.span_count), ink(t.text_dim)),
            (trace.outcome.label().to_owned(), ink(outcome_color(&trace.outcome, t))),
        ];
        table::row(ui.painter(), rect, cells, columns(rect.width()), &self.font);
    }

    fn component_color(&self, trace: &TraceSummary, component: &str) -> Color32 {
        let open = trace.workload.and_then(|id| self.model.workload(id));
        let nodes = open.map(|open| open.view.plan.nodes.as_slice()).unwrap_or_default();
        let at = nodes.iter().position(|node| node.name == *component);
        at.map_or(self.t.text_dim, |at| self.t.component(at))
    }
}

/// What is said of a trace to somebody who does not see the columns.
fn description(trace: &TraceSummary) -> String {
    let duration = trace.duration_nanos.map_or_else(|| "did not return".to_owned(), nanos);
    let calls = count(usize::try_from(trace.span_count).unwrap_or(usize::MAX), "call");
    let component = trace.provider.as_ref().map_or("", |provider| provider.as_str());
    let function = function_name(&trace.function);
    let workload = &trace.workload_name;
    format!("{component} {function}, {}, {duration}, {calls}, in {workload}", trace.outcome.label())
}
