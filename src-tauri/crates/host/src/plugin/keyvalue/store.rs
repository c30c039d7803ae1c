//! What a backend of `wasi:keyvalue` can do.

use thiserror::Error;

/// Keeps values. Every method is one transaction: it is done as a whole or not at all, and what it did is
/// there when it returns.
pub(super) trait Store: Send + Sync {
    /// Whether a method may wait for a disk.
    fn may_wait(&self) -> bool;

    /// The value of a key.
    fn get(&self, bucket: &str, key: &str) -> Result<Option<Vec<u8>>, StoreError>;

    /// Gives keys values, or takes them away.
    fn change(&self, bucket: &str, changes: Vec<(String, Option<Vec<u8>>)>) -> Result<(), StoreError>;

    /// Keys in their order: at most `limit`, after `after`, without the first `skip` of them.
    fn keys(
        &self,
        bucket: &str,
        after: Option<&str>,
        skip: u64,
        limit: usize,
    ) -> Result<Vec<String>, StoreError>;

    /// Replaces a key's value by what `change` makes of it; leaves it if that is nothing.
    fn update(&self, bucket: &str, key: &str, change: &mut Change<'_>) -> Result<(), StoreError>;
}

/// Makes a new value of an old one, or none if the old one is to stay.
pub(super) type Change<'a> = dyn FnMut(Option<&[u8]>) -> Result<Option<Vec<u8>>, StoreError> + 'a;

/// Why a store did not do what it was asked.
#[derive(Debug, Error)]
pub(super) enum StoreError {
    /// There is no more room.
    #[error("the store is full: its limit is {limit_in_bytes} bytes (`limit` of [host.\"wasi:keyvalue\"])")]
    Full {
        /// How much it may hold.
        limit_in_bytes: u64,
    },
    /// A value that is to be added to is no number.
    #[error("the value is not a number, so nothing can be added to it")]
    NotANumber,
    /// A sum is too large or too small.
    #[error("the sum is beyond what a 64-bit number can hold")]
    Overflow,
    /// A cursor is of no list that was given out.
    #[error("the cursor is not one that `list-keys` returned")]
    Cursor,
    /// The file could not be read or written.
    #[error("the store's file failed: {reason}")]
    File {
        /// What happened.
        reason: String,
    },
}
