//! Serving over Streamable HTTP: what well-behaved clients do.

use std::sync::{Arc, Mutex};

use http::{request, response};
use jackfield_mcp::{HttpExchange, HttpOptions, HttpServer, HttpTap};
use serde_json::json;

use crate::raw_http::{Client, MOMENT, stateless, stateless_meta};
use crate::toolbox::TestTools;

pub(crate) async fn serve(tools: &Arc<TestTools>) -> HttpServer {
    HttpServer::start(Arc::clone(tools) as _, HttpOptions::default()).await.expect("a server")
}

#[tokio::test]
async fn every_handshake_revision_is_spoken_in_sessions() {
    let server = serve(&TestTools::new()).await;
    for revision in ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"] {
        let client = Client::initialized(&server, revision).await;
        let message = client.call(1, "add", &json!({"a": 3, "b": 4})).await;
        assert_eq!(message["result"]["structuredContent"], json!({"result": 7}), "{revision}: {message}");
        assert!(message["result"]["_meta"]["dev.jackfield/call"].is_u64(), "{revision}: {message}");
    }
}

#[tokio::test]
async fn the_stateless_revision_is_spoken_without_sessions() {
    let server = serve(&TestTools::new()).await;
    let client = stateless(&server, "tools/call", Some("add"));
    let params = json!({"name": "add", "arguments": {"a": 3, "b": 4}, "_meta": stateless_meta()});
    let reply = client.request(1, "tools/call", &params).await;
    assert_eq!(reply.header("mcp-session-id"), None);
    assert_eq!(reply.message()["result"]["structuredContent"], json!({"result": 7}));

    let params = json!({"name": "nothing", "_meta": stateless_meta()});
    let reply = stateless(&server, "tools/call", Some("nothing")).request(1, "tools/call", &params).await;
    assert_eq!(reply.message()["error"]["code"], -32602);
}

#[tokio::test]
async fn a_session_ends_when_it_is_deleted_and_takes_its_calls_along() {
    let tools = TestTools::new();
    let server = serve(&tools).await;
    let client = Client::initialized(&server, "2025-11-25").await;
    let body =
        json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "wait"}}).to_string();
    let waiting = client.begin("POST", &body).await;
    tools.until_running(1).await;
    let reply = client.begin("DELETE", "").await.reply().await;
    assert!((200..300).contains(&reply.status), "{reply:?}");
    tools.until_running(0).await;
    waiting.reply().await;
    let reply = client.request(2, "ping", &json!({})).await;
    assert_eq!(reply.status, 404, "the client has to begin anew: {reply:?}");
}

#[tokio::test]
async fn calls_run_side_by_side_in_one_session() {
    let server = serve(&TestTools::new()).await;
    let client = Client::initialized(&server, "2025-11-25").await;
    let arguments = json!({"count": 10});
    let calls = (1..=10).map(|id| client.call(id, "meet", &arguments));
    for message in futures_util::future::join_all(calls).await {
        assert_eq!(message["result"]["content"][0]["text"], "met", "{message}");
    }
}

#[tokio::test]
async fn a_call_is_cancelled_by_a_notification() {
    let tools = TestTools::new();
    let server = serve(&tools).await;
    let client = Client::initialized(&server, "2025-11-25").await;
    let body =
        json!({"jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": {"name": "wait"}}).to_string();
    let _waiting = client.begin("POST", &body).await;
    tools.until_running(1).await;
    let cancelled =
        json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 7}});
    assert_eq!(client.post(&cancelled).await.status, 202);
    tools.until_running(0).await;
}

#[tokio::test]
async fn a_closed_connection_cancels_the_call_in_the_stateless_revision_only() {
    let tools = TestTools::new();
    let server = serve(&tools).await;
    let client = stateless(&server, "tools/call", Some("wait"));
    let params = json!({"name": "wait", "_meta": stateless_meta()});
    let body = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}).to_string();
    let waiting = client.begin("POST", &body).await;
    tools.until_running(1).await;
    drop(waiting);
    tools.until_running(0).await;

    // In a session, a client may come back for the answer (specification 2025-11-25, transports).
    let client = Client::initialized(&server, "2025-11-25").await;
    let body =
        json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "wait"}}).to_string();
    let waiting = client.begin("POST", &body).await;
    tools.until_running(1).await;
    drop(waiting);
    tokio::time::sleep(MOMENT).await;
    assert!(tools.is_running());
    server.stop().await;
    assert!(!tools.is_running());
}

#[tokio::test]
async fn changes_of_the_tools_are_told_in_the_session_s_stream() {
    let tools = TestTools::new();
    let server = serve(&tools).await;
    let client = Client::initialized(&server, "2025-11-25").await;
    let mut stream = client.begin("GET", "").await;
    stream.until("text/event-stream").await;
    tools.replace(&["other"]);
    stream.until("notifications/tools/list_changed").await;
}

