//! What is observed of links, figures on the canvas, breakpoints and held calls.

use std::time::Duration;

use egui::{Key, Modifiers, Shape};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use jackfield_protocol::{
    Action as Done, CallId, Error, ErrorKind, Event, HeldCall, HeldParam, HoldId, Intervention,
    InterventionId, ProbeLevel, ProbeSelection, ProbeSite, Probes, Provider, Release, Request, Response,
    SiteFigures, Snapshot, WorkloadState, WorkloadView,
};

use super::fixtures::{self, CRON, Window, cron};
use super::idle::next_frame;
use super::mcp::{click, run, type_into};
use super::picture;
use super::recorded::Recorded;
use super::traces::{CALC, SQUARE, all_probes, calc};
use crate::action::{Action, CanvasAction, Selection};
use crate::command::Command;
use crate::theme;

const ROOT: &str = "math:ops/square-root";

fn link(import: &str) -> ProbeSite {
    ProbeSite::Link { consumer: "hypotenuse".into(), import: import.to_owned() }
}

fn figures(site: ProbeSite, calls: u64, errors: u64) -> SiteFigures {
    SiteFigures {
        site,
        calls,
        errors,
        bytes: calls * 16,
        p50_nanos: 2_100,
        p95_nanos: 9_000,
        p99_nanos: 41_000,
        window_calls: 25,
        window_millis: 2_000,
    }
}

/// A window over the calculator with these probes.
fn probed(probes: Probes) -> (Window, Recorded) {
    let is_observed = !probes.settings.is_empty();
    let (mut window, recorded) = fixtures::window(vec![WorkloadView { probes, ..calc() }]);
    if is_observed {
        recorded.answer(&Request::Figures(CALC), Ok(Response::Figures(Vec::new())));
        window.run();
    }
    (window, recorded)
}

fn select_link(window: &mut Window, import: &str) {
    let ctx = window.ctx.clone();
    let link = Selection::Link { consumer: "hypotenuse".into(), import: import.to_owned() };
    window.state_mut().act(&ctx, Action::Select(Some(link)));
    window.run();
}

fn press(window: &mut Window, modifiers: Modifiers, key: Key) {
    window.key_press_modifiers(modifiers, key);
    window.run();
}

fn observe(sites: ProbeSelection, level: ProbeLevel) -> Request {
    Request::SetProbes { workload: CALC, sites, level }
}

fn intervention(id: u64, import: &str, action: Done) -> Intervention {
    Intervention {
        id: InterventionId(id),
        site: link(import),
        function: None,
        condition: None,
        action,
        is_enabled: true,
    }
}

fn with(interventions: Vec<Intervention>) -> Probes {
    Probes { interventions, ..all_probes(ProbeLevel::Values) }
}

pub(super) fn held(id: u64) -> HeldCall {
    HeldCall {
        id: HoldId(id),
        workload: CALC,
        intervention: InterventionId(1),
        call: Some(CallId(id + 7)),
        consumer: "hypotenuse".into(),
        provider: Provider::Component("square".into()),
        import: SQUARE.to_owned(),
        function: "square".to_owned(),
        params: vec![
            HeldParam { name: "n".into(), ty: "f64".into(), value: "3".into(), can_change: true },
            HeldParam {
                name: "unit".into(),
                ty: "borrow<unit>".into(),
                value: "unit#1".into(),
                can_change: false,
            },
        ],
        result_type: Some("f64".to_owned()),
        cannot_answer: None,
        since_unix_micros: i64::try_from(id).unwrap() * 1_000_000,
    }
}

/// A window in which these calls are held.
fn holding(ids: &[u64]) -> (Window, Recorded) {
    let (mut window, recorded) = probed(with(vec![intervention(1, SQUARE, Done::Hold)]));
    for id in ids {
        recorded.announce(Event::Held(held(*id)));
    }
    window.run();
    (window, recorded)
}

fn release(id: u64, how: Release) -> Request {
    Request::Release { hold: HoldId(id), how }
}

