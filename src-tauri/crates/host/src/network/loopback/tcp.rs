//! Who listens and who connects inside of one workload.

use std::{
    collections::HashMap,
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use tokio::net::{TcpSocket, TcpStream};

use super::names::{Names, any_port, own};
use crate::permission::address_of;

/// How long a connection may wait to be accepted.
const PATIENCE: Duration = Duration::from_secs(60);

/// The listeners and connections of a workload.
#[derive(Debug, Default)]
pub(crate) struct Tcp(Mutex<Table>);

#[derive(Debug, Default)]
struct Table {
    listeners: Names,
    /// Ends of connections that components are making, and since when.
    expected: HashMap<SocketAddr, Instant>,
}

impl Tcp {
    fn table(&self) -> MutexGuard<'_, Table> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a component could listen at `wanted`, an address as components know it.
    pub(super) fn is_free(&self, wanted: SocketAddr) -> bool {
        self.table().listeners.is_free(wanted)
    }

    /// Gives a bound address of this machine its name: [`Names::claim`].
    pub(super) fn claim(&self, wanted: SocketAddr, real: SocketAddr) -> Option<SocketAddr> {
        self.table().listeners.claim(wanted, real)
    }

    /// Nobody listens there any more.
    pub(super) fn release(&self, real: SocketAddr) {
        self.table().listeners.release(real);
    }

    /// Where on this machine a component listens that is known to listen at `known`.
    pub(super) fn real_of(&self, known: SocketAddr) -> Option<SocketAddr> {
        self.table().listeners.real_of(known)
    }

    /// How components know an address of this machine.
    pub(super) fn known_of(&self, real: SocketAddr) -> SocketAddr {
        self.table().listeners.known_of(real).unwrap_or(real)
    }

    /// A component is about to connect from this address of this machine to another component.
    pub(super) fn expect(&self, client: SocketAddr) {
        let now = Instant::now();
        let mut table = self.table();
        table.expected.retain(|_, since| now.duration_since(*since) < PATIENCE);
        table.expected.insert(own(client), now);
    }

    /// Connects to a component of the workload that listens at a host and port as components know them.
    /// None if nobody does.
    pub(crate) async fn dial(&self, host: &str, port: u16) -> Option<io::Result<TcpStream>> {
        let mut places = own_addresses(host).iter().map(|address| SocketAddr::new(*address, port));
        let real = places.find_map(|place| self.real_of(place))?;
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
        self.table().listeners.known_of(real).is_some()
    }

    /// Whether a connection from an address of this machine comes from a component of the workload. Asked
    /// once for each connection.
    pub(crate) fn admits(&self, client: SocketAddr) -> bool {
        let since = self.table().expected.remove(&client);
        since.is_some_and(|since| since.elapsed() < PATIENCE)
    }
}

/// Whether a host is of the workload's own network.
pub(crate) fn is_own_host(host: &str) -> bool {
    !own_addresses(host).is_empty()
}

/// The addresses that a host has in the workload's own network.
fn own_addresses(host: &str) -> &'static [IpAddr] {
    const OWN: [IpAddr; 2] = [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)];
    let [v4, v6] = &OWN;
    match address_of(host) {
        None if host.eq_ignore_ascii_case("localhost") => &OWN,
        Some(address) if address.is_loopback() => {
            std::slice::from_ref(if address.is_ipv4() { v4 } else { v6 })
        }
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> SocketAddr {
        text.parse().unwrap()
    }

    #[test]
    fn only_who_was_announced_is_admitted_and_only_once() {
        let tcp = Tcp::default();
        assert!(!tcp.admits(at("127.0.0.1:6000")));
        tcp.expect(at("0.0.0.0:6000"));
        assert!(!tcp.admits(at("127.0.0.2:6000")));
        assert!(tcp.admits(at("127.0.0.1:6000")));
        assert!(!tcp.admits(at("127.0.0.1:6000")));
    }

    #[test]
    fn a_host_of_the_own_network_is_told_from_others() {
        for own in ["LocalHost", "127.0.0.2", "[::1]", "::1"] {
            assert!(is_own_host(own), "{own}");
        }
        for other in ["10.0.0.1", "example.com", "localhost.example.com", ""] {
            assert!(!is_own_host(other), "{other}");
        }
        assert_eq!(own_addresses("127.0.0.2"), [at("127.0.0.1:0").ip()]);
        assert_eq!(own_addresses("localhost").len(), 2);
    }
}
