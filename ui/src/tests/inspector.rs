//! The inspector: what it shows of a selection, and the edits that its fields make.

use egui::{Key, Modifiers};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use jackfield_protocol::{
    AnswerProblem, Denial, Diagnostic, Edit, EditLinkEnd, Error, ErrorKind, Event, Function, LinkTarget,
    Permitted, PortKind, Request, Response, StubAnswer, Wanted, WorkloadId, WorkloadView,
};

use super::fixtures::{self, CRON, JOB, Window, cron, cron_without_job};
use super::recorded::Recorded;
use crate::action::{Action, Selection};

const EDITED: Response = Response::Edited { before: 1, after: 2, component: None };

fn click(window: &mut Window, label: &str) {
    window.get_by_label(label).click();
    window.run();
}

fn press(window: &mut Window, key: Key) {
    window.key_press(key);
    window.run();
}

fn select(window: &mut Window, selection: Option<Selection>) {
    let ctx = window.ctx.clone();
    window.state_mut().act(&ctx, Action::Select(selection));
    window.run();
}

fn component(name: &str) -> Option<Selection> {
    Some(Selection::Component(name.into()))
}

/// A window that shows a component in its inspector.
fn inspecting(view: WorkloadView, name: &str) -> (Window, Recorded) {
    let (mut window, recorded) = fixtures::window(vec![view]);
    select(&mut window, component(name));
    (window, recorded)
}

/// Puts a text in place of what stands in a field.
fn fill(window: &mut Window, label: &str, text: &str) {
    window.get_by_label(label).focus();
    window.run();
    window.key_press_modifiers(Modifiers::COMMAND, Key::A);
    window.run();
    window.get_by_label(label).type_text(text);
    window.run();
}

fn value(window: &Window, label: &str) -> String {
    window.get_by_label(label).accesskit_node().value().unwrap_or_default()
}

fn edit(edit: Edit) -> Request {
    Request::Edit { workload: CRON, edit }
}

#[test]
fn delete_removes_the_selected_component_and_not_while_one_types() {
    let (mut window, recorded) = inspecting(cron(), "job");
    window.get_by_label("memory limit").focus();
    window.run();
    press(&mut window, Key::Delete);
    press(&mut window, Key::Backspace);
    assert_eq!(recorded.open_requests(), [], "the field has the keyboard");
    press(&mut window, Key::Escape);
    for key in [Key::Delete, Key::Backspace] {
        press(&mut window, key);
        let request = edit(Edit::RemoveComponents(vec!["job".into()]));
        recorded.answer(&request, Ok(EDITED));
        window.run();
        assert_eq!(recorded.open_requests(), []);
    }
}

#[test]
fn f2_renames_and_the_card_stays_selected_where_it_was() {
    let (mut window, recorded) = inspecting(cron(), "job");
    let before = window.get_by_label("component job").rect();
    press(&mut window, Key::F2);
    window.get_by_label("component name").type_text("worker");
    window.run();
    press(&mut window, Key::Enter);
    let rename = Edit::RenameComponent { from: "job".into(), to: "worker".into() };
    assert_eq!(recorded.open_requests(), [edit(rename.clone())]);

    let mut view = cron();
    view.revision = 2;
    view.plan.nodes[1].name = "worker".into();
    view.plan.links.retain(|link| link.consumer != "job" && link.import != JOB);
    recorded.announce(Event::Opened(view));
    let component = Some("worker".into());
    recorded.answer(&edit(rename), Ok(Response::Edited { before: 1, after: 2, component }));
    window.run();
    assert_eq!(value(&window, "component name"), "worker");
    assert_eq!(window.get_by_label("component worker").rect().min, before.min);
}

#[test]
fn a_name_that_cannot_be_is_said_beside_the_field_and_not_sent() {
    let (mut window, recorded) = inspecting(cron(), "job");
    for (name, problem) in [
        ("a b", "a name is made of"),
        ("ticker", "there is a component called ticker already"),
        ("host", "no component can be called host"),
    ] {
        fill(&mut window, "component name", name);
        press(&mut window, Key::Enter);
        window.get_by_label_contains(problem);
    }
    assert_eq!(recorded.open_requests(), []);
    window.get_by_label("component name").focus();
    window.run();
    press(&mut window, Key::Escape);
    assert_eq!(value(&window, "component name"), "job", "Escape takes it back");
}

