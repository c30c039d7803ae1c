//! Tools to be served.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use jackfield_mcp::{FailureKind, ServerInfo, ToolAnswer, ToolFailure, ToolFuture, Toolbox};
use jackfield_protocol::{CallId, ToolView};
use serde_json::{Map, Value, json};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// Long enough for anything here, on a busy machine; a test that waits for it fails.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// What a test serves and watches.
pub(crate) struct TestTools {
    /// The names of the tools; their changes are told to clients.
    names: watch::Sender<Vec<String>>,
    changes: watch::Sender<u64>,
    /// How many calls of `wait` and `meet` run.
    running: watch::Sender<usize>,
    calls: AtomicU64,
}

/// Counts a call for as long as it lives.
struct Running<'a>(&'a TestTools);

impl<'a> Running<'a> {
    fn new(tools: &'a TestTools) -> Self {
        tools.running.send_modify(|running| *running += 1);
        Self(tools)
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.running.send_modify(|running| *running -= 1);
    }
}

impl TestTools {
    pub(crate) fn new() -> Arc<Self> {
        Self::with_names(["add", "wait", "meet", "trap"])
    }

    /// The tools that the conformance suite calls, as far as a workload can have such tools.
    pub(crate) fn for_conformance() -> Arc<Self> {
        Self::with_names([
            "test_simple_text",
            "test_error_handling",
            "test_logging_tool",
            "test_streaming_elicitation",
            "test_trigger_tool_change",
        ])
    }

    pub(crate) fn with_names(names: impl IntoIterator<Item = impl Into<String>>) -> Arc<Self> {
        Arc::new(Self {
            names: watch::Sender::new(names.into_iter().map(Into::into).collect()),
            changes: watch::Sender::new(0),
            running: watch::Sender::new(0),
            calls: AtomicU64::new(0),
        })
    }

    /// Has other tools from now on, and says so.
    pub(crate) fn replace(&self, names: &[&str]) {
        self.names.send_replace(names.iter().map(|name| (*name).to_owned()).collect());
        self.changes.send_modify(|changes| *changes += 1);
    }

    /// Waits until so many calls run.
    pub(crate) async fn until_running(&self, count: usize) {
        let mut running = self.running.subscribe();
        let reached = running.wait_for(|running| *running == count);
        tokio::time::timeout(PATIENCE, reached).await.expect("in time").expect("a sender");
    }

    pub(crate) fn is_running(&self) -> bool {
        *self.running.borrow() > 0
    }

    async fn answer(
        &self,
        name: &str,
        arguments: Map<String, Value>,
        cancel: CancellationToken,
    ) -> Result<ToolAnswer, ToolFailure> {
        let call = Some(CallId(self.calls.fetch_add(1, Ordering::Relaxed) + 1));
        let fail = |kind, message: &str| Err(ToolFailure::Failed { kind, message: message.to_owned(), call });
        match name {
            "add" => {
                let number = |name| arguments.get(name).and_then(Value::as_i64);
                let Some((a, b)) = number("a").zip(number("b")) else {
                    let message = "/a: missing; expected an integer".to_owned();
                    return Err(ToolFailure::Failed { kind: FailureKind::Arguments, message, call: None });
                };
                let structured = json!({"result": a + b});
                Ok(ToolAnswer {
                    call,
                    text: structured.to_string(),
                    structured: Some(structured),
                    is_error: false,
                })
            }
            "wait" => {
                let _running = Running::new(self);
                cancel.cancelled().await;
                fail(FailureKind::Stopped, "the call was stopped")
            }
            "meet" => {
                let _running = Running::new(self);
                self.until_running(arguments.get("count").and_then(Value::as_u64).unwrap_or(1) as usize)
                    .await;
                // Let the others see it, too.
                tokio::time::sleep(Duration::from_millis(200)).await;
                Ok(ToolAnswer { call, text: "met".to_owned(), ..ToolAnswer::default() })
            }
            "trap" => fail(FailureKind::Trap, "square trapped in math:ops/square#square: unreachable"),
            // The names and the texts of the conformance suite.
            "test_simple_text" | "test_logging_tool" | "test_streaming_elicitation" => {
                let text = "This is a simple text response for testing.".to_owned();
                Ok(ToolAnswer { call, text, ..ToolAnswer::default() })
            }
            "test_trigger_tool_change" => {
                self.changes.send_modify(|changes| *changes += 1);
                Ok(ToolAnswer { call, ..ToolAnswer::default() })
            }
            "test_error_handling" => {
                fail(FailureKind::Other, "This tool intentionally returns an error for testing")
            }
            other => Err(ToolFailure::UnknownTool { name: other.to_owned() }),
        }
    }
}

impl Toolbox for TestTools {
    fn info(&self) -> ServerInfo {
        ServerInfo { name: "test".into(), version: "1.2.3".into(), instructions: Some("Add.".into()) }
    }

    fn tools(&self) -> Vec<ToolView> {
        self.names.borrow().iter().map(|name| view(name)).collect()
    }

    fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    fn call<'a>(
        &'a self,
        name: &'a str,
        arguments: Map<String, Value>,
        cancel: CancellationToken,
    ) -> ToolFuture<'a> {
        Box::pin(self.answer(name, arguments, cancel))
    }
}

fn view(name: &str) -> ToolView {
    let number = json!({"type": "integer"});
    let (properties, output) = match name {
        "add" => (
            json!({"a": number, "b": number}),
            Some(json!({"type": "object", "properties": {"result": number}, "required": ["result"]})),
        ),
        "meet" => (json!({"count": number}), None),
        _ => (json!({}), None),
    };
    ToolView {
        name: name.to_owned(),
        title: None,
        description: Some(format!("The tool {name}.")),
        input_schema: json!({"type": "object", "properties": properties}),
        output_schema: output,
        annotations: Some(json!({"readOnlyHint": true})),
    }
}
