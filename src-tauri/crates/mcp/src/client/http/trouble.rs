//! What HTTP can fail with, in the terms of [`Failure`].

use std::error::Error as _;

use bytes::Bytes;
use http::header::{LOCATION, WWW_AUTHENTICATE};
use http::{HeaderMap, StatusCode};

use crate::client::failure::Failure;

/// How much of a body is shown.
const BODY_CHARS: usize = 300;

/// A failure on its way through the SDK.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub(in crate::client) struct Trouble(pub(super) Box<Failure>);

/// An exchange that did not come about.
pub(super) fn unreachable_url(url: &str, error: &reqwest::Error) -> Failure {
    // The outer messages say that a request failed; the innermost says why.
    let mut reason = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        reason = inner.to_string();
        cause = inner.source();
    }
    Failure::Unreachable { url: url.to_owned(), reason }
}

/// A status that is no success.
pub(super) fn of_status(status: StatusCode, headers: &HeaderMap, body: &Bytes) -> Failure {
    let header =
        |name| headers.get(name).map(|value: &http::HeaderValue| String::from_utf8_lossy(value.as_bytes()));
    match status {
        StatusCode::UNAUTHORIZED => {
            Failure::Unauthorized { challenge: header(WWW_AUTHENTICATE).map(std::borrow::Cow::into_owned) }
        }
        status if status.is_redirection() && headers.contains_key(LOCATION) => {
            Failure::Redirected { to: header(LOCATION).unwrap_or_default().into_owned() }
        }
        status => {
            let text = String::from_utf8_lossy(body);
            let body = text.trim().chars().take(BODY_CHARS).collect();
            Failure::Status { status: status.to_string(), body }
        }
    }
}