fn circles_filled(window: &Window, color: egui::Color32) -> usize {
    let shapes = window.output().shapes.iter();
    shapes.filter(|clipped| matches!(&clipped.shape, Shape::Circle(circle) if circle.fill == color)).count()
}

#[test]
fn the_workload_is_observed_from_toolbar_keyboard_and_menu() {
    let (mut window, recorded) = probed(Probes::default());
    click(&mut window, "observe timing");
    recorded.answer(
        &observe(ProbeSelection::All, ProbeLevel::Timing),
        Ok(Response::Probes(all_probes(ProbeLevel::Timing))),
    );
    window.run();
    press(&mut window, Modifiers::NONE, Key::F6);
    let request = observe(ProbeSelection::All, ProbeLevel::Values);
    recorded.answer(&request, Ok(Response::Probes(all_probes(ProbeLevel::Values))));
    window.run();
    assert_eq!(window.state().model().observe_level(), Some(ProbeLevel::Values));
    click(&mut window, "Trace");
    click(&mut window, "Observe: off");
    let off = observe(ProbeSelection::All, ProbeLevel::Off);
    assert_eq!(recorded.open_requests(), std::slice::from_ref(&off));
    let mut one = all_probes(ProbeLevel::Values);
    one.settings.truncate(1);
    recorded.answer(&off, Ok(Response::Probes(one)));
    window.run();
    window.get_by_label("Observe (1 of 3)");
}

#[test]
fn a_link_and_an_entry_are_observed_from_the_inspector() {
    let (mut window, recorded) = probed(Probes::default());
    window.get_by_label("link hypotenuse math:ops/square → square").focus();
    window.run();
    window.get_by_label_contains("Not observed");
    click(&mut window, "observe link values");
    assert_eq!(recorded.open_requests(), [observe(ProbeSelection::One(link(SQUARE)), ProbeLevel::Values)]);
    click(&mut window, "component hypotenuse");
    click(&mut window, "observe entry timing");
    let entry = ProbeSelection::One(ProbeSite::Entry("hypotenuse".into()));
    assert_eq!(recorded.open_requests()[1], observe(entry, ProbeLevel::Timing));
}

#[test]
fn a_running_service_is_observed_below_itself_after_a_restart() {
    let probes = Probes { needs_restart: vec!["ticker".into()], ..Probes::default() };
    let view = WorkloadView { state: WorkloadState::Running, ..cron() };
    let (mut window, recorded) = fixtures::window(vec![view]);
    assert!(window.query_by_label("Restart to observe").is_none());
    recorded.announce(Event::Probes { workload: CRON, probes });
    window.run();
    click(&mut window, "Restart to observe");
    assert_eq!(recorded.open_requests(), [Request::Stop(CRON)]);
}

#[test]
fn figures_stand_at_the_wires_and_in_the_inspector_and_far_out_they_are_hidden() {
    let (mut window, recorded) = probed(all_probes(ProbeLevel::Values));
    let entry = ProbeSite::Entry("hypotenuse".into());
    let figures = vec![figures(link(SQUARE), 12_345, 3), figures(entry, 200, 0)];
    recorded.announce(Event::Figures { workload: CALC, figures });
    window.run();
    let label = "figures of hypotenuse math:ops/square: 12 345 calls · 12/s, 2.1 µs · p95 9.0 µs, 3 errors";
    let place = window.get_by_label(label).rect();
    assert!(place.width() < 125.0, "{place}");
    window.get_by_label("figures of hypotenuse math:ops/square-root: never called");
    window.get_by_label_contains("figures of entry hypotenuse: 200 calls");
    click(&mut window, label);
    for text in ["3 (< 0.1 %)", "12.5/s", "41.0 µs", "192.9 KiB"] {
        window.get_by_label(text);
    }
    picture::take(&mut window, "canvas-figures");
    assert_eq!(next_frame(&window), Duration::MAX);
    select_link(&mut window, ROOT);
    window.get_by_label("imported but never called");
    for _ in 0..4 {
        press(&mut window, Modifiers::COMMAND, Key::Minus);
    }
    assert!(window.query_by_label_contains("figures of").is_none());
}

