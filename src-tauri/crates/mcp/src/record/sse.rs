//! From a stream of bytes to server-sent events, in bounded memory, with the bytes of each kept.
//!
//! Follows the event stream format of the HTML standard, section 9.2.

use bytes::{Buf, Bytes, BytesMut};

/// May stand at the very beginning of a stream.
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// An event as it came.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SseEvent {
    /// All of its bytes, up to but without the empty line that ends it.
    pub raw: Bytes,
    /// Its data: of one line the very bytes, of several joined with newlines as the format asks.
    pub data: Option<Bytes>,
    /// Its type.
    pub event: Option<String>,
    /// From where the stream can be resumed.
    pub id: Option<String>,
    /// How long to wait before that: milliseconds.
    pub retry_millis: Option<u64>,
}

/// An event was longer than is taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("an event of more than {limit} bytes")]
pub struct EventTooLarge {
    /// The most that is taken.
    pub limit: usize,
    /// Its beginning.
    pub beginning: Bytes,
}

/// Splits a stream at the empty lines between its events.
pub struct SseSplitter {
    buffer: BytesMut,
    /// Up to here there is no end of an event in the buffer.
    searched: usize,
    limit: usize,
    /// Whether the first event is still to come, before which there may be a byte order mark.
    is_first: bool,
}

impl SseSplitter {
    /// Takes events of up to `limit` bytes.
    #[must_use]
    pub fn new(limit: usize) -> Self {
        Self { buffer: BytesMut::new(), searched: 0, limit, is_first: true }
    }

    /// Appends the next bytes of the stream.
    pub fn push(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
    }

    /// The next event in what was appended; one of comments alone is one, too.
    ///
    /// # Errors
    /// When an event is longer than is taken. The stream is of no use after that.
    pub fn next_event(&mut self) -> Result<Option<SseEvent>, EventTooLarge> {
        while let Some((end, next)) = self.find_end() {
            let raw = self.buffer.split_to(end).freeze();
            self.buffer.advance(next - end);
            self.searched = 0;
            if raw.len() > self.limit {
                return Err(EventTooLarge { limit: self.limit, beginning: raw.slice(..self.limit) });
            }
            let mark: &[u8] = if std::mem::take(&mut self.is_first) { BYTE_ORDER_MARK } else { b"" };
            if !raw.is_empty() {
                return Ok(Some(SseEvent::of(raw, mark)));
            }
        }
        if self.buffer.len() > self.limit {
            let beginning = std::mem::take(&mut self.buffer).freeze().slice(..self.limit);
            return Err(EventTooLarge { limit: self.limit, beginning });
        }
        Ok(None)
    }

    /// What is left when the stream has ended: an event that never did.
    pub fn rest(&mut self) -> Option<Bytes> {
        let rest = std::mem::take(&mut self.buffer).freeze();
        rest.iter().any(|byte| !matches!(byte, b'\r' | b'\n')).then_some(rest)
    }

    /// Where the first event in the buffer ends, and where the one after it begins.
    fn find_end(&mut self) -> Option<(usize, usize)> {
        // An empty line is two ends of a line in a row: each of them LF, CR or CRLF.
        let mut at = self.searched;
        loop {
            let rest = self.buffer.get(at..).unwrap_or_default();
            let Some(found) = rest.iter().position(|byte| matches!(byte, b'\r' | b'\n')) else {
                self.searched = self.buffer.len();
                return None;
            };
            let end = at + found;
            let after = end + end_of_line(&self.buffer, end);
            let second = if end == 0 { 0 } else { end_of_line(&self.buffer, after) };
            if end == 0 || second > 0 {
                return Some((end, after + second));
            }
            if after >= self.buffer.len() {
                self.searched = end;
                return None;
            }
            at = after;
        }
    }
}

/// The length of the end of a line at a place: 0 where there is none.
fn end_of_line(bytes: &[u8], at: usize) -> usize {
    match (bytes.get(at), bytes.get(at + 1)) {
        (Some(b'\r'), Some(b'\n')) => 2,
        (Some(b'\r' | b'\n'), _) => 1,
        _ => 0,
    }
}

impl SseEvent {
    /// The message that it carries. One of another type than `message` has none, nor has one without data: servers
    /// begin streams with such events, so that they can be taken up again. Source: MCP 2025-11-25, Streamable HTTP.
    #[must_use]
    pub fn message(&self) -> Option<&Bytes> {
        let is_message = matches!(self.event.as_deref(), None | Some("" | "message"));
        self.data.as_ref().filter(|data| is_message && !data.trim_ascii().is_empty())
    }

