//! What can be asked over a connection.

use jackfield_mcp::{AskOptions, Connection, Failure};
use jackfield_protocol::{ErrorKind, FrameKind, FrameWay, McpNotice, McpRequest, McpResponse, Ticket};
use serde_json::json;

use crate::support::{Bench, SHORT, ask, call, call_plainly, called, process, result, text_of};

async fn plain(bench: &Bench) -> Connection {
    bench.connect(process("plain.py", &[])).await.unwrap()
}

#[tokio::test]
async fn the_server_is_described_in_its_own_words() {
    let bench = Bench::new();
    let connection = plain(&bench).await;
    let server = connection.server();
    assert_eq!((server.name.as_str(), server.version.as_str()), ("plain", "1.2"));
    assert_eq!(server.title.as_deref(), Some("Plain"));
    assert_eq!(server.protocol_version, "2025-11-25");
    assert_eq!(server.instructions.as_deref(), Some("call something"));
    assert_eq!(server.capabilities["novel"], json!({ "v": 2 }));
    assert!(connection.is_open());
}

#[tokio::test]
async fn tools_come_page_by_page() {
    let bench = Bench::new();
    let connection = plain(&bench).await;
    let page = ask(&connection, McpRequest::ListTools { cursor: None }).await.unwrap();
    let McpResponse::Tools { tools, next } = page else { panic!("{page:?}") };
    assert_eq!(tools[0].name, "echo");
    let page = ask(&connection, McpRequest::ListTools { cursor: next }).await.unwrap();
    let McpResponse::Tools { tools, next } = page else { panic!("{page:?}") };
    assert_eq!(tools[0].title.as_deref(), Some("Wait"));
    assert_eq!(tools[0].annotations, Some(json!({ "readOnlyHint": true })));
    assert_eq!(next, None);
}

#[tokio::test]
async fn results_keep_what_nobody_knows() {
    let bench = Bench::new();
    let connection = plain(&bench).await;
    let outcome = called(&connection, call("echo", json!({ "text": "hi" }))).await;
    assert_eq!(outcome.result["extra"], json!({ "kept": 1.5 }));
    assert_eq!(outcome.result["content"][0]["unknown"], json!(true));
    assert!(!outcome.is_error);
    let failed = called(&connection, call_plainly("fail")).await;
    assert!(failed.is_error);
    assert_eq!(text_of(&failed), "it broke");
    let listed = result(&connection, McpRequest::ListResources { cursor: None }).await;
    assert_eq!(listed["unknown"], json!([null]));
}

#[tokio::test]
async fn everything_else_can_be_asked() {
    let bench = Bench::new();
    let connection = plain(&bench).await;
    assert_eq!(result(&connection, McpRequest::Ping).await, json!({}));
    let templates = result(&connection, McpRequest::ListResourceTemplates { cursor: None }).await;
    assert_eq!(templates["resourceTemplates"][0]["name"], "any");
    let read = result(&connection, McpRequest::ReadResource { uri: "test://one".to_owned() }).await;
    assert_eq!(read["contents"][0]["text"], "hello");
    let prompts = result(&connection, McpRequest::ListPrompts { cursor: None }).await;
    assert_eq!(prompts["prompts"][0]["name"], "greet");
    let arguments = json!({ "name": "Ada" }).as_object().cloned().unwrap();
    let prompt = result(&connection, McpRequest::GetPrompt { name: "greet".to_owned(), arguments }).await;
    assert_eq!(prompt["messages"][0]["content"]["text"], "Ada");
    let level = result(&connection, McpRequest::SetLogLevel { level: "debug".to_owned() }).await;
    assert_eq!(level, json!({ "was": "debug" }));
}

#[tokio::test]
async fn a_refusal_is_told_whole() {
    let bench = Bench::new();
    let connection = plain(&bench).await;
    let refused = ask(&connection, call_plainly("refuse")).await.unwrap_err();
    let Failure::Refused { code, message, data, .. } = &refused else { panic!("{refused:?}") };
    assert_eq!((*code, message.as_str()), (-32000, "I would rather not"));
    assert_eq!(data.as_deref(), Some(&json!([1])));
    let error = jackfield_protocol::Error::from(refused);
    assert_eq!(error.kind, ErrorKind::Mcp);
    assert_eq!(error.message, "the server refused `tools/call`: I would rather not (code -32000)");
}

#[tokio::test]
async fn progress_goes_to_its_ticket_and_in_order() {
    let bench = Bench::new();
    let connection = plain(&bench).await;
    let options = AskOptions { ticket: Some(Ticket(9)), ..Default::default() };
    connection.ask(call_plainly("count"), options).await.unwrap();
    // Without a ticket nobody wants to know.
    called(&connection, call_plainly("count")).await;
    called(&connection, call_plainly("change")).await;
    for step in 1..=3 {
        let expected = McpNotice::Progress {
            ticket: Ticket(9),
            progress: step.to_string(),
            total: Some("3.0".to_owned()),
            message: Some(format!("step {step}")),
        };
        assert_eq!(bench.next_notice().await, expected);
    }
    assert_eq!(bench.next_notice().await, McpNotice::ToolsChanged);
    assert_eq!(bench.next_notice().await, McpNotice::ResourcesChanged);
    assert_eq!(bench.next_notice().await, McpNotice::PromptsChanged);
    assert_eq!(bench.next_notice().await, McpNotice::ResourceUpdated { uri: "test://one".to_owned() });
    let logged = McpNotice::Log {
        level: "warning".to_owned(),
        logger: Some("plain".to_owned()),
        data: json!("changed"),
    };
    assert_eq!(bench.next_notice().await, logged);
}

