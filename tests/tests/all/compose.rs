//! A workload made from nothing out of the library, over the workbench alone.

use std::fs;

use jackfield_protocol::{
    ComponentName, Edit, EditLinkEnd, Event, LibraryRequest, LibraryResponse, LinkTarget, Request, Response,
    WorkloadId, WorkloadView,
};
use jackfield_tests::files;
use jackfield_workbench::{Config, Workbench};

use crate::workbench::ask;

/// A workbench that shows the samples in its library.
pub(crate) fn with_samples() -> Workbench {
    let samples_dir = Some(files::root().join("samples"));
    Workbench::new(Config { samples_dir, ..Config::default() }).expect("a workbench")
}

pub(crate) async fn new_workload(workbench: &Workbench) -> WorkloadView {
    match ask(workbench, Request::New { name: None }).await {
        Response::Opened(view) => view,
        other => panic!("{other:?}"),
    }
}

/// Makes an edit, and gives the revisions before and after.
async fn edit(workbench: &Workbench, workload: WorkloadId, edit: Edit) -> (u64, u64) {
    match ask(workbench, Request::Edit { workload, edit }).await {
        Response::Edited { before, after, .. } => (before, after),
        other => panic!("{other:?}"),
    }
}

pub(crate) async fn add(workbench: &Workbench, workload: WorkloadId, name: &str) -> (u64, u64) {
    let source = format!("oci://samples/{name}:0.1.0");
    edit(workbench, workload, Edit::AddComponent { name: None, source }).await
}

async fn view(workbench: &Workbench, id: WorkloadId) -> WorkloadView {
    match ask(workbench, Request::Snapshot).await {
        Response::Snapshot(snapshot) => {
            snapshot.workloads.into_iter().find(|view| view.id == id).expect("the workload")
        }
        other => panic!("{other:?}"),
    }
}

