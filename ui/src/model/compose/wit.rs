//! The WIT of components, asked for once each: a component is its digest, and its WIT never changes.

use std::collections::BTreeMap;
use std::sync::Arc;

use jackfield_protocol::Digest;

/// What the window knows of one component's WIT.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wit {
    /// It was asked for.
    Asked,
    /// It is this.
    Text(Arc<str>),
    /// It could not be had.
    Failed(String),
}

/// The WIT of the components that were looked at.
#[derive(Debug, Clone, Default)]
pub struct WitShelf(BTreeMap<Digest, Wit>);

impl WitShelf {
    /// What is known of a component's WIT; nothing if nobody asked yet.
    #[must_use]
    pub fn get(&self, digest: &Digest) -> Option<&Wit> {
        self.0.get(digest)
    }

    pub(super) fn put(&mut self, digest: Digest, wit: Wit) {
        self.0.insert(digest, wit);
    }
}
