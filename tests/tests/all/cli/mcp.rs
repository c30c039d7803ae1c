//! `jack mcp`: against workloads, real servers and real clients.

use std::process::{Command, Stdio};

use jackfield_tests::files;
use jackfield_tests::jack::{self, Finished};
use serde_json::Value;
use tempfile::TempDir;

const CALCULATOR: &str = "samples/calculator/workload.toml";

/// `jack mcp` with sessions of its own.
fn run(data: &TempDir, args: &[&str]) -> Finished {
    jack::run_with(data.path(), ["mcp"].iter().chain(args)).expect("it ends")
}

fn folder() -> TempDir {
    tempfile::tempdir().expect("a folder")
}

/// Where a program or script by others is; `cargo xtask test` installs them and says so.
fn peer(variable: &str) -> String {
    std::env::var(variable).unwrap_or_else(|_| panic!("{variable} is not set: run `cargo xtask test`"))
}

fn everything() -> String {
    format!("{} {} stdio", peer("JACKFIELD_NODE"), peer("JACKFIELD_SERVER_EVERYTHING"))
}

#[test]
fn a_workload_has_tools_and_answers() {
    let data = folder();
    let tools = run(&data, &["tools", CALCULATOR]);
    assert!(tools.success().contains("hypotenuse(a: "), "{tools}");
    assert!(tools.stdout.contains("Returns the length of the side opposite the right angle"), "{tools}");
    let called = run(&data, &["call", CALCULATOR, "hypotenuse", r#"{"a": 3, "b": 4}"#]);
    assert_eq!(called.success(), "{\"result\":5.0}\n");
    let json = run(&data, &["call", CALCULATOR, "hypotenuse", r#"{"a": 3, "b": 4}"#, "--json"]);
    let outcome: Value = serde_json::from_str(json.success()).expect("JSON");
    assert_eq!(outcome["result"]["structuredContent"]["result"], 5.0);
}

#[test]
fn what_goes_wrong_is_said_and_gives_exit_code_1() {
    let data = folder();
    for (args, expected) in [
        (["call", CALCULATOR, "hypotenuse", r#"{"a": "x", "b": 4}"#].as_slice(), "/a"),
        (&["call", CALCULATOR, "cube"], "cube"),
        (&["call", CALCULATOR, "square", "[3]"], "not a JSON object"),
        (&["tools", "no-such-file.toml"], "no such file"),
        (&["tools", "jackfield-has-no-such-program --flag"], "jackfield-has-no-such-program"),
        (&["tools", "http://127.0.0.1:1/mcp"], "127.0.0.1:1"),
        (&["sessions", "show", "19700101"], "no session"),
    ] {
        let failed = run(&data, args);
        assert!(failed.failure().contains(expected), "{args:?}: {failed}");
    }
}

#[test]
fn the_reference_server_is_called_and_the_session_stays() {
    let data = folder();
    let called = run(&data, &["call", &everything(), "echo", r#"{"message": "hello"}"#]);
    assert_eq!(called.success(), "Echo: hello\n");
    let sessions = run(&data, &["sessions"]);
    assert_eq!(sessions.success().lines().count(), 1, "{sessions}");
    let frames = run(&data, &["sessions", "show", "latest"]);
    assert!(frames.success().contains("tools/call echo"), "{frames}");
    let lines: Vec<Value> = run(&data, &["sessions", "show", "latest", "--json"])
        .success()
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    let call = lines.iter().find(|frame| frame["method"] == "tools/call").expect("the call");
    let number = call["number"].to_string();
    let bytes = run(&data, &["sessions", "frame", "latest", &number]);
    let message: Value = serde_json::from_str(bytes.success()).expect("JSON");
    assert_eq!(message["params"]["arguments"]["message"], "hello");
    run(&data, &["sessions", "delete", "latest"]).success();
    assert!(run(&data, &["sessions"]).success().contains("No sessions"));
}

/// Writes a byte pair that is no text and a line that ends in a carriage return, and is gone.
const ODD_SERVER: &str =
    r"import sys; sys.stdout.buffer.write(b'\xff\xfe\n{}\r\n'); sys.stdout.buffer.flush()";

#[test]
fn into_a_pipe_a_frame_is_its_bytes() -> anyhow::Result<()> {
    let data = folder();
    let script = data.path().join("odd.py");
    std::fs::write(&script, ODD_SERVER)?;
    let server = format!("{} {}", peer("JACKFIELD_PYTHON"), script.display());
    run(&data, &["tools", &server]).failure();
    let frames = run(&data, &["sessions", "show", "latest", "--json"]);
    let mut written = Vec::new();
    for line in frames.success().lines() {
        let frame: Value = serde_json::from_str(line)?;
        if frame["way"] == "to-client" && frame["kind"] != "transport" && frame["kind"] != "event" {
            let number = frame["number"].to_string();
            let args = ["mcp", "sessions", "frame", "latest", number.as_str()];
            let program = files::program("jack")?;
            let output = Command::new(program).args(args).env("JACKFIELD_DATA", data.path()).output()?;
            written.push(output.stdout);
        }
    }
    assert_eq!(written, [b"\xff\xfe".to_vec(), b"{}\r".to_vec()], "{frames}");
    Ok(())
}

/// What the Python SDK makes of a server that it starts.
fn python(data: &TempDir, server: &str, tool: &str, arguments: &str) -> Value {
    let output = Command::new(peer("JACKFIELD_PYTHON"))
        .arg(files::root().join("tests/peers/python_client.py"))
        .args(["--command", server, tool, arguments])
        .env("JACKFIELD_DATA", data.path())
        .current_dir(files::root())
        .stdin(Stdio::null())
        .output()
        .expect("python");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

fn jack_with(data: &TempDir, args: &str) -> String {
    // The SDK gives a server only a few variables of the environment.
    let jack = files::program("jack").expect("jack");
    format!("env JACKFIELD_DATA={} {} {args}", data.path().display(), jack.display())
}

#[test]
fn the_python_sdk_uses_a_workload_on_standard_input_and_output() {
    let data = folder();
    let server = jack_with(&data, &format!("mcp serve {CALCULATOR} --stdio"));
    let answer = python(&data, &server, "hypotenuse", r#"{"a": 3, "b": 4}"#);
    assert!(answer.to_string().contains("5.0"), "{answer}");
    let frames = run(&data, &["sessions", "show", "latest"]);
    assert!(frames.success().contains("tools/call hypotenuse"), "{frames}");
    assert!(frames.stdout.contains("call #"), "{frames}");
}

#[test]
fn a_session_between_a_client_and_a_server_is_recorded() {
    let data = folder();
    let server = jack_with(&data, &format!("mcp record -- {}", everything()));
    let answer = python(&data, &server, "echo", r#"{"message": "hello"}"#);
    assert!(answer.to_string().contains("Echo: hello"), "{answer}");
    let sessions = run(&data, &["sessions"]);
    assert!(sessions.success().contains("between"), "{sessions}");
    let frames = run(&data, &["sessions", "show", "latest"]);
    assert!(frames.success().contains("tools/call echo"), "{frames}");
}

fn conforms(revision: &str, scenarios: &[&str]) {
    let (data, results) = (folder(), folder());
    let jack = files::program("jack").expect("jack");
    let peers = files::root().join("tests/peers");
    let client = format!("sh {} {}", peers.join("conformance_client.sh").display(), jack.display());
    let output = Command::new(peer("JACKFIELD_NODE"))
        .arg(peer("JACKFIELD_CONFORMANCE"))
        .args(["client", "--command", &client, "--requirements", revision])
        .arg("--expected-failures")
        .arg(peers.join(format!("conformance-{revision}.yml")))
        .arg("--output-dir")
        .arg(results.path())
        .env("JACKFIELD_DATA", data.path())
        .stdin(Stdio::null())
        .output()
        .expect("the suite");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}\n{}", String::from_utf8_lossy(&output.stderr));
    for scenario in scenarios {
        assert!(text.contains(&format!("✓ {scenario}: ")), "{scenario} did not pass:\n{text}");
    }
}

#[test]
fn the_client_conforms_to_2025_11_25() {
    conforms("2025-11-25", &["initialize", "tools_call"]);
}

#[test]
fn the_client_conforms_to_2026_07_28() {
    conforms("2026-07-28", &["tools_call"]);
}
