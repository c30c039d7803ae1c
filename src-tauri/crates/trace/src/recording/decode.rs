//! Lines as traces. See [the format](super).

use std::fmt;

use jackfield_protocol::{
    Argument, CallId, ComponentName, Cost, LogStream, Outcome, Span, Trace, TraceContext, TraceId, TraceLine,
};
use serde::Deserialize;
use serde::de::{SeqAccess, Visitor};

use super::VERSION;
use super::encode::{Site, Workload};

/// What tables may hold: far more than is written, and less than a damaged number could ask for.
const MAX_ENTRIES: usize = 1 << 20;

/// A line that was read.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Line {
    JackfieldTraces(u32),
    Workloads { from: usize, new: Vec<Workload> },
    Sites { from: usize, new: Vec<Site> },
    Trace(TraceRow),
    Lost(u64),
}

#[derive(Deserialize)]
struct TraceRow {
    of: usize,
    call: Option<CallId>,
    start: i64,
    spans: Vec<SpanRow>,
    #[serde(default)]
    dropped: u64,
    #[serde(default)]
    lines: Vec<(u32, u64, ComponentName, LogStream, String)>,
    #[serde(default)]
    dropped_lines: u64,
    #[serde(default)]
    cost: Cost,
    context: Option<TraceContext>,
}

struct SpanRow {
    site: usize,
    parent: Option<u32>,
    start_nanos: u64,
    duration_nanos: Option<u64>,
    args: Vec<String>,
    result: Option<String>,
    more: More,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct More {
    outcome: Option<Outcome>,
    #[serde(default)]
    held_nanos: u64,
    intervention: Option<String>,
}

impl<'de> Deserialize<'de> for SpanRow {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(RowVisitor)
    }
}

struct RowVisitor;

impl<'de> Visitor<'de> for RowVisitor {
    type Value = SpanRow;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a span: an array of at least four")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut row: A) -> Result<SpanRow, A::Error> {
        let short = |length| serde::de::Error::invalid_length(length, &self);
        let span = SpanRow {
            site: row.next_element()?.ok_or_else(|| short(0))?,
            parent: row.next_element()?.ok_or_else(|| short(1))?,
            start_nanos: row.next_element()?.ok_or_else(|| short(2))?,
            duration_nanos: row.next_element()?.ok_or_else(|| short(3))?,
            args: row.next_element()?.unwrap_or_default(),
            result: row.next_element()?.unwrap_or_default(),
            more: row.next_element()?.unwrap_or_default(),
        };
        // What a later version may have appended.
        while row.next_element::<serde::de::IgnoredAny>()?.is_some() {}
        Ok(span)
    }
}

/// What a line was.
pub(super) enum Decoded {
    Trace(Box<Trace>),
    /// So many are missing here.
    Lost(u64),
    /// A section begins.
    Section,
    /// Something for what follows.
    Table,
    /// A section of a format that is not known.
    Newer,
}

/// Reads lines, and remembers what has a number.
#[derive(Default)]
pub(super) struct Decoder {
    /// With gaps where a line could not be read.
    sites: Vec<Option<Site>>,
    workloads: Vec<Option<Workload>>,
}

impl Decoder {
    /// Reads a line, or says what is wrong with it.
    pub(super) fn line(&mut self, line: &[u8]) -> Result<Decoded, String> {
        match serde_json::from_slice(line).map_err(|error| error.to_string())? {
            Line::JackfieldTraces(VERSION) => {
                self.forget();
                Ok(Decoded::Section)
            }
            Line::JackfieldTraces(_) => Ok(Decoded::Newer),
            Line::Workloads { from, new } => {
                self.notice_section(from, !self.workloads.is_empty());
                put(&mut self.workloads, from, new).map(|()| Decoded::Table)
            }
            Line::Sites { from, new } => {
                self.notice_section(from, !self.sites.is_empty());
                put(&mut self.sites, from, new).map(|()| Decoded::Table)
            }
            Line::Trace(row) => self.trace(row).map(|trace| Decoded::Trace(Box::new(trace))),
            Line::Lost(count) => Ok(Decoded::Lost(count)),
        }
    }

    /// What is numbered from 0 again belongs to another section, also if the line that began it was damaged.
    fn notice_section(&mut self, from: usize, has_some: bool) {
        if from == 0 && has_some {
            self.forget();
        }
    }

    /// Forgets what has a number.
    fn forget(&mut self) {
        self.sites.clear();
        self.workloads.clear();
    }

    fn trace(&self, row: TraceRow) -> Result<Trace, String> {
        let workload = at(&self.workloads, row.of).ok_or("its workload is missing")?;
        let spans = row.spans.into_iter().map(|span| self.span(span)).collect::<Result<Vec<_>, _>>()?;
        is_tree(&spans).then_some(()).ok_or("its spans are no tree")?;
        let lines = row.lines.into_iter().map(|(span, at_nanos, component, stream, text)| TraceLine {
            span,
            at_nanos,
            component,
            stream,
            text,
        });
        Ok(Trace {
            id: TraceId(0),
            workload: None,
            workload_name: workload.name.clone(),
            call: row.call,
            start_unix_micros: row.start,
            spans,
            dropped: row.dropped,
            lines: lines.collect(),
            dropped_lines: row.dropped_lines,
            cost: row.cost,
            context: row.context,
            unobserved: workload.unobserved.clone(),
        })
    }

    fn span(&self, row: SpanRow) -> Result<Span, String> {
        let site = at(&self.sites, row.site).ok_or("what a span is of is missing")?;
        if row.args.len() != site.args.len() {
            return Err("a span's values are not those of its function".to_owned());
        }
        let args = site.args.iter().cloned().zip(row.args);
        Ok(Span {
            parent: row.parent,
            consumer: site.consumer.clone(),
            provider: site.provider.clone(),
            function: site.function.clone(),
            start_nanos: row.start_nanos,
            duration_nanos: row.duration_nanos,
            held_nanos: row.more.held_nanos,
            outcome: row.more.outcome.unwrap_or(Outcome::Ok),
            args: args.map(|(name, value)| Argument { name, value }).collect(),
            result: row.result,
            intervention: row.more.intervention,
        })
    }
}

/// Whether each span has its parent before it, which whoever walks the tree relies on.
fn is_tree(spans: &[Span]) -> bool {
    spans.iter().enumerate().all(|(place, span)| span.parent.is_none_or(|parent| (parent as usize) < place))
}

fn at<T>(table: &[Option<T>], place: usize) -> Option<&T> {
    table.get(place).and_then(Option::as_ref)
}

fn put<T: Clone>(table: &mut Vec<Option<T>>, from: usize, new: Vec<T>) -> Result<(), String> {
    if from < table.len() || from > MAX_ENTRIES {
        return Err(format!("what it numbers from {from} does not follow what was numbered before"));
    }
    table.resize(from, None);
    table.extend(new.into_iter().map(Some));
    Ok(())
}
