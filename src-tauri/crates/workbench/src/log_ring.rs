//! The lines of one workload: the newest in bounded memory, the older ones on disk.
//!
//! Most workloads never print as many lines as memory keeps, and for those no file is made. What is
//! moved to disk goes there many lines at a time, into a file without a name, which is gone with the
//! process however that ends.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::PathBuf;

use jackfield_protocol::{LogPage, LogRecord};

/// How many records are in memory at least, if there are as many. At a hundred bytes a line this is
/// about ten megabytes.
const CAPACITY: usize = 100_000;

/// How many records move to disk at once.
const CHUNK: usize = 10_000;

/// The file grows no longer than this; then its oldest records are given up.
const MAX_FILE_IN_BYTES: u64 = 1 << 30;

/// Keeps records, and counts those that it no longer has.
#[derive(Debug, Default)]
pub(crate) struct LogRing {
    records: VecDeque<LogRecord>,
    last_seq: u64,
    older: Option<Older>,
    /// Where the file is made.
    folder: Option<PathBuf>,
}

/// Records on disk.
#[derive(Debug)]
struct Older {
    file: File,
    chunks: VecDeque<Chunk>,
    end: u64,
}

/// Records that were moved together.
#[derive(Debug, Clone, Copy)]
struct Chunk {
    first_seq: u64,
    offset: u64,
    length: u64,
}

impl LogRing {
    /// Moves what memory does not keep to a file in `folder`, which is made if need be.
    pub(crate) fn spilling_to(folder: PathBuf) -> Self {
        Self { folder: Some(folder), ..Self::default() }
    }

    /// Gives the record that `make` builds from the next sequence number a place, and returns it.
    pub(crate) fn push(&mut self, make: impl FnOnce(u64) -> LogRecord) -> LogRecord {
        self.last_seq += 1;
        let record = make(self.last_seq);
        if self.records.len() == CAPACITY + CHUNK {
            self.spill();
        }
        self.records.push_back(record.clone());
        record
    }

    /// Makes room. Where nothing can be written, the oldest records are given up, and counted as such.
    fn spill(&mut self) {
        let chunk: Vec<LogRecord> = self.records.drain(..CHUNK).collect();
        if self.older.is_none() {
            self.older = self.folder.as_deref().and_then(|folder| Older::new(folder).ok());
        }
        if self.older.as_mut().is_some_and(|older| older.append(&chunk).is_err()) {
            // A file with a hole is worth less than none.
            self.older = None;
            self.folder = None;
        }
    }

    /// The newest `limit` records after `after` and before `before`, and how many were asked for but are
    /// no longer kept.
    pub(crate) fn page(&mut self, after: u64, before: Option<u64>, limit: u32) -> LogPage {
        let end = before.unwrap_or(u64::MAX).min(self.last_seq + 1);
        let oldest = self.oldest();
        let first = (after + 1).max(oldest).max(end.saturating_sub(u64::from(limit)));
        let mut records = Vec::new();
        let in_memory = self.records.front().map_or(self.last_seq + 1, |record| record.seq);
        if first < in_memory
            && let Some(older) = &mut self.older
        {
            // What cannot be read is missing from the page, which its readers can see.
            records = older.read(first, end).unwrap_or_default();
        }
        let skip = usize::try_from(first.saturating_sub(in_memory)).unwrap_or(usize::MAX);
        records.extend(self.records.iter().skip(skip).take_while(|record| record.seq < end).cloned());
        LogPage { records, dropped: oldest.min(end).saturating_sub(after.saturating_add(1)) }
    }

    /// The first record that is kept.
    fn oldest(&self) -> u64 {
        let on_disk = self.older.as_ref().and_then(|older| older.chunks.front()).map(|chunk| chunk.first_seq);
        let in_memory = self.records.front().map(|record| record.seq);
        on_disk.or(in_memory).unwrap_or(self.last_seq + 1)
    }
}

impl Older {
    fn new(folder: &std::path::Path) -> io::Result<Self> {
        std::fs::create_dir_all(folder)?;
        Ok(Self { file: tempfile::tempfile_in(folder)?, chunks: VecDeque::new(), end: 0 })
    }

