//! The session tab: frames, filters, pairs, details, sending again, past sessions.

use std::time::Duration;

use egui::{Color32, Key, Modifiers, Rect, ViewportId, vec2};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use jackfield_protocol::{
    CallId, ConnectionState, Endpoint, Event, Frame, FrameBytes, FrameKind, FramePage, FrameWay, LogRecord,
    McpResponse, Request, Response, SessionId, SessionRole, SessionView, ToolOutcome, Trace,
};
use proptest::prelude::*;
use serde_json::json;

use super::fixtures::{self, CRON, Window, cron, line};
use super::mcp::{CONNECTION, asked, click, connected, connection, run, type_into};
use super::recorded::Recorded;
use super::traces::{announce, trace};
use crate::command::Command;
use crate::model::mcp::{FRAME_PAGE, FrameFilter, Frames};

pub(super) fn id() -> SessionId {
    SessionId::new("s-live")
}

fn view(id: SessionId, frames: u64, is_live: bool) -> SessionView {
    SessionView {
        id,
        label: "cron".to_owned(),
        role: SessionRole::Client,
        started_unix_micros: 1_700_000_000_000_000,
        is_live,
        frames,
        size_in_bytes: 2048,
        problem: None,
    }
}

/// Frame `number` of a session in which requests and responses alternate.
pub(super) fn frame(number: u64) -> Frame {
    let is_request = number % 2 == 1;
    let is_error = number.is_multiple_of(10);
    Frame {
        session: id(),
        number,
        time_micros: number * 1_000,
        way: if is_request { FrameWay::ToServer } else { FrameWay::ToClient },
        kind: match (is_request, is_error) {
            (true, _) => FrameKind::Request,
            (false, true) => FrameKind::Error,
            (false, false) => FrameKind::Response,
        },
        id: Some(number.div_ceil(2).to_string()),
        method: Some("tools/call".to_owned()),
        subject: Some(format!("tool-{}", number.div_ceil(2))),
        size_in_bytes: 100 + number,
        answers: (!is_request).then(|| number - 1),
        duration_micros: (!is_request).then_some(1_500),
        call: (!is_request && !is_error).then_some(CallId(number)),
        problem: None,
    }
}

fn page(numbers: std::ops::RangeInclusive<u64>, total: u64) -> Response {
    Response::Frames(FramePage { frames: numbers.map(frame).collect(), total })
}

fn frames_after(after: u64) -> Request {
    Request::Frames { session: id(), after, limit: FRAME_PAGE }
}

fn bytes_of(number: u64) -> Request {
    Request::FrameBytes { session: id(), number }
}

/// A window that shows a live session of so many frames.
fn opened(frames: u64) -> (Window, Recorded) {
    let (mut window, recorded) = connected();
    click(&mut window, "Session");
    recorded.answer(&Request::Sessions, Ok(Response::Sessions(vec![view(id(), frames, true)])));
    window.run();
    click(&mut window, "session s-live");
    let mut after = 0;
    while after < frames {
        let to = frames.min(after + u64::from(FRAME_PAGE));
        recorded.answer(&frames_after(after), Ok(page(after + 1..=to, frames)));
        window.run();
        after = to;
    }
    (window, recorded)
}

fn has_frame(window: &Window, number: u64) -> bool {
    window.query_by_label(&format!("frame {number}")).is_some()
}

#[test]
fn a_long_session_is_read_page_by_page_and_shows_its_end() {
    let (mut window, recorded) = opened(12_000);
    window.get_by_label("12 000 frames");
    assert!(has_frame(&window, 12_000) && !has_frame(&window, 1));
    assert_eq!(recorded.open_requests(), []);
    recorded.announce(Event::Frames((12_001..=12_003).map(frame).collect()));
    window.run();
    assert!(has_frame(&window, 12_003), "it follows its tail");
    assert_eq!(window.output().viewport_output[&ViewportId::ROOT].repaint_delay, Duration::MAX);

    // What was missed is asked for.
    recorded.announce(Event::Frames(vec![frame(12_010)]));
    window.run();
    recorded.answer(&frames_after(12_003), Ok(page(12_004..=12_010, 12_010)));
    window.run();
    window.get_by_label("12 010 frames");
}

