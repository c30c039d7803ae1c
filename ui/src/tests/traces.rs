//! The traces tab: the list, the calls of a trace, and the ways to it.

use std::time::{Duration, Instant};

use egui::{Event as Input, Key, Modifiers};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use jackfield_protocol::{
    Argument, CallId, Cost, Direction, Entry, EntryKind, Error, ErrorKind, Event, Link, LinkTarget,
    LogStream, Outcome, Param, Plan, ProbeLevel, ProbeSelection, ProbeSetting, ProbeSite, Probes, Provider,
    Request, Response, Rule, Span, Trace, TraceFormat, TraceId, TraceLine, TraceSelection, TraceSummary,
    Unobserved, Why, WorkloadId, WorkloadState, WorkloadView,
};

use super::fixtures::{self, CRON, Window, cron, node, port};
use super::idle::next_frame;
use super::mcp::{click, run, type_into};
use super::picture;
use super::recorded::Recorded;
use crate::action::{Action, Selection, TraceAction};
use crate::backend::Incoming;
use crate::command::Command;
use crate::model::PathWish;

pub(super) const CALC: WorkloadId = WorkloadId(2);
pub(super) const SQUARE: &str = "math:ops/square";
const ROOT: &str = "math:ops/square-root";

pub(super) fn function(name: &str) -> jackfield_protocol::Function {
    let param = Param { name: "n".to_owned(), ty: "f64".to_owned() };
    jackfield_protocol::Function {
        params: vec![param],
        result: Some("f64".to_owned()),
        ..fixtures::function(name)
    }
}

/// `hypotenuse` calls `square` twice and `root` once.
pub(super) fn calc() -> WorkloadView {
    let hypotenuse = vec![
        port(Direction::Import, SQUARE, vec![function("square")]),
        port(Direction::Import, ROOT, vec![function("square-root")]),
        port(Direction::Export, "math:ops/hypotenuse", vec![function("hypotenuse")]),
    ];
    let square = vec![port(Direction::Export, SQUARE, vec![function("square")])];
    let root = vec![port(Direction::Export, ROOT, vec![function("square-root")])];
    let link = |import: &str, name: &str| Link {
        consumer: "hypotenuse".into(),
        import: import.to_owned(),
        target: LinkTarget::Component { name: name.into(), export: import.to_owned() },
        why: Why { rule: Rule::SameName, import_version: None, export_version: None, not_taken: Vec::new() },
        answers: Default::default(),
    };
    let plan = Plan {
        nodes: vec![
            node("square", false, square),
            node("square-root", false, root),
            node("hypotenuse", false, hypotenuse),
        ],
        links: vec![link(SQUARE, "square"), link(ROOT, "square-root")],
        entries: vec![Entry {
            component: "hypotenuse".into(),
            export: "math:ops/hypotenuse".to_owned(),
            kind: EntryKind::Functions,
        }],
        diagnostics: Vec::new(),
    };
    WorkloadView { id: CALC, name: "calculator".to_owned(), state: WorkloadState::Running, plan, ..cron() }
}

/// What is observed when all of it is.
pub(super) fn all_probes(level: ProbeLevel) -> Probes {
    let link = |import: &str| ProbeSite::Link { consumer: "hypotenuse".into(), import: import.to_owned() };
    let sites = [ProbeSite::Entry("hypotenuse".into()), link(SQUARE), link(ROOT)];
    let settings = sites.into_iter().map(|site| ProbeSetting { site, level }).collect();
    Probes { settings, ..Probes::default() }
}

fn span(
    parent: Option<u32>,
    provider: &str,
    function: &str,
    at: (u64, u64),
    values: (&[(&str, &str)], &str),
) -> Span {
    let args = values.0.iter().map(|(name, value)| Argument { name: (*name).into(), value: (*value).into() });
    Span {
        parent,
        consumer: parent.map(|_| "hypotenuse".into()),
        provider: Provider::Component(provider.into()),
        function: function.into(),
        start_nanos: at.0,
        duration_nanos: Some(at.1),
        held_nanos: 0,
        outcome: Outcome::Ok,
        args: args.collect(),
        result: Some(values.1.to_owned()),
        intervention: None,
    }
}

