//! Servers over stdio that are wrong: a clear message for each, and no harm beyond.

use jackfield_mcp::{Failure, ProcessSpec, Target};
use jackfield_protocol::{ErrorKind, FrameKind, McpRequest};
use serde_json::json;

use crate::support::{Bench, SHORT, ask, call, call_plainly, called, process, result, text_of};

fn impatient() -> Bench {
    Bench::new().with(|options| options.handshake_timeout = SHORT)
}

#[tokio::test]
async fn no_such_command() {
    let command = "jackfield-has-no-such-command".to_owned();
    let spec = ProcessSpec { command: command.clone(), args: Vec::new(), env: Vec::new(), folder: None };
    let failure = Bench::new().refusal(Target::Process(spec.clone())).await;
    assert_eq!(failure, Failure::CommandNotFound { command });
    assert!(failure.help().unwrap().contains("PATH"));
    let elsewhere = ProcessSpec { folder: Some("/no/such/folder".to_owned()), ..spec };
    let failure = Bench::new().refusal(Target::Process(elsewhere)).await;
    assert!(failure.to_string().ends_with("there is no folder /no/such/folder"), "{failure}");
}

#[tokio::test]
async fn exits_at_once() {
    let bench = Bench::new();
    let failure = bench.refusal(process("bad.py", &["exits"])).await;
    let stderr = vec!["cannot read config.toml".to_owned(), "giving up".to_owned()];
    assert_eq!(failure, Failure::Exited { status: "exit status: 7".to_owned(), stderr });
    let error = jackfield_protocol::Error::from(failure);
    assert_eq!(error.kind, ErrorKind::Mcp);
    let message =
        "the server's process ended (exit status: 7); it said:\n  cannot read config.toml\n  giving up";
    assert_eq!(error.message, message);
    let last = bench.frames().pop().unwrap();
    assert_eq!(last.subject.as_deref(), Some("the process ended: exit status: 7"));
}

#[tokio::test]
async fn is_killed() {
    let failure = Bench::new().refusal(process("bad.py", &["killed"])).await;
    let Failure::Exited { status, .. } = failure else { panic!("{failure:?}") };
    assert!(status.contains("signal: 9"), "{status}");
}

#[tokio::test]
async fn never_answers() {
    let failure = impatient().refusal(process("bad.py", &["silent"])).await;
    assert_eq!(failure, Failure::NoHandshake { waited: SHORT });
    assert_eq!(failure.to_string(), "the server did not answer the handshake within 400 ms");
}

#[tokio::test]
async fn writes_garbage() {
    let bench = Bench::new().with(|options| options.handshake_timeout = SHORT * 2);
    let failure = bench.refusal(process("bad.py", &["garbage"])).await;
    let sample = "Welcome to the server!".to_owned();
    assert_eq!(failure, Failure::Garbage { waited: SHORT * 2, sample });
}

#[tokio::test]
async fn answers_with_another_id() {
    let failure = Bench::new().refusal(process("bad.py", &["wrong-id"])).await;
    assert_eq!(failure, Failure::WrongId { expected: "0".to_owned(), received: "100".to_owned() });
}

#[tokio::test]
async fn speaks_no_known_revision() {
    let failure = Bench::new().refusal(process("bad.py", &["version"])).await;
    let Failure::ProtocolVersion { offered, .. } = &failure else { panic!("{failure:?}") };
    assert_eq!(offered, "1999-01-01");
    assert!(failure.help().unwrap().contains("2024-11-05"));
}

#[tokio::test]
async fn sends_half_a_frame() {
    let bench = Bench::new();
    let failure = bench.refusal(process("bad.py", &["half"])).await;
    assert!(matches!(failure, Failure::Exited { .. }), "{failure:?}");
    let malformed = bench.frames().into_iter().find(|frame| frame.kind == FrameKind::Malformed).unwrap();
    assert_eq!(malformed.size_in_bytes, 40);
    assert_eq!(malformed.problem.as_deref(), Some("it broke off before its end: no newline follows"));
}

