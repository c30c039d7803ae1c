//! Sending to collectors, good ones and others.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use jackfield_protocol::{Error, ErrorKind};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;

use super::collector::{Collector, Manner};
use super::otlp::spans_of;
use super::*;
use crate::export::{SendOptions, send};

async fn give(endpoint: &str, traces: Vec<Trace>) -> Result<u64, Error> {
    let options = SendOptions { limit: Duration::from_secs(2) };
    send(endpoint, source(traces), &options).await.map_err(Error::from)
}

async fn refusal(manner: Manner) -> Error {
    let collector = Collector::start(manner);
    give(&collector.endpoint, vec![trace(2)]).await.expect_err("a refusal")
}

fn help(error: &Error) -> &str {
    error.help.as_deref().expect("what to do")
}

#[tokio::test]
async fn a_collector_gets_what_the_file_would_hold() {
    let collector = Collector::start(Manner::Takes);
    assert_eq!(give(&collector.endpoint, vec![trace(3), rich()]).await, Ok(2));
    let file: ExportTraceServiceRequest =
        serde_json::from_str(&exported(vec![trace(3), rich()], TraceFormat::Otlp)).unwrap();
    let requests = collector.requests.lock().unwrap();
    assert_eq!(*requests, [file]);
    let head = collector.heads.lock().unwrap()[0].to_lowercase();
    assert!(head.starts_with("post /v1/traces http/1.1\r\n"), "{head}");
    assert!(head.contains("content-type: application/x-protobuf"), "{head}");
}

#[tokio::test]
async fn many_traces_go_in_several_requests_that_are_not_too_large() {
    let collector = Collector::start(Manner::Takes);
    let mut traces: Vec<Trace> = (0..300).map(|_| trace(20)).collect();
    traces.iter_mut().enumerate().for_each(|(number, trace)| trace.start_unix_micros += number as i64);
    traces.push(trace(5_000));
    traces.last_mut().unwrap().workload_name = "other".to_owned();
    assert_eq!(give(&collector.endpoint, traces).await, Ok(301));
    let requests = collector.requests.lock().unwrap();
    let counts: Vec<_> = requests.iter().map(|request| spans_of(&request.resource_spans).len()).collect();
    assert_eq!(counts.iter().sum::<usize>(), 300 * 20 + 5_000);
    assert_eq!(counts, [2_000, 2_000, 2_000, 5_000]);
}

#[tokio::test]
async fn nothing_to_send_is_not_sent() {
    assert_eq!(give("http://127.0.0.1:1", Vec::new()).await, Ok(0));
}

#[tokio::test]
async fn a_collector_that_is_busy_for_a_moment_gets_it_a_moment_later() {
    let collector = Collector::start(Manner::Says("503 Service Unavailable", "", 2));
    assert_eq!(give(&collector.endpoint, vec![trace(2)]).await, Ok(1));
    assert_eq!(collector.requests.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn a_refusal_says_what_the_collector_said_and_what_to_do() {
    let error = refusal(Manner::Says("401 Unauthorized", "who are you?\u{1b}[2J", usize::MAX)).await;
    assert!(error.message.ends_with("answered 401 Unauthorized: who are you?[2J"), "{error}");
    assert!(help(&error).contains("OTEL_EXPORTER_OTLP_HEADERS"), "{error}");
    for (status, advice) in [
        ("400 Bad Request", "takes OTLP over HTTP"),
        ("404 Not Found", "/v1/traces"),
        ("413 Payload Too Large", "larger requests"),
        ("429 Too Many Requests", "try again"),
        ("307 Temporary Redirect", "redirects are not followed"),
        ("500 Internal Server Error", "own log"),
    ] {
        let error = refusal(Manner::Says(status, "", usize::MAX)).await;
        assert!(error.message.contains(status) && help(&error).contains(advice), "{status}: {error}");
    }
}

#[tokio::test]
async fn spans_that_a_collector_does_not_take_are_told() {
    let error = refusal(Manner::Rejects(2)).await;
    assert!(error.message.ends_with("did not take 2 of the spans: too old"), "{error}");
}

#[tokio::test]
async fn a_collector_that_is_not_there_is_told_soon() {
    // A port that was free a moment ago.
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let started = Instant::now();
    let error = give(&format!("http://{address}"), vec![trace(1)]).await.expect_err("nobody is there");
    assert!(error.message.contains("no collector can be reached at http://127.0.0.1:"), "{error}");
    assert!(help(&error).contains("4318"), "{error}");
    assert!(started.elapsed() < Duration::from_secs(8));
}

#[tokio::test]
async fn a_collector_that_says_nothing_is_not_waited_for_without_end() {
    let started = Instant::now();
    let error = refusal(Manner::Silent).await;
    assert_eq!(error.kind, ErrorKind::TimedOut);
    assert!(error.message.ends_with("did not answer within 2 s"), "{error}");
    assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
}

#[tokio::test]
async fn what_is_no_collector_is_told() {
    let error = refusal(Manner::Babbles).await;
    assert!(error.message.contains("no collector can be reached"), "{error}");
    let error = give("localhost:4317", vec![trace(1)]).await.expect_err("no address");
    assert!(help(&error).contains("http://127.0.0.1:4318"), "{error}");
}
