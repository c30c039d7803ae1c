//! One conversation with one registry, for as long as one operation takes.

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures_util::FutureExt as _;
use oci_client::client::{ClientConfig, ClientProtocol};
use oci_client::secrets::RegistryAuth;
use oci_client::{Client, Reference};
use tokio_util::sync::CancellationToken;

use super::{Access, RegistryError};
use crate::credentials::Credentials;
use crate::reference::RegistryReference;

const CONNECT_LIMIT: Duration = Duration::from_secs(15);
/// Between any two bytes, not for the whole.
const SILENCE_LIMIT: Duration = Duration::from_secs(30);
const USER_AGENT: &str = concat!("jackfield/", env!("CARGO_PKG_VERSION"));

pub(super) struct Session {
    pub(super) client: Client,
    pub(super) reference: RegistryReference,
    /// The same, as the client wants it.
    pub(super) target: Reference,
    pub(super) auth: RegistryAuth,
    pub(super) has_credentials: bool,
}

impl Session {
    /// Prepares to speak to the registry of a reference. Nothing is sent yet.
    pub(super) fn new(reference: &RegistryReference, access: &Access) -> Result<Self, RegistryError> {
        Self::with_uploads(reference, access, false)
    }

    /// The same, with uploads in one piece rather than in several, which not every registry takes.
    pub(super) fn with_uploads(
        reference: &RegistryReference,
        access: &Access,
        in_one_piece: bool,
    ) -> Result<Self, RegistryError> {
        // It fails if there is one already, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let plain = access.plain_http || reference.is_on_loopback();
        let config = ClientConfig {
            protocol: if plain { ClientProtocol::Http } else { ClientProtocol::Https },
            use_monolithic_push: in_one_piece,
            platform_resolver: None,
            read_timeout: Some(SILENCE_LIMIT),
            connect_timeout: Some(CONNECT_LIMIT),
            user_agent: USER_AGENT,
            ..ClientConfig::default()
        };
        let client = Client::try_from(config).map_err(|error| RegistryError::Unreachable {
            host: reference.host().to_owned(),
            reason: error.to_string(),
        })?;
        Ok(Self {
            client,
            reference: reference.clone(),
            target: target(reference),
            auth: auth(&access.credentials),
            has_credentials: access.credentials != Credentials::Anonymous,
        })
    }

    pub(super) fn host(&self) -> String {
        self.reference.host().to_owned()
    }
}

/// Runs an operation until it ends or is cancelled.
///
/// The client takes some things that a server sends for granted, and panics where they are not so; one
/// strange server must not take the application along.
pub(super) async fn run<T>(
    reference: &RegistryReference,
    cancel: &CancellationToken,
    operation: impl Future<Output = Result<T, RegistryError>>,
) -> Result<T, RegistryError> {
    tokio::select! {
        // An operation that is cancelled before it begins does not begin.
        biased;
        () = cancel.cancelled() => Err(RegistryError::Cancelled { reference: reference.to_string() }),
        result = AssertUnwindSafe(operation).catch_unwind() => result.unwrap_or_else(|_| {
            Err(RegistryError::NotARegistry {
                host: reference.host().to_owned(),
                reason: "its answer is not one that a client could expect".to_owned(),
            })
        }),
    }
}

fn target(reference: &RegistryReference) -> Reference {
    let (host, repository) = (reference.host().to_owned(), reference.repository().to_owned());
    match (reference.digest(), reference.tag()) {
        (Some(digest), _) => Reference::with_digest(host, repository, digest.to_string()),
        (None, tag) => Reference::with_tag(host, repository, tag.unwrap_or("latest").to_owned()),
    }
}

fn auth(credentials: &Credentials) -> RegistryAuth {
    match credentials {
        Credentials::Anonymous => RegistryAuth::Anonymous,
        Credentials::Password { username, password } => {
            RegistryAuth::Basic(username.clone(), password.clone())
        }
        // Whatever else is in it could not stand in a header.
        Credentials::Bearer(token) => {
            RegistryAuth::Bearer(token.chars().filter(char::is_ascii_graphic).collect())
        }
    }
}