#[test]
fn what_is_counted_begins_anew_when_the_workload_starts() {
    let (mut window, recorded) = probed(all_probes(ProbeLevel::Timing));
    recorded.announce(Event::Figures { workload: CALC, figures: vec![figures(link(SQUARE), 5, 0)] });
    window.run();
    window.get_by_label_contains("5 calls");
    for state in [WorkloadState::Starting, WorkloadState::Running] {
        recorded.announce(Event::State { workload: CALC, state });
    }
    window.run();
    assert!(window.query_by_label_contains("5 calls").is_none());
}

#[test]
fn f9_puts_a_breakpoint_on_the_selected_link_and_takes_it_away() {
    let (mut window, recorded) = probed(Probes::default());
    select_link(&mut window, SQUARE);
    let error = theme::tokens(&window.ctx).error;
    assert_eq!(circles_filled(&window, error), 0);
    press(&mut window, Modifiers::NONE, Key::F9);
    let request = Request::Intervene { workload: CALC, intervention: intervention(0, SQUARE, Done::Hold) };
    recorded.answer(&request, Ok(Response::Probes(with(vec![intervention(4, SQUARE, Done::Hold)]))));
    window.run();
    assert_eq!(circles_filled(&window, error), 1, "a red dot on the wire");
    window.get_by_label("hold every function");
    press(&mut window, Modifiers::NONE, Key::F9);
    let remove = Request::RemoveIntervention { workload: CALC, intervention: InterventionId(4) };
    recorded.answer(&remove, Ok(Response::Probes(with(Vec::new()))));
    window.run();
    assert_eq!(circles_filled(&window, error), 0);
}

#[test]
fn the_form_of_a_breakpoint_needs_no_mouse() {
    let (mut window, recorded) = probed(Probes::default());
    select_link(&mut window, SQUARE);
    click(&mut window, "add breakpoint");
    assert!(window.get_by_label("condition").accesskit_node().is_focused());
    window.get_by_label("condition").type_text("args.n > 3");
    window.run();
    press(&mut window, Modifiers::NONE, Key::Enter);
    let condition = Some("args.n > 3".to_owned());
    let intervention = Intervention { condition, ..intervention(0, SQUARE, Done::Hold) };
    assert_eq!(recorded.open_requests(), [Request::Intervene { workload: CALC, intervention }]);
    // In case that something is wrong with it.
    assert!(window.get_by_label("condition").accesskit_node().is_focused());
}

#[test]
fn what_is_said_of_a_wire_is_covered_by_a_card_and_so_is_a_click_there() {
    let (mut window, recorded) = probed(all_probes(ProbeLevel::Timing));
    recorded.announce(Event::Figures { workload: CALC, figures: vec![figures(link(SQUARE), 1, 0)] });
    window.run();
    let at = |window: &Window| {
        window.get_by_label_contains("figures of hypotenuse math:ops/square:").rect().center()
    };
    let (ctx, card) = (window.ctx.clone(), window.get_by_label("component square-root").rect());
    // Over the middle of the wire.
    let to = window.state().model().current().unwrap().canvas.on_canvas(at(&window) - card.size() / 2.0);
    for action in [CanvasAction::Drag("square-root".into(), to), CanvasAction::Drop] {
        window.state_mut().act(&ctx, Action::Canvas(action));
    }
    window.run();
    let at = at(&window);
    assert!(window.get_by_label("component square-root").rect().contains(at));
    window.hover_at(at);
    window.run();
    window.drag_at(at);
    window.drop_at(at);
    window.run();
    let selected = window.state().model().current().unwrap().selection.clone();
    assert_eq!(selected, Some(Selection::Component("square-root".into())));
}

#[test]
fn one_call_is_no_calls() {
    let (mut window, recorded) = probed(all_probes(ProbeLevel::Timing));
    recorded.announce(Event::Figures { workload: CALC, figures: vec![figures(link(SQUARE), 1, 0)] });
    let ctx = window.ctx.clone();
    let card = Selection::Component("hypotenuse".into());
    window.state_mut().act(&ctx, Action::Select(Some(card)));
    window.run();
    assert!(window.query_all_by_label_contains("observed (timing), 1 call").next().is_some());
    assert!(window.query_all_by_label_contains("1 calls").next().is_none());
}

