//! What a server answers to a POST.

use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use futures_util::{StreamExt, stream};
use http::StatusCode;
use jackfield_protocol::FrameWay;
use reqwest::Response;
use rmcp::ErrorData;
use rmcp::model::{ClientJsonRpcMessage, JsonRpcMessage, RequestId, ServerJsonRpcMessage};
use rmcp::transport::streamable_http_client::{StreamableHttpError, StreamableHttpPostResponse};
use sse_stream::Sse;

use super::trouble::of_status;
use super::{EVENT_STREAM, HttpError, HttpLink, JSON, SESSION_HEADER, content_type};
use crate::client::desk::{Sight, Slot, slot_of};
use crate::client::failure::Failure;

impl HttpLink {
    /// Reads the answer to a message of the SDK.
    pub(super) async fn answer(
        &self,
        message: &ClientJsonRpcMessage,
        has_session: bool,
        response: Response,
    ) -> Result<StreamableHttpPostResponse, HttpError> {
        let slot = slot_of(message).cloned();
        let session = response.headers().get(&SESSION_HEADER).and_then(|value| value.to_str().ok());
        let session = session.map(str::to_owned);
        let status = response.status();
        if !status.is_success() {
            return self.refused(message, has_session, response).await;
        }
        let request = request_id(message);
        match content_type(&response).as_deref() {
            _ if matches!(status, StatusCode::ACCEPTED | StatusCode::NO_CONTENT) => {
                Ok(StreamableHttpPostResponse::Accepted)
            }
            Some(EVENT_STREAM) => Ok(StreamableHttpPostResponse::Sse(self.events(response, slot), session)),
            Some(JSON) => {
                let body = self.body(response, slot.as_ref()).await?;
                self.json(&body, request, session, slot.as_ref())
            }
            found => {
                let found = found.map(str::to_owned);
                let body = self.body(response, slot.as_ref()).await?;
                if request.is_none() && body.is_empty() {
                    return Ok(StreamableHttpPostResponse::Accepted);
                }
                self.note_body("POST", status, &body);
                Err(self.failed("POST", Failure::ContentType { found }, slot.as_ref()))
            }
        }
    }

    /// Reads a body that should be a message, or several.
    fn json(
        &self,
        body: &Bytes,
        request: Option<&RequestId>,
        session: Option<String>,
        slot: Option<&Arc<Slot>>,
    ) -> Result<StreamableHttpPostResponse, HttpError> {
        if body.is_empty() && request.is_none() {
            return Ok(StreamableHttpPostResponse::Accepted);
        }
        let mut messages = self.desk.incoming(body, Sight::Full);
        match (messages.pop(), request) {
            (Some(message), _) if messages.is_empty() => {
                Ok(StreamableHttpPostResponse::Json(message, session))
            }
            (Some(last), _) => {
                messages.push(last);
                let events = messages.iter().map(|message| Ok(Sse::default().data(text_of(message))));
                let events: Vec<_> = events.collect();
                Ok(StreamableHttpPostResponse::Sse(stream::iter(events).boxed(), session))
            }
            (None, None) => Ok(StreamableHttpPostResponse::Accepted),
            (None, Some(_)) => {
                let reason = "its body is no JSON-RPC message".to_owned();
                let failure = Failure::BadResult { method: "POST".to_owned(), reason };
                self.desk.note_trouble(&failure, slot);
                Err(StreamableHttpError::Client(super::Trouble(Box::new(failure))))
            }
        }
    }

    /// Reads an answer that is no success.
    async fn refused(
        &self,
        message: &ClientJsonRpcMessage,
        has_session: bool,
        response: Response,
    ) -> Result<StreamableHttpPostResponse, HttpError> {
        let slot = slot_of(message);
        let (status, headers) = (response.status(), response.headers().clone());
        let is_json = content_type(&response).as_deref() == Some(JSON);
        let body = self.body(response, slot).await?;
        let may_be_an_answer = !matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN);
        if let (true, true, Some(id)) = (is_json, may_be_an_answer, request_id(message))
            && let Some(error) = json_rpc_error(&body)
        {
            // An error of JSON-RPC. Behind some servers it has no id, or another, though it answers this request.
            self.note_body("POST", status, &Bytes::new());
            self.desk.incoming(&body, Sight::Full);
            return Ok(StreamableHttpPostResponse::Json(
                JsonRpcMessage::error(error, Some(id.clone())),
                None,
            ));
        }
        self.note_body("POST", status, &body);
        if status == StatusCode::NOT_FOUND && has_session {
            return Err(StreamableHttpError::SessionExpired);
        }
        Err(self.failed("POST", of_status(status, &headers, &body), slot))
    }

    /// Reads all that comes of a message that someone wrote by hand. The SDK sees nothing of it.
    pub(super) async fn drain(&self, response: Response) {
        let status = response.status();
        match content_type(&response).as_deref() {
            Some(EVENT_STREAM) => {
                let mut events = self.events(response, None);
                while events.next().await.is_some() {}
            }
            found => {
                let is_json = found == Some(JSON);
                let Ok(body) = self.body(response, None).await else { return };
                if !status.is_success() || !is_json {
                    self.note_body("POST", status, if is_json { &EMPTY } else { &body });
                }
                if is_json {
                    self.desk.incoming(&body, Sight::Full);
                }
            }
        }
    }

    /// Reads a body to its end. What came is recorded when it breaks off.
    pub(super) async fn body(
        &self,
        mut response: Response,
        slot: Option<&Arc<Slot>>,
    ) -> Result<Bytes, HttpError> {
        let mut body = BytesMut::new();
        loop {
            match response.chunk().await {
                Ok(Some(chunk)) => body.extend_from_slice(&chunk),
                Ok(None) => return Ok(body.freeze()),
                Err(_) => {
                    let received = u64::try_from(body.len()).unwrap_or(u64::MAX);
                    let problem = "it broke off before its end";
                    self.desk.recorder.broken(FrameWay::ToClient, &body.freeze(), problem);
                    return Err(self.failed("POST", Failure::CutOff { received }, slot));
                }
            }
            if body.len() > self.max_frame_bytes {
                body.truncate(self.max_frame_bytes);
                let limit = self.max_frame_bytes;
                let problem = format!("it has more than {limit} bytes, and only its beginning was kept");
                self.desk.recorder.broken(FrameWay::ToClient, &body.freeze(), problem);
                return Err(self.failed("POST", Failure::TooLarge { limit }, slot));
            }
        }
    }

    /// Records a status with what came along.
    pub(super) fn note_body(&self, verb: &str, status: StatusCode, body: &Bytes) {
        let subject = format!("{verb} {}: HTTP {status}", self.url);
        self.desk.recorder.transport(FrameWay::ToClient, subject, None, body);
    }
}

static EMPTY: Bytes = Bytes::new();

fn request_id(message: &ClientJsonRpcMessage) -> Option<&RequestId> {
    match message {
        JsonRpcMessage::Request(request) => Some(&request.id),
        _ => None,
    }
}

fn json_rpc_error(body: &[u8]) -> Option<ErrorData> {
    match serde_json::from_slice::<ServerJsonRpcMessage>(body) {
        Ok(JsonRpcMessage::Error(error)) => Some(error.error),
        _ => None,
    }
}

fn text_of(message: &ServerJsonRpcMessage) -> String {
    serde_json::to_string(message).unwrap_or_default()
}
