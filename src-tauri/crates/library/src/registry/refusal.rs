//! From what the OCI client reports to what the user should hear.
//!
//! The client wraps the causes of a failed request several times over, and in types of other crates
//! that are not named here; so the chain of causes is searched for the few that have a meaning of their own.

use std::error::Error as StdError;
use std::io;

use oci_client::errors::{DigestError, OciDistributionError, OciEnvelope, OciErrorCode};

use super::RegistryError;
use super::client::Session;

/// The longest part of a server's own words that is passed on.
const MAX_MESSAGE_IN_CHARS: usize = 200;

/// What was asked of the registry, which decides what "not found" means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked {
    Manifest,
    Content,
    Tags,
    Upload,
}

impl Session {
    pub(super) fn refusal(&self, error: OciDistributionError, asked: Asked) -> RegistryError {
        let host = self.host();
        match error {
            OciDistributionError::UnauthorizedError { .. } => self.by_status(401, "", asked),
            OciDistributionError::AuthenticationFailure(_) => self.by_status(401, "", asked),
            OciDistributionError::RegistryError { envelope, .. } => self.by_envelope(&envelope, 400, asked),
            OciDistributionError::ServerError { code, message, .. } => {
                match serde_json::from_str::<OciEnvelope>(&message) {
                    Ok(envelope) => self.by_envelope(&envelope, code, asked),
                    Err(_) => self.by_status(code, &message, asked),
                }
            }
            OciDistributionError::DigestError(DigestError::VerificationError { expected, .. }) => {
                RegistryError::DigestMismatch { host, expected }
            }
            OciDistributionError::RequestError(error) => self.by_cause(&error, 0),
            OciDistributionError::IoError(error) => self.by_cause(&error, 0),
            other => RegistryError::NotARegistry { host, reason: shorten(&other.to_string()) },
        }
    }

    fn by_envelope(&self, envelope: &OciEnvelope, status: u16, asked: Asked) -> RegistryError {
        let Some(error) = envelope.errors.first() else { return self.by_status(status, "", asked) };
        let reference = self.reference.to_string();
        match error.code {
            OciErrorCode::Unauthorized => self.by_status(401, "", asked),
            OciErrorCode::Denied => self.by_status(403, "", asked),
            OciErrorCode::Toomanyrequests => self.by_status(429, "", asked),
            OciErrorCode::NameUnknown => RegistryError::NoSuchRepository { reference },
            OciErrorCode::ManifestUnknown => RegistryError::NoSuchManifest { reference },
            OciErrorCode::BlobUnknown => RegistryError::NoSuchContent { reference },
            OciErrorCode::NotFound => self.by_status(404, "", asked),
            _ => self.by_status(status, &error.message, asked),
        }
    }

    fn by_status(&self, status: u16, message: &str, asked: Asked) -> RegistryError {
        let (host, reference) = (self.host(), self.reference.to_string());
        match (status, asked) {
            (401, _) => RegistryError::Unauthorized { host, with_credentials: self.has_credentials },
            (403, _) => RegistryError::Forbidden { host, reference },
            (404, Asked::Manifest) => RegistryError::NoSuchManifest { reference },
            (404, Asked::Content) => RegistryError::NoSuchContent { reference },
            (404, Asked::Tags | Asked::Upload) => RegistryError::NoSuchRepository { reference },
            (429, _) => RegistryError::TooManyRequests { host },
            _ if message.trim().is_empty() => {
                RegistryError::Server { host, message: format!("HTTP status {status}") }
            }
            _ => {
                RegistryError::Server { host, message: format!("HTTP status {status}: {}", shorten(message)) }
            }
        }
    }

