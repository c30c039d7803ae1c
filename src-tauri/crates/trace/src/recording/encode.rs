//! Traces as lines. See [the format](super).

use std::hash::{Hash, Hasher};

use indexmap::{Equivalent, IndexSet};
use jackfield_protocol::{
    Argument, CallId, ComponentName, Cost, LogStream, Outcome, Provider, SharedText, Span, Trace,
    TraceContext, TraceLine, Unobserved,
};
use serde::ser::{SerializeSeq, Serializer};
use serde::{Deserialize, Serialize};

use super::VERSION;

/// A section ends when its tables have so many entries: functions of HTTP are named by their paths, of which there
/// may be any number, and neither writers nor readers may grow with them.
const MAX_ENTRIES: usize = 4096;

/// Who called whom, as it stands in the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Site {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) consumer: Option<ComponentName>,
    pub(super) provider: Provider,
    pub(super) function: SharedText,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) args: Vec<SharedText>,
}

impl Site {
    fn of(span: &Span) -> Self {
        Self {
            consumer: span.consumer.clone(),
            provider: span.provider.clone(),
            function: span.function.clone(),
            args: span.args.iter().map(|arg| arg.name.clone()).collect(),
        }
    }
}

// The same as for `SiteOf`, so that a span finds its site without copying a name.
impl Hash for Site {
    fn hash<H: Hasher>(&self, state: &mut H) {
        hash(self.consumer.as_ref(), &self.provider, &self.function, self.args.len(), state);
    }
}

/// The site of a span.
struct SiteOf<'a>(&'a Span);

impl Hash for SiteOf<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let span = self.0;
        hash(span.consumer.as_ref(), &span.provider, &span.function, span.args.len(), state);
    }
}

impl Equivalent<Site> for SiteOf<'_> {
    fn equivalent(&self, site: &Site) -> bool {
        let span = self.0;
        span.function == site.function
            && span.provider == site.provider
            && span.consumer == site.consumer
            && span.args.iter().map(|arg| &arg.name).eq(&site.args)
    }
}

fn hash<H: Hasher>(
    consumer: Option<&ComponentName>,
    provider: &Provider,
    function: &str,
    args: usize,
    state: &mut H,
) {
    consumer.hash(state);
    provider.hash(state);
    function.hash(state);
    args.hash(state);
}

/// A workload, as it stands in the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Workload {
    pub(super) name: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) unobserved: Vec<Unobserved>,
}

impl Hash for Workload {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.name.as_str(), self.unobserved.len()).hash(state);
    }
}

struct WorkloadOf<'a>(&'a Trace);

impl Hash for WorkloadOf<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.0.workload_name.as_str(), self.0.unobserved.len()).hash(state);
    }
}

impl Equivalent<Workload> for WorkloadOf<'_> {
    fn equivalent(&self, workload: &Workload) -> bool {
        self.0.workload_name == workload.name && self.0.unobserved == workload.unobserved
    }
}

/// A line to be written.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
enum Line<'a> {
    JackfieldTraces(u32),
    Workloads { from: usize, new: &'a [Workload] },
    Sites { from: usize, new: &'a [&'a Site] },
    Trace(TraceRow<'a>),
    Lost(u64),
}

#[derive(Serialize)]
struct TraceRow<'a> {
    of: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    call: Option<CallId>,
    start: i64,
    spans: Spans<'a>,
    #[serde(skip_serializing_if = "is_zero")]
    dropped: u64,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    lines: Vec<(u32, u64, &'a ComponentName, LogStream, &'a str)>,
    #[serde(skip_serializing_if = "is_zero")]
    dropped_lines: u64,
    #[serde(skip_serializing_if = "is_free")]
    cost: Cost,
    #[serde(skip_serializing_if = "Option::is_none")]
    context: Option<&'a TraceContext>,
}

fn is_zero(number: &u64) -> bool {
    *number == 0
}

fn is_free(cost: &Cost) -> bool {
    *cost == Cost::default()
}

/// The spans with the numbers of their sites.
struct Spans<'a>(&'a [Span], &'a [usize]);

impl Serialize for Spans<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().zip(self.1).map(|(span, site)| SpanRow { span, site: *site }))
    }
}

struct SpanRow<'a> {
    span: &'a Span,
    site: usize,
}

