//! The official Python SDK, which plays a client.

use std::process::Stdio;

use serde_json::{Value, json};
use tokio::process::Command;

use crate::http::serve;
use crate::peers::{peer, root};
use crate::toolbox::TestTools;

/// What the script `tests/peers/python_client.py` prints.
async fn client(arguments: &[&str]) -> Option<Result<Value, String>> {
    let python = peer("JACKFIELD_PYTHON")?;
    let mut command = Command::new(python);
    command.arg(root().join("tests/peers/python_client.py")).args(arguments);
    let output = command.stdin(Stdio::null()).kill_on_drop(true).output().await.expect("Python runs");
    if !output.status.success() {
        return Some(Err(String::from_utf8_lossy(&output.stderr).into_owned()));
    }
    Some(Ok(serde_json::from_slice(&output.stdout).expect("JSON")))
}

/// The script is what is tried here: it speaks to servers on standard input and output, too.
#[tokio::test(flavor = "multi_thread")]
async fn it_speaks_to_a_child_process() {
    let (Some(node), Some(everything)) = (peer("JACKFIELD_NODE"), peer("JACKFIELD_SERVER_EVERYTHING")) else {
        return;
    };
    let command = format!("'{}' '{}' stdio", node.display(), everything.display());
    let Some(outcome) = client(&["--command", &command, "echo", r#"{"message": "hi"}"#]).await else {
        return;
    };
    let outcome = outcome.unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(outcome["text"], json!(["Echo: hi"]), "{outcome}");
    assert_eq!(outcome["protocol"], "2025-11-25", "{outcome}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_cannot_be_reached_is_an_error() {
    let Some(outcome) = client(&["--url", "http://127.0.0.1:1/mcp", "echo", "{}"]).await else { return };
    outcome.expect_err("nobody listens there");
}

#[tokio::test(flavor = "multi_thread")]
async fn it_lists_and_calls_tools_in_both_eras() {
    let server = serve(&TestTools::new()).await;
    for (mode, revision) in [("legacy", "2025-11-25"), ("2026-07-28", "2026-07-28")] {
        let arguments = ["--url", &server.url(), "--mode", mode, "add", r#"{"a": 3, "b": 4}"#];
        let Some(outcome) = client(&arguments).await else { return };
        let outcome = outcome.unwrap_or_else(|error| panic!("{mode}: {error}"));
        assert_eq!(outcome["protocol"], revision, "{outcome}");
        assert_eq!(outcome["tools"], json!(["add", "wait", "meet", "trap"]));
        assert_eq!(outcome["structured"], json!({"result": 7}));
        assert_eq!(outcome["is-error"], false);
        assert!(outcome["meta"]["dev.jackfield/call"].is_u64(), "{outcome}");

        let arguments = ["--url", &server.url(), "--mode", mode, "trap", "{}"];
        let outcome =
            client(&arguments).await.expect("Python").unwrap_or_else(|error| panic!("{mode}: {error}"));
        assert_eq!(outcome["is-error"], true, "{outcome}");
        assert_eq!(outcome["meta"]["dev.jackfield/failure"], "trap", "{outcome}");
    }
    server.stop().await;
}