#[test]
fn the_service_is_a_switch() {
    let (mut window, recorded) = inspecting(cron(), "ticker");
    click(&mut window, "Service of the workload");
    recorded.answer(&edit(Edit::SetService(None)), Ok(EDITED));
    select(&mut window, component("job"));
    click(&mut window, "Service of the workload");
    assert_eq!(recorded.open_requests(), [edit(Edit::SetService(Some("job".into())))]);
}

#[test]
fn a_refused_limit_is_told_and_stays_in_its_field() {
    let (mut window, recorded) = inspecting(cron(), "job");
    fill(&mut window, "memory limit", "much");
    press(&mut window, Key::Enter);
    let set =
        |limit: &str| edit(Edit::SetMemoryLimit { component: "job".into(), limit: Some(limit.to_owned()) });
    recorded.answer(&set("much"), Err(Error::new(ErrorKind::WorkloadFile, "it must be a size")));
    window.run();
    window.get_by_label_contains("it must be a size");
    assert_eq!(value(&window, "memory limit"), "much");
    select(&mut window, component("ticker"));
    assert_eq!(recorded.open_requests(), [], "what was refused is not sent again by itself");

    select(&mut window, component("job"));
    fill(&mut window, "memory limit", "64MiB");
    press(&mut window, Key::Enter);
    let mut view = cron();
    view.plan.nodes[1].settings.memory_limit_in_bytes = Some(64 << 20);
    recorded.announce(Event::Opened(view));
    recorded.answer(&set("64MiB"), Ok(EDITED));
    window.run();
    assert_eq!(value(&window, "memory limit"), "64MiB");
}

#[test]
fn leaving_a_field_means_what_stands_in_it() {
    let (mut window, recorded) = inspecting(cron(), "job");
    fill(&mut window, "time limit", "10s");
    window.get_by_label("memory limit").focus();
    window.run();
    let set = |name: &str| Edit::SetTimeLimit { component: name.into(), limit: Some("10s".to_owned()) };
    recorded.answer(&edit(set("job")), Ok(EDITED));
    window.run();

    select(&mut window, component("ticker"));
    fill(&mut window, "time limit", "10s");
    click(&mut window, "component job");
    assert_eq!(
        recorded.open_requests(),
        [edit(set("ticker"))],
        "also when the field goes with its component"
    );
}

#[test]
fn environment_and_config_rows_are_added_changed_and_removed() {
    let mut view = cron();
    view.plan.nodes[1].settings.env = vec![("LOG".to_owned(), "info".to_owned())];
    let (mut window, recorded) = inspecting(view, "job");
    let set = |key: &str, value: Option<&str>| {
        let value = value.map(str::to_owned);
        edit(Edit::SetEnv { component: "job".into(), key: key.to_owned(), value })
    };
    assert_eq!(value(&window, "environment LOG"), "info");
    fill(&mut window, "environment LOG", "debug");
    press(&mut window, Key::Enter);
    recorded.answer(&set("LOG", Some("debug")), Ok(EDITED));
    click(&mut window, "remove environment LOG");
    recorded.answer(&set("LOG", None), Ok(EDITED));

    fill(&mut window, "new environment key", "COLOR");
    fill(&mut window, "new environment value", "no");
    assert_eq!(recorded.open_requests(), [], "the row is not complete before it is meant");
    press(&mut window, Key::Enter);
    recorded.answer(&set("COLOR", Some("no")), Ok(EDITED));
    window.run();
    assert_eq!(value(&window, "new environment key"), "", "there is room for the next");

    fill(&mut window, "new config key", "precision");
    click(&mut window, "add config");
    let config =
        Edit::SetConfig { component: "job".into(), key: "precision".to_owned(), value: Some(String::new()) };
    assert_eq!(recorded.open_requests(), [edit(config)]);
}

