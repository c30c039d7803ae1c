//! The MCP tab: connections, tools, forms, calls.

use std::time::Duration;

use egui::{Key, Modifiers, ViewportId};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use jackfield_protocol::{
    ConnectionId, ConnectionState, ConnectionView, Endpoint, Error, ErrorKind, Event, McpNotice, McpRequest,
    McpResponse, Request, Response, ServerView, SessionId, Ticket, ToolOutcome, ToolView, WorkloadState,
};
use serde_json::{Map, Value, json};

use super::fixtures::{self, CRON, Window, cron};
use super::recorded::Recorded;
use crate::action::Action;
use crate::command::Command;

pub(super) const CONNECTION: ConnectionId = ConnectionId(3);

pub(super) fn click(window: &mut Window, label: &str) {
    window.get_by_label(label).click();
    window.run();
}

pub(super) fn run(window: &mut Window, command: Command) {
    let ctx = window.ctx.clone();
    window.state_mut().act(&ctx, Action::Run(command));
    window.run();
}

/// Replaces what stands in a field.
pub(super) fn type_into(window: &mut Window, label: &str, text: &str) {
    window.get_by_label(label).click();
    window.run();
    window.key_press_modifiers(Modifiers::COMMAND, Key::A);
    window.run();
    window.get_by_label(label).type_text(text);
    window.run();
}

pub(super) fn connection(endpoint: Endpoint, label: &str) -> ConnectionView {
    let capabilities = json!({ "tools": { "listChanged": true }, "prompts": {}, "logging": {} });
    ConnectionView {
        id: CONNECTION,
        label: label.to_owned(),
        endpoint,
        session: SessionId::new("s-live"),
        state: ConnectionState::Ready,
        server: Some(ServerView {
            name: "calc".to_owned(),
            version: "1.2.0".to_owned(),
            protocol_version: "2025-11-25".to_owned(),
            instructions: Some("Be kind to it.".to_owned()),
            capabilities: capabilities.as_object().unwrap().clone(),
            ..ServerView::default()
        }),
    }
}

fn hypotenuse() -> ToolView {
    ToolView {
        name: "hypotenuse_hypotenuse".to_owned(),
        title: Some("Hypotenuse".to_owned()),
        description: Some("The longest side of a right triangle.".to_owned()),
        input_schema: json!({ "type": "object", "properties": {
            "a": { "type": "integer", "minimum": 0, "maximum": 100, "description": "One side." },
            "b": { "type": "integer", "minimum": 0, "maximum": 100 },
            "unit": { "anyOf": [{ "type": "string" }, { "type": "null" }] },
            "shape": { "oneOf": [{ "type": "string", "enum": ["flat"] },
                { "type": "object", "properties": { "tilted": { "type": "number" } }, "required": ["tilted"],
                  "additionalProperties": false }] },
            "sides": { "type": "array", "items": { "type": "string" } },
        }, "required": ["a", "b", "shape", "sides"], "additionalProperties": false }),
        output_schema: None,
        annotations: Some(json!({ "readOnlyHint": true })),
    }
}

fn tool(name: &str) -> ToolView {
    ToolView { name: name.to_owned(), title: None, description: None, ..hypotenuse() }
}

/// The request among the open ones that was made over MCP, if it is like this.
pub(super) fn asked(recorded: &Recorded, wanted: fn(&McpRequest) -> bool) -> Request {
    let open = recorded.open_requests();
    let is_it = |request: &&Request| matches!(request, Request::Mcp { request, .. } if wanted(request));
    open.iter().find(is_it).unwrap_or_else(|| panic!("not asked: {open:?}")).clone()
}

fn is_list_tools(request: &McpRequest) -> bool {
    matches!(request, McpRequest::ListTools { .. })
}

fn is_call(request: &McpRequest) -> bool {
    matches!(request, McpRequest::CallTool { .. })
}

pub(super) fn ticket(request: &Request) -> Ticket {
    match request {
        Request::Mcp { ticket, .. } => *ticket,
        other => panic!("{other:?}"),
    }
}

