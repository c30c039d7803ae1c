//! What sockets may do: the check that `wasmtime-wasi` makes before each use of an address.

use std::{net::SocketAddr, sync::Arc};

use jackfield_protocol::Wanted;
use wasmtime_wasi::{
    WasiCtx, WasiCtxBuilder,
    sockets::{SocketAddrUse, WasiSocketsCtx},
};

use crate::permission::Asker;

/// The sockets of one component.
pub(crate) fn sockets_of(asker: Asker) -> WasiSocketsCtx {
    let mut wasi = WasiCtx::builder();
    shared_sockets(&mut wasi, vec![asker]);
    wasi.build().sockets().clone()
}

/// The sockets of several components that cannot be told apart: each may do what all of them may.
/// Without any component, they may do nothing.
pub(crate) fn shared_sockets(wasi: &mut WasiCtxBuilder, askers: Vec<Asker>) {
    let is_open = !askers.is_empty();
    let askers: Arc<[Asker]> = askers.into();
    wasi.allow_tcp(is_open).allow_udp(is_open).socket_addr_check(move |address, purpose| {
        // Of all, so that each that lacks a grant is told of.
        let refused = askers.iter().filter(|asker| !is_allowed(asker, address, purpose)).count();
        let is_allowed = refused == 0 && !askers.is_empty();
        Box::pin(async move { is_allowed })
    });
}

fn is_allowed(asker: &Asker, address: SocketAddr, purpose: SocketAddrUse) -> bool {
    let loopback = &asker.boundary.loopback;
    match purpose {
        // A port that the system chooses makes nobody reachable; connecting and listening do, and are
        // asked about by themselves.
        SocketAddrUse::TcpBind | SocketAddrUse::UdpBind => {
            address.port() == 0 || refuse_to_listen(asker, address)
        }
        SocketAddrUse::TcpListen => loopback.listens(address) || refuse_to_listen(asker, address),
        SocketAddrUse::TcpAccept => loopback.admits(address),
        SocketAddrUse::TcpConnect => loopback.listens(address) || asker.asks_to_talk_to("tcp", address),
        SocketAddrUse::UdpSend => asker.asks_to_talk_to("udp", address),
        // Whoever sends to a port that happens to be ours is not the component's doing.
        SocketAddrUse::UdpReceive => asker.may_talk_to("udp", address),
    }
}

fn refuse_to_listen(asker: &Asker, address: SocketAddr) -> bool {
    asker.deny(Wanted::Listen { address: address.to_string() }, None);
    false
}
