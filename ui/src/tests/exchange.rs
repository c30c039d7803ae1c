//! The dialogs in which a workload leaves for other runtimes, and in which one comes from there.

use egui::Key;
use egui_kittest::kittest::Queryable as _;
use jackfield_protocol::{
    Diagnostic, Error, ErrorKind, ExportFinding, ExportForm, Fate, ImportFinding, LibraryRequest, NotCarried,
    Problem, Request, Response, WorkloadId, WrittenExport, WrittenFile,
};

use super::fixtures::{self, CRON, Window, cron};
use super::mcp::{click, run, type_into};
use super::picture;
use super::recorded::Recorded;
use crate::backend::Incoming;
use crate::command::Command;
use crate::model::PathWish;
use crate::model::exchange::ExportForm as Form;

const WASM: &str = "/samples/cron/cron.wasm";

fn exporting() -> (Window, Recorded) {
    let (mut window, recorded) = fixtures::window(vec![cron()]);
    run(&mut window, Command::ExportWorkload);
    (window, recorded)
}

fn wasm(replace: bool) -> Request {
    let form = ExportForm::Wasm { entry: Some("ticker".into()) };
    Request::WriteExport { workload: CRON, form, with: Vec::new(), path: WASM.to_owned(), replace }
}

fn finding() -> ExportFinding {
    let (component, key, value) = ("job".into(), "LOG".to_owned(), "debug".to_owned());
    ExportFinding {
        about: NotCarried::Env { component, key, value },
        flags: vec!["--env".to_owned(), "LOG=debug".to_owned()],
        help: Some("every component sees it there".to_owned()),
    }
}

fn written() -> Response {
    let file = WrittenFile { path: WASM.to_owned(), size_in_bytes: 145_001 };
    let commands = vec![format!("wasmtime run --env LOG=debug {WASM}")];
    Response::WroteExport(WrittenExport { files: vec![file], findings: vec![finding()], commands })
}

#[test]
fn a_workload_is_exported_as_one_component_beside_its_file() {
    let (mut window, recorded) = exporting();
    assert!(window.get_by_label("export file").is_focused());
    picture::take(&mut window, "export");
    click(&mut window, "export");
    assert_eq!(recorded.open_requests().last(), Some(&wasm(false)));
    // Nothing else can be asked for meanwhile.
    window.get_by_label_contains("Exporting cron");
    window.get_by_label("export").click();
    recorded.answer(&wasm(false), Ok(written()));
    window.run();
    picture::take(&mut window, "export-done");
    window.get_by_label(WASM);
    window.get_by_label("141.6 KiB");
    window.get_by_label("The environment of `job` has LOG=debug");
    window.get_by_label("instead: --env LOG=debug");
    window.get_by_label("every component sees it there");
    click(&mut window, "copy command");
    assert_eq!(recorded.copied(), [format!("wasmtime run --env LOG=debug {WASM}")]);
    // What was said of the one before is gone when something else is wanted.
    click(&mut window, "Source for wac (.wac)");
    assert!(window.query_by_label("copy command").is_none());
    assert!(recorded.open_requests().is_empty());
}

#[test]
fn files_that_are_there_are_replaced_only_if_it_is_said() {
    let (mut window, recorded) = exporting();
    click(&mut window, "export");
    recorded.answer(&wasm(false), Ok(Response::ExportInTheWay(vec![WASM.to_owned()])));
    window.run();
    window.get_by_label("It is there already:");
    picture::take(&mut window, "export-in-the-way");
    click(&mut window, "replace files");
    recorded.answer(&wasm(true), Ok(written()));
    window.run();
    window.get_by_label("141.6 KiB");
}

#[test]
fn a_file_chosen_in_the_systems_dialog_needs_no_second_question() {
    let (mut window, recorded) = exporting();
    click(&mut window, "choose export file");
    let wish = PathWish::ExportWorkload(Form::Wasm, "cron.wasm".to_owned());
    assert_eq!(recorded.path_picks(), std::slice::from_ref(&wish));
    recorded.arrive(Incoming::PickedPath { wish, path: Some(WASM.to_owned()) });
    window.run();
    click(&mut window, "export");
    recorded.answer(&wasm(false), Ok(Response::ExportInTheWay(vec![WASM.to_owned()])));
    window.run();
    recorded.answer(&wasm(true), Ok(written()));
    window.run();
    window.get_by_label("141.6 KiB");
}

