//! Greets over HTTP with the words of another component.

#[path = "../../answer.rs"]
mod answer;

mod bindings {
    #![allow(missing_docs, reason = "generated code")]

    wit_bindgen::generate!({ path: "../wit", world: "front" });
}

use wasip2::exports::http::incoming_handler::Guest;
use wasip2::http::types::{IncomingRequest, ResponseOutparam};

wasip2::http::proxy::export!(Front);

struct Front;

impl Guest for Front {
    fn handle(_: IncomingRequest, response_out: ResponseOutparam) {
        answer::answer(&bindings::bench::hello::words::greeting(), response_out);
    }
}