/// Answers everything that is asked of a server that is new.
pub(super) fn answer_lists(window: &mut Window, recorded: &Recorded, tools: Vec<ToolView>) {
    window.run();
    let request = asked(recorded, is_list_tools);
    recorded.answer(&request, Ok(Response::Mcp(McpResponse::Tools { tools, next: None })));
    let prompts =
        json!({ "prompts": [{ "name": "greet", "arguments": [{ "name": "who", "required": true }] }] });
    let request = asked(recorded, |request| matches!(request, McpRequest::ListPrompts { .. }));
    recorded.answer(&request, Ok(Response::Mcp(McpResponse::Result(prompts))));
    window.run();
}

/// A window that is connected to the cron workload, with its tools listed.
pub(super) fn connected() -> (Window, Recorded) {
    let mut running = cron();
    running.state = WorkloadState::Running;
    let (mut window, recorded) = fixtures::window(vec![running]);
    run(&mut window, Command::LargeDock);
    run(&mut window, Command::ToggleInspector);
    click(&mut window, "MCP tab");
    click(&mut window, "Connect to workload");
    let request = Request::Connect(Endpoint::Workload(CRON));
    recorded.answer(&request, Ok(Response::Connected(connection(Endpoint::Workload(CRON), "cron"))));
    answer_lists(&mut window, &recorded, vec![hypotenuse(), tool("other")]);
    (window, recorded)
}

fn arguments(request: &Request) -> Value {
    match request {
        Request::Mcp { request: McpRequest::CallTool { arguments, .. }, .. } => {
            Value::Object(arguments.clone())
        }
        other => panic!("{other:?}"),
    }
}

fn next_frame(window: &Window) -> Duration {
    window.output().viewport_output[&ViewportId::ROOT].repaint_delay
}

#[test]
fn connecting_to_a_stopped_workload_starts_it_first() {
    let (mut window, recorded) = fixtures::window(vec![cron()]);
    click(&mut window, "MCP tab");
    window.get_by_label_contains("Connect to a workload, a program or an address");
    click(&mut window, "Connect to workload");
    assert_eq!(recorded.open_requests(), [Request::Start(CRON)]);
    recorded.announce(fixtures::state(WorkloadState::Running));
    recorded.answer(&Request::Start(CRON), Ok(Response::Done));
    window.run();
    assert_eq!(recorded.open_requests(), [Request::Connect(Endpoint::Workload(CRON))]);
}

#[test]
fn a_workload_that_cannot_be_started_is_not_connected_to_later() {
    let (mut window, recorded) = fixtures::window(vec![cron()]);
    run(&mut window, Command::ConnectWorkload);
    recorded.answer(&Request::Start(CRON), Err(Error::new(ErrorKind::Plan, "no")));
    window.run();
    click(&mut window, "Start");
    recorded.answer(&Request::Start(CRON), Ok(Response::Done));
    window.run();
    assert_eq!(recorded.open_requests(), []);
}

#[test]
fn a_connection_shows_its_server_and_its_tools() {
    let (mut window, _) = connected();
    window.get_by_label("connection cron");
    window.get_by_label("calc 1.2.0 · 2025-11-25");
    window.get_by_label("Be kind to it.");
    window.get_by_label("tool other");
    click(&mut window, "tool hypotenuse_hypotenuse");
    window.get_by_label("Hypotenuse");
    window.get_by_label("The longest side of a right triangle.");
    window.get_by_label("reads only");
    type_into(&mut window, "search tools", "TRIANGLE");
    window.get_by_label("tool hypotenuse_hypotenuse");
    assert!(window.query_by_label("tool other").is_none());
    assert_eq!(next_frame(&window), Duration::MAX, "and then nothing moves");
}

#[test]
fn tools_come_page_by_page_and_a_list_without_end_is_cut() {
    let (mut window, recorded) = connected();
    recorded.announce(Event::Notice { connection: CONNECTION, notice: McpNotice::ToolsChanged });
    window.run();
    let page = |tools: &[&str], next: &str| {
        let tools = tools.iter().map(|name| tool(name)).collect();
        Ok(Response::Mcp(McpResponse::Tools { tools, next: Some(next.to_owned()) }))
    };
    recorded.answer(&asked(&recorded, is_list_tools), page(&["one"], "2"));
    window.run();
    window.get_by_label("tool other");
    let second = asked(&recorded, is_list_tools);
    assert!(
        matches!(&second, Request::Mcp { request: McpRequest::ListTools { cursor }, .. } if cursor.as_deref() == Some("2"))
    );
    recorded.answer(&second, page(&["two"], "2"));
    window.run();
    window.get_by_label("tool one");
    window.get_by_label("tool two");
    window.get_by_label_contains("has no end");
    assert!(window.query_by_label("tool other").is_none(), "the new list has taken the old one's place");
    window.get_by_label_contains("The tools are others now");
}