#[test]
fn a_breakpoint_with_a_condition_is_typed_and_what_is_wrong_stands_at_its_field() {
    let (mut window, recorded) = probed(Probes::default());
    select_link(&mut window, SQUARE);
    click(&mut window, "add breakpoint");
    click(&mut window, "function of intervention");
    click(&mut window, "only square");
    type_into(&mut window, "condition", "args.m > 3");
    click(&mut window, "save intervention");
    let wanted = |condition: &str| Request::Intervene {
        workload: CALC,
        intervention: Intervention {
            function: Some("square".to_owned()),
            condition: Some(condition.to_owned()),
            ..intervention(0, SQUARE, Done::Hold)
        },
    };
    let error = Error::new(ErrorKind::Arguments, "the condition names `args.m`, which `square` has not")
        .with_help("its parameters are: n");
    recorded.answer(&wanted("args.m > 3"), Err(error));
    window.run();
    let message =
        window.get_by_label("the condition names `args.m`, which `square` has not (its parameters are: n)");
    let field = window.get_by_label("condition").rect();
    assert!(message.rect().top() - field.bottom() < 20.0, "right below the field");
    picture::take(&mut window, "inspector-breakpoint");
    type_into(&mut window, "condition", "args.n > 3");
    click(&mut window, "save intervention");
    let made = Intervention {
        function: Some("square".to_owned()),
        condition: Some("args.n > 3".to_owned()),
        ..intervention(9, SQUARE, Done::Hold)
    };
    recorded.answer(&wanted("args.n > 3"), Ok(Response::Probes(with(vec![made.clone()]))));
    window.run();
    assert!(window.query_by_label("condition").is_none(), "the form is closed");
    click(&mut window, "hold square if args.n > 3");
    let off = Intervention { is_enabled: false, ..made };
    assert_eq!(recorded.open_requests(), [Request::Intervene { workload: CALC, intervention: off }]);
}

#[test]
fn delays_and_failures_are_added_changed_and_removed() {
    let (mut window, recorded) = probed(all_probes(ProbeLevel::Timing));
    select_link(&mut window, SQUARE);
    click(&mut window, "add delay");
    type_into(&mut window, "shortest delay", "soon");
    click(&mut window, "save intervention");
    window.get_by_label("Delay: type whole milliseconds, such as 100");
    type_into(&mut window, "shortest delay", "10");
    type_into(&mut window, "longest delay", "50");
    click(&mut window, "save intervention");
    let delay = Done::Delay { min_millis: 10, max_millis: 50, seed: 1 };
    let request = Request::Intervene { workload: CALC, intervention: intervention(0, SQUARE, delay.clone()) };
    let delay = intervention(1, SQUARE, delay);
    recorded.answer(&request, Ok(Response::Probes(with(vec![delay.clone()]))));
    window.run();

    click(&mut window, "add failure");
    type_into(&mut window, "failure value", "1.5");
    type_into(&mut window, "chance of failure", "12.5");
    type_into(&mut window, "seed", "7");
    click(&mut window, "save intervention");
    let fail = Done::Fail { value: Some("1.5".to_owned()), parts_per_million: 125_000, seed: 7 };
    let request = Request::Intervene { workload: CALC, intervention: intervention(0, SQUARE, fail.clone()) };
    let mut fail = intervention(2, SQUARE, fail);
    fail.is_enabled = false;
    recorded.answer(&request, Ok(Response::Probes(with(vec![delay, fail]))));
    window.run();
    window.get_by_label("delay every function by 10 to 50 ms");
    click(&mut window, "edit intervention 2");
    assert_eq!(window.get_by_label("chance of failure").accesskit_node().value().as_deref(), Some("12.5"));
    picture::take(&mut window, "inspector-failure");
    click(&mut window, "remove intervention 1");
    let remove = Request::RemoveIntervention { workload: CALC, intervention: InterventionId(1) };
    assert_eq!(recorded.open_requests(), [remove]);
}

