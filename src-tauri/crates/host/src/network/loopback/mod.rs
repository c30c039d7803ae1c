//! The loopback network of one workload.
//!
//! Inside of a workload, `127.0.0.1`, `::1` and, for being reached, the unspecified addresses mean the
//! workload itself: its components find one another there, two workloads can use the same port, and
//! nothing of this machine is there unless it is granted by its address.
//!
//! Wasmtime's sockets are the system's, so each port of such a network is a port of this machine's
//! loopback interface, chosen by the system; the functions here translate. What always holds: a
//! component can connect and send only to where a component of the same workload is; a listener only
//! gets the connections of those, which it knows by their ports ([`Tcp::expect`]), and so it is with
//! datagrams ([`Udp::admits`]). Other programs of this machine can open a connection to such a port, and it is
//! closed before a component sees it; what they send there is dropped.

mod held;
mod names;
mod tcp;
mod tcp_p2;
mod tcp_p3;
mod udp;
mod udp_p2;
mod udp_p3;

use std::net::SocketAddr;

use wasmtime::component::{Linker, Resource};

pub(crate) use self::{
    held::Held,
    tcp::{Tcp, is_own_host},
    udp::Udp,
};
use crate::store::State;

/// Puts the translation in the place of what Wasmtime defines for 0.2.
pub(crate) fn define_p2(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    shadowing(linker, |linker| {
        tcp_p2::define(linker)?;
        udp_p2::define(linker)
    })
}

/// As [`define_p2`], for 0.3.
pub(crate) fn define_p3(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    shadowing(linker, |linker| {
        tcp_p3::define(linker)?;
        udp_p3::define(linker)
    })
}

fn shadowing(
    linker: &mut Linker<State>,
    define: fn(&mut Linker<State>) -> wasmtime::Result<()>,
) -> wasmtime::Result<()> {
    linker.allow_shadowing(true);
    let defined = define(linker);
    linker.allow_shadowing(false);
    defined
}

/// The network that a workload has for itself.
#[derive(Debug, Default)]
pub(crate) struct Loopback {
    pub(crate) tcp: Tcp,
    pub(crate) udp: Udp,
}

/// Whether binding to an address means to be reached inside of the workload. A socket that leaves all to
/// the system may as well be about to connect to somewhere else.
fn is_own_to_listen(address: SocketAddr) -> bool {
    address.ip().is_loopback() || (address.ip().is_unspecified() && address.port() != 0)
}

/// The same handle, to be handed on.
fn again<T: 'static>(resource: &Resource<T>) -> Resource<T> {
    Resource::new_borrow(resource.rep())
}
