//! What the tests across crates have in common: finding and running the project's own programs.
//!
//! Everything here starts real processes and cleans up after them, also when a test fails: whoever
//! owns a [`process::Group`] ends it by dropping it. The tests themselves are in `tests/tests/all`.

// Process groups and signals are Unix's.
#![cfg(unix)]

pub mod files;
pub mod jack;
pub mod measure;
pub mod memory;
pub mod observing;
pub mod process;
pub mod usage;
pub mod window;
