//! What can go wrong with a server, in words that say what to do.

use std::fmt;
use std::time::Duration;

use jackfield_protocol::{Error, ErrorKind};
use serde_json::Value;

/// Why a connection could not be made, why it broke, or why a request failed.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Failure {
    /// There is no such program.
    #[error("there is no command `{command}`")]
    CommandNotFound {
        /// The program.
        command: String,
    },
    /// The program is there but does not start.
    #[error("`{command}` cannot be started: {reason}")]
    NotStarted {
        /// The program.
        command: String,
        /// Why.
        reason: String,
    },
    /// The process ended.
    #[error("the server's process ended ({status}){}", Stderr(stderr))]
    Exited {
        /// How: `exit status: 1`, `signal: 9 (SIGKILL)`.
        status: String,
        /// The last lines of its standard error.
        stderr: Vec<String>,
    },
    /// It is silent.
    #[error("the server did not answer the handshake within {}", Span(*waited))]
    NoHandshake {
        /// How long.
        waited: Duration,
    },
    /// It writes, but no JSON-RPC.
    #[error("the server did not answer the handshake within {}, but wrote what is no JSON-RPC: {sample}", Span(*waited))]
    Garbage {
        /// How long.
        waited: Duration,
        /// The first of it.
        sample: String,
    },
    /// It answers something that was not asked.
    #[error("the server answered request {expected} with the id {received}")]
    WrongId {
        /// What was asked.
        expected: String,
        /// What was answered.
        received: String,
    },
    /// No revision of the protocol is spoken on both sides.
    #[error("the server speaks revision {offered} of MCP, which is not known here")]
    ProtocolVersion {
        /// What the server offers.
        offered: String,
        /// What is known here.
        known: Vec<String>,
    },
    /// The address is none.
    #[error("`{url}` is no address of a server: {reason}")]
    BadUrl {
        /// The address.
        url: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A header cannot be sent.
    #[error("the header `{name}` cannot be sent: {reason}")]
    BadHeader {
        /// Its name.
        name: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Nobody answers at the address.
    #[error("cannot reach {url}: {reason}")]
    Unreachable {
        /// The address.
        url: String,
        /// Why.
        reason: String,
    },
    /// HTTP 401.
    #[error("the server wants to know who asks (HTTP 401){}", Challenge(challenge.as_deref()))]
    Unauthorized {
        /// Its `WWW-Authenticate` header.
        challenge: Option<String>,
    },
    /// Another HTTP status that is no success.
    #[error("the server answered HTTP {status}{}", Body(body))]
    Status {
        /// The status: `404 Not Found`.
        status: String,
        /// The beginning of what it said.
        body: String,
    },
    /// It points to another server.
    #[error("the server redirects to {to}")]
    Redirected {
        /// Where.
        to: String,
    },
    /// HTTP of something that is no MCP server.
    #[error("the server answered with content of type {}, where MCP has JSON or an event stream", found.as_deref().unwrap_or("unknown"))]
    ContentType {
        /// The type that it named.
        found: Option<String>,
    },
    /// A frame began and did not end.
    #[error("the connection broke off in the middle of a frame, after {received} bytes of it")]
    CutOff {
        /// How much of the frame came.
        received: u64,
    },
    /// A frame is longer than is taken.
    #[error("the server sent a frame of more than {limit} bytes")]
    TooLarge {
        /// The most that is taken.
        limit: usize,
    },
    /// The server closed the connection.
    #[error("the server closed the connection{}", Reason(reason))]
    Closed {
        /// Why, where that is known.
        reason: String,
    },
    /// The connection was closed here.
    #[error("the connection is closed")]
    NotOpen,
    /// The server refused a request.
    #[error("the server refused `{method}`: {message} (code {code})")]
    Refused {
        /// What was asked.
        method: String,
        /// The code of the JSON-RPC error.
        code: i64,
        /// Its message.
        message: String,
        /// Its data.
        data: Option<Box<Value>>,
    },
    /// The server's answer is not what the protocol says.
    #[error("the server's answer to `{method}` is not what MCP asks for: {reason}")]
    BadResult {
        /// What was asked.
        method: String,
        /// What is wrong.
        reason: String,
    },
    /// It took too long.
    #[error("the server did not answer `{method}` within {}{}", Span(*waited), Stray(stray.as_deref()))]
    TimedOut {
        /// What was asked.
        method: String,
        /// How long.
        waited: Duration,
        /// An id with which it answered meanwhile, and that nobody had asked with.
        stray: Option<String>,
    },
    /// It was called off here.
    #[error("`{method}` was cancelled")]
    Cancelled {
        /// What was asked.
        method: String,
    },
}

impl Failure {
    /// What can be done about it, where that is known.
    #[must_use]
    pub fn help(&self) -> Option<String> {
        let help = match self {
            Self::CommandNotFound { .. } => {
                "check its spelling, and that it is installed and in PATH; or give its full path"
            }
            Self::NotStarted { .. } => {
                "check that it is a program, that it may be run, and that its folder exists"
            }
            Self::Exited { stderr, .. } if stderr.is_empty() => {
                "run the command in a terminal to see why it ends"
            }
            Self::Exited { .. } => "its last lines of standard error say more; the session has all of them",
            Self::NoHandshake { .. } => {
                "check that this is an MCP server and that it speaks over this transport"
            }
            Self::Garbage { .. } => {
                "a server over stdio may write nothing but JSON-RPC to its standard output; let it log to standard error"
            }
            Self::WrongId { .. } => {
                "a response must carry the id of its request; this is a fault of the server"
            }
            Self::ProtocolVersion { known, .. } => return Some(format!("known here: {}", known.join(", "))),
            Self::BadUrl { .. } => "write it in full: http://127.0.0.1:8080/mcp",
            Self::BadHeader { .. } => "header names and values are plain text; some are set by the protocol",
            Self::Unreachable { .. } => "check that the server runs, and its host and port",
            Self::Unauthorized { .. } => "give an `Authorization` header with the connection",
            Self::Status { status, .. } => return help_for_status(status).map(str::to_owned),
            Self::Redirected { .. } => "if you trust it, connect to that address instead",
            Self::ContentType { .. } => "check the path of the address: most servers answer at /mcp",
            Self::CutOff { .. } | Self::Closed { .. } => {
                "the server's own log may say why; connect again to go on"
            }
            Self::TooLarge { .. } => {
                "ask for less, or page by page; this is a fault of the server if it cannot"
            }
            Self::NotOpen => "connect again to go on",
            Self::TimedOut { stray: Some(_), .. } => {
                "a response must carry the id of its request; this is a fault of the server"
            }
            Self::TimedOut { .. } => "give it more time, or look into the session for what it did meanwhile",
            Self::Refused { .. } | Self::BadResult { .. } | Self::Cancelled { .. } => return None,
        };
        Some(help.to_owned())
    }

    fn kind(&self) -> ErrorKind {
        match self {
            Self::TimedOut { .. } | Self::NoHandshake { .. } | Self::Garbage { .. } => ErrorKind::TimedOut,
            Self::Cancelled { .. } => ErrorKind::Cancelled,
            _ => ErrorKind::Mcp,
        }
    }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        let error = Self::new(failure.kind(), failure.to_string());
        match failure.help() {
            Some(help) => error.with_help(help),
            None => error,
        }
    }
}

