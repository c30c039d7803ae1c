//! Addresses, as this program and as WASI know them.

use std::net::{IpAddr, SocketAddr};

use wasip2::sockets::network::{
    ErrorCode, IpAddress, IpAddressFamily, IpSocketAddress, Ipv4SocketAddress, Ipv6SocketAddress,
};

/// An address, or a port of `127.0.0.1`.
pub(super) fn parse(place: &str) -> Result<SocketAddr, String> {
    let parsed = match place.contains(':') {
        true => place.parse(),
        false => format!("127.0.0.1:{place}").parse(),
    };
    parsed.map_err(|_| "that is no address".to_owned())
}

pub(super) fn text(error: ErrorCode) -> String {
    error.name().to_owned()
}

pub(super) fn family(address: SocketAddr) -> IpAddressFamily {
    match address {
        SocketAddr::V4(_) => IpAddressFamily::Ipv4,
        SocketAddr::V6(_) => IpAddressFamily::Ipv6,
    }
}

pub(super) fn wasi(address: SocketAddr) -> IpSocketAddress {
    match address {
        SocketAddr::V4(address) => {
            let [a, b, c, d] = address.ip().octets();
            IpSocketAddress::Ipv4(Ipv4SocketAddress { port: address.port(), address: (a, b, c, d) })
        }
        SocketAddr::V6(address) => {
            let [a, b, c, d, e, f, g, h] = address.ip().segments();
            IpSocketAddress::Ipv6(Ipv6SocketAddress {
                port: address.port(),
                flow_info: address.flowinfo(),
                address: (a, b, c, d, e, f, g, h),
                scope_id: address.scope_id(),
            })
        }
    }
}

pub(super) fn plain(address: IpSocketAddress) -> SocketAddr {
    match address {
        IpSocketAddress::Ipv4(address) => SocketAddr::new(ip(IpAddress::Ipv4(address.address)), address.port),
        IpSocketAddress::Ipv6(address) => SocketAddr::new(ip(IpAddress::Ipv6(address.address)), address.port),
    }
}

pub(super) fn ip(address: IpAddress) -> IpAddr {
    match address {
        IpAddress::Ipv4((a, b, c, d)) => IpAddr::from([a, b, c, d]),
        IpAddress::Ipv6((a, b, c, d, e, f, g, h)) => IpAddr::from([a, b, c, d, e, f, g, h]),
    }
}