#[test]
fn the_form_and_the_way_in_are_chosen() {
    let mut view = cron();
    let run_of_ticker = view.plan.entries[0].clone();
    view.plan.entries.push(jackfield_protocol::Entry { component: "job".into(), ..run_of_ticker });
    let (mut window, recorded) = fixtures::window(vec![view]);
    run(&mut window, Command::ExportWorkload);
    window.get_by_label("1 other way in stays behind");
    click(&mut window, "way in");
    window.get_all_by_label("job").last().unwrap().click();
    window.run();
    click(&mut window, "Source for wac (.wac)");
    click(&mut window, "export");
    let form = ExportForm::Wac { entry: Some("job".into()) };
    let path = "/samples/cron/cron.wac".to_owned();
    let request = Request::WriteExport { workload: CRON, form, with: Vec::new(), path, replace: false };
    assert_eq!(recorded.open_requests(), [request]);
}

#[test]
fn a_manifest_wants_to_know_where_the_cluster_finds_components() {
    let (mut window, recorded) = exporting();
    click(&mut window, "wasmCloud manifest (.yaml)");
    click(&mut window, "export");
    window.get_by_label("Say where the cluster finds ticker.");
    type_into(&mut window, "image of ticker", "ghcr.io/acme/ticker:1.0");
    type_into(&mut window, "image of job", "ghcr.io/acme/job:1.0");
    type_into(&mut window, "stand-ins", "blobby, ./b.wasm");
    picture::take(&mut window, "export-wasmcloud");
    type_into(&mut window, "export file", "cron.yaml");
    click(&mut window, "export");
    window.get_by_label_contains("Type the whole path");
    type_into(&mut window, "export file", "/tmp/cron.yaml");
    window.key_press(Key::Enter);
    window.run();
    let images = [("ticker", "ghcr.io/acme/ticker:1.0"), ("job", "ghcr.io/acme/job:1.0")];
    let images = images.map(|(name, image)| (name.into(), image.to_owned())).to_vec();
    let form = ExportForm::Wasmcloud { images, host: None };
    let path = "/tmp/cron.yaml".to_owned();
    let request = Request::WriteExport {
        workload: CRON,
        form,
        with: vec!["blobby".to_owned(), "./b.wasm".to_owned()],
        path,
        replace: false,
    };
    assert_eq!(recorded.open_requests(), [request]);
}

#[test]
fn why_it_could_not_be_exported_is_said_in_the_dialog() {
    let (mut window, recorded) = exporting();
    click(&mut window, "export");
    let found = Diagnostic::UnresolvedImport {
        component: "ticker".into(),
        import: fixtures::JOB.to_owned(),
        functions: Vec::new(),
        near_misses: Vec::new(),
        host_versions: Vec::new(),
    };
    let error = Error::new(ErrorKind::Plan, "the workload cannot be exported as it is linked now");
    recorded.answer(&wasm(false), Err(error.with_diagnostics(vec![found])));
    window.run();
    window.get_by_label("the workload cannot be exported as it is linked now");
    picture::take(&mut window, "export-failed");
    // The way to try again.
    window.get_by_label("export");
    assert!(window.query_by_label("Dismiss").is_none());
}

#[test]
fn what_ends_after_the_dialog_was_closed_is_told_all_the_same() {
    let (mut window, recorded) = exporting();
    click(&mut window, "export");
    click(&mut window, "close export");
    recorded.answer(&wasm(false), Ok(written()));
    window.run();
    window.get_by_label(&format!("Exported to {WASM}"));
}