#[test]
fn a_tool_is_called_with_what_the_form_says() {
    let (mut window, recorded) = connected();
    click(&mut window, "tool hypotenuse_hypotenuse");
    type_into(&mut window, "argument a", "3");
    type_into(&mut window, "argument b", "4");
    window.key_press_modifiers(Modifiers::COMMAND, Key::Enter);
    window.run_steps(3);
    let request = asked(&recorded, is_call);
    assert_eq!(arguments(&request), json!({ "a": 3, "b": 4, "shape": "flat", "sides": [] }));
    window.get_by_label_contains("Calling…");
    let delay = next_frame(&window);
    assert!(
        delay > Duration::from_millis(700) && delay <= Duration::from_secs(1),
        "it counts seconds: {delay:?}"
    );

    let notice = |ticket| McpNotice::Progress {
        ticket,
        progress: "1".to_owned(),
        total: Some("2".to_owned()),
        message: Some("half way".to_owned()),
    };
    recorded.announce(Event::Notice { connection: CONNECTION, notice: notice(Ticket(0)) });
    recorded.announce(Event::Notice { connection: CONNECTION, notice: notice(ticket(&request)) });
    window.run_steps(3);
    window.get_by_label("1 of 2 · half way");

    let result = json!({ "content": [{ "type": "text", "text": "five\nlines" }], "structuredContent": { "result": 5 } });
    let outcome = ToolOutcome { is_error: false, result, duration_micros: 1_234, request_frame: 9 };
    recorded.answer(&request, Ok(Response::Mcp(McpResponse::Called(outcome))));
    window.run();
    window.get_by_label("Done");
    window.get_by_label("1.2 ms");
    let text = window.get_by_label("result text").value().unwrap();
    assert_eq!(text, "five\nlines\n{\n  \"result\": 5\n}\n");
    click(&mut window, "result as tree");
    click(&mut window, "result /structuredContent/result: 5");
    click(&mut window, "Copy path");
    click(&mut window, "Copy value");
    assert_eq!(recorded.copied(), ["/structuredContent/result", "5"]);
    click(&mut window, "result /structuredContent: {1}");
    click(&mut window, "result /structuredContent: {1}");
    assert!(window.query_by_label("result /structuredContent/result: 5").is_none(), "it is folded");
    assert_eq!(next_frame(&window), Duration::MAX);
}

#[test]
fn a_tool_that_fails_is_marked_and_so_is_a_request_without_an_answer() {
    let (mut window, recorded) = connected();
    click(&mut window, "tool other");
    click(&mut window, "call tool");
    let result = json!({ "content": [{ "type": "text", "text": "trap: unreachable" }], "isError": true });
    let outcome = ToolOutcome { is_error: true, result, duration_micros: 5, request_frame: 9 };
    recorded.answer(&asked(&recorded, is_call), Ok(Response::Mcp(McpResponse::Called(outcome))));
    window.run();
    window.get_by_label("The tool failed");

    type_into(&mut window, "time-out in seconds", "0.5");
    click(&mut window, "call tool");
    let request = asked(&recorded, is_call);
    assert!(matches!(
        &request,
        Request::Mcp { request: McpRequest::CallTool { timeout_millis: Some(500), .. }, .. }
    ));
    click(&mut window, "cancel call");
    let cancel = Request::CancelMcp { connection: CONNECTION, ticket: ticket(&request) };
    assert!(recorded.open_requests().contains(&cancel));
    recorded.answer(&cancel, Ok(Response::Done));
    recorded.answer(&request, Err(Error::new(ErrorKind::Cancelled, "given up")));
    window.run();
    window.get_by_label("No result");
    window.get_by_label("Cancelled: given up");
    type_into(&mut window, "time-out in seconds", "soon");
    window.get_by_label_contains("Time-out: type seconds");
    assert!(window.get_by_label("call tool").accesskit_node().is_disabled());
}

