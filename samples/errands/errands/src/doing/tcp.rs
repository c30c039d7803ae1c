//! Names and connections. By `wasi:sockets` itself, which every toolchain has.

use std::net::{IpAddr, SocketAddr};

use wasip2::io::streams::{InputStream, OutputStream, StreamError};
use wasip2::sockets::instance_network::instance_network;
use wasip2::sockets::ip_name_lookup::resolve_addresses;
use wasip2::sockets::network::{
    ErrorCode, IpAddress, IpAddressFamily, IpSocketAddress, Ipv4SocketAddress, Ipv6SocketAddress,
};
use wasip2::sockets::tcp::{ShutdownType, TcpSocket};
use wasip2::sockets::tcp_create_socket::create_tcp_socket;

const MAX_READ_IN_BYTES: u64 = 4096;

/// The addresses of a name, each on a line.
pub(super) fn look_up(name: &str) -> Result<String, String> {
    let found = resolve_addresses(&instance_network(), name).map_err(text)?;
    let mut addresses = String::new();
    loop {
        match found.resolve_next_address() {
            Ok(Some(address)) => addresses.push_str(&format!("{}\n", ip(address))),
            Ok(None) => return Ok(addresses),
            Err(ErrorCode::WouldBlock) => found.subscribe().block(),
            Err(error) => return Err(text(error)),
        }
    }
}

/// Sends a text to an address, and gives back what comes until the other side has said all.
pub(super) fn send(address: &str, words: &str) -> Result<String, String> {
    let address: SocketAddr = address.parse().map_err(|_| "that is no address")?;
    let socket = create_tcp_socket(family(address)).map_err(text)?;
    socket.start_connect(&instance_network(), wasi(address)).map_err(text)?;
    let (input, output) = until_done(&socket, || socket.finish_connect()).map_err(text)?;
    write(&output, words.as_bytes())?;
    socket.shutdown(ShutdownType::Send).map_err(text)?;
    let mut all = Vec::new();
    while let Some(bytes) = read(&input)? {
        all.extend(bytes);
    }
    Ok(String::from_utf8_lossy(&all).into_owned())
}

/// Listens at an address.
pub(super) fn listen(address: &str) -> Result<TcpSocket, String> {
    let address: SocketAddr = address.parse().map_err(|_| "that is no address")?;
    let socket = create_tcp_socket(family(address)).map_err(text)?;
    socket.start_bind(&instance_network(), wasi(address)).map_err(text)?;
    until_done(&socket, || socket.finish_bind()).map_err(text)?;
    socket.start_listen().map_err(text)?;
    until_done(&socket, || socket.finish_listen()).map_err(text)?;
    Ok(socket)
}

/// Answers every connection with what it sends, for ever. At a port of `127.0.0.1`, or at an address.
#[allow(dead_code, reason = "only one of the components that share this is a service")]
pub(crate) fn serve(place: &str) -> Result<(), String> {
    let is_address = place.contains(':');
    let socket = if is_address { listen(place) } else { listen(&format!("127.0.0.1:{place}")) }?;
    println!("listening on {}", plain(socket.local_address().map_err(text)?));
    loop {
        let (connection, input, output) = until_done(&socket, || socket.accept()).map_err(text)?;
        while let Some(bytes) = read(&input)? {
            println!("received {} bytes", bytes.len());
            write(&output, &bytes)?;
        }
        drop((input, output, connection));
    }
}

fn until_done<T>(
    socket: &TcpSocket,
    mut attempt: impl FnMut() -> Result<T, ErrorCode>,
) -> Result<T, ErrorCode> {
    loop {
        match attempt() {
            Err(ErrorCode::WouldBlock) => socket.subscribe().block(),
            result => return result,
        }
    }
}

fn read(input: &InputStream) -> Result<Option<Vec<u8>>, String> {
    match input.blocking_read(MAX_READ_IN_BYTES) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(StreamError::Closed) => Ok(None),
        Err(error) => Err(error.to_string()),
    }
}

fn write(output: &OutputStream, bytes: &[u8]) -> Result<(), String> {
    output.blocking_write_and_flush(bytes).map_err(|error| error.to_string())
}

fn text(error: ErrorCode) -> String {
    error.name().to_owned()
}

fn family(address: SocketAddr) -> IpAddressFamily {
    match address {
        SocketAddr::V4(_) => IpAddressFamily::Ipv4,
        SocketAddr::V6(_) => IpAddressFamily::Ipv6,
    }
}

fn wasi(address: SocketAddr) -> IpSocketAddress {
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

fn plain(address: IpSocketAddress) -> SocketAddr {
    match address {
        IpSocketAddress::Ipv4(address) => SocketAddr::new(ip(IpAddress::Ipv4(address.address)), address.port),
        IpSocketAddress::Ipv6(address) => SocketAddr::new(ip(IpAddress::Ipv6(address.address)), address.port),
    }
}

fn ip(address: IpAddress) -> IpAddr {
    match address {
        IpAddress::Ipv4((a, b, c, d)) => IpAddr::from([a, b, c, d]),
        IpAddress::Ipv6((a, b, c, d, e, f, g, h)) => IpAddr::from([a, b, c, d, e, f, g, h]),
    }
}
