//! Workloads as MCP servers, called by the client inside and by standard clients, and what is recorded.

use std::collections::BTreeSet;
use std::fs;
use std::process::Stdio;

use jackfield_protocol::{
    CallId, ConnectionId, ConnectionState, ConnectionView, Endpoint, Event, Frame, FrameBytes, FrameKind,
    FrameWay, McpNotice, McpRequest, McpResponse, Request, Response, SessionId, SessionRole, Ticket,
    ToolOutcome, WorkloadId,
};
use jackfield_tests::files;
use jackfield_workbench::{Subscription, Workbench};
use serde_json::{Map, Value, json};
use ureq::http::Request as HttpRequest;

use crate::compose::{add, new_workload, with_samples};
use crate::workbench::ask;

async fn calculator(workbench: &Workbench) -> WorkloadId {
    let path = files::root().join("samples/calculator").display().to_string();
    match ask(workbench, Request::Open { path }).await {
        Response::Opened(view) => view.id,
        other => panic!("{other:?}"),
    }
}

async fn connect(workbench: &Workbench, endpoint: Endpoint) -> ConnectionView {
    match ask(workbench, Request::Connect(endpoint)).await {
        Response::Connected(view) => view,
        other => panic!("{other:?}"),
    }
}

async fn mcp(workbench: &Workbench, connection: ConnectionId, request: McpRequest) -> McpResponse {
    match ask(workbench, Request::Mcp { connection, ticket: Ticket(1), request }).await {
        Response::Mcp(response) => response,
        other => panic!("{other:?}"),
    }
}

async fn tool_names(workbench: &Workbench, connection: ConnectionId) -> Vec<String> {
    match mcp(workbench, connection, McpRequest::ListTools { cursor: None }).await {
        McpResponse::Tools { tools, .. } => tools.into_iter().map(|tool| tool.name).collect(),
        other => panic!("{other:?}"),
    }
}

fn tool(name: &str, arguments: &Value) -> McpRequest {
    let arguments: Map<String, Value> = arguments.as_object().cloned().expect("an object");
    McpRequest::CallTool { name: name.to_owned(), arguments, timeout_millis: None }
}

async fn call(workbench: &Workbench, connection: ConnectionId, name: &str, arguments: Value) -> ToolOutcome {
    match mcp(workbench, connection, tool(name, &arguments)).await {
        McpResponse::Called(outcome) => outcome,
        other => panic!("{other:?}"),
    }
}

async fn frames(workbench: &Workbench, session: &SessionId) -> Vec<Frame> {
    let request = Request::Frames { session: session.clone(), after: 0, limit: 1000 };
    match ask(workbench, request).await {
        Response::Frames(page) => page.frames,
        other => panic!("{other:?}"),
    }
}

fn call_of(outcome: &ToolOutcome) -> CallId {
    let number = outcome.result.pointer("/_meta/dev.jackfield~1call").and_then(Value::as_u64);
    CallId(number.expect("the call's id in the result"))
}

