//! The loopback network of one workload.
//!
//! Inside of a workload, `127.0.0.1`, `::1` and, for listening, the unspecified addresses mean the
//! workload itself: its components find one another there, two workloads can use the same port, and
//! nothing of this machine is there unless it is granted by its address.
//!
//! Wasmtime's sockets are the system's, so each port of such a network is a port of this machine's
//! loopback interface, chosen by the system; the functions here translate. What always holds: a
//! component can connect only to where a component of the same workload listens, and a listener only
//! gets the connections of those, which it knows by their ports ([`Loopback::expect`]). Other programs
//! of this machine can open a connection to such a port, and it is closed before a component sees it.

mod p2;
mod p3;

use std::{
    collections::{HashMap, HashSet},
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use tokio::net::{TcpSocket, TcpStream};
use wasmtime::component::Linker;

use crate::{permission::address_of, store::State};

/// Where ports are taken from that a component leaves to be chosen, if the one of the system is taken.
const FIRST_DYNAMIC_PORT: u16 = 49152;
/// How long a connection may wait to be accepted.
const PATIENCE: Duration = Duration::from_secs(60);

/// Puts the translation in the place of what Wasmtime defines for 0.2.
pub(crate) fn define_p2(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    shadowing(linker, p2::define)
}

/// As [`define_p2`], for 0.3.
pub(crate) fn define_p3(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    shadowing(linker, p3::define)
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

/// Who listens and who connects inside of one workload.
#[derive(Debug, Default)]
pub(crate) struct Loopback(Mutex<Ports>);

#[derive(Debug, Default)]
struct Ports {
    /// For an address as components know it, the one of this machine.
    real: HashMap<SocketAddr, SocketAddr>,
    /// The other way.
    known: HashMap<SocketAddr, SocketAddr>,
    /// Ends of connections that components are making, and since when.
    expected: HashMap<SocketAddr, Instant>,
}

impl Loopback {
    fn ports(&self) -> MutexGuard<'_, Ports> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a component could listen at `wanted`, an address as components know it.
    fn is_free(&self, wanted: SocketAddr) -> bool {
        wanted.port() == 0 || !self.ports().real.contains_key(&own(wanted))
    }

    /// Gives a bound address of this machine the name under which components know it: `wanted`, or a free
    /// port if that is 0. None if the name is taken.
    fn claim(&self, wanted: SocketAddr, real: SocketAddr) -> Option<SocketAddr> {
        let mut ports = self.ports();
        let candidates = match wanted.port() {
            0 => [real.port()].into_iter().chain(FIRST_DYNAMIC_PORT..=u16::MAX).collect(),
            port => vec![port],
        };
        let names = candidates.into_iter().map(|port| own(SocketAddr::new(wanted.ip(), port)));
        let name = names.into_iter().find(|name| !ports.real.contains_key(name))?;
        ports.real.insert(name, real);
        ports.known.insert(real, name);
        Some(name)
    }

    /// Nobody listens there any more.
    fn release(&self, real: SocketAddr) {
        let mut ports = self.ports();
        if let Some(known) = ports.known.remove(&real) {
            ports.real.remove(&known);
        }
    }

    /// Where on this machine a component listens that is known to listen at `known`.
    fn real_of(&self, known: SocketAddr) -> Option<SocketAddr> {
        self.ports().real.get(&own(known)).copied()
    }

    /// How components know an address of this machine.
    fn known_of(&self, real: SocketAddr) -> SocketAddr {
        self.ports().known.get(&real).copied().unwrap_or(real)
    }

    /// A component is about to connect from this address of this machine to another component.
    fn expect(&self, client: SocketAddr) {
        let now = Instant::now();
        let mut ports = self.ports();
        ports.expected.retain(|_, since| now.duration_since(*since) < PATIENCE);
        ports.expected.insert(own(client), now);
    }

    /// Connects to a component of the workload that listens at a host and port as components know them.
    /// None if nobody does.
    pub(crate) async fn dial(&self, host: &str, port: u16) -> Option<io::Result<TcpStream>> {
        let ip = match address_of(host) {
            None if host.eq_ignore_ascii_case("localhost") => IpAddr::V4(Ipv4Addr::LOCALHOST),
            address => address.filter(IpAddr::is_loopback)?,
        };
        let real = self.real_of(SocketAddr::new(ip, port))?;
        let dialed = async {
            let socket = if real.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
            socket.bind(any_port(real))?;
            self.expect(socket.local_addr()?);
            socket.connect(real).await
        };
        Some(dialed.await)
    }

    /// That someone listens, and someone connects.
    #[cfg(test)]
    pub(crate) fn announce_for_tests(&self, listener: SocketAddr, client: SocketAddr) {
        self.claim(listener, listener).expect("a free port");
        self.expect(client);
    }

    /// Whether a component of the workload listens at an address of this machine.
    pub(crate) fn listens(&self, real: SocketAddr) -> bool {
        self.ports().known.contains_key(&real)
    }

    /// Whether a connection from an address of this machine comes from a component of the workload. Asked
    /// once for each connection.
    pub(crate) fn admits(&self, client: SocketAddr) -> bool {
        let since = self.ports().expected.remove(&client);
        since.is_some_and(|since| since.elapsed() < PATIENCE)
    }
}

/// The ports that the sockets of one store hold. When the store goes, so do they.
#[derive(Debug, Default)]
pub(crate) struct Held {
    ports: Vec<(Arc<Loopback>, SocketAddr)>,
    /// Sockets that are connecting to the workload itself, where nobody listens.
    calling_nobody: HashSet<u32>,
}

impl Held {
    fn hold(&mut self, loopback: &Arc<Loopback>, real: SocketAddr) {
        self.ports.push((Arc::clone(loopback), real));
    }

    /// A socket begins to connect to where nobody listens.
    fn calls_nobody(&mut self, socket: u32) {
        self.calling_nobody.insert(socket);
    }

    /// Whether a socket did so, which is told once.
    fn called_nobody(&mut self, socket: u32) -> bool {
        self.calling_nobody.remove(&socket)
    }

    fn let_go(&mut self, real: SocketAddr) {
        self.ports.retain(|(loopback, held)| {
            if *held == real {
                loopback.release(real);
            }
            *held != real
        });
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.ports.drain(..).for_each(|(loopback, real)| loopback.release(real));
    }
}

/// Whether binding to an address means to be reached inside of the workload. A socket that leaves all to
/// the system may as well be about to connect to somewhere else.
fn is_own_to_bind(address: SocketAddr) -> bool {
    address.ip().is_loopback() || (address.ip().is_unspecified() && address.port() != 0)
}

/// The one address for all that mean the workload's own.
fn own(address: SocketAddr) -> SocketAddr {
    SocketAddr::new(loopback_like(address), address.port())
}

/// The loopback address of the same family.
fn loopback_like(address: SocketAddr) -> IpAddr {
    match address {
        SocketAddr::V4(_) => IpAddr::V4(Ipv4Addr::LOCALHOST),
        SocketAddr::V6(_) => IpAddr::V6(Ipv6Addr::LOCALHOST),
    }
}

/// Where on this machine to bind instead: a port that the system chooses.
fn any_port(address: SocketAddr) -> SocketAddr {
    SocketAddr::new(loopback_like(address), 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> SocketAddr {
        text.parse().unwrap()
    }

    #[test]
    fn a_port_is_known_by_its_name_until_it_is_released() {
        let loopback = Loopback::default();
        assert_eq!(loopback.real_of(at("127.0.0.1:80")), None);
        assert!(loopback.is_free(at("0.0.0.0:80")));
        assert_eq!(loopback.claim(at("0.0.0.0:80"), at("127.0.0.1:5000")), Some(at("127.0.0.1:80")));
        assert_eq!(loopback.real_of(at("127.0.0.1:80")), Some(at("127.0.0.1:5000")));
        assert_eq!(loopback.known_of(at("127.0.0.1:5000")), at("127.0.0.1:80"));
        assert!(loopback.listens(at("127.0.0.1:5000")) && !loopback.listens(at("127.0.0.1:80")));
        assert!(!loopback.is_free(at("127.0.0.1:80")));
        assert_eq!(loopback.claim(at("127.0.0.1:80"), at("127.0.0.1:5001")), None);
        assert!(loopback.is_free(at("[::1]:80")), "another family");
        loopback.release(at("127.0.0.1:5000"));
        assert!(loopback.is_free(at("127.0.0.1:80")) && !loopback.listens(at("127.0.0.1:5000")));
    }

    #[test]
    fn a_port_that_is_left_open_is_one_that_is_free() {
        let loopback = Loopback::default();
        assert_eq!(loopback.claim(at("127.0.0.1:5001"), at("127.0.0.1:5000")), Some(at("127.0.0.1:5001")));
        assert_eq!(loopback.claim(at("127.0.0.1:0"), at("127.0.0.1:5001")), Some(at("127.0.0.1:49152")));
    }

    #[test]
    fn only_who_was_announced_is_admitted_and_only_once() {
        let loopback = Loopback::default();
        assert!(!loopback.admits(at("127.0.0.1:6000")));
        loopback.expect(at("0.0.0.0:6000"));
        assert!(!loopback.admits(at("127.0.0.2:6000")));
        assert!(loopback.admits(at("127.0.0.1:6000")));
        assert!(!loopback.admits(at("127.0.0.1:6000")));
    }

    #[test]
    fn what_a_store_holds_goes_with_it() {
        let loopback = Arc::new(Loopback::default());
        let mut held = Held::default();
        for (known, real) in [("127.0.0.1:80", "127.0.0.1:5000"), ("127.0.0.1:81", "127.0.0.1:5001")] {
            loopback.claim(at(known), at(real)).unwrap();
            held.hold(&loopback, at(real));
        }
        held.let_go(at("127.0.0.1:5000"));
        assert!(loopback.is_free(at("127.0.0.1:80")) && !loopback.is_free(at("127.0.0.1:81")));
        drop(held);
        assert!(loopback.is_free(at("127.0.0.1:81")));
    }
}
