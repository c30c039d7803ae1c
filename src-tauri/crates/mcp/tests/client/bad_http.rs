//! Servers over HTTP that are wrong: a clear message for each, and no harm beyond.

use jackfield_mcp::{Failure, Target, UrlSpec};
use jackfield_protocol::{FrameKind, McpRequest};
use serde_json::json;

use crate::http_server::{
    HttpServer, Request, events, handshake_or, initialized, json as json_response, promised, response, result,
};
use crate::support::{self, Bench, SHORT, ask, call_plainly, url};

const JSON: (&str, &str) = ("content-type", "application/json");

/// Connects to a server that answers everything alike, and says what comes of it.
async fn refusal(answer: impl Fn(&Request) -> Vec<u8> + Send + Sync + 'static) -> (Failure, Bench) {
    let server = HttpServer::start(answer).await;
    let bench = Bench::new();
    let failure = bench.refusal(url(&server.url)).await;
    (failure, bench)
}

#[tokio::test]
async fn nobody_listens() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/mcp", listener.local_addr().unwrap());
    drop(listener);
    let bench = Bench::new();
    let failure = bench.refusal(url(&address)).await;
    let Failure::Unreachable { url, reason } = &failure else { panic!("{failure:?}") };
    assert_eq!(*url, address);
    assert!(reason.to_lowercase().contains("refused"), "{reason}");
    assert_eq!(bench.frames().last().unwrap().kind, FrameKind::Transport);
}

#[tokio::test]
async fn no_such_host_and_no_address_at_all() {
    let failure = Bench::new().refusal(url("http://no-such-host.invalid/mcp")).await;
    assert!(matches!(failure, Failure::Unreachable { .. }), "{failure:?}");
    for bad in ["", "localhost", "ftp://localhost/mcp", "http://"] {
        let failure = Bench::new().refusal(url(bad)).await;
        assert!(matches!(failure, Failure::BadUrl { .. }), "{bad}: {failure:?}");
    }
    for name in ["mcp-session-id", "a b", ""] {
        let headers = vec![(name.to_owned(), "x".to_owned())];
        let spec = UrlSpec { url: "http://127.0.0.1:1/mcp".to_owned(), headers };
        let failure = Bench::new().refusal(Target::Url(spec)).await;
        assert!(matches!(failure, Failure::BadHeader { .. }), "{name}: {failure:?}");
    }
}

#[tokio::test]
async fn status_401() {
    let challenge = ("www-authenticate", "Bearer realm=\"mcp\"");
    let (failure, bench) =
        refusal(move |_| response("401 Unauthorized", &[challenge], b"who are you?")).await;
    assert_eq!(failure, Failure::Unauthorized { challenge: Some(challenge.1.to_owned()) });
    assert!(failure.help().unwrap().contains("Authorization"));
    let status = bench.frames().into_iter().find(|frame| frame.size_in_bytes == 12).unwrap();
    assert!(status.subject.as_deref().unwrap().ends_with("HTTP 401 Unauthorized"));
    assert_eq!(bench.raw(&status), b"who are you?");
}

#[tokio::test]
async fn status_404_and_500() {
    for (status, help) in
        [("404 Not Found", "path"), ("500 Internal Server Error", "log"), ("429 Too Many Requests", "fewer")]
    {
        let (failure, _) =
            refusal(move |_| response(status, &[("content-type", "text/html")], b"<h1>no</h1>")).await;
        assert_eq!(failure, Failure::Status { status: status.to_owned(), body: "<h1>no</h1>".to_owned() });
        assert!(failure.help().unwrap().contains(help), "{failure:?}");
    }
}

#[tokio::test]
async fn wrong_content_type() {
    let (failure, _) =
        refusal(|_| response("200 OK", &[("content-type", "text/html; charset=utf-8")], b"<p>hi")).await;
    assert_eq!(failure, Failure::ContentType { found: Some("text/html".to_owned()) });
    let (failure, _) = refusal(|_| response("200 OK", &[], b"hi")).await;
    assert_eq!(failure, Failure::ContentType { found: None });
}

