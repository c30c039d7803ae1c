//! Where a component is in a registry: `oci://host[:port]/repository[:tag][@sha256:…]`.
//!
//! The rules are those of the OCI distribution specification ("Pulling manifests"), with one
//! addition: the host is never left out. A name without one means a different thing to every tool.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use jackfield_protocol::Digest;

use crate::digest;

/// What every reference begins with.
pub const SCHEME: &str = "oci://";

const MAX_REPOSITORY_IN_BYTES: usize = 255;
const MAX_TAG_IN_BYTES: usize = 128;
const DEFAULT_TAG: &str = "latest";

/// A component in a registry. Displays as it is written in a workload file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RegistryReference {
    host: String,
    repository: String,
    version: Version,
}

/// Which of a repository's manifests is meant.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Version {
    Tag(String),
    Digest(Digest),
    /// The digest decides; the tag tells people what it was.
    Both(String, Digest),
}

/// Why a text is not a [`RegistryReference`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{problem}: `{text}`")]
pub struct ReferenceError {
    /// What is wrong with it.
    pub problem: ReferenceProblem,
    /// The text as it was given.
    pub text: String,
}

/// What is wrong with a reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReferenceProblem {
    /// It does not begin with `oci://`.
    #[error("a reference to a registry begins with `oci://`")]
    Scheme,
    /// There is no slash after the host.
    #[error("a reference needs a host and a repository, as in `oci://ghcr.io/acme/square:1.0`")]
    NoRepository,
    /// The host is neither a name nor an address.
    #[error("the host of the reference is neither a name nor an address, with or without a port")]
    Host,
    /// The repository has other characters than allowed.
    #[error(
        "the repository of the reference may have small letters, digits, `/` and, in between, `.`, `_`, `-`"
    )]
    Repository,
    /// The tag has other characters than allowed.
    #[error("the tag of the reference may have up to 128 letters, digits, `.`, `_` and `-`")]
    Tag,
    /// The digest is not a SHA-256 digest.
    #[error("the digest of the reference must be `sha256:` and 64 hexadecimal digits")]
    Digest,
}

impl RegistryReference {
    /// The registry's host, with the port if there is one.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The repository within the registry.
    #[must_use]
    pub fn repository(&self) -> &str {
        &self.repository
    }

    /// The tag; `latest` where neither tag nor digest was given.
    #[must_use]
    pub fn tag(&self) -> Option<&str> {
        match &self.version {
            Version::Tag(tag) | Version::Both(tag, _) => Some(tag),
            Version::Digest(_) => None,
        }
    }

    /// The digest of the manifest, if the reference is bound to one.
    #[must_use]
    pub fn digest(&self) -> Option<&Digest> {
        match &self.version {
            Version::Digest(digest) | Version::Both(_, digest) => Some(digest),
            Version::Tag(_) => None,
        }
    }

    /// Host and repository: what all versions have in common.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{}/{}", self.host, self.repository)
    }

    /// Another version of the same repository.
    ///
    /// # Errors
    /// If `tag` is not one.
    pub fn with_tag(&self, tag: &str) -> Result<Self, ReferenceError> {
        if !is_tag(tag) {
            return Err(ReferenceError { problem: ReferenceProblem::Tag, text: tag.to_owned() });
        }
        Ok(Self { version: Version::Tag(tag.to_owned()), ..self.clone() })
    }

    /// The same repository, bound to a manifest.
    #[must_use]
    pub fn with_digest(&self, digest: Digest) -> Self {
        Self { version: Version::Digest(digest), ..self.clone() }
    }

    /// Whether the registry runs on this machine, so that plain HTTP shows nothing to anybody.
    #[must_use]
    pub fn is_on_loopback(&self) -> bool {
        let (name, _) = split_port(&self.host);
        let bare = name.trim_start_matches('[').trim_end_matches(']');
        name == "localhost"
            || name.ends_with(".localhost")
            || bare.parse().is_ok_and(|address: Ipv4Addr| address.is_loopback())
            || bare.parse().is_ok_and(|address: Ipv6Addr| address.is_loopback())
    }
}

