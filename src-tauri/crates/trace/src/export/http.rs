//! What a span tells of an HTTP request. Such spans are named by method and target: `GET /time`, `GET https://…`.

use jackfield_protocol::{Provider, Span};

/// An HTTP request.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Request<'a> {
    pub(super) method: &'a str,
    /// A URL for requests to elsewhere, a path for those that a component answers.
    pub(super) target: &'a str,
    pub(super) status: Option<u16>,
    /// Whether the workload made it, rather than answered it.
    pub(super) is_outgoing: bool,
}

/// The request that a span is of, if it is of one.
pub(super) fn request(span: &Span) -> Option<Request<'_>> {
    let (method, target) = span.function.split_once(' ')?;
    let is_method =
        !method.is_empty() && method.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'-');
    let is_url = ["http://", "https://"].iter().any(|scheme| target.starts_with(scheme));
    if !is_method || !(is_url || target.starts_with('/')) {
        return None;
    }
    let is_outgoing = is_url || matches!(span.provider, Provider::Host(_));
    Some(Request { method, target, status: span.result.as_deref().and_then(status), is_outgoing })
}

/// A status, alone or with its name behind it.
fn status(result: &str) -> Option<u16> {
    let digits = result.split(|it: char| !it.is_ascii_digit()).next()?;
    digits.parse().ok().filter(|status| (100..600).contains(status))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::span;

    fn of<'a>(span: &'a mut Span, provider: Provider, result: Option<&str>) -> Option<Request<'a>> {
        span.provider = provider;
        span.result = result.map(str::to_owned);
        request(span)
    }

    #[test]
    fn requests_are_known_by_method_and_target() {
        let component = || Provider::Component("site".into());
        let host = || Provider::Host("wasi:http".into());
        let span_of = |function: &str, provider, result| {
            let mut span = span(None, None, "site", function);
            of(&mut span, provider, result)
                .map(|it| (it.method.to_owned(), it.target.to_owned(), it.status, it.is_outgoing))
        };
        let parts = |method: &str, target: &str, status, way| {
            Some((method.to_owned(), target.to_owned(), status, way))
        };
        assert_eq!(
            span_of("GET /a?b=1", component(), Some("200 OK")),
            parts("GET", "/a?b=1", Some(200), false)
        );
        let url = "POST https://example.com/x";
        assert_eq!(
            span_of(url, host(), Some("503")),
            parts("POST", "https://example.com/x", Some(503), true)
        );
        assert_eq!(span_of("GET /a", host(), Some("none")), parts("GET", "/a", None, true));
        for function in ["math:ops/square#square", "get /a", "GET", "GET a b"] {
            assert_eq!(span_of(function, component(), Some("200")), None, "{function}");
        }
    }
}
