//! Serving over byte streams.

use std::sync::Arc;
use std::time::{Duration, Instant};

use jackfield_mcp::{ServeError, serve_stream};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, DuplexStream, ReadHalf, WriteHalf};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::raw_http::{MOMENT, soon, stateless_meta};
use crate::toolbox::TestTools;

/// A client that writes and reads lines.
struct Pipe {
    read: BufReader<ReadHalf<DuplexStream>>,
    write: WriteHalf<DuplexStream>,
    stop: CancellationToken,
    server: JoinHandle<Result<(), ServeError>>,
}

impl Pipe {
    fn open(tools: &Arc<TestTools>) -> Self {
        let (here, there) = tokio::io::duplex(1024);
        let (read, write) = tokio::io::split(there);
        let stop = CancellationToken::new();
        let server = tokio::spawn(serve_stream(Arc::clone(tools) as _, read, write, stop.clone()));
        let (read, write) = tokio::io::split(here);
        Self { read: BufReader::new(read), write, stop, server }
    }

    async fn initialized(tools: &Arc<TestTools>, revision: &str) -> Self {
        let mut pipe = Self::open(tools);
        let params = json!({
            "protocolVersion": revision, "capabilities": {}, "clientInfo": {"name": "t", "version": "1"},
        });
        let result = pipe.request(0, "initialize", params).await;
        assert_eq!(result["result"]["protocolVersion"], revision, "{result}");
        assert_eq!(result["result"]["serverInfo"], json!({"name": "test", "version": "1.2.3"}));
        assert_eq!(result["result"]["instructions"], "Add.");
        assert_eq!(result["result"]["capabilities"], json!({"tools": {"listChanged": true}}));
        pipe.send(&json!({"jsonrpc": "2.0", "method": "notifications/initialized"}).to_string()).await;
        pipe
    }

    async fn send(&mut self, line: &str) {
        self.write.write_all(format!("{line}\n").as_bytes()).await.expect("a server that reads");
    }

    async fn begin(&mut self, id: u64, method: &str, params: Value) {
        self.send(&json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}).to_string()).await;
    }

    async fn call(&mut self, id: u64, tool: &str, arguments: Value) {
        self.begin(id, "tools/call", json!({"name": tool, "arguments": arguments})).await;
    }

    async fn request(&mut self, id: u64, method: &str, params: Value) -> Value {
        self.begin(id, method, params).await;
        let message = self.message().await;
        assert_eq!(message["id"], id, "{message}");
        message
    }

    async fn message(&mut self) -> Value {
        let mut line = String::new();
        soon(self.read.read_line(&mut line)).await.expect("a line");
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line:?}"))
    }

    async fn ended(self) -> Result<(), ServeError> {
        soon(self.server).await.expect("no panic")
    }
}

#[tokio::test]
async fn every_handshake_revision_is_spoken() {
    for revision in ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"] {
        let mut pipe = Pipe::initialized(&TestTools::new(), revision).await;
        assert_eq!(pipe.request(1, "ping", json!({})).await["result"], json!({}), "{revision}");
        pipe.call(2, "add", json!({"a": 3, "b": 4})).await;
        let message = pipe.message().await;
        assert_eq!(message["result"]["structuredContent"], json!({"result": 7}), "{revision}: {message}");
    }
}

#[tokio::test]
async fn the_stateless_revision_is_spoken() {
    let mut pipe = Pipe::open(&TestTools::new());
    let params = json!({"name": "add", "arguments": {"a": 3, "b": 4}, "_meta": stateless_meta()});
    let message = pipe.request(1, "tools/call", params).await;
    assert_eq!(message["result"]["structuredContent"], json!({"result": 7}), "{message}");
    assert_eq!(message["result"]["resultType"], "complete", "{message}");
    let message = pipe.request(2, "server/discover", json!({"_meta": stateless_meta()})).await;
    assert_eq!(message["result"]["capabilities"], json!({"tools": {"listChanged": true}}), "{message}");
}

#[tokio::test]
async fn results_carry_the_call_and_the_schema_that_they_fit() {
    let mut pipe = Pipe::initialized(&TestTools::new(), "2025-11-25").await;
    let message = pipe.request(1, "tools/list", json!({})).await;
    let add = &message["result"]["tools"][0];
    assert_eq!(add["name"], "add");
    assert_eq!(add["description"], "The tool add.");
    assert_eq!(add["annotations"], json!({"readOnlyHint": true}));
    assert_eq!(add["inputSchema"]["properties"]["a"], json!({"type": "integer"}));
    assert_eq!(add["outputSchema"]["required"], json!(["result"]));

    pipe.call(2, "add", json!({"a": 3, "b": 4})).await;
    let expected = json!({
        "content": [{"type": "text", "text": "{\"result\":7}"}],
        "structuredContent": {"result": 7},
        "isError": false,
        "_meta": {"dev.jackfield/call": 1},
    });
    assert_eq!(pipe.message().await["result"], expected);
}

