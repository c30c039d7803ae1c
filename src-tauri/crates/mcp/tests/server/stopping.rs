//! Stopping a server on HTTP: clients learn what became of their calls, and nothing is left.

use std::time::{Duration, Instant};

use serde_json::json;
use tokio::net::TcpStream;

use crate::http::serve;
use crate::raw_http::{Client, Connection, soon, stateless, stateless_meta};
use crate::toolbox::TestTools;

#[tokio::test]
async fn a_running_call_fails_and_its_client_is_told() {
    let tools = TestTools::new();
    let server = serve(&tools).await;
    let address = server.address();
    let session = Client::initialized(&server, "2025-11-25").await;
    let body =
        json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "wait"}}).to_string();
    let in_session = session.begin("POST", &body).await;
    let params = json!({"name": "wait", "_meta": stateless_meta()});
    let body = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}).to_string();
    let without = stateless(&server, "tools/call", Some("wait")).begin("POST", &body).await;
    tools.until_running(2).await;

    soon(server.stop()).await;
    assert!(!tools.is_running());
    for waiting in [in_session, without] {
        let reply = waiting.reply().await;
        let message = reply.messages().pop().unwrap_or_else(|| panic!("no message in {reply:?}"));
        assert_eq!(message["result"]["_meta"]["dev.jackfield/failure"], "stopped", "{reply:?}");
    }
    TcpStream::connect(address).await.expect_err("nobody listens");
}

#[tokio::test]
async fn standing_streams_and_idle_connections_do_not_hold_it_up() {
    let tools = TestTools::new();
    let server = serve(&tools).await;
    let client = Client::initialized(&server, "2025-11-25").await;
    let mut events = client.begin("GET", "").await;
    events.until("text/event-stream").await;
    let listener = stateless(&server, "subscriptions/listen", None);
    let params = json!({"notifications": {"toolsListChanged": true}, "_meta": stateless_meta()});
    let body =
        json!({"jsonrpc": "2.0", "id": 1, "method": "subscriptions/listen", "params": params}).to_string();
    let mut listening = listener.begin("POST", &body).await;
    listening.until("acknowledged").await;
    let _idle = Connection::open(&server).await;

    let started = Instant::now();
    soon(server.stop()).await;
    assert!(started.elapsed() < Duration::from_secs(2), "it took {:?}", started.elapsed());
    events.reply().await;
    let reply = listening.reply().await;
    assert_eq!(reply.messages().last().map(|message| message["id"].clone()), Some(json!(1)), "{reply:?}");
}

#[tokio::test]
async fn a_client_that_sends_half_a_request_delays_it_by_little() {
    let server = serve(&TestTools::new()).await;
    let mut half = Connection::open(&server).await;
    half.send(Client::new(&server).head("POST", 100) + "{").await;
    let mut head = Connection::open(&server).await;
    head.send("POST /mcp HTTP/1.1\r\nHost: ").await;
    tokio::time::sleep(crate::raw_http::MOMENT).await;
    let started = Instant::now();
    soon(server.stop()).await;
    assert!(started.elapsed() < Duration::from_secs(6), "it took {:?}", started.elapsed());
}

#[tokio::test]
async fn a_dropped_server_stops() {
    let tools = TestTools::new();
    let server = serve(&tools).await;
    let address = server.address();
    let client = Client::initialized(&server, "2025-11-25").await;
    let body =
        json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "wait"}}).to_string();
    let waiting = client.begin("POST", &body).await;
    tools.until_running(1).await;
    drop(client);
    drop(server);
    tools.until_running(0).await;
    waiting.reply().await;
    TcpStream::connect(address).await.expect_err("nobody listens");
}
