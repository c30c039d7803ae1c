//! One request: who may ask, what may come in, and the answer of the SDK.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{Method, Request, Response, StatusCode};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper::body::Incoming;
use rmcp::transport::streamable_http_server::session::local::{LocalSessionManager, SessionConfig};
use rmcp::transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService};
use serde_json::{Value, json};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::super::handler::Handler;
use super::super::life::Life;
use super::super::toolbox::Toolbox;
use super::tap::{HttpTap, Tapped};
use super::{HttpOptions, PATH, loopback};

/// A person comes back to a conversation after lunch, and many clients cannot begin a new one.
const SESSION_IDLE_LIMIT: Duration = Duration::from_secs(12 * 60 * 60);
/// The header that says which conversation a request belongs to.
const SESSION_ID: &str = "Mcp-Session-Id";
/// How long the body of a request may take.
const BODY_TIMEOUT: Duration = Duration::from_secs(30);

type Answer = Response<BoxBody<Bytes, Infallible>>;
type McpHttp = StreamableHttpService<Handler, LocalSessionManager>;

/// Answers requests, of any connection.
pub(super) struct McpService {
    pub(super) life: Life,
    mcp: McpHttp,
    /// Ends conversations and event streams.
    end: CancellationToken,
    /// Answers to POST requests that are on their way.
    answers: TaskTracker,
    port: u16,
    max_request_in_bytes: usize,
    max_sessions: usize,
    tap: Option<Arc<dyn HttpTap>>,
}

impl McpService {
    pub(super) fn new(toolbox: Arc<dyn Toolbox>, life: Life, port: u16, options: HttpOptions) -> Self {
        let end = CancellationToken::new();
        Self {
            mcp: mcp(toolbox, life.clone(), end.clone(), options.max_request_in_bytes),
            life,
            end,
            answers: TaskTracker::new(),
            port,
            max_request_in_bytes: options.max_request_in_bytes,
            max_sessions: options.max_sessions,
            tap: options.tap,
        }
    }

    pub(super) async fn answer(
        &self,
        request: Request<Incoming>,
    ) -> Result<Response<Tapped<BoxBody<Bytes, Infallible>>>, Infallible> {
        let (head, body) = request.into_parts();
        let exchange = self.tap.as_ref().map(|tap| tap.exchange(&head));
        let open = (head.method == Method::POST).then(|| self.answers.token());
        let response = self.respond(Request::from_parts(head, Tapped::request(body, exchange.clone()))).await;
        let (head, body) = response.into_parts();
        if let Some(exchange) = &exchange {
            exchange.response(&head);
        }
        Ok(Response::from_parts(head, Tapped::response(body, exchange, open)))
    }

    /// Waits until no call runs, and its answer is out, or its client has had `grace` to take it.
    pub(super) async fn finish(&self, grace: Duration) {
        self.life.idle().await;
        self.answers.close();
        let _ = timeout(grace, self.answers.wait()).await;
        self.end.cancel();
    }

    async fn respond(&self, request: Request<Tapped<Incoming>>) -> Answer {
        if let Err(refusal) = loopback::check(request.headers(), self.port) {
            return text(StatusCode::FORBIDDEN, &refusal.to_string());
        }
        if request.uri().path() != PATH {
            return text(StatusCode::NOT_FOUND, &format!("Not Found: MCP is served at {PATH}"));
        }
        if self.life.stop.is_cancelled() {
            return text(StatusCode::SERVICE_UNAVAILABLE, "Service Unavailable: the server is stopping");
        }
        if !request.headers().contains_key(SESSION_ID) && self.life.sessions.len() >= self.max_sessions {
            return text(
                StatusCode::SERVICE_UNAVAILABLE,
                "Service Unavailable: too many sessions; end some, with a DELETE request for each",
            );
        }
        let (head, body) = request.into_parts();
        let body = match self.read(body).await {
            Ok(body) => body,
            Err(refusal) => return *refusal,
        };
        let is_json = is_json(&head);
        let answer = self.mcp.handle(Request::from_parts(head, Full::new(body.clone()))).await;
        if answer.status() == StatusCode::UNSUPPORTED_MEDIA_TYPE && is_json {
            return unreadable(&body);
        }
        answer
    }

    async fn read(&self, body: Tapped<Incoming>) -> Result<Bytes, Box<Answer>> {
        let limit = self.max_request_in_bytes;
        let refuse = |status, why: &str| Err(Box::new(text(status, why)));
        match timeout(BODY_TIMEOUT, Limited::new(body, limit).collect()).await {
            Ok(Ok(body)) => Ok(body.to_bytes()),
            Ok(Err(error)) if error.is::<LengthLimitError>() => refuse(
                StatusCode::PAYLOAD_TOO_LARGE,
                &format!("Payload Too Large: a request may have up to {limit} bytes"),
            ),
            Ok(Err(_)) => refuse(StatusCode::BAD_REQUEST, "Bad Request: the body was cut off"),
            Err(_) => refuse(StatusCode::REQUEST_TIMEOUT, "Request Timeout: the body did not arrive in time"),
        }
    }
}

fn mcp(
    toolbox: Arc<dyn Toolbox>,
    life: Life,
    end: CancellationToken,
    max_request_in_bytes: usize,
) -> McpHttp {
    let mut sessions = SessionConfig::default();
    sessions.keep_alive = Some(SESSION_IDLE_LIMIT);
    let mut manager = LocalSessionManager::default();
    manager.session_config = sessions;
    let config = StreamableHttpServerConfig::default()
        .with_cancellation_token(end)
        .with_max_request_body_bytes(max_request_in_bytes)
        // Checked before, and more strictly.
        .disable_allowed_hosts();
    let handler = move || Ok(Handler::new(Arc::clone(&toolbox), &life));
    StreamableHttpService::new(handler, Arc::new(manager), config)
}

fn is_json(head: &http::request::Parts) -> bool {
    let media_type = head.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = media_type.and_then(|value| value.split(';').next());
    essence.is_some_and(|essence| essence.trim().eq_ignore_ascii_case("application/json"))
}

/// The answer to a body of the right media type that is no message. The SDK blames the media type.
fn unreadable(body: &[u8]) -> Answer {
    /// By the JSON-RPC 2.0 specification, section 5.1.
    const PARSE_ERROR: i32 = -32700;
    const INVALID_REQUEST: i32 = -32600;
    let (code, message) = match serde_json::from_slice::<Value>(body) {
        Err(error) => (PARSE_ERROR, format!("Parse error: {error}")),
        Ok(Value::Array(_)) => (INVALID_REQUEST, "Invalid Request: send one message at a time".to_owned()),
        Ok(_) => (INVALID_REQUEST, "Invalid Request: this is no JSON-RPC 2.0 message of MCP".to_owned()),
    };
    let error = json!({"jsonrpc": "2.0", "id": null, "error": {"code": code, "message": message}});
    response(StatusCode::BAD_REQUEST, "application/json", error.to_string())
}

fn text(status: StatusCode, text: &str) -> Answer {
    response(status, "text/plain; charset=utf-8", text.to_owned())
}

fn response(status: StatusCode, media_type: &'static str, body: String) -> Answer {
    let mut response = Response::new(Full::from(body).boxed());
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, http::HeaderValue::from_static(media_type));
    response
}
