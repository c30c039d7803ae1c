//! `wasi:http/incoming-handler` of 0.2.

use http::Request;
use http_body_util::BodyExt;
use hyper::body::Incoming;
use wasmtime_wasi_http::{
    WasiHttpView,
    p2::{
        bindings::{ProxyIndices, http::types::Scheme},
        body::HyperOutgoingBody,
    },
};

use super::{Answer, body::Sending};
use crate::entry::instances::Live;

/// Returns when the guest does.
pub(super) async fn handle(
    indices: &ProxyIndices,
    live: &mut Live,
    request: Request<Incoming>,
    answer: Answer,
) -> wasmtime::Result<()> {
    let store = &mut live.store;
    let request = store.data_mut().http().new_incoming_request(Scheme::Http, request)?;
    let (sending, watch) = Sending::new();
    let out = store.data_mut().http().new_response_outparam_from_callback(move |given| {
        let body = |body: HyperOutgoingBody| watch.body(body.map_err(Into::into).boxed_unsync()).0;
        let given = given.map(|response| response.map(body));
        answer.send(given.map_err(|code| format!("{code:?}")));
    })?;
    let proxy = indices.load(&mut *store, &live.instance)?;
    proxy.wasi_http_incoming_handler().call_handle(&mut *store, request, out).await?;
    sending.ends_well();
    Ok(())
}