#[test]
fn the_form_has_fields_for_options_variants_and_lists() {
    let (mut window, recorded) = connected();
    click(&mut window, "tool hypotenuse_hypotenuse");
    window.get_by_label("One side.");
    type_into(&mut window, "argument a", "300");
    window.get_by_label("a must be at most 100");
    click(&mut window, "set argument unit");
    type_into(&mut window, "argument unit", "cm");
    click(&mut window, "variant of argument shape");
    click(&mut window, "tilted");
    type_into(&mut window, "argument shape.tilted", "0.5");
    click(&mut window, "add to argument sides");
    click(&mut window, "add to argument sides");
    type_into(&mut window, "argument sides.1", "left");
    click(&mut window, "remove argument sides.0");
    click(&mut window, "call tool");
    let expected = json!({ "a": 300, "b": 0, "unit": "cm", "shape": { "tilted": 0.5 }, "sides": ["left"] });
    assert_eq!(arguments(&asked(&recorded, is_call)), expected);
    click(&mut window, "set argument unit");
    assert!(window.query_by_label("argument unit").is_none());
}

#[test]
fn form_and_raw_json_are_kept_in_step() {
    let (mut window, recorded) = connected();
    click(&mut window, "tool hypotenuse_hypotenuse");
    type_into(&mut window, "argument a", "3");
    click(&mut window, "arguments as JSON");
    assert!(window.get_by_label("raw arguments").value().unwrap().contains("\"a\": 3"));
    type_into(&mut window, "raw arguments", "{\"a\": 7,");
    window.get_by_label_contains("No JSON: line 1, column 8");
    assert!(window.get_by_label("call tool").accesskit_node().is_disabled());
    click(&mut window, "arguments as form");
    assert_eq!(window.get_by_label("argument a").value().unwrap(), "3", "the form stays as it was");
    click(&mut window, "arguments as JSON");
    type_into(&mut window, "raw arguments", "{\"a\": 7, \"odd\": [1]}");
    click(&mut window, "arguments as form");
    assert_eq!(window.get_by_label("argument a").value().unwrap(), "7");
    window.get_by_label("odd is not known to the tool");
    click(&mut window, "call tool");
    assert_eq!(arguments(&asked(&recorded, is_call)), json!({ "a": 7, "odd": [1] }));
}

#[test]
fn arguments_are_remembered_by_tool_and_for_the_next_run() {
    let (mut window, recorded) = connected();
    click(&mut window, "tool hypotenuse_hypotenuse");
    type_into(&mut window, "argument a", "42");
    click(&mut window, "tool other");
    assert_eq!(window.get_by_label("argument a").value().unwrap(), "0");
    click(&mut window, "tool hypotenuse_hypotenuse");
    assert_eq!(window.get_by_label("argument a").value().unwrap(), "42");
    click(&mut window, "call tool");
    let remembered = recorded.remembered().unwrap();
    assert!(remembered.contains("hypotenuse_hypotenuse") && remembered.contains("42"), "{remembered}");
}

#[test]
fn a_command_is_split_as_a_shell_does_and_its_secrets_are_not_remembered() {
    let (mut window, recorded) = fixtures::window(Vec::new());
    run(&mut window, Command::ConnectCommand);
    run(&mut window, Command::LargeDock);
    type_into(&mut window, "command line", "npx 'open");
    click(&mut window, "connect");
    window.get_by_label_contains("has no other end");
    type_into(&mut window, "command line", "npx -y 'a server'");
    type_into(&mut window, "folder", "/tmp");
    click(&mut window, "Add variable");
    type_into(&mut window, "environment name 1", "TOKEN");
    type_into(&mut window, "environment value 1", "hunter2");
    click(&mut window, "connect");
    let endpoint = Endpoint::Process {
        command: "npx".to_owned(),
        args: vec!["-y".to_owned(), "a server".to_owned()],
        env: vec![("TOKEN".to_owned(), "hunter2".to_owned())],
        folder: Some("/tmp".to_owned()),
    };
    assert_eq!(recorded.open_requests(), [Request::Connect(endpoint.clone())]);
    let remembered = recorded.remembered().unwrap();
    assert!(remembered.contains("TOKEN") && !remembered.contains("hunter2"), "{remembered}");

    // It fails, and says so in place; what was typed is used again, whatever the workbench gives back.
    let mut view = connection(
        Endpoint::Process { command: "npx".into(), args: vec![], env: vec![], folder: None },
        "npx",
    );
    (view.server, view.state) = (None, ConnectionState::Connecting);
    recorded.answer(&Request::Connect(endpoint.clone()), Ok(Response::Connected(view.clone())));
    window.run();
    window.get_by_label_contains("Waiting for the server");
    view.state = ConnectionState::Failed {
        reason: "npx ended at once".into(),
        help: Some("look at its stderr".into()),
    };
    recorded.announce(Event::Connection(view));
    window.run();
    window.get_by_label("npx ended at once");
    window.get_by_label("look at its stderr");
    click(&mut window, "Reconnect");
    assert_eq!(recorded.open_requests(), [Request::Forget(CONNECTION), Request::Connect(endpoint)]);
    recorded.announce(Event::Forgotten(CONNECTION));
    window.run();
    assert!(window.query_by_label("connection npx").is_none());
    click(&mut window, "Connect to command…");
    click(&mut window, "use npx -y 'a server'");
    assert_eq!(window.get_by_label("command line").value().unwrap(), "npx -y 'a server'");
}