/// What `hypotenuse 3 4` does.
pub(super) fn trace(id: u64) -> Trace {
    let square = format!("{SQUARE}#square");
    let root = format!("{ROOT}#square-root");
    Trace {
        id: TraceId(id),
        workload: Some(CALC),
        workload_name: "calculator".to_owned(),
        call: Some(CallId(id + 100)),
        start_unix_micros: 1_000_000 * i64::try_from(id).unwrap(),
        spans: vec![
            span(
                None,
                "hypotenuse",
                "math:ops/hypotenuse#hypotenuse",
                (0, 48_200),
                (&[("a", "3"), ("b", "4")], "5"),
            ),
            span(Some(0), "square", &square, (4_100, 6_300), (&[("n", "3")], "9")),
            span(Some(0), "square", &square, (14_000, 5_100), (&[("n", "4")], "16")),
            span(Some(0), "square-root", &root, (24_000, 18_000), (&[("n", "25")], "5")),
        ],
        dropped: 0,
        lines: vec![TraceLine {
            span: 3,
            at_nanos: 30_000,
            component: "square-root".into(),
            stream: LogStream::Stderr,
            text: "newton took 6 steps".to_owned(),
        }],
        dropped_lines: 0,
        cost: Cost { peak_memory_bytes: Some(1_179_648), fuel: Some(120_345) },
        context: None,
        unobserved: Vec::new(),
    }
}

/// One in which the root traps.
fn trapped(id: u64) -> Trace {
    let mut trace = trace(id);
    let frames = vec!["root::newton".to_owned(), "root::square_root".to_owned()];
    let message = "`square-root`: wasm `unreachable` instruction executed".to_owned();
    trace.spans[3].outcome = Outcome::Trap { message, frames };
    (trace.spans[3].result, trace.spans[3].duration_nanos) = (None, None);
    trace.spans[0].outcome = Outcome::Unfinished;
    (trace.spans[0].result, trace.spans[0].duration_nanos) = (None, None);
    trace.spans[1].held_nanos = 3_000;
    trace.spans[1].intervention = Some("arguments changed".to_owned());
    trace.dropped = 12_000;
    trace.unobserved.push(Unobserved {
        consumer: "hypotenuse".into(),
        import: "math:ops/stream".to_owned(),
        reason: "its functions pass streams".to_owned(),
    });
    trace
}

pub(super) fn announce(recorded: &Recorded, traces: &[Trace]) {
    recorded.announce(Event::Traced(traces.iter().map(Trace::summary).collect()));
}

/// A window over the calculator, observed, that shows the traces tab with the given traces in the list.
pub(super) fn traced(traces: &[Trace]) -> (Window, Recorded) {
    let view = WorkloadView { probes: all_probes(ProbeLevel::Values), ..calc() };
    let (mut window, recorded) = fixtures::window(vec![view]);
    recorded.answer(&Request::Figures(CALC), Ok(Response::Figures(Vec::new())));
    run(&mut window, Command::ShowTraces);
    announce(&recorded, traces);
    window.run();
    (window, recorded)
}

pub(super) fn act(window: &mut Window, action: TraceAction) {
    let ctx = window.ctx.clone();
    window.state_mut().act(&ctx, Action::Trace(action));
    window.run();
}

fn show(window: &mut Window, recorded: &Recorded, trace: Trace) {
    click(window, &format!("trace {}", trace.id.0));
    recorded.answer(&Request::TraceById(trace.id), Ok(Response::Trace(trace)));
    window.run();
}

fn press(window: &mut Window, key: Key) {
    window.key_press_modifiers(Modifiers::NONE, key);
    window.run();
}

fn shown(window: &Window) -> Vec<u64> {
    let list = &window.state().model().traces.list;
    (0..list.shown()).filter_map(|row| list.row(row)).map(|trace| trace.id.0).collect()
}

fn selection(window: &Window) -> Option<Selection> {
    window.state().model().current().and_then(|open| open.selection.clone())
}

fn link_to(import: &str) -> Option<Selection> {
    Some(Selection::Link { consumer: "hypotenuse".into(), import: import.to_owned() })
}

#[test]
fn an_empty_tab_says_how_to_observe_and_does_it_at_a_click() {
    let (mut window, recorded) = fixtures::window(vec![calc()]);
    run(&mut window, Command::ShowTraces);
    window.get_by_label_contains("because nothing is observed");
    picture::take(&mut window, "traces-empty");
    click(&mut window, "observe values now");
    let request =
        Request::SetProbes { workload: CALC, sites: ProbeSelection::All, level: ProbeLevel::Values };
    recorded.answer(&request, Ok(Response::Probes(all_probes(ProbeLevel::Values))));
    window.run();
    window.get_by_label_contains("Calls into the workload");
    assert_eq!(next_frame(&window), Duration::MAX);
}

