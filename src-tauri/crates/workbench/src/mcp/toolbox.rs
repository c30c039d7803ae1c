//! A workload as a box of tools.

use std::sync::Arc;

use jackfield_component::value::ConvertError;
use jackfield_mcp::{FailureKind, ServerInfo, ToolAnswer, ToolFailure, ToolFunction, ToolFuture, Toolbox};
use jackfield_protocol::{CallId, Error, ErrorKind, ToolView};
use serde_json::{Map, Value};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::open::OpenWorkload;

/// The functions of a workload. It outlives the workload's starts and stops: whoever is connected stays
/// connected, and calls fail while it does not run.
pub(crate) struct WorkloadToolbox {
    pub(crate) workload: Arc<OpenWorkload>,
}

impl Toolbox for WorkloadToolbox {
    fn info(&self) -> ServerInfo {
        ServerInfo {
            name: self.workload.view().name,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            instructions: None,
        }
    }

    fn tools(&self) -> Vec<ToolView> {
        self.workload.tools().views()
    }

    fn changes(&self) -> watch::Receiver<u64> {
        self.workload.tool_changes()
    }

    fn call<'a>(
        &'a self,
        name: &'a str,
        arguments: Map<String, Value>,
        cancel: CancellationToken,
    ) -> ToolFuture<'a> {
        Box::pin(async move {
            let tools = self.workload.tools();
            let tool = tools.get(name).ok_or_else(|| ToolFailure::UnknownTool { name: name.to_owned() })?;
            let args = tool.arguments(&arguments).map_err(|error| unreadable(None, &error))?;
            let call = jackfield_host::next_call();
            let answer = cancel.run_until_cancelled(self.run(call, tool, &args));
            answer.await.unwrap_or_else(|| Err(stopped(call)))
        })
    }
}

impl WorkloadToolbox {
    async fn run(
        &self,
        call: CallId,
        tool: &ToolFunction,
        args: &[String],
    ) -> Result<ToolAnswer, ToolFailure> {
        let function = match &tool.interface {
            Some(interface) => format!("{interface}#{}", tool.function),
            None => tool.function.clone(),
        };
        let outcome = self.workload.call(call, &tool.component, &function, args, None).await;
        let outcome = outcome.map_err(|error| ToolFailure::new(Some(call), &error))?;
        let rendered =
            tool.answer(outcome.result.as_deref()).map_err(|error| unreadable(Some(call), &error))?;
        Ok(ToolAnswer {
            call: Some(call),
            structured: Some(rendered.structured),
            text: rendered.text,
            is_error: rendered.is_error,
        })
    }
}

fn unreadable(call: Option<CallId>, error: &ConvertError) -> ToolFailure {
    ToolFailure::new(call, &Error::new(ErrorKind::Arguments, error.to_string()))
}

fn stopped(call: CallId) -> ToolFailure {
    let message = "the call was cancelled".to_owned();
    ToolFailure::Failed { kind: FailureKind::Stopped, message, call: Some(call) }
}
