//! Spans in OpenTelemetry's terms. See [the table](super).

use std::borrow::Cow;
use std::time::{Duration, SystemTime};

use jackfield_protocol::{LogStream, Outcome, Provider, Span, Trace, TraceLine};
use opentelemetry::trace::{Event, SpanContext, SpanId, SpanKind, Status, TraceFlags, TraceState};
use opentelemetry::{InstrumentationScope, KeyValue, StringValue, Value};
use opentelemetry_sdk::trace::{SpanData, SpanEvents, SpanLinks};

use super::ids::Ids;
use crate::export::http::{self, Request};
use crate::export::lanes::Ends;

/// The spans of a trace, with its lines as their events.
pub(super) fn of(trace: &Trace) -> impl Iterator<Item = SpanData> {
    let ids = Ids::of(trace);
    let scope = InstrumentationScope::builder("jackfield").with_version(env!("CARGO_PKG_VERSION")).build();
    let start = u64::try_from(trace.start_unix_micros).unwrap_or(0).saturating_mul(1000);
    let mut events = events(trace, start);
    let ends = Ends::of(trace);
    trace.spans.iter().enumerate().map(move |(place, span)| {
        let at = |nanos: u64| moment(start.saturating_add(nanos));
        let own: Vec<Event> = events.get_mut(place).map(std::mem::take).unwrap_or_default();
        let request = http::request(span);
        SpanData {
            span_context: SpanContext::new(
                ids.trace,
                ids.span(place, span),
                TraceFlags::SAMPLED,
                false,
                TraceState::NONE,
            ),
            parent_span_id: parent(trace, span, &ids),
            parent_span_is_remote: span.parent.is_none() && ids.caller.is_some(),
            span_kind: kind(span, request.as_ref()),
            name: name(span, request.as_ref()),
            start_time: at(span.start_nanos),
            end_time: at(ends.end(span)),
            attributes: attributes(trace, span, request.as_ref()),
            dropped_attributes_count: 0,
            events: with(own, exception(span, at(ends.end(span))), dropped_lines(trace, place)),
            links: SpanLinks::default(),
            status: status(span, request.as_ref()),
            instrumentation_scope: scope.clone(),
        }
    })
}

fn moment(unix_nanos: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_nanos(unix_nanos)
}

fn parent(trace: &Trace, span: &Span, ids: &Ids) -> SpanId {
    match span.parent {
        Some(place) => {
            let place = place as usize;
            trace.spans.get(place).map_or(SpanId::INVALID, |parent| ids.span(place, parent))
        }
        None => ids.caller.unwrap_or(SpanId::INVALID),
    }
}

/// Calls within a process are internal; those from outside and to elsewhere are not.
fn kind(span: &Span, request: Option<&Request<'_>>) -> SpanKind {
    match request {
        Some(request) if request.is_outgoing => SpanKind::Client,
        Some(_) => SpanKind::Server,
        None if span.consumer.is_none() => SpanKind::Server,
        None => SpanKind::Internal,
    }
}