#[test]
fn the_dialog_goes_with_its_workload() {
    let (mut window, recorded) = exporting();
    recorded.announce(jackfield_protocol::Event::Closed(CRON));
    window.run();
    assert!(window.query_by_label("export").is_none());
    // The keyboard is free again.
    window.key_press_modifiers(egui::Modifiers::COMMAND, Key::N);
    window.run();
    assert_eq!(recorded.open_requests(), [Request::New { name: None }]);
}

fn open(path: &str) -> Request {
    Request::OpenManifest { path: path.to_owned() }
}

fn opened(findings: Vec<ImportFinding>) -> Response {
    let mut workload = fixtures::calculator();
    (workload.id, workload.path, workload.is_modified) = (WorkloadId(7), None, true);
    Response::OpenedManifest { workload, findings }
}

fn not_imported() -> ImportFinding {
    ImportFinding {
        key: "spec.template.spec.components[0].imagePullSecret".to_owned(),
        line: 14,
        column: 9,
        fate: Fate::NoCounterpart,
        note: "credentials are those of the machine; see `docker login`".to_owned(),
    }
}

#[test]
fn a_manifest_becomes_a_workload_and_what_is_not_in_it_is_listed() {
    let (mut window, recorded) = fixtures::window(Vec::new());
    run(&mut window, Command::ImportManifest);
    picture::take(&mut window, "import");
    click(&mut window, "choose manifest file");
    assert_eq!(recorded.path_picks(), [PathWish::Manifest]);
    recorded.arrive(Incoming::PickedPath { wish: PathWish::Manifest, path: Some("/d.yaml".to_owned()) });
    window.run();
    click(&mut window, "import");
    recorded.answer(&open("/d.yaml"), Ok(opened(vec![not_imported()])));
    window.run();
    picture::take(&mut window, "import-done");
    window.get_by_label("Not carried over: 1 part");
    window.get_by_label_contains("imagePullSecret` has no counterpart");
    click(&mut window, "Copy list");
    let copied = recorded.copied().concat();
    assert!(copied.starts_with("/d.yaml:14:9: `spec.template"), "{copied}");
    click(&mut window, "Save workload…");
    assert_eq!(recorded.saves(), [(WorkloadId(7), "calculator.toml".to_owned())]);
    assert_eq!(window.state().model().current, Some(WorkloadId(7)));
}

#[test]
fn a_manifest_that_is_none_says_where_it_is_wrong_and_can_be_tried_again() {
    let (mut window, recorded) = fixtures::window(vec![cron()]);
    recorded.drop_files(&["/d.yml"]);
    window.run();
    let problem = Problem {
        message: "there is no WorkloadDeployment".to_owned(),
        help: None,
        path: "/d.yml".to_owned(),
        line: Some(1),
        column: Some(1),
        pull: None,
    };
    let error = Error::new(ErrorKind::File, "no workload can be made of the manifest");
    recorded.answer(&open("/d.yml"), Err(error.with_problems(vec![problem])));
    window.run();
    window.get_by_label("/d.yml:1:1: there is no WorkloadDeployment");
    picture::take(&mut window, "import-failed");
    click(&mut window, "import");
    recorded.answer(&open("/d.yml"), Ok(opened(Vec::new())));
    window.run();
    window.get_by_label("Everything was carried over.");
}

#[test]
fn components_that_a_manifest_names_are_pulled_first() {
    let (mut window, recorded) = fixtures::window(Vec::new());
    recorded.drop_files(&["/d.yaml"]);
    window.run();
    let reference = "oci://ghcr.io/acme/job:1.0";
    let error = Error::new(ErrorKind::Request, "`job` is not in the library").with_pull(reference);
    recorded.answer(&open("/d.yaml"), Err(error));
    window.run();
    click(&mut window, "Pull and open");
    let pull = LibraryRequest::Pull { reference: reference.to_owned(), plain_http: false };
    let info = fixtures::node("job", false, Vec::new()).component;
    let pulled = jackfield_protocol::LibraryResponse::Component { source: reference.to_owned(), info };
    recorded.answer(&Request::Library(pull), Ok(Response::Library(pulled)));
    window.run();
    recorded.answer(&open("/d.yaml"), Ok(opened(Vec::new())));
    window.run();
    window.get_by_label("Everything was carried over.");
}
