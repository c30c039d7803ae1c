//! Answers a request with its own body: `wasi:http` 0.3. The body is a stream, and the answer's is the
//! same one.

use wasip3::exports::http::handler::Guest;
use wasip3::http::types::{ErrorCode, Fields, Request, Response};
use wasip3::wit_future;

wasip3::http::service::export!(Echo);

struct Echo;

impl Guest for Echo {
    async fn handle(request: Request) -> Result<Response, ErrorCode> {
        let (consumed, is_consumed) = wit_future::new(|| Ok(()));
        let (body, trailers) = Request::consume_body(request, is_consumed);
        let (response, _sent) = Response::new(Fields::new(), Some(body), trailers);
        drop(consumed);
        Ok(response)
    }
}
