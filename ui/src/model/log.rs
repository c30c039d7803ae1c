//! The log of one workload as the window keeps it: bounded, without duplicates whatever order pages
//! and events come in, with what the filter lets through kept ready, so that a frame costs the
//! visible rows only.

use std::collections::VecDeque;

use jackfield_protocol::{CallId, ComponentName, LogPage, LogRecord, LogStream};

use crate::text;

/// How many lines are kept.
pub const MAX_LOG_LINES: usize = 100_000;

/// How many earlier lines are asked for at once.
pub const LOG_PAGE_LINES: u32 = 20_000;

/// How many bytes of text are kept.
pub const MAX_LOG_BYTES: usize = 48 * 1024 * 1024;

/// One line, ready to be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLine {
    /// What the workbench sent; the context of a message leads its text, so that it is seen, found and copied.
    pub record: LogRecord,
    /// The text made harmless; none if it was already.
    printable: Option<String>,
}

impl LogLine {
    fn new(mut record: LogRecord) -> Self {
        if let Some(context) = record.context.take() {
            record.text = format!("{context}: {}", record.text);
        }
        let printable = match text::printable(&record.text) {
            std::borrow::Cow::Borrowed(_) => None,
            std::borrow::Cow::Owned(text) => Some(text),
        };
        Self { record, printable }
    }

    /// The text without anything that could harm or deceive.
    #[must_use]
    pub fn text(&self) -> &str {
        self.printable.as_deref().unwrap_or(&self.record.text)
    }

    /// The line as it is copied.
    #[must_use]
    pub fn to_text(&self) -> String {
        let LogRecord { time_unix_micros, component, stream, call, .. } = &self.record;
        let call = call.map(|call| format!(" {call}")).unwrap_or_default();
        format!("{} {component} {stream}{call} {}", text::time_of_day(*time_unix_micros), self.text())
    }

    fn bytes(&self) -> usize {
        self.record.text.len() + self.printable.as_ref().map_or(0, String::len)
    }
}

/// Which lines are shown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LogFilter {
    /// Only of this component.
    pub component: Option<ComponentName>,
    /// Only of this stream.
    pub stream: Option<LogStream>,
    /// Only of this call.
    pub call: Option<CallId>,
    /// Only with this in the text, in any case.
    pub text: String,
}

impl LogFilter {
    /// Whether it lets everything through.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    fn admits(&self, line: &LogLine, needle: &str) -> bool {
        self.component.as_ref().is_none_or(|name| *name == line.record.component)
            && self.stream.is_none_or(|stream| stream == line.record.stream)
            && self.call.is_none_or(|call| line.record.call == Some(call))
            && (needle.is_empty() || text::has(line.text(), needle))
    }

    /// Whether it lets nothing through that `other` holds back.
    fn narrows(&self, other: &Self) -> bool {
        (other.component.is_none() || self.component == other.component)
            && (other.stream.is_none() || self.stream == other.stream)
            && (other.call.is_none() || self.call == other.call)
            && self.text.to_lowercase().contains(&other.text.to_lowercase())
    }
}

/// The log of one workload.
#[derive(Debug, Clone)]
pub struct Log {
    /// Ascending by sequence number.
    lines: VecDeque<LogLine>,
    bytes: usize,
    /// The sequence numbers of the lines that the filter admits, ascending.
    admitted: VecDeque<u64>,
    filter: LogFilter,
    /// The filter's text in lower case.
    needle: String,
    /// The last line when the log was paused.
    paused_at: Option<u64>,
    follow: bool,
    /// Lines up to here were cleared by the user and stay away.
    cleared_to: u64,
    /// The line that was selected first, and the one that the selection reaches to.
    selection: Option<(u64, u64)>,
}

impl Default for Log {
    fn default() -> Self {
        Self {
            lines: VecDeque::new(),
            bytes: 0,
            admitted: VecDeque::new(),
            filter: LogFilter::default(),
            needle: String::new(),
            paused_at: None,
            follow: true,
            cleared_to: 0,
            selection: None,
        }
    }
}

