//! Chrome's Trace Event Format, as Perfetto and `chrome://tracing` open it. The format is described in
//! <https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU>.
//!
//! A workload is a process, a component a thread of it, or several where it does several things at once. A call is a
//! *complete event* (`X`), a line that was printed an *instant event* (`i`), names are *metadata events* (`M`). Times
//! are microseconds with three decimals, counted from an origin that `otherData` tells: counted from 1970, they
//! would lose their nanoseconds in readers that take numbers for floating point.

use std::collections::BTreeMap;
use std::io::{self, Write};

use jackfield_protocol::{Outcome, Provider, Span, Trace, TraceLine};
use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

use super::Form;
use super::lanes::{Ends, Lane, Lanes};

/// So long before the first trace is the origin, because a trace that ended later may have begun earlier.
const MARGIN_MICROS: i64 = 24 * 3600 * 1_000_000;
/// How much of a line is its event's name.
const NAME_CHARS: usize = 80;

/// Traces as events.
#[derive(Debug, Default)]
pub(super) struct Chrome {
    origin_unix_micros: Option<i64>,
    lanes: Lanes,
    processes: BTreeMap<String, u32>,
    threads: BTreeMap<(u32, Lane), u32>,
}

#[derive(Serialize)]
struct Event<'a> {
    ph: &'static str,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    cat: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ts: Option<Micros>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dur: Option<Micros>,
    pid: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    tid: Option<u32>,
    /// How far an instant event reaches: its thread.
    #[serde(skip_serializing_if = "Option::is_none")]
    s: Option<&'static str>,
    args: Map<String, Value>,
}

/// Nanoseconds, written as microseconds.
struct Micros(u64);

impl Serialize for Micros {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // Within a day and a year, nanoseconds are exact.
        serializer.serialize_f64(self.0 as f64 / 1000.0)
    }
}

impl Form for Chrome {
    fn begin(&mut self, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(b"{\"displayTimeUnit\":\"ns\",\"traceEvents\":[")
    }

    fn trace(&mut self, trace: &Trace, out: &mut dyn Write) -> io::Result<()> {
        let is_first = self.origin_unix_micros.is_none();
        let origin =
            *self.origin_unix_micros.get_or_insert(trace.start_unix_micros.saturating_sub(MARGIN_MICROS));
        let start_micros = u64::try_from(trace.start_unix_micros.saturating_sub(origin)).unwrap_or(0);
        let start_nanos = start_micros.saturating_mul(1000);
        let mut events = Events { out, is_first };
        let pid = self.process(&trace.workload_name, &mut events)?;
        let lanes = self.lanes.of(trace);
        let mut tids = Vec::with_capacity(lanes.len());
        for lane in lanes {
            tids.push(self.thread(pid, lane, &mut events)?);
        }
        let ends = Ends::of(trace);
        for (span, tid) in trace.spans.iter().zip(&tids) {
            let duration = ends.end(span).saturating_sub(span.start_nanos);
            let nanos = (start_nanos.saturating_add(span.start_nanos), duration);
            events.write(&call(trace, span, (pid, *tid), nanos))?;
        }
        for line in &trace.lines {
            let tid = tids.get(line.span as usize).copied().unwrap_or_default();
            events.write(&printed(line, (pid, tid), start_nanos))?;
        }
        Ok(())
    }

    fn end(&mut self, out: &mut dyn Write) -> io::Result<()> {
        let origin = self.origin_unix_micros.unwrap_or_default();
        let version = env!("CARGO_PKG_VERSION");
        writeln!(
            out,
            "\n],\"otherData\":{{\"origin-unix-micros\":\"{origin}\",\"written-by\":\"jackfield {version}\"}}}}"
        )
    }
}

impl Chrome {
    /// The number of a workload, which is told when it is new.
    fn process(&mut self, name: &str, events: &mut Events<'_>) -> io::Result<u32> {
        if let Some(pid) = self.processes.get(name) {
            return Ok(*pid);
        }
        let pid = u32::try_from(self.processes.len() + 1).unwrap_or(u32::MAX);
        self.processes.insert(name.to_owned(), pid);
        events.name("process_name", name, pid, None)?;
        Ok(pid)
    }

