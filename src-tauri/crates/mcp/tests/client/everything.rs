//! The reference server of the protocol's authors, over both transports.
//!
//! `JACKFIELD_SERVER_EVERYTHING` names its entry script. With `JACKFIELD_PEERS=required` it must.

use std::process::Stdio;

use jackfield_mcp::{AskOptions, Connection, ProcessSpec, Target};
use jackfield_protocol::{FrameKind, McpNotice, McpRequest, McpResponse, Ticket};
use serde_json::json;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use crate::support::{Bench, LONG, ask, call, called, result, text_of, url};

fn script() -> Option<String> {
    let script = std::env::var("JACKFIELD_SERVER_EVERYTHING").ok().filter(|script| !script.is_empty());
    let required = std::env::var("JACKFIELD_PEERS").is_ok_and(|peers| peers == "required");
    assert!(
        script.is_some() || !required,
        "JACKFIELD_SERVER_EVERYTHING is not set; `cargo xtask test` sets it"
    );
    if script.is_none() {
        println!("left out: JACKFIELD_SERVER_EVERYTHING is not set");
    }
    script
}

#[tokio::test]
async fn over_stdio() {
    let Some(script) = script() else { return };
    let bench = Bench::new();
    let args = vec![script, "stdio".to_owned()];
    let spec = ProcessSpec { command: "node".to_owned(), args, env: Vec::new(), folder: None };
    let connection = bench.connect(Target::Process(spec)).await.unwrap();
    talk(&bench, &connection).await;
    connection.close().await;
    judge(&bench);
}

#[tokio::test]
async fn over_streamable_http() {
    let Some(script) = script() else { return };
    let (_server, address) = serve(&script).await;
    let bench = Bench::new();
    let connection = bench.connect(url(address)).await.unwrap();
    talk(&bench, &connection).await;
    connection.close().await;
    judge(&bench);
}

/// Starts the server on a port that is free, and waits until it says that it listens.
async fn serve(script: &str) -> (Child, String) {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = free.local_addr().unwrap().port();
    drop(free);
    let mut server = Command::new("node")
        .args([script, "streamableHttp"])
        .env("PORT", port.to_string())
        .stderr(Stdio::piped())
        .stdout(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(server.stderr.take().unwrap()).lines();
    let listening = async {
        while let Some(line) = lines.next_line().await.unwrap() {
            if line.contains(&port.to_string()) {
                return;
            }
        }
        panic!("it ended");
    };
    tokio::time::timeout(LONG, listening).await.unwrap();
    // Reads on, so that the server never waits for its pipe.
    tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
    (server, format!("http://127.0.0.1:{port}/mcp"))
}

async fn talk(bench: &Bench, connection: &Connection) {
    assert!(connection.server().has("tools"), "{:?}", connection.server());
    let listed = ask(connection, McpRequest::ListTools { cursor: None }).await.unwrap();
    let McpResponse::Tools { tools, .. } = listed else { panic!("{listed:?}") };
    assert!(tools.iter().any(|tool| tool.name == "echo"), "{tools:?}");
    let outcome = called(connection, call("echo", json!({ "message": "grüße" }))).await;
    assert!(text_of(&outcome).ends_with("grüße"), "{outcome:?}");

    let long = tools.iter().find(|tool| tool.name.contains("long-running")).unwrap();
    let options = AskOptions { ticket: Some(Ticket(3)), ..Default::default() };
    let request = call(&long.name, json!({ "duration": 0.2, "steps": 2 }));
    connection.ask(request, options).await.unwrap();
    while !matches!(bench.next_notice().await, McpNotice::Progress { ticket: Ticket(3), .. }) {}

    let resources = result(connection, McpRequest::ListResources { cursor: None }).await;
    let uri = resources["resources"][0]["uri"].as_str().unwrap().to_owned();
    let read = result(connection, McpRequest::ReadResource { uri }).await;
    assert!(read["contents"].is_array());
    assert!(result(connection, McpRequest::ListResourceTemplates { cursor: None }).await.is_object());
    let prompts = result(connection, McpRequest::ListPrompts { cursor: None }).await;
    let name = prompts["prompts"][0]["name"].as_str().unwrap().to_owned();
    let prompt = McpRequest::GetPrompt { name, arguments: Default::default() };
    assert!(result(connection, prompt).await["messages"].is_array());
    assert!(result(connection, McpRequest::SetLogLevel { level: "debug".to_owned() }).await.is_object());
    assert!(result(connection, McpRequest::Ping).await.is_object());
}

fn judge(bench: &Bench) {
    let frames = bench.frames();
    assert!(frames.iter().all(|frame| frame.kind != FrameKind::Malformed), "{frames:#?}");
    let unanswered = frames
        .iter()
        .filter(|frame| frame.kind == FrameKind::Request)
        .filter(|request| !frames.iter().any(|frame| frame.answers == Some(request.number)));
    assert_eq!(unanswered.count(), 0, "{frames:#?}");
}