impl FromStr for RegistryReference {
    type Err = ReferenceError;

    fn from_str(text: &str) -> Result<Self, ReferenceError> {
        parse(text).map_err(|problem| ReferenceError { problem, text: text.to_owned() })
    }
}

impl fmt::Display for RegistryReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{SCHEME}{}/{}", self.host, self.repository)?;
        match &self.version {
            Version::Tag(tag) => write!(f, ":{tag}"),
            Version::Digest(digest) => write!(f, "@{digest}"),
            Version::Both(tag, digest) => write!(f, ":{tag}@{digest}"),
        }
    }
}

fn parse(text: &str) -> Result<RegistryReference, ReferenceProblem> {
    let rest = text.strip_prefix(SCHEME).ok_or(ReferenceProblem::Scheme)?;
    let (host, rest) = rest.split_once('/').ok_or(ReferenceProblem::NoRepository)?;
    let (rest, digest) = match rest.split_once('@') {
        Some((rest, text)) => (rest, Some(digest::parse(text).ok_or(ReferenceProblem::Digest)?)),
        None => (rest, None),
    };
    let (repository, tag) = match rest.split_once(':') {
        Some((repository, tag)) => (repository, Some(tag)),
        None => (rest, None),
    };
    if repository.is_empty() {
        return Err(ReferenceProblem::NoRepository);
    }
    check(is_host(host), ReferenceProblem::Host)?;
    check(is_repository(repository), ReferenceProblem::Repository)?;
    check(tag.is_none_or(is_tag), ReferenceProblem::Tag)?;
    let version = match (tag, digest) {
        (Some(tag), Some(digest)) => Version::Both(tag.to_owned(), digest),
        (None, Some(digest)) => Version::Digest(digest),
        (tag, None) => Version::Tag(tag.unwrap_or(DEFAULT_TAG).to_owned()),
    };
    Ok(RegistryReference { host: host.to_ascii_lowercase(), repository: repository.to_owned(), version })
}

fn check(holds: bool, problem: ReferenceProblem) -> Result<(), ReferenceProblem> {
    if holds { Ok(()) } else { Err(problem) }
}

fn split_port(host: &str) -> (&str, Option<&str>) {
    match host.rsplit_once(':') {
        // The last colon of an address in brackets is inside of them if there is no port.
        Some((name, port)) if !port.ends_with(']') => (name, Some(port)),
        _ => (host, None),
    }
}

fn is_host(host: &str) -> bool {
    let (name, port) = split_port(host);
    let port_fits = port.is_none_or(|port| {
        port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_ok_and(|port| port != 0)
    });
    port_fits && (is_bracketed_address(name) || name.split('.').all(is_host_label))
}

fn is_bracketed_address(name: &str) -> bool {
    let address = name.strip_prefix('[').and_then(|name| name.strip_suffix(']'));
    address.is_some_and(|address| address.parse::<Ipv6Addr>().is_ok())
}

fn is_host_label(label: &str) -> bool {
    !label.is_empty()
        && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        && !label.starts_with('-')
        && !label.ends_with('-')
}

fn is_repository(repository: &str) -> bool {
    repository.len() <= MAX_REPOSITORY_IN_BYTES && repository.split('/').all(is_path_component)
}

/// `[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*`
fn is_path_component(component: &str) -> bool {
    let is_alphanumeric = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let between: Vec<&str> = component.split(is_alphanumeric).collect();
    let [first, inner @ .., last] = between.as_slice() else { return false };
    let is_separator =
        |text: &&str| matches!(*text, "" | "." | "_" | "__") || text.bytes().all(|byte| byte == b'-');
    first.is_empty() && last.is_empty() && inner.iter().all(is_separator)
}

