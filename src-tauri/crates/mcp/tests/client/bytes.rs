//! The bytes that are recorded are the bytes that were sent.

use jackfield_protocol::{CallId, FrameBytes, FrameKind, FrameWay};

use crate::support::{Bench, call, call_plainly, called, logs, process, text_of};

#[tokio::test]
async fn the_record_is_what_went_over_the_pipes() {
    let bench = Bench::new();
    let (read, sent) = logs(&bench.folder);
    let target = process("plain.py", &[read.to_str().unwrap(), sent.to_str().unwrap()]);
    let connection = bench.connect(target).await.unwrap();
    let noisy = called(&connection, call_plainly("noise")).await;
    assert_eq!(text_of(&noisy), "noisy");
    called(&connection, call("echo", serde_json::json!({ "text": "grüße\u{2028}\u{1F980}\\n" }))).await;
    connection.close().await;
    bench.recorder.finish();
    assert_eq!(bench.lines(FrameWay::ToServer), std::fs::read(read).unwrap());
    assert_eq!(bench.lines(FrameWay::ToClient), std::fs::read(sent).unwrap());

    let frames = bench.frames();
    let malformed: Vec<_> = frames.iter().filter(|frame| frame.kind == FrameKind::Malformed).collect();
    assert_eq!(malformed.len(), 5, "{malformed:?}");
    assert!(malformed.iter().all(|frame| frame.problem.is_some()));
    let stderr: Vec<_> = frames.iter().filter(|frame| frame.kind == FrameKind::Stderr).collect();
    assert_eq!(stderr.len(), 2);
    assert_eq!(bench.raw(stderr[1]), b"another \xff");
    let shown = bench.sessions.bytes(&bench.id(), stderr[1].number).unwrap();
    assert_eq!(shown, FrameBytes::Hex("616e6f7468657220ff".to_owned()));
}

#[tokio::test]
async fn a_frame_says_what_it_is() {
    let bench = Bench::new();
    let connection = bench.connect(process("plain.py", &[])).await.unwrap();
    let outcome = called(&connection, call("echo", serde_json::json!({ "text": "hi" }))).await;
    connection.close().await;
    let frames = bench.frames();
    let numbers: Vec<u64> = frames.iter().map(|frame| frame.number).collect();
    assert_eq!(numbers, (1..=frames.len() as u64).collect::<Vec<_>>());
    assert!(frames.windows(2).all(|pair| pair[0].time_micros <= pair[1].time_micros));

    let request = frames.iter().find(|frame| frame.subject.as_deref() == Some("echo")).unwrap();
    assert_eq!(request.kind, FrameKind::Request);
    assert_eq!(request.method.as_deref(), Some("tools/call"));
    assert_eq!(request.number, outcome.request_frame);
    let response = frames.iter().find(|frame| frame.answers == Some(request.number)).unwrap();
    assert_eq!(response.kind, FrameKind::Response);
    assert_eq!(response.id, request.id);
    assert_eq!(response.method, request.method);
    assert_eq!(response.subject, request.subject);
    assert_eq!(response.duration_micros, Some(response.time_micros - request.time_micros));
    assert_eq!(response.duration_micros, Some(outcome.duration_micros));
    assert_eq!(response.call, Some(CallId(41)));
    assert_eq!(response.size_in_bytes, bench.raw(response).len() as u64);
}

#[tokio::test]
async fn the_end_of_the_process_is_a_frame() {
    let bench = Bench::new();
    let connection = bench.connect(process("plain.py", &[])).await.unwrap();
    connection.close().await;
    let last = bench.frames().pop().unwrap();
    assert_eq!(last.kind, FrameKind::Transport);
    assert_eq!(last.subject.as_deref(), Some("the process ended: exit status: 0"));
    assert_eq!(last.problem, None);
}