#[test]
fn frames_that_come_by_while_a_page_is_read_are_not_lost() {
    let (mut window, recorded) = connected();
    click(&mut window, "Session");
    recorded.answer(&Request::Sessions, Ok(Response::Sessions(vec![view(id(), 0, true)])));
    window.run();
    click(&mut window, "session s-live");
    recorded.announce(Event::Frames((1..=4).map(frame).collect()));
    window.run();
    recorded.answer(&frames_after(0), Ok(page(1..=3, 3)));
    window.run();
    window.get_by_label("4 frames");
    assert_eq!(recorded.open_requests(), []);
}

#[test]
fn the_first_frame_that_comes_by_is_not_taken_for_the_first_of_all() {
    let (mut window, recorded) = connected();
    click(&mut window, "Session");
    recorded.answer(&Request::Sessions, Ok(Response::Sessions(vec![view(id(), 0, true)])));
    window.run();
    click(&mut window, "session s-live");
    recorded.answer(&frames_after(0), Ok(Response::Frames(FramePage::default())));
    window.run();
    recorded.announce(Event::Frames(vec![frame(5)]));
    window.run();
    recorded.answer(&frames_after(0), Ok(page(1..=5, 5)));
    window.run();
    window.get_by_label("5 frames");
}

#[test]
fn a_session_that_is_scrolled_up_stands_still() {
    let (mut window, recorded) = opened(500);
    let row = window.get_by_label("frame 500").rect().center();
    window.hover_at(row);
    window.run();
    window.event(egui::Event::MouseWheel {
        unit: egui::MouseWheelUnit::Point,
        delta: egui::vec2(0.0, 300.0),
        modifiers: Modifiers::NONE,
        phase: egui::TouchPhase::Move,
    });
    window.run();
    assert!(!has_frame(&window, 500));
    recorded.announce(Event::Frames(vec![frame(501)]));
    window.run();
    assert!(!has_frame(&window, 501));
    click(&mut window, "follow frames");
    assert!(has_frame(&window, 501));
}

#[test]
fn frames_are_filtered_by_text_direction_kind_and_error() {
    let (mut window, _) = opened(100);
    type_into(&mut window, "filter frames", "TOOL-7");
    // 7 and 70 to 79 have two frames each, of which 50 pairs exist.
    window.get_by_label("2 of 100 frames");
    assert!(has_frame(&window, 13) && has_frame(&window, 14) && !has_frame(&window, 15));
    click(&mut window, "clear frame filter");
    click(&mut window, "Only errors");
    window.get_by_label("10 of 100 frames");
    click(&mut window, "Only errors");
    click(&mut window, "direction of frames");
    click(&mut window, "→ to server");
    window.get_by_label("50 of 100 frames");
    click(&mut window, "kind of frames");
    click(&mut window, "error");
    window.get_by_label_contains("No frame matches");
    run(&mut window, Command::ClearFrameFilter);
    window.get_by_label("100 frames");
}

#[test]
fn a_frame_is_shown_whole_and_leads_to_the_other_of_its_pair() {
    let (mut window, recorded) = opened(20);
    click(&mut window, "frame 3");
    window.get_by_label("Reading its bytes…");
    let text = "{\"jsonrpc\" : \"2.0\",  \"id\":2}\n";
    recorded.answer(&bytes_of(3), Ok(Response::FrameBytes(FrameBytes::Text(text.to_owned()))));
    window.run();
    assert_eq!(window.get_by_label("frame bytes").value().unwrap(), text, "exactly as they are");
    click(&mut window, "copy frame");
    assert_eq!(recorded.copied(), [text]);
    click(&mut window, "frame as tree");
    window.get_by_label("frame /jsonrpc: \"2.0\"");
    click(&mut window, "frame as hex");
    window.get_by_label_contains("00000000  7b 22 6a 73");
    click(&mut window, "go to response");
    recorded.answer(&bytes_of(4), Ok(Response::FrameBytes(FrameBytes::Hex("00ff".to_owned()))));
    click(&mut window, "frame as bytes");
    window.get_by_label_contains("00000000  00 ff");
    click(&mut window, "go to request");
    assert!(recorded.open_requests().contains(&bytes_of(3)));
}

#[test]
fn the_keyboard_walks_through_the_frames() {
    let (mut window, _) = opened(200);
    click(&mut window, "frame 195");
    let selected =
        |window: &Window| window.state().model().session.open.as_ref().and_then(|open| open.selected);
    for (key, number) in [
        (Key::ArrowDown, 196),
        (Key::ArrowUp, 195),
        (Key::Enter, 196),
        (Key::Home, 1),
        (Key::ArrowUp, 1),
        (Key::End, 200),
        (Key::ArrowDown, 200),
    ] {
        window.key_press_modifiers(Modifiers::NONE, key);
        window.run();
        assert_eq!(selected(&window), Some(number), "{key:?}");
        assert!(has_frame(&window, number), "{key:?}: it is in view");
    }
    window.key_press_modifiers(Modifiers::NONE, Key::PageUp);
    window.run();
    assert!(selected(&window).unwrap() < 195);
}