impl Log {
    /// Takes lines in. They may come late, twice, or in the middle of others.
    pub fn extend(&mut self, records: impl IntoIterator<Item = LogRecord>) {
        let mut late = Vec::new();
        for record in records {
            if record.seq <= self.cleared_to {
                continue;
            }
            if record.seq > self.last_seq() {
                self.push(LogLine::new(record));
            } else {
                late.push(LogLine::new(record));
            }
        }
        if !late.is_empty() {
            self.merge(late);
        }
        self.shed();
    }

    /// Takes a page of earlier lines in.
    pub fn insert_page(&mut self, page: LogPage) {
        self.extend(page.records);
    }

    fn push(&mut self, line: LogLine) {
        if self.filter.admits(&line, &self.needle) {
            self.admitted.push_back(line.record.seq);
        }
        self.bytes += line.bytes();
        self.lines.push_back(line);
    }

    fn merge(&mut self, late: Vec<LogLine>) {
        let mut all: Vec<LogLine> = std::mem::take(&mut self.lines).into_iter().chain(late).collect();
        all.sort_by_key(|line| line.record.seq);
        all.dedup_by_key(|line| line.record.seq);
        self.bytes = all.iter().map(LogLine::bytes).sum();
        self.lines = all.into();
        self.readmit();
    }

    fn shed(&mut self) {
        while self.lines.len() > MAX_LOG_LINES || (self.bytes > MAX_LOG_BYTES && self.lines.len() > 1) {
            let Some(line) = self.lines.pop_front() else { break };
            self.bytes = self.bytes.saturating_sub(line.bytes());
            if self.admitted.front() == Some(&line.record.seq) {
                self.admitted.pop_front();
            }
        }
    }

    fn readmit(&mut self) {
        let admitted = self.lines.iter().filter(|line| self.filter.admits(line, &self.needle));
        self.admitted = admitted.map(|line| line.record.seq).collect();
    }

    /// Looks again only at what the filter before let through.
    fn readmit_fewer(&mut self) {
        let admitted = std::mem::take(&mut self.admitted);
        let admits = |seq: &u64| self.line(*seq).is_some_and(|line| self.filter.admits(line, &self.needle));
        self.admitted = admitted.into_iter().filter(admits).collect();
    }

    fn last_seq(&self) -> u64 {
        self.lines.back().map_or(self.cleared_to, |line| line.record.seq)
    }

    /// The last sequence number up to which nothing is missing after the oldest line kept.
    #[must_use]
    pub fn complete_to(&self) -> u64 {
        let mut last = None;
        for line in &self.lines {
            match last {
                Some(seq) if line.record.seq != seq + 1 => break,
                _ => last = Some(line.record.seq),
            }
        }
        last.unwrap_or(self.cleared_to)
    }

    /// Whether there is no line.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// How many lines are kept.
    #[must_use]
    pub fn len(&self) -> usize {
        self.lines.len()
    }

