//! Sees the exact bytes of every body.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::{request, response};
use hyper::body::{Body, Frame, SizeHint};
use tokio_util::task::task_tracker::TaskTrackerToken;

/// Sees what a server is asked and what it answers, byte by byte. Everything is called in the task that
/// moves the bytes, so nothing may block.
///
/// The head of a request tells which conversation it belongs to, by its `Mcp-Session-Id`. The first request of a
/// conversation has none; its response does. Requests of the revision 2026-07-28 belong to none. A
/// response whose `Content-Type` is `text/event-stream` holds any number of messages, an event each; all
/// other bodies hold one message, or a text where no MCP was spoken.
pub trait HttpTap: Send + Sync + 'static {
    /// The head of a request has come in.
    fn exchange(&self, request: &request::Parts) -> Arc<dyn HttpExchange>;
}

/// Sees one request and its response. The two overlap: a response may begin before the whole request was
/// read, and an event stream goes on for as long as its client wants.
pub trait HttpExchange: Send + Sync + 'static {
    /// More of the request's body has come in.
    fn request_bytes(&self, bytes: &[u8]);
    /// Nothing more of it will come; `whole` if that is because it is complete.
    fn request_end(&self, whole: bool);
    /// The head of the response goes out.
    fn response(&self, response: &response::Parts);
    /// More of the response's body goes out.
    fn response_bytes(&self, bytes: &[u8]);
    /// Nothing more of it will go out; `whole` if that is because it is complete.
    fn response_end(&self, whole: bool);
}

#[derive(Clone, Copy)]
enum Direction {
    Request,
    Response,
}

/// A body on its way past the tap.
pub(super) struct Tapped<B> {
    body: B,
    exchange: Option<Arc<dyn HttpExchange>>,
    direction: Direction,
    ended: bool,
    /// Tells whoever stops the server that this is still on its way.
    _open: Option<TaskTrackerToken>,
}

impl<B: Body> Tapped<B> {
    pub(super) fn request(body: B, exchange: Option<Arc<dyn HttpExchange>>) -> Self {
        Self::new(body, exchange, Direction::Request, None)
    }

    pub(super) fn response(
        body: B,
        exchange: Option<Arc<dyn HttpExchange>>,
        open: Option<TaskTrackerToken>,
    ) -> Self {
        Self::new(body, exchange, Direction::Response, open)
    }

    fn new(
        body: B,
        exchange: Option<Arc<dyn HttpExchange>>,
        direction: Direction,
        open: Option<TaskTrackerToken>,
    ) -> Self {
        let mut tapped = Self { body, exchange, direction, ended: false, _open: open };
        tapped.end_if_known();
        tapped
    }

    /// Whoever reads a body need not poll it once more when it says that it has ended.
    fn end_if_known(&mut self) {
        if self.body.is_end_stream() {
            self.end(true);
        }
    }
}

impl<B> Tapped<B> {
    fn bytes(&self, bytes: &[u8]) {
        match (&self.exchange, self.direction) {
            (None, _) => {}
            (Some(exchange), Direction::Request) => exchange.request_bytes(bytes),
            (Some(exchange), Direction::Response) => exchange.response_bytes(bytes),
        }
    }

    fn end(&mut self, whole: bool) {
        if std::mem::replace(&mut self.ended, true) {
            return;
        }
        match (&self.exchange, self.direction) {
            (None, _) => {}
            (Some(exchange), Direction::Request) => exchange.request_end(whole),
            (Some(exchange), Direction::Response) => exchange.response_end(whole),
        }
    }
}

impl<B: Body<Data = Bytes> + Unpin> Body for Tapped<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        let this = self.get_mut();
        let frame = ready!(Pin::new(&mut this.body).poll_frame(context));
        match &frame {
            Some(Ok(frame)) => {
                if let Some(bytes) = frame.data_ref() {
                    this.bytes(bytes);
                }
                this.end_if_known();
            }
            Some(Err(_)) => this.end(false),
            None => this.end(true),
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl<B> Drop for Tapped<B> {
    fn drop(&mut self) {
        self.end(false);
    }
}