/// How many links lead from component to component.
fn links(view: &WorkloadView) -> usize {
    view.plan.links.iter().filter(|link| matches!(link.target, LinkTarget::Component { .. })).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_samples_are_in_the_library_and_found_by_what_they_export() {
    let workbench = with_samples();
    let search = |query: &str| Request::Library(LibraryRequest::Search { query: query.to_owned() });
    let names = |response: Response| match response {
        Response::Library(LibraryResponse::Page(page)) => {
            page.entries.into_iter().map(|entry| entry.name).collect::<Vec<_>>()
        }
        other => panic!("{other:?}"),
    };
    let all = names(ask(&workbench, search("")).await);
    // Those that only tests and benches use would hide them.
    let shown = [
        "blobby",
        "blobby-front",
        "clock-http",
        "config",
        "hypotenuse",
        "job",
        "keyvalue-draft",
        "keyvalue-draft2",
        "logging",
        "square",
        "square-root",
        "ticker",
    ];
    assert_eq!(all, shown.map(|sample| format!("samples/{sample}")));
    assert_eq!(names(ask(&workbench, search("exports:math:ops/square-root")).await), ["samples/square-root"]);
    assert_eq!(
        names(ask(&workbench, search("imports:math:ops/square")).await).first().map(String::as_str),
        Some("samples/hypotenuse")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn links_appear_as_components_come_and_go_with_undo() {
    let workbench = with_samples();
    let id = new_workload(&workbench).await.id;
    let mut events = workbench.subscribe();
    let first = add(&workbench, id, "hypotenuse").await;
    assert_eq!(view(&workbench, id).await.plan.diagnostics.len(), 2);
    add(&workbench, id, "square").await;
    let last = add(&workbench, id, "square-root").await;
    let whole = view(&workbench, id).await;
    assert_eq!((links(&whole), whole.plan.is_runnable(), whole.is_modified), (2, true, true));
    let Some(Event::Opened(announced)) = events.next().await else { panic!("an event") };
    assert_eq!(announced.revision, first.1);

    for revision in [last.0, first.1, first.0] {
        ask(&workbench, Request::Restore { workload: id, revision }).await;
    }
    assert!(view(&workbench, id).await.plan.nodes.is_empty());
    ask(&workbench, Request::Restore { workload: id, revision: last.1 }).await;
    assert_eq!(links(&view(&workbench, id).await), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_that_makes_no_sense_changes_nothing_and_says_why() {
    let workbench = with_samples();
    let id = new_workload(&workbench).await.id;
    add(&workbench, id, "square").await;
    let before = view(&workbench, id).await;
    let square = || ComponentName::new("square");
    for (change, expected) in [
        (Edit::AddComponent { name: None, source: "oci://samples/cube:0.1.0".to_owned() }, "cube"),
        (Edit::AddComponent { name: None, source: "./no-such.wasm".to_owned() }, "no-such.wasm"),
        (Edit::RenameComponent { from: square(), to: "a b".into() }, "ASCII letters"),
        (Edit::SetMemoryLimit { component: square(), limit: Some("much".to_owned()) }, "64MiB"),
        (
            Edit::SetLink {
                component: square(),
                import: "x:y/z".to_owned(),
                to: Some(EditLinkEnd::Component("cube".into())),
            },
            "cube",
        ),
    ] {
        let request = Request::Edit { workload: id, edit: change };
        let error = workbench.dispatch(request).await.expect_err("refused");
        assert!(error.to_string().contains(expected), "{expected}: {error}");
    }
    assert_eq!(view(&workbench, id).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_saved_workload_opens_again_and_foreign_changes_are_not_overwritten() {
    let workbench = with_samples();
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("made.toml");
    let id = new_workload(&workbench).await.id;
    add(&workbench, id, "square").await;
    let save = |path: Option<String>| Request::Save { workload: id, path };
    let error = workbench.dispatch(save(None)).await.expect_err("it has no file");
    assert!(error.message.contains("no file"), "{error}");
    ask(&workbench, save(Some(file.display().to_string()))).await;
    let saved = view(&workbench, id).await;
    assert_eq!((saved.is_modified, saved.path.as_deref()), (false, file.to_str()));

    // Somebody writes a comment into the file. What is not changed here follows.
    let text = fs::read_to_string(&file).expect("the file");
    fs::write(&file, format!("# by hand\n{text}")).expect("a change");
    ask(&workbench, Request::Open { path: file.display().to_string() }).await;
    add(&workbench, id, "square-root").await;
    ask(&workbench, save(None)).await;
    assert!(fs::read_to_string(&file).expect("the file").starts_with("# by hand\n"));

    add(&workbench, id, "hypotenuse").await;
    fs::write(&file, "name = \"other\"\n").expect("a change");
    let error = workbench.dispatch(save(None)).await.expect_err("it would be overwritten");
    assert!(error.message.contains("changed the file"), "{error}");
    assert_eq!(fs::read_to_string(&file).expect("the file"), "name = \"other\"\n");

    let other = folder.path().join("other.toml");
    ask(&workbench, save(Some(other.display().to_string()))).await;
    let second = with_samples();
    let Response::Opened(opened) = ask(&second, Request::Open { path: other.display().to_string() }).await
    else {
        panic!("opened");
    };
    assert!(opened.plan.is_runnable());
    assert_eq!(links(&opened), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_component_is_tried_with_answers_before_there_is_what_it_needs() {
    let workbench = with_samples();
    let id = new_workload(&workbench).await.id;
    add(&workbench, id, "hypotenuse").await;
    let answer = |function: &str, answer: Option<&str>| Edit::SetAnswer {
        component: "hypotenuse".into(),
        import: format!("math:ops/{function}"),
        function: function.to_owned(),
        answer: answer.map(str::to_owned),
    };
    let call = || Request::Call {
        workload: id,
        component: "hypotenuse".into(),
        function: "hypotenuse".to_owned(),
        args: vec!["3".to_owned(), "4".to_owned()],
        ticket: None,
    };
    let result = async || match workbench.dispatch(call()).await {
        Ok(Response::Called(outcome)) => Ok(outcome.result.expect("a result")),
        Ok(other) => panic!("{other:?}"),
        Err(error) => Err(error.to_string()),
    };
    edit(&workbench, id, answer("square", Some("nine"))).await;
    let (_, wrong) = edit(&workbench, id, answer("square-root", Some("5"))).await;
    let plan = view(&workbench, id).await.plan;
    let [finding] = plan.diagnostics.as_slice() else { panic!("{:?}", plan.diagnostics) };
    assert!(
        finding.message().contains("cannot answer `square`: `nine` is no value of its result's type `f64`")
    );
    assert!(workbench.dispatch(Request::Start(id)).await.is_err());

    edit(&workbench, id, answer("square", Some("12.5"))).await;
    ask(&workbench, Request::Start(id)).await;
    assert_eq!(result().await.as_deref(), Ok("5"));

    let (before, _) = edit(&workbench, id, answer("square-root", Some("6"))).await;
    assert!(!view(&workbench, id).await.needs_restart);
    assert_eq!(result().await.as_deref(), Ok("6"), "at once");
    ask(&workbench, Request::Restore { workload: id, revision: before }).await;
    assert_eq!(result().await.as_deref(), Ok("5"), "undo, too");
    edit(&workbench, id, answer("square-root", None)).await;
    let error = result().await.expect_err("nobody answers");
    assert!(error.contains("which is linked to a stub"), "{error}");
    ask(&workbench, Request::Restore { workload: id, revision: wrong }).await;
    assert!(!view(&workbench, id).await.plan.is_runnable());

    add(&workbench, id, "square").await;
    let link = |to| Edit::SetLink { component: "hypotenuse".into(), import: "math:ops/square".into(), to };
    edit(&workbench, id, link(Some(EditLinkEnd::Component("square".into())))).await;
    let elsewhere = Request::Edit { workload: id, edit: answer("square", Some("1")) };
    let error = workbench.dispatch(elsewhere).await.expect_err("it is no stub");
    assert!(error.to_string().contains("only stubs have answers"), "{error}");
    ask(&workbench, Request::Stop(id)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_runs_goes_on_as_it_was_until_it_is_restarted() {
    let workbench = with_samples();
    let id = new_workload(&workbench).await.id;
    add(&workbench, id, "square").await;
    ask(&workbench, Request::Start(id)).await;
    let (before, _) = add(&workbench, id, "square-root").await;
    assert!(view(&workbench, id).await.needs_restart);
    let call = |component: &str| Request::Call {
        workload: id,
        component: component.into(),
        function: component.to_owned(),
        args: vec!["4".to_owned()],
        ticket: None,
    };
    ask(&workbench, call("square")).await;
    workbench.dispatch(call("square-root")).await.expect_err("it does not run yet");
    ask(&workbench, Request::Restore { workload: id, revision: before }).await;
    assert!(!view(&workbench, id).await.needs_restart);
    ask(&workbench, Request::Stop(id)).await;
}