#[test]
fn an_address_is_connected_to_with_its_headers() {
    let (mut window, recorded) = fixtures::window(vec![cron()]);
    run(&mut window, Command::LargeDock);
    run(&mut window, Command::ConnectUrl);
    type_into(&mut window, "server URL", "example.com");
    click(&mut window, "connect");
    window.get_by_label_contains("begins with http://");
    type_into(&mut window, "server URL", "http://127.0.0.1:8080/mcp");
    click(&mut window, "Add header");
    type_into(&mut window, "header name 1", "Authorization");
    type_into(&mut window, "header value 1", "Bearer hunter2");
    click(&mut window, "connect");
    let headers = vec![("Authorization".to_owned(), "Bearer hunter2".to_owned())];
    let request = Request::Connect(Endpoint::Url { url: "http://127.0.0.1:8080/mcp".to_owned(), headers });
    assert_eq!(recorded.open_requests(), std::slice::from_ref(&request));
    recorded.answer(&request, Err(Error::new(ErrorKind::Mcp, "cannot connect").with_help("start it")));
    window.run();
    window.get_by_label_contains("cannot connect");
    assert!(!recorded.remembered().unwrap().contains("hunter2"));
}

#[test]
fn the_first_field_of_a_new_connection_has_the_keyboard() {
    let (mut window, _recorded) = fixtures::window(vec![cron()]);
    for (command, label) in [(Command::ConnectUrl, "server URL"), (Command::ConnectCommand, "command line")] {
        run(&mut window, command);
        assert!(window.get_by_label(label).accesskit_node().is_focused(), "{label}");
        window.get_by_label(label).type_text("x");
        window.run();
        assert_eq!(window.get_by_label(label).value().unwrap(), "x");
    }
}

#[test]
fn the_result_of_the_call_before_is_not_taken_for_that_of_the_one_that_runs() {
    let (mut window, recorded) = connected();
    click(&mut window, "tool other");
    for is_second in [false, true] {
        window.key_press_modifiers(Modifiers::COMMAND, Key::Enter);
        window.run_steps(3);
        assert_eq!(window.query_by_label(crate::theme::words::EARLIER_RESULT).is_some(), is_second);
        let result = json!({ "content": [{ "type": "text", "text": "five" }] });
        let outcome = ToolOutcome { is_error: false, result, duration_micros: 1_234, request_frame: 9 };
        let request = asked(&recorded, is_call);
        if is_second {
            super::picture::take(&mut window, "mcp-called-again");
        }
        recorded.answer(&request, Ok(Response::Mcp(McpResponse::Called(outcome))));
        window.run();
        assert!(window.query_by_label(crate::theme::words::EARLIER_RESULT).is_none());
    }
}

#[test]
fn a_result_of_whatever_length_leaves_the_form_its_room() {
    let (mut window, recorded) = connected();
    click(&mut window, "tool other");
    let mut left = None;
    for length in [1, 3_000] {
        window.key_press_modifiers(Modifiers::COMMAND, Key::Enter);
        window.run_steps(3);
        let text = "x".repeat(length);
        let result = json!({ "content": [{ "type": "text", "text": text }], text.clone(): text });
        let outcome = ToolOutcome { is_error: false, result, duration_micros: 1_234, request_frame: 9 };
        recorded.answer(&asked(&recorded, is_call), Ok(Response::Mcp(McpResponse::Called(outcome))));
        window.run();
        for view in ["result as tree", "result as text"] {
            click(&mut window, view);
            let now = window.get_by_label("result as text").rect().left();
            assert_eq!(*left.get_or_insert(now), now, "{view} of {length} characters");
        }
    }
}

