//! Asking for a page, without following where it sends.

use std::io::Read as _;

use wasip2::http::outgoing_handler::handle;
use wasip2::http::types::{Fields, OutgoingRequest, Scheme};

/// `STATUS LOCATION BODY`, each on a line.
pub(super) fn get(url: &str) -> Result<String, String> {
    let (scheme, rest) = url.split_once("://").ok_or("a URL has a scheme")?;
    let (authority, path) = rest.find('/').map_or((rest, "/"), |slash| rest.split_at(slash));
    let scheme = match scheme {
        "http" => Scheme::Http,
        "https" => Scheme::Https,
        other => Scheme::Other(other.to_owned()),
    };
    let request = OutgoingRequest::new(Fields::new());
    request.set_scheme(Some(&scheme)).map_err(|()| "the scheme is not accepted")?;
    request.set_authority(Some(authority)).map_err(|()| "the host is not accepted")?;
    request.set_path_with_query(Some(path)).map_err(|()| "the path is not accepted")?;
    let coming = handle(request, None).map_err(|error| format!("{error:?}"))?;
    coming.subscribe().block();
    let response = coming.get().ok_or("nothing came")?.map_err(|()| "it was taken already")?;
    let response = response.map_err(|error| format!("{error:?}"))?;
    let location = response.headers().get("location");
    let location = location.first().map(|text| String::from_utf8_lossy(text).into_owned());
    let body = response.consume().map_err(|()| "there is no body")?;
    let mut text = String::new();
    let mut stream = body.stream().map_err(|()| "there is no stream")?;
    stream.read_to_string(&mut text).map_err(|error| error.to_string())?;
    Ok(format!("{}\n{}\n{text}", response.status(), location.unwrap_or_default()))
}
