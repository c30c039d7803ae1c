//! Stores and lists objects over HTTP, in whatever implements `wasi:blobstore`.
//!
//! | request | answer |
//! |---|---|
//! | `GET /` | the names of all objects, one in each line |
//! | `PUT /NAME` | keeps the body under that name |
//! | `GET /NAME` | the object |
//! | `DELETE /NAME` | removes it |

/// Generated from `wit/wasi-blobstore`.
mod bindings {
    #![allow(missing_docs, reason = "generated code")]

    wit_bindgen::generate!({
        path: "../../../wit/wasi-blobstore",
        inline: "
            package samples:blobby-front;

            world component {
                import wasi:blobstore/types@0.2.0-draft;
                import wasi:blobstore/container@0.2.0-draft;
                import wasi:blobstore/blobstore@0.2.0-draft;
            }
        ",
        with: {
            "wasi:io/error@0.2.12": wasip2::io::error,
            "wasi:io/poll@0.2.12": wasip2::io::poll,
            "wasi:io/streams@0.2.12": wasip2::io::streams,
        },
        generate_all,
    });
}

use bindings::wasi::blobstore::blobstore;
use bindings::wasi::blobstore::container::Container;
use bindings::wasi::blobstore::types::{IncomingValue, OutgoingValue};
use wasip2::exports::http::incoming_handler::Guest;
use wasip2::http::types::{
    ErrorCode, Fields, IncomingRequest, Method, OutgoingBody, OutgoingResponse, ResponseOutparam,
};
use wasip2::io::streams::{InputStream, OutputStream, StreamError};

wasip2::http::proxy::export!(Front);

/// The container of everything that is stored.
const CONTAINER: &str = "front";

/// How much is moved at once.
const CHUNK_IN_BYTES: u64 = 64 * 1024;

struct Front;

/// What is to be answered.
enum Answer {
    Text(u16, String),
    Object(IncomingValue),
}

impl Guest for Front {
    fn handle(request: IncomingRequest, response_out: ResponseOutparam) {
        let answer = answer(&request).unwrap_or_else(|problem| Answer::Text(500, format!("{problem}\n")));
        if let Err(problem) = send(answer, response_out) {
            eprintln!("the answer was not sent in full: {problem}");
        }
    }
}

fn answer(request: &IncomingRequest) -> Result<Answer, String> {
    let target = request.path_with_query().unwrap_or_default();
    let path = target.split_once('?').map_or(target.as_str(), |(path, _)| path);
    let name = path.trim_start_matches('/');
    let container = container()?;
    match (request.method(), name) {
        (Method::Get, "") => list(&container),
        (Method::Get, name) => {
            if !container.has_object(name)? {
                return Ok(Answer::Text(404, format!("there is no object `{name}`\n")));
            }
            container.get_data(name, 0, u64::MAX).map(Answer::Object)
        }
        (Method::Put, name) if !name.is_empty() => {
            store(&container, name, request)?;
            Ok(Answer::Text(201, format!("stored `{name}`\n")))
        }
        (Method::Delete, name) if !name.is_empty() => {
            container.delete_object(name)?;
            Ok(Answer::Text(200, format!("removed `{name}`\n")))
        }
        _ => Ok(Answer::Text(405, "GET /, or GET, PUT or DELETE /NAME\n".to_owned())),
    }
}

fn container() -> Result<Container, String> {
    if blobstore::container_exists(CONTAINER)? {
        return blobstore::get_container(CONTAINER);
    }
    // Another request may have made it in between.
    blobstore::create_container(CONTAINER).or_else(|_| blobstore::get_container(CONTAINER))
}

fn list(container: &Container) -> Result<Answer, String> {
    let stream = container.list_objects()?;
    let mut text = String::new();
    loop {
        let (names, is_end) = stream.read_stream_object_names(100)?;
        names.iter().for_each(|name| text.extend([name.as_str(), "\n"]));
        if is_end {
            return Ok(Answer::Text(200, text));
        }
    }
}

fn store(container: &Container, name: &str, request: &IncomingRequest) -> Result<(), String> {
    let body = request.consume().map_err(|()| "the request has no body")?;
    let value = OutgoingValue::new_outgoing_value();
    container.write_data(name, &value)?;
    {
        let from = body.stream().map_err(|()| "the request's body was taken already")?;
        let to = value.outgoing_value_write_body().map_err(|()| "the store gives no stream to write to")?;
        pump(&from, &to)?;
    }
    OutgoingValue::finish(value)
}

/// Moves everything from one stream to another.
fn pump(from: &InputStream, to: &OutputStream) -> Result<(), String> {
    loop {
        match to.blocking_splice(from, CHUNK_IN_BYTES) {
            Ok(_) => {}
            Err(StreamError::Closed) => break,
            Err(StreamError::LastOperationFailed(error)) => return Err(error.to_debug_string()),
        }
    }
    match to.blocking_flush() {
        // What is closed by now had nothing left to flush.
        Ok(()) | Err(StreamError::Closed) => Ok(()),
        Err(StreamError::LastOperationFailed(error)) => Err(error.to_debug_string()),
    }
}

fn send(answer: Answer, response_out: ResponseOutparam) -> Result<(), String> {
    let (status, content_type) = match &answer {
        Answer::Text(status, _) => (*status, "text/plain; charset=utf-8"),
        Answer::Object(_) => (200, "application/octet-stream"),
    };
    let response = match response(status, content_type) {
        Ok(response) => response,
        Err(problem) => {
            ResponseOutparam::set(response_out, Err(ErrorCode::InternalError(Some(problem.to_owned()))));
            return Err(problem.to_owned());
        }
    };
    let body = response.body().map_err(|()| "the response's body was taken already")?;
    ResponseOutparam::set(response_out, Ok(response));
    {
        let stream = body.write().map_err(|()| "the body's stream was taken already")?;
        match answer {
            Answer::Text(_, text) => text
                .as_bytes()
                .chunks(4096)
                .try_for_each(|chunk| stream.blocking_write_and_flush(chunk))
                .map_err(|error| error.to_string())?,
            Answer::Object(value) => {
                let object = IncomingValue::incoming_value_consume_async(value)?;
                pump(&object, &stream)?;
            }
        }
    }
    OutgoingBody::finish(body, None).map_err(|error| format!("{error:?}"))
}

fn response(status: u16, content_type: &str) -> Result<OutgoingResponse, &'static str> {
    let headers = Fields::new();
    headers
        .append("content-type", content_type.as_bytes())
        .map_err(|_| "the host does not accept a content-type header")?;
    let response = OutgoingResponse::new(headers);
    response.set_status_code(status).map_err(|()| "the host does not accept the status code")?;
    Ok(response)
}
