//! The loopback network of one workload.

use std::net::SocketAddr;

/// Who listens and who connects inside of one workload.
#[derive(Debug, Default)]
pub(crate) struct Loopback;

impl Loopback {
    /// Whether a component of the workload listens at an address of this machine.
    pub(crate) fn listens(&self, _: SocketAddr) -> bool {
        false
    }

    /// Whether a connection from an address of this machine comes from a component of the workload.
    pub(crate) fn admits(&self, _: SocketAddr) -> bool {
        false
    }
}
