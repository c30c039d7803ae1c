//! Recorded MCP sessions, frame by frame.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::CallId;

/// Names a recorded session on this machine, for ever. Also the name of its file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SessionId(String);

impl SessionId {
    /// Takes the name as it stands.
    pub fn new(name: impl Into<String>) -> Self {
        Self(name.into())
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// One MCP conversation, recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct SessionView {
    /// Its identity.
    pub id: SessionId,
    /// With whom: the workload's name, the command line, or the address.
    pub label: String,
    /// On which side of the conversation Jackfield was.
    pub role: SessionRole,
    /// When it began: microseconds since 1970, UTC.
    pub started_unix_micros: u64,
    /// Whether it is still going on.
    pub is_live: bool,
    /// How many frames it has.
    pub frames: u64,
    /// The length of its file.
    pub size_in_bytes: u64,
    /// What is wrong with its file: a torn end, unreadable lines.
    pub problem: Option<String>,
}

/// On which side of a conversation Jackfield was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SessionRole {
    /// Its client inside asked.
    Client,
    /// A workload that it serves answered.
    Server,
    /// It stood between a client and a server of others.
    Between,
}

/// What is known of one recorded frame; its bytes are asked for separately.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Frame {
    /// The session that it belongs to.
    pub session: SessionId,
    /// Its place in the session, from 1 without gaps.
    pub number: u64,
    /// When its last byte came by, since the session began: microseconds, never less than that of the
    /// frame before.
    pub time_micros: u64,
    /// Which way it went.
    pub way: FrameWay,
    /// What it is.
    pub kind: FrameKind,
    /// The JSON-RPC id, as JSON text: `1` or `"a"`.
    pub id: Option<String>,
    /// The JSON-RPC method; that of the request in the case of a response.
    pub method: Option<String>,
    /// What it is about: the tool's name, the resource's URI, the error's message.
    pub subject: Option<String>,
    /// The length of its bytes.
    pub size_in_bytes: u64,
    /// The frame of the request that it answers.
    pub answers: Option<u64>,
    /// From that request to this frame: microseconds.
    pub duration_micros: Option<u64>,
    /// The call into a workload that it caused, where one of Jackfield's workloads answered.
    pub call: Option<CallId>,
    /// What is wrong with it, in words.
    pub problem: Option<String>,
}

/// Which way a frame went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FrameWay {
    /// From the client to the server.
    ToServer,
    /// From the server to the client.
    ToClient,
}

/// What a frame is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FrameKind {
    /// A JSON-RPC request.
    Request,
    /// A JSON-RPC response with a result.
    Response,
    /// A JSON-RPC response with an error.
    Error,
    /// A JSON-RPC notification.
    Notification,
    /// Bytes where a message should be, which are none.
    Malformed,
    /// A line that a server wrote to its standard error.
    Stderr,
    /// Something of the transport: an HTTP status, a process that ended.
    Transport,
    /// An event of a stream that is there for the stream alone and carries no message: from where it can be taken up
    /// again, a sign of life.
    Event,
}

impl FrameKind {
    /// One word for it, in lower case.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::Response => "response",
            Self::Error => "error",
            Self::Notification => "notification",
            Self::Malformed => "malformed",
            Self::Stderr => "stderr",
            Self::Transport => "transport",
            Self::Event => "event",
        }
    }
}

/// Part of a session.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct FramePage {
    /// In the order of their numbers.
    pub frames: Vec<Frame>,
    /// How many frames the session has by now.
    pub total: u64,
}

/// The bytes of a frame, exactly as they went over the wire.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", rename_all_fields = "kebab-case")]
pub enum FrameBytes {
    /// They are text in UTF-8.
    Text(String),
    /// They are not, and these are their hexadecimal digits, two for each.
    Hex(String),
}
