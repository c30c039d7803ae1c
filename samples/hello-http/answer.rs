//! The answer that both handlers give. Its body goes out in one piece.

use wasip2::http::types::{Fields, OutgoingBody, OutgoingResponse, ResponseOutparam};

pub(crate) fn answer(text: &str, response_out: ResponseOutparam) {
    let response = OutgoingResponse::new(Fields::new());
    let body = response.body();
    ResponseOutparam::set(response_out, Ok(response));
    let sent = body.map_err(|()| "its body was taken".to_owned()).and_then(|body| send(text, body));
    if let Err(error) = sent {
        eprintln!("the answer was not sent in full: {error}");
    }
}

fn send(text: &str, body: OutgoingBody) -> Result<(), String> {
    let stream = body.write().map_err(|()| "its body was taken".to_owned())?;
    stream.blocking_write_and_flush(text.as_bytes()).map_err(|error| error.to_string())?;
    drop(stream);
    OutgoingBody::finish(body, None).map_err(|error| error.to_string())
}