#[test]
fn a_frame_is_sent_again_as_it_is_or_changed() {
    let (mut window, recorded) = opened(20);
    click(&mut window, "frame 3");
    let text = "{\"id\":2}".to_owned();
    recorded.answer(&bytes_of(3), Ok(Response::FrameBytes(FrameBytes::Text(text.clone()))));
    window.run();
    click(&mut window, "replay frame");
    let send = |text: &str| Request::Send { connection: CONNECTION, text: text.to_owned() };
    recorded.answer(&send(&text), Ok(Response::Sent { frame: 21 }));
    recorded.announce(Event::Frames(vec![frame(21)]));
    window.run();
    window.get_by_label("Sent as frame 21");
    recorded.answer(&bytes_of(21), Ok(Response::FrameBytes(FrameBytes::Text(text.clone()))));
    window.run();

    click(&mut window, "edit and replay");
    assert_eq!(window.get_by_label("edited frame").value().unwrap(), text);
    type_into(&mut window, "edited frame", "not {json");
    window.get_by_label_contains("no JSON");
    click(&mut window, "send edited frame");
    assert!(recorded.open_requests().contains(&send("not {json")), "anything can be sent");
    assert!(window.query_by_label("edited frame").is_none());
}

#[test]
fn the_panel_of_a_frame_is_as_wide_as_the_user_made_it_whatever_is_in_it() {
    let (mut window, recorded) = opened(20);
    click(&mut window, "frame 3");
    let left = |window: &Window| window.get_by_label("frame as bytes").rect().left();
    let before = left(&window);
    let long = format!("{{\"jsonrpc\":\"2.0\",\"a\":\"{}\"", "x".repeat(900));
    for number in [3, 21, 22] {
        let problem = format!("no JSON-RPC message: {}", "EOF-while-parsing-an-object-".repeat(9));
        recorded.announce(Event::Frames(vec![Frame { problem: Some(problem), ..frame(number) }]));
        window.run();
        click(&mut window, &format!("frame {number}"));
        let bytes = FrameBytes::Text(long.clone());
        recorded.answer(&bytes_of(number), Ok(Response::FrameBytes(bytes)));
        window.run();
        for view in ["frame as hex", "frame as tree", "frame as bytes"] {
            click(&mut window, view);
            assert_eq!(left(&window), before, "frame {number}: {view}");
        }
    }
    super::picture::take(&mut window, "session-long-frame");
}

#[test]
fn what_was_sent_is_said_beside_its_frame_only() {
    let (mut window, recorded) = opened(20);
    click(&mut window, "frame 3");
    recorded.answer(&bytes_of(3), Ok(Response::FrameBytes(FrameBytes::Text("{}".to_owned()))));
    window.run();
    click(&mut window, "replay frame");
    let send = Request::Send { connection: CONNECTION, text: "{}".to_owned() };
    recorded.answer(&send, Ok(Response::Sent { frame: 21 }));
    recorded.announce(Event::Frames(vec![frame(21)]));
    window.run();
    window.get_by_label("Sent as frame 21");
    click(&mut window, "frame 3");
    assert!(window.query_by_label("Sent as frame 21").is_none());
}

#[test]
fn escape_leaves_the_editor_of_a_frame() {
    let (mut window, recorded) = opened(4);
    click(&mut window, "frame 1");
    recorded.answer(&bytes_of(1), Ok(Response::FrameBytes(FrameBytes::Text("{}".to_owned()))));
    window.run();
    click(&mut window, "edit and replay");
    assert!(window.get_by_label("edited frame").accesskit_node().is_focused(), "one can type at once");
    window.key_press_modifiers(Modifiers::NONE, Key::Escape);
    window.run();
    assert!(window.query_by_label("edited frame").is_none());
    window.get_by_label("frame as bytes");
}

