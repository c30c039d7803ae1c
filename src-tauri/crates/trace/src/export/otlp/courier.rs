//! Carries the exporter's requests, and remembers what went wrong: the exporter itself says only that it failed.

use std::error::Error as _;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::{Request, Response};
use opentelemetry_http::{HttpClient, HttpError, ResponseBodyTooLarge};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceResponse;
use prost::Message as _;
use reqwest::redirect::Policy;
use reqwest::{Client, Url};

use crate::export::SendError;

const CONNECT_LIMIT: Duration = Duration::from_secs(5);
/// A collector says little; what says more is no collector.
const MAX_ANSWER_BYTES: usize = 1 << 20;
/// How much of an answer is shown.
const SHOWN_CHARS: usize = 300;

/// See the module. Clones are the same.
#[derive(Debug, Clone)]
pub(super) struct Courier {
    client: Client,
    url: Arc<str>,
    limit: Duration,
    failure: Arc<Mutex<Option<SendError>>>,
}

impl Courier {
    pub(super) fn new(url: &Url, limit: Duration) -> Result<Self, SendError> {
        // As for registries. It fails when something in the process was first, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut client = Client::builder()
            .redirect(Policy::none())
            .connect_timeout(CONNECT_LIMIT.min(limit))
            .timeout(limit)
            .user_agent(concat!("jackfield/", env!("CARGO_PKG_VERSION")));
        if is_loopback(url) {
            client = client.no_proxy();
        }
        let client = client
            .build()
            .map_err(|error| SendError::Other { url: url.to_string(), reason: innermost(&error) })?;
        Ok(Self { client, url: url.as_str().into(), limit, failure: Arc::default() })
    }

    /// What went wrong last, if something did since this was asked.
    pub(super) fn take_failure(&self) -> Option<SendError> {
        self.failure.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    async fn carry(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let note = |failure| *self.failure.lock().unwrap_or_else(PoisonError::into_inner) = failure;
        match self.exchange(request).await {
            Ok(response) => {
                note(self.judge(&response));
                Ok(response)
            }
            Err(error) => {
                let text = error.to_string();
                note(Some(error));
                Err(text.into())
            }
        }
    }

    async fn exchange(&self, request: Request<Bytes>) -> Result<Response<Bytes>, SendError> {
        let request = request.try_into().map_err(|error| self.unreachable(&error))?;
        let mut answer = self.client.execute(request).await.map_err(|error| self.unreachable(&error))?;
        let mut response = Response::builder().status(answer.status());
        if let Some(headers) = response.headers_mut() {
            *headers = std::mem::take(answer.headers_mut());
        }
        let mut body = BytesMut::new();
        while let Some(chunk) = answer.chunk().await.map_err(|error| self.unreachable(&error))? {
            body.extend_from_slice(&chunk);
            if body.len() > MAX_ANSWER_BYTES {
                let reason = ResponseBodyTooLarge::new().to_string();
                return Err(SendError::Other { url: self.url.to_string(), reason });
            }
        }
        response
            .body(body.freeze())
            .map_err(|error| SendError::Other { url: self.url.to_string(), reason: error.to_string() })
    }

    fn unreachable(&self, error: &reqwest::Error) -> SendError {
        let url = self.url.to_string();
        match error.is_timeout() {
            true => SendError::TimedOut { url, limit: self.limit },
            false => SendError::Unreachable { url, reason: innermost(error) },
        }
    }

    /// What an answer says went wrong.
    fn judge(&self, response: &Response<Bytes>) -> Option<SendError> {
        let url = self.url.to_string();
        if !response.status().is_success() {
            let body = String::from_utf8_lossy(response.body());
            let body = body.trim().chars().filter(|it| !it.is_control()).take(SHOWN_CHARS).collect();
            return Some(SendError::Refused { url, status: response.status().to_string(), body });
        }
        let answer = ExportTraceServiceResponse::decode(response.body().clone()).ok()?;
        let partial = answer.partial_success.filter(|partial| partial.rejected_spans > 0)?;
        let reason = partial.error_message.chars().take(SHOWN_CHARS).collect();
        Some(SendError::Rejected { url, spans: partial.rejected_spans, reason })
    }
}

impl HttpClient for Courier {
    fn send_bytes<'courier, 'request>(
        &'courier self,
        request: Request<Bytes>,
    ) -> Pin<Box<dyn Future<Output = Result<Response<Bytes>, HttpError>> + Send + 'request>>
    where
        'courier: 'request,
        Self: 'request,
    {
        Box::pin(self.carry(request))
    }
}

/// A proxy could not reach this machine.
fn is_loopback(url: &Url) -> bool {
    url.host_str().is_some_and(|host| {
        let host = host.trim_start_matches('[').trim_end_matches(']');
        host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
    })
}

/// The outer messages say that a request failed; the innermost says why.
fn innermost(error: &reqwest::Error) -> String {
    let mut reason = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        reason = inner.to_string();
        cause = inner.source();
    }
    reason
}