#[tokio::test]
async fn what_went_wrong_with_a_tool_is_its_result_and_an_unknown_tool_is_an_error() {
    let mut pipe = Pipe::initialized(&TestTools::new(), "2025-11-25").await;
    pipe.call(1, "add", json!({"b": 4})).await;
    let expected = json!({
        "content": [{"type": "text", "text": "/a: missing; expected an integer"}],
        "isError": true,
        "_meta": {"dev.jackfield/failure": "arguments"},
    });
    assert_eq!(pipe.message().await["result"], expected);

    pipe.call(2, "trap", json!({})).await;
    let expected = json!({
        "content": [{"type": "text", "text": "square trapped in math:ops/square#square: unreachable"}],
        "isError": true,
        "_meta": {"dev.jackfield/call": 2, "dev.jackfield/failure": "trap"},
    });
    assert_eq!(pipe.message().await["result"], expected);

    pipe.call(3, "nothing", json!({})).await;
    let error = pipe.message().await;
    assert_eq!(error["error"]["code"], -32602, "{error}");
    assert!(error["error"]["message"].as_str().expect("a text").contains("\"nothing\""), "{error}");
}

#[tokio::test]
async fn wrong_parameters_and_methods_are_refused_by_the_right_code() {
    let mut pipe = Pipe::initialized(&TestTools::new(), "2025-11-25").await;
    for (method, params, code) in [
        ("tools/call", json!({"name": "add", "arguments": [3, 4]}), -32602),
        ("tools/call", json!({"arguments": {}}), -32602),
        ("tools/list", json!({"cursor": "made up"}), -32602),
        ("resources/list", json!({}), -32601),
        ("prompts/get", json!({"name": "x"}), -32601),
        ("no/such/method", json!({}), -32601),
    ] {
        let message = pipe.request(9, method, params.clone()).await;
        assert_eq!(message["error"]["code"], code, "{method} {params}: {message}");
    }
}

#[tokio::test]
async fn pages_of_tools_cover_all_of_them() {
    let names: Vec<String> = (0..250).map(|number| format!("tool-{number}")).collect();
    let mut pipe = Pipe::initialized(&TestTools::with_names(names.clone()), "2025-11-25").await;
    let (mut found, mut sizes, mut params) = (Vec::new(), Vec::new(), json!({}));
    loop {
        let message = pipe.request(1, "tools/list", params).await;
        let tools = message["result"]["tools"].as_array().expect("tools").clone();
        sizes.push(tools.len());
        found.extend(tools.iter().map(|tool| tool["name"].as_str().expect("a name").to_owned()));
        match message["result"].get("nextCursor") {
            Some(cursor) => params = json!({"cursor": cursor}),
            None => break,
        }
    }
    assert_eq!(sizes, [100, 100, 50]);
    assert_eq!(found, names);
}

#[tokio::test]
async fn calls_run_side_by_side() {
    let mut pipe = Pipe::initialized(&TestTools::new(), "2025-11-25").await;
    for id in 1..=20 {
        pipe.call(id, "meet", json!({"count": 20})).await;
    }
    let mut ids = Vec::new();
    for _ in 0..20 {
        let message = pipe.message().await;
        assert_eq!(message["result"]["content"][0]["text"], "met", "{message}");
        ids.push(message["id"].as_u64().expect("an id"));
    }
    ids.sort_unstable();
    assert_eq!(ids, (1..=20).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_cancelled_call_ends_and_is_not_answered() {
    let tools = TestTools::new();
    let mut pipe = Pipe::initialized(&tools, "2025-11-25").await;
    pipe.call(1, "wait", json!({})).await;
    tools.until_running(1).await;
    let cancelled =
        json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 1}});
    pipe.send(&cancelled.to_string()).await;
    tools.until_running(0).await;
    // The next answer is that of the next request.
    pipe.request(2, "ping", json!({})).await;
}

#[tokio::test]
async fn changes_of_the_tools_are_told() {
    let tools = TestTools::new();
    let mut pipe = Pipe::initialized(&tools, "2025-11-25").await;
    pipe.request(1, "ping", json!({})).await;
    tools.replace(&["other"]);
    assert_eq!(pipe.message().await["method"], "notifications/tools/list_changed");
    let message = pipe.request(2, "tools/list", json!({})).await;
    assert_eq!(message["result"]["tools"][0]["name"], "other");
}