/// For HTTP the method alone: there are too many paths for names.
fn name(span: &Span, request: Option<&Request<'_>>) -> Cow<'static, str> {
    let name = request.map_or(span.function.as_str(), |request| request.method);
    Cow::Owned(name.to_owned())
}

fn text(key: &'static str, value: &str) -> KeyValue {
    KeyValue::new(key, value.to_owned())
}

fn number(key: &'static str, value: u64) -> KeyValue {
    KeyValue::new(key, i64::try_from(value).unwrap_or(i64::MAX))
}

fn attributes(trace: &Trace, span: &Span, request: Option<&Request<'_>>) -> Vec<KeyValue> {
    let mut all = match request {
        Some(request) => of_request(span, request),
        None => of_function(span),
    };
    let provider = match &span.provider {
        Provider::Component(name) => text("jackfield.component", name.as_str()),
        Provider::Host(plugin) => text("jackfield.plugin", plugin),
    };
    all.push(provider);
    all.extend(span.consumer.as_ref().map(|name| text("jackfield.caller", name.as_str())));
    all.extend(span.result.as_ref().map(|result| text("jackfield.result", result)));
    all.extend((span.held_nanos > 0).then(|| number("jackfield.held_nanos", span.held_nanos)));
    all.extend(span.intervention.as_ref().map(|what| text("jackfield.intervention", what)));
    all.extend((!span.outcome.is_ok()).then(|| text("error.type", &span.outcome.label().replace(' ', "_"))));
    if span.parent.is_none() {
        all.extend(trace.call.map(|call| number("jackfield.call", call.0)));
        all.extend(trace.cost.fuel.map(|fuel| number("jackfield.fuel", fuel)));
        all.extend(trace.cost.peak_memory_bytes.map(|bytes| number("jackfield.peak_memory_bytes", bytes)));
        all.extend((trace.dropped > 0).then(|| number("jackfield.dropped_spans", trace.dropped)));
    }
    all
}

fn of_function(span: &Span) -> Vec<KeyValue> {
    let mut all = vec![text("code.function.name", &span.function)];
    if span.consumer.is_some() {
        all.push(text("rpc.system.name", "component-model"));
        all.push(text("rpc.method", &span.function.replace('#', "/")));
    }
    for (place, arg) in span.args.iter().enumerate() {
        let name = if arg.name.is_empty() { place.to_string() } else { arg.name.to_string() };
        all.push(KeyValue::new(format!("jackfield.args.{name}"), arg.value.clone()));
    }
    all
}

fn of_request(span: &Span, request: &Request<'_>) -> Vec<KeyValue> {
    let mut all = vec![text("http.request.method", request.method)];
    if request.target.starts_with('/') {
        all.push(text("url.path", request.target));
    } else {
        all.push(text("url.full", request.target));
        if let Ok(url) = reqwest::Url::parse(request.target) {
            all.extend(url.host_str().map(|host| text("server.address", host)));
            all.extend(url.port_or_known_default().map(|port| number("server.port", port.into())));
        }
    }
    all.extend(request.status.map(|status| number("http.response.status_code", status.into())));
    // What a span of a request has for arguments is its query, if it is one that was answered, and its headers.
    for arg in &span.args {
        let value = arg.value.trim_matches('"').to_owned();
        all.push(match arg.name.as_str() {
            "query" if !request.is_outgoing => KeyValue::new("url.query", value),
            name => {
                let values = Value::Array(vec![StringValue::from(value)].into());
                KeyValue::new(format!("http.request.header.{name}"), values)
            }
        });
    }
    all
}

/// What did not end well says why. An answer of 400 and more is an error for who asked; 500 and more for who answered.
fn status(span: &Span, request: Option<&Request<'_>>) -> Status {
    let message = match &span.outcome {
        Outcome::Ok => {
            return match request {
                Some(Request { status: Some(status @ 400..), is_outgoing: true, .. }) => {
                    Status::error(format!("the answer was {status}"))
                }
                _ => Status::Unset,
            };
        }
        Outcome::Error => match &span.result {
            Some(result) => format!("the result was {result}"),
            None => "the result was an error".to_owned(),
        },
        Outcome::Trap { message, .. } => message.clone(),
        other => other.label().to_owned(),
    };
    Status::error(message)
}

/// A trap, with what was running.
fn exception(span: &Span, at: SystemTime) -> Option<Event> {
    let Outcome::Trap { message, frames } = &span.outcome else { return None };
    let mut attributes = vec![text("exception.type", "trap"), text("exception.message", message)];
    if !frames.is_empty() {
        attributes.push(text("exception.stacktrace", &frames.join("\n")));
    }
    Some(Event::new("exception", at, attributes, 0))
}

/// Lines that the trace does not have belong to one of its spans; to which, nobody knows.
fn dropped_lines(trace: &Trace, place: usize) -> u32 {
    let count = if place == 0 { trace.dropped_lines } else { 0 };
    u32::try_from(count).unwrap_or(u32::MAX)
}

fn with(mut own: Vec<Event>, last: Option<Event>, dropped: u32) -> SpanEvents {
    own.extend(last);
    let mut events = SpanEvents::default();
    events.events = own;
    events.dropped_count = dropped;
    events
}

/// The lines of a trace, by their spans.
fn events(trace: &Trace, start_unix_nanos: u64) -> Vec<Vec<Event>> {
    let mut all = vec![Vec::new(); trace.spans.len()];
    for line in &trace.lines {
        if let Some(events) = all.get_mut(line.span as usize) {
            events.push(printed(line, start_unix_nanos));
        }
    }
    all
}

fn printed(line: &TraceLine, start_unix_nanos: u64) -> Event {
    let stream = match line.stream {
        LogStream::Log(level) => {
            KeyValue::new("jackfield.log.level", Value::String(StringValue::from(level.name())))
        }
        stream => text("log.iostream", &stream.to_string()),
    };
    let attributes = vec![text("jackfield.component", line.component.as_str()), stream];
    Event::new(line.text.clone(), moment(start_unix_nanos.saturating_add(line.at_nanos)), attributes, 0)
}
