//! Datagrams.

use wasip2::sockets::instance_network::instance_network;
use wasip2::sockets::network::ErrorCode;
use wasip2::sockets::udp::{
    IncomingDatagram, IncomingDatagramStream, OutgoingDatagram, OutgoingDatagramStream, UdpSocket,
};
use wasip2::sockets::udp_create_socket::create_udp_socket;

use super::address::{family, parse, plain, text, wasi};

/// Sends a text to an address in one datagram, and gives back the one that comes, and from where.
pub(super) fn ask(address: &str, words: &str) -> Result<String, String> {
    let to = parse(address)?;
    let socket = bind(if to.is_ipv4() { "0.0.0.0:0" } else { "[::]:0" })?;
    let (incoming, outgoing) = socket.stream(Some(wasi(to))).map_err(text)?;
    send(&outgoing, OutgoingDatagram { data: words.as_bytes().to_vec(), remote_address: None })?;
    let datagram = receive(&incoming)?;
    let from = plain(datagram.remote_address);
    Ok(format!("{} from {from}", String::from_utf8_lossy(&datagram.data)))
}

/// Sends a text to an address and waits for nothing.
pub(super) fn tell(address: &str, words: &str) -> Result<String, String> {
    let to = parse(address)?;
    let socket = bind(if to.is_ipv4() { "127.0.0.1:0" } else { "[::1]:0" })?;
    let (_incoming, outgoing) = socket.stream(None).map_err(text)?;
    let data = words.as_bytes().to_vec();
    send(&outgoing, OutgoingDatagram { data, remote_address: Some(wasi(to)) })?;
    Ok(String::new())
}

/// Takes datagrams at an address for a moment, and tells which it is.
pub(super) fn take(address: &str) -> Result<String, String> {
    let socket = bind(address)?;
    let told = plain(socket.local_address().map_err(text)?).to_string();
    // Whether it was connected for a while makes no difference.
    drop(socket.stream(Some(wasi(parse(&told.replace("0.0.0.0", "127.0.0.1"))?))).map_err(text)?);
    drop(socket.stream(None).map_err(text)?);
    let again = plain(socket.local_address().map_err(text)?);
    if again.to_string() == told { Ok(told) } else { Err(format!("it was {told} and is {again}")) }
}

/// Answers every datagram with what is in it, for ever. At a port of `127.0.0.1`, or at an address.
#[allow(dead_code, reason = "only one of the components that share this is a service")]
pub(crate) fn serve_datagrams(place: &str) -> Result<(), String> {
    let socket = bind(place)?;
    println!("taking datagrams at {}", plain(socket.local_address().map_err(text)?));
    let (incoming, outgoing) = socket.stream(None).map_err(text)?;
    loop {
        let IncomingDatagram { data, remote_address } = receive(&incoming)?;
        println!("received {} bytes", data.len());
        let answer = OutgoingDatagram { data, remote_address: Some(remote_address) };
        // Whoever asked may be gone.
        if let Err(problem) = send(&outgoing, answer) {
            println!("cannot answer: {problem}");
        }
    }
}

fn bind(address: &str) -> Result<UdpSocket, String> {
    let address = parse(address)?;
    let socket = create_udp_socket(family(address)).map_err(text)?;
    socket.start_bind(&instance_network(), wasi(address)).map_err(text)?;
    loop {
        match socket.finish_bind() {
            Err(ErrorCode::WouldBlock) => socket.subscribe().block(),
            bound => return bound.map(|()| socket).map_err(text),
        }
    }
}

fn send(outgoing: &OutgoingDatagramStream, datagram: OutgoingDatagram) -> Result<(), String> {
    loop {
        if outgoing.check_send().map_err(text)? == 0 {
            outgoing.subscribe().block();
        } else if outgoing.send(std::slice::from_ref(&datagram)).map_err(text)? == 1 {
            return Ok(());
        }
    }
}

fn receive(incoming: &IncomingDatagramStream) -> Result<IncomingDatagram, String> {
    loop {
        match incoming.receive(1).map_err(text)?.pop() {
            Some(datagram) => return Ok(datagram),
            None => incoming.subscribe().block(),
        }
    }
}
