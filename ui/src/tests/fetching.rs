//! Opening a workload whose components are not all in the library.

use egui_kittest::kittest::Queryable as _;
use jackfield_protocol::{
    ComponentInfo, Error, ErrorKind, Event, LibraryRequest, LibraryResponse, Problem, Request, Response,
    Transfer,
};

use super::fixtures::{self, CRON, Window, cron};
use super::recorded::Recorded;

const TICKER: &str = "oci://ghcr.io/acme/ticker:1.0";
const JOB: &str = "oci://ghcr.io/acme/job:1.0";
const CANCEL: &str = "cancel opening /samples/cron/workload.toml";
const PULLING: &str = "Pulling what /samples/cron/workload.toml needs";

fn open() -> Request {
    Request::Open { path: fixtures::sample().path }
}

fn pull(reference: &str) -> Request {
    Request::Library(LibraryRequest::Pull { reference: reference.to_owned(), plain_http: false })
}

fn cancel(reference: &str) -> Request {
    Request::Library(LibraryRequest::Cancel { reference: reference.to_owned() })
}

fn pulled(reference: &str) -> Result<Response, Error> {
    let info: ComponentInfo = fixtures::node("job", false, Vec::new()).component;
    Ok(Response::Library(LibraryResponse::Component { source: reference.to_owned(), info }))
}

fn missing(references: &[Option<&str>]) -> Error {
    let problem = |reference: &Option<&str>| Problem {
        message: format!("component of {reference:?}"),
        help: None,
        path: "workload.toml".to_owned(),
        line: Some(5),
        column: Some(10),
        pull: reference.map(str::to_owned),
    };
    Error::new(ErrorKind::Request, "components of the workload cannot be read")
        .with_problems(references.iter().map(problem).collect())
}

fn click(window: &mut Window, label: &str) {
    window.get_by_label(label).click();
    window.run();
}

/// A window that has tried to open a workload, which misses these.
fn refused(references: &[Option<&str>]) -> (Window, Recorded) {
    let (mut window, recorded) = fixtures::window(Vec::new());
    click(&mut window, "Open sample cron");
    recorded.answer(&open(), Err(missing(references)));
    window.run();
    (window, recorded)
}

fn answer(window: &mut Window, recorded: &Recorded, request: &Request, result: Result<Response, Error>) {
    recorded.answer(request, result);
    window.run();
}

#[test]
fn what_is_missing_is_pulled_and_the_workload_opened() {
    let (mut window, recorded) = refused(&[Some(TICKER), Some(JOB), Some(TICKER)]);
    click(&mut window, "Pull and open");
    assert_eq!(recorded.open_requests(), [pull(TICKER), pull(JOB)]);
    assert!(window.query_by_label_contains("Could not open").is_none());
    window.get_by_label(PULLING);
    let transfer = Transfer {
        reference: JOB.to_owned(),
        step: "transferring".to_owned(),
        done_in_bytes: 1_024,
        total_in_bytes: Some(4_096),
        is_over: false,
    };
    recorded.announce(Event::Transfer(transfer));
    window.run();
    assert!(window.query_all_by_label_contains("transferring 1.0 KiB of 4.0 KiB").count() > 0);

    answer(&mut window, &recorded, &pull(JOB), pulled(JOB));
    assert_eq!(recorded.open_requests(), [pull(TICKER)], "not before all are here");
    answer(&mut window, &recorded, &pull(TICKER), pulled(TICKER));
    assert_eq!(recorded.open_requests(), [open()]);
    answer(&mut window, &recorded, &open(), Ok(Response::Opened(cron())));
    window.get_by_label("component job");
    assert!(window.query_by_label(PULLING).is_none());
    assert!(
        window.query_by_label_contains("is in the library").is_none(),
        "the card is not what it is about"
    );
    assert!(matches!(recorded.open_requests().as_slice(), [Request::Logs { workload: CRON, .. }]));
}

#[test]
fn it_can_be_given_up() {
    let (mut window, recorded) = refused(&[Some(TICKER), Some(JOB)]);
    click(&mut window, "Pull and open");
    answer(&mut window, &recorded, &pull(TICKER), pulled(TICKER));
    click(&mut window, CANCEL);
    assert_eq!(recorded.open_requests(), [pull(JOB), cancel(JOB)]);
    answer(&mut window, &recorded, &cancel(JOB), Ok(Response::Library(LibraryResponse::Done)));
    let given_up = Error::new(ErrorKind::Cancelled, "cancelled");
    answer(&mut window, &recorded, &pull(JOB), Err(given_up));
    assert_eq!(recorded.open_requests(), []);
    assert!(window.query_by_label_contains("Could not").is_none());
    assert!(window.query_by_label(PULLING).is_none());
}

#[test]
fn a_pull_that_fails_says_so_and_can_be_tried_again() {
    let (mut window, recorded) = refused(&[Some(TICKER), Some(JOB)]);
    click(&mut window, "Pull and open");
    let refusal =
        Error::new(ErrorKind::Registry, "ghcr.io refuses the connection").with_help("check the port");
    answer(&mut window, &recorded, &pull(JOB), Err(refusal));
    window.get_by_label(&format!(
        "Could not pull {JOB}, which /samples/cron/workload.toml needs: ghcr.io refuses the connection"
    ));
    window.get_by_label("check the port");
    assert!(window.query_by_label(PULLING).is_none());

    // The other pull goes on, and is not begun twice.
    click(&mut window, "Pull and open");
    assert_eq!(recorded.open_requests(), [pull(TICKER), pull(JOB)]);
    answer(&mut window, &recorded, &pull(TICKER), pulled(TICKER));
    answer(&mut window, &recorded, &pull(JOB), pulled(JOB));
    assert_eq!(recorded.open_requests(), [open()]);
}

#[test]
fn where_pulling_does_not_help_it_is_not_offered() {
    for references in [&[None][..], &[Some(JOB), None]] {
        let (window, _) = refused(references);
        window.get_by_label_contains("Could not open");
        assert!(window.query_by_label("Pull and open").is_none());
    }
}
