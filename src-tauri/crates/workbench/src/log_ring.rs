//! The newest lines of one workload, in bounded memory.

use std::collections::VecDeque;

use jackfield_protocol::{LogPage, LogRecord};

/// How many records are kept. At a hundred bytes a line this is about ten megabytes.
const CAPACITY: usize = 100_000;

/// Keeps the newest records and counts the rest.
#[derive(Debug, Default)]
pub(crate) struct LogRing {
    records: VecDeque<LogRecord>,
    last_seq: u64,
}

impl LogRing {
    /// Gives the record that `make` builds from the next sequence number a place, and returns it.
    pub(crate) fn push(&mut self, make: impl FnOnce(u64) -> LogRecord) -> LogRecord {
        self.last_seq += 1;
        let record = make(self.last_seq);
        if self.records.len() == CAPACITY {
            self.records.pop_front();
        }
        self.records.push_back(record.clone());
        record
    }

    /// The newest `limit` records after `after`, and how many before them were asked for but are
    /// no longer kept.
    pub(crate) fn page(&self, after: u64, limit: u32) -> LogPage {
        let oldest = self.records.front().map_or(self.last_seq + 1, |record| record.seq);
        let wanted = usize::try_from(self.last_seq.saturating_sub(after)).unwrap_or(usize::MAX);
        let count = wanted.min(self.records.len()).min(limit as usize);
        let records = self.records.iter().skip(self.records.len() - count).cloned().collect();
        LogPage { records, dropped: oldest.saturating_sub(after.saturating_add(1)) }
    }
}

#[cfg(test)]
mod tests {
    use jackfield_protocol::{LogStream, WorkloadId};

    use super::*;

    fn fill(ring: &mut LogRing, count: u64) {
        for _ in 0..count {
            ring.push(|seq| LogRecord {
                workload: WorkloadId(1),
                seq,
                time_unix_micros: 0,
                component: "a".into(),
                stream: LogStream::Stdout,
                text: seq.to_string(),
                call: None,
            });
        }
    }

    #[test]
    fn a_page_holds_the_newest_records_after_the_one_named() {
        let mut ring = LogRing::default();
        fill(&mut ring, 10);
        let seqs = |page: LogPage| page.records.iter().map(|record| record.seq).collect::<Vec<_>>();
        assert_eq!(seqs(ring.page(0, 3)), [8, 9, 10]);
        assert_eq!(seqs(ring.page(9, 100)), [10]);
        assert!(ring.page(10, 100).records.is_empty());
        assert_eq!(ring.page(99, 100), LogPage::default());
    }

    #[test]
    fn what_is_no_longer_kept_is_counted() {
        let mut ring = LogRing::default();
        fill(&mut ring, CAPACITY as u64 + 7);
        assert_eq!(ring.page(0, u32::MAX).dropped, 7);
        assert_eq!(ring.page(3, u32::MAX).dropped, 4);
        assert_eq!(ring.page(7, u32::MAX).dropped, 0);
    }
}
