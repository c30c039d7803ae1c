//! `wasi:http/handler` of 0.3.

use std::{
    future::poll_fn,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use http::Request;
use http_body_util::BodyExt;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use tokio::sync::oneshot;
use wasmtime::component::InstancePre;
use wasmtime_wasi_http::{
    Error, WasiBody, WasiHttpView, p3,
    p3::bindings::{Service, ServicePre},
};

use super::Answer;
use crate::{entry::instances::Live, store::State};

pub(super) fn check(pre: &InstancePre<State>) -> wasmtime::Result<()> {
    ServicePre::new(pre.clone()).map(drop)
}

/// Returns when the answer has been sent and the guest has nothing more to do: the body of an answer is a
/// stream of the guest's, which moves only while its store does.
pub(super) async fn handle(
    live: &mut Live,
    request: Request<Incoming>,
    answer: Answer,
) -> wasmtime::Result<()> {
    let store = &mut live.store;
    let service = Service::new(&mut *store, &live.instance)?;
    let request = request.map(|body| body.map_err(Error::from));
    let (request, received) = p3::Request::from_http(store.data_mut().http().hooks, request);
    let work = store.run_concurrent(async |accessor| -> wasmtime::Result<()> {
        let response = match service.handle(accessor, request).await? {
            Ok(response) => accessor.with(|mut access| response.into_http(&mut access, received))?,
            Err(code) => {
                // Nobody waits any more if the client has gone.
                let _ = answer.send(Err(format!("{code:?}")));
                return Ok(());
            }
        };
        let (body_ends, body_ended) = oneshot::channel();
        let response = response.map(|body| WasiBody::new(Watched { body, _ends: body_ends }));
        let _ = answer.send(Ok(response));
        // An error is what tells that the other end was dropped.
        let _ = body_ended.await;
        poll_fn(|context| accessor.poll_no_interesting_tasks(context)).await;
        Ok(())
    });
    work.await?
}

/// A body that tells, by dropping a sender, when nobody will read any more of it.
struct Watched {
    body: WasiBody,
    _ends: oneshot::Sender<()>,
}

impl Body for Watched {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
