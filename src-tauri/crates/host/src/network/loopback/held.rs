//! What the sockets of one store have of the workload's network.

use std::{
    collections::{HashMap, HashSet},
    net::SocketAddr,
    sync::Arc,
};

use super::Loopback;

/// The ports that the sockets of one store hold. When the store goes, so do they.
#[derive(Debug, Default)]
pub(crate) struct Held {
    listeners: Vec<(Arc<Loopback>, SocketAddr)>,
    /// By socket: its address changes when it is connected.
    datagrams: HashMap<u32, (Arc<Loopback>, SocketAddr)>,
    /// Sockets that are connecting to the workload itself, where nobody listens.
    calling_nobody: HashSet<u32>,
}

impl Held {
    /// A component listens there.
    pub(super) fn hold_listener(&mut self, loopback: &Arc<Loopback>, real: SocketAddr) {
        self.listeners.push((Arc::clone(loopback), real));
    }

    /// A socket for datagrams is there.
    pub(super) fn hold_datagrams(&mut self, loopback: &Arc<Loopback>, socket: u32, real: SocketAddr) {
        self.datagrams.insert(socket, (Arc::clone(loopback), real));
    }

    /// A socket begins to connect to where nobody listens.
    pub(super) fn calls_nobody(&mut self, socket: u32) {
        self.calling_nobody.insert(socket);
    }

    /// Whether a socket did so, which is told once.
    pub(super) fn called_nobody(&mut self, socket: u32) -> bool {
        self.calling_nobody.remove(&socket)
    }

    /// Nobody listens there any more.
    pub(super) fn let_listener_go(&mut self, real: SocketAddr) {
        self.listeners.retain(|(loopback, held)| {
            if *held == real {
                loopback.tcp.release(real);
            }
            *held != real
        });
    }

    /// A socket for datagrams is closed.
    pub(super) fn let_datagrams_go(&mut self, socket: u32) {
        if let Some((loopback, real)) = self.datagrams.remove(&socket) {
            loopback.udp.release(real);
        }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.listeners.drain(..).for_each(|(loopback, real)| loopback.tcp.release(real));
        self.datagrams.drain().for_each(|(_, (loopback, real))| loopback.udp.release(real));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> SocketAddr {
        text.parse().unwrap()
    }

    #[test]
    fn what_a_store_holds_goes_with_it() {
        let loopback = Arc::new(Loopback::default());
        let mut held = Held::default();
        let places = [("127.0.0.1:80", "127.0.0.1:5000"), ("127.0.0.1:81", "127.0.0.1:5001")];
        for (socket, (known, real)) in (0..).zip(places) {
            loopback.tcp.claim(at(known), at(real)).unwrap();
            held.hold_listener(&loopback, at(real));
            loopback.udp.claim(at(known), at(real)).unwrap();
            held.hold_datagrams(&loopback, socket, at(real));
        }
        held.let_listener_go(at("127.0.0.1:5000"));
        assert!(loopback.tcp.is_free(at("127.0.0.1:80")) && !loopback.tcp.is_free(at("127.0.0.1:81")));
        assert!(!loopback.udp.is_free(at("127.0.0.1:80")), "another network");
        held.let_datagrams_go(1);
        assert!(loopback.udp.is_free(at("127.0.0.1:81")) && !loopback.udp.is_free(at("127.0.0.1:80")));
        drop(held);
        assert!(loopback.tcp.is_free(at("127.0.0.1:81")) && loopback.udp.is_free(at("127.0.0.1:80")));
    }
}
