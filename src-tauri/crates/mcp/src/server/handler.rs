//! The protocol's requests, answered out of a toolbox.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use jackfield_protocol::{CallId, ToolView};
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, CompleteRequestParams, CompleteResult,
    ContentBlock, CustomRequest, CustomResult, ErrorCode, Implementation, ListPromptsResult,
    ListResourceTemplatesResult, ListResourcesResult, ListToolsResult, MetaObject, PaginatedRequestParams,
    ServerCapabilities, ServerConfig, SubscriptionFilter, Tool,
};
use rmcp::service::{NotificationContext, RequestContext, SubscriptionContext};
use rmcp::{ErrorData, RoleServer, ServerHandler};
use serde_json::{Map, Value, json};
use tokio::sync::watch;
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::task_tracker::TaskTrackerToken;

use super::life::Life;
use super::pages::page;
use super::toolbox::{FailureKind, ToolAnswer, ToolFailure, Toolbox};

/// In the `_meta` of the result of `tools/call`: the number of the [`CallId`] that the call's log lines carry.
pub const CALL_META_KEY: &str = "dev.jackfield/call";

/// In the `_meta` of a result that is an error: the [`FailureKind`] in words, if it is not the tool's own.
pub const FAILURE_META_KEY: &str = "dev.jackfield/failure";

/// Answers one conversation.
pub(super) struct Handler {
    toolbox: Arc<dyn Toolbox>,
    life: Life,
    /// Cloned where it is waited on, so that no change since the conversation's beginning is missed.
    changes: watch::Receiver<u64>,
    /// A client may say `initialized` more than once.
    told_of_changes: AtomicBool,
    /// Ends, with the conversation, what watches over it.
    end: CancellationToken,
    _end_on_drop: DropGuard,
    _session: TaskTrackerToken,
}

impl Handler {
    pub(super) fn new(toolbox: Arc<dyn Toolbox>, life: &Life) -> Self {
        let (changes, end) = (toolbox.changes(), CancellationToken::new());
        Self {
            toolbox,
            life: life.clone(),
            changes,
            told_of_changes: AtomicBool::new(false),
            end: end.clone(),
            _end_on_drop: end.drop_guard(),
            _session: life.sessions.token(),
        }
    }

    /// Runs a call to its end, which comes soon once the client or the server gives up on it.
    async fn run(
        &self,
        name: &str,
        arguments: Map<String, Value>,
        given_up: &CancellationToken,
    ) -> Result<ToolAnswer, ToolFailure> {
        let _running = self.life.calls.token();
        let cancel = self.life.stop.child_token();
        let _dropped = cancel.clone().drop_guard();
        let mut call = self.toolbox.call(name, arguments, cancel.clone());
        tokio::select! {
            biased;
            outcome = &mut call => return outcome,
            () = given_up.cancelled() => cancel.cancel(),
        }
        call.await
    }
}

impl ServerHandler for Handler {
    fn get_info(&self) -> ServerConfig {
        let info = self.toolbox.info();
        let capabilities = ServerCapabilities::builder().enable_tools().enable_tool_list_changed().build();
        let mut config =
            ServerConfig::new(capabilities).with_server_info(Implementation::new(info.name, info.version));
        config.instructions = info.instructions;
        config
    }

    async fn list_tools(
        &self,
        request: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        let cursor = request.and_then(|request| request.cursor);
        let page = page(self.toolbox.tools(), cursor.as_deref())
            .map_err(|error| ErrorData::invalid_params(error.to_string(), None))?;
        let mut result = ListToolsResult::with_all_items(page.tools.into_iter().map(tool).collect());
        result.next_cursor = page.next;
        Ok(result)
    }

    // What was not declared is not answered, not even with empty lists as the SDK would.

