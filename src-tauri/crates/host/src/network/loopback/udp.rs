//! Who can be sent datagrams inside of one workload.
//!
//! Every socket of a workload that is bound without naming an interface of this machine has a place here, also
//! one that only wants to send: whoever gets a datagram from it must know whose it is.

use std::{
    collections::{HashSet, VecDeque},
    io,
    net::{IpAddr, SocketAddr, UdpSocket},
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use super::names::{Names, any_port, own};

/// How often to try to bind, if another program takes the port that was reserved.
pub(super) const ATTEMPTS: usize = 8;
/// How long datagrams may be under way to or from a socket that is closed by now.
const LINGERING: Duration = Duration::from_secs(10);
/// How many closed sockets are remembered for that.
const MAX_GONE: usize = 1024;

/// The sockets of a workload that take datagrams.
#[derive(Debug, Default)]
pub(crate) struct Udp(Mutex<Table>);

#[derive(Debug, Default)]
struct Table {
    sockets: Names,
    /// Addresses of this machine to which sockets are being bound.
    taking: HashSet<SocketAddr>,
    /// Sockets that were closed: their address, their name, and when. The latest comes last.
    gone: VecDeque<(SocketAddr, SocketAddr, Instant)>,
}

impl Table {
    fn lately(&self) -> impl Iterator<Item = (SocketAddr, SocketAddr)> {
        let gone = self.gone.iter().rev().take_while(|(_, _, when)| when.elapsed() < LINGERING);
        gone.map(|(real, known, _)| (*real, *known))
    }
}

/// Where a datagram goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// To a socket of the workload, at this address of this machine.
    Own(SocketAddr),
    /// To a socket of the workload that is closed by now, and so nowhere, which its sender cannot know.
    Nowhere,
    /// To where nobody of the workload ever was.
    Elsewhere(SocketAddr),
}

impl Udp {
    fn table(&self) -> MutexGuard<'_, Table> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a component could be reached at `wanted`, an address as components know it.
    pub(super) fn is_free(&self, wanted: SocketAddr) -> bool {
        self.table().sockets.is_free(wanted)
    }

    /// A free address of this machine for a socket, which may be bound to as long as the result lives. It has
    /// a port of its own, because the system forgets one that it chose when the socket is disconnected.
    ///
    /// # Errors
    /// If this machine has no port left.
    pub(super) fn reserve(&self, wanted: SocketAddr) -> io::Result<Reserved<'_>> {
        let any = match wanted.ip().is_unspecified() {
            true => SocketAddr::new(wanted.ip(), 0),
            false => any_port(wanted),
        };
        let real = UdpSocket::bind(any)?.local_addr()?;
        self.table().taking.insert(real);
        Ok(Reserved { udp: self, real })
    }

    /// Whether a socket is being bound to an address of this machine.
    pub(crate) fn is_reserved(&self, real: SocketAddr) -> bool {
        self.table().taking.contains(&real)
    }

    /// Gives a bound address of this machine its name: [`Names::claim`].
    pub(super) fn claim(&self, wanted: SocketAddr, real: SocketAddr) -> Option<SocketAddr> {
        self.table().sockets.claim(wanted, own(real))
    }

    /// The socket there is closed.
    pub(super) fn release(&self, real: SocketAddr) {
        let mut table = self.table();
        let real = own(real);
        let Some(known) = table.sockets.release(real) else { return };
        if table.gone.len() >= MAX_GONE {
            table.gone.pop_front();
        }
        table.gone.push_back((real, known, Instant::now()));
    }

    /// Where a datagram goes that a component sends to an address as components know it.
    pub(super) fn way_to(&self, wanted: SocketAddr) -> Way {
        if !wanted.ip().is_loopback() {
            return Way::Elsewhere(wanted);
        }
        let table = self.table();
        match table.sockets.real_of(wanted) {
            Some(real) => Way::Own(real),
            None if table.lately().any(|(_, known)| known == own(wanted)) => Way::Nowhere,
            None => Way::Elsewhere(wanted),
        }
    }

    /// How components know an address of this machine, which may be the unspecified one.
    pub(super) fn known_of(&self, real: SocketAddr) -> SocketAddr {
        let table = self.table();
        let at = if real.ip().is_unspecified() { own(real) } else { real };
        let lately = || table.lately().find(|(real, _)| *real == at).map(|(_, known)| known);
        let known = table.sockets.known_of(at).or_else(lately);
        known.map_or(real, |known| SocketAddr::new(ip_of(real, known), known.port()))
    }

    /// Whether a socket of the workload is at an address of this machine.
    pub(crate) fn is_there(&self, real: SocketAddr) -> bool {
        self.table().sockets.known_of(real).is_some()
    }

    /// Whether a datagram from an address of this machine comes from a component of the workload.
    pub(crate) fn admits(&self, real: SocketAddr) -> bool {
        let table = self.table();
        table.sockets.known_of(real).is_some() || table.lately().any(|(gone, _)| gone == real)
    }
}

