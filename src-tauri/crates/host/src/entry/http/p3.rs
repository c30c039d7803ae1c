//! `wasi:http/handler` of 0.3.

use std::future::poll_fn;

use http::{Request, Response};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use wasmtime_wasi_http::{Error, WasiHttpView, p3, p3::bindings::ServiceIndices};

use super::{Answer, body::Sending};
use crate::entry::instances::Live;

/// Returns when the answer has been sent and the guest has nothing more to do: the body of an answer is a
/// stream of the guest's, which moves only while its store does.
pub(super) async fn handle(
    indices: &ServiceIndices,
    live: &mut Live,
    request: Request<Incoming>,
    answer: Answer,
) -> wasmtime::Result<()> {
    let store = &mut live.store;
    let service = indices.load(&mut *store, &live.instance)?;
    let request = request.map(|body| body.map_err(Error::from));
    let (request, received) = p3::Request::from_http(store.data_mut().http().hooks, request);
    let (sending, watch) = Sending::new();
    let work = store.run_concurrent(async |accessor| -> wasmtime::Result<()> {
        let response = match service.handle(accessor, request).await? {
            Ok(response) => accessor.with(|mut access| response.into_http(&mut access, received))?,
            Err(code) => {
                answer.send(Err(format!("{code:?}")));
                return Ok(());
            }
        };
        let (head, body) = response.into_parts();
        let (body, body_ended) = watch.body(body);
        answer.send(Ok(Response::from_parts(head, body)));
        // An error is what tells that the other end was dropped.
        let _ = body_ended.await;
        poll_fn(|context| accessor.poll_no_interesting_tasks(context)).await;
        Ok(())
    });
    work.await??;
    sending.ends_well();
    Ok(())
}