#[test]
fn the_wit_is_asked_for_once_and_shown() {
    let (mut window, recorded) = inspecting(cron(), "job");
    assert_eq!(recorded.open_requests(), [], "not before someone looks");
    window.get_by_label("WIT").scroll_to_me();
    window.run();
    click(&mut window, "WIT");
    let request = Request::Wit { workload: CRON, component: "job".into() };
    let text = "package jackfield:cron;\n\n/// Work.\ninterface job { invoke: func(); }\n";
    recorded.answer(&request, Ok(Response::Wit(text.to_owned())));
    window.run();
    window.get_by_label_contains("interface job");
    window.get_by_label("Copy WIT").scroll_to_me();
    window.run();
    click(&mut window, "Copy WIT");
    assert_eq!(recorded.copied(), [text]);
    select(&mut window, None);
    select(&mut window, component("job"));
    assert_eq!(recorded.open_requests(), [], "it is known");
    window.get_by_label_contains("interface job");
    assert_eq!(super::idle::next_frame(&window), std::time::Duration::MAX);
}

#[test]
fn a_link_can_be_led_elsewhere() {
    let (mut window, recorded) = fixtures::window(vec![cron()]);
    select(&mut window, Some(Selection::Link { consumer: "ticker".into(), import: JOB.to_owned() }));
    window.get_by_label("found by the rules");
    click(&mut window, "Link jackfield:cron/job of ticker to a stub");
    assert_eq!(recorded.open_requests(), [edit(set_link(Some(EditLinkEnd::Stub)))]);
}

fn set_link(to: Option<EditLinkEnd>) -> Edit {
    Edit::SetLink { component: "ticker".into(), import: JOB.to_owned(), to }
}

#[test]
fn a_stub_is_given_an_answer_for_each_function_and_mistakes_stand_beside_it() {
    let mut view = cron();
    view.plan.links[0].target = LinkTarget::Stub;
    let [job, ..] = view.plan.nodes[0].component.ports.as_mut_slice() else { panic!("ports") };
    let count = Function { result: Some("u32".to_owned()), ..fixtures::function("count") };
    job.kind = PortKind::Instance {
        functions: vec![fixtures::function("invoke"), count],
        types: Vec::new(),
        resources: Vec::new(),
    };
    let (mut window, recorded) = fixtures::window(vec![view.clone()]);
    let link = Selection::Link { consumer: "ticker".into(), import: JOB.to_owned() };
    select(&mut window, Some(link));
    let set = |function: &str, answer: Option<&str>| {
        edit(Edit::SetAnswer {
            component: "ticker".into(),
            import: JOB.to_owned(),
            function: function.to_owned(),
            answer: answer.map(str::to_owned),
        })
    };
    fill(&mut window, "answer count", "many");
    press(&mut window, Key::Enter);
    view.plan.links[0].answers = vec![StubAnswer { function: "count".to_owned(), value: "many".to_owned() }];
    view.plan.diagnostics.push(Diagnostic::UnusableAnswer {
        component: "ticker".into(),
        import: JOB.to_owned(),
        function: "count".to_owned(),
        problem: AnswerProblem::WrongValue {
            value: "many".to_owned(),
            ty: "u32".to_owned(),
            reason: "expected an integer".to_owned(),
        },
    });
    recorded.announce(Event::Opened(view.clone()));
    recorded.answer(&set("count", Some("many")), Ok(EDITED));
    window.run();
    window.get_by_label_contains("`many` is no value of its result's type `u32`: expected an integer; write");

    fill(&mut window, "answer count", "7");
    press(&mut window, Key::Enter);
    view.plan.diagnostics.clear();
    view.plan.links[0].answers[0].value = "7".to_owned();
    recorded.announce(Event::Opened(view));
    recorded.answer(&set("count", Some("7")), Ok(EDITED));
    fill(&mut window, "answer invoke", "()");
    press(&mut window, Key::Enter);
    recorded.answer(&set("invoke", Some("()")), Ok(EDITED));
    assert_eq!(value(&window, "answer count"), "7");

    fill(&mut window, "answer count", " ");
    press(&mut window, Key::Enter);
    assert_eq!(recorded.open_requests(), [set("count", None)]);
}