#[test]
fn a_held_call_cannot_be_missed_and_f8_lets_it_go_on() {
    let (mut window, recorded) = holding(&[1, 2]);
    run(&mut window, Command::ShowMcp);
    window.get_by_label("2 calls are held");
    window.get_by_label("2 held on link hypotenuse math:ops/square → square");
    window.get_by_label("hypotenuse calls square of square");
    picture::take(&mut window, "held");
    assert_eq!(next_frame(&window), Duration::MAX, "waiting costs nothing");
    press(&mut window, Modifiers::NONE, Key::F8);
    press(&mut window, Modifiers::NONE, Key::F8);
    assert_eq!(recorded.open_requests(), [release(1, Release::Continue)], "only once");
    recorded.answer(&release(1, Release::Continue), Ok(Response::Done));
    recorded.announce(Event::Released(HoldId(1)));
    window.run();
    window.get_by_label("1 call is held");
    press(&mut window, Modifiers::NONE, Key::F8);
    recorded.announce(Event::Released(HoldId(2)));
    window.run();
    assert!(window.query_by_label_contains("held").is_none());
}

#[test]
fn a_held_call_goes_on_with_other_arguments_an_answer_or_a_failure() {
    let (mut window, recorded) = holding(&[1, 2, 3]);
    assert!(window.get_by_label("argument unit").accesskit_node().is_disabled(), "it holds a handle");
    type_into(&mut window, "argument n", "three");
    click(&mut window, "continue with changed arguments");
    let change = |n: &str| release(1, Release::Change([("n".to_owned(), n.to_owned())].into()));
    let error = Error::new(ErrorKind::Arguments, "`three` is no f64").with_help("type a number, such as 1.5");
    recorded.answer(&change("three"), Err(error));
    window.run();
    window.get_by_label("`three` is no f64 (type a number, such as 1.5)");
    picture::take(&mut window, "held-error");
    type_into(&mut window, "argument n", "30");
    assert!(window.query_by_label_contains("is no f64").is_none(), "typing takes it away");
    click(&mut window, "continue with changed arguments");
    recorded.answer(&change("30"), Ok(Response::Done));
    window.run();

    type_into(&mut window, "answer", "81");
    click(&mut window, "answer held call");
    recorded.answer(&release(2, Release::Answer(Some("81".to_owned()))), Ok(Response::Done));
    window.run();
    type_into(&mut window, "failure message", "no more");
    press(&mut window, Modifiers::NONE, Key::Enter);
    recorded.answer(&release(3, Release::Fail("no more".to_owned())), Ok(Response::Done));
    window.run();
    assert!(window.query_by_label_contains("held").is_none());
}

#[test]
fn release_all_lets_every_call_go_and_disables_breakpoints() {
    let (mut window, recorded) = holding(&[1, 2]);
    click(&mut window, "release all");
    let off = Intervention { is_enabled: false, ..intervention(1, SQUARE, Done::Hold) };
    recorded.answer(&Request::ReleaseAll(CALC), Ok(Response::Probes(with(vec![off]))));
    for id in [1, 2] {
        recorded.announce(Event::Released(HoldId(id)));
    }
    window.run();
    assert!(window.query_by_label_contains("is held").is_none());
    let error = theme::tokens(&window.ctx).error;
    assert_eq!(circles_filled(&window, error), 0, "the dot is hollow");
}

#[test]
fn the_pill_on_the_wire_leads_to_the_form_and_the_bar_to_the_wire() {
    let (mut window, _) = holding(&[1, 2]);
    click(&mut window, "fold held calls");
    assert!(window.query_by_label("argument n").is_none());
    click(&mut window, "2 held on link hypotenuse math:ops/square → square");
    window.get_by_label("argument n");
    click(&mut window, "held call 2");
    let selection = window.state().model().current().and_then(|open| open.selection.clone());
    let link = Selection::Link { consumer: "hypotenuse".into(), import: SQUARE.to_owned() };
    assert_eq!(selection, Some(link));
}

