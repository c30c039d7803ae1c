//! Lines that have their place in a trace, where they say more than by themselves.
//!
//! What always holds: each line is shown once, in the trace of the call that printed it or by itself. It is held
//! back until the trace is there; in a workload that goes on running, no longer than a moment, because nobody
//! knows how long the call takes.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use jackfield_protocol::{ComponentName, LogRecord, LogStream, Trace, TraceLine};

/// A trace has so many lines; the others of the call are shown by themselves.
const MAX: usize = 1000;
/// What is shown no later is still seen to happen.
const A_MOMENT: Duration = Duration::from_secs(1);

/// Whose lines may be part of a trace that is shown.
#[derive(Debug)]
enum Whose {
    /// Nobody's: they are shown as they come.
    Nobody,
    /// The call's from outside.
    Call,
    /// Everybody's but the service's, which calls and is not called.
    AllBut(Option<ComponentName>),
}

/// Lines that may become part of a trace.
#[derive(Debug)]
pub(crate) struct HeldLines {
    whose: Whose,
    /// With the time at which each came, the oldest first.
    held: VecDeque<(Instant, LogRecord)>,
}

impl HeldLines {
    /// Holds nothing back.
    pub(crate) fn none() -> Self {
        Self { whose: Whose::Nobody, held: VecDeque::new() }
    }

    /// Those of one call from outside.
    pub(crate) fn of_call() -> Self {
        Self { whose: Whose::Call, ..Self::none() }
    }

    /// Those of a running workload, whose service is this.
    pub(crate) fn of_workload(service: Option<ComponentName>) -> Self {
        Self { whose: Whose::AllBut(service), ..Self::none() }
    }

    /// Gives back those that are to be shown at once.
    pub(crate) fn take(&mut self, records: Vec<LogRecord>) -> Vec<LogRecord> {
        let now = Instant::now();
        let mut shown = Vec::new();
        for record in records {
            if self.held.len() < MAX && self.may_be_traced(&record) {
                self.held.push_back((now, record));
            } else {
                shown.push(record);
            }
        }
        shown
    }

    fn may_be_traced(&self, record: &LogRecord) -> bool {
        match &self.whose {
            Whose::Nobody => false,
            Whose::Call => record.call.is_some(),
            Whose::AllBut(_) if record.call.is_some() => true,
            Whose::AllBut(service) => {
                record.stream != LogStream::Host && service.as_ref() != Some(&record.component)
            }
        }
    }

    /// Leaves the trace the lines that were held for it, and gives back what else there is of its call, which has
    /// ended. Nothing changes where nothing is held back.
    pub(crate) fn place(&mut self, trace: &mut Trace) -> Vec<LogRecord> {
        if matches!(self.whose, Whose::Nobody) {
            return Vec::new();
        }
        let call = trace.call;
        trace.lines.retain(|line| {
            let place = self.held.iter().position(|(_, held)| held.call == call && is_same(held, line));
            place.and_then(|place| self.held.remove(place)).is_some()
        });
        match call {
            Some(_) => self.release(|_, record| record.call == call),
            // A service has made the call, and others, too.
            None => Vec::new(),
        }
    }

    /// Those that have waited for a moment.
    pub(crate) fn overdue(&mut self) -> Vec<LogRecord> {
        self.release(|since, _| since.elapsed() >= A_MOMENT)
    }

    /// All that are left.
    pub(crate) fn rest(&mut self) -> Vec<LogRecord> {
        self.release(|_, _| true)
    }

    fn release(&mut self, is_free: impl Fn(Instant, &LogRecord) -> bool) -> Vec<LogRecord> {
        let (free, held) = std::mem::take(&mut self.held)
            .into_iter()
            .partition::<VecDeque<_>, _>(|(since, record)| is_free(*since, record));
        self.held = held;
        free.into_iter().map(|(_, record)| record).collect()
    }
}

/// Whether the trace's line is what was printed. In a trace, a message's context stands in its text.
fn is_same(record: &LogRecord, line: &TraceLine) -> bool {
    record.component == line.component
        && record.stream == line.stream
        && line.text == record.text_in_context()
}

#[cfg(test)]
mod tests {
    use jackfield_protocol::{CallId, Cost, TraceId, WorkloadId};

    use super::*;

    fn record(component: &str, call: Option<u64>, text: &str) -> LogRecord {
        LogRecord {
            workload: WorkloadId(1),
            seq: 1,
            time_unix_micros: 0,
            component: component.into(),
            stream: LogStream::Stdout,
            context: None,
            text: text.to_owned(),
            call: call.map(CallId),
        }
    }

    fn trace(call: Option<u64>, lines: &[(&str, &str)]) -> Trace {
        let line = |(component, text): &(&str, &str)| TraceLine {
            span: 0,
            at_nanos: 0,
            component: (*component).into(),
            stream: LogStream::Stdout,
            text: (*text).to_owned(),
        };
        Trace {
            id: TraceId(1),
            workload: None,
            workload_name: String::new(),
            call: call.map(CallId),
            start_unix_micros: 0,
            spans: Vec::new(),
            dropped: 0,
            lines: lines.iter().map(line).collect(),
            dropped_lines: 0,
            cost: Cost::default(),
            context: None,
            unobserved: Vec::new(),
        }
    }

    fn texts(records: &[LogRecord]) -> Vec<&str> {
        records.iter().map(|record| record.text.as_str()).collect()
    }

    #[test]
    fn each_line_is_shown_once() {
        let mut lines = HeldLines::of_workload(Some("service".into()));
        let records = vec![
            record("a", Some(1), "of the first"),
            record("service", None, "of the service"),
            record("a", Some(2), "of the second"),
            record("a", None, "called by the service"),
            record("a", Some(1), "before it began"),
        ];
        assert_eq!(texts(&lines.take(records)), ["of the service"]);
        let mut first = trace(Some(1), &[("a", "of the first"), ("a", "shown before")]);
        assert_eq!(texts(&lines.place(&mut first)), ["before it began"]);
        assert_eq!(first.lines.iter().map(|line| line.text.as_str()).collect::<Vec<_>>(), ["of the first"]);
        let mut by_service = trace(None, &[("a", "called by the service")]);
        assert!(lines.place(&mut by_service).is_empty() && by_service.lines.len() == 1);
        assert!(lines.overdue().is_empty(), "a moment has not passed");
        assert_eq!(texts(&lines.rest()), ["of the second"]);
    }

    #[test]
    fn of_a_single_call_only_its_own_lines_wait() {
        let mut lines = HeldLines::of_call();
        let records = vec![record("a", Some(1), "of the call"), record("a", None, "by the service")];
        assert_eq!(texts(&lines.take(records)), ["by the service"]);
        let flood: Vec<_> = (0..MAX).map(|_| record("a", Some(1), "more")).collect();
        assert_eq!(lines.take(flood).len(), 1, "what no trace has a place for is shown at once");
    }

    #[test]
    fn where_nothing_is_held_back_a_trace_is_whole() {
        let mut lines = HeldLines::none();
        assert_eq!(lines.take(vec![record("a", Some(1), "line")]).len(), 1);
        let mut trace = trace(Some(1), &[("a", "line")]);
        assert!(lines.place(&mut trace).is_empty());
        assert_eq!(trace.lines.len(), 1);
    }
}