    /// A request that got no answer, or half of one after `done_in_bytes` of the component.
    pub(super) fn by_cause(&self, error: &(dyn StdError + 'static), done_in_bytes: u64) -> RegistryError {
        let host = self.host();
        let causes = Causes(Some(error));
        for cause in causes {
            if let Some(DigestError::VerificationError { expected, .. }) = cause.downcast_ref() {
                return RegistryError::DigestMismatch { host, expected: expected.clone() };
            }
            if let Some(tls) = cause.downcast_ref::<rustls::Error>() {
                return RegistryError::Tls { host, reason: tls.to_string() };
            }
            let text = cause.to_string();
            if text.starts_with("dns error") {
                return RegistryError::NoSuchHost { host };
            }
            if text.contains("timed out") || text == "deadline has elapsed" {
                return RegistryError::TimedOut { host };
            }
            if text.contains("connection closed before message completed")
                || text.contains("end of file before message length")
            {
                return RegistryError::CutOff { host, done_in_bytes };
            }
            let Some(kind) = cause.downcast_ref::<io::Error>().map(io::Error::kind) else { continue };
            match kind {
                io::ErrorKind::ConnectionRefused => return RegistryError::ConnectionRefused { host },
                io::ErrorKind::TimedOut => return RegistryError::TimedOut { host },
                io::ErrorKind::ConnectionReset
                | io::ErrorKind::ConnectionAborted
                | io::ErrorKind::BrokenPipe
                | io::ErrorKind::UnexpectedEof => return RegistryError::CutOff { host, done_in_bytes },
                _ => {}
            }
        }
        let last = Causes(Some(error)).last().map(ToString::to_string).unwrap_or_default();
        RegistryError::Unreachable { host, reason: shorten(&last) }
    }
}

/// An error and what caused it, also where an [`io::Error`] hides its content.
struct Causes<'a>(Option<&'a (dyn StdError + 'static)>);

impl<'a> Iterator for Causes<'a> {
    type Item = &'a (dyn StdError + 'static);

    fn next(&mut self) -> Option<Self::Item> {
        let current = self.0?;
        let inside = current.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        self.0 = match inside {
            Some(inside) => Some(inside),
            None => current.source(),
        };
        Some(current)
    }
}

/// A server's words in one line of bounded length, without what could change a terminal's state.
fn shorten(message: &str) -> String {
    let plain = message.chars().map(|c| if c.is_control() { ' ' } else { c });
    let mut text: String = plain.clone().take(MAX_MESSAGE_IN_CHARS).collect();
    if plain.count() > MAX_MESSAGE_IN_CHARS {
        text.push('…');
    }
    text.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Access, Credentials};

    fn session(credentials: Credentials) -> Session {
        let access = Access { credentials, ..Access::default() };
        Session::new(&"oci://localhost:1/a:1".parse().unwrap(), &access).unwrap()
    }

    fn server(code: u16, message: &str) -> OciDistributionError {
        OciDistributionError::ServerError { code, url: String::new(), message: message.into() }
    }

    #[test]
    fn statuses_and_codes_become_words() {
        let session = session(Credentials::Anonymous);
        let refuse = |code, message: &str, asked| session.refusal(server(code, message), asked);
        let denied = r#"{"errors": [{"code": "DENIED", "message": "no"}]}"#;
        let unknown = r#"{"errors": [{"code": "NAME_UNKNOWN"}]}"#;
        assert!(matches!(
            refuse(401, "", Asked::Manifest),
            RegistryError::Unauthorized { with_credentials: false, .. }
        ));
        assert!(matches!(refuse(403, denied, Asked::Upload), RegistryError::Forbidden { .. }));
        assert!(matches!(refuse(404, unknown, Asked::Manifest), RegistryError::NoSuchRepository { .. }));
        assert!(matches!(refuse(404, "<html>", Asked::Manifest), RegistryError::NoSuchManifest { .. }));
        assert!(matches!(refuse(429, "slow down", Asked::Content), RegistryError::TooManyRequests { .. }));
        let RegistryError::Server { message, .. } = refuse(502, "bad\n\u{1b}[31mgateway", Asked::Tags) else {
            panic!("not a server's error")
        };
        assert_eq!(message, "HTTP status 502: bad  [31mgateway");
    }

    #[test]
    fn causes_inside_of_io_errors_are_found() {
        let session = session(Credentials::Bearer("t".into()));
        let reset = io::Error::from(io::ErrorKind::ConnectionReset);
        let wrapped = io::Error::other(io::Error::other(reset));
        assert!(matches!(session.by_cause(&wrapped, 7), RegistryError::CutOff { done_in_bytes: 7, .. }));
        let tls = io::Error::other(rustls::Error::HandshakeNotComplete);
        assert!(matches!(session.by_cause(&tls, 0), RegistryError::Tls { .. }));
    }
}
