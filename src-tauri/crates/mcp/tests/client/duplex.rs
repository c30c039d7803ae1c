//! A server at the other end of a pipe in this process, as workloads are.

use jackfield_mcp::{Failure, Target};
use jackfield_protocol::{McpRequest, McpResponse};
use rmcp::ServiceExt;
use rmcp::model::{ServerCapabilities, ServerConfig};
use tokio::io::AsyncWriteExt;

use crate::support::{Bench, ask, result};

struct Nothing;

impl rmcp::ServerHandler for Nothing {
    fn get_info(&self) -> ServerConfig {
        ServerConfig::new(ServerCapabilities::builder().enable_tools().build())
    }
}

#[tokio::test]
async fn the_sdks_own_server_answers() {
    let bench = Bench::new();
    let (ours, theirs) = tokio::io::duplex(1 << 16);
    let server = tokio::spawn(async move {
        let running = Nothing.serve(theirs).await.unwrap();
        running.waiting().await.unwrap();
    });
    let connection = bench.connect(Target::stream(ours)).await.unwrap();
    assert_eq!(result(&connection, McpRequest::Ping).await, serde_json::json!({}));
    let tools = ask(&connection, McpRequest::ListTools { cursor: None }).await.unwrap();
    assert_eq!(tools, McpResponse::Tools { tools: Vec::new(), next: None });
    connection.close().await;
    server.await.unwrap();
}

#[tokio::test]
async fn the_stateless_era_is_spoken_where_it_is_asked_for() {
    let bench = Bench::new().with(|options| options.era = jackfield_mcp::Era::Stateless);
    let (ours, theirs) = tokio::io::duplex(1 << 16);
    let server = tokio::spawn(async move {
        let running = Nothing.serve(theirs).await.unwrap();
        running.waiting().await.unwrap();
    });
    let connection = bench.connect(Target::stream(ours)).await.unwrap();
    assert_eq!(connection.server().protocol_version, "2026-07-28");
    let tools = ask(&connection, McpRequest::ListTools { cursor: None }).await.unwrap();
    assert_eq!(tools, McpResponse::Tools { tools: Vec::new(), next: None });
    connection.close().await;
    server.await.unwrap();
}

#[tokio::test]
async fn a_pipe_that_closes_is_told() {
    let bench = Bench::new();
    let (ours, theirs) = tokio::io::duplex(64);
    drop(theirs);
    let failure = bench.refusal(Target::stream(ours)).await;
    assert!(matches!(failure, Failure::Closed { .. }), "{failure:?}");
    let (ours, mut theirs) = tokio::io::duplex(1 << 16);
    let half = async {
        theirs.write_all(b"{\"jsonrpc\"").await.unwrap();
        drop(theirs);
    };
    let (failure, ()) = tokio::join!(bench.refusal(Target::stream(ours)), half);
    assert_eq!(failure, Failure::CutOff { received: 10 });
}