#[test]
fn a_call_is_shown_as_a_tree_with_values_times_and_what_was_printed() {
    let (mut window, recorded) = traced(&[trace(1), trapped(2)]);
    show(&mut window, &recorded, trace(1));
    window.get_by_label_contains("hypotenuse hypotenuse(a: 3, b: 4) → 5  48.2 µs");
    window.get_by_label_contains("square square(n: 3) → 9");
    window.get_by_label_contains("square square(n: 4) → 16");
    window.get_by_label_contains("square-root square-root(n: 25) → 5");
    window.get_by_label_contains("square-root stderr: newton took 6 steps");
    window.get_by_label_contains("peak memory 1.1 MiB · fuel 120 345");
    picture::take(&mut window, "traces-ok");
    assert_eq!(next_frame(&window), Duration::MAX, "nothing moves");
}

#[test]
fn a_trap_its_frames_and_what_is_missing_are_told() {
    let (mut window, recorded) = traced(&[trace(1), trapped(2)]);
    run(&mut window, Command::LargeDock);
    show(&mut window, &recorded, trapped(2));
    window.get_by_label("trap: `square-root`: wasm `unreachable` instruction executed");
    window.get_by_label("at root::newton");
    window.get_by_label("12 000 more calls not kept");
    window.get_by_label_contains("hypotenuse → math:ops/stream not observed: its functions pass streams");
    window.get_by_label_contains("held 3.0 µs  [arguments changed]");
    click(&mut window, "details of call");
    window.get_by_label_contains("square-root square-root(n: 25)").click();
    window.run();
    window.get_by_label("value of n");
    click(&mut window, "copy n");
    assert_eq!(recorded.copied(), ["25"]);
    picture::take(&mut window, "traces-trap");
}

#[test]
fn the_newest_stands_first_and_the_list_is_filtered_by_text_and_outcome() {
    let (mut window, recorded) = traced(&[trace(1), trapped(2), trace(3)]);
    assert_eq!(shown(&window), [3, 2, 1]);
    click(&mut window, "outcome of traces");
    click(&mut window, "not ok");
    assert_eq!(shown(&window), [2]);
    announce(&recorded, &[trace(4), trapped(5)]);
    window.run();
    assert_eq!(shown(&window), [5, 2]);
    click(&mut window, "clear trace filter");
    type_into(&mut window, "filter traces", "nothing has this");
    window.get_by_label("No trace matches the filter.");
    type_into(&mut window, "filter traces", "HYPO");
    assert_eq!(shown(&window), [5, 4, 3, 2, 1]);
}

#[test]
fn the_keyboard_moves_folds_opens_details_and_copies() {
    let (mut window, recorded) = traced(&[trace(1), trace(2)]);
    show(&mut window, &recorded, trace(2));
    press(&mut window, Key::ArrowDown);
    recorded.answer(&Request::TraceById(TraceId(1)), Ok(Response::Trace(trace(1))));
    window.run();
    press(&mut window, Key::Enter);
    press(&mut window, Key::ArrowDown);
    assert_eq!(selection(&window), Some(Selection::Component("hypotenuse".into())));
    press(&mut window, Key::ArrowDown);
    assert_eq!(selection(&window), link_to(SQUARE), "the link is shown on the canvas");
    press(&mut window, Key::End);
    assert_eq!(selection(&window), link_to(ROOT), "of a line, that of its call");
    press(&mut window, Key::ArrowLeft);
    press(&mut window, Key::ArrowLeft);
    assert!(window.query_by_label_contains("newton took").is_none(), "it is folded");
    press(&mut window, Key::ArrowRight);
    window.get_by_label_contains("newton took");
    press(&mut window, Key::Enter);
    window.get_by_label("value of result");
    window.event(Input::Copy);
    window.run();
    let copied = recorded.copied().pop().unwrap();
    assert!(copied.contains("    square-root stderr: newton took 6 steps"), "{copied}");
}

#[test]
fn ten_thousand_calls_stay_smooth() {
    let mut large = trace(1);
    let template = large.spans[1].clone();
    for at in 0..10_000_u64 {
        large.spans.push(Span { start_nanos: at, parent: Some((at % 4) as u32), ..template.clone() });
    }
    let (mut window, recorded) = traced(&[trace(1)]);
    run(&mut window, Command::LargeDock);
    show(&mut window, &recorded, large);
    let rows = window.query_all_by_label_contains("square square(").count();
    assert!(rows < 120, "only those in view are drawn: {rows}");
    window.get_by_label("calls of trace").focus();
    window.run();
    let start = Instant::now();
    for _ in 0..20 {
        press(&mut window, Key::PageDown);
    }
    press(&mut window, Key::End);
    assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
    assert_eq!(next_frame(&window), Duration::MAX);
}

