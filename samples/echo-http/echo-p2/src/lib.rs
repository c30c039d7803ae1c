//! Answers a request with its own body, piece by piece as it comes: `wasi:http` 0.2.

use wasip2::exports::http::incoming_handler::Guest;
use wasip2::http::types::{Fields, IncomingRequest, OutgoingBody, OutgoingResponse, ResponseOutparam};
use wasip2::io::streams::StreamError;

wasip2::http::proxy::export!(Echo);

/// The most that can be written at once.
const PIECE_IN_BYTES: u64 = 4096;

struct Echo;

impl Guest for Echo {
    fn handle(request: IncomingRequest, response_out: ResponseOutparam) {
        let response = OutgoingResponse::new(Fields::new());
        let body = response.body();
        ResponseOutparam::set(response_out, Ok(response));
        let sent = body.map_err(|()| "its body was taken".to_owned()).and_then(|body| echo(&request, body));
        if let Err(error) = sent {
            eprintln!("the answer was not sent in full: {error}");
        }
    }
}

fn echo(request: &IncomingRequest, answer: OutgoingBody) -> Result<(), String> {
    let taken = |()| "a body was taken".to_owned();
    let body = request.consume().map_err(taken)?;
    let from = body.stream().map_err(taken)?;
    let to = answer.write().map_err(taken)?;
    loop {
        match from.blocking_read(PIECE_IN_BYTES) {
            Ok(piece) => to.blocking_write_and_flush(&piece).map_err(|error| error.to_string())?,
            Err(StreamError::Closed) => break,
            Err(error) => return Err(error.to_string()),
        }
    }
    drop(to);
    OutgoingBody::finish(answer, None).map_err(|error| error.to_string())
}
