//! The lines of a session file.
//!
//! ```json
//! {"jackfield-session":1,"label":"python3 server.py","role":"client","started-unix-micros":1767225600000000}
//! {"number":1,"time-micros":153,"way":"to-server","kind":"request","id":"0","method":"initialize","size-in-bytes":2,"text":"{}"}
//! ```
//!
//! The bytes of a frame are `text` when they are UTF-8 and `base64` otherwise. They come last, so that a reader of
//! what is around them has it early. Keys that a reader does not know are passed over.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jackfield_protocol::{CallId, Frame, FrameKind, FrameWay, SessionId, SessionRole};
use serde::{Deserialize, Serialize};

/// The version of the format.
const VERSION: u32 = 1;

/// The longest first line that is read.
const MAX_HEADER_BYTES: u64 = 1 << 20;

/// What a session is: the first line.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Header {
    jackfield_session: u32,
    pub(super) label: String,
    pub(super) role: SessionRole,
    pub(super) started_unix_micros: u64,
}

impl Header {
    pub(super) fn new(label: String, role: SessionRole, started_unix_micros: u64) -> Self {
        Self { jackfield_session: VERSION, label, role, started_unix_micros }
    }

    /// What stands for a header that cannot be read.
    pub(super) fn unknown(id: &SessionId) -> Self {
        Self::new(id.to_string(), SessionRole::Client, unix_micros(id.as_str()).unwrap_or_default())
    }
}

/// What is known of a frame.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct FrameLine {
    number: u64,
    time_micros: u64,
    way: FrameWay,
    kind: FrameKind,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    method: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    subject: Option<String>,
    size_in_bytes: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    answers: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    duration_micros: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    call: Option<CallId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    problem: Option<String>,
}

/// The bytes of a frame.
#[derive(Deserialize)]
struct BytesPart {
    text: Option<String>,
    base64: Option<String>,
}

/// The number of a frame. Reading it alone still checks the whole line.
#[derive(Deserialize)]
struct NumberPart {
    number: u64,
}

pub(super) fn header_line(header: &Header) -> io::Result<Vec<u8>> {
    let mut line = serde_json::to_vec(header)?;
    line.push(b'\n');
    Ok(line)
}

pub(super) fn write_frame(file: &mut impl Write, frame: &Frame, bytes: &[u8]) -> io::Result<()> {
    let line = FrameLine {
        number: frame.number,
        time_micros: frame.time_micros,
        way: frame.way,
        kind: frame.kind,
        id: frame.id.clone(),
        method: frame.method.clone(),
        subject: frame.subject.clone(),
        size_in_bytes: frame.size_in_bytes,
        answers: frame.answers,
        duration_micros: frame.duration_micros,
        call: frame.call,
        problem: frame.problem.clone(),
    };
    let described = serde_json::to_vec(&line)?;
    // The bytes are written straight behind, not through a value of their own: they may be large.
    file.write_all(described.strip_suffix(b"}").unwrap_or(&described))?;
    match std::str::from_utf8(bytes) {
        Ok(text) => {
            file.write_all(b",\"text\":")?;
            serde_json::to_writer(&mut *file, text)?;
        }
        Err(_) => write!(file, ",\"base64\":\"{}\"", STANDARD.encode(bytes))?,
    }
    file.write_all(b"}\n")
}

/// The header of a file, or what is wrong with it.
pub(super) fn read_header(path: &Path) -> io::Result<Result<Header, &'static str>> {
    let mut line = Vec::new();
    BufReader::new(File::open(path)?.take(MAX_HEADER_BYTES)).read_until(b'\n', &mut line)?;
    if !line.ends_with(b"\n") {
        return Ok(Err("its first line is torn: nothing says what it is of"));
    }
    Ok(match serde_json::from_slice::<Header>(&line) {
        Ok(header) if header.jackfield_session == VERSION => Ok(header),
        Ok(_) => Err("it was written by a newer Jackfield, and may not be shown in full"),
        Err(_) => Err("its first line is unreadable: nothing says what it is of"),
    })
}

pub(super) fn number_of(line: &[u8]) -> Option<u64> {
    serde_json::from_slice::<NumberPart>(line).ok().map(|part| part.number)
}

pub(super) fn frame_of(line: &[u8], session: &SessionId) -> Option<Frame> {
    let line: FrameLine = serde_json::from_slice(line).ok()?;
    Some(Frame {
        session: session.clone(),
        number: line.number,
        time_micros: line.time_micros,
        way: line.way,
        kind: line.kind,
        id: line.id,
        method: line.method,
        subject: line.subject,
        size_in_bytes: line.size_in_bytes,
        answers: line.answers,
        duration_micros: line.duration_micros,
        call: line.call,
        problem: line.problem,
    })
}

pub(super) fn bytes_of(line: &[u8]) -> Option<Vec<u8>> {
    let part: BytesPart = serde_json::from_slice(line).ok()?;
    match (part.text, part.base64) {
        (Some(text), _) => Some(text.into_bytes()),
        (None, Some(base64)) => STANDARD.decode(base64).ok(),
        (None, None) => None,
    }
}

/// How a time is written in a session's name: `20260102T030405-000006`.
const TIMESTAMP: &str = "%Y%m%dT%H%M%S-%6f";

pub(super) fn timestamp(unix_micros: u64) -> String {
    i64::try_from(unix_micros)
        .ok()
        .and_then(|micros| jiff::Timestamp::from_microsecond(micros).ok())
        .map_or_else(|| format!("{unix_micros:020}"), |time| time.strftime(TIMESTAMP).to_string())
}

/// The time in a session's name.
fn unix_micros(name: &str) -> Option<u64> {
    let time = name.get(..22)?;
    let time = jiff::civil::DateTime::strptime(TIMESTAMP, time).ok()?;
    let micros = time.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().as_microsecond();
    u64::try_from(micros).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_holds_the_time() {
        let micros = 1_767_323_045_000_006;
        let name = timestamp(micros);
        assert_eq!(name, "20260102T030405-000006");
        assert_eq!(unix_micros(&name), Some(micros));
        assert_eq!(unix_micros(&format!("{name}-2")), Some(micros));
        assert_eq!(unix_micros("anything"), None);
    }
}