#[test]
fn new_traces_come_on_top_and_do_not_move_what_is_being_read() {
    let many: Vec<Trace> = (1..=200).map(trace).collect();
    let (mut window, recorded) = traced(&many);
    window.get_by_label("trace 200");
    click(&mut window, "follow traces");
    act(&mut window, TraceAction::Open(TraceId(100)));
    let before = window.get_by_label("trace 100").rect();
    announce(&recorded, &[trace(201), trace(202)]);
    window.run();
    assert_eq!(window.get_by_label("trace 100").rect(), before);
    click(&mut window, "follow traces");
    window.get_by_label("trace 202");
    for id in 203..230 {
        announce(&recorded, &[trace(id)]);
        window.step();
        assert_eq!(next_frame(&window), Duration::MAX, "a trace costs one frame");
    }
}

#[test]
fn a_trace_that_is_no_longer_kept_says_so_in_its_place() {
    let (mut window, recorded) = traced(&[trace(1)]);
    click(&mut window, "trace 1");
    let error =
        Error::new(ErrorKind::Request, "trace 1 is no longer kept").with_help("record traces to keep them");
    recorded.answer(&Request::TraceById(TraceId(1)), Err(error));
    window.run();
    window.get_by_label("trace 1 is no longer kept (record traces to keep them)");
}

#[test]
fn a_log_line_leads_to_the_trace_of_its_call() {
    let (mut window, recorded) = traced(&[trace(1)]);
    run(&mut window, Command::ShowLogs);
    let record = jackfield_protocol::LogRecord {
        workload: CALC,
        call: Some(CallId(101)),
        ..fixtures::line(1, "square-root", "newton took 6 steps")
    };
    recorded.announce(Event::Logs(vec![record]));
    window.run();
    click(&mut window, "trace of line 1");
    recorded.answer(&Request::TraceById(TraceId(1)), Ok(Response::Trace(trace(1))));
    window.run();
    window.get_by_label_contains("square square(n: 3) → 9");
    click(&mut window, "show log lines of trace");
    window.get_by_label("call #101 of line 1");
}

#[test]
fn recording_is_chosen_shown_and_stopped() {
    let (mut window, recorded) = traced(&[trace(1)]);
    click(&mut window, "more about traces");
    click(&mut window, "Record traces…");
    let wish = PathWish::Record(CALC);
    assert_eq!(recorded.path_picks(), std::slice::from_ref(&wish));
    recorded.arrive(Incoming::PickedPath { wish, path: Some("/tmp/t.jsonl".to_owned()) });
    window.run();
    let request = Request::Record { workload: CALC, path: Some("/tmp/t.jsonl".to_owned()) };
    let recording = Response::Recording { path: "/tmp/t.jsonl".to_owned(), traces: 0 };
    recorded.answer(&request, Ok(recording));
    window.run();
    window.get_by_label("Recording traces to /tmp/t.jsonl");
    click(&mut window, "recording");
    let recording = Response::Recording { path: "/tmp/t.jsonl".to_owned(), traces: 3 };
    recorded.answer(&Request::StopRecording(CALC), Ok(recording));
    window.run();
    window.get_by_label("Recorded 3 traces to /tmp/t.jsonl");
    assert!(window.query_by_label("recording").is_none());
}

#[test]
fn a_recording_is_read_and_its_newest_trace_shown_without_a_workload() {
    let (mut window, recorded) = fixtures::window(Vec::new());
    run(&mut window, Command::OpenRecording);
    recorded
        .arrive(Incoming::PickedPath { wish: PathWish::OpenRecording, path: Some("/r.jsonl".to_owned()) });
    window.run();
    let of_file = |id| Trace { workload: None, ..trace(id) };
    let traces = vec![of_file(7).summary(), of_file(8).summary()];
    let opened = Response::RecordingOpened { traces, total: 2, lost: 1, damage: Vec::new() };
    recorded.answer(&Request::OpenRecording { path: "/r.jsonl".to_owned() }, Ok(opened));
    window.run();
    recorded.answer(&Request::TraceById(TraceId(8)), Ok(Response::Trace(of_file(8))));
    window.run();
    window.get_by_label("Read 2 traces from /r.jsonl");
    window.get_by_label_contains("square square(n: 3) → 9");
}

