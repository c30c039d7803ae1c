//! Streamable HTTP, as it should be.

use jackfield_mcp::{Target, UrlSpec};
use jackfield_protocol::{Frame, FrameKind, FrameWay, McpNotice, McpRequest};
use serde_json::json;

use crate::http_server::{HttpServer, events, handshake_or, json as json_response, response, result};
use crate::support::{self, Bench, ask, call, called, text_of, url};

const TEXT: &str = r#"{"content":[{"type":"text","text":"hi","new":1}],"_meta":{"dev.jackfield/call":7}}"#;

#[tokio::test]
async fn json_bodies_are_recorded_as_they_came() {
    let server =
        HttpServer::start(handshake_or(|request| json_response(result(request, TEXT).as_bytes()))).await;
    let bench = Bench::new();
    let connection = bench.connect(url(&server.url)).await.unwrap();
    assert_eq!(connection.server().name, "tiny");
    let outcome = called(&connection, call("echo", json!({ "text": "hi" }))).await;
    assert_eq!(text_of(&outcome), "hi");
    assert_eq!(outcome.result["content"][0]["new"], 1);
    connection.close().await;
    let posted: Vec<u8> =
        server.bodies().into_iter().flat_map(|body| [body, b"\n".to_vec()].concat()).collect();
    assert_eq!(String::from_utf8(bench.lines(FrameWay::ToServer)), String::from_utf8(posted));
    let frames = bench.frames();
    let answer = frames.iter().find(|frame| frame.answers == Some(outcome.request_frame)).unwrap();
    assert_eq!(answer.call.map(|call| call.0), Some(7));
    let expected = server
        .requests()
        .iter()
        .find(|request| request.method() == "tools/call")
        .map(|request| result(request, TEXT));
    assert_eq!(String::from_utf8(bench.raw(answer)).ok(), expected);
    let deleted = server.requests().into_iter().any(|request| request.verb == "DELETE");
    assert!(deleted, "the session is ended");
}

#[tokio::test]
async fn events_are_recorded_as_they_came() {
    let progress =
        r#"{ "jsonrpc":"2.0","method":"notifications/message","params":{"level":"info","data":1.50} }"#;
    let server = HttpServer::start(handshake_or(move |request| {
        let answer = result(request, TEXT);
        events(
            format!(": hello\r\n\r\ndata: \r\nid: 0/0\r\nretry: 3000\r\n\r\nevent: message\r\nid: 1\r\ndata: {progress}\r\n\r\ndata:{answer}\n\n")
                .as_bytes(),
        )
    }))
    .await;
    let bench = Bench::new();
    let connection = bench.connect(url(&server.url)).await.unwrap();
    let outcome = called(&connection, call("echo", json!({ "text": "hi" }))).await;
    assert_eq!(text_of(&outcome), "hi");
    let McpNotice::Log { data, .. } = bench.next_notice().await else { panic!("no log") };
    assert_eq!(data, json!(1.5));
    let frames = bench.frames();
    let note = frames.iter().find(|frame| {
        frame.method.as_deref() == Some("notifications/message") && frame.way == FrameWay::ToClient
    });
    assert_eq!(bench.raw(note.unwrap()), progress.as_bytes());
    let answer = frames.iter().find(|frame| frame.answers == Some(outcome.request_frame)).unwrap();
    let request = server.requests().into_iter().find(|request| request.method() == "tools/call").unwrap();
    assert_eq!(bench.raw(answer), result(&request, TEXT).as_bytes());
    let of_the_stream = |text: &str| {
        let event = frames.iter().find(|frame| frame.subject.as_deref() == Some(text)).expect(text);
        assert_eq!((event.kind, &event.problem), (FrameKind::Event, &None));
        bench.raw(event)
    };
    assert_eq!(of_the_stream("no message, keep-alive"), b": hello");
    let priming = of_the_stream("no message, resume after 0/0, retry in 3000 ms");
    assert_eq!(priming, b"data: \r\nid: 0/0\r\nretry: 3000");
    let is_fine = |frame: &&Frame| frame.kind != FrameKind::Malformed && frame.problem.is_none();
    assert_eq!(frames.iter().filter(is_fine).count(), frames.len(), "{frames:?}");
}