#[test]
fn the_session_that_goes_on_is_shown_when_the_tab_opens_and_its_size_grows() {
    let (mut window, recorded) = connected();
    click(&mut window, "Session");
    let sessions = vec![view(id(), 0, true), view(SessionId::new("s-old"), 3, false)];
    recorded.answer(&Request::Sessions, Ok(Response::Sessions(sessions)));
    window.run();
    recorded.answer(&frames_after(0), Ok(page(1..=1, 1)));
    recorded.announce(Event::Frames(
        (1..=11).map(|number| Frame { size_in_bytes: 1024, ..frame(number) }).collect(),
    ));
    window.run();
    assert!(has_frame(&window, 11));
    window.get_by_label("client here · 11 frames · 13.0 KiB · live");
}

/// The frame is drawn after everything that it goes around, so that nothing covers a side of it.
#[test]
fn the_table_that_has_the_keyboard_has_a_whole_frame() {
    let (mut window, _recorded) = opened(200);
    click(&mut window, "frame 200");
    let accent = crate::theme::tokens(&window.ctx).accent;
    let shapes = &window.output().shapes;
    let table = window.get_by_label("frames").rect();
    let rect = |shape: &egui::Shape| match shape {
        egui::Shape::Rect(rect) => Some((rect.rect, rect.stroke.color)),
        _ => None,
    };
    let at = |wanted: &dyn Fn(Rect, Color32) -> bool| {
        shapes.iter().rposition(|clipped| rect(&clipped.shape).is_some_and(|(at, color)| wanted(at, color)))
    };
    let frame = at(&|rect, color| color == accent && rect == table).unwrap();
    let covers_side =
        |rect: Rect| rect.contains(table.right_bottom() - vec2(1.0, 1.0)) && rect.width() < 20.0;
    let bar = at(&|rect, _| covers_side(rect)).expect("the scroll bar");
    assert!(frame > bar, "{frame} {bar}");
    assert!(shapes[frame].clip_rect.contains_rect(table));
}

#[test]
fn without_an_open_connection_nothing_can_be_sent() {
    let (mut window, recorded) = opened(4);
    let mut closed = connection(Endpoint::Workload(CRON), "cron");
    closed.state = ConnectionState::Closed;
    recorded.announce(Event::Connection(closed));
    click(&mut window, "frame 1");
    recorded.answer(&bytes_of(1), Ok(Response::FrameBytes(FrameBytes::Text("{}".to_owned()))));
    window.run();
    window.get_by_label("no open connection");
    assert!(window.get_by_label("replay frame").accesskit_node().is_disabled());
}

fn line_of_call(seq: u64, call: u64) -> LogRecord {
    LogRecord { call: Some(CallId(call)), ..line(seq, "job", &format!("line {seq}")) }
}

#[test]
fn a_frame_with_a_call_shows_the_log_lines_of_that_call() {
    let (mut window, recorded) = opened(20);
    recorded.announce(Event::Logs(vec![line_of_call(1, 4), line_of_call(2, 6), line_of_call(3, 4)]));
    click(&mut window, "frame 3");
    window.get_by_label("Printed during call #4");
    window.get_by_label("line 1");
    window.get_by_label("line 3");
    assert!(window.query_by_label("line 2").is_none());
    click(&mut window, "show log lines of frame");
    window.get_by_label("2 of 3 lines");
    window.get_by_label("job stderr: line 3");
}

#[test]
fn a_frame_with_a_call_that_was_observed_leads_to_its_trace() {
    let (mut window, recorded) = opened(20);
    click(&mut window, "frame 3");
    assert!(window.query_by_label("show trace").is_none(), "it was not observed");
    let trace = Trace { workload: Some(CRON), call: Some(CallId(4)), ..trace(9) };
    announce(&recorded, std::slice::from_ref(&trace));
    window.run();
    click(&mut window, "show trace");
    recorded.answer(&Request::TraceById(trace.id), Ok(Response::Trace(trace)));
    window.run();
    window.get_by_label_contains("square square(n: 3) → 9");
}