/// `[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}`
fn is_tag(tag: &str) -> bool {
    (1..=MAX_TAG_IN_BYTES).contains(&tag.len())
        && !tag.starts_with(['.', '-'])
        && tag.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-'))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn refused(text: &str) -> ReferenceProblem {
        text.parse::<RegistryReference>().unwrap_err().problem
    }

    #[test]
    fn what_is_written_out_is_what_was_read() {
        let digest = format!("sha256:{}", "0f".repeat(32));
        for text in [
            "oci://ghcr.io/acme/square:1.0".to_owned(),
            "oci://localhost:5000/a/b-c/d__e.f:Latest_1".to_owned(),
            "oci://[::1]:5000/a:1".to_owned(),
            "oci://[::1]/a:1".to_owned(),
            format!("oci://127.0.0.1:80/a@{digest}"),
            format!("oci://samples/square:0.1.0@{digest}"),
        ] {
            assert_eq!(text.parse::<RegistryReference>().unwrap().to_string(), text);
        }
        let reference: RegistryReference = "oci://GHCR.io/acme/square".parse().unwrap();
        assert_eq!(reference.to_string(), "oci://ghcr.io/acme/square:latest");
    }

    #[test]
    fn what_is_wrong_is_named() {
        use ReferenceProblem as Problem;
        for (text, problem) in [
            ("ghcr.io/acme/square", Problem::Scheme),
            ("oci://ghcr.io", Problem::NoRepository),
            ("oci://ghcr.io/", Problem::NoRepository),
            ("oci:///square:1", Problem::Host),
            ("oci://user@host/square:1", Problem::Host),
            ("oci://host:0/square", Problem::Host),
            ("oci://host:99999/square", Problem::Host),
            ("oci://-host/square", Problem::Host),
            ("oci://host/Square:1", Problem::Repository),
            ("oci://host/a//b", Problem::Repository),
            ("oci://host/../b", Problem::Repository),
            ("oci://host/a___b", Problem::Repository),
            ("oci://host/a?b=c", Problem::Repository),
            ("oci://host/a:", Problem::Tag),
            ("oci://host/a:.1", Problem::Tag),
            ("oci://host/a:1:2", Problem::Tag),
            ("oci://host/a@sha256:12", Problem::Digest),
        ] {
            assert_eq!(refused(text), problem, "{text}");
        }
    }

    #[test]
    fn loopback_is_told_from_names_that_look_like_it() {
        let is_on_loopback =
            |host: &str| format!("oci://{host}/a").parse::<RegistryReference>().unwrap().is_on_loopback();
        for host in ["localhost", "localhost:5000", "127.0.0.1:5000", "127.1.2.3", "[::1]", "[::1]:5000"] {
            assert!(is_on_loopback(host), "{host}");
        }
        for host in ["localhost.example.com", "127.0.0.1.example.com", "10.0.0.1", "[2001:db8::1]:80"] {
            assert!(!is_on_loopback(host), "{host}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic_and_what_is_taken_comes_back(text in "(oci://)?\\PC{0,40}") {
            if let Ok(reference) = text.parse::<RegistryReference>() {
                prop_assert_eq!(reference.to_string().parse::<RegistryReference>(), Ok(reference));
            }
        }

        #[test]
        fn well_formed_references_are_taken(
            host in "[a-z][a-z0-9]{0,8}(\\.[a-z]{2,5}){0,2}(:[1-9][0-9]{0,3})?",
            repository in "[a-z0-9]{1,5}((\\.|_|__|-{1,3})[a-z0-9]{1,4}){0,3}(/[a-z0-9]{1,5}){0,3}",
            tag in "[a-zA-Z0-9_][a-zA-Z0-9._-]{0,20}",
        ) {
            let text = format!("oci://{host}/{repository}:{tag}");
            let reference: RegistryReference = text.parse().unwrap();
            prop_assert_eq!(reference.to_string(), text);
        }
    }
}
