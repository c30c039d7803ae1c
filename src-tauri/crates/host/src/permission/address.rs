//! Which addresses mean something else to everyone who asks.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Whether an address lies in this machine or its own network, or is none of a single host: whatever
/// a public name may not stand for. From the IANA registries of special-purpose addresses (RFC 6890).
pub(crate) fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_private_v4(address),
        IpAddr::V6(address) => is_private_v6(address),
    }
}

fn is_private_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    address.is_loopback()
        || address.is_private()
        || address.is_link_local()
        || address.is_multicast()
        || address.is_documentation()
        || a == 0
        // Shared by the customers of a provider (RFC 6598).
        || (a == 100 && (64..128).contains(&b))
        || (a, b, c) == (192, 0, 0)
        // For measuring network devices (RFC 2544).
        || (a == 198 && (18..20).contains(&b))
        // Reserved, and broadcast.
        || a >= 240
}

fn is_private_v6(address: Ipv6Addr) -> bool {
    let segments = address.segments();
    let [first, second, ..] = segments;
    let embedded = match segments {
        // Mapped and compatible IPv4 addresses.
        [0, 0, 0, 0, 0, 0 | 0xffff, high, low] => Some((high, low)),
        // Translated ones: NAT64, well-known and local prefix (RFC 6052, RFC 8215).
        [0x64, 0xff9b, .., high, low] => Some((high, low)),
        // 6to4 (RFC 3056).
        [0x2002, high, low, ..] => Some((high, low)),
        _ => None,
    };
    let is_embedded_private = embedded
        .is_some_and(|(high, low)| is_private_v4(Ipv4Addr::from((u32::from(high) << 16) | u32::from(low))));
    is_embedded_private
        || address.is_loopback()
        || address.is_unspecified()
        || address.is_multicast()
        || address.is_unique_local()
        || address.is_unicast_link_local()
        // Site-local addresses, which are out of use, and documentation.
        || first & 0xffc0 == 0xfec0
        || (first, second) == (0x2001, 0xdb8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_only_means_something_here_is_private() {
        for text in [
            "127.0.0.1",
            "10.1.2.3",
            "172.31.255.255",
            "192.168.0.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "224.0.0.1",
            "255.255.255.255",
            "::1",
            "::",
            "fe80::1",
            "fd00::1",
            "ff02::1",
            "::ffff:10.0.0.1",
            "64:ff9b::7f00:1",
            "2002:7f00:1::",
        ] {
            assert!(is_private(text.parse().unwrap()), "{text}");
        }
        for text in ["1.1.1.1", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "2002:101:101::"] {
            assert!(!is_private(text.parse().unwrap()), "{text}");
        }
    }
}