#[tokio::test]
async fn cut_in_half() {
    let (failure, bench) = refusal(|request| {
        let body = initialized(request);
        promised("200 OK", &[JSON], &body.as_bytes()[..50], body.len())
    })
    .await;
    assert_eq!(failure, Failure::CutOff { received: 50 });
    let half = bench.frames().into_iter().find(|frame| frame.kind == FrameKind::Malformed).unwrap();
    assert_eq!(half.size_in_bytes, 50);
}

#[tokio::test]
async fn garbage_in_a_body() {
    let (failure, bench) = refusal(|_| json_response(b"{\"jsonrpc\": nonsense")).await;
    assert!(matches!(failure, Failure::BadResult { .. }), "{failure:?}");
    assert!(bench.frames().iter().any(|frame| frame.kind == FrameKind::Malformed));
}

#[tokio::test]
async fn answers_with_another_id() {
    let (failure, _) =
        refusal(|request| json_response(initialized(request).replace("\"id\":0", "\"id\":99").as_bytes()))
            .await;
    assert_eq!(failure, Failure::WrongId { expected: "0".to_owned(), received: "99".to_owned() });
}

#[tokio::test]
async fn never_answers() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/mcp", listener.local_addr().unwrap());
    let bench = Bench::new().with(|options| options.handshake_timeout = SHORT);
    let failure = bench.refusal(url(address)).await;
    assert_eq!(failure, Failure::NoHandshake { waited: SHORT });
}

#[tokio::test]
async fn calls_fail_one_by_one_and_the_connection_stays() {
    let server = HttpServer::start(handshake_or(|request| {
        let whole = result(request, "{\"content\":[]}");
        match request.json()["params"]["name"].as_str() {
            Some("status") => response("503 Service Unavailable", &[], b"busy"),
            Some("type") => response("200 OK", &[("content-type", "text/plain")], b"hello"),
            Some("cut") => promised("200 OK", &[JSON], &whole.as_bytes()[..20], whole.len()),
            Some("cut-event") => events(format!("data: {}", &whole[..20]).as_bytes()),
            Some("no-event") => events(b": nothing\n\n"),
            Some("error") => {
                let error =
                    json!({ "jsonrpc": "2.0", "id": null, "error": { "code": -32600, "message": "bad" } });
                response("400 Bad Request", &[JSON], error.to_string().as_bytes())
            }
            _ => json_response(whole.as_bytes()),
        }
    }))
    .await;
    let bench = Bench::new();
    let connection = bench.connect(url(&server.url)).await.unwrap();
    let fails = async |tool: &str| ask(&connection, call_plainly(tool)).await.unwrap_err();
    let status = "503 Service Unavailable".to_owned();
    assert_eq!(fails("status").await, Failure::Status { status, body: "busy".to_owned() });
    assert_eq!(fails("type").await, Failure::ContentType { found: Some("text/plain".to_owned()) });
    assert_eq!(fails("cut").await, Failure::CutOff { received: 20 });
    assert_eq!(fails("cut-event").await, Failure::CutOff { received: 26 });
    assert!(matches!(fails("no-event").await, Failure::Closed { .. }));
    assert_eq!(fails("error").await.to_string(), "the server refused `tools/call`: bad (code -32600)");
    assert!(support::result(&connection, McpRequest::Ping).await.is_object());
}

#[tokio::test]
async fn a_body_and_an_event_that_are_too_large() {
    let server = HttpServer::start(handshake_or(|request| {
        let text = "x".repeat(1 << 20);
        let whole = result(request, &format!("{{\"content\":[],\"text\":\"{text}\"}}"));
        match request.json()["params"]["name"].as_str() {
            Some("event") => events(format!("data: {whole}\n\n").as_bytes()),
            _ => json_response(whole.as_bytes()),
        }
    }))
    .await;
    let bench = Bench::new().with(|options| options.max_frame_bytes = 1 << 16);
    let connection = bench.connect(url(&server.url)).await.unwrap();
    for tool in ["event", "body"] {
        let failure = ask(&connection, call_plainly(tool)).await.unwrap_err();
        assert_eq!(failure, Failure::TooLarge { limit: 1 << 16 }, "{tool}");
    }
}