async fn until<T>(events: &mut Subscription, mut is_it: impl FnMut(Event) -> Option<T>) -> T {
    loop {
        if let Some(found) = is_it(events.next().await.expect("events")) {
            return found;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_function_is_a_tool_and_its_call_is_a_recorded_frame() {
    let workbench = with_samples();
    let id = calculator(&workbench).await;
    ask(&workbench, Request::Start(id)).await;
    let connection = connect(&workbench, Endpoint::Workload(id)).await;
    let names = tool_names(&workbench, connection.id).await;
    assert!(names.contains(&"hypotenuse".to_owned()), "{names:?}");
    let outcome = call(&workbench, connection.id, "hypotenuse", json!({"a": 3, "b": 4})).await;
    assert_eq!(outcome.result["structuredContent"], json!({"result": 5.0}));
    assert!(!outcome.is_error);

    let frames = frames(&workbench, &connection.session).await;
    let request = frames.iter().find(|frame| frame.number == outcome.request_frame).expect("the request");
    assert_eq!((request.kind, request.way), (FrameKind::Request, FrameWay::ToServer));
    assert_eq!(
        (request.method.as_deref(), request.subject.as_deref()),
        (Some("tools/call"), Some("hypotenuse"))
    );
    let response = frames.iter().find(|frame| frame.answers == Some(request.number)).expect("the response");
    assert_eq!(response.call, Some(call_of(&outcome)));
    let bytes = Request::FrameBytes { session: connection.session.clone(), number: request.number };
    let Response::FrameBytes(FrameBytes::Text(text)) = ask(&workbench, bytes).await else { panic!("text") };
    let message: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(message["params"]["arguments"], json!({"a": 3, "b": 4}));
    workbench.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_goes_wrong_in_a_call_is_a_tool_error_that_says_what_happened() {
    let workbench = with_samples();
    let id = calculator(&workbench).await;
    let connection = connect(&workbench, Endpoint::Workload(id)).await.id;
    let text =
        |outcome: &ToolOutcome| outcome.result["content"][0]["text"].as_str().expect("text").to_owned();
    let stopped = call(&workbench, connection, "square", json!({"x": 3})).await;
    assert!(stopped.is_error && text(&stopped).contains("stopped"), "{stopped:?}");

    // The connection lives through starts and stops.
    ask(&workbench, Request::Start(id)).await;
    let wrong = call(&workbench, connection, "hypotenuse", json!({"a": "three", "c": 4})).await;
    assert!(wrong.is_error, "{wrong:?}");
    for expected in ["a", "b", "c"] {
        assert!(text(&wrong).contains(expected), "{expected}: {}", text(&wrong));
    }
    let request = tool("cube", &json!({}));
    let unknown = workbench.dispatch(Request::Mcp { connection, ticket: Ticket(9), request }).await;
    assert!(unknown.expect_err("no such tool").to_string().contains("cube"));
    workbench.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn lines_of_a_call_carry_its_id() {
    let workbench = with_samples();
    let id = new_workload(&workbench).await.id;
    add(&workbench, id, "job").await;
    ask(&workbench, Request::Start(id)).await;
    let connection = connect(&workbench, Endpoint::Workload(id)).await.id;
    let name = tool_names(&workbench, connection).await.pop().expect("a tool");
    let first = call(&workbench, connection, &name, json!({})).await;
    let second = call(&workbench, connection, &name, json!({})).await;
    let Response::Logs(page) =
        ask(&workbench, Request::Logs { workload: id, after: 0, before: None, limit: 10 }).await
    else {
        panic!("logs");
    };
    let calls: Vec<_> = page.records.iter().map(|record| record.call).collect();
    assert_eq!(calls, [Some(call_of(&first)), Some(call_of(&second))]);
    workbench.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_hear_of_new_tools_when_the_workload_is_started_anew() {
    let workbench = with_samples();
    let id = new_workload(&workbench).await.id;
    add(&workbench, id, "square").await;
    ask(&workbench, Request::Start(id)).await;
    let connection = connect(&workbench, Endpoint::Workload(id)).await.id;
    assert_eq!(tool_names(&workbench, connection).await, ["square"]);
    let mut events = workbench.subscribe();
    add(&workbench, id, "square-root").await;
    assert_eq!(tool_names(&workbench, connection).await, ["square"]);
    ask(&workbench, Request::Stop(id)).await;
    ask(&workbench, Request::Start(id)).await;
    until(&mut events, |event| {
        matches!(event, Event::Notice { notice: McpNotice::ToolsChanged, .. }).then_some(())
    })
    .await;
    assert_eq!(tool_names(&workbench, connection).await, ["square", "square-root"]);
    workbench.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_hear_of_the_tools_of_a_new_build_though_nobody_calls() {
    let folder = tempfile::tempdir().expect("a folder");
    let put = |component: &str| {
        let bytes = files::sample_component("calculator", component).expect("a component");
        // As a compiler does it: all at once.
        let fresh = folder.path().join("fresh.wasm");
        fs::write(&fresh, bytes).expect("written");
        fs::rename(&fresh, folder.path().join("math.wasm")).expect("renamed");
    };
    put("square");
    let text = "name = \"math\"\n[components.math]\nsource = \"./math.wasm\"\n";
    fs::write(folder.path().join("workload.toml"), text).expect("written");
    let workbench = with_samples();
    let path = folder.path().display().to_string();
    let Response::Opened(view) = ask(&workbench, Request::Open { path }).await else { panic!("not opened") };
    ask(&workbench, Request::Start(view.id)).await;
    let connection = connect(&workbench, Endpoint::Workload(view.id)).await.id;
    assert_eq!(tool_names(&workbench, connection).await, ["math_square"]);
    let mut events = workbench.subscribe();
    let looking = workbench.clone();
    let following = tokio::spawn(async move { looking.follow_files().await });
    put("square-root");
    until(&mut events, |event| {
        matches!(event, Event::Notice { notice: McpNotice::ToolsChanged, .. }).then_some(())
    })
    .await;
    assert_eq!(tool_names(&workbench, connection).await, ["math_square-root"]);
    let root = call(&workbench, connection, "math_square-root", json!({ "x": 9 })).await;
    assert_eq!(root.result["structuredContent"], json!({"result": 3.0}));
    following.abort();
    workbench.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_not_there_fails_with_a_reason_and_leaves_a_session() {
    let workbench = with_samples();
    let mut events = workbench.subscribe();
    let endpoint = Endpoint::Process {
        command: "jackfield-has-no-such-program".to_owned(),
        args: Vec::new(),
        env: Vec::new(),
        folder: None,
    };
    let connection = connect(&workbench, endpoint).await;
    let state = until(&mut events, |event| match event {
        Event::Connection(view) if !view.state.is_open() => Some(view.state),
        _ => None,
    })
    .await;
    let ConnectionState::Failed { reason, .. } = state else { panic!("{state:?}") };
    assert!(reason.contains("jackfield-has-no-such-program"), "{reason}");
    let request = McpRequest::Ping;
    let asked = Request::Mcp { connection: connection.id, ticket: Ticket(1), request };
    assert!(workbench.dispatch(asked).await.expect_err("not open").message.contains("failed"));
    ask(&workbench, Request::Forget(connection.id)).await;
    let Response::Sessions(sessions) = ask(&workbench, Request::Sessions).await else { panic!("sessions") };
    assert_eq!(sessions.first().map(|session| &session.id), Some(&connection.session));
    ask(&workbench, Request::DeleteSession(connection.session)).await;
    workbench.shutdown().await;
}

/// What the official Python SDK makes of a server.
async fn python(server: [&str; 2]) -> Value {
    let Ok(python) = std::env::var("JACKFIELD_PYTHON") else {
        panic!("JACKFIELD_PYTHON is not set: run `cargo xtask test`");
    };
    let script = files::root().join("tests/peers/python_client.py");
    let output = tokio::process::Command::new(python)
        .arg(script)
        .args(server)
        .args(["hypotenuse", r#"{"a": 3, "b": 4}"#])
        .stdin(Stdio::null())
        .output()
        .await
        .expect("python");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_python_sdk_calls_a_served_workload_and_is_recorded() {
    let workbench = with_samples();
    let id = calculator(&workbench).await;
    ask(&workbench, Request::Start(id)).await;
    let mut events = workbench.subscribe();
    ask(&workbench, Request::Serve { workload: id, port: None }).await;
    let url = until(&mut events, |event| match event {
        Event::Opened(view) => view.mcp_url,
        _ => None,
    })
    .await;
    let answer = python(["--url", &url]).await;
    assert!(answer.to_string().contains("5.0"), "{answer}");
    ask(&workbench, Request::StopServing(id)).await;

    let Response::Sessions(sessions) = ask(&workbench, Request::Sessions).await else { panic!("sessions") };
    let session = sessions.iter().find(|session| session.role == SessionRole::Server).expect("a session");
    let frames = frames(&workbench, &session.id).await;
    let call = frames
        .iter()
        .find(|frame| frame.method.as_deref() == Some("tools/call") && frame.kind == FrameKind::Request);
    let call = call.expect("the call");
    let response = frames.iter().find(|frame| frame.answers == Some(call.number)).expect("its response");
    assert!(response.call.is_some(), "{response:?}");
    workbench.shutdown().await;
}

/// Brings up to date which sessions go on, by what was announced.
fn follow(live: &mut BTreeSet<SessionId>, event: Event) {
    if let Event::Session(view) = event {
        if view.is_live {
            live.insert(view.id);
        } else {
            assert!(live.remove(&view.id) && view.frames > 0, "{view:?} has begun, and ends once");
        }
    }
}

/// Follows until this many sessions go on.
async fn until_live(events: &mut Subscription, live: &mut BTreeSet<SessionId>, count: usize) {
    let mut is_it = |event| {
        follow(live, event);
        (live.len() == count).then_some(())
    };
    until(events, &mut is_it).await;
}

/// One exchange of a client that is served on HTTP: the answer's status and session.
async fn exchange(method: &'static str, url: &str, session: Option<&str>, body: &Value) -> (u16, String) {
    const SESSION: &str = "Mcp-Session-Id";
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let request = HttpRequest::builder()
        .method(method)
        .uri(url)
        .header("Content-Type", "application/json")
        .header("Accept", "application/json, text/event-stream")
        .header("MCP-Protocol-Version", "2025-11-25");
    let request = session.iter().fold(request, |request, session| request.header(SESSION, *session));
    let request = request.body(body).expect("a request");
    let send = move || {
        let config =
            ureq::Agent::config_builder().http_status_as_error(false).allow_non_standard_methods(true);
        let mut response = config.build().new_agent().run(request).expect("an answer");
        response.body_mut().read_to_string().expect("all of it");
        let session = response.headers().get(SESSION).and_then(|value| value.to_str().ok());
        (response.status().as_u16(), session.unwrap_or_default().to_owned())
    };
    tokio::task::spawn_blocking(send).await.expect("no panic")
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_of_served_clients_end_with_the_client_or_with_the_serving() {
    let workbench = with_samples();
    let id = calculator(&workbench).await;
    let mut events = workbench.subscribe();
    ask(&workbench, Request::Serve { workload: id, port: None }).await;
    let url = until(&mut events, |event| match event {
        Event::Opened(view) => view.mcp_url,
        _ => None,
    })
    .await;
    let client = json!({"name": "test", "version": "1"});
    let params = json!({"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": client});
    let initialize = json!({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": params});
    let mut live = BTreeSet::new();
    let (status, first) = exchange("POST", &url, None, &initialize).await;
    assert_eq!(status, 200);
    let (_, second) = exchange("POST", &url, None, &initialize).await;
    assert_ne!(first, second);
    until_live(&mut events, &mut live, 2).await;

    let (status, _) = exchange("DELETE", &url, Some(&first), &Value::Null).await;
    assert!((200..300).contains(&status), "{status}");
    until_live(&mut events, &mut live, 1).await;
    // One that asks for a conversation and is refused has none.
    let (status, _) = exchange("POST", &url, Some("unheard-of"), &initialize).await;
    assert!((400..500).contains(&status), "{status}");
    until_live(&mut events, &mut live, 2).await;
    until_live(&mut events, &mut live, 1).await;

    ask(&workbench, Request::StopServing(id)).await;
    while let Some(event) = events.try_next() {
        follow(&mut live, event);
    }
    assert_eq!(live, BTreeSet::new(), "no later than that nothing is served");
    let Response::Sessions(sessions) = ask(&workbench, Request::Sessions).await else { panic!("sessions") };
    assert!(sessions.len() >= 2 && sessions.iter().all(|session| !session.is_live), "{sessions:?}");
    workbench.shutdown().await;
}

/// A workload that is served, and where.
async fn served(workbench: &Workbench) -> (WorkloadId, String) {
    let id = calculator(workbench).await;
    let mut events = workbench.subscribe();
    ask(workbench, Request::Serve { workload: id, port: None }).await;
    let url = until(&mut events, |event| match event {
        Event::Opened(view) => view.mcp_url,
        _ => None,
    });
    (id, url.await)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_belongs_to_the_streams_of_answers_is_no_mistake_in_a_session() {
    let workbench = with_samples();
    let (id, url) = served(&workbench).await;
    let client = json!({"name": "test", "version": "1"});
    let params = json!({"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": client});
    let initialize = json!({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": params});
    let (_, own) = exchange("POST", &url, None, &initialize).await;
    let initialized = json!({"jsonrpc": "2.0", "method": "notifications/initialized"});
    exchange("POST", &url, Some(&own), &initialized).await;
    exchange("POST", &url, Some(&own), &json!({"jsonrpc": "2.0", "id": 2, "method": "tools/list"})).await;
    ask(&workbench, Request::StopServing(id)).await;

    let Response::Sessions(sessions) = ask(&workbench, Request::Sessions).await else { panic!("sessions") };
    let session = &sessions.first().expect("a session").id;
    let frames = frames(&workbench, session).await;
    let wrong: Vec<&Frame> =
        frames.iter().filter(|it| it.kind == FrameKind::Malformed || it.problem.is_some()).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
    assert!(
        frames.iter().any(|it| it.kind == FrameKind::Response && it.method.as_deref() == Some("tools/list"))
    );
    // What the stream begins with, so that it can be taken up again, is there as what it is.
    let priming = frames.iter().find(|frame| frame.kind == FrameKind::Event).expect("an event of the stream");
    let asked = Request::FrameBytes { session: session.clone(), number: priming.number };
    let Response::FrameBytes(FrameBytes::Text(text)) = ask(&workbench, asked).await else { panic!("text") };
    assert!(text.contains("retry: 3000"), "{text}");
    workbench.shutdown().await;
}