#[test]
fn a_call_that_cannot_be_answered_says_why() {
    let (mut window, recorded) = probed(Probes::default());
    let call = HeldCall { cannot_answer: Some("its result holds handles".to_owned()), ..held(1) };
    recorded.announce(Event::Held(call));
    window.run();
    assert!(window.get_by_label("answer held call").accesskit_node().is_disabled());
    window.get_by_label("fail held call");
}

#[test]
fn held_calls_go_with_their_workload_and_come_back_with_a_snapshot() {
    let (mut window, recorded) = holding(&[1]);
    recorded.announce(Event::State { workload: CALC, state: WorkloadState::Stopped });
    window.run();
    assert!(window.query_by_label_contains("is held").is_none());

    let (mut window, recorded) = fixtures::unanswered();
    let workloads = vec![cron(), calc()];
    let snapshot = Snapshot { workloads, held: vec![held(5)], ..Snapshot::default() };
    recorded.answer(&Request::Snapshot, Ok(Response::Snapshot(snapshot)));
    window.run();
    window.get_by_label("1 call is held");
    let current = window.state().model().current().map(|open| open.view.id);
    assert_eq!(current, Some(CRON), "it is seen from another workload");
    click(&mut window, "held call 5");
    window.get_by_label("component hypotenuse");
    recorded.announce(Event::Closed(CALC));
    window.run();
    assert!(window.query_by_label_contains("is held").is_none());
}

#[test]
fn links_to_the_host_are_marked_at_their_chip_and_selected_by_their_row() {
    let import = "wasi:cli/stdout@0.2.6";
    let site = ProbeSite::Link { consumer: "job".into(), import: import.to_owned() };
    let setting = jackfield_protocol::ProbeSetting { site: site.clone(), level: ProbeLevel::Timing };
    let probes = Probes { settings: vec![setting], ..Probes::default() };
    let view = WorkloadView { probes, state: WorkloadState::Running, ..cron() };
    let (mut window, recorded) = fixtures::window(vec![view]);
    recorded.answer(&Request::Figures(CRON), Ok(Response::Figures(vec![figures(site, 7, 0)])));
    window.run();
    click(&mut window, "host: wasi ×3 of job");
    for _ in 0..2 {
        click(&mut window, &format!("import {import} of job"));
        let selection = window.state().model().current().and_then(|open| open.selection.clone());
        assert_eq!(selection, Some(Selection::Link { consumer: "job".into(), import: import.to_owned() }));
    }
    window.get_by_label("112 B");
    picture::take(&mut window, "host-links");
}

#[test]
fn all_workloads_are_observed_at_once_from_the_toolbar_and_what_holds_is_shown() {
    let (mut window, recorded) = fixtures::window(vec![calc(), fixtures::cron()]);
    click(&mut window, "observe all workloads");
    click(&mut window, "observe all values");
    let request = Request::SetAllProbes(ProbeLevel::Values);
    assert_eq!(recorded.open_requests(), std::slice::from_ref(&request));
    recorded.announce(Event::AllProbes(ProbeLevel::Values));
    recorded.announce(Event::Probes { workload: CALC, probes: all_probes(ProbeLevel::Values) });
    recorded.answer(&request, Ok(Response::Done));
    window.run();
    picture::take(&mut window, "observe-all");
    assert_eq!(Command::ObserveAllValues.is_on(window.state().model()), Some(true));
    assert_eq!(Command::ObserveValues.is_on(window.state().model()), Some(true), "of this one, too");
    // What was said of one workload meanwhile can be overruled again.
    run(&mut window, Command::ObserveAllValues);
    assert_eq!(recorded.open_requests(), [request]);
}

#[test]
fn a_window_that_comes_later_knows_what_was_said_of_all_workloads() {
    let (mut window, recorded) = fixtures::unanswered();
    let all_probes = ProbeLevel::Timing;
    let snapshot = jackfield_protocol::Snapshot { all_probes, ..Default::default() };
    recorded.answer(&Request::Snapshot, Ok(Response::Snapshot(snapshot)));
    window.run();
    assert_eq!(Command::ObserveAllTiming.is_on(window.state().model()), Some(true));
}
