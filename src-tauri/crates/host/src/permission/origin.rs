//! What a network permission names: a scheme, a host and a port.

use std::{
    fmt,
    net::{IpAddr, SocketAddr},
};

/// The schemes that can be granted.
const SCHEMES: [&str; 4] = ["http", "https", "tcp", "udp"];

/// `scheme://host` or `scheme://host:port`, and nothing after it: a path would look as if only that
/// path were granted.
///
/// Without a port, `http` and `https` mean their own, and `tcp` and `udp` mean every port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Origin {
    scheme: String,
    host: Host,
    port: Option<u16>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Host {
    /// One name, in lower case, without the dot that a full name may end in.
    Name(String),
    /// `*.example.com`: every name below one, but not that one.
    Below(String),
    /// `*`: every host. Not for addresses that only this machine or its own network has.
    Any,
    Address(IpAddr),
}

impl Origin {
    /// Reads an origin as it stands in a workload file.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (scheme, authority) = text.split_once("://")?;
        let (host, port) = match authority.rsplit_once(':') {
            // The colons of `[::1]` do not begin a port.
            Some((host, port)) if !port.ends_with(']') => (host, Some(read_port(port)?)),
            _ => (authority, None),
        };
        let scheme = SCHEMES.contains(&scheme).then(|| scheme.to_owned())?;
        Some(Self { scheme, host: Host::parse(host)?, port })
    }

    /// Whether a URL of this scheme, host and port is of this origin.
    pub(crate) fn allows(&self, scheme: &str, host: &str, port: u16) -> bool {
        self.scheme == scheme && self.allows_port(port) && self.host.is_met_by(host)
    }

    /// Whether it names this very address, so that it does not matter whose address it is.
    pub(crate) fn allows_address(&self, scheme: &str, address: SocketAddr) -> bool {
        let is_named = self.names_address(address.ip().to_canonical());
        self.scheme == scheme && self.allows_port(address.port()) && is_named
    }

    /// Whether it is a reason to look up a name.
    pub(crate) fn needs_lookup_of(&self, name: &str) -> bool {
        !matches!(self.host, Host::Address(_)) && self.host.is_met_by(name)
    }

    /// Whether it names this address, for whatever port and scheme.
    pub(crate) fn names_address(&self, address: IpAddr) -> bool {
        match &self.host {
            Host::Address(granted) => granted.to_canonical() == address,
            // By definition the loopback addresses (RFC 6761, section 6.3).
            Host::Name(name) => is_localhost(name) && address.is_loopback(),
            Host::Below(_) | Host::Any => false,
        }
    }

    fn allows_port(&self, port: u16) -> bool {
        self.port.or_else(|| default_port(&self.scheme)).is_none_or(|granted| granted == port)
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://", self.scheme)?;
        match &self.host {
            Host::Name(name) => f.write_str(name)?,
            Host::Below(name) => write!(f, "*.{name}")?,
            Host::Any => f.write_str("*")?,
            Host::Address(IpAddr::V4(address)) => write!(f, "{address}")?,
            Host::Address(IpAddr::V6(address)) => write!(f, "[{address}]")?,
        }
        self.port.map_or(Ok(()), |port| write!(f, ":{port}"))
    }
}

impl Host {
    fn parse(text: &str) -> Option<Self> {
        if let Some(address) = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')) {
            return address.parse().ok().map(IpAddr::V6).map(Self::Address);
        }
        if let Ok(address) = text.parse() {
            return Some(Self::Address(IpAddr::V4(address)));
        }
        match text.strip_prefix("*.") {
            Some(name) => is_name(name).then(|| Self::Below(plain(name))),
            None if text == "*" => Some(Self::Any),
            None => is_name(text).then(|| Self::Name(plain(text))),
        }
    }

    fn is_met_by(&self, host: &str) -> bool {
        let address = address_of(host);
        match self {
            Self::Address(granted) => address == Some(granted.to_canonical()),
            Self::Any => true,
            Self::Name(name) => address.is_none() && *name == plain(host),
            Self::Below(name) => {
                let host = plain(host);
                address.is_none() && host.strip_suffix(name.as_str()).is_some_and(|rest| rest.ends_with('.'))
            }
        }
    }
}

