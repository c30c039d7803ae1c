//! The library: searching it, fetching into it, and adding from it to a workload.

use std::time::Duration;

use egui::{Key, Modifiers, Pos2, ViewportId};
use egui_kittest::kittest::Queryable as _;
use jackfield_protocol::{
    Direction, Edit, Event, LibraryEntry, LibraryPage, LibraryRequest, LibraryResponse, LibraryVersion,
    Request, Response, Transfer, WorkloadId, WorkloadView,
};

use super::fixtures::{self, CRON, JOB, Window, calculator, cron, cron_without_job, function, node, port};
use super::recorded::Recorded;
use crate::backend::Incoming;

const SQUARE: &str = "library samples/square 0.2.0";

fn version(name: &str, tag: &str, ports: Vec<jackfield_protocol::Port>) -> LibraryVersion {
    let info = node(name, false, ports).component;
    LibraryVersion {
        tag: tag.to_owned(),
        source: format!("oci://samples/{name}:{tag}"),
        layout: Some("samples".to_owned()),
        digest: info.digest.clone(),
        size_in_bytes: info.size_in_bytes,
        info: Some(info),
        problem: None,
        aliases: Vec::new(),
        title: None,
        description: Some("Squares a number".to_owned()),
        added_unix_millis: None,
    }
}

fn entry(name: &str, versions: Vec<LibraryVersion>) -> LibraryEntry {
    LibraryEntry { name: format!("samples/{name}"), versions }
}

fn square() -> LibraryEntry {
    let ports = || vec![port(Direction::Export, "math:ops/square", vec![function("square")])];
    entry("square", vec![version("square", "0.2.0", ports()), version("square", "0.1.0", ports())])
}

/// Has the job that the cron sample's ticker calls.
fn job() -> LibraryEntry {
    let ports = vec![
        port(Direction::Import, "wasi:cli/stdout@0.2.6", vec![function("get")]),
        port(Direction::Export, JOB, vec![function("invoke")]),
    ];
    entry("job", vec![version("job", "0.1.0", ports)])
}

fn search(query: &str) -> Request {
    Request::Library(LibraryRequest::Search { query: query.to_owned() })
}

fn page(entries: Vec<LibraryEntry>) -> Result<Response, jackfield_protocol::Error> {
    let page = LibraryPage { total: 2, entries, problems: Vec::new() };
    Ok(Response::Library(LibraryResponse::Page(page)))
}

fn window(workloads: Vec<WorkloadView>, entries: Vec<LibraryEntry>) -> (Window, Recorded) {
    let (mut window, recorded) = fixtures::window(workloads);
    recorded.announce(Event::LibraryChanged);
    window.run();
    recorded.answer(&search(""), page(entries));
    window.run();
    (window, recorded)
}

fn add(workload: WorkloadId, source: &str) -> Request {
    Request::Edit { workload, edit: Edit::AddComponent { name: None, source: source.to_owned() } }
}

fn place(window: &Window, label: &str) -> Pos2 {
    window.get_by_label(label).rect().center()
}

/// Takes a card of the library to a place, and does not let it go.
fn drag(window: &mut Window, label: &str, to: Pos2) {
    let from = place(window, label);
    window.hover_at(from);
    window.run();
    window.drag_at(from);
    window.run();
    window.hover_at(from + egui::vec2(20.0, 0.0));
    window.run();
    window.hover_at(to);
    window.run();
}

#[test]
fn what_fits_is_shown_and_an_answer_to_an_older_query_is_not() {
    let (mut window, recorded) = window(vec![cron()], vec![square(), job()]);
    window.get_by_label(SQUARE);
    window.get_by_label("library samples/job 0.1.0");
    window.get_by_label("Search library").focus();
    window.run();
    window.get_by_label("Search library").type_text("x");
    window.run();
    window.get_by_label("Search library").type_text("y");
    window.run();
    recorded.answer(&search("xy"), page(Vec::new()));
    recorded.answer(&search("x"), page(vec![square()]));
    window.run();
    assert!(window.query_by_label(SQUARE).is_none());
    window.get_by_label_contains("Nothing in the library fits");
}