#[tokio::test]
async fn closes_without_a_word() {
    let failure = Bench::new().refusal(process("bad.py", &["closes"])).await;
    assert_eq!(failure, Failure::Exited { status: "exit status: 0".to_owned(), stderr: Vec::new() });
}

#[tokio::test]
async fn refuses_the_handshake() {
    let failure = Bench::new().refusal(process("bad.py", &["error"])).await;
    assert_eq!(failure.to_string(), "the server refused `initialize`: no database (code -32603)");
}

#[tokio::test]
async fn answers_the_handshake_in_no_known_form() {
    let failure = Bench::new().refusal(process("bad.py", &["form"])).await;
    assert!(matches!(failure, Failure::BadResult { .. }), "{failure:?}");
}

#[tokio::test]
async fn a_frame_of_50_mb_is_taken_where_that_is_allowed() {
    let bench = Bench::new();
    let connection = bench.connect(process("plain.py", &[])).await.unwrap();
    let bytes = 50_000_000;
    let outcome = called(&connection, call("big", json!({ "bytes": bytes }))).await;
    assert_eq!(text_of(&outcome).len(), bytes);
    let largest = bench.frames().into_iter().max_by_key(|frame| frame.size_in_bytes).unwrap();
    assert_eq!(bench.raw(&largest).len() as u64, largest.size_in_bytes);
}

#[tokio::test]
async fn a_frame_of_50_mb_ends_the_connection_where_it_is_not() {
    let bench = Bench::new().with(|options| options.max_frame_bytes = 1 << 20);
    let connection = bench.connect(process("plain.py", &[])).await.unwrap();
    let failure = ask(&connection, call("big", json!({ "bytes": 50_000_000 }))).await.unwrap_err();
    assert_eq!(failure, Failure::TooLarge { limit: 1 << 20 });
    assert_eq!(connection.ended().await, failure);
    let cut = bench.frames().into_iter().find(|frame| frame.kind == FrameKind::Malformed).unwrap();
    assert_eq!(cut.size_in_bytes, 1 << 20);
    assert_eq!(ask(&connection, McpRequest::Ping).await.unwrap_err(), failure);
}

#[tokio::test]
async fn ends_during_a_call() {
    for (tool, status) in [("die", "exit status: 3"), ("half", "exit status: 0")] {
        let bench = Bench::new();
        let connection = bench.connect(process("plain.py", &[])).await.unwrap();
        let failure = ask(&connection, call_plainly(tool)).await.unwrap_err();
        let Failure::Exited { status: found, stderr } = &failure else { panic!("{failure:?}") };
        assert_eq!(found, status);
        assert_eq!(stderr.iter().any(|line| line == "out of cheese"), tool == "die");
        assert!(!connection.is_open());
    }
}

#[tokio::test]
async fn stays_usable_after_malformed_lines() {
    let bench = Bench::new();
    let connection = bench.connect(process("plain.py", &[])).await.unwrap();
    for _ in 0..3 {
        called(&connection, call_plainly("noise")).await;
    }
    assert_eq!(result(&connection, McpRequest::Ping).await, json!({}));
}

#[tokio::test]
async fn a_stray_answer_is_named_when_the_right_one_does_not_come() {
    let bench = Bench::new();
    let connection = bench.connect(process("plain.py", &[])).await.unwrap();
    let timeout_millis = Some(u64::try_from(SHORT.as_millis()).unwrap());
    let request =
        McpRequest::CallTool { name: "stray".to_owned(), arguments: Default::default(), timeout_millis };
    let failure = ask(&connection, request).await.unwrap_err();
    let Failure::TimedOut { stray, .. } = &failure else { panic!("{failure:?}") };
    assert_eq!(stray.as_deref(), Some("987654"));
    assert!(bench.problems().contains(&"no request with its id waits for an answer".to_owned()));
}