#[tokio::test]
async fn changes_are_told_to_who_listens_in_the_stateless_revision() {
    let tools = TestTools::new();
    let mut pipe = Pipe::open(&tools);
    let params = json!({"notifications": {"toolsListChanged": true}, "_meta": stateless_meta()});
    pipe.begin(1, "subscriptions/listen", params).await;
    assert_eq!(pipe.message().await["method"], "notifications/subscriptions/acknowledged");
    tools.replace(&["other"]);
    assert_eq!(pipe.message().await["method"], "notifications/tools/list_changed");
    pipe.stop.cancel();
    assert_eq!(pipe.message().await["id"], 1, "listening ends with its result");
    pipe.ended().await.expect("a good end");
}

#[tokio::test]
async fn garbage_between_messages_does_no_harm() {
    let mut pipe = Pipe::initialized(&TestTools::new(), "2025-11-25").await;
    for line in ["", "garbage", "{\"jsonrpc\": \"2.0\", \"id\": 1, \"meth", "\u{0}\u{1b}[31m"] {
        pipe.send(line).await;
    }
    pipe.request(2, "ping", json!({})).await;
    // JSON that is no message is answered, without an id as it has none.
    pipe.send("{\"hello\": 1}").await;
    let message = pipe.message().await;
    assert_eq!(message["error"]["code"], -32600, "{message}");
    pipe.request(3, "ping", json!({})).await;
}

#[tokio::test]
async fn a_stop_fails_the_running_calls_and_tells_their_clients() {
    let tools = TestTools::new();
    let mut pipe = Pipe::initialized(&tools, "2025-11-25").await;
    pipe.call(1, "wait", json!({})).await;
    tools.until_running(1).await;
    pipe.stop.cancel();
    let message = pipe.message().await;
    assert_eq!(message["result"]["isError"], true, "{message}");
    assert_eq!(message["result"]["_meta"]["dev.jackfield/failure"], "stopped", "{message}");
    pipe.ended().await.expect("a good end");
    assert!(!tools.is_running());
}

#[tokio::test]
async fn a_client_that_goes_ends_its_calls_and_the_server() {
    let tools = TestTools::new();
    let mut pipe = Pipe::initialized(&tools, "2025-11-25").await;
    pipe.call(1, "wait", json!({})).await;
    tools.until_running(1).await;
    let Pipe { read, write, server, stop: _stop } = pipe;
    let started = Instant::now();
    drop((read, write));
    soon(server).await.expect("no panic").expect("a good end");
    assert!(!tools.is_running());
    assert!(started.elapsed() < Duration::from_secs(4), "it took {:?}", started.elapsed());
}

#[tokio::test]
async fn a_client_that_does_not_read_holds_nothing_up() {
    let tools = TestTools::new();
    let mut pipe = Pipe::initialized(&tools, "2025-11-25").await;
    // More than the pipe holds.
    for id in 1..=5 {
        pipe.begin(id, "tools/list", json!({})).await;
    }
    pipe.call(6, "wait", json!({})).await;
    tools.until_running(1).await;
    tokio::time::sleep(MOMENT).await;
    pipe.stop.cancel();
    let Pipe { read: _read, write: _write, server, stop: _stop } = pipe;
    soon(server).await.expect("no panic").expect("a good end");
    assert!(!tools.is_running());
}

#[tokio::test]
async fn a_client_that_only_stops_sending_gets_its_answers() {
    let mut pipe = Pipe::initialized(&TestTools::new(), "2025-11-25").await;
    // It takes a moment.
    pipe.call(1, "meet", json!({"count": 1})).await;
    pipe.write.shutdown().await.expect("half a close");
    assert_eq!(pipe.message().await["result"]["content"][0]["text"], "met");
    pipe.ended().await.expect("a good end");
}

#[tokio::test]
async fn a_client_that_never_begins_is_let_go() {
    let pipe = Pipe::open(&TestTools::new());
    tokio::time::sleep(MOMENT).await;
    pipe.stop.cancel();
    pipe.ended().await.expect("a good end");

    let Pipe { read, write, server, stop: _stop } = Pipe::open(&TestTools::new());
    drop((read, write));
    soon(server).await.expect("no panic").expect("a good end");
}

#[tokio::test]
async fn a_client_that_begins_with_something_else_is_refused() {
    let mut pipe = Pipe::open(&TestTools::new());
    pipe.send(&json!({"jsonrpc": "2.0", "method": "notifications/progress", "params": {}}).to_string()).await;
    pipe.begin(1, "tools/list", json!({})).await;
    let error = pipe.ended().await.expect_err("no handshake");
    let error = jackfield_protocol::Error::from(error);
    assert!(error.to_string().contains("`initialize`"), "{error}");
}