    /// What it is for, in words, where it carries no message.
    pub(super) fn purpose(&self) -> String {
        let known = |kind: &&str| !matches!(*kind, "" | "message");
        let mut parts: Vec<String> = Vec::new();
        parts.extend(self.event.as_deref().filter(known).map(|kind| format!("of type {kind}")));
        parts.extend(self.id.as_ref().map(|id| format!("resume after {id}")));
        parts.extend(self.retry_millis.map(|millis| format!("retry in {millis} ms")));
        if parts.is_empty() && self.data.is_none() {
            parts.push("keep-alive".to_owned());
        }
        ["no message".to_owned()].into_iter().chain(parts).collect::<Vec<_>>().join(", ")
    }

    /// Reads an event, behind a mark that it may begin with.
    fn of(raw: Bytes, mark: &[u8]) -> Self {
        let mut event = Self::default();
        let mut data: Vec<Bytes> = Vec::new();
        let text = raw.strip_prefix(mark).unwrap_or(&raw);
        for line in text.split(|byte| matches!(byte, b'\r' | b'\n')).filter(|line| !line.is_empty()) {
            let (name, value) = field(line);
            match name {
                b"data" => data.push(raw.slice_ref(value)),
                b"event" => event.event = Some(String::from_utf8_lossy(value).into_owned()),
                b"id" => event.id = Some(String::from_utf8_lossy(value).into_owned()),
                b"retry" => event.retry_millis = std::str::from_utf8(value).ok().and_then(|v| v.parse().ok()),
                _ => {}
            }
        }
        event.data = match data.as_slice() {
            [] => None,
            [one] => Some(one.clone()),
            several => Some(several.join(&b'\n').into()),
        };
        event.raw = raw;
        event
    }
}

/// The name and the value of a line: `name: value`, with one space passed over.
fn field(line: &[u8]) -> (&[u8], &[u8]) {
    let colon = line.iter().position(|byte| *byte == b':').unwrap_or(line.len());
    let (name, rest) = line.split_at(colon);
    let value = rest.strip_prefix(b":").unwrap_or(rest);
    (name, value.strip_prefix(b" ").unwrap_or(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(stream: &[u8], chunk: usize) -> (Vec<SseEvent>, Option<Bytes>) {
        let mut splitter = SseSplitter::new(100);
        let mut events = Vec::new();
        for part in stream.chunks(chunk) {
            splitter.push(part);
            while let Some(event) = splitter.next_event().unwrap() {
                events.push(event);
            }
        }
        (events, splitter.rest())
    }

    #[test]
    fn splits_alike_however_the_stream_arrives() {
        for newline in ["\n", "\r\n"] {
            let text = ": hi|||id: 7|event: message|retry: 20|data: {\"a\" : 1}||data:x|data: y||data: half";
            let stream = text.replace('|', newline);
            for chunk in 1..=stream.len() {
                let (events, rest) = split(stream.as_bytes(), chunk);
                let data: Vec<_> = events.iter().map(|event| event.data.clone()).collect();
                let expected = [None, Some("{\"a\" : 1}".into()), Some("x\ny".into())];
                assert_eq!(data, expected, "{newline:?} in chunks of {chunk}");
                assert_eq!(events[1].id.as_deref(), Some("7"));
                assert_eq!(events[1].retry_millis, Some(20));
                assert_eq!(rest.as_deref(), Some(b"data: half".as_slice()));
            }
        }
    }

    #[test]
    fn only_an_event_with_data_carries_a_message() {
        let text = "data:\nid: 0/0\nretry: 3000\n\n: ping\n\nevent: endpoint\ndata: /m\n\nid: 7\n\ndata: {}\n\n\
                    event: message\ndata: {}\n\ndata:  \n\nretry: 5\n\n";
        let (events, _) = split(text.as_bytes(), 7);
        let purposes: Vec<_> =
            events.iter().map(|event| event.message().map_or(event.purpose(), |_| "-".into())).collect();
        let expected = [
            "no message, resume after 0/0, retry in 3000 ms",
            "no message, keep-alive",
            "no message, of type endpoint",
            "no message, resume after 7",
            "-",
            "-",
            "no message",
            "no message, retry in 5 ms",
        ];
        assert_eq!(purposes, expected);
    }

    #[test]
    fn a_byte_order_mark_is_no_part_of_the_first_event() {
        let stream = b"\xEF\xBB\xBFdata: {}\n\n\xEF\xBB\xBFdata: no\n\n";
        let (events, _) = split(stream, 4);
        let messages: Vec<_> = events.iter().map(|event| event.message().cloned()).collect();
        assert_eq!(messages, [Some("{}".into()), None]);
        assert_eq!(events[0].raw, b"\xEF\xBB\xBFdata: {}".as_slice());
    }

    #[test]
    fn an_event_that_never_ends_is_refused() {
        let mut splitter = SseSplitter::new(8);
        splitter.push(b"data: 123456789");
        let refused = splitter.next_event().unwrap_err();
        assert_eq!(refused.beginning, b"data: 12".as_slice());
    }
}
