//! Changes of the workload: undo and redo over the workbench, saving, and leaving what is not saved.

use egui::{Key, Modifiers};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use jackfield_protocol::{Edit, Error, ErrorKind, Event, Request, Response, WorkloadState, WorkloadView};

use super::fixtures::{self, CRON, Window, calculator, cron};
use super::recorded::Recorded;
use crate::backend::Incoming;

const UNDO: (Modifiers, Key) = (Modifiers::COMMAND, Key::Z);
const REDO: (Modifiers, Key) = (Modifiers::COMMAND.plus(Modifiers::SHIFT), Key::Z);
const SAVE: (Modifiers, Key) = (Modifiers::COMMAND, Key::S);
const CLOSE: (Modifiers, Key) = (Modifiers::COMMAND, Key::W);
const QUIT: (Modifiers, Key) = (Modifiers::COMMAND, Key::Q);

fn press(window: &mut Window, (modifiers, key): (Modifiers, Key)) {
    window.key_press_modifiers(modifiers, key);
    window.run();
}

fn click(window: &mut Window, label: &str) {
    window.get_by_label(label).click();
    window.run();
}

/// Drops a file and lets the workbench add it.
fn add(window: &mut Window, recorded: &Recorded, name: &str, before: u64) {
    let source = format!("/a/{name}.wasm");
    recorded.drop_files(&[&source]);
    window.run();
    let request = Request::Edit { workload: CRON, edit: Edit::AddComponent { name: None, source } };
    let edited = Response::Edited { before, after: before + 1, component: Some(name.into()) };
    recorded.answer(&request, Ok(edited));
    window.run();
}

fn restore(revision: u64) -> Request {
    Request::Restore { workload: CRON, revision }
}

fn restored(after: u64) -> Result<Response, Error> {
    Ok(Response::Edited { before: 0, after, component: None })
}

#[test]
fn edits_are_taken_back_and_made_again_by_revision() {
    let (mut window, recorded) = fixtures::window(vec![cron()]);
    add(&mut window, &recorded, "square", 1);
    add(&mut window, &recorded, "cube", 2);
    click(&mut window, "Edit");
    window.get_by_label("Undo add cube");
    assert!(window.get_by_label("Redo").accesskit_node().is_disabled());
    press(&mut window, (Modifiers::NONE, Key::Escape));

    // The second press waits for the first to be answered.
    press(&mut window, UNDO);
    press(&mut window, UNDO);
    assert_eq!(recorded.open_requests(), [restore(2)]);
    recorded.answer(&restore(2), restored(2));
    window.run();
    assert_eq!(recorded.open_requests(), [restore(1)]);
    recorded.answer(&restore(1), restored(1));
    window.run();
    press(&mut window, UNDO);
    assert_eq!(recorded.open_requests(), [], "nothing is left to take back");

    press(&mut window, REDO);
    assert_eq!(recorded.open_requests(), [restore(2)]);
    recorded.answer(&restore(2), restored(2));
    window.run();
    click(&mut window, "Edit");
    window.get_by_label("Undo add square");
    window.get_by_label("Redo add cube");
}

#[test]
fn what_failed_is_not_in_the_log() {
    let (mut window, recorded) = fixtures::window(vec![cron()]);
    recorded.drop_files(&["/a/square.wasm"]);
    window.run();
    let edit = Edit::AddComponent { name: None, source: "/a/square.wasm".to_owned() };
    let error = || Err(Error::new(ErrorKind::Request, "it is no component"));
    recorded.answer(&Request::Edit { workload: CRON, edit }, error());
    window.run();
    window.get_by_label_contains("Could not add square: it is no component");
    press(&mut window, UNDO);
    assert_eq!(recorded.open_requests(), []);

    // An undo that fails can be tried again.
    add(&mut window, &recorded, "cube", 1);
    for _ in 0..2 {
        press(&mut window, UNDO);
        recorded.answer(&restore(1), error());
        window.run();
    }
    window.get_by_label_contains("Could not undo: add cube");
}

fn modified() -> WorkloadView {
    WorkloadView { is_modified: true, ..cron() }
}