#[tokio::test]
async fn changes_of_the_tools_are_told_to_who_listens() {
    let tools = TestTools::new();
    let server = serve(&tools).await;
    let client = stateless(&server, "subscriptions/listen", None);
    let params = json!({"notifications": {"toolsListChanged": true}, "_meta": stateless_meta()});
    let body =
        json!({"jsonrpc": "2.0", "id": 1, "method": "subscriptions/listen", "params": params}).to_string();
    let mut stream = client.begin("POST", &body).await;
    stream.until("notifications/subscriptions/acknowledged").await;
    tools.replace(&["other"]);
    stream.until("notifications/tools/list_changed").await;
}

/// Keeps what it sees.
#[derive(Default)]
struct Record {
    exchanges: Mutex<Vec<Arc<Exchange>>>,
}

#[derive(Default)]
struct Exchange {
    lines: Mutex<Vec<String>>,
    request: Mutex<Vec<u8>>,
    response: Mutex<Vec<u8>>,
}

impl HttpTap for Record {
    fn exchange(&self, request: &request::Parts) -> Arc<dyn HttpExchange> {
        let exchange = Arc::new(Exchange::default());
        exchange.note(format!("{} {}", request.method, request.headers.contains_key("mcp-session-id")));
        self.exchanges.lock().expect("no panic").push(Arc::clone(&exchange));
        exchange
    }
}

impl Exchange {
    fn note(&self, line: String) {
        self.lines.lock().expect("no panic").push(line);
    }
}

impl HttpExchange for Exchange {
    fn request_bytes(&self, bytes: &[u8]) {
        self.request.lock().expect("no panic").extend_from_slice(bytes);
    }
    fn request_end(&self, whole: bool) {
        self.note(format!("request {whole}"));
    }
    fn response(&self, response: &response::Parts) {
        self.note(format!(
            "{} {}",
            response.status.as_u16(),
            response.headers.contains_key("mcp-session-id")
        ));
    }
    fn response_bytes(&self, bytes: &[u8]) {
        self.response.lock().expect("no panic").extend_from_slice(bytes);
    }
    fn response_end(&self, whole: bool) {
        self.note(format!("response {whole}"));
    }
}

#[tokio::test]
async fn a_tap_sees_every_byte_of_the_bodies() {
    let tap = Arc::new(Record::default());
    let options = HttpOptions { tap: Some(Arc::clone(&tap) as _), ..HttpOptions::default() };
    let server = HttpServer::start(TestTools::new(), options).await.expect("a server");
    let client = Client::initialized(&server, "2025-11-25").await;
    // Spacing and fields that no library would send.
    let odd = r#"  {"id":1, "jsonrpc":"2.0","x-unknown":{"é":1e2},  "method":"tools/call","params":{"name":"trap"}} "#;
    let reply = client.begin("POST", odd).await.reply().await;
    let garbage = client.begin("POST", "garb\u{1}age").await.reply().await;
    assert_eq!(garbage.status, 400);

    // Half a request.
    let mut half = client.begin("PUT", "").await;
    half.until("405").await;
    drop(half);
    let mut half = crate::raw_http::Connection::open(&server).await;
    half.send(client.head("POST", 1000) + "{\"half\"").await;
    tokio::time::sleep(MOMENT).await;
    drop(half);
    tokio::time::sleep(MOMENT).await;
    server.stop().await;

    let exchanges = tap.exchanges.lock().expect("no panic").clone();
    let lines: Vec<Vec<String>> =
        exchanges.iter().map(|one| one.lines.lock().expect("no panic").clone()).collect();
    let expected: [&[&str]; 6] = [
        &["POST false", "request true", "200 true", "response true"],
        &["POST true", "request true", "202 false", "response true"],
        &["POST true", "request true", "200 false", "response true"],
        &["POST true", "request true", "400 false", "response true"],
        &["PUT true", "request true", "405 false", "response true"],
        // What goes out then, nobody reads.
        &["POST true", "request false", "400 false", "response true"],
    ];
    assert_eq!(lines, expected);
    let bytes =
        |body: &Mutex<Vec<u8>>| String::from_utf8(body.lock().expect("no panic").clone()).expect("text");
    assert_eq!(bytes(&exchanges[2].request), odd);
    assert_eq!(bytes(&exchanges[2].response), reply.body);
    assert!(reply.body.contains("square trapped"), "{reply:?}");
    assert_eq!(bytes(&exchanges[3].request), "garb\u{1}age");
    assert_eq!(bytes(&exchanges[5].request), "{\"half\"");
}
