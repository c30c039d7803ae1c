//! Under which addresses the sockets of a workload know one another.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
};

/// Where ports are taken from that a component leaves to be chosen, if the one of the system is taken.
const FIRST_DYNAMIC_PORT: u16 = 49152;

/// Names and addresses of sockets, both ways.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// For an address as components know it, the one of this machine.
    real: HashMap<SocketAddr, SocketAddr>,
    /// The other way.
    known: HashMap<SocketAddr, SocketAddr>,
}

impl Names {
    /// Whether a component could be reached at `wanted`, an address as components know it.
    pub(super) fn is_free(&self, wanted: SocketAddr) -> bool {
        wanted.port() == 0 || !self.real.contains_key(&own(wanted))
    }

    /// Gives an address of this machine the name under which components know it: `wanted`, or a free
    /// port if that is 0. None if the name is taken.
    pub(super) fn claim(&mut self, wanted: SocketAddr, real: SocketAddr) -> Option<SocketAddr> {
        let candidates = match wanted.port() {
            0 => [real.port()].into_iter().chain(FIRST_DYNAMIC_PORT..=u16::MAX).collect(),
            port => vec![port],
        };
        let mut names = candidates.into_iter().map(|port| own(SocketAddr::new(wanted.ip(), port)));
        let name = names.find(|name| !self.real.contains_key(name))?;
        self.real.insert(name, real);
        self.known.insert(real, name);
        Some(name)
    }

    /// Nobody is there any more. Gives the name that is free now.
    pub(super) fn release(&mut self, real: SocketAddr) -> Option<SocketAddr> {
        let known = self.known.remove(&real)?;
        self.real.remove(&known);
        Some(known)
    }

    /// Where on this machine a component is that is known to be at `known`.
    pub(super) fn real_of(&self, known: SocketAddr) -> Option<SocketAddr> {
        self.real.get(&own(known)).copied()
    }

    /// How components know an address of this machine, if a component is there.
    pub(super) fn known_of(&self, real: SocketAddr) -> Option<SocketAddr> {
        self.known.get(&real).copied()
    }
}

/// The one address for all that mean the workload's own.
pub(super) fn own(address: SocketAddr) -> SocketAddr {
    SocketAddr::new(loopback_like(address), address.port())
}

/// The loopback address of the same family.
pub(super) fn loopback_like(address: SocketAddr) -> IpAddr {
    match address {
        SocketAddr::V4(_) => IpAddr::V4(Ipv4Addr::LOCALHOST),
        SocketAddr::V6(_) => IpAddr::V6(Ipv6Addr::LOCALHOST),
    }
}

/// Where on this machine to bind instead: a port that the system chooses.
pub(super) fn any_port(address: SocketAddr) -> SocketAddr {
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
        let mut names = Names::default();
        assert_eq!(names.real_of(at("127.0.0.1:80")), None);
        assert!(names.is_free(at("0.0.0.0:80")));
        assert_eq!(names.claim(at("0.0.0.0:80"), at("127.0.0.1:5000")), Some(at("127.0.0.1:80")));
        assert_eq!(names.real_of(at("127.0.0.1:80")), Some(at("127.0.0.1:5000")));
        assert_eq!(names.known_of(at("127.0.0.1:5000")), Some(at("127.0.0.1:80")));
        assert_eq!(names.known_of(at("127.0.0.1:80")), None);
        assert!(!names.is_free(at("127.0.0.1:80")));
        assert_eq!(names.claim(at("127.0.0.1:80"), at("127.0.0.1:5001")), None);
        assert!(names.is_free(at("[::1]:80")), "another family");
        assert_eq!(names.release(at("127.0.0.1:5000")), Some(at("127.0.0.1:80")));
        assert!(names.is_free(at("127.0.0.1:80")) && names.known_of(at("127.0.0.1:5000")).is_none());
    }

    #[test]
    fn a_port_that_is_left_open_is_one_that_is_free() {
        let mut names = Names::default();
        assert_eq!(names.claim(at("127.0.0.1:5001"), at("127.0.0.1:5000")), Some(at("127.0.0.1:5001")));
        assert_eq!(names.claim(at("127.0.0.1:0"), at("127.0.0.1:5001")), Some(at("127.0.0.1:49152")));
    }
}