    async fn list_prompts(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListPromptsResult, ErrorData> {
        Err(no_method("prompts/list"))
    }

    async fn list_resources(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListResourcesResult, ErrorData> {
        Err(no_method("resources/list"))
    }

    async fn list_resource_templates(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListResourceTemplatesResult, ErrorData> {
        Err(no_method("resources/templates/list"))
    }

    async fn complete(
        &self,
        _: CompleteRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<CompleteResult, ErrorData> {
        Err(no_method("completion/complete"))
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let arguments = request.arguments.unwrap_or_default();
        match self.run(&request.name, arguments, &context.ct).await {
            Ok(answer) => Ok(answered(answer).into()),
            Err(ToolFailure::Failed { kind, message, call }) => Ok(failed(kind, message, call).into()),
            Err(unknown @ ToolFailure::UnknownTool { .. }) => {
                Err(ErrorData::invalid_params(unknown.to_string(), None))
            }
        }
    }

    /// What no other method takes. A known method comes here when its parameters cannot be read.
    async fn on_custom_request(
        &self,
        request: CustomRequest,
        _: RequestContext<RoleServer>,
    ) -> Result<CustomResult, ErrorData> {
        const KNOWN: [&str; 3] = ["tools/call", "tools/list", "subscriptions/listen"];
        Err(if KNOWN.contains(&request.method.as_str()) {
            ErrorData::invalid_params(format!("the parameters are not those of {}", request.method), None)
        } else {
            no_method(&request.method)
        })
    }

    /// Revisions up to 2025-11-25 tell every client of changes.
    async fn on_initialized(&self, context: NotificationContext<RoleServer>) {
        if self.told_of_changes.swap(true, Ordering::Relaxed) {
            return;
        }
        let (mut changes, stop) = (self.changes.clone(), self.life.stop.clone());
        let (end, peer) = (self.end.clone(), context.peer);
        self.life.watchers.spawn(async move {
            loop {
                tokio::select! {
                    () = end.cancelled() => return,
                    () = stop.cancelled() => return,
                    changed = changes.changed() => if changed.is_err() { return },
                }
                if peer.notify_tool_list_changed().await.is_err() {
                    return;
                }
            }
        });
    }

    /// Later revisions tell those who ask.
    fn accepted_subscription_filter(&self, _: &SubscriptionFilter) -> Option<SubscriptionFilter> {
        Some(SubscriptionFilter::builder().tools_list_changed().build())
    }

    async fn listen(&self, context: SubscriptionContext) -> Result<(), ErrorData> {
        let mut changes = self.changes.clone();
        loop {
            tokio::select! {
                () = context.cancelled() => return Ok(()),
                () = self.life.stop.cancelled() => return Ok(()),
                changed = changes.changed() => if changed.is_err() { return Ok(()) },
            }
            if context.sink().notify_tool_list_changed().await.is_err() {
                return Ok(());
            }
        }
    }
}

fn no_method(method: &str) -> ErrorData {
    ErrorData::new(
        ErrorCode::METHOD_NOT_FOUND,
        format!("there is no method {method}: this server has tools"),
        None,
    )
}

fn tool(view: ToolView) -> Tool {
    let object = |schema| match schema {
        Value::Object(schema) => schema,
        // The protocol takes nothing but schemas of objects.
        _ => Map::from_iter([("type".to_owned(), json!("object"))]),
    };
    let mut tool = Tool::new_with_raw(view.name, view.description.map(Into::into), object(view.input_schema));
    tool.title = view.title;
    tool.output_schema = view.output_schema.map(|schema| object(schema).into());
    tool.annotations = view.annotations.and_then(|annotations| serde_json::from_value(annotations).ok());
    tool
}

fn answered(answer: ToolAnswer) -> CallToolResult {
    let mut result = CallToolResult::success(vec![ContentBlock::text(answer.text)]);
    result.is_error = Some(answer.is_error);
    result.structured_content = answer.structured;
    result.meta = meta(answer.call, None);
    result
}

fn failed(kind: FailureKind, message: String, call: Option<CallId>) -> CallToolResult {
    let mut result = CallToolResult::error(vec![ContentBlock::text(message)]);
    result.meta = meta(call, Some(kind));
    result
}

fn meta(call: Option<CallId>, failure: Option<FailureKind>) -> Option<MetaObject> {
    let call = call.map(|call| (CALL_META_KEY.to_owned(), json!(call.0)));
    let failure = failure.map(|kind| (FAILURE_META_KEY.to_owned(), json!(kind.to_string())));
    let meta: Map<String, Value> = call.into_iter().chain(failure).collect();
    (!meta.is_empty()).then(|| meta.into())
}
