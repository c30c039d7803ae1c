//! Talking to OCI registries.
//!
//! Every operation makes a client of its own, so that nothing is left over from earlier ones: the
//! client remembers the first credentials that it is given for a host, right or wrong. Whatever a
//! registry answers, an operation ends in a result, within a time limit between any two bytes; it can be
//! cancelled at any time, and leaves nothing half-done in the store.

mod client;
mod error;
mod pull;
mod push;
mod refusal;
mod tags;

use crate::credentials::Credentials;

pub use error::RegistryError;
pub use pull::{Pulled, pull};
pub use push::{Pushed, push};
pub use tags::list_tags;

/// How a registry is spoken to.
#[derive(Debug, Clone, Default)]
pub struct Access {
    /// Who the user is.
    pub credentials: Credentials,
    /// Plain HTTP also to other machines. On this machine it is used in any case.
    pub plain_http: bool,
    /// Longer components are not fetched; never more than [`jackfield_component::MAX_COMPONENT_IN_BYTES`].
    pub max_size_in_bytes: Option<u64>,
}

/// How far a transfer has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// What is done at the moment.
    pub step: Step,
    /// How much of the component has been transferred.
    pub done_in_bytes: u64,
    /// Its length; zero while it is not known.
    pub total_in_bytes: u64,
}

/// What a transfer is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Asking what the reference means.
    Resolving,
    /// Moving the component's bytes.
    Transferring,
    /// Checking and storing what came, or announcing what was sent.
    Finishing,
}

/// Hears of progress. Called often and from the transfer itself, so it should only take note.
pub type OnProgress<'a> = &'a (dyn Fn(Progress) + Send + Sync);
