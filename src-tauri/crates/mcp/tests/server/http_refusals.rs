//! Serving over Streamable HTTP: what is refused, and how.

use jackfield_mcp::{HttpOptions, HttpServer, ServeError};
use serde_json::json;

use crate::http::serve;
use crate::raw_http::{Client, Connection, soon};
use crate::toolbox::TestTools;

const PING: &str = r#"{"jsonrpc": "2.0", "id": 1, "method": "ping"}"#;

#[tokio::test]
async fn other_hosts_and_origins_are_forbidden() {
    let server = serve(&TestTools::new()).await;
    let port = server.address().port();
    let cases = [
        ("Host", format!("evil.example:{port}")),
        ("Host", "localhost".to_owned()),
        ("Host", format!("127.0.0.1:{}", port.wrapping_add(1))),
        ("Host", format!("localhost.evil.example:{port}")),
        ("Origin", "https://evil.example".to_owned()),
        ("Origin", "null".to_owned()),
        ("Origin", format!("http://evil.example:{port}")),
    ];
    for (name, value) in cases {
        for method in ["POST", "GET", "DELETE", "OPTIONS"] {
            let client = Client::new(&server).with(name, &value);
            let reply = client.begin(method, PING).await.reply().await;
            assert_eq!(reply.status, 403, "{method} {name}: {value}: {reply:?}");
            assert!(reply.body.contains(&format!("the {name} header")), "{reply:?}");
            assert_eq!(reply.header("access-control-allow-origin"), None);
        }
    }
    for (name, value) in
        [("Host", format!("localhost:{port}")), ("Origin", "http://localhost:3000".to_owned())]
    {
        let client = Client::new(&server).with(name, &value);
        let params = json!({"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}});
        assert_eq!(client.request(1, "initialize", &params).await.status, 200, "{name}: {value}");
    }
}

#[tokio::test]
async fn a_request_without_a_host_is_forbidden() {
    let server = serve(&TestTools::new()).await;
    let mut connection = Connection::open(&server).await;
    connection.send("POST /mcp HTTP/1.0\r\nContent-Length: 0\r\n\r\n").await;
    assert_eq!(connection.reply().await.status, 403);
}

#[tokio::test]
async fn what_is_no_message_is_refused_in_words() {
    let server = serve(&TestTools::new()).await;
    let client = Client::new(&server);
    for (body, code) in [
        ("", -32700),
        ("garbage", -32700),
        ("{\"jsonrpc\": \"2.0\"", -32700),
        ("\u{0}", -32700),
        ("7", -32600),
        ("{}", -32600),
        ("[{\"jsonrpc\": \"2.0\", \"id\": 1, \"method\": \"ping\"}]", -32600),
    ] {
        let reply = client.begin("POST", body).await.reply().await;
        assert_eq!(reply.status, 400, "{body:?}: {reply:?}");
        assert_eq!(reply.message()["error"]["code"], code, "{body:?}: {reply:?}");
    }
}

#[tokio::test]
async fn wrong_media_types_methods_and_paths_are_refused() {
    let server = serve(&TestTools::new()).await;
    let post = |name: &'static str, value: &'static str| Client::new(&server).with(name, value);
    for (client, status) in [
        (post("Content-Type", "text/plain"), 415),
        (post("Content-Type", "application/x-www-form-urlencoded"), 415),
        (post("Accept", "application/json"), 406),
        (post("Accept", "text/html"), 406),
        (post("Mcp-Protocol-Version", "1999-01-01"), 400),
        (post("Mcp-Session-Id", "made-up"), 404),
        (Client::new(&server), 400),
    ] {
        let reply = client.begin("POST", PING).await.reply().await;
        assert_eq!(reply.status, status, "{:?}: {reply:?}", client.headers);
    }
    for method in ["PUT", "PATCH", "OPTIONS", "HEAD"] {
        let reply = Client::new(&server).begin(method, "").await.reply().await;
        assert_eq!(reply.status, 405, "{method}: {reply:?}");
    }
    let mut connection = Connection::open(&server).await;
    let head = Client::new(&server).head("POST", PING.len()).replace("/mcp", "/elsewhere");
    connection.send(head + PING).await;
    let reply = connection.reply().await;
    assert_eq!(reply.status, 404);
    assert!(reply.body.contains("/mcp"), "{reply:?}");
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused_however_it_comes() {
    let options = HttpOptions { max_request_in_bytes: 1000, ..HttpOptions::default() };
    let server = HttpServer::start(TestTools::new(), options).await.expect("a server");
    let client = Client::new(&server);
    let large = "x".repeat(2000);
    let reply = client.begin("POST", &large).await.reply().await;
    assert_eq!(reply.status, 413, "{reply:?}");
    assert!(reply.body.contains("1000 bytes"), "{reply:?}");

    // Without saying how much it will be.
    let mut connection = Connection::open(&server).await;
    let head = client.head("POST", 0).replace("Content-Length: 0", "Transfer-Encoding: chunked");
    connection.send(head + "7d0\r\n" + &large + "\r\n0\r\n\r\n").await;
    assert_eq!(connection.reply().await.status, 413);

    // What fits, works.
    let reply = client.begin("POST", PING).await.reply().await;
    assert_eq!(reply.status, 400, "no session, but read: {reply:?}");
}

#[tokio::test]
async fn more_sessions_than_allowed_are_refused_until_some_end() {
    let options = HttpOptions { max_sessions: 2, ..HttpOptions::default() };
    let server = HttpServer::start(TestTools::new(), options).await.expect("a server");
    let first = Client::initialized(&server, "2025-11-25").await;
    let _second = Client::initialized(&server, "2025-11-25").await;
    let reply = Client::new(&server).begin("POST", PING).await.reply().await;
    assert_eq!(reply.status, 503, "{reply:?}");
    assert!(reply.body.contains("DELETE"), "{reply:?}");
    // Those that there are go on.
    assert_eq!(first.begin("POST", PING).await.reply().await.status, 200);

    first.begin("DELETE", "").await.reply().await;
    let refused = || async { Client::new(&server).begin("POST", PING).await.reply().await.status == 503 };
    soon(async { while refused().await {} }).await;
    Client::initialized(&server, "2025-11-25").await;
}

#[tokio::test]
async fn what_is_no_http_does_no_harm() {
    let server = serve(&TestTools::new()).await;
    for bytes in [&b"garbage\r\n\r\n"[..], b"\x16\x03\x01\x02\x00\x01\x00", b"GET / HTTP/9.9\r\n\r\n"] {
        let mut connection = Connection::open(&server).await;
        connection.send(bytes).await;
        drop(connection);
    }
    Client::initialized(&server, "2025-11-25").await;
}

#[tokio::test]
async fn a_taken_port_is_named() {
    let server = serve(&TestTools::new()).await;
    let port = server.address().port();
    let options = HttpOptions { port: Some(port), ..HttpOptions::default() };
    let Err(error) = HttpServer::start(TestTools::new(), options.clone()).await else {
        panic!("two servers")
    };
    assert!(matches!(error, ServeError::PortTaken { port: taken } if taken == port), "{error}");
    let error = jackfield_protocol::Error::from(error);
    assert_eq!(error.kind, jackfield_protocol::ErrorKind::Mcp);
    assert!(error.help.as_deref().is_some_and(|help| help.contains("another port")), "{error}");

    // It is free again as soon as the server has stopped.
    server.stop().await;
    let server = HttpServer::start(TestTools::new(), options).await.expect("the port");
    assert_eq!(server.url(), format!("http://127.0.0.1:{port}/mcp"));
}
