//! The frames of a session as a table. Only the rows in view are laid out, whatever its length.

use egui::scroll_area::ScrollBarVisibility;
use egui::{
    ComboBox, FontId, Id, Key, Modifiers, Rect, ScrollArea, Sense, Stroke, TextEdit, TextStyle, Ui,
    WidgetInfo, WidgetType, vec2,
};
use jackfield_protocol::{FrameKind, FrameWay};

use super::super::logs::{change_of_mind, name_combo};
use super::super::table;
use super::super::widgets::{command_button_named, counter, empty, name_field};
use crate::action::{Action, SessionAction};
use crate::command::Command;
use crate::model::mcp::{FrameFilter, FrameRow, OpenSession};
use crate::text::{count, duration, grouped, printable, shortened, since, size};
use crate::theme::{self, Tokens, space};

const KINDS: [FrameKind; 8] = [
    FrameKind::Request,
    FrameKind::Response,
    FrameKind::Error,
    FrameKind::Notification,
    FrameKind::Malformed,
    FrameKind::Stderr,
    FrameKind::Transport,
    FrameKind::Event,
];
/// How wide the columns are; the subject has what is left.
const NUMBER: f32 = 52.0;
const TIME: f32 = 84.0;
const WAY: f32 = 18.0;
const KIND: f32 = 92.0;
const METHOD: f32 = 112.0;
/// In less width than this there is room for the common methods only.
const ROOM_FOR_METHODS: f32 = 640.0;
const SHORT_METHOD: f32 = 80.0;
const ID: f32 = 50.0;
const DURATION: f32 = 68.0;
const SIZE: f32 = 56.0;

pub(super) fn show(ui: &mut Ui, open: &OpenSession, actions: &mut Vec<Action>) {
    ui.horizontal_wrapped(|ui| tools(ui, open, actions));
    if let Some(error) = &open.error {
        ui.colored_label(theme::tokens(ui.ctx()).error, error);
    }
    if open.frames.shown() == 0 {
        let text = match (open.is_loading, open.frames.is_empty()) {
            (true, true) => "Reading the session…",
            (false, true) => "No frame yet.",
            (_, false) => "No frame matches the filter.",
        };
        empty(ui, text);
        return;
    }
    let titles = ["#", "since start", "", "kind", "method", "subject", "id", "duration", "size"];
    table::head(ui, titles, columns);
    rows(ui, open, actions);
}

fn tools(ui: &mut Ui, open: &OpenSession, actions: &mut Vec<Action>) {
    let filter = open.frames.filter();
    let mut edited = filter.clone();
    let field = TextEdit::singleline(&mut edited.text).hint_text("Filter method, subject, id");
    name_field(&ui.add(field.desired_width(170.0)), "filter frames");
    way_choice(ui, &mut edited);
    kind_choice(ui, &mut edited);
    ui.checkbox(&mut edited.only_errors, "Only errors");
    if edited != *filter {
        actions.push(Action::Session(SessionAction::Filter(edited)));
    }
    if !filter.is_empty() {
        let clear = SessionAction::Filter(FrameFilter::default());
        if command_button_named(ui, "Clear", "clear frame filter", Command::ClearFrameFilter) {
            actions.push(Action::Session(clear));
        }
    }
    let follow = egui::Button::new("Follow").selected(open.follows);
    let response = ui.add(follow).on_hover_text(Command::FollowFrames.tooltip());
    super::super::widgets::name_button(&response, "follow frames");
    if response.clicked() {
        actions.push(Action::Session(SessionAction::Follow(!open.follows)));
    }
    counter(ui, summary(open));
}

fn summary(open: &OpenSession) -> String {
    let frames = &open.frames;
    let mut text = if frames.filter().is_empty() {
        count(frames.len(), "frame")
    } else {
        format!("{} of {}", grouped(frames.shown() as u64), count(frames.len(), "frame"))
    };
    if frames.dropped() > 0 {
        text.push_str(&format!(", {} older not shown", grouped(frames.dropped())));
    }
    if open.is_loading {
        text.push_str(", reading…");
    }
    text
}

fn way_choice(ui: &mut Ui, filter: &mut FrameFilter) {
    let name = |way: Option<FrameWay>| match way {
        None => "Both ways",
        Some(FrameWay::ToServer) => "→ to server",
        Some(FrameWay::ToClient) => "← to client",
    };
    let text = name(filter.way);
    let response = ComboBox::from_id_salt("frame way").selected_text(text).width(92.0).show_ui(ui, |ui| {
        for way in [None, Some(FrameWay::ToServer), Some(FrameWay::ToClient)] {
            ui.selectable_value(&mut filter.way, way, name(way));
        }
    });
    name_combo(&response.response, "direction of frames", text);
}

