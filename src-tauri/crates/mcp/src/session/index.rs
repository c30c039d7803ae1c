//! Where in a session file its frames are: one pass over the file, continued as it grows.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use jackfield_protocol::{Frame, SessionId};

use super::format;

/// What is said of a file that ends within a line.
pub(super) const TORN: &str = "its end is torn: the last line was not written in full, and is left out";

/// How much of a file's end is read at first to find its last line.
const TAIL_BYTES: u64 = 16 << 10;

/// The places of the frames of one file.
#[derive(Default)]
pub(super) struct Index {
    /// Number and offset, both ascending.
    places: Vec<(u64, u64)>,
    /// Up to here the file was read; always the end of a line.
    scanned: u64,
    size: u64,
    has_header: bool,
    unreadable: u64,
    first_unreadable_line: u64,
    lines: u64,
}

/// What the end of a file says.
pub(super) struct Tail {
    pub(super) frames: u64,
    pub(super) size_in_bytes: u64,
    pub(super) is_torn: bool,
}

impl Index {
    /// Reads what was appended since the last time.
    pub(super) fn scan(&mut self, path: &Path) -> io::Result<()> {
        let mut file = File::open(path)?;
        let size = file.metadata()?.len();
        if size < self.scanned {
            // Not appended to but replaced: all that was known is void.
            *self = Self::default();
        }
        self.size = size;
        file.seek(SeekFrom::Start(self.scanned))?;
        let mut reader = BufReader::with_capacity(1 << 16, file.take(size - self.scanned));
        let mut line = Vec::new();
        loop {
            line.clear();
            reader.read_until(b'\n', &mut line)?;
            if !line.ends_with(b"\n") {
                return Ok(());
            }
            self.note(&line);
            self.scanned += line.len() as u64;
        }
    }

    fn note(&mut self, line: &[u8]) {
        self.lines += 1;
        if !std::mem::replace(&mut self.has_header, true) {
            return;
        }
        let last = self.places.last().map_or(0, |(number, _)| *number);
        match format::number_of(line) {
            Some(number) if number > last => self.places.push((number, self.scanned)),
            _ => {
                self.unreadable += 1;
                if self.unreadable == 1 {
                    self.first_unreadable_line = self.lines;
                }
            }
        }
    }

    /// How many frames there are. A frame whose line is unreadable counts, too: it was there.
    pub(super) fn frames(&self) -> u64 {
        self.places.last().map_or(0, |(number, _)| *number)
    }

    pub(super) fn size_in_bytes(&self) -> u64 {
        self.size
    }

    /// What is wrong with the file. In one that is still written, a last line without an end is not.
    pub(super) fn problem(&self, is_live: bool) -> Option<String> {
        let torn = (self.size > self.scanned && !is_live).then(|| TORN.to_owned());
        let unreadable = (self.unreadable > 0).then(|| {
            let (count, first) = (self.unreadable, self.first_unreadable_line);
            format!("{count} of its lines cannot be read, the first of them line {first}")
        });
        match (unreadable, torn) {
            (Some(unreadable), Some(torn)) => Some(format!("{unreadable}; {torn}")),
            (unreadable, torn) => unreadable.or(torn),
        }
    }

    /// The frames after a number.
    pub(super) fn page(
        &self,
        path: &Path,
        session: &SessionId,
        after: u64,
        limit: usize,
    ) -> io::Result<Vec<Frame>> {
        let from = self.places.partition_point(|(number, _)| *number <= after);
        let places = self.places.get(from..).unwrap_or_default();
        let mut lines = Lines::open(path)?;
        let mut frames = Vec::with_capacity(places.len().min(limit));
        for (_, offset) in places.iter().take(limit) {
            frames.extend(format::frame_of(lines.at(*offset)?, session));
        }
        Ok(frames)
    }

    /// The bytes of a frame.
    pub(super) fn bytes(&self, path: &Path, number: u64) -> io::Result<Option<Vec<u8>>> {
        let Ok(at) = self.places.binary_search_by_key(&number, |(number, _)| *number) else {
            return Ok(None);
        };
        let Some((_, offset)) = self.places.get(at) else { return Ok(None) };
        Ok(format::bytes_of(Lines::open(path)?.at(*offset)?))
    }
}

/// Reads lines at known places; those that follow one another without seeking.
struct Lines {
    reader: BufReader<File>,
    offset: u64,
    line: Vec<u8>,
}

impl Lines {
    fn open(path: &Path) -> io::Result<Self> {
        Ok(Self { reader: BufReader::with_capacity(1 << 16, File::open(path)?), offset: 0, line: Vec::new() })
    }

    fn at(&mut self, offset: u64) -> io::Result<&[u8]> {
        if offset != self.offset {
            self.reader.seek(SeekFrom::Start(offset))?;
        }
        self.line.clear();
        self.reader.read_until(b'\n', &mut self.line)?;
        self.offset = offset + self.line.len() as u64;
        Ok(&self.line)
    }
}

/// Looks at the end of a file alone: the number of its last frame is how many it has.
pub(super) fn tail(path: &Path) -> io::Result<Tail> {
    let mut file = File::open(path)?;
    let size_in_bytes = file.metadata()?.len();
    let mut length = TAIL_BYTES.min(size_in_bytes);
    loop {
        file.seek(SeekFrom::Start(size_in_bytes - length))?;
        let mut end = Vec::new();
        (&mut file).take(length).read_to_end(&mut end)?;
        let is_all = length == size_in_bytes;
        if let Some(frames) = last_number(&end, is_all) {
            return Ok(Tail { frames, size_in_bytes, is_torn: !end.ends_with(b"\n") });
        }
        length = (length * 4).min(size_in_bytes);
    }
}

/// The number of the last readable line of which all is there; 0 when the whole file has none.
fn last_number(end: &[u8], is_all: bool) -> Option<u64> {
    let mut lines = end.split_inclusive(|byte| *byte == b'\n');
    if !is_all {
        // Its beginning may be missing.
        lines.next();
    }
    let whole = lines.filter(|line| line.ends_with(b"\n"));
    let last = whole.filter_map(format::number_of).max();
    if is_all { Some(last.unwrap_or(0)) } else { last }
}