fn untitled() -> WorkloadView {
    let name = "un/titled".to_owned();
    WorkloadView { path: None, is_modified: true, name, ..calculator() }
}

fn save(view: &WorkloadView, path: Option<&str>) -> Request {
    Request::Save { workload: view.id, path: path.map(ToOwned::to_owned) }
}

#[test]
fn a_workload_is_saved_to_its_file_or_to_one_that_is_chosen() {
    let (mut window, recorded) = fixtures::window(vec![modified(), untitled()]);
    window.get_by_label("workload cron *");
    press(&mut window, SAVE);
    recorded.answer(&save(&modified(), None), Ok(Response::Saved { path: "/samples/cron".to_owned() }));
    window.run();
    window.get_by_label("workload cron");

    click(&mut window, "workload un/titled *");
    press(&mut window, SAVE);
    assert_eq!(recorded.saves(), [(untitled().id, "un-titled.toml".to_owned())]);
    let picked = |path: Option<&str>| Incoming::PickedSave {
        workload: untitled().id,
        path: path.map(ToOwned::to_owned),
    };
    recorded.arrive(picked(None));
    window.run();
    assert_eq!(recorded.open_requests(), []);
    recorded.arrive(picked(Some("/a/b.toml")));
    window.run();
    assert_eq!(recorded.open_requests(), [save(&untitled(), Some("/a/b.toml"))]);
}

#[test]
fn closing_asks_about_changes() {
    let (mut window, recorded) = fixtures::window(vec![modified()]);
    press(&mut window, CLOSE);
    window.get_by_label("Save cron?");
    press(&mut window, SAVE);
    assert_eq!(recorded.open_requests(), [], "a dialog takes the keyboard");
    click(&mut window, "Cancel");
    assert!(window.query_by_label("Save cron?").is_none());

    press(&mut window, CLOSE);
    click(&mut window, "Save changes");
    let error = Error::new(ErrorKind::Request, "the disk is full");
    recorded.answer(&save(&modified(), None), Err(error));
    window.run();
    window.get_by_label_contains("Could not save cron: the disk is full");
    assert_eq!(recorded.open_requests(), [], "it stays open");

    press(&mut window, CLOSE);
    click(&mut window, "Discard changes");
    assert_eq!(recorded.open_requests(), [Request::Close(CRON)]);
}

#[test]
fn quitting_saves_everything_first_or_nothing() {
    let (mut window, recorded) = fixtures::window(vec![modified(), untitled()]);
    assert!(recorded.is_held_open());
    recorded.arrive(Incoming::CloseWanted);
    window.run();
    click(&mut window, "Cancel");
    press(&mut window, QUIT);
    window.get_by_label("Save cron, un/titled?");
    click(&mut window, "Save changes");
    recorded.answer(&save(&modified(), None), Ok(Response::Saved { path: "/samples/cron".to_owned() }));
    window.run();
    assert_eq!(recorded.saves().len(), 1);
    recorded.arrive(Incoming::PickedSave { workload: untitled().id, path: Some("/a/b.toml".to_owned()) });
    window.run();
    assert_eq!(recorded.quits(), 0);
    let saved = Ok(Response::Saved { path: "/a/b.toml".to_owned() });
    recorded.answer(&save(&untitled(), Some("/a/b.toml")), saved);
    window.run();
    assert_eq!(recorded.quits(), 1);
    assert!(!recorded.is_held_open());
}

#[test]
fn what_runs_is_restarted_to_have_the_changes() {
    let view = WorkloadView { needs_restart: true, state: WorkloadState::Running, ..modified() };
    let (mut window, recorded) = fixtures::window(vec![view]);
    click(&mut window, "Restart to apply");
    assert_eq!(recorded.open_requests(), [Request::Stop(CRON)]);
    recorded.announce(fixtures::state(WorkloadState::Stopped));
    recorded.answer(&Request::Stop(CRON), Ok(Response::Done));
    window.run();
    assert_eq!(recorded.open_requests(), [Request::Start(CRON)]);
    recorded.announce(Event::Opened(cron()));
    window.run();
    assert!(window.query_by_label("Restart to apply").is_none());
}
