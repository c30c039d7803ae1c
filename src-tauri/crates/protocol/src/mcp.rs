//! Connections of the MCP client inside, and what can be asked over them.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{SessionId, WorkloadId};

/// Names a connection for as long as the workbench runs. Never used again for another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ConnectionId(pub u32);

/// Chosen by whoever makes a call, to cancel it and to tell its progress from that of others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Ticket(pub u64);

/// The server that a connection leads to.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", rename_all_fields = "kebab-case")]
pub enum Endpoint {
    /// A workload that runs here.
    Workload(WorkloadId),
    /// A child process that speaks over its standard input and output.
    Process {
        /// The program.
        command: String,
        /// Its arguments.
        args: Vec<String>,
        /// Variables that it has besides the inherited ones.
        env: Vec<(String, String)>,
        /// Where it runs; the current folder if nothing is said.
        folder: Option<String>,
    },
    /// A Streamable HTTP server.
    Url {
        /// Its address: `http://127.0.0.1:8080/mcp`.
        url: String,
        /// Sent with every request; `Authorization`, for example.
        headers: Vec<(String, String)>,
    },
}

/// A connection as others see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct ConnectionView {
    /// Its identity.
    pub id: ConnectionId,
    /// What it is called: the workload's name, the command line, or the address.
    pub label: String,
    /// The server.
    pub endpoint: Endpoint,
    /// Where its frames are recorded.
    pub session: SessionId,
    /// How it is doing.
    pub state: ConnectionState,
    /// What the server says of itself, once it has.
    pub server: Option<ServerView>,
}

/// How a connection is doing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", rename_all_fields = "kebab-case")]
pub enum ConnectionState {
    /// The server has not answered yet.
    Connecting,
    /// It takes requests.
    Ready,
    /// It was closed here.
    Closed,
    /// It could not be made, or it broke.
    Failed {
        /// What happened, in words.
        reason: String,
        /// What can be done about it, where that is known.
        help: Option<String>,
    },
}

impl ConnectionState {
    /// Whether it takes requests, or is about to.
    #[must_use]
    pub fn is_open(&self) -> bool {
        matches!(self, Self::Connecting | Self::Ready)
    }
}

/// What a server says of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct ServerView {
    /// Its name.
    pub name: String,
    /// Its name for people.
    pub title: Option<String>,
    /// Its version.
    pub version: String,
    /// The revision of MCP that it speaks here: `2025-11-25`.
    pub protocol_version: String,
    /// How to use it, in its own words.
    pub instructions: Option<String>,
    /// The capabilities that it declared, as it wrote them.
    pub capabilities: Map<String, Value>,
}

impl ServerView {
    /// Whether it declared a capability: `tools`, `resources`, `prompts`, `logging`, …
    #[must_use]
    pub fn has(&self, capability: &str) -> bool {
        self.capabilities.contains_key(capability)
    }
}

/// A tool as a server describes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct ToolView {
    /// The name to call it by.
    pub name: String,
    /// Its name for people.
    pub title: Option<String>,
    /// What it does.
    pub description: Option<String>,
    /// The JSON Schema of its arguments.
    pub input_schema: Value,
    /// The JSON Schema of `structuredContent`, where it gives any.
    pub output_schema: Option<Value>,
    /// Hints, as the server wrote them.
    pub annotations: Option<Value>,
}

/// What can be asked of a server. Every list is given page by page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", rename_all_fields = "kebab-case")]
pub enum McpRequest {
    /// Whether it is there. Answered by [`McpResponse::Result`].
    Ping,
    /// A page of its tools. Answered by [`McpResponse::Tools`].
    ListTools {
        /// From the page before.
        cursor: Option<String>,
    },
    /// Calls a tool. Answered by [`McpResponse::Called`], also when the tool says that it failed.
    CallTool {
        /// The tool.
        name: String,
        /// Its arguments.
        arguments: Map<String, Value>,
        /// How long to wait: milliseconds. For as long as it takes if nothing is said.
        timeout_millis: Option<u64>,
    },
    /// A page of its resources. Answered by [`McpResponse::Result`], as all that follow.
    ListResources {
        /// From the page before.
        cursor: Option<String>,
    },
    /// A page of its resource templates.
    ListResourceTemplates {
        /// From the page before.
        cursor: Option<String>,
    },
    /// The content of a resource.
    ReadResource {
        /// Which.
        uri: String,
    },
    /// A page of its prompts.
    ListPrompts {
        /// From the page before.
        cursor: Option<String>,
    },
    /// A prompt, filled in.
    GetPrompt {
        /// Which.
        name: String,
        /// What it is filled in with.
        arguments: Map<String, Value>,
    },
    /// The least severe log messages that it should send: `debug`, `info`, …
    SetLogLevel {
        /// The level, in the words of RFC 5424.
        level: String,
    },
}

/// What came of an [`McpRequest`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", rename_all_fields = "kebab-case")]
pub enum McpResponse {
    /// A page of tools.
    Tools {
        /// The tools, as the server ordered them.
        tools: Vec<ToolView>,
        /// For the page after; nothing at the end.
        next: Option<String>,
    },
    /// The tool answered.
    Called(ToolOutcome),
    /// The `result` of the JSON-RPC response.
    Result(Value),
}

/// What a tool answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct ToolOutcome {
    /// Whether the tool says that it failed.
    pub is_error: bool,
    /// The whole `result` of the response.
    pub result: Value,
    /// From the request's last byte to the response's: microseconds.
    pub duration_micros: u64,
    /// The recorded frame of the request.
    pub request_frame: u64,
}

/// Something that a server sent of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", rename_all_fields = "kebab-case")]
pub enum McpNotice {
    /// A call goes on.
    Progress {
        /// Which call.
        ticket: Ticket,
        /// How far it is. Text, as these are floating-point numbers of any unit.
        progress: String,
        /// How far it will be at its end, where that is known.
        total: Option<String>,
        /// What it is doing.
        message: Option<String>,
    },
    /// A log message.
    Log {
        /// In the words of RFC 5424.
        level: String,
        /// Which part of the server.
        logger: Option<String>,
        /// The message: a text or an object.
        data: Value,
    },
    /// Its tools are others now.
    ToolsChanged,
    /// Its resources are others now.
    ResourcesChanged,
    /// Its prompts are others now.
    PromptsChanged,
    /// A resource has another content now.
    ResourceUpdated {
        /// Which.
        uri: String,
    },
}
