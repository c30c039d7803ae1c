//! The body of a guest's answer, while the guest may still fail.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use tokio::sync::oneshot;
use wasmtime_wasi_http::{Error, WasiBody};

/// The guest that sends a body. If it is dropped before [`Sending::ends_well`], the guest has come to a
/// bad end: it trapped, or was stopped.
pub(super) struct Sending(Option<oneshot::Sender<()>>);

impl Sending {
    /// The guest, and what tells the body of it.
    pub(super) fn new() -> (Self, Watch) {
        let (fail, failed) = oneshot::channel();
        (Self(Some(fail)), Watch(failed))
    }

    /// The guest has returned, and all of the body is on its way.
    pub(super) fn ends_well(mut self) {
        self.0 = None;
    }
}

impl Drop for Sending {
    fn drop(&mut self) {
        if let Some(fail) = self.0.take() {
            // There may be no body, or it has been sent.
            let _ = fail.send(());
        }
    }
}

/// Tells a body how its guest ended.
pub(super) struct Watch(oneshot::Receiver<()>);

impl Watch {
    /// The body, and what hears, by the other side's drop, that nobody will read any more of it.
    pub(super) fn body(self, body: WasiBody) -> (WasiBody, oneshot::Receiver<()>) {
        let (end, ended) = oneshot::channel();
        (WasiBody::new(GuestBody { body, failed: Some(self.0), _end: end }), ended)
    }
}

/// A body that breaks off when its guest has failed, so that nobody takes it for whole, and nobody waits
/// for the rest.
struct GuestBody {
    body: WasiBody,
    /// None once the guest has ended.
    failed: Option<oneshot::Receiver<()>>,
    _end: oneshot::Sender<()>,
}

impl GuestBody {
    fn has_failed(&mut self, context: &mut Context<'_>) -> bool {
        let Some(failed) = &mut self.failed else { return false };
        match Pin::new(failed).poll(context) {
            Poll::Ready(told) => {
                self.failed = None;
                told.is_ok()
            }
            Poll::Pending => false,
        }
    }
}

impl Body for GuestBody {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        match Pin::new(&mut self.body).poll_frame(context) {
            Poll::Ready(None) | Poll::Pending if self.has_failed(context) => {
                Poll::Ready(Some(Err(Error::HttpResponseIncomplete)))
            }
            polled => polled,
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream() && self.failed.as_ref().is_none_or(oneshot::Receiver::is_terminated)
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
