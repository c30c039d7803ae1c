//! Streams of server-sent events.

use std::collections::VecDeque;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::stream::{self, BoxStream};
use http::StatusCode;
use jackfield_protocol::FrameWay;
use reqwest::Response;
use rmcp::transport::streamable_http_client::{AuthRequiredError, SseError, StreamableHttpError};
use sse_stream::Sse;

use super::trouble::of_status;
use super::{EVENT_STREAM, HttpError, HttpLink, content_type};
use crate::client::desk::{Sight, Slot};
use crate::client::failure::Failure;
use crate::record::{SseEvent, SseSplitter};

/// A response that is read event by event.
struct Events {
    link: HttpLink,
    response: Response,
    splitter: SseSplitter,
    waiting: VecDeque<Sse>,
    slot: Option<Arc<Slot>>,
    can_be_resumed: bool,
    is_over: bool,
}

impl HttpLink {
    /// Reads the answer to a GET that asked for a stream.
    pub(super) async fn stream(
        &self,
        response: Response,
    ) -> Result<BoxStream<'static, Result<Sse, SseError>>, HttpError> {
        let (status, headers) = (response.status(), response.headers().clone());
        if status.is_success() {
            let found = content_type(&response);
            if found.as_deref() == Some(EVENT_STREAM) {
                return Ok(self.events(response, None));
            }
            let body = self.body(response, None).await?;
            self.note_body("GET", status, &body);
            return Err(self.failed("GET", Failure::ContentType { found }, None));
        }
        let body = self.body(response, None).await?;
        self.note_body("GET", status, &body);
        match (status, of_status(status, &headers, &body)) {
            // A server need not have a stream of its own.
            (StatusCode::METHOD_NOT_ALLOWED, _) => Err(StreamableHttpError::ServerDoesNotSupportSse),
            (_, Failure::Unauthorized { challenge }) => {
                // So that the SDK does not try again with the same credentials.
                let challenge = challenge.unwrap_or_default();
                Err(StreamableHttpError::AuthRequired(AuthRequiredError::new(challenge)))
            }
            (_, failure) => Err(self.failed("GET", failure, None)),
        }
    }

    /// The events of a response, each recorded when it came.
    pub(super) fn events(
        &self,
        response: Response,
        slot: Option<Arc<Slot>>,
    ) -> BoxStream<'static, Result<Sse, SseError>> {
        let events = Events {
            link: self.clone(),
            response,
            splitter: SseSplitter::new(self.max_frame_bytes),
            waiting: VecDeque::new(),
            slot,
            can_be_resumed: false,
            is_over: false,
        };
        stream::unfold(events, |mut events| async { events.next().await.map(|event| (event, events)) })
            .boxed()
    }
}

impl Events {
    async fn next(&mut self) -> Option<Result<Sse, SseError>> {
        while !self.is_over {
            if let Some(event) = self.waiting.pop_front() {
                return Some(Ok(event));
            }
            match self.response.chunk().await {
                Ok(Some(chunk)) => self.split(&chunk),
                Ok(None) => self.end(None),
                Err(error) => self.end(Some(&error)),
            }
        }
        self.waiting.pop_front().map(Ok)
    }

    fn split(&mut self, chunk: &[u8]) {
        self.splitter.push(chunk);
        loop {
            match self.splitter.next_event() {
                Ok(Some(event)) => self.take(&event),
                Ok(None) => return,
                Err(refused) => {
                    let problem = format!("{refused}; only its beginning was kept");
                    self.link.desk.recorder.broken(FrameWay::ToClient, &refused.beginning, problem);
                    self.fail(Failure::TooLarge { limit: refused.limit });
                    self.is_over = true;
                    return;
                }
            }
        }
    }

    fn take(&mut self, event: &SseEvent) {
        self.can_be_resumed |= event.id.is_some();
        let mut seen =
            Sse { event: event.event.clone(), data: None, id: event.id.clone(), retry: event.retry_millis };
        if let Some(data) = event.message() {
            let is_shown = !self.link.desk.incoming(data, Sight::Full).is_empty();
            seen.data = is_shown.then(|| String::from_utf8_lossy(data).into_owned());
        } else {
            self.link.desk.recorder.event(FrameWay::ToClient, event);
        }
        self.waiting.push_back(seen);
    }

    fn end(&mut self, error: Option<&reqwest::Error>) {
        self.is_over = true;
        let rest = self.splitter.rest();
        if let Some(rest) = &rest {
            let problem = "it broke off before its end: no empty line follows";
            self.link.desk.recorder.broken(FrameWay::ToClient, rest, problem);
        }
        let is_awaited = self.slot.as_ref().is_some_and(|slot| !slot.has_answer());
        let failure = match &rest {
            None if error.is_none() && !is_awaited => return,
            None if error.is_none() => {
                Failure::Closed { reason: "the stream of events ended without an answer".to_owned() }
            }
            rest => {
                let received = rest.as_ref().map_or(0, Bytes::len);
                Failure::CutOff { received: u64::try_from(received).unwrap_or(u64::MAX) }
            }
        };
        // With the id of an event the SDK takes the stream up again where it ended.
        if self.can_be_resumed {
            let recorder = &self.link.desk.recorder;
            // A server may end a stream before its answer is there, to be asked for it again later (MCP 2025-11-25,
            // Streamable HTTP). That it breaks off is another matter.
            let is_allowed = error.is_none() && rest.is_none();
            let problem = (!is_allowed).then(|| failure.to_string());
            recorder.transport(FrameWay::ToClient, "the stream is taken up again", problem, &Bytes::new());
        } else {
            self.fail(failure);
        }
    }

    fn fail(&self, failure: Failure) {
        // The SDK is told by the end of the stream; whoever waits finds the reason in the slot.
        let _ = self.link.failed("POST", failure, self.slot.as_ref());
    }
}