fn kind_choice(ui: &mut Ui, filter: &mut FrameFilter) {
    let name = |kind: Option<FrameKind>| kind.map_or("All kinds", FrameKind::label);
    let text = name(filter.kind);
    let response = ComboBox::from_id_salt("frame kind").selected_text(text).width(92.0).show_ui(ui, |ui| {
        ui.selectable_value(&mut filter.kind, None, name(None));
        for kind in KINDS {
            ui.selectable_value(&mut filter.kind, Some(kind), kind.label());
        }
    });
    name_combo(&response.response, "kind of frames", text);
}

/// Where the columns begin and end in a row, from its left side.
fn columns(width: f32) -> [(f32, f32); 9] {
    let method = if width < ROOM_FOR_METHODS { SHORT_METHOD } else { METHOD };
    let fixed = [NUMBER, TIME, WAY, KIND, method, 0.0, ID, DURATION, SIZE];
    let left: f32 = fixed.iter().sum();
    let rest = (width - left - space::SMALL).max(40.0);
    table::columns(fixed.map(|wide| if wide == 0.0 { rest } else { wide }))
}

fn rows(ui: &mut Ui, open: &OpenSession, actions: &mut Vec<Action>) {
    let table = Id::new(("frames of", &open.id));
    let height = ui.available_height();
    let place = Rect::from_min_size(ui.cursor().min, vec2(ui.available_width(), height));
    keys(ui, table, place, height, actions);
    ui.spacing_mut().item_spacing.y = 0.0;
    let end = (open.frames.shown() as f32 * space::LOG_ROW - height).max(0.0);
    let scroll = ui.input(|input| input.smooth_scroll_delta.y);
    let mut area = ScrollArea::vertical()
        .id_salt(table)
        .auto_shrink([false, false])
        .scroll_bar_visibility(ScrollBarVisibility::AlwaysVisible);
    if open.follows {
        area = area.vertical_scroll_offset(end);
    } else if let Some(offset) = revealing(ui, table, open, height) {
        area = area.vertical_scroll_offset(offset.min(end));
    }
    let view =
        View { open, table, t: theme::tokens(ui.ctx()), font: TextStyle::Monospace.resolve(ui.style()) };
    let output = area.show_rows(ui, space::LOG_ROW, open.frames.shown(), |ui, rows| {
        for frame in rows.filter_map(|row| open.frames.row(row)) {
            view.row(ui, frame, actions);
        }
    });
    let offset = output.state.offset.y;
    ui.data_mut(|data| data.insert_temp(table, Seen { offset, reveal: open.reveal }));
    table::outline(ui, table, place);
    if let Some(follow) = change_of_mind(ui, scroll, open.follows, offset >= end - 1.0) {
        actions.push(Action::Session(SessionAction::Follow(follow)));
    }
}

/// What the table showed last.
#[derive(Clone, Copy, Default)]
struct Seen {
    offset: f32,
    reveal: u64,
}

/// Where to scroll to so that the selected frame is in view, if that was wished since the last frame.
fn revealing(ui: &Ui, table: Id, open: &OpenSession, height: f32) -> Option<f32> {
    let seen: Seen = ui.data(|data| data.get_temp(table)).unwrap_or_default();
    if seen.reveal == open.reveal {
        return None;
    }
    let top = open.frames.row_of(open.selected?) as f32 * space::LOG_ROW;
    let bottom = top + space::LOG_ROW - height;
    Some(seen.offset.clamp(bottom.min(top), top))
}

/// The table has the keyboard as a whole: arrows, Home, End, and Enter for the other of a pair.
fn keys(ui: &mut Ui, table: Id, place: Rect, height: f32, actions: &mut Vec<Action>) {
    if !table::has_keyboard(ui, table, place, "frames") {
        return;
    }
    let page = (height / space::LOG_ROW) as i64;
    for (key, action) in [
        (Key::ArrowUp, SessionAction::Step(-1)),
        (Key::ArrowDown, SessionAction::Step(1)),
        (Key::PageUp, SessionAction::Step(-page)),
        (Key::PageDown, SessionAction::Step(page)),
        (Key::Home, SessionAction::ToEnd(false)),
        (Key::End, SessionAction::ToEnd(true)),
        (Key::Enter, SessionAction::Pair),
    ] {
        if ui.input_mut(|input| input.consume_key(Modifiers::NONE, key)) {
            actions.push(Action::Session(action));
        }
    }
}