impl Serialize for SpanRow<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // All of it by name, so that a field that is added to a span is not forgotten here.
        let Span {
            parent,
            consumer: _,
            provider: _,
            function: _,
            start_nanos,
            duration_nanos,
            held_nanos,
            outcome,
            args,
            result,
            intervention,
        } = self.span;
        let more = More { outcome, held_nanos: *held_nanos, intervention: intervention.as_deref() };
        let mut row = serializer.serialize_seq(None)?;
        row.serialize_element(&self.site)?;
        row.serialize_element(parent)?;
        row.serialize_element(start_nanos)?;
        row.serialize_element(duration_nanos)?;
        let length = if !more.is_empty() {
            3
        } else if result.is_some() {
            2
        } else {
            usize::from(!args.is_empty())
        };
        if length > 0 {
            row.serialize_element(&Values(args))?;
        }
        if length > 1 {
            row.serialize_element(result)?;
        }
        if length > 2 {
            row.serialize_element(&more)?;
        }
        row.end()
    }
}

/// The values alone: their names are the site's.
struct Values<'a>(&'a [Argument]);

impl Serialize for Values<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(|arg| &arg.value))
    }
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct More<'a> {
    #[serde(skip_serializing_if = "is_ok")]
    outcome: &'a Outcome,
    #[serde(skip_serializing_if = "is_zero")]
    held_nanos: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    intervention: Option<&'a str>,
}

impl More<'_> {
    fn is_empty(&self) -> bool {
        self.outcome.is_ok() && self.held_nanos == 0 && self.intervention.is_none()
    }
}

fn is_ok(outcome: &&Outcome) -> bool {
    outcome.is_ok()
}

/// Writes traces as lines, and remembers what has its number.
#[derive(Debug, Default)]
pub(super) struct Encoder {
    sites: IndexSet<Site>,
    workloads: IndexSet<Workload>,
    /// The sites of the spans of the present trace.
    places: Vec<usize>,
}

impl Encoder {
    /// Begins a section.
    pub(super) fn begin(&mut self, out: &mut Vec<u8>) -> serde_json::Result<()> {
        self.sites.clear();
        self.workloads.clear();
        line(&Line::JackfieldTraces(VERSION), out)
    }

    /// Appends a trace, with whatever has no number yet before it.
    pub(super) fn trace(&mut self, trace: &Trace, out: &mut Vec<u8>) -> serde_json::Result<()> {
        if self.sites.len() > MAX_ENTRIES || self.workloads.len() > MAX_ENTRIES {
            self.begin(out)?;
        }
        let of = self.workload(trace, out)?;
        self.number_sites(trace, out)?;
        let Trace {
            id: _,
            workload: _,
            workload_name: _,
            call,
            start_unix_micros,
            spans,
            dropped,
            lines,
            dropped_lines,
            cost,
            context,
            unobserved: _,
        } = trace;
        let row = TraceRow {
            of,
            call: *call,
            start: *start_unix_micros,
            spans: Spans(spans, &self.places),
            dropped: *dropped,
            lines: lines.iter().map(line_row).collect(),
            dropped_lines: *dropped_lines,
            cost: *cost,
            context: context.as_ref(),
        };
        line(&Line::Trace(row), out)
    }

    /// Says that traces are missing.
    pub(super) fn lost(count: u64, out: &mut Vec<u8>) -> serde_json::Result<()> {
        line(&Line::Lost(count), out)
    }

    fn workload(&mut self, trace: &Trace, out: &mut Vec<u8>) -> serde_json::Result<usize> {
        if let Some(place) = self.workloads.get_index_of(&WorkloadOf(trace)) {
            return Ok(place);
        }
        let workload = Workload { name: trace.workload_name.clone(), unobserved: trace.unobserved.clone() };
        let from = self.workloads.len();
        line(&Line::Workloads { from, new: std::slice::from_ref(&workload) }, out)?;
        self.workloads.insert(workload);
        Ok(from)
    }

    fn number_sites(&mut self, trace: &Trace, out: &mut Vec<u8>) -> serde_json::Result<()> {
        let from = self.sites.len();
        self.places.clear();
        for span in &trace.spans {
            let place = match self.sites.get_index_of(&SiteOf(span)) {
                Some(place) => place,
                None => self.sites.insert_full(Site::of(span)).0,
            };
            self.places.push(place);
        }
        let new: Vec<&Site> = self.sites.iter().skip(from).collect();
        if new.is_empty() { Ok(()) } else { line(&Line::Sites { from, new: &new }, out) }
    }
}

fn line_row(line: &TraceLine) -> (u32, u64, &ComponentName, LogStream, &str) {
    let TraceLine { span, at_nanos, component, stream, text } = line;
    (*span, *at_nanos, component, *stream, text)
}

fn line(line: &Line<'_>, out: &mut Vec<u8>) -> serde_json::Result<()> {
    serde_json::to_writer(&mut *out, line)?;
    out.push(b'\n');
    Ok(())
}
