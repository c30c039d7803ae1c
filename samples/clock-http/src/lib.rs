//! Tells the time over HTTP: a page at `/`, the same as JSON at `/time.json`.
//!
//! It handles `wasi:http` requests by itself, so it needs no server of its own and no
//! sockets; whoever runs it listens on its behalf. The only thing that it asks the host for
//! is the wall clock.

use std::io::{self, Write as _};

use jiff::Timestamp;
use wasip2::exports::http::incoming_handler::Guest;
use wasip2::http::types::{
    ErrorCode, Fields, IncomingRequest, Method, OutgoingBody, OutgoingResponse, ResponseOutparam,
};

wasip2::http::proxy::export!(Clock);

struct Clock;

impl Guest for Clock {
    fn handle(request: IncomingRequest, response_out: ResponseOutparam) {
        let method = request.method();
        let path_with_query = request.path_with_query().unwrap_or_default();
        let answer = answer(&method, &path_with_query, Timestamp::now());
        let with_body = !matches!(method, Method::Head);
        if let Err(error) = send(&answer, with_body, response_out) {
            eprintln!("the answer to {path_with_query:?} was not sent in full: {error}");
        }
    }
}

/// A response as plain data, so that deciding what to say and saying it stay apart.
struct Answer {
    status: u16,
    content_type: &'static str,
    body: String,
}

fn answer(method: &Method, path_with_query: &str, now: Timestamp) -> Answer {
    if !matches!(method, Method::Get | Method::Head) {
        return text(405, "this clock answers GET and HEAD only\n");
    }
    let path = path_with_query.split_once('?').map_or(path_with_query, |(path, _)| path);
    match path {
        "/" => Answer { status: 200, content_type: "text/html; charset=utf-8", body: page(now) },
        "/time.json" => Answer { status: 200, content_type: "application/json", body: json(now) },
        _ => text(404, "nothing here: try / or /time.json\n"),
    }
}

fn text(status: u16, body: &str) -> Answer {
    Answer { status, content_type: "text/plain; charset=utf-8", body: body.to_owned() }
}

fn page(now: Timestamp) -> String {
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<title>Clock</title>\n\
         <p>It is <time datetime=\"{now:.3}\">{now:.0}</time>. \
         Also as <a href=\"/time.json\">JSON</a>.</p>\n</html>\n"
    )
}

/// Nothing in it needs escaping: a timestamp and an integer.
fn json(now: Timestamp) -> String {
    format!("{{\"time\":\"{now:.3}\",\"unix_millis\":{}}}\n", now.as_millisecond())
}

fn send(answer: &Answer, with_body: bool, response_out: ResponseOutparam) -> io::Result<()> {
    let response = match response(answer) {
        Ok(response) => response,
        Err(problem) => {
            ResponseOutparam::set(response_out, Err(ErrorCode::InternalError(Some(problem.to_owned()))));
            return Err(io::Error::other(problem));
        }
    };
    let body = response.body().map_err(|()| io::Error::other("the response's body was taken already"))?;
    ResponseOutparam::set(response_out, Ok(response));
    if with_body {
        let mut stream =
            body.write().map_err(|()| io::Error::other("the body's stream was taken already"))?;
        stream.write_all(answer.body.as_bytes())?;
        // The stream has a method of its own called `flush`, with another error type.
        io::Write::flush(&mut stream)?;
    }
    OutgoingBody::finish(body, None).map_err(|error| io::Error::other(format!("{error:?}")))
}

fn response(answer: &Answer) -> Result<OutgoingResponse, &'static str> {
    let headers = Fields::new();
    headers
        .append("content-type", answer.content_type.as_bytes())
        .map_err(|_| "the host does not accept a content-type header")?;
    let response = OutgoingResponse::new(headers);
    response.set_status_code(answer.status).map_err(|()| "the host does not accept the status code")?;
    Ok(response)
}