struct View<'a> {
    open: &'a OpenSession,
    table: Id,
    t: &'static Tokens,
    font: FontId,
}

impl View<'_> {
    fn row(&self, ui: &mut Ui, frame: &FrameRow, actions: &mut Vec<Action>) {
        let size = vec2(ui.available_width(), space::LOG_ROW);
        let (rect, response) = ui.allocate_exact_size(size, Sense::CLICK);
        let is_selected = self.open.selected == Some(frame.number);
        response.widget_info(|| {
            let label = format!("frame {}", frame.number);
            WidgetInfo::selected(WidgetType::SelectableLabel, true, is_selected, label)
        });
        let description = || {
            let [method, subject] =
                [frame.method.as_deref(), frame.subject.as_deref()].map(Option::unwrap_or_default);
            format!("{} {method} {subject}", frame.kind.label())
        };
        ui.ctx().accesskit_node_builder(response.id, |node| node.set_description(description()));
        table::ground(ui, rect, is_selected, &response);
        self.paint(ui, rect, frame, is_selected);
        if response.clicked() {
            actions.push(Action::Session(SessionAction::Select(frame.number)));
            ui.memory_mut(|memory| memory.request_focus(self.table));
        }
        if let Some(problem) = &frame.problem {
            response.on_hover_text(printable(problem).into_owned());
        }
    }

    fn paint(&self, ui: &Ui, rect: Rect, frame: &FrameRow, is_selected: bool) {
        let t = self.t;
        let is_pair = !is_selected && self.open.pair() == Some(frame.number);
        if is_pair {
            let stroke = Stroke::new(1.0, t.accent);
            ui.painter().rect_stroke(rect.shrink(0.5), 0, stroke, egui::StrokeKind::Inside);
        }
        let way = match frame.way {
            FrameWay::ToServer => "→",
            FrameWay::ToClient => "←",
        };
        let ink = if is_selected { t.text } else { color(frame, t) };
        let dim = if is_selected { t.text } else { t.text_dim };
        let subject = frame
            .problem
            .as_ref()
            .or(frame.subject.as_ref())
            .map(|text| printable(shortened(text, 200).as_ref()).into_owned());
        let method = frame.method.as_deref().map(|text| printable(text).into_owned());
        let id = frame.id.as_deref().map(|text| printable(text).into_owned());
        let cells = [
            (frame.number.to_string(), dim),
            (since(frame.time_micros), dim),
            (way.to_owned(), ink),
            (frame.kind.label().to_owned(), ink),
            (method.unwrap_or_default(), t.text),
            (subject.unwrap_or_default(), if frame.problem.is_some() { ink } else { t.text }),
            (id.unwrap_or_default(), dim),
            (frame.duration_micros.map(duration).unwrap_or_default(), dim),
            (size(frame.size_in_bytes), dim),
        ];
        table::row(ui.painter(), rect, cells, columns(rect.width()), &self.font);
    }
}

fn color(frame: &FrameRow, t: &Tokens) -> egui::Color32 {
    match frame.kind {
        _ if frame.is_error() => t.error,
        FrameKind::Request => t.accent,
        FrameKind::Response => t.good,
        FrameKind::Notification | FrameKind::Event => t.text_dim,
        FrameKind::Stderr | FrameKind::Transport => t.warning,
        FrameKind::Error | FrameKind::Malformed => t.error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The width of a character of the rows.
    const ADVANCE: f32 = 7.3;

    #[test]
    fn numbers_do_not_touch_and_names_have_what_is_left() {
        for width in [540.0, 640.0, 660.0, 1200.0] {
            let [number, .., id, duration, size] = columns(width);
            for ((from, to), text) in
                [(number, "250000"), (id, "10000"), (duration, "831.5 µs"), (size, "8.7 MiB")]
            {
                assert!(to - from >= text.chars().count() as f32 * ADVANCE, "{width}: {text}");
            }
            assert!(size.1 <= width && width - size.1 < 2.0 * space::SMALL + 1.0, "{width}: {size:?}");
            let (from, to) = columns(width)[5];
            assert!(to - from >= 10.0 * ADVANCE || width < 560.0, "{width}");
        }
    }
}