    fn append(&mut self, records: &[LogRecord]) -> io::Result<()> {
        let Some(first) = records.first() else { return Ok(()) };
        let bytes = serde_json::to_vec(records)?;
        let length = bytes.len() as u64;
        if self.end + length > MAX_FILE_IN_BYTES {
            // Begins anew from the start, over the oldest records.
            self.end = 0;
        }
        let (offset, end) = (self.end, self.end + length);
        self.chunks.retain(|chunk| chunk.offset + chunk.length <= offset || chunk.offset >= end);
        self.file.seek(SeekFrom::Start(offset))?;
        self.file.write_all(&bytes)?;
        self.chunks.push_back(Chunk { first_seq: first.seq, offset, length });
        self.end = end;
        Ok(())
    }

    /// The records from `first` up to, but without, `end`.
    fn read(&mut self, first: u64, end: u64) -> io::Result<Vec<LogRecord>> {
        let mut found = Vec::new();
        for chunk in &self.chunks {
            if chunk.first_seq + CHUNK as u64 <= first || chunk.first_seq >= end {
                continue;
            }
            self.file.seek(SeekFrom::Start(chunk.offset))?;
            let mut bytes = vec![0; usize::try_from(chunk.length).unwrap_or_default()];
            self.file.read_exact(&mut bytes)?;
            let records: Vec<LogRecord> = serde_json::from_slice(&bytes)?;
            found.extend(records.into_iter().filter(|record| (first..end).contains(&record.seq)));
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use jackfield_protocol::{LogStream, WorkloadId};

    use super::*;

    fn fill(ring: &mut LogRing, count: usize) {
        for _ in 0..count {
            ring.push(|seq| LogRecord {
                workload: WorkloadId(1),
                seq,
                time_unix_micros: 0,
                component: "a".into(),
                stream: LogStream::Stdout,
                context: None,
                text: seq.to_string(),
                call: None,
            });
        }
    }

    fn seqs(page: &LogPage) -> Vec<u64> {
        page.records.iter().map(|record| record.seq).collect()
    }

    #[test]
    fn a_page_holds_the_newest_records_after_one_and_before_another() {
        let mut ring = LogRing::default();
        fill(&mut ring, 10);
        assert_eq!(seqs(&ring.page(0, None, 3)), [8, 9, 10]);
        assert_eq!(seqs(&ring.page(9, None, 100)), [10]);
        assert_eq!(seqs(&ring.page(0, Some(8), 2)), [6, 7]);
        assert_eq!(seqs(&ring.page(5, Some(8), 100)), [6, 7]);
        assert!(ring.page(10, None, 100).records.is_empty());
        assert!(ring.page(0, Some(1), 100).records.is_empty());
        assert_eq!(ring.page(99, None, 100), LogPage::default());
    }

    #[test]
    fn without_a_folder_what_is_no_longer_kept_is_counted() {
        let mut ring = LogRing::default();
        fill(&mut ring, CAPACITY + CHUNK + 7);
        assert_eq!(ring.page(0, None, u32::MAX).dropped, CHUNK as u64);
        assert_eq!(ring.page(3, None, u32::MAX).dropped, CHUNK as u64 - 3);
        assert_eq!(ring.page(CHUNK as u64, None, u32::MAX).dropped, 0);
    }

    #[test]
    fn what_memory_does_not_keep_is_on_disk() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut ring = LogRing::spilling_to(folder.path().join("logs"));
        let count = CAPACITY + 3 * CHUNK + 5;
        fill(&mut ring, count);
        assert!(ring.records.len() <= CAPACITY + CHUNK);
        let all = ring.page(0, None, u32::MAX);
        assert_eq!((all.dropped, all.records.len()), (0, count));
        assert!(all.records.iter().map(|record| record.seq).eq(1..=count as u64));
        // A page that begins on disk and ends in memory.
        let edge = ring.records.front().expect("records").seq;
        assert_eq!(seqs(&ring.page(edge - 3, Some(edge + 2), 10)), [edge - 2, edge - 1, edge, edge + 1]);
        assert_eq!(seqs(&ring.page(0, Some(15_003), 4)), [14_999, 15_000, 15_001, 15_002]);
    }
}
