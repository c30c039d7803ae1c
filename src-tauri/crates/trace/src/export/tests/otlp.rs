//! OTLP as a file, read with OpenTelemetry's own types.

use std::collections::{BTreeMap, BTreeSet};

use jackfield_protocol::{Argument, Outcome, Provider};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::{KeyValue, any_value::Value};
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use opentelemetry_proto::tonic::trace::v1::status::StatusCode;
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, Span};

use super::*;

fn request(traces: Vec<Trace>) -> ExportTraceServiceRequest {
    serde_json::from_str(&exported(traces, TraceFormat::Otlp)).unwrap()
}

pub(super) fn spans_of(resources: &[ResourceSpans]) -> Vec<Span> {
    let scopes = resources.iter().flat_map(|resource| &resource.scope_spans);
    scopes.flat_map(|scope| scope.spans.clone()).collect()
}

fn spans(traces: Vec<Trace>) -> Vec<Span> {
    spans_of(&request(traces).resource_spans)
}

/// Attributes by their keys; numbers as text.
fn all(attributes: &[KeyValue]) -> BTreeMap<&str, String> {
    let text = |attribute: &KeyValue| match attribute.value.clone().and_then(|it| it.value) {
        Some(Value::StringValue(text)) => text,
        Some(Value::IntValue(number)) => number.to_string(),
        Some(Value::ArrayValue(array)) => match array.values.first().and_then(|it| it.value.clone()) {
            Some(Value::StringValue(text)) => text,
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    };
    attributes.iter().map(|attribute| (attribute.key.as_str(), text(attribute))).collect()
}

fn argument(name: &str, value: &str) -> Argument {
    Argument { name: name.into(), value: value.to_owned() }
}

#[test]
fn a_workload_is_a_service_and_its_calls_are_a_tree_in_time() {
    let mut other = trace(2);
    other.workload_name = "other".to_owned();
    let request = request(vec![trace(3), trace(4), other]);
    let services: Vec<_> = request
        .resource_spans
        .iter()
        .map(|it| all(&it.resource.as_ref().unwrap().attributes)["service.name"].clone())
        .collect();
    assert_eq!(services, ["test", "other"]);
    let spans = spans_of(&request.resource_spans);
    assert_eq!(spans.len(), 9);
    let ids: BTreeSet<_> = spans.iter().map(|span| (&span.trace_id, &span.span_id)).collect();
    assert_eq!(ids.len(), 9);
    assert_eq!(spans.iter().map(|span| &span.trace_id).collect::<BTreeSet<_>>().len(), 3);
    for span in &spans {
        assert_eq!((span.trace_id.len(), span.span_id.len()), (16, 8));
        let parent = spans.iter().find(|it| it.span_id == span.parent_span_id);
        assert_eq!(parent.is_none(), span.parent_span_id.is_empty());
        if let Some(parent) = parent {
            assert_eq!(parent.trace_id, span.trace_id);
            assert!(parent.start_time_unix_nano <= span.start_time_unix_nano);
            assert!(parent.end_time_unix_nano >= span.end_time_unix_nano);
        }
    }
    assert_eq!(spans[0].start_time_unix_nano, 1_767_225_600_000_000_000);
    assert_eq!(spans[1].start_time_unix_nano, 1_767_225_600_000_002_000);
    assert_eq!(spans[1].end_time_unix_nano, 1_767_225_600_000_003_000);
}

#[test]
fn calls_have_the_attributes_of_the_conventions_and_their_values() {
    let spans = spans(vec![trace(2)]);
    assert_eq!((spans[0].kind(), spans[1].kind()), (SpanKind::Server, SpanKind::Internal));
    assert_eq!(spans[1].name, "test:test/api#double");
    let attributes = all(&spans[1].attributes);
    for (key, value) in [
        ("code.function.name", "test:test/api#double"),
        ("rpc.method", "test:test/api/double"),
        ("jackfield.component", "back"),
        ("jackfield.caller", "front"),
        ("jackfield.args.x", "1"),
        ("jackfield.result", "2"),
    ] {
        assert_eq!(attributes.get(key).map(String::as_str), Some(value), "{key}");
    }
    assert_eq!(spans[1].status.as_ref().unwrap().code(), StatusCode::Unset);
    assert_eq!(all(&spans[0].attributes)["jackfield.call"], "7");
}

#[test]
fn failures_say_why_and_lines_are_events_in_their_place() {
    let spans = spans(vec![rich()]);
    let status = |place: usize| {
        let status = spans[place].status.clone().unwrap();
        (status.code(), status.message)
    };
    assert_eq!(status(1), (StatusCode::Error, "the result was 2".to_owned()));
    assert_eq!(status(3), (StatusCode::Error, "`back` trapped: unreachable".to_owned()));
    assert_eq!(all(&spans[3].attributes)["error.type"], "trap");
    let exception = spans[3].events.last().unwrap();
    assert_eq!(exception.name, "exception");
    assert_eq!(all(&exception.attributes)["exception.stacktrace"], "panic\ndouble");
    let line = &spans[1].events[0];
    assert!(line.name.starts_with("a \"line\""), "{line:?}");
    assert_eq!(line.time_unix_nano, 1_767_225_600_000_002_100);
    assert_eq!(all(&line.attributes)["jackfield.log.level"], "warn");
    assert_eq!(all(&spans[0].events[0].attributes)["log.iostream"], "stdout");
    assert_eq!(all(&spans[0].attributes)["jackfield.fuel"], "12345");
    let dropped: Vec<u32> = spans.iter().map(|span| span.dropped_events_count).collect();
    assert_eq!((dropped[0], dropped.iter().sum::<u32>()), (2, 2), "lines that the trace does not have");
}

#[test]
fn a_call_with_a_context_goes_on_below_its_caller() {
    let spans = spans(vec![rich()]);
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    assert_eq!(hex(&spans[0].trace_id), "0af7651916cd43dd8448eb211c80319c");
    assert_eq!(hex(&spans[0].parent_span_id), "b7ad6b7169203331");
    assert_eq!(spans[1].parent_span_id, spans[0].span_id);
    // The flags say that the caller is elsewhere.
    assert_eq!((spans[0].flags & 0x300, spans[1].flags & 0x300), (0x300, 0x100));
}

#[test]
fn http_requests_have_method_url_and_status() {
    let mut visit = trace(2);
    visit.spans[0].function = "GET /time.json".into();
    visit.spans[0].args = vec![argument("query", "\"zone=utc\""), argument("accept", "\"text/html\"")];
    visit.spans[0].result = Some("503".to_owned());
    visit.spans[0].outcome = Outcome::Error;
    visit.spans[1].function = "POST https://example.com:8443/a?b=c".into();
    visit.spans[1].provider = Provider::Host("wasi:http".into());
    visit.spans[1].result = Some("404 Not Found".to_owned());
    visit.spans[1].args =
        vec![argument("traceparent", "\"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\"")];
    let spans = spans(vec![visit]);
    assert_eq!((spans[0].kind(), spans[0].name.as_str()), (SpanKind::Server, "GET"));
    let served = all(&spans[0].attributes);
    assert_eq!((served["url.path"].as_str(), served["url.query"].as_str()), ("/time.json", "zone=utc"));
    assert_eq!(served["http.response.status_code"], "503");
    assert_eq!(served["http.request.header.accept"], "text/html");
    assert_eq!((spans[1].kind(), spans[1].name.as_str()), (SpanKind::Client, "POST"));
    let sent = all(&spans[1].attributes);
    assert_eq!(sent["url.full"], "https://example.com:8443/a?b=c");
    assert_eq!((sent["server.address"].as_str(), sent["server.port"].as_str()), ("example.com", "8443"));
    assert_eq!(spans[1].status.as_ref().unwrap().message, "the answer was 404");
    assert_eq!(spans[1].span_id, [0x00, 0xf0, 0x67, 0xaa, 0x0b, 0xa9, 0x02, 0xb7]);
}

#[test]
fn the_json_is_written_as_the_protocol_asks() {
    let text = exported(vec![rich()], TraceFormat::Otlp);
    let file: serde_json::Value = serde_json::from_str(&text).unwrap();
    let span = &file["resourceSpans"][0]["scopeSpans"][0]["spans"][0];
    // Ids in hexadecimal, numbers of 64 bits as text, enumerations as numbers.
    assert_eq!(span["traceId"], "0af7651916cd43dd8448eb211c80319c");
    assert_eq!(span["startTimeUnixNano"], "1767225600000000000");
    assert_eq!(span["kind"], 2);
    assert_eq!(request(Vec::new()).resource_spans, []);
}
