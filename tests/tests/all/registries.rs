//! Registries that refuse, break off, or send what they should not, as the workbench and so the window meet
//! them: each fault is said clearly, and everything else goes on. The faults come from a real registry
//! wherever it can make them.

use std::fs;
use std::net::TcpListener;

use jackfield_protocol::{
    ComponentInfo, Edit, Error, ErrorKind, Event, LibraryRequest, LibraryResponse, Request, Response,
    WorkloadId,
};
use jackfield_tests::files;
use jackfield_workbench::{Config, Subscription, Workbench};
use tempfile::TempDir;

use crate::compose::{add, new_workload};
use crate::proxy::{Then, answering, response, wire};
use crate::server::{Server, free_port};
use crate::workbench::ask;

const MODULE: &[u8] = b"\0asm\x01\0\0\0";
const DIGEST_OF_MODULE: &str = "sha256:93a44bbb96c751218e4c00d479e4c14358122a389acca16205b1e4d0dc5f9476";
const OTHER_DIGEST: &str = "sha256:0101010101010101010101010101010101010101010101010101010101010101";
const TAR: &str = "application/vnd.oci.image.layer.v1.tar+gzip";

/// A workbench with the samples in its library, and `ada:wrong` as credentials for this host.
fn workbench(host: &str) -> (TempDir, Workbench) {
    let home = tempfile::tempdir().expect("a folder");
    let config = home.path().join("config.json");
    let auths = format!(r#"{{"auths": {{"{host}": {{"auth": "YWRhOndyb25n"}}}}}}"#);
    fs::write(&config, auths).expect("credentials");
    let config = Config {
        samples_dir: Some(files::root().join("samples")),
        docker_config: Some(config),
        ..Config::default()
    };
    (home, Workbench::new(config).expect("a workbench"))
}

async fn library(workbench: &Workbench, request: LibraryRequest) -> Result<LibraryResponse, Error> {
    match workbench.dispatch(Request::Library(request)).await? {
        Response::Library(response) => Ok(response),
        other => panic!("{other:?}"),
    }
}

async fn pull(workbench: &Workbench, reference: &str) -> Result<ComponentInfo, Error> {
    let request = LibraryRequest::Pull { reference: reference.to_owned(), plain_http: false };
    match library(workbench, request).await? {
        LibraryResponse::Component { info, .. } => Ok(info),
        other => panic!("{other:?}"),
    }
}

/// Sends a sample to a registry, and gives its reference there and what it is.
async fn push(workbench: &Workbench, server: &Server, name: &str) -> (String, ComponentInfo) {
    let source = format!("oci://samples/{name}:0.1.0");
    let reference = format!("oci://{}/acme/{name}:1", server.host());
    let request =
        LibraryRequest::Push { source: source.clone(), reference: reference.clone(), plain_http: false };
    library(workbench, request).await.expect("it is sent");
    match library(workbench, LibraryRequest::Show { source }).await {
        Ok(LibraryResponse::Component { info, .. }) => (reference, info),
        other => panic!("{other:?}"),
    }
}

/// The names of what the library holds, and what is wrong with it.
async fn catalogue(workbench: &Workbench) -> (Vec<String>, Vec<String>) {
    match library(workbench, LibraryRequest::Search { query: String::new() }).await {
        Ok(LibraryResponse::Page(page)) => {
            let versions = page.entries.into_iter().flat_map(|entry| entry.versions);
            (versions.map(|version| version.source).collect(), page.problems)
        }
        other => panic!("{other:?}"),
    }
}

/// What cannot be pulled, and what is said about it.
struct Fault {
    reference: String,
    kind: ErrorKind,
    message: &'static str,
    help: &'static str,
}

/// A port where a server answers everything with this.
fn always(status: &'static str, headers: &'static str, body: &'static str) -> u16 {
    answering(move |_| response(status, headers, body))
}

/// The faults of registries, of which `open` lets in everybody and `closed` nobody who comes.
async fn faults(workbench: &Workbench, open: &Server, [closed, unknown]: [&Server; 2]) -> Vec<Fault> {
    let (cut, info) = push(workbench, open, "hypotenuse").await;
    let half = usize::try_from(info.size_in_bytes / 2).expect("a size");
    let through_wire = cut.replace(&open.host(), &format!("127.0.0.1:{}", wire(open.port, half, Then::Cut)));
    let (changed, info) = push(workbench, open, "square-root").await;
    let blob = open.blob(&info.digest);
    let mut bytes = fs::read(&blob).expect("the registry's copy");
    if let Some(last) = bytes.last_mut() {
        *last ^= 1;
    }
    fs::write(&blob, bytes).expect("a change");
    open.put("acme/image", "1", TAR, MODULE, DIGEST_OF_MODULE);
    open.put("acme/module", "1", "application/wasm", MODULE, DIGEST_OF_MODULE);

    let at = |server: &Server, rest: &str| format!("oci://{}/{rest}", server.host());
    let on = |port: u16| format!("oci://127.0.0.1:{port}/acme/square:1");
    let busy = always("429 Too Many Requests", "Retry-After: 60\r\n", "");
    let page = always("200 OK", "Content-Type: text/html\r\n", "<html>log in first</html>");
    let registry = |reference, message, help| Fault { reference, kind: ErrorKind::Registry, message, help };
    let content =
        |reference, message, help| Fault { reference, kind: ErrorKind::NotAComponent, message, help };
    vec![
        registry(at(unknown, "a:1"), "wants to know who you are", "docker login"),
        registry(at(closed, "a:1"), "does not accept the credentials", "check user name and password"),
        registry(at(open, "acme/square:2"), "no such tag", "list the repository's tags"),
        registry(at(open, &format!("acme/square@{OTHER_DIGEST}")), "no such tag or digest", "tags"),
        registry(on(busy), "asks to wait", "try again later"),
        registry(through_wire, "was cut off after", "try again"),
        registry(changed, "sent other bytes than those of sha256:", "do not trust it"),
        registry(on(free_port()), "refuses the connection", "whether the registry runs"),
        content(at(open, "acme/image:1"), TAR, "container images"),
        content(at(open, "acme/module:1"), "a core module, not a component", "component"),
        content(on(page), "the manifest cannot be understood", "name a component"),
    ]
}

/// That it is refused in these words, also when it is tried again, and that nothing goes on behind it.
async fn is_refused(workbench: &Workbench, events: &mut Subscription, fault: &Fault) {
    let Fault { reference, kind, message, help } = fault;
    for attempt in ["first", "second"] {
        let error = pull(workbench, reference).await.expect_err("it cannot be pulled");
        let said = format!("{reference}, {attempt}: {error}");
        assert_eq!(error.kind, *kind, "{said}");
        assert!(error.message.contains(message) && !error.message.contains('\n'), "{said}");
        assert!(error.help.is_some_and(|text| text.contains(help)), "{said}");
    }
    let mut is_over = None;
    while let Some(event) = events.try_next() {
        if let Event::Transfer(transfer) = event {
            assert_eq!(&transfer.reference, reference);
            is_over = Some(transfer.is_over);
        }
    }
    assert_eq!(is_over, Some(true), "{reference}");
}

/// That a component cannot be had from there, and that the workload stays as it was.
async fn cannot_be_added(workbench: &Workbench, workload: WorkloadId, fault: &Fault) {
    let edit = Edit::AddComponent { name: None, source: fault.reference.clone() };
    let error = workbench.dispatch(Request::Edit { workload, edit }).await.expect_err("it is not here");
    assert!(error.to_string().contains(&format!("`jack library pull {}`", fault.reference)), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_fault_is_said_clearly_and_the_workbench_goes_on() {
    let open = Server::start();
    let (closed, unknown) = (Server::start_with_users(), Server::start_with_users());
    let (_home, workbench) = workbench(&closed.host());
    let (good, square) = push(&workbench, &open, "square").await;
    let faults = faults(&workbench, &open, [&closed, &unknown]).await;
    assert_eq!(pull(&workbench, &good).await.expect("a component"), square);
    let before = catalogue(&workbench).await;
    let id = new_workload(&workbench).await.id;
    let mut events = workbench.subscribe();
    for fault in &faults {
        is_refused(&workbench, &mut events, fault).await;
        cannot_be_added(&workbench, id, fault).await;
        assert_eq!(catalogue(&workbench).await, before, "{}", fault.reference);
        assert_eq!(pull(&workbench, &good).await.expect("a component"), square, "{}", fault.reference);
        while events.try_next().is_some() {}
    }

    let source = good;
    ask(&workbench, Request::Edit { workload: id, edit: Edit::AddComponent { name: None, source } }).await;
    add(&workbench, id, "hypotenuse").await;
    add(&workbench, id, "square-root").await;
    ask(&workbench, Request::Start(id)).await;
    let call = Request::Call {
        workload: id,
        component: "hypotenuse".into(),
        function: "hypotenuse".to_owned(),
        args: vec!["3".to_owned(), "4".to_owned()],
        ticket: None,
    };
    let Response::Called(outcome) = ask(&workbench, call).await else { panic!("a result") };
    assert_eq!(outcome.result.as_deref(), Some("5"));
    workbench.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registry_that_never_answers_holds_nothing_up_and_can_be_given_up() {
    let (_home, workbench) = workbench("registry.invalid");
    let silent = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    let reference = format!("oci://{}/acme/square:1", silent.local_addr().expect("its address"));
    let mut events = workbench.subscribe();
    let pulling = tokio::spawn({
        let (workbench, reference) = (workbench.clone(), reference.clone());
        async move { pull(&workbench, &reference).await }
    });
    loop {
        if let Event::Transfer(transfer) = events.next().await.expect("events") {
            assert_eq!((transfer.reference, transfer.is_over), (reference.clone(), false));
            break;
        }
    }
    let error = pull(&workbench, &reference).await.expect_err("once is enough");
    assert!(error.message.contains("on its way already"), "{error}");
    let id = new_workload(&workbench).await.id;
    add(&workbench, id, "square").await;
    library(&workbench, LibraryRequest::Cancel { reference }).await.expect("it is given up");
    let error = pulling.await.expect("no panic").expect_err("cancelled");
    assert_eq!(error.kind, ErrorKind::Cancelled, "{error}");
}