    /// How many lines are no longer kept here, those that the user cleared left out.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        let first = self.lines.front().map_or(self.last_seq() + 1, |line| line.record.seq);
        first.saturating_sub(self.cleared_to + 1)
    }

    /// The filter.
    #[must_use]
    pub fn filter(&self) -> &LogFilter {
        &self.filter
    }

    /// Changes the filter.
    pub fn set_filter(&mut self, filter: LogFilter) {
        if self.filter == filter {
            return;
        }
        let is_narrower = filter.narrows(&self.filter);
        self.needle = filter.text.to_lowercase();
        self.filter = filter;
        self.selection = None;
        if is_narrower {
            self.readmit_fewer();
        } else {
            self.readmit();
        }
    }

    /// How many lines are shown: admitted by the filter, and there when the log was paused.
    #[must_use]
    pub fn shown(&self) -> usize {
        match self.paused_at {
            None => self.admitted.len(),
            Some(seq) => self.admitted.partition_point(|&admitted| admitted <= seq),
        }
    }

    /// How many lines are held back because the log is paused.
    #[must_use]
    pub fn held(&self) -> usize {
        self.admitted.len() - self.shown()
    }

    /// The shown line in this row, counted from 0.
    #[must_use]
    pub fn row(&self, row: usize) -> Option<&LogLine> {
        if row >= self.shown() {
            return None;
        }
        self.line(*self.admitted.get(row)?)
    }

    fn line(&self, seq: u64) -> Option<&LogLine> {
        let at = self.lines.partition_point(|line| line.record.seq < seq);
        self.lines.get(at).filter(|line| line.record.seq == seq)
    }

    /// The newest lines of a call, oldest first, and not more than `max`.
    #[must_use]
    pub fn of_call(&self, call: CallId, max: usize) -> Vec<&LogLine> {
        let lines = self.lines.iter().rev().filter(|line| line.record.call == Some(call));
        let mut lines: Vec<&LogLine> = lines.take(max).collect();
        lines.reverse();
        lines
    }

    /// Whether new lines are held back.
    #[must_use]
    pub fn is_paused(&self) -> bool {
        self.paused_at.is_some()
    }

    /// Holds new lines back, or shows them again.
    pub fn toggle_pause(&mut self) {
        self.paused_at = if self.is_paused() { None } else { Some(self.last_seq()) };
    }

    /// Whether the newest line is kept in view.
    #[must_use]
    pub fn follows(&self) -> bool {
        self.follow
    }

    /// Keeps the newest line in view, or not.
    pub fn set_follow(&mut self, follow: bool) {
        self.follow = follow;
    }

    /// Empties the log; what was in it does not come back.
    pub fn clear(&mut self) {
        *self = Self {
            cleared_to: self.last_seq(),
            filter: std::mem::take(&mut self.filter),
            needle: std::mem::take(&mut self.needle),
            follow: self.follow,
            paused_at: self.paused_at.map(|_| self.last_seq()),
            ..Self::default()
        };
    }

    /// Selects one line, or extends the selection to it.
    pub fn select(&mut self, seq: u64, extend: bool) {
        let first = self.selection.filter(|_| extend).map_or(seq, |(first, _)| first);
        self.selection = Some((first, seq));
    }

    /// Selects nothing.
    pub fn unselect(&mut self) {
        self.selection = None;
    }

    /// Whether the line is selected.
    #[must_use]
    pub fn is_selected(&self, seq: u64) -> bool {
        self.selection.is_some_and(|(a, b)| (a.min(b)..=a.max(b)).contains(&seq))
    }

    /// Whether any line is selected.
    #[must_use]
    pub fn has_selection(&self) -> bool {
        self.selection.is_some()
    }

    /// The selected lines as text, or all that are shown if none is selected.
    #[must_use]
    pub fn copied(&self) -> String {
        let lines = (0..self.shown()).filter_map(|row| self.row(row));
        let lines = lines.filter(|line| !self.has_selection() || self.is_selected(line.record.seq));
        let mut text = String::new();
        for line in lines {
            text.push_str(&line.to_text());
            text.push('\n');
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jackfield_protocol::WorkloadId;

    fn record(seq: u64, component: &str, text: &str) -> LogRecord {
        LogRecord {
            workload: WorkloadId(1),
            seq,
            time_unix_micros: i64::try_from(seq).unwrap() * 1_000_000,
            component: component.into(),
            stream: if component == "job" { LogStream::Stderr } else { LogStream::Stdout },
            context: None,
            text: text.to_owned(),
            call: None,
        }
    }

    fn seqs(log: &Log) -> Vec<u64> {
        (0..log.shown()).filter_map(|row| log.row(row)).map(|line| line.record.seq).collect()
    }

    #[test]
    fn pages_and_events_in_any_order_give_each_line_once() {
        let mut log = Log::default();
        log.extend([record(3, "a", "x"), record(4, "a", "x"), record(7, "a", "x")]);
        assert_eq!(log.complete_to(), 4);
        log.insert_page(LogPage { records: (1..=4).map(|seq| record(seq, "a", "x")).collect(), dropped: 0 });
        assert_eq!(seqs(&log), [1, 2, 3, 4, 7]);
        log.extend((5..=6).map(|seq| record(seq, "a", "x")));
        assert_eq!(log.complete_to(), 7);
        assert_eq!(log.dropped(), 0);
    }

    #[test]
    fn the_filter_looks_at_component_stream_and_text_and_at_new_lines_too() {
        let mut log = Log::default();
        log.extend([record(1, "job", "Hello"), record(2, "ticker", "hello"), record(3, "job", "bye")]);
        log.set_filter(LogFilter { text: "HELLO".into(), ..LogFilter::default() });
        log.extend([record(4, "job", "hello again"), record(5, "job", "x")]);
        assert_eq!(seqs(&log), [1, 2, 4]);
        log.set_filter(LogFilter { component: Some("job".into()), ..LogFilter::default() });
        assert_eq!(seqs(&log), [1, 3, 4, 5]);
        log.set_filter(LogFilter { stream: Some(LogStream::Stdout), ..LogFilter::default() });
        assert_eq!(seqs(&log), [2]);
    }

    #[test]
    fn the_filter_looks_at_the_call_and_gives_the_same_whether_it_was_narrowed_or_set_at_once() {
        let mut log = Log::default();
        log.extend((1..=40).map(|seq| LogRecord {
            call: (seq % 3 == 0).then_some(CallId(seq % 2)),
            ..record(seq, if seq % 4 == 0 { "job" } else { "a" }, &format!("Line {seq}"))
        }));
        let call = Some(CallId(1));
        log.set_filter(LogFilter { call, ..LogFilter::default() });
        assert_eq!(seqs(&log), [3, 9, 15, 21, 27, 33, 39]);
        log.set_filter(LogFilter { call, text: "line 3".into(), ..LogFilter::default() });
        assert_eq!(seqs(&log), [3, 33, 39]);
        log.set_filter(LogFilter { text: "LINE 3".into(), ..LogFilter::default() });
        assert_eq!(seqs(&log).len(), 11);
        assert_eq!(
            log.of_call(CallId(1), 2).iter().map(|line| line.record.seq).collect::<Vec<_>>(),
            [33, 39]
        );
    }

    #[test]
    fn the_oldest_lines_go_and_are_counted() {
        let mut log = Log::default();
        let many = u64::try_from(MAX_LOG_LINES).unwrap() + 5;
        log.extend((1..=many).map(|seq| record(seq, "a", "x")));
        assert_eq!((log.len(), log.shown(), log.dropped()), (MAX_LOG_LINES, MAX_LOG_LINES, 5));
        assert_eq!(log.row(0).unwrap().record.seq, 6);
    }

    #[test]
    fn huge_lines_count_by_their_bytes() {
        let mut log = Log::default();
        let huge = "x".repeat(MAX_LOG_BYTES / 4);
        log.extend((1..=10).map(|seq| record(seq, "a", &huge)));
        assert_eq!((log.len(), log.dropped()), (4, 6));
    }

    #[test]
    fn a_paused_log_stands_still_and_counts_what_it_holds() {
        let mut log = Log::default();
        log.extend([record(1, "a", "x")]);
        log.toggle_pause();
        log.extend([record(2, "a", "x"), record(3, "a", "x")]);
        assert_eq!((seqs(&log), log.held()), (vec![1], 2));
        log.toggle_pause();
        assert_eq!((seqs(&log), log.held()), (vec![1, 2, 3], 0));
    }

    #[test]
    fn what_was_cleared_stays_away() {
        let mut log = Log::default();
        log.extend((1..=3).map(|seq| record(seq, "a", "x")));
        log.clear();
        log.insert_page(LogPage { records: (1..=4).map(|seq| record(seq, "a", "x")).collect(), dropped: 0 });
        assert_eq!((seqs(&log), log.dropped()), (vec![4], 0));
    }

    #[test]
    fn copying_takes_the_selection_or_everything_and_never_an_escape_sequence() {
        let mut log = Log::default();
        log.extend([record(1, "a", "one"), record(2, "job", "\u{1b}[31mtwo"), record(3, "a", "three")]);
        assert_eq!(log.copied().lines().count(), 3);
        log.select(2, false);
        assert_eq!(log.copied(), "00:00:02.000 job stderr two\n");
        log.select(1, true);
        assert_eq!(log.copied().lines().count(), 2);
    }
}
