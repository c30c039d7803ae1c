//! The network as components see it: HTTP requests, sockets, names, and the loopback network that a
//! workload has for itself.
//!
//! What always holds: nothing leaves a workload but through [`crate::permission::Asker`], and what was
//! decided for an address is done with that very address.

mod exchange;
mod gate;
mod loopback;
mod sockets;
mod tls;

pub(crate) use gate::{Gate, TRACEPARENT, headers};
pub(crate) use loopback::{Held, Loopback, define_p2 as define_loopback_p2, define_p3 as define_loopback_p3};
pub(crate) use sockets::{shared_sockets, sockets_of};
