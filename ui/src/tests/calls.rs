//! Calling functions from the inspector.

use egui::Key;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use jackfield_protocol::{
    CallId, CallOutcome, CallSessionId, Entry, EntryKind, Error, ErrorKind, Event, Function, Param, PortKind,
    Request, Response, Ticket, WorkloadState, WorkloadView,
};

use super::fixtures::{self, CRON, JOB, Window, cron};
use super::idle::next_frame;
use super::recorded::Recorded;
use crate::action::{Action, Selection};

/// The cron sample, in which `invoke` takes a number and a text.
pub(super) fn view() -> WorkloadView {
    let mut view = cron();
    view.state = WorkloadState::Running;
    view.plan.entries.push(Entry {
        component: "job".into(),
        export: JOB.to_owned(),
        kind: EntryKind::Functions,
    });
    let param = |name: &str, ty: &str| Param { name: name.to_owned(), ty: ty.to_owned() };
    let params = vec![param("times", "u32"), param("name", "string")];
    let invoke = Function { params, result: Some("bucket".to_owned()), ..fixtures::function("invoke") };
    for node in &mut view.plan.nodes {
        for port in node.component.ports.iter_mut().filter(|port| port.name == JOB) {
            let functions = vec![invoke.clone()];
            port.kind = PortKind::Instance { functions, types: Vec::new(), resources: Vec::new() };
        }
    }
    view
}

pub(super) fn inspecting() -> (Window, Recorded) {
    let (mut window, recorded) = fixtures::window(vec![view()]);
    let ctx = window.ctx.clone();
    window.state_mut().act(&ctx, Action::Select(Some(Selection::Component("job".into()))));
    window.run();
    click(&mut window, "Call invoke");
    (window, recorded)
}

/// A few frames: while a call goes on the window counts seconds and never comes to rest.
pub(super) fn frames(window: &mut Window) {
    for _ in 0..6 {
        window.step();
    }
}

pub(super) fn click(window: &mut Window, label: &str) {
    window.get_by_label(label).scroll_to_me();
    frames(window);
    window.get_by_label(label).click();
    frames(window);
}

pub(super) fn fill(window: &mut Window, label: &str, text: &str) {
    window.get_by_label(label).focus();
    frames(window);
    window.get_by_label(label).type_text(text);
    frames(window);
}

/// The one call that is under way, and its ticket.
pub(super) fn call(recorded: &Recorded) -> (Request, Ticket) {
    let requests = recorded.open_requests();
    let [request] = requests.as_slice() else { panic!("{requests:?}") };
    match request {
        Request::Call { ticket: Some(ticket), .. } | Request::CallInSession { ticket: Some(ticket), .. } => {
            (request.clone(), *ticket)
        }
        other => panic!("{other:?}"),
    }
}

pub(super) fn outcome(result: &str) -> CallOutcome {
    let function = format!("{JOB}#invoke");
    CallOutcome {
        call: CallId(1),
        function,
        result: Some(result.to_owned()),
        duration_micros: 1_500,
        trace: None,
    }
}

#[test]
fn a_function_is_called_with_what_was_typed_and_its_result_shown() {
    let (mut window, recorded) = inspecting();
    fill(&mut window, "invoke times", "3");
    fill(&mut window, "invoke name", "\"x\"");
    window.key_press(Key::Enter);
    frames(&mut window);
    let (request, ticket) = call(&recorded);
    let expected = Request::Call {
        workload: CRON,
        component: "job".into(),
        function: format!("{JOB}#invoke"),
        args: vec!["3".to_owned(), "\"x\"".to_owned()],
        ticket: Some(ticket),
    };
    assert_eq!(request, expected);
    assert!(window.get_by_label("call invoke").accesskit_node().is_disabled());
    recorded.answer(&request, Ok(Response::Called(outcome("some(1)"))));
    window.run();
    window.get_by_label("some(1)");
    window.get_by_label("in 1.5 ms");
    assert_eq!(next_frame(&window), std::time::Duration::MAX);
}

#[test]
fn a_running_call_is_cancelled_by_its_button() {
    let (mut window, recorded) = inspecting();
    click(&mut window, "call invoke");
    let (request, ticket) = call(&recorded);
    click(&mut window, "cancel call of invoke");
    let cancel = Request::CancelCall { workload: CRON, ticket };
    recorded.answer(&cancel, Ok(Response::Done));
    assert!(window.get_by_label("cancel call of invoke").accesskit_node().is_disabled(), "once is enough");
    recorded.answer(&request, Err(Error::new(ErrorKind::Cancelled, "the call was cancelled")));
    window.run();
    window.get_by_label("the call was cancelled");
    assert!(window.query_by_label("cancel call of invoke").is_none());
}

#[test]
fn a_kept_instance_shows_its_handles_which_can_be_dropped() {
    let (mut window, recorded) = inspecting();
    click(&mut window, "Keep the instance");
    let open = Request::OpenSession { workload: CRON, component: "job".into() };
    let session = CallSessionId(4);
    recorded.answer(&open, Ok(Response::SessionOpened(session)));
    frames(&mut window);
    click(&mut window, "call invoke");
    let (request, _) = call(&recorded);
    assert!(matches!(&request, Request::CallInSession { session: CallSessionId(4), .. }), "{request:?}");
    let handles = vec!["#1 (bucket)".to_owned(), "#2 (bucket)".to_owned()];
    recorded.answer(&request, Ok(Response::CalledInSession { outcome: outcome("#2"), handles }));
    frames(&mut window);
    window.get_by_label("#1 (bucket)");
    click(&mut window, "drop #2 (bucket)");
    let drop = Request::DropHandle { workload: CRON, session, handle: 2 };
    recorded.answer(&drop, Ok(Response::Handles(vec!["#1 (bucket)".to_owned()])));
    frames(&mut window);
    assert!(window.query_by_label("#2 (bucket)").is_none());

    click(&mut window, "call invoke");
    let (request, _) = call(&recorded);
    recorded.answer(&request, Err(Error::new(ErrorKind::Cancelled, "it was taken out of the queue")));
    frames(&mut window);
    let handles = Request::Handles { workload: CRON, session };
    recorded.answer(&handles, Ok(Response::Handles(vec!["#1 (bucket)".to_owned()])));
    frames(&mut window);
    window.get_by_label("#1 (bucket)");

    click(&mut window, "call invoke");
    let (request, _) = call(&recorded);
    recorded.answer(&request, Err(Error::new(ErrorKind::Trap, "it trapped")));
    frames(&mut window);
    assert!(window.query_by_label("#1 (bucket)").is_none(), "a call that fails ends the session");
    assert_eq!(recorded.open_requests(), []);
}

#[test]
fn a_kept_instance_goes_with_its_workload() {
    let (mut window, recorded) = inspecting();
    click(&mut window, "Keep the instance");
    let open = Request::OpenSession { workload: CRON, component: "job".into() };
    recorded.answer(&open, Ok(Response::SessionOpened(CallSessionId(4))));
    frames(&mut window);
    recorded.announce(Event::State { workload: CRON, state: WorkloadState::Stopped });
    window.run();
    assert!(window.get_by_label("Keep the instance").accesskit_node().is_disabled());
    assert!(window.get_by_label("call invoke").accesskit_node().is_disabled());
}