/// Whether binding to an address means to be reached inside of the workload, and not at one interface of this
/// machine.
pub(super) fn is_own_to_bind(address: SocketAddr) -> bool {
    address.ip().is_loopback() || address.ip().is_unspecified()
}

/// What a component is told of an address: that it bound to all, if it did.
fn ip_of(real: SocketAddr, known: SocketAddr) -> IpAddr {
    if real.ip().is_unspecified() { real.ip() } else { known.ip() }
}

/// An address that is kept for a socket until it is bound.
pub(super) struct Reserved<'a> {
    udp: &'a Udp,
    pub(super) real: SocketAddr,
}

impl Drop for Reserved<'_> {
    fn drop(&mut self) {
        self.udp.table().taking.remove(&self.real);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> SocketAddr {
        text.parse().unwrap()
    }

    #[test]
    fn a_socket_has_a_name_and_is_remembered_for_what_is_under_way() {
        let udp = Udp::default();
        assert_eq!(udp.way_to(at("127.0.0.1:53")), Way::Elsewhere(at("127.0.0.1:53")));
        assert_eq!(udp.claim(at("0.0.0.0:53"), at("0.0.0.0:5000")), Some(at("127.0.0.1:53")));
        assert_eq!(udp.way_to(at("127.0.0.9:53")), Way::Own(at("127.0.0.1:5000")));
        assert_eq!(udp.known_of(at("0.0.0.0:5000")), at("0.0.0.0:53"), "as it was bound");
        assert_eq!(udp.known_of(at("127.0.0.1:5000")), at("127.0.0.1:53"), "as others see it");
        assert!(udp.is_there(at("127.0.0.1:5000")) && udp.admits(at("127.0.0.1:5000")));
        udp.release(at("0.0.0.0:5000"));
        assert!(udp.is_free(at("127.0.0.1:53")));
        assert_eq!(udp.way_to(at("127.0.0.1:53")), Way::Nowhere);
        assert_eq!(udp.known_of(at("127.0.0.1:5000")), at("127.0.0.1:53"));
        assert!(!udp.is_there(at("127.0.0.1:5000")) && udp.admits(at("127.0.0.1:5000")));
    }

    #[test]
    fn an_address_of_elsewhere_is_nobodys_of_the_workload() {
        let udp = Udp::default();
        udp.claim(at("127.0.0.1:53"), at("127.0.0.1:5000")).unwrap();
        for other in ["10.0.0.1:5000", "127.0.0.2:5000", "127.0.0.1:53", "[::1]:5000"] {
            assert!(!udp.is_there(at(other)) && !udp.admits(at(other)), "{other}");
        }
        assert_eq!(udp.way_to(at("10.0.0.1:53")), Way::Elsewhere(at("10.0.0.1:53")));
    }

    #[test]
    fn an_address_is_reserved_until_it_is_taken() {
        let udp = Udp::default();
        let reserved = udp.reserve(at("127.0.0.1:53")).unwrap();
        let real = reserved.real;
        assert!(real.ip().is_loopback() && real.port() != 0 && udp.is_reserved(real));
        drop(reserved);
        assert!(!udp.is_reserved(real));
        assert!(udp.reserve(at("0.0.0.0:53")).unwrap().real.ip().is_unspecified());
    }

    #[test]
    fn not_every_closed_socket_is_remembered() {
        let udp = Udp::default();
        for port in 1..=2000 {
            let address = SocketAddr::new(at("127.0.0.1:0").ip(), port);
            udp.claim(address, address).unwrap();
            udp.release(address);
        }
        assert_eq!(udp.table().gone.len(), MAX_GONE);
        assert!(udp.admits(at("127.0.0.1:2000")) && !udp.admits(at("127.0.0.1:1")));
    }
}
