//! From a call to its trace, and from a trace back to the form of its call.

use egui_kittest::kittest::{NodeT as _, Queryable as _};
use jackfield_protocol::{
    Argument, CallId, CallOutcome, Cost, Error, ErrorKind, Outcome, Provider, Request, Response, Span, Trace,
    TraceId,
};

use super::calls::{call, click, frames, inspecting, outcome, view};
use super::fixtures::{self, CRON, JOB, Window};
use super::mcp::run;
use super::picture;
use super::recorded::Recorded;
use super::traces::announce;
use crate::action::Selection;
use crate::command::Command;

const AGAIN: &str = "call again with these arguments";

/// The trace of a call of `invoke` with these arguments.
fn trace(id: u64, args: &[&str], outcome: Outcome) -> Trace {
    let names = ["times", "name"].into_iter().zip(args);
    let args =
        names.map(|(name, value)| Argument { name: (*name).into(), value: (*value).to_owned() }).collect();
    let root = Span {
        parent: None,
        consumer: None,
        provider: Provider::Component("job".into()),
        function: format!("{JOB}#invoke").into(),
        start_nanos: 0,
        duration_nanos: Some(1_000),
        held_nanos: 0,
        outcome,
        args,
        result: None,
        intervention: None,
    };
    Trace {
        id: TraceId(id),
        workload: Some(CRON),
        workload_name: "cron".to_owned(),
        call: Some(CallId(id)),
        start_unix_micros: 0,
        spans: vec![root],
        dropped: 0,
        lines: Vec::new(),
        dropped_lines: 0,
        cost: Cost::default(),
        context: None,
        unobserved: Vec::new(),
    }
}

fn answered(result: Result<CallOutcome, Error>) -> (Window, Recorded) {
    let (mut window, recorded) = inspecting();
    announce(&recorded, &[trace(4, &[], Outcome::Cancelled)]);
    frames(&mut window);
    click(&mut window, "call invoke");
    let (request, _) = call(&recorded);
    recorded.answer(&request, result.map(Response::Called));
    window.run();
    (window, recorded)
}

fn assert_shown(window: &Window, recorded: &Recorded, id: u64) {
    assert_eq!(recorded.open_requests(), [Request::TraceById(TraceId(id))]);
    assert!(window.state().model().preferences.dock_open);
    assert_eq!(window.state().model().traces.open.as_ref().map(|open| open.id), Some(TraceId(id)));
}

#[test]
fn a_result_leads_to_its_trace() {
    let observed = CallOutcome { trace: Some(TraceId(7)), ..outcome("some(1)") };
    let (mut window, recorded) = answered(Ok(observed));
    picture::take(&mut window, "call-show-trace");
    click(&mut window, "Show trace");
    assert_shown(&window, &recorded, 7);
}

#[test]
fn a_result_that_nobody_observed_has_no_trace_to_show() {
    let (window, _recorded) = answered(Ok(outcome("some(1)")));
    assert!(window.query_by_label("Show trace").is_none());
}

#[test]
fn a_failure_leads_to_the_trace_that_came_of_it_and_not_to_an_older_one() {
    let (mut window, recorded) = answered(Err(Error::new(ErrorKind::TimedOut, "it took too long")));
    assert!(window.query_by_label("Show trace").is_none(), "the one that is known is older");
    announce(
        &recorded,
        &[trace(5, &["1", "\"x\""], Outcome::Ok), trace(6, &["1", "\"x\""], Outcome::TimedOut)],
    );
    window.run();
    click(&mut window, "Show trace");
    assert_shown(&window, &recorded, 6);
}

/// A window that shows this trace, and nothing else of interest.
fn showing(trace: Trace) -> (Window, Recorded) {
    let (mut window, recorded) = fixtures::window(vec![view()]);
    run(&mut window, Command::ShowTraces);
    announce(&recorded, std::slice::from_ref(&trace));
    window.run();
    click(&mut window, &format!("trace {}", trace.id.0));
    recorded.answer(&Request::TraceById(trace.id), Ok(Response::Trace(trace)));
    window.run();
    (window, recorded)
}

#[test]
fn a_trace_leads_back_to_the_form_with_its_arguments() {
    let (mut window, recorded) = showing(trace(1, &["3", "\"x\""], Outcome::Ok));
    run(&mut window, Command::ToggleInspector);
    click(&mut window, AGAIN);
    picture::take(&mut window, "call-again");
    let open = window.state().model().current().unwrap();
    assert_eq!(open.selection, Some(Selection::Component("job".into())));
    click(&mut window, "call invoke");
    let (request, ticket) = call(&recorded);
    let args = vec!["3".to_owned(), "\"x\"".to_owned()];
    let function = format!("{JOB}#invoke");
    let ticket = Some(ticket);
    assert_eq!(request, Request::Call { workload: CRON, component: "job".into(), function, args, ticket });
}

#[test]
fn a_call_whose_arguments_are_not_all_known_is_not_made_again() {
    for args in [&[][..], &["3", "\"x…"], &["3", "bucket#1"]] {
        let (window, _recorded) = showing(trace(1, args, Outcome::Ok));
        assert!(window.get_by_label(AGAIN).accesskit_node().is_disabled(), "{args:?}");
    }
    let mut of_another = trace(1, &["3", "\"x\""], Outcome::Ok);
    of_another.spans[0].function = "wasi:cli/run#run".into();
    let (window, _recorded) = showing(of_another);
    assert!(window.query_by_label(AGAIN).is_none());
}
