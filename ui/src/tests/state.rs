//! The model alone: what follows from what.

use jackfield_protocol::{
    Error, ErrorKind, Event, LogPage, Request, Response, Snapshot, TraceId, WorkloadState,
};

use super::fixtures::{CRON, calculator, cron, line};
use crate::action::{Action, CanvasAction, Selection};
use crate::backend::{Incoming, Ticket};
use crate::command::Command;
use crate::model::{Effect, Model, Purpose, TracePurpose};

/// A model that has been told of these workloads.
fn model(workloads: Vec<jackfield_protocol::WorkloadView>) -> Model {
    let mut model = Model::default();
    model.begin(None);
    model.sent(Ticket(1), Purpose::Snapshot);
    model.observe(Incoming::answer(
        Ticket(1),
        Ok(Response::Snapshot(Snapshot { workloads, ..Snapshot::default() })),
    ));
    model
}

#[test]
fn what_was_skipped_is_asked_for_from_the_last_line_that_is_known() {
    let mut model = model(vec![cron()]);
    model.observe(Incoming::Event(Event::Logs(vec![line(1, "job", "a"), line(2, "job", "b")])));
    let effects = model.observe(Incoming::Event(Event::Skipped(7)));
    assert_eq!(effects, [Effect::Send(Request::Snapshot, Purpose::Snapshot)]);
    model.sent(Ticket(2), Purpose::Snapshot);
    // An event overtakes the snapshot.
    model.observe(Incoming::Event(Event::Logs(vec![line(9, "job", "i")])));
    let mut running = cron();
    running.state = WorkloadState::Running;
    let snapshot = Snapshot { workloads: vec![running], ..Snapshot::default() };
    let effects = model.observe(Incoming::answer(Ticket(2), Ok(Response::Snapshot(snapshot))));
    let request = Request::Logs { workload: CRON, after: 2, before: None, limit: 20_000 };
    let traces = Request::Traces { workload: None, after: TraceId(0), limit: 2_000 };
    let asked = [
        Effect::Send(request, Purpose::Logs(CRON)),
        Effect::Send(traces, Purpose::Trace(TracePurpose::List)),
    ];
    assert_eq!(effects, asked);
    model.sent(Ticket(3), Purpose::Logs(CRON));
    let records = (3..=9).map(|seq| line(seq, "job", "x")).collect();
    model.observe(Incoming::answer(Ticket(3), Ok(Response::Logs(LogPage { records, dropped: 2 }))));
    let workload = model.current().unwrap();
    assert_eq!((workload.log.len(), workload.log.complete_to()), (9, 9));
    assert_eq!(workload.view.state, WorkloadState::Running);
}

#[test]
fn a_snapshot_takes_away_what_is_gone_and_keeps_what_the_window_added() {
    let mut model = model(vec![cron(), calculator()]);
    model.apply(Action::Select(Some(Selection::Component("job".into()))));
    model.sent(Ticket(2), Purpose::Snapshot);
    let snapshot = Snapshot { workloads: vec![cron()], ..Snapshot::default() };
    model.observe(Incoming::answer(Ticket(2), Ok(Response::Snapshot(snapshot))));
    assert_eq!(model.workloads.len(), 1);
    assert!(model.current().unwrap().selection.is_some());
}

#[test]
fn an_answer_that_nobody_waits_for_changes_nothing() {
    let mut model = model(vec![cron()]);
    assert!(model.observe(Incoming::answer(Ticket(99), Ok(Response::Opened(calculator())))).is_empty());
    assert_eq!(model.workloads.len(), 1);
}

#[test]
fn the_same_error_twice_is_one_notice() {
    let mut model = model(vec![cron()]);
    for ticket in 10..13 {
        model.sent(Ticket(ticket), Purpose::Start(CRON));
        let error = Error::new(ErrorKind::Host, "no");
        model.observe(Incoming::answer(Ticket(ticket), Err(error)));
    }
    assert_eq!(model.notices.len(), 1);
    assert_eq!(model.notices[0].times, 3);
    model.apply(Action::Dismiss(model.notices[0].id));
    assert!(model.notices.is_empty());
}

