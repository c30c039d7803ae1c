//! Refuses web pages that speak to the server behind its user's back.
//!
//! Any page that a browser shows may send requests to this machine's loopback address. Its `Origin` gives
//! it away; and if its own name was made to resolve to the loopback address (DNS rebinding), its `Host`
//! does. The protocol asks for both checks (transports, security warning).

use http::header::{HOST, ORIGIN};
use http::uri::{Authority, Uri};
use http::{HeaderMap, HeaderValue};

/// Why a request is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Refusal {
    #[error(
        "Forbidden: the Host header must name this machine and this port, as in 127.0.0.1:{port} or \
         localhost:{port}"
    )]
    Host { port: u16 },
    #[error("Forbidden: the Origin header names a web page that is not of this machine")]
    Origin,
}

/// Whether a request names this machine and `port`, and is not sent by a page from elsewhere.
pub(super) fn check(headers: &HeaderMap, port: u16) -> Result<(), Refusal> {
    let mut hosts = headers.get_all(HOST).iter();
    match (hosts.next(), hosts.next()) {
        (Some(host), None) if is_here(host, port) => {}
        _ => return Err(Refusal::Host { port }),
    }
    if headers.get_all(ORIGIN).iter().all(is_of_this_machine) { Ok(()) } else { Err(Refusal::Origin) }
}

fn is_here(host: &HeaderValue, port: u16) -> bool {
    const HTTP_PORT: u16 = 80;
    let authority = host.to_str().ok().and_then(|host| host.parse::<Authority>().ok());
    authority.is_some_and(|authority| {
        let named = if authority.port().is_some() { authority.port_u16() } else { Some(HTTP_PORT) };
        is_loopback(authority.host()) && named == Some(port) && !authority.as_str().contains('@')
    })
}

/// `null`, which sandboxed pages and files send, is of nowhere.
fn is_of_this_machine(origin: &HeaderValue) -> bool {
    let uri = origin.to_str().ok().and_then(|origin| origin.parse::<Uri>().ok());
    uri.is_some_and(|uri| {
        matches!(uri.scheme_str(), Some("http" | "https")) && uri.host().is_some_and(is_loopback)
    })
}

fn is_loopback(host: &str) -> bool {
    ["localhost", "127.0.0.1", "[::1]"].iter().any(|name| host.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PORT: u16 = 4321;

    fn headers(lines: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(*name, HeaderValue::from_static(value));
        }
        headers
    }

    #[test]
    fn hosts_are_of_this_machine_and_name_the_port() {
        for host in ["127.0.0.1:4321", "localhost:4321", "LocalHost:4321", "[::1]:4321"] {
            assert_eq!(check(&headers(&[("host", host)]), PORT), Ok(()), "{host}");
        }
        for host in [
            "",
            "localhost",
            "localhost:80",
            "localhost:4322",
            "evil.example:4321",
            "127.0.0.2:4321",
            "localhost.:4321",
            "localhost:4321.evil.example",
            "localhost@evil.example:4321",
            "evil@localhost:4321",
            "127.0.0.1:04321x",
            "localhost:",
            "0.0.0.0:4321",
        ] {
            assert_eq!(check(&headers(&[("host", host)]), PORT), Err(Refusal::Host { port: PORT }), "{host}");
        }
        assert_eq!(check(&headers(&[("host", "localhost")]), 80), Ok(()));
        assert_eq!(check(&HeaderMap::new(), PORT), Err(Refusal::Host { port: PORT }));
        let twice = headers(&[("host", "localhost:4321"), ("host", "evil.example:4321")]);
        assert_eq!(check(&twice, PORT), Err(Refusal::Host { port: PORT }));
    }

    #[test]
    fn origins_are_of_this_machine_or_absent() {
        const HOST: (&str, &str) = ("host", "localhost:4321");
        for origin in
            ["http://localhost", "http://localhost:3000", "https://127.0.0.1:8443", "http://[::1]:9"]
        {
            assert_eq!(check(&headers(&[HOST, ("origin", origin)]), PORT), Ok(()), "{origin}");
        }
        for origin in [
            "null",
            "",
            "http://evil.example",
            "https://localhost.evil.example",
            "file://",
            "localhost:4321",
            "chrome-extension://localhost",
            "http://localhost@evil.example",
        ] {
            assert_eq!(check(&headers(&[HOST, ("origin", origin)]), PORT), Err(Refusal::Origin), "{origin}");
        }
        let twice = headers(&[HOST, ("origin", "http://localhost"), ("origin", "http://evil.example")]);
        assert_eq!(check(&twice, PORT), Err(Refusal::Origin));
    }
}