/// The address that a host is, if it is none that has to be looked up.
pub(crate) fn address_of(host: &str) -> Option<IpAddr> {
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    bare.parse().ok().map(|address: IpAddr| address.to_canonical())
}

/// An origin in words, without the port that goes without saying.
pub(crate) fn origin_text(scheme: &str, host: &str, port: u16) -> String {
    let host = match address_of(host) {
        Some(IpAddr::V6(address)) => format!("[{address}]"),
        Some(IpAddr::V4(address)) => address.to_string(),
        None => plain(host),
    };
    match default_port(scheme) {
        Some(usual) if usual == port => format!("{scheme}://{host}"),
        _ => format!("{scheme}://{host}:{port}"),
    }
}

/// The port that a scheme means when none is said.
pub(crate) fn default_port(scheme: &str) -> Option<u16> {
    match scheme {
        "http" => Some(80),
        "https" => Some(443),
        _ => None,
    }
}

fn is_localhost(name: &str) -> bool {
    name == "localhost" || name.ends_with(".localhost")
}

fn plain(name: &str) -> String {
    name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase()
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "-._".contains(c))
}

fn read_port(text: &str) -> Option<u16> {
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|port| is_number && *port > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grant_is_an_origin_and_no_more() {
        for text in
            ["https://api.example.com", "http://localhost:8080", "tcp://[::1]:5432", "https://*.example.com"]
        {
            assert_eq!(Origin::parse(text).map(|origin| origin.to_string()).as_deref(), Some(text));
        }
        for other in [
            "api.example.com",
            "https://",
            "https://a/b",
            "https://a:0",
            "https://a:65536",
            "https://a:+1",
            "https://user@a",
            "https://[zz]",
            "https://a*b",
            "ftp://a",
            "HTTPS://a",
            "https://a b",
        ] {
            assert_eq!(Origin::parse(other), None, "{other}");
        }
    }

    fn allows(grant: &str, scheme: &str, host: &str, port: u16) -> bool {
        Origin::parse(grant).expect(grant).allows(scheme, host, port)
    }

    #[test]
    fn scheme_host_and_port_all_have_to_fit() {
        assert!(allows("https://api.example.com", "https", "API.example.com.", 443));
        assert!(!allows("https://api.example.com", "http", "api.example.com", 443));
        assert!(!allows("https://api.example.com", "https", "api.example.com", 8443));
        assert!(!allows("https://api.example.com", "https", "api.example.com.evil.com", 443));
        assert!(!allows("https://api.example.com", "https", "evilapi.example.com", 443));
        assert!(allows("tcp://db.example.com", "tcp", "db.example.com", 5432));
        assert!(!allows("tcp://db.example.com:5432", "tcp", "db.example.com", 5433));
    }

    #[test]
    fn a_star_is_for_the_names_below() {
        assert!(allows("https://*.example.com", "https", "a.b.example.com", 443));
        assert!(!allows("https://*.example.com", "https", "example.com", 443));
        assert!(!allows("https://*.example.com", "https", "badexample.com", 443));
        assert!(allows("https://*", "https", "example.com", 443));
    }

    #[test]
    fn an_address_is_itself_in_every_spelling() {
        assert!(allows("http://127.0.0.1:80", "http", "[::ffff:127.0.0.1]", 80));
        assert!(allows("http://[::1]", "http", "[0:0::1]", 80));
        assert!(!allows("http://127.0.0.1", "http", "localhost", 80));
        // A name of digits is looked up, and what it stands for is checked then.
        assert!(!allows("http://127.0.0.1", "http", "2130706433", 80));
    }

    #[test]
    fn only_an_address_that_is_named_may_be_private() {
        let address = |grant: &str| {
            Origin::parse(grant).expect(grant).allows_address("http", "127.0.0.1:80".parse().unwrap())
        };
        assert!(address("http://127.0.0.1"));
        assert!(address("http://localhost"));
        assert!(!address("http://*"));
        assert!(!address("http://example.com"));
        assert!(!address("http://10.0.0.1"));
    }
}
