//! Streamable HTTP, recorded.
//!
//! The SDK keeps the session and resumes streams; what is here makes the single exchanges, so that their
//! bytes pass the desk. A POST's body is a frame, a JSON body of a response is one, and so is the data of
//! each server-sent event; what HTTP itself has to say is a frame of the transport.

mod answer;
mod events;
mod trouble;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use futures_util::stream::BoxStream;
use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use jackfield_protocol::FrameWay;
use reqwest::redirect;
use reqwest::{Client, RequestBuilder, Response, Url};
use rmcp::model::ClientJsonRpcMessage;
use rmcp::transport::common::client_side_sse::ExponentialBackoff;
use rmcp::transport::streamable_http_client::{
    SseError, StreamableHttpClient, StreamableHttpClientTransportConfig, StreamableHttpError,
    StreamableHttpPostResponse,
};
use sse_stream::Sse;

use super::desk::{Desk, Slot, slot_of};
use super::failure::Failure;
use trouble::{Trouble, unreachable_url};

const EVENT_STREAM: &str = "text/event-stream";
const JSON: &str = "application/json";
const SESSION_HEADER: HeaderName = HeaderName::from_static("mcp-session-id");
const VERSION_HEADER: HeaderName = HeaderName::from_static("mcp-protocol-version");
const LAST_EVENT_HEADER: HeaderName = HeaderName::from_static("last-event-id");

/// How often a stream that broke off is taken up again before it counts as lost.
const MAX_RECONNECTS: usize = 6;

/// The most redirects within a server that are followed.
const MAX_REDIRECTS: usize = 5;

type HttpError = StreamableHttpError<Trouble>;

/// Where a server is, and what is sent with every request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UrlSpec {
    /// Its address: `http://127.0.0.1:8080/mcp`.
    pub url: String,
    /// Sent with every request; `Authorization`, for example.
    pub headers: Vec<(String, String)>,
}

/// Makes the exchanges of one connection. Cheap to clone.
#[derive(Clone)]
pub(super) struct HttpLink {
    desk: Arc<Desk>,
    client: Client,
    url: Arc<str>,
    headers: HashMap<HeaderName, HeaderValue>,
    max_frame_bytes: usize,
    /// Of the last message of the SDK, for those that are written by hand.
    context: Arc<Mutex<Context>>,
}

#[derive(Clone, Default)]
struct Context {
    session: Option<Arc<str>>,
    version: Option<HeaderValue>,
}

