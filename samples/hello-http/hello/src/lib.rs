//! Greets over HTTP, and needs nobody for it.

#[path = "../../answer.rs"]
mod answer;

use wasip2::exports::http::incoming_handler::Guest;
use wasip2::http::types::{IncomingRequest, ResponseOutparam};

wasip2::http::proxy::export!(Hello);

struct Hello;

impl Guest for Hello {
    fn handle(_: IncomingRequest, response_out: ResponseOutparam) {
        answer::answer("Hello, world!\n", response_out);
    }
}