#[test]
fn a_result_leads_to_its_frame_and_to_its_log_lines() {
    let (mut window, recorded) = connected();
    click(&mut window, "tool other");
    click(&mut window, "call tool");
    let call = asked(&recorded, |request| matches!(request, jackfield_protocol::McpRequest::CallTool { .. }));
    recorded.announce(Event::Frames(vec![frame(3), frame(4)]));
    recorded.announce(Event::Logs(vec![line_of_call(1, 4), line_of_call(2, 6)]));
    let outcome = ToolOutcome { is_error: false, result: json!({}), duration_micros: 5, request_frame: 3 };
    recorded.answer(&call, Ok(Response::Mcp(McpResponse::Called(outcome))));
    window.run();
    click(&mut window, "show log lines");
    window.get_by_label("1 of 2 lines");
    click(&mut window, "MCP tab");
    click(&mut window, "show frame");
    recorded.answer(&Request::Sessions, Ok(Response::Sessions(vec![view(id(), 8, true)])));
    recorded.answer(&frames_after(0), Ok(page(1..=8, 8)));
    window.run();
    assert!(
        recorded.open_requests().contains(&bytes_of(3)),
        "its bytes are asked for as soon as it is there"
    );
    window.get_by_label("Printed during call #4");
}

#[test]
fn past_sessions_are_listed_opened_and_deleted() {
    let (mut window, recorded) = fixtures::window(vec![cron()]);
    run(&mut window, Command::LargeDock);
    click(&mut window, "Session");
    let mut old = view(SessionId::new("s-old"), 3, false);
    old.started_unix_micros -= 1_000_000;
    old.problem = Some("the end is torn".to_owned());
    recorded.answer(&Request::Sessions, Ok(Response::Sessions(vec![old, view(id(), 8, false)])));
    window.run();
    let [new, old] = ["session s-live", "session s-old"].map(|label| window.get_by_label(label).rect().top());
    assert!(new < old, "the newest comes first");
    window.get_by_label("the end is torn");
    recorded.announce(Event::Session(view(id(), 9, true)));
    window.run();
    window.get_by_label("client here · 9 frames · 2.0 KiB · live");

    click(&mut window, "delete session s-old");
    window.get_by_label_contains("Its frames are lost");
    click(&mut window, "Keep");
    assert_eq!(recorded.open_requests(), []);
    click(&mut window, "delete session s-old");
    click(&mut window, "delete session now");
    recorded.answer(&Request::DeleteSession(SessionId::new("s-old")), Ok(Response::Done));
    window.run();
    assert!(window.query_by_label("session s-old").is_none());
}

fn any_filter() -> impl Strategy<Value = FrameFilter> {
    let text = prop::sample::select(vec!["", "TOOL-1", "call", "7", "tool-12", "nothing"]);
    let way = prop::sample::select(vec![None, Some(FrameWay::ToClient), Some(FrameWay::ToServer)]);
    let kind = prop::sample::select(vec![None, Some(FrameKind::Request), Some(FrameKind::Error)]);
    (text, way, kind, any::<bool>()).prop_map(|(text, way, kind, only_errors)| FrameFilter {
        text: text.to_owned(),
        way,
        kind,
        only_errors,
    })
}

fn numbers(frames: &Frames) -> Vec<u64> {
    (0..frames.shown()).filter_map(|row| frames.row(row)).map(|row| row.number).collect()
}

proptest! {
    #[test]
    fn the_filter_shows_the_same_however_it_came_about(first in any_filter(), last in any_filter(), split in 0..120_u64) {
        let mut at_once = Frames::default();
        at_once.set_filter(last.clone());
        at_once.extend((1..=120).map(frame));
        let mut in_steps = Frames::default();
        in_steps.extend((1..=split).map(frame));
        in_steps.set_filter(first);
        in_steps.extend((split + 1..=120).map(frame));
        in_steps.set_filter(last.clone());
        let needle = last.text.to_lowercase();
        let is_shown = |number: &u64| last.admits(at_once.get(*number).unwrap(), &needle);
        let expected: Vec<u64> = (1..=120).filter(is_shown).collect();
        prop_assert_eq!(numbers(&at_once), expected.clone());
        prop_assert_eq!(numbers(&in_steps), expected.clone());
        for number in 1..=120 {
            let row = expected.iter().filter(|shown| **shown < number).count();
            prop_assert_eq!(in_steps.row_of(number), row);
        }
    }
}

#[test]
fn frames_are_bounded_and_the_oldest_go() {
    let mut frames = Frames::default();
    let many = u64::try_from(crate::model::mcp::MAX_FRAMES).unwrap() + 7;
    assert!(frames.extend((1..=many).map(frame)));
    assert_eq!((frames.len(), frames.dropped()), (crate::model::mcp::MAX_FRAMES, 7));
    assert_eq!(frames.row(0).unwrap().number, 8);
    assert_eq!(frames.get(9).unwrap().answered_by, Some(10));
    assert!(!frames.extend([frame(many + 2)]), "what does not follow is not taken");
}