impl HttpLink {
    pub(super) fn new(spec: &UrlSpec, desk: &Arc<Desk>, max_frame_bytes: usize) -> Result<Self, Failure> {
        let bad_url = |reason: String| Failure::BadUrl { url: spec.url.clone(), reason };
        let url = Url::parse(&spec.url).map_err(|error| bad_url(error.to_string()))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(bad_url(format!("`{}` is not spoken here", url.scheme())));
        }
        // As for registries. It fails when something in the process was first, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder()
            .redirect(redirect::Policy::custom(within_the_server))
            .user_agent(concat!("jackfield/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| unreachable_url(&spec.url, &error))?;
        Ok(Self {
            desk: Arc::clone(desk),
            client,
            url: spec.url.as_str().into(),
            headers: parse_headers(&spec.headers)?,
            max_frame_bytes,
            context: Arc::default(),
        })
    }

    /// How the SDK is to use it.
    pub(super) fn config(&self) -> StreamableHttpClientTransportConfig {
        let mut config = StreamableHttpClientTransportConfig::with_uri(Arc::clone(&self.url))
            .custom_headers(self.headers.clone())
            .max_sse_event_size(self.max_frame_bytes);
        let mut retries = ExponentialBackoff::default();
        retries.max_times = Some(MAX_RECONNECTS);
        retries.base_duration = std::time::Duration::from_millis(250);
        retries.max_delay = Some(std::time::Duration::from_secs(5));
        config.retry_config = Arc::new(retries);
        config
    }

    /// Posts a message that someone wrote by hand, and reads what comes of it to its end.
    pub(super) async fn raw(&self, id: Option<String>, text: &str, sent: impl FnOnce(u64)) {
        let body = Bytes::copy_from_slice(text.as_bytes());
        sent(self.desk.outgoing_raw(id, &body).number);
        let Context { session, version } = self.context();
        let mut request = self.post(&body, session.as_deref(), self.headers.clone());
        if let Some(version) = version {
            request = request.header(VERSION_HEADER, version);
        }
        match request.send().await {
            Ok(response) => self.drain(response).await,
            Err(error) => {
                self.failed("POST", unreachable_url(&self.url, &error), None);
            }
        }
    }

    fn post(
        &self,
        body: &Bytes,
        session: Option<&str>,
        headers: HashMap<HeaderName, HeaderValue>,
    ) -> RequestBuilder {
        let headers: HeaderMap = headers.into_iter().collect();
        let mut request = self
            .client
            .post(&*self.url)
            .header(ACCEPT, format!("{JSON}, {EVENT_STREAM}"))
            .header(CONTENT_TYPE, JSON)
            .headers(headers)
            .body(body.clone());
        if let Some(session) = session {
            request = request.header(SESSION_HEADER, session);
        }
        request
    }

    /// Records what went wrong with an exchange, and notes it for whoever waits.
    fn failed(&self, verb: &str, failure: Failure, slot: Option<&Arc<Slot>>) -> HttpError {
        let subject = format!("{verb} {}", self.url);
        let problem = Some(failure.to_string());
        self.desk.recorder.transport(FrameWay::ToClient, subject, problem, &Bytes::new());
        self.desk.note_trouble(&failure, slot);
        StreamableHttpError::Client(Trouble(Box::new(failure)))
    }

    fn context(&self) -> Context {
        self.context.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn note_context(&self, session: Option<&Arc<str>>, headers: &HashMap<HeaderName, HeaderValue>) {
        let context = Context { session: session.cloned(), version: headers.get(&VERSION_HEADER).cloned() };
        *self.context.lock().unwrap_or_else(PoisonError::into_inner) = context;
    }
}

impl StreamableHttpClient for HttpLink {
    type Error = Trouble;

    async fn post_message(
        &self,
        _uri: Arc<str>,
        message: ClientJsonRpcMessage,
        session_id: Option<Arc<str>>,
        _auth_header: Option<String>,
        custom_headers: HashMap<HeaderName, HeaderValue>,
    ) -> Result<StreamableHttpPostResponse, HttpError> {
        let body = Bytes::from(serde_json::to_vec(&message)?);
        self.note_context(session_id.as_ref(), &custom_headers);
        self.desk.outgoing(&message, &body);
        let slot = slot_of(&message);
        match self.post(&body, session_id.as_deref(), custom_headers).send().await {
            Ok(response) => self.answer(&message, session_id.is_some(), response).await,
            Err(error) => Err(self.failed("POST", unreachable_url(&self.url, &error), slot)),
        }
    }

    async fn post_message_with_max_sse_event_size(
        &self,
        uri: Arc<str>,
        message: ClientJsonRpcMessage,
        session_id: Option<Arc<str>>,
        auth_header: Option<String>,
        custom_headers: HashMap<HeaderName, HeaderValue>,
        _max_sse_event_size: usize,
    ) -> Result<StreamableHttpPostResponse, HttpError> {
        // The limit is this link's own already: see `config`.
        self.post_message(uri, message, session_id, auth_header, custom_headers).await
    }

    async fn delete_session(
        &self,
        _uri: Arc<str>,
        session_id: Arc<str>,
        _auth_header: Option<String>,
        custom_headers: HashMap<HeaderName, HeaderValue>,
    ) -> Result<(), HttpError> {
        let headers: HeaderMap = custom_headers.into_iter().collect();
        let request = self.client.delete(&*self.url).headers(headers).header(SESSION_HEADER, &*session_id);
        match request.send().await {
            Ok(response) => {
                let subject = format!("DELETE {}: HTTP {}", self.url, response.status());
                self.desk.recorder.transport(FrameWay::ToClient, subject, None, &Bytes::new());
                Ok(())
            }
            Err(error) => Err(self.failed("DELETE", unreachable_url(&self.url, &error), None)),
        }
    }

    async fn get_stream(
        &self,
        _uri: Arc<str>,
        session_id: Option<Arc<str>>,
        last_event_id: Option<String>,
        _auth_header: Option<String>,
        custom_headers: HashMap<HeaderName, HeaderValue>,
    ) -> Result<BoxStream<'static, Result<Sse, SseError>>, HttpError> {
        let headers: HeaderMap = custom_headers.into_iter().collect();
        let mut request = self.client.get(&*self.url).header(ACCEPT, EVENT_STREAM).headers(headers);
        if let Some(session) = session_id {
            request = request.header(SESSION_HEADER, &*session);
        }
        if let Some(id) = last_event_id {
            request = request.header(LAST_EVENT_HEADER, id);
        }
        let response = match request.send().await {
            Ok(response) => response,
            Err(error) => return Err(self.failed("GET", unreachable_url(&self.url, &error), None)),
        };
        self.stream(response).await
    }

    async fn get_stream_with_max_sse_event_size(
        &self,
        uri: Arc<str>,
        session_id: Option<Arc<str>>,
        last_event_id: Option<String>,
        auth_header: Option<String>,
        custom_headers: HashMap<HeaderName, HeaderValue>,
        _max_sse_event_size: usize,
    ) -> Result<BoxStream<'static, Result<Sse, SseError>>, HttpError> {
        self.get_stream(uri, session_id, last_event_id, auth_header, custom_headers).await
    }
}

/// Follows a redirect that keeps the request as it is and leads to the same server. Everything else would
/// send a user's credentials and data where nobody said that they should go.
fn within_the_server(attempt: redirect::Attempt<'_>) -> redirect::Action {
    let keeps_the_request =
        matches!(attempt.status(), StatusCode::TEMPORARY_REDIRECT | StatusCode::PERMANENT_REDIRECT);
    let is_within = attempt.previous().first().is_some_and(|first| first.origin() == attempt.url().origin());
    if keeps_the_request && is_within && attempt.previous().len() <= MAX_REDIRECTS {
        attempt.follow()
    } else {
        attempt.stop()
    }
}

fn parse_headers(headers: &[(String, String)]) -> Result<HashMap<HeaderName, HeaderValue>, Failure> {
    let parse = |(name, value): &(String, String)| {
        let bad = |reason: String| Failure::BadHeader { name: name.clone(), reason };
        let header = HeaderName::try_from(name.as_str()).map_err(|error| bad(error.to_string()))?;
        let owned_by_mcp = [ACCEPT, CONTENT_TYPE, SESSION_HEADER, VERSION_HEADER, LAST_EVENT_HEADER];
        if owned_by_mcp.contains(&header) {
            return Err(bad("the protocol sets it".to_owned()));
        }
        let mut value = HeaderValue::try_from(value.as_str()).map_err(|error| bad(error.to_string()))?;
        // Kept out of what is written for debugging: it is often a secret.
        value.set_sensitive(true);
        Ok((header, value))
    };
    headers.iter().map(parse).collect()
}

/// The type of a response's content, without its parameters.
fn content_type(response: &Response) -> Option<String> {
    let value = response.headers().get(CONTENT_TYPE)?;
    let text = String::from_utf8_lossy(value.as_bytes());
    Some(text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase())
}
