//! Outgoing HTTP. Nothing is granted, so every request is refused before a name is looked up.

use http::{Request, Response};
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody, WasiHttpHooks};

/// What becomes of one direction of an exchange, once it is over.
type Done = Box<dyn Future<Output = Result<(), Error>> + Send>;
/// The answer to a request that was sent.
type Sent = Box<dyn Future<Output = Result<(Response<WasiBody>, Done), Error>> + Send>;

/// Refuses every outgoing request.
#[derive(Debug, Default)]
pub(crate) struct NoNetwork;

impl WasiHttpHooks for NoNetwork {
    fn send_request(&mut self, _: Request<WasiBody>, _: Option<RequestOptions>, _: Done) -> Sent {
        Box::new(async { Err(Error::HttpRequestDenied) })
    }
}