#[tokio::test]
async fn a_stream_that_ends_early_is_taken_up_again() {
    let server =
        HttpServer::start(|request| match (request.verb.as_str(), request.header("last-event-id")) {
            ("GET", Some("e-1")) => {
                // The only call so far has the id 1: 0 was the handshake.
                events(b"id: e-2\ndata: {\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"late\":true}}\n\n")
            }
            _ => handshake_or(|_| events(b"id: e-1\nretry: 1\ndata:\n\n"))(request),
        })
        .await;
    let bench = Bench::new();
    let connection = bench.connect(url(&server.url)).await.unwrap();
    let answer = support::result(&connection, McpRequest::Ping).await;
    assert_eq!(answer, json!({ "late": true }));
    // Servers may do so.
    let problems: Vec<_> = bench.frames().into_iter().filter_map(|frame| frame.problem).collect();
    assert_eq!(problems, Vec::<String>::new());
}

#[tokio::test]
async fn headers_go_with_every_request() {
    let server =
        HttpServer::start(handshake_or(|request| json_response(result(request, "{}").as_bytes()))).await;
    let bench = Bench::new();
    let headers =
        vec![("Authorization".to_owned(), "Bearer t".to_owned()), ("X-Mine".to_owned(), "1".to_owned())];
    let connection = bench.connect(Target::Url(UrlSpec { url: server.url.clone(), headers })).await.unwrap();
    ask(&connection, McpRequest::Ping).await.unwrap();
    let number = connection.send_raw(r#"{"jsonrpc":"2.0", "id":"x","method":"ping"}"#).await.unwrap();
    // Its answer is awaited by what comes after: nothing tells of it but the record.
    while !bench.frames().iter().any(|frame| frame.answers == Some(number)) {
        tokio::task::yield_now().await;
    }
    connection.close().await;
    let requests = server.requests();
    assert!(requests.len() >= 5);
    for request in &requests {
        assert_eq!(request.header("authorization"), Some("Bearer t"), "{request:?}");
        assert_eq!(request.header("x-mine"), Some("1"));
        if request.method() != "initialize" {
            assert_eq!(request.header("mcp-session-id"), Some("s-1"));
            assert_eq!(request.header("mcp-protocol-version"), Some("2025-11-25"));
        }
    }
    let raw = requests.iter().find(|request| request.json()["id"] == 1_000_000_000).unwrap();
    assert_eq!(raw.body, br#"{"jsonrpc":"2.0", "id":1000000000,"method":"ping"}"#);
}

#[tokio::test]
async fn redirects_are_followed_within_the_server_alone() {
    let elsewhere = HttpServer::start(|_| response("500 Internal Server Error", &[], b"never asked")).await;
    let target = elsewhere.url.clone();
    let server = HttpServer::start(move |request| match request.path.as_str() {
        "/mcp" => response("307 Temporary Redirect", &[("location", "/real")], b""),
        "/away" => response("307 Temporary Redirect", &[("location", target.as_str())], b""),
        _ => handshake_or(|request| json_response(result(request, "{}").as_bytes()))(request),
    })
    .await;
    let connection = Bench::new().connect(url(&server.url)).await.unwrap();
    assert_eq!(connection.server().name, "tiny");
    let failure = Bench::new().refusal(url(server.url.replace("/mcp", "/away"))).await;
    assert_eq!(failure.to_string(), format!("the server redirects to {}", elsewhere.url));
    assert!(elsewhere.requests().is_empty());
}

#[tokio::test]
async fn a_server_of_the_stateless_era_is_found_out() {
    let server = HttpServer::start(|request| {
        let id = request.json()["id"].clone();
        match request.method().as_str() {
            "initialize" => {
                let error = json!({ "jsonrpc": "2.0", "id": null, "error": { "code": -32601, "message": "no handshake" } });
                response("404 Not Found", &[("content-type", "application/json")], error.to_string().as_bytes())
            }
            "server/discover" => {
                let result = json!({
                    "supportedVersions": ["2026-07-28"], "capabilities": { "tools": {} }, "resultType": "complete",
                    "ttlMs": 0, "cacheScope": "private",
                    "_meta": { "io.modelcontextprotocol/serverInfo": { "name": "modern", "version": "3" } },
                });
                json_response(json!({ "jsonrpc": "2.0", "id": id, "result": result }).to_string().as_bytes())
            }
            _ => json_response(json!({ "jsonrpc": "2.0", "id": id, "result": { "fine": 1 } }).to_string().as_bytes()),
        }
    })
    .await;
    let bench = Bench::new();
    let connection = bench.connect(url(&server.url)).await.unwrap();
    assert_eq!(connection.server().protocol_version, "2026-07-28");
    assert_eq!(connection.server().name, "modern");
    assert_eq!(
        support::result(&connection, McpRequest::ListPrompts { cursor: None }).await,
        json!({ "fine": 1 })
    );
    let last = server.requests().pop().unwrap();
    assert_eq!(last.header("mcp-method"), Some("prompts/list"));
    assert!(bench.frames().iter().any(|frame| frame.kind == FrameKind::Error));
}