#[test]
fn an_explicit_link_can_be_left_to_the_rules() {
    let mut view = cron();
    view.plan.links[0].why.rule = jackfield_protocol::Rule::Explicit;
    let (mut window, recorded) = fixtures::window(vec![view]);
    select(&mut window, Some(Selection::Link { consumer: "ticker".into(), import: JOB.to_owned() }));
    click(&mut window, "Leave jackfield:cron/job of ticker to the rules");
    recorded.answer(&edit(set_link(None)), Ok(EDITED));
    press(&mut window, Key::Delete);
    assert_eq!(recorded.open_requests(), [edit(set_link(None))], "Delete does the same");
}

#[test]
fn an_unresolved_import_offers_what_can_be_done() {
    let (mut window, recorded) = inspecting(cron_without_job(), "ticker");
    click(&mut window, "Link jackfield:cron/job of ticker to a stub");
    assert_eq!(recorded.open_requests(), [edit(set_link(Some(EditLinkEnd::Stub)))]);
}

#[test]
fn the_workload_is_inspected_while_nothing_is_selected() {
    let (mut window, recorded) = fixtures::window(vec![cron_without_job()]);
    assert_eq!(value(&window, "workload name"), "cron");
    window.get_by_label("What is wrong (1)");
    let wrong = window.state().model().workloads[0].view.plan.diagnostics[0].message();
    window.get_by_label(&wrong);
    press(&mut window, Key::F2);
    window.get_by_label("workload name").type_text("clock");
    window.run();
    press(&mut window, Key::Enter);
    let request = edit(Edit::SetName("clock".to_owned()));
    assert_eq!(recorded.open_requests(), std::slice::from_ref(&request));
    recorded.answer(&request, Ok(EDITED));
    window.run();
    assert_eq!(window.state().model().current, Some(WorkloadId(1)));
}

#[test]
fn what_was_denied_is_a_problem_until_it_is_allowed() {
    let (mut window, recorded) = inspecting(cron(), "job");
    let origin = "https://api.example.com";
    let denial = Denial {
        component: "job".into(),
        wanted: Wanted::Connect { origin: origin.to_owned() },
        grant: Some(origin.to_owned()),
        permitted: Permitted::default(),
        call: None,
    };
    for _ in 0..2 {
        recorded.announce(Event::Denied { workload: CRON, denial: denial.clone() });
    }
    window.run();
    click(&mut window, "Problems (1)");
    click(&mut window, "Allow https://api.example.com to job");
    let allow = |is_granted| {
        edit(Edit::SetNetwork { component: "job".into(), origin: origin.to_owned(), is_granted })
    };
    recorded.answer(&allow(true), Ok(EDITED));
    let mut view = cron();
    view.plan.nodes[1].settings.network = vec![origin.to_owned()];
    recorded.announce(Event::Opened(view));
    window.run();
    window.get_by_label("Problems");

    click(&mut window, "remove network https://api.example.com");
    recorded.answer(&allow(false), Ok(EDITED));
    fill(&mut window, "new network origin", "tcp://10.0.0.1:5432");
    press(&mut window, Key::Enter);
    let other = Edit::SetNetwork {
        component: "job".into(),
        origin: "tcp://10.0.0.1:5432".to_owned(),
        is_granted: true,
    };
    recorded.answer(&edit(other), Ok(EDITED));
}

#[test]
fn a_problem_has_a_button_for_what_would_fix_it() {
    let (mut window, recorded) = inspecting(cron_without_job(), "ticker");
    click(&mut window, "Problems (1)");
    click(&mut window, &format!("fix: Link {JOB} of ticker to a stub"));
    let stub =
        Edit::SetLink { component: "ticker".into(), import: JOB.to_owned(), to: Some(EditLinkEnd::Stub) };
    recorded.answer(&edit(stub), Ok(EDITED));
}