fn help_for_status(status: &str) -> Option<&'static str> {
    match status.get(..3)? {
        "403" => Some("check the `Authorization` header, and whether the server allows this host and origin"),
        "404" | "405" => Some("check the path of the address: most servers answer at /mcp"),
        "429" => Some("the server wants fewer requests; wait a little"),
        status if status.starts_with('5') => Some("the server failed; its own log may say why"),
        _ => None,
    }
}

/// A duration as people write it.
struct Span(Duration);

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.as_millis() {
            millis if millis % 1000 == 0 => write!(f, "{} s", millis / 1000),
            millis => write!(f, "{millis} ms"),
        }
    }
}

struct Stderr<'a>(&'a [String]);

impl fmt::Display for Stderr<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.0.is_empty() {
            f.write_str("; it said:")?;
        }
        self.0.iter().try_for_each(|line| write!(f, "\n  {line}"))
    }
}

struct Challenge<'a>(Option<&'a str>);

impl fmt::Display for Challenge<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.map_or(Ok(()), |challenge| write!(f, ": {challenge}"))
    }
}

struct Body<'a>(&'a str);

impl fmt::Display for Body<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() { Ok(()) } else { write!(f, ": {}", self.0) }
    }
}

struct Reason<'a>(&'a str);

impl fmt::Display for Reason<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() { Ok(()) } else { write!(f, ": {}", self.0) }
    }
}

struct Stray<'a>(Option<&'a str>);

impl fmt::Display for Stray<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0
            .map_or(Ok(()), |id| write!(f, ", but sent a response with the id {id}, which nobody asked with"))
    }
}