#[test]
fn another_version_can_be_chosen() {
    let (mut window, recorded) = window(vec![cron()], vec![square()]);
    window.get_by_label("version of samples/square").click();
    window.run();
    window.get_by_label("0.1.0").click();
    window.run();
    window.get_by_label("library samples/square 0.1.0").focus();
    window.run();
    window.key_press(Key::Enter);
    window.run();
    assert_eq!(recorded.open_requests(), [add(CRON, "oci://samples/square:0.1.0")]);
}

#[test]
fn without_a_workload_adding_makes_one_first() {
    let (mut window, recorded) = window(Vec::new(), vec![square()]);
    window.get_by_label(SQUARE).focus();
    window.run();
    window.key_press(Key::Enter);
    window.run();
    let new = Request::New { name: None };
    assert_eq!(recorded.open_requests(), std::slice::from_ref(&new));
    let mut empty = WorkloadView { path: None, ..calculator() };
    empty.plan.nodes.clear();
    recorded.answer(&new, Ok(Response::Opened(empty.clone())));
    window.run();
    window.get_by_label_contains("Drag a component here");
    assert!(recorded.open_requests().contains(&add(empty.id, "oci://samples/square:0.2.0")));
}

#[test]
fn a_card_that_hovers_shows_what_it_would_be_linked_to_and_lands_where_it_is_dropped() {
    let (mut window, recorded) = window(vec![cron_without_job()], vec![job()]);
    let target = place(&window, "canvas") + egui::vec2(0.0, 120.0);
    drag(&mut window, "library samples/job 0.1.0", target);
    window.get_by_label("would link import jackfield:cron/job of ticker");
    let before = window.get_by_label("component ticker").rect();

    window.drop_at(target);
    window.run();
    let request = add(CRON, "oci://samples/job:0.1.0");
    assert_eq!(recorded.open_requests(), std::slice::from_ref(&request));
    recorded.announce(Event::Opened(WorkloadView { revision: 2, ..cron() }));
    window.run();
    let edited = Response::Edited { before: 1, after: 2, component: Some("job".into()) };
    recorded.answer(&request, Ok(edited));
    window.run();
    let card = window.get_by_label("component job").rect();
    assert!(card.contains(target) && (card.center().x - target.x).abs() < 2.0, "{card} {target}");
    assert_eq!(window.get_by_label("component ticker").rect(), before, "the rest stays where it is");

    // Taken back and made again, it is where it was.
    for view in [cron_without_job(), cron()] {
        recorded.announce(Event::Opened(view));
        window.run();
    }
    assert_eq!(window.get_by_label("component job").rect(), card);
}

#[test]
fn undo_after_a_drop_takes_the_card_back_and_not_what_was_searched_for() {
    let (mut window, recorded) = window(vec![cron_without_job()], vec![job()]);
    window.get_by_label("Search library").click();
    window.run();
    window.get_by_label("Search library").type_text("job");
    window.run();
    recorded.answer(&search("job"), page(vec![job()]));
    window.run();
    let target = place(&window, "canvas") + egui::vec2(0.0, 120.0);
    drag(&mut window, "library samples/job 0.1.0", target);
    window.drop_at(target);
    window.run();
    recorded.announce(Event::Opened(WorkloadView { revision: 2, ..cron() }));
    let edited = Response::Edited { before: 1, after: 2, component: Some("job".into()) };
    recorded.answer(&add(CRON, "oci://samples/job:0.1.0"), Ok(edited));
    window.run();
    window.key_press_modifiers(Modifiers::COMMAND, Key::Z);
    window.run();
    assert_eq!(window.get_by_label("Search library").value().unwrap(), "job");
    assert_eq!(recorded.open_requests(), [Request::Restore { workload: CRON, revision: 1 }]);
}

