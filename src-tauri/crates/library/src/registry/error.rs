//! What can go wrong between here and a registry, in plain words.

use jackfield_component::ReadProblem;
use jackfield_protocol::{Error, ErrorKind};

use crate::artifact::ManifestProblem;
use crate::reference::ReferenceError;
use crate::store::StoreError;

/// Why a component could not be fetched, sent or looked up.
#[derive(Debug, thiserror::Error)]
pub enum RegistryError {
    /// The reference is not one.
    #[error(transparent)]
    Reference(#[from] ReferenceError),
    /// The name of the host means nothing.
    #[error("there is no host named {host}")]
    NoSuchHost {
        /// The registry.
        host: String,
    },
    /// Nothing listens there.
    #[error("{host} refuses the connection")]
    ConnectionRefused {
        /// The registry.
        host: String,
    },
    /// It does not answer.
    #[error("{host} does not answer")]
    TimedOut {
        /// The registry.
        host: String,
    },
    /// Another reason why there is no connection.
    #[error("{host} cannot be reached ({reason})")]
    Unreachable {
        /// The registry.
        host: String,
        /// Why.
        reason: String,
    },
    /// The certificate is wrong, or the other side does not speak TLS.
    #[error("no secure connection to {host} ({reason})")]
    Tls {
        /// The registry.
        host: String,
        /// Why.
        reason: String,
    },
    /// The connection ended in the middle.
    #[error("the connection to {host} was cut off after {done_in_bytes} bytes of the component")]
    CutOff {
        /// The registry.
        host: String,
        /// How much of the component had come or gone.
        done_in_bytes: u64,
    },
    /// HTTP status 401.
    #[error("{host} wants to know who you are, or does not accept the credentials")]
    Unauthorized {
        /// The registry.
        host: String,
        /// Whether credentials were given.
        with_credentials: bool,
    },
    /// HTTP status 403.
    #[error("{host} does not allow this: {reference}")]
    Forbidden {
        /// The registry.
        host: String,
        /// What was asked for.
        reference: String,
    },
    /// The repository does not exist.
    #[error("there is no such repository: {reference}")]
    NoSuchRepository {
        /// What was asked for.
        reference: String,
    },
    /// The repository has no such tag or manifest.
    #[error("there is no such tag or digest: {reference}")]
    NoSuchManifest {
        /// What was asked for.
        reference: String,
    },
    /// The manifest is there, and what it names is not.
    #[error("the registry has the manifest, but not the component itself: {reference}")]
    NoSuchContent {
        /// What was asked for.
        reference: String,
    },
    /// HTTP status 429.
    #[error("{host} asks to wait: too many requests")]
    TooManyRequests {
        /// The registry.
        host: String,
    },
    /// Any other answer that is not a success.
    #[error("{host} reports an error ({message})")]
    Server {
        /// The registry.
        host: String,
        /// What it says, or the HTTP status.
        message: String,
    },
    /// An answer that no registry should give.
    #[error("{host} does not answer as a registry does ({reason})")]
    NotARegistry {
        /// The registry.
        host: String,
        /// What is strange.
        reason: String,
    },
    /// The manifest is not a component's.
    #[error("{problem}: {reference}")]
    Manifest {
        /// What is wrong.
        problem: ManifestProblem,
        /// What was asked for.
        reference: String,
    },
    /// The bytes are not the ones that were asked for.
    #[error("{host} sent other bytes than those of {expected}")]
    DigestMismatch {
        /// The registry.
        host: String,
        /// What was asked for.
        expected: String,
    },
    /// There are more or fewer bytes than the manifest says.
    #[error("{host} sent {actual_in_bytes} bytes or more, where the manifest says {expected_in_bytes}")]
    SizeMismatch {
        /// The registry.
        host: String,
        /// What the manifest says.
        expected_in_bytes: u64,
        /// How many came until it was clear.
        actual_in_bytes: u64,
    },
    /// More than the caller wants, or than can be read.
    #[error("{size_in_bytes} bytes are more than the {max_in_bytes} that are taken: {reference}")]
    TooLarge {
        /// What was asked for.
        reference: String,
        /// How long it is.
        size_in_bytes: u64,
        /// How long it may be.
        max_in_bytes: u64,
    },
    /// The bytes are the right ones, and not a component.
    #[error("{problem}: {reference}")]
    NotAComponent {
        /// What was asked for.
        reference: String,
        /// What they are.
        problem: ReadProblem,
    },
    /// The user stopped it.
    #[error("cancelled: {reference}")]
    Cancelled {
        /// What was asked for.
        reference: String,
    },
    /// The folder of the store is in the way.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl RegistryError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Reference(_) => ErrorKind::Request,
            Self::Manifest { .. } | Self::NotAComponent { .. } => ErrorKind::NotAComponent,
            Self::Cancelled { .. } => ErrorKind::Cancelled,
            _ => ErrorKind::Registry,
        }
    }

    fn help(&self) -> Option<&'static str> {
        Some(match self {
            Self::Reference(_) => {
                "write `oci://HOST/REPOSITORY:TAG` or `oci://HOST/REPOSITORY@sha256:DIGEST`"
            }
            Self::NoSuchHost { .. } => "check the spelling of the host, and whether there is a network",
            Self::ConnectionRefused { .. } => "check the port, and whether the registry runs",
            Self::TimedOut { .. } | Self::CutOff { .. } => "try again; check the network if it stays so",
            Self::Unreachable { .. } => "check the network, and the host's name",
            Self::Tls { .. } => {
                "check the host's name and this machine's clock; if the registry speaks plain HTTP and you trust \
                 the network, ask for that explicitly"
            }
            Self::Unauthorized { with_credentials: false, .. } => {
                "log in with `docker login HOST`, or give a user name and a password or token; for a public \
                 component, check the repository's name"
            }
            Self::Unauthorized { with_credentials: true, .. } => {
                "check user name and password; many registries want an access token in place of the password"
            }
            Self::Forbidden { .. } => {
                "ask the repository's owner for access, or use credentials that have it; many tokens only allow \
                 reading"
            }
            Self::NoSuchRepository { .. } => {
                "check the repository's name; some registries say this of all that need credentials"
            }
            Self::NoSuchManifest { .. } => "list the repository's tags to see what there is",
            Self::NoSuchContent { .. } => "ask its owner to push it again",
            Self::TooManyRequests { .. } => "try again later; with credentials most registries allow more",
            Self::Server { .. } => "try again later, or ask the registry's operator",
            Self::NotARegistry { .. } => "check the host and the port: something else may be answering there",
            Self::DigestMismatch { .. } | Self::SizeMismatch { .. } => {
                "do not trust it: the registry is damaged, or something on the way changes what it sends"
            }
            Self::TooLarge { .. } => "raise the limit if you trust it",
            Self::Manifest { .. } => "name a component; container images and other artifacts cannot be used",
            Self::NotAComponent { problem, .. } => return problem.help(),
            Self::Cancelled { .. } => return None,
            Self::Store(_) => return None,
        })
    }
}

impl From<RegistryError> for Error {
    fn from(error: RegistryError) -> Self {
        if let RegistryError::Store(error) = error {
            return error.into();
        }
        let wrapped = Self::new(error.kind(), error.to_string());
        match error.help() {
            Some(help) => wrapped.with_help(help),
            None => wrapped,
        }
    }
}
