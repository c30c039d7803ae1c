//! What can be asked, as the protocol has it.

use std::time::Duration;

use jackfield_protocol::{McpRequest, McpResponse, ToolOutcome, ToolView};
use serde_json::{Map, Value, json};

use super::desk::Answer;
use super::failure::Failure;

/// A request in the words of MCP.
pub(super) struct Question {
    pub(super) method: &'static str,
    pub(super) params: Option<Value>,
    /// How long to wait, where the request itself says so.
    pub(super) timeout: Option<Duration>,
    shape: Shape,
}

/// What the answer is to be.
enum Shape {
    Tools,
    Call,
    Any,
}

impl Question {
    pub(super) fn of(request: McpRequest) -> Self {
        match request {
            McpRequest::Ping => Self::new("ping", None),
            McpRequest::ListTools { cursor } => {
                Self { shape: Shape::Tools, ..Self::page("tools/list", cursor) }
            }
            McpRequest::CallTool { name, arguments, timeout_millis } => Self {
                method: "tools/call",
                params: Some(named(&name, &arguments)),
                timeout: timeout_millis.map(Duration::from_millis),
                shape: Shape::Call,
            },
            McpRequest::ListResources { cursor } => Self::page("resources/list", cursor),
            McpRequest::ListResourceTemplates { cursor } => Self::page("resources/templates/list", cursor),
            McpRequest::ReadResource { uri } => Self::new("resources/read", Some(json!({ "uri": uri }))),
            McpRequest::ListPrompts { cursor } => Self::page("prompts/list", cursor),
            McpRequest::GetPrompt { name, arguments } => {
                Self::new("prompts/get", Some(named(&name, &arguments)))
            }
            McpRequest::SetLogLevel { level } => {
                Self::new("logging/setLevel", Some(json!({ "level": level })))
            }
        }
    }

    fn new(method: &'static str, params: Option<Value>) -> Self {
        Self { method, params, timeout: None, shape: Shape::Any }
    }

    fn page(method: &'static str, cursor: Option<String>) -> Self {
        Self::new(method, cursor.map(|cursor| json!({ "cursor": cursor })))
    }

    /// A call of a tool takes as long as it takes; all else is expected to be quick.
    pub(super) fn is_call(&self) -> bool {
        matches!(self.shape, Shape::Call)
    }

    pub(super) fn response(&self, answer: Answer) -> Result<McpResponse, Failure> {
        match self.shape {
            Shape::Any => Ok(McpResponse::Result(answer.result)),
            Shape::Tools => self.tools(&answer.result),
            Shape::Call if !answer.result.is_object() => Err(self.bad("its `result` is no object")),
            Shape::Call => Ok(McpResponse::Called(ToolOutcome {
                is_error: answer.result.get("isError").and_then(Value::as_bool).unwrap_or_default(),
                result: answer.result,
                duration_micros: answer.duration_micros,
                request_frame: answer.request_frame,
            })),
        }
    }

    fn tools(&self, result: &Value) -> Result<McpResponse, Failure> {
        let tools = result.get("tools").and_then(Value::as_array);
        let tools = tools.ok_or_else(|| self.bad("its `result` has no list `tools`"))?;
        let tools: Option<Vec<ToolView>> = tools.iter().map(tool).collect();
        let tools = tools.ok_or_else(|| self.bad("a tool in it has no `name`"))?;
        Ok(McpResponse::Tools { tools, next: text(result, "nextCursor") })
    }

    fn bad(&self, reason: &str) -> Failure {
        Failure::BadResult { method: self.method.to_owned(), reason: reason.to_owned() }
    }
}

fn named(name: &str, arguments: &Map<String, Value>) -> Value {
    json!({ "name": name, "arguments": arguments })
}

fn tool(tool: &Value) -> Option<ToolView> {
    Some(ToolView {
        name: text(tool, "name")?,
        title: text(tool, "title"),
        description: text(tool, "description"),
        // A tool without one is wrong, but can be called.
        input_schema: tool.get("inputSchema").cloned().unwrap_or_else(|| json!({ "type": "object" })),
        output_schema: tool.get("outputSchema").cloned(),
        annotations: tool.get("annotations").cloned(),
    })
}

pub(super) fn text(object: &Value, key: &str) -> Option<String> {
    object.get(key).and_then(Value::as_str).map(str::to_owned)
}