#[test]
fn what_the_list_shows_is_exported_and_so_is_one_trace() {
    let (mut window, recorded) = traced(&[trace(1), trapped(2)]);
    run(&mut window, Command::ExportChrome);
    act(
        &mut window,
        TraceAction::Filter(crate::model::traces::TraceFilter {
            outcome: Some(crate::model::traces::TraceOutcome::NotOk),
            ..Default::default()
        }),
    );
    run(&mut window, Command::ExportJson);
    act(&mut window, TraceAction::ExportOne(TraceId(1), TraceFormat::Otlp));
    let these = |id| TraceSelection::These(vec![TraceId(id)]);
    let wishes = [
        PathWish::Export(TraceSelection::All, TraceFormat::Chrome),
        PathWish::Export(these(2), TraceFormat::Json),
        PathWish::Export(these(1), TraceFormat::Otlp),
    ];
    assert_eq!(recorded.path_picks(), wishes);
    let [wish, ..] = wishes;
    for path in ["/x.json", "/y.json"] {
        recorded.arrive(Incoming::PickedPath { wish: wish.clone(), path: Some(path.to_owned()) });
        window.run();
        let (traces, format) = (TraceSelection::All, TraceFormat::Chrome);
        let request = Request::ExportTraces { traces, format, path: path.to_owned() };
        recorded.answer(&request, Ok(Response::Exported { to: path.to_owned(), traces: 2 }));
        window.run();
        window.get_by_label(&format!("Exported 2 traces as Chrome trace to {path}"));
    }
    picture::take(&mut window, "exported-traces");
    // One success after another does not fill the window.
    assert_eq!(window.state().model().notices.len(), 1);
    assert_eq!(window.state().model().notices[0].help, None);
}

#[test]
fn traces_are_sent_to_a_collector_whose_address_is_remembered() {
    let (mut window, recorded) = traced(&[trace(1)]);
    run(&mut window, Command::SendTraces);
    type_into(&mut window, "address of the collector", "collector:4318");
    click(&mut window, "send traces");
    window.get_by_label("Type an address that begins with http:// or https://");
    picture::take(&mut window, "traces-send");
    type_into(&mut window, "address of the collector", "http://collector:4318");
    click(&mut window, "send traces");
    let request =
        Request::SendTraces { traces: TraceSelection::All, endpoint: "http://collector:4318".to_owned() };
    recorded.answer(&request, Err(Error::new(ErrorKind::Request, "nobody listens at collector:4318")));
    window.run();
    window.get_by_label("nobody listens at collector:4318");
    click(&mut window, "send traces");
    let sent = Response::Exported { to: "http://collector:4318/v1/traces".to_owned(), traces: 1 };
    recorded.answer(&request, Ok(sent));
    window.run();
    window.get_by_label("Sent 1 trace to http://collector:4318/v1/traces");
    assert!(window.query_by_label("address of the collector").is_none());
    assert!(recorded.remembered().unwrap().contains("http://collector:4318"));
}

#[test]
fn clearing_empties_the_list_for_good() {
    let (mut window, recorded) = traced(&[trace(1), trace(2)]);
    run(&mut window, Command::ClearTraces);
    recorded.answer(&Request::ClearTraces, Ok(Response::Done));
    announce(&recorded, &[trace(2), trace(3)]);
    window.run();
    assert_eq!(shown(&window), [3]);
}

#[test]
fn after_a_reload_the_traces_that_are_kept_are_listed() {
    let (mut window, recorded) = fixtures::unanswered();
    let snapshot = jackfield_protocol::Snapshot { workloads: vec![cron()], ..Default::default() };
    recorded.answer(&Request::Snapshot, Ok(Response::Snapshot(snapshot)));
    window.run();
    let request = Request::Traces { workload: None, after: TraceId(0), limit: 2_000 };
    let summary = TraceSummary { workload: Some(CRON), ..trace(9).summary() };
    recorded.answer(&request, Ok(Response::Traces(vec![summary])));
    window.run();
    assert_eq!(shown(&window), [9]);
    run(&mut window, Command::ShowTraces);
    let row = window.get_by_label("trace 9");
    let description = row.accesskit_node().description().unwrap_or_default();
    assert_eq!(description, "hypotenuse hypotenuse, ok, 48.2 µs, 4 calls, in calculator");
}
