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
        let is_allowed = is_allowed(&askers, address, purpose);
        Box::pin(async move { is_allowed })
    });
}

fn is_allowed(askers: &[Asker], address: SocketAddr, purpose: SocketAddrUse) -> bool {
    let Some((first, loopback)) = askers.first().map(|asker| (asker, &asker.boundary.loopback)) else {
        return false;
    };
    // Asks all of them, so that each that lacks a grant is told of.
    let all = |may: &dyn Fn(&Asker) -> bool| askers.iter().filter(|asker| !may(asker)).count() == 0;
    let may_listen = || all(&|asker| refuse_to_listen(asker, address));
    let is_allowed = match purpose {
        // A port that the system chooses makes nobody reachable; connecting and listening do, and are
        // asked about by themselves.
        SocketAddrUse::TcpBind => address.port() == 0 || may_listen(),
        SocketAddrUse::UdpBind => address.port() == 0 || loopback.udp.is_reserved(address) || may_listen(),
        SocketAddrUse::TcpListen => loopback.tcp.listens(address) || may_listen(),
        SocketAddrUse::TcpConnect => {
            loopback.tcp.listens(address) || all(&|asker| asker.asks_to_talk_to("tcp", address))
        }
        SocketAddrUse::UdpSend => {
            loopback.udp.is_there(address) || all(&|asker| asker.asks_to_talk_to("udp", address))
        }
        // Who connects or sends to a port that happens to be ours is not the component's doing.
        SocketAddrUse::TcpAccept => return loopback.tcp.admits(address),
        SocketAddrUse::UdpReceive => {
            return loopback.udp.admits(address) || all(&|asker| asker.may_talk_to("udp", address));
        }
    };
    if !is_allowed {
        first.refuse_call("wasi:sockets/");
    }
    is_allowed
}

fn refuse_to_listen(asker: &Asker, address: SocketAddr) -> bool {
    asker.deny(Wanted::Listen { address: address.to_string() }, None);
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::permission::{Origin, asker_with};

    fn at(text: &str) -> SocketAddr {
        text.parse().unwrap()
    }

    #[test]
    fn who_cannot_be_told_apart_may_what_all_of_them_may() {
        let (one, heard) = asker_with(&["tcp://10.0.0.1", "tcp://10.0.0.2", "udp://10.0.0.1"]);
        let other = Asker { component: "b".into(), ..one.clone() };
        one.boundary.grants.grant(&"b".into(), Origin::parse("tcp://10.0.0.1").unwrap());
        let both = [one.clone(), other];
        assert!(is_allowed(&both, at("10.0.0.1:80"), SocketAddrUse::TcpConnect));
        assert!(!is_allowed(&both, at("10.0.0.2:80"), SocketAddrUse::TcpConnect));
        assert!(!is_allowed(&both, at("10.0.0.1:80"), SocketAddrUse::UdpSend));
        assert!(is_allowed(&[one], at("10.0.0.1:80"), SocketAddrUse::UdpSend));
        assert!(!is_allowed(&[], at("10.0.0.1:80"), SocketAddrUse::TcpConnect));
        let lacking: Vec<_> =
            heard.denials().into_iter().map(|denial| (denial.component.to_string(), denial.grant)).collect();
        let expected = ["tcp://10.0.0.2:80", "udp://10.0.0.1:80"];
        assert_eq!(lacking, expected.map(|grant| ("b".to_owned(), Some(grant.to_owned()))));
    }

    #[test]
    fn a_socket_listens_and_accepts_inside_of_the_workload_only() {
        let (asker, heard) = asker_with(&["tcp://*", "udp://*"]);
        let both = [asker.clone(), asker.clone()];
        for purpose in [SocketAddrUse::TcpListen, SocketAddrUse::TcpAccept, SocketAddrUse::UdpReceive] {
            assert!(!is_allowed(&both, at("127.0.0.1:5000"), purpose), "{purpose:?}");
        }
        for purpose in [SocketAddrUse::TcpBind, SocketAddrUse::UdpBind] {
            assert!(is_allowed(&both, at("0.0.0.0:0"), purpose), "{purpose:?}");
            assert!(!is_allowed(&both, at("0.0.0.0:80"), purpose), "{purpose:?}");
        }
        assert!(heard.denials().iter().all(|denial| denial.grant.is_none()));
        asker.boundary.loopback.tcp.announce_for_tests(at("127.0.0.1:5000"), at("127.0.0.1:6000"));
        assert!(is_allowed(&both, at("127.0.0.1:5000"), SocketAddrUse::TcpListen));
        assert!(is_allowed(&both, at("127.0.0.1:5000"), SocketAddrUse::TcpConnect));
        assert!(is_allowed(&both, at("127.0.0.1:6000"), SocketAddrUse::TcpAccept));
        assert!(!is_allowed(&both, at("127.0.0.1:6000"), SocketAddrUse::TcpAccept), "once for each");
    }
}