    /// The number of a lane, which is told when it is new.
    fn thread(&mut self, pid: u32, lane: Lane, events: &mut Events<'_>) -> io::Result<u32> {
        let name = match lane.number {
            0 => lane.provider.clone(),
            number => format!("{} ({})", lane.provider, number + 1),
        };
        let key = (pid, lane);
        if let Some(tid) = self.threads.get(&key) {
            return Ok(*tid);
        }
        let tid = u32::try_from(self.threads.len() + 1).unwrap_or(u32::MAX);
        self.threads.insert(key, tid);
        events.name("thread_name", &name, pid, Some(tid))?;
        Ok(tid)
    }
}

/// Events on their way out, with what stands between them.
struct Events<'a> {
    out: &'a mut dyn Write,
    is_first: bool,
}

impl Events<'_> {
    fn write(&mut self, event: &Event<'_>) -> io::Result<()> {
        let between: &[u8] = if self.is_first { b"\n" } else { b",\n" };
        self.is_first = false;
        self.out.write_all(between)?;
        serde_json::to_writer(&mut *self.out, event).map_err(io::Error::from)
    }

    fn name(&mut self, kind: &'static str, name: &str, pid: u32, tid: Option<u32>) -> io::Result<()> {
        let args = Map::from_iter([("name".to_owned(), Value::from(name))]);
        self.write(&Event { ph: "M", name: kind, cat: None, ts: None, dur: None, pid, tid, s: None, args })
    }
}

fn call<'a>(
    trace: &Trace,
    span: &'a Span,
    (pid, tid): (u32, u32),
    (start_nanos, duration_nanos): (u64, u64),
) -> Event<'a> {
    let category = match span.provider {
        Provider::Component(_) => "component",
        Provider::Host(_) => "host",
    };
    Event {
        ph: "X",
        name: &span.function,
        cat: Some(category),
        ts: Some(Micros(start_nanos)),
        dur: Some(Micros(duration_nanos)),
        pid,
        tid: Some(tid),
        s: None,
        args: details(trace, span),
    }
}

/// What is shown of a call that is chosen.
fn details(trace: &Trace, span: &Span) -> Map<String, Value> {
    let mut details = Map::new();
    let mut put = |key: &str, value: Value| details.insert(key.to_owned(), value);
    put("outcome", span.outcome.label().into());
    for (place, arg) in span.args.iter().enumerate() {
        let name = if arg.name.is_empty() { place.to_string() } else { arg.name.to_string() };
        put(&format!("args.{name}"), arg.value.as_str().into());
    }
    if let Some(result) = &span.result {
        put("result", result.as_str().into());
    }
    if let Some(consumer) = &span.consumer {
        put("caller", consumer.as_str().into());
    }
    if let Outcome::Trap { message, frames } = &span.outcome {
        put("trap", message.as_str().into());
        put("frames", frames.join("\n").into());
    }
    if span.held_nanos > 0 {
        put("held-nanos", span.held_nanos.into());
    }
    if let Some(intervention) = &span.intervention {
        put("intervention", intervention.as_str().into());
    }
    if span.parent.is_none() {
        put("trace", trace.id.0.into());
        put("more-calls", trace.dropped.into());
        put("more-lines", trace.dropped_lines.into());
        put("fuel", trace.cost.fuel.into());
        put("peak-memory-bytes", trace.cost.peak_memory_bytes.into());
    }
    details
}

fn printed(line: &TraceLine, (pid, tid): (u32, u32), start_nanos: u64) -> Event<'_> {
    let end = line.text.char_indices().nth(NAME_CHARS).map_or(line.text.len(), |(end, _)| end);
    let name = line.text.get(..end).unwrap_or_default();
    let args = [
        ("component", Value::from(line.component.as_str())),
        ("stream", line.stream.to_string().into()),
        ("text", line.text.as_str().into()),
    ];
    Event {
        ph: "i",
        name,
        cat: Some("log"),
        ts: Some(Micros(start_nanos.saturating_add(line.at_nanos))),
        dur: None,
        pid,
        tid: Some(tid),
        s: Some("t"),
        args: args.into_iter().map(|(key, value)| (key.to_owned(), value)).collect(),
    }
}