#[test]
fn connections_are_closed_and_forgotten() {
    let (mut window, recorded) = connected();
    click(&mut window, "Disconnect");
    assert_eq!(recorded.open_requests(), [Request::Disconnect(CONNECTION)]);
    recorded.answer(&Request::Disconnect(CONNECTION), Ok(Response::Done));
    let mut view = connection(Endpoint::Workload(CRON), "cron");
    view.state = ConnectionState::Closed;
    recorded.announce(Event::Connection(view));
    window.run();
    window.get_by_label("calc 1.2.0 · 2025-11-25, closed");
    click(&mut window, "forget connection");
    recorded.answer(&Request::Forget(CONNECTION), Ok(Response::Done));
    window.run();
    assert!(window.query_by_label("connection cron").is_none());
}

#[test]
fn who_reconnects_goes_on_at_the_same_tool_with_the_same_arguments() {
    let (mut window, recorded) = connected();
    click(&mut window, "tool hypotenuse_hypotenuse");
    type_into(&mut window, "argument a", "42");
    let mut view = connection(Endpoint::Workload(CRON), "cron");
    view.state = ConnectionState::Failed { reason: "it broke".to_owned(), help: None };
    recorded.announce(Event::Connection(view));
    window.run();
    window.get_by_label("it broke");
    assert!(window.get_by_label("call tool").accesskit_node().is_disabled());
    click(&mut window, "Reconnect");
    recorded.announce(Event::Forgotten(CONNECTION));
    let mut view = connection(Endpoint::Workload(CRON), "cron");
    view.id = ConnectionId(4);
    recorded.answer(&Request::Connect(Endpoint::Workload(CRON)), Ok(Response::Connected(view)));
    answer_lists(&mut window, &recorded, vec![hypotenuse()]);
    assert_eq!(window.get_by_label("argument a").value().unwrap(), "42");
}

#[test]
fn a_workload_is_served_to_other_clients() {
    let mut running = cron();
    running.state = WorkloadState::Running;
    let (mut window, recorded) = fixtures::window(vec![running.clone()]);
    run(&mut window, Command::LargeDock);
    click(&mut window, "MCP tab");
    click(&mut window, "Serve on HTTP");
    let request = Request::Serve { workload: CRON, port: None };
    recorded.answer(&request, Ok(Response::Done));
    running.mcp_url = Some("http://127.0.0.1:4000/mcp".to_owned());
    recorded.announce(Event::Opened(running));
    window.run();
    window.get_by_label("http://127.0.0.1:4000/mcp");
    click(&mut window, "copy MCP address");
    assert_eq!(recorded.copied(), ["http://127.0.0.1:4000/mcp"]);
    click(&mut window, "Stop serving");
    assert_eq!(recorded.open_requests(), [Request::StopServing(CRON)]);
}

#[test]
fn prompts_have_forms_too_and_log_messages_are_listed() {
    let (mut window, recorded) = connected();
    click(&mut window, "list prompts");
    click(&mut window, "prompt greet");
    type_into(&mut window, "argument who", "Ada");
    click(&mut window, "get prompt");
    let request = asked(&recorded, |request| matches!(request, McpRequest::GetPrompt { .. }));
    let mut expected = Map::new();
    expected.insert("who".to_owned(), "Ada".into());
    let asked_for = McpRequest::GetPrompt { name: "greet".to_owned(), arguments: expected };
    assert!(matches!(&request, Request::Mcp { request, .. } if *request == asked_for));
    let result =
        json!({ "messages": [{ "role": "user", "content": { "type": "text", "text": "Hello Ada" } }] });
    recorded.answer(&request, Ok(Response::Mcp(McpResponse::Result(result))));
    let data = json!("disk \u{1b}[31mfull");
    let notice = McpNotice::Log { level: "error".to_owned(), logger: Some("db".to_owned()), data };
    recorded.announce(Event::Notice { connection: CONNECTION, notice });
    window.run();
    assert_eq!(window.get_by_label("result text").value().unwrap(), "user:\nHello Ada\n");
    window.get_by_label("error db: disk full");
    click(&mut window, "clear notices");
    assert!(window.query_by_label("error db: disk full").is_none());
}
