//! Reading a recording, whatever has become of it.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek};
use std::path::{Path, PathBuf};

use jackfield_protocol::{Trace, TraceId};

use super::decode::{Decoded, Decoder};
use super::error::RecordingError;
use super::place;

/// A line that is longer is not one that a recorder writes.
const MAX_LINE_BYTES: u64 = 1 << 30;
/// How much damage is told in words.
const MAX_TOLD: usize = 20;

/// The traces of a file, one after the other, in no more memory than one of them takes.
///
/// Each has its place in the file, counted from 1, for its id. What cannot be read is passed over and told by
/// [`Recording::damage`].
pub struct Recording {
    path: PathBuf,
    lines: BufReader<File>,
    line: Vec<u8>,
    line_number: u64,
    decoder: Decoder,
    traces: u64,
    lost: u64,
    damage: Vec<String>,
    damaged_lines: u64,
}

impl Recording {
    /// Opens a file. It may be one that is being written.
    ///
    /// # Errors
    /// If it cannot be read, or is no recording.
    pub fn open(path: &Path) -> Result<Self, RecordingError> {
        let mut file = File::open(path).map_err(RecordingError::file("read the recording", path))?;
        if file.metadata().is_ok_and(|it| it.is_dir()) {
            return Err(RecordingError::NotARecording { path: path.to_owned() });
        }
        place::check_header(&file, path)?;
        file.rewind().map_err(RecordingError::file("read the recording", path))?;
        Ok(Self {
            path: path.to_owned(),
            lines: BufReader::with_capacity(1 << 16, file),
            line: Vec::new(),
            line_number: 0,
            decoder: Decoder::default(),
            traces: 0,
            lost: 0,
            damage: Vec::new(),
            damaged_lines: 0,
        })
    }

    /// The next trace; nothing at the end.
    ///
    /// # Errors
    /// If the file cannot be read, or was written by a newer Jackfield from here on.
    pub fn next_trace(&mut self) -> Result<Option<Trace>, RecordingError> {
        while self.read_line().map_err(RecordingError::file("read the recording", &self.path))? {
            if !self.line.ends_with(b"\n") {
                self.tell("ends in a record that was not written to its end");
                return Ok(None);
            }
            if self.line == b"\n" {
                continue;
            }
            match self.decoder.line(&self.line) {
                Ok(Decoded::Trace(mut trace)) => {
                    self.traces += 1;
                    trace.id = TraceId(self.traces);
                    return Ok(Some(*trace));
                }
                Ok(Decoded::Lost(count)) => self.lost = self.lost.saturating_add(count),
                Ok(Decoded::Section | Decoded::Table) => {}
                Ok(Decoded::Newer) => return Err(RecordingError::Newer { path: self.path.clone() }),
                Err(problem) => self.tell(&problem),
            }
        }
        Ok(None)
    }

    /// The trace at a place in the file, counted from 1.
    ///
    /// # Errors
    /// If there is none, or the file cannot be read.
    pub fn find(mut self, number: u64) -> Result<Trace, RecordingError> {
        while let Some(trace) = self.next_trace()? {
            if trace.id.0 == number {
                return Ok(trace);
            }
        }
        Err(RecordingError::NoSuchTrace { path: self.path, number, total: self.traces })
    }

    /// How many traces were read so far.
    #[must_use]
    pub fn traces(&self) -> u64 {
        self.traces
    }

    /// How many traces the file says are missing, because the disk was too slow or full.
    #[must_use]
    pub fn lost(&self) -> u64 {
        self.lost
    }

    /// What could not be read so far, in words, and no more than a screen of it.
    #[must_use]
    pub fn damage(&self) -> Vec<String> {
        let more = self.damaged_lines.saturating_sub(self.damage.len() as u64);
        let more = (more > 0).then(|| format!("{more} more lines cannot be read"));
        self.damage.iter().cloned().chain(more).collect()
    }

    fn read_line(&mut self) -> io::Result<bool> {
        self.line.clear();
        self.line_number += 1;
        Ok((&mut self.lines).take(MAX_LINE_BYTES).read_until(b'\n', &mut self.line)? > 0)
    }

    fn tell(&mut self, problem: &str) {
        self.damaged_lines += 1;
        if self.damage.len() < MAX_TOLD {
            self.damage.push(format!("line {}: {problem}; skipped", self.line_number));
        }
    }
}