#[test]
fn escape_and_letting_go_elsewhere_do_nothing() {
    let (mut window, recorded) = window(vec![cron_without_job()], vec![job()]);
    let target = place(&window, "canvas");
    drag(&mut window, "library samples/job 0.1.0", target);
    window.key_press_modifiers(Modifiers::NONE, Key::Escape);
    window.run();
    assert!(window.query_by_label_contains("would link").is_none());
    window.drop_at(target);
    window.run();
    assert_eq!(recorded.open_requests(), []);

    let elsewhere = place(&window, "Search library");
    drag(&mut window, "library samples/job 0.1.0", elsewhere);
    window.drop_at(elsewhere);
    window.run();
    assert_eq!(recorded.open_requests(), []);
}

#[test]
fn cards_that_are_added_one_by_one_do_not_overlap() {
    let (mut window, recorded) = fixtures::window(vec![cron_without_job()]);
    recorded.announce(Event::Opened(cron()));
    window.run();
    let (job, ticker) =
        (window.get_by_label("component job").rect(), window.get_by_label("component ticker"));
    assert!(!job.intersects(ticker.rect()));
}

#[test]
fn a_pull_shows_its_bytes_and_can_be_given_up() {
    let (mut window, recorded) = window(vec![cron()], Vec::new());
    window.get_by_label("Reference to pull").focus();
    window.run();
    window.get_by_label("Reference to pull").type_text("ghcr.io/acme/square:1.0");
    window.run();
    window.get_by_label("Pull").click();
    window.run();
    let reference = "oci://ghcr.io/acme/square:1.0".to_owned();
    let pull = LibraryRequest::Pull { reference: reference.clone(), plain_http: false };
    assert_eq!(recorded.open_requests(), [Request::Library(pull.clone())]);
    let transfer = Transfer {
        reference: reference.clone(),
        step: "fetching".to_owned(),
        done_in_bytes: 1_000,
        total_in_bytes: Some(4_000),
        is_over: false,
    };
    recorded.announce(Event::Transfer(transfer));
    window.run();
    window.get_by_label_contains("fetching");
    assert_eq!(window.output().viewport_output[&ViewportId::ROOT].repaint_delay, Duration::MAX);
    window.get_by_label(&format!("cancel {reference}")).click();
    window.run();
    let cancel = Request::Library(LibraryRequest::Cancel { reference });
    recorded.answer(&cancel, Ok(Response::Library(LibraryResponse::Done)));
    let error = jackfield_protocol::Error::new(jackfield_protocol::ErrorKind::Request, "given up");
    recorded.answer(&Request::Library(pull), Err(error));
    window.run();
    assert!(window.query_by_label_contains("fetching").is_none());
    window.get_by_label_contains("Could not pull");
}

#[test]
fn a_file_is_put_into_the_library() {
    let (mut window, recorded) = window(vec![cron()], Vec::new());
    window.get_by_label("Add file to library").click();
    window.run();
    assert_eq!(recorded.component_picks(), 1);
    recorded.arrive(Incoming::PickedComponent(Some("/a/b.wasm".to_owned())));
    window.run();
    let add = LibraryRequest::Add { path: "/a/b.wasm".to_owned(), alias: None };
    assert_eq!(recorded.open_requests(), [Request::Library(add)]);
}

#[test]
fn of_a_thousand_entries_only_those_in_view_are_drawn() {
    let many = (0..1000).map(|index| {
        let mut entry = square();
        entry.name = format!("samples/square-{index}");
        entry
    });
    let (window, _) = window(vec![cron()], many.collect());
    let drawn = window.query_all_by_label_contains("library samples/square-").count();
    assert!(drawn > 2 && drawn < 20, "{drawn}");
    assert_eq!(window.output().viewport_output[&ViewportId::ROOT].repaint_delay, Duration::MAX, "idle");
}
