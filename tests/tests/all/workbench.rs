//! The workbench itself, over the samples: what no test of one crate can see.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;

use jackfield_protocol::{Event, Request, Response, WorkloadState, WorkloadView};
use jackfield_tests::files;
use jackfield_workbench::{Config, Workbench};
use tempfile::TempDir;

/// A copy of a sample that a test may change.
fn copy_of(sample: &str) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let from = files::root().join("samples").join(sample);
    for entry in fs::read_dir(&from).expect("the sample").map(|entry| entry.expect("an entry").path()) {
        if entry.is_file() {
            let name = entry.file_name().expect("a name");
            fs::copy(&entry, folder.path().join(name)).expect("a copy");
        }
    }
    folder
}

fn edit(folder: &Path, change: impl FnOnce(String) -> String) {
    let file = folder.join("workload.toml");
    let text = fs::read_to_string(&file).expect("the workload file");
    fs::write(file, change(text)).expect("the change");
}

pub(crate) async fn ask(workbench: &Workbench, request: Request) -> Response {
    workbench.dispatch(request.clone()).await.unwrap_or_else(|error| panic!("{request:?}: {error}"))
}

async fn open(workbench: &Workbench, folder: &Path) -> WorkloadView {
    match ask(workbench, Request::Open { path: folder.display().to_string() }).await {
        Response::Opened(view) => view,
        other => panic!("{other:?}"),
    }
}

async fn view(workbench: &Workbench) -> WorkloadView {
    match ask(workbench, Request::Snapshot).await {
        Response::Snapshot(mut snapshot) => snapshot.workloads.pop().expect("one workload"),
        other => panic!("{other:?}"),
    }
}

/// Sends a request as it stands and reads the answer to its end.
fn exchange(address: &str, request: &str) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(address)?;
    stream.write_all(request.as_bytes())?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}

fn get(address: &str, path: &str, host: &str, more: &str) -> std::io::Result<String> {
    exchange(address, &format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{more}\r\n"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_handler_answers_on_loopback_only_what_is_meant_for_it_and_only_while_it_runs() {
    let workbench = Workbench::new(Config::default()).expect("a workbench");
    let id = open(&workbench, &files::root().join("samples/clock-http")).await.id;
    ask(&workbench, Request::Start(id)).await;
    let listening = view(&workbench).await.listening;
    let url = &listening.first().expect("an address").url;
    let address = url.strip_prefix("http://").and_then(|rest| rest.strip_suffix('/')).expect("a plain URL");
    assert!(address.starts_with("127.0.0.1:"), "{address}");

    let answer = get(address, "/time.json", address, "").expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("\"unix_millis\":"), "{answer}");
    assert!(get(address, "/", "evil.example", "").expect("an answer").starts_with("HTTP/1.1 403"));
    let foreign = get(address, "/", address, "Origin: https://evil.example\r\n").expect("an answer");
    assert!(foreign.starts_with("HTTP/1.1 403"), "{foreign}");

    ask(&workbench, Request::Stop(id)).await;
    assert_eq!(view(&workbench).await.listening, []);
    assert!(TcpStream::connect(address).is_err(), "it still listens");
}

#[tokio::test(flavor = "multi_thread")]
async fn each_component_sees_the_environment_that_its_own_table_gives() {
    let folder = copy_of("cron");
    // A value that the ticker complains about; given to `job`, nobody would.
    edit(folder.path(), |text| {
        text.replace(
            "source = \"./ticker.wasm\"",
            "source = \"./ticker.wasm\"\nenv = { INTERVAL_MILLIS = \"x\" }",
        )
    });
    let workbench = Workbench::new(Config::default()).expect("a workbench");
    let mut events = workbench.subscribe();
    let id = open(&workbench, folder.path()).await.id;
    ask(&workbench, Request::Start(id)).await;
    let mut lines = Vec::new();
    while lines.len() < 2 {
        if let Event::Logs(records) = events.next().await.expect("events") {
            lines.extend(records.into_iter().map(|record| (record.component, record.text)));
        }
    }
    workbench.shutdown().await;
    assert_eq!(lines[0].0, "ticker");
    assert!(lines[0].1.starts_with("INTERVAL_MILLIS=\"x\" is not a number"), "{lines:?}");
    assert_eq!((lines[1].0.as_str(), lines[1].1.as_str()), ("job", "hello from the cron component"));
}

#[tokio::test(flavor = "multi_thread")]
async fn opening_again_reads_the_file_again_unless_it_runs() {
    let folder = copy_of("calculator");
    let workbench = Workbench::new(Config::default()).expect("a workbench");
    let before = open(&workbench, folder.path()).await;
    assert!(before.plan.is_runnable());
    let without_square = |text: String| text.replace("[components.square]\nsource = \"./square.wasm\"\n", "");

    ask(&workbench, Request::Start(before.id)).await;
    edit(folder.path(), without_square);
    assert!(open(&workbench, folder.path()).await.plan.is_runnable(), "what runs stays what is shown");

    ask(&workbench, Request::Stop(before.id)).await;
    let after = open(&workbench, folder.path()).await;
    assert_eq!(after.id, before.id);
    assert!(!after.plan.is_runnable(), "{:?}", after.plan);
    let error = workbench.dispatch(Request::Start(after.id)).await.expect_err("it cannot start");
    assert!(error.diagnostics.iter().any(|finding| finding.import() == Some("math:ops/square")), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn starting_twice_is_refused_and_stopping_twice_is_not() {
    let workbench = Workbench::new(Config::default()).expect("a workbench");
    let id = open(&workbench, &files::root().join("samples/cron")).await.id;
    ask(&workbench, Request::Start(id)).await;
    let error = workbench.dispatch(Request::Start(id)).await.expect_err("it runs already");
    assert!(error.message.contains("is running already"), "{error}");
    ask(&workbench, Request::Stop(id)).await;
    ask(&workbench, Request::Stop(id)).await;
    assert_eq!(view(&workbench).await.state, WorkloadState::Stopped);
    ask(&workbench, Request::Close(id)).await;
    assert!(workbench.dispatch(Request::Stop(id)).await.is_err());
}
