//! The host's plugins, called by real components: those of the samples `plugins` and `blobby`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "helpers of tests fail by panicking"
)]

mod concurrent;
mod config_and_logging;
mod cupboard;
mod front;
mod keyvalue;
mod planning;
mod signatures;
mod support;
