//! From a stream of bytes to lines, in bounded memory.

use bytes::{Bytes, BytesMut};

/// A line as it came, without what ended it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Line {
    /// All of it; it ended with a newline.
    Whole(Bytes),
    /// Its beginning. The rest, up to the newline, was longer than is taken and is gone.
    Cut(Bytes),
    /// What was there when the stream ended.
    Half(Bytes),
}

/// Splits a stream at its newlines. A carriage return before one stays part of the line, as the bytes of
/// a frame are never changed.
pub struct LineSplitter {
    buffer: BytesMut,
    /// Up to here there is no newline in the buffer.
    searched: usize,
    limit: usize,
    /// The present line was cut, and what follows up to its newline is passed over.
    is_skipping: bool,
}

impl LineSplitter {
    /// Takes lines of up to `limit` bytes.
    #[must_use]
    pub fn new(limit: usize) -> Self {
        Self { buffer: BytesMut::new(), searched: 0, limit, is_skipping: false }
    }

    /// Where the next bytes of the stream are to be appended.
    pub fn buffer(&mut self) -> &mut BytesMut {
        &mut self.buffer
    }

    /// The next line in what was appended.
    pub fn next_line(&mut self) -> Option<Line> {
        loop {
            let unsearched = self.buffer.get(self.searched..).unwrap_or_default();
            let Some(found) = unsearched.iter().position(|byte| *byte == b'\n') else {
                return self.without_newline();
            };
            let mut line = self.buffer.split_to(self.searched + found + 1);
            self.searched = 0;
            line.truncate(line.len() - 1);
            if !std::mem::take(&mut self.is_skipping) {
                return Some(self.whole(line));
            }
        }
    }

    /// What is left when the stream has ended.
    pub fn rest(&mut self) -> Option<Line> {
        self.searched = 0;
        let rest = std::mem::take(&mut self.buffer).freeze();
        let is_tail_of_a_cut_line = std::mem::take(&mut self.is_skipping);
        (!rest.is_empty() && !is_tail_of_a_cut_line).then_some(Line::Half(rest))
    }

    fn whole(&self, mut line: BytesMut) -> Line {
        if line.len() > self.limit {
            line.truncate(self.limit);
            return Line::Cut(line.freeze());
        }
        Line::Whole(line.freeze())
    }

    fn without_newline(&mut self) -> Option<Line> {
        if self.is_skipping {
            self.buffer.clear();
            self.searched = 0;
            return None;
        }
        if self.buffer.len() > self.limit {
            let mut line = std::mem::take(&mut self.buffer);
            line.truncate(self.limit);
            self.searched = 0;
            self.is_skipping = true;
            return Some(Line::Cut(line.freeze()));
        }
        self.searched = self.buffer.len();
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Splits a stream that arrives in chunks of so many bytes.
    fn split(stream: &[u8], chunk: usize, limit: usize) -> Vec<Line> {
        let mut splitter = LineSplitter::new(limit);
        let mut lines = Vec::new();
        for part in stream.chunks(chunk) {
            splitter.buffer().extend_from_slice(part);
            lines.extend(std::iter::from_fn(|| splitter.next_line()));
        }
        lines.extend(splitter.rest());
        lines
    }

    #[test]
    fn splits_alike_however_the_stream_arrives() {
        let stream = b"one\r\n\n tw\xffo \nhal";
        let expected = [
            Line::Whole(Bytes::from_static(b"one\r")),
            Line::Whole(Bytes::new()),
            Line::Whole(Bytes::from_static(b" tw\xffo ")),
            Line::Half(Bytes::from_static(b"hal")),
        ];
        for chunk in 1..=stream.len() {
            assert_eq!(split(stream, chunk, 100), expected, "in chunks of {chunk}");
        }
    }

    #[test]
    fn cuts_a_long_line_and_goes_on_with_the_next() {
        let stream = b"abcdefgh\nok\nabcdefgh";
        let cut = Line::Cut(Bytes::from_static(b"abc"));
        let expected = [cut.clone(), Line::Whole(Bytes::from_static(b"ok")), cut];
        for chunk in 1..=stream.len() {
            assert_eq!(split(stream, chunk, 3), expected, "in chunks of {chunk}");
        }
    }
}
