//! Names and connections. By `wasi:sockets` itself, which every toolchain has.

use wasip2::io::streams::{InputStream, OutputStream, StreamError};
use wasip2::sockets::instance_network::instance_network;
use wasip2::sockets::ip_name_lookup::resolve_addresses;
use wasip2::sockets::network::ErrorCode;
use wasip2::sockets::tcp::{ShutdownType, TcpSocket};
use wasip2::sockets::tcp_create_socket::create_tcp_socket;

use super::address::{family, ip, parse, plain, text, wasi};

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
    let address = parse(address)?;
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
    let address = parse(address)?;
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
    for_each_connection(place, |input, output| {
        while let Some(bytes) = read(input)? {
            println!("received {} bytes", bytes.len());
            write(output, &bytes)?;
        }
        Ok(())
    })
}

/// Answers every request of HTTP with the line that it begins with, for ever.
#[allow(dead_code, reason = "only one of the components that share this is a service")]
pub(crate) fn serve_http(place: &str) -> Result<(), String> {
    for_each_connection(place, |input, output| {
        let mut request = Vec::new();
        while !request.ends_with(b"\r\n\r\n") {
            let Some(bytes) = read(input)? else { return Ok(()) };
            request.extend(bytes);
        }
        let request = String::from_utf8_lossy(&request);
        let line = request.lines().next().unwrap_or_default();
        println!("asked for {line}");
        let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close", line.len());
        write(output, format!("{head}\r\n\r\n{line}").as_bytes())
    })
}

#[allow(dead_code, reason = "only one of the components that share this is a service")]
fn for_each_connection(
    place: &str,
    talk: impl Fn(&InputStream, &OutputStream) -> Result<(), String>,
) -> Result<(), String> {
    let socket = listen(place)?;
    println!("listening on {}", plain(socket.local_address().map_err(text)?));
    loop {
        let (connection, input, output) = until_done(&socket, || socket.accept()).map_err(text)?;
        talk(&input, &output)?;
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