#[test]
fn what_was_in_the_way_of_a_start_is_not_said_of_another_plan_or_of_what_runs() {
    let failed = || {
        let mut model = model(vec![cron(), calculator()]);
        model.sent(Ticket(10), Purpose::Start(CRON));
        model.observe(Incoming::answer(Ticket(10), Err(Error::new(ErrorKind::Plan, "no"))));
        model.sent(Ticket(11), Purpose::Save(CRON));
        model.observe(Incoming::answer(Ticket(11), Err(Error::new(ErrorKind::Host, "the disk is full"))));
        assert_eq!(model.notices.len(), 2);
        model
    };
    let left = |incoming: Event| {
        let mut model = failed();
        model.observe(Incoming::Event(incoming));
        model.notices.into_iter().map(|notice| notice.title).collect::<Vec<_>>()
    };
    let save = "Could not save cron: the disk is full";
    assert_eq!(left(Event::Opened(super::fixtures::cron_without_job())), [save]);
    let state = WorkloadState::Starting;
    assert_eq!(left(Event::State { workload: CRON, state: state.clone() }), [save]);
    assert_eq!(left(Event::Closed(CRON)), [save]);
    // As it is, it still cannot be started.
    assert_eq!(
        left(Event::Opened(jackfield_protocol::WorkloadView { is_modified: true, ..cron() })).len(),
        2
    );
    assert_eq!(left(Event::State { workload: calculator().id, state }).len(), 2);
}

#[test]
fn a_workload_opened_again_keeps_its_log_and_forgets_a_selection_that_is_gone() {
    let mut model = model(vec![cron()]);
    model.observe(Incoming::Event(Event::Logs(vec![line(1, "job", "a")])));
    model.apply(Action::Select(Some(Selection::Component("job".into()))));
    let mut changed = cron();
    changed.plan.nodes.retain(|node| node.name != "job");
    changed.plan.links.clear();
    assert!(model.observe(Incoming::Event(Event::Opened(changed))).is_empty());
    let workload = model.current().unwrap();
    assert_eq!(workload.log.len(), 1);
    assert_eq!(workload.selection, None);
}

#[test]
fn commands_know_when_they_make_sense() {
    let empty = Model::default();
    for command in [Command::Start, Command::Stop, Command::Close, Command::Fit, Command::Undo] {
        assert!(!command.is_enabled(&empty), "{command:?}");
    }
    assert!(Command::Open.is_enabled(&empty) && Command::Help.is_enabled(&empty));
    let mut model = model(vec![cron()]);
    assert!(Command::Start.is_enabled(&model) && !Command::Stop.is_enabled(&model));
    model.observe(Incoming::Event(super::fixtures::state(WorkloadState::Running)));
    assert!(!Command::Start.is_enabled(&model) && Command::Stop.is_enabled(&model));
    assert_eq!(model.apply(Action::Run(Command::Start)), [], "what makes no sense is not sent");
}

#[test]
fn shortcuts_and_names_are_unique() {
    let mut seen = std::collections::BTreeSet::new();
    for command in Command::ALL {
        assert!(seen.insert(command.text().to_owned()), "{command:?}");
        if let Some(shortcut) = command.shortcut() {
            assert!(seen.insert(format!("{shortcut:?}")), "{command:?} shares its keys");
        }
    }
}

#[test]
fn cards_are_where_they_were_when_the_workload_is_opened_again() {
    let mut model = model(vec![calculator()]);
    let laid_out = ["hypotenuse", "square", "square-root"].map(|name| (name.into(), egui::Pos2::ZERO));
    model.apply(Action::Canvas(CanvasAction::Arranged(laid_out.to_vec())));
    let to = egui::pos2(120.0, -40.0);
    model.apply(Action::Canvas(CanvasAction::Drag("square".into(), to)));
    let effects = model.apply(Action::Canvas(CanvasAction::Drop));
    let [Effect::Remember(preferences)] = effects.as_slice() else { panic!("{effects:?}") };

    let mut next = Model::default();
    next.begin(Some(preferences));
    next.sent(Ticket(1), Purpose::Open(calculator().path.unwrap_or_default()));
    next.observe(Incoming::answer(Ticket(1), Ok(Response::Opened(calculator()))));
    let canvas = &next.current().unwrap().canvas;
    assert_eq!(canvas.places().get(&"square".into()), Some(&to));
}

#[test]
fn what_is_missing_in_a_recording_is_said_and_when_it_goes_on() {
    let mut model = model(vec![cron()]);
    let mut told = |lost, problem: Option<&str>| {
        let problem = problem.map(str::to_owned);
        model.observe(Incoming::Event(Event::Unrecorded { workload: CRON, lost, problem }));
        let notice = model.notices.last().unwrap();
        (notice.title.clone(), notice.help.clone().unwrap())
    };
    let full = "No space left on device: make room on the disk, or stop recording";
    assert_eq!(told(12, Some(full)), ("Traces of cron are not recorded".to_owned(), full.to_owned()));
    let again =
        ("Traces of cron are recorded again".to_owned(), "12 traces are missing in the file".to_owned());
    assert_eq!(told(12, None), again);
}