#[tokio::test]
async fn a_cancelled_call_is_over_and_the_server_knows() {
    let bench = Bench::new();
    let connection = plain(&bench).await;
    let options = AskOptions::default();
    let cancel = options.cancel.clone();
    let call_off = async {
        // The server says that it has the call.
        let McpNotice::Log { .. } = bench.next_notice().await else { panic!("no log") };
        cancel.cancel();
    };
    let (answer, ()) = tokio::join!(connection.ask(call_plainly("wait"), options), call_off);
    let failure = answer.unwrap_err();
    assert_eq!(failure, Failure::Cancelled { method: "tools/call".to_owned() });
    assert_eq!(jackfield_protocol::Error::from(failure).kind, ErrorKind::Cancelled);
    let McpNotice::Log { data, .. } = bench.next_notice().await else { panic!("no log") };
    assert_eq!(data["why"], "cancelled by the user");
    // The late answer is recorded and disturbs nobody.
    assert_eq!(result(&connection, McpRequest::Ping).await, json!({}));
    let late = bench.frames().into_iter().filter(|frame| frame.kind == FrameKind::Response).count();
    assert_eq!(late, 3);
}

#[tokio::test]
async fn a_call_that_takes_too_long_is_called_off() {
    let bench = Bench::new();
    let connection = plain(&bench).await;
    let waited = SHORT;
    let timeout_millis = Some(u64::try_from(waited.as_millis()).unwrap());
    let request =
        McpRequest::CallTool { name: "wait".to_owned(), arguments: Default::default(), timeout_millis };
    let failure = ask(&connection, request.clone()).await.unwrap_err();
    let timed_out = Failure::TimedOut { method: "tools/call".to_owned(), waited, stray: None };
    assert_eq!(failure, timed_out);
    let error = jackfield_protocol::Error::from(failure);
    assert_eq!(error.kind, ErrorKind::TimedOut);
    assert!(error.help.is_some());
    bench.next_notice().await;
    let McpNotice::Log { data, .. } = bench.next_notice().await else { panic!("no log") };
    assert_eq!(data["why"], "request timeout");
    // The server answers late, which is its right, and nothing that goes astray.
    assert_eq!(result(&connection, McpRequest::Ping).await, json!({}));
    assert_eq!(ask(&connection, request).await.unwrap_err(), timed_out);
}

#[tokio::test]
async fn what_the_server_asks_is_refused_and_not_ignored() {
    let bench = Bench::new();
    let connection = plain(&bench).await;
    let outcome = called(&connection, call_plainly("ask")).await;
    assert_eq!(text_of(&outcome), "[-32601, -32601, -32601]");
    let refusals: Vec<_> =
        bench.frames().into_iter().filter(|frame| frame.kind == FrameKind::Error).collect();
    assert_eq!(refusals.len(), 3);
    assert!(refusals.iter().all(|frame| frame.answers.is_some() && frame.way == FrameWay::ToServer));
}

#[tokio::test]
async fn a_raw_message_goes_out_as_it_stands() {
    let bench = Bench::new();
    let connection = plain(&bench).await;
    let text = r#"{ "method" : "ping" ,"jsonrpc":"2.0",   "id" : 0 , "odd" : [ ] }"#;
    let number = connection.send_raw(text).await.unwrap();
    let garbage = connection.send_raw("{not json").await.unwrap();
    let McpNotice::Log { data, .. } = bench.next_notice().await else { panic!("no log") };
    assert_eq!(data, "unreadable");
    assert_eq!(result(&connection, McpRequest::Ping).await, json!({}));
    let frames = bench.frames();
    let sent = &frames[usize::try_from(number).unwrap() - 1];
    assert_eq!(bench.raw(sent), text.replace(": 0 ,", ": 1000000000 ,").into_bytes());
    assert!(frames.iter().any(|frame| frame.answers == Some(number)), "its answer is recorded");
    assert_eq!(frames[usize::try_from(garbage).unwrap() - 1].kind, FrameKind::Malformed);
}

#[tokio::test]
async fn many_calls_at_once_each_get_their_own_answer() {
    let bench = Bench::new();
    let connection = plain(&bench).await;
    let calls = (0..100).map(|number| {
        let connection = &connection;
        async move {
            let text = number.to_string();
            let outcome = called(connection, call("echo", json!({ "text": text }))).await;
            assert_eq!(text_of(&outcome), text);
        }
    });
    futures_util::future::join_all(calls).await;
}
