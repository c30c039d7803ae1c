//! The translation for datagrams of WASI 0.2.

use std::net::SocketAddr;

use wasmtime::{
    StoreContextMut,
    component::{Linker, Resource, ResourceType},
};
use wasmtime_wasi::{
    p2::{
        Network, SocketResult, UdpSocket,
        bindings::sockets::{
            network::{ErrorCode, IpSocketAddress},
            udp::{
                HostIncomingDatagramStream, HostOutgoingDatagramStream, HostUdpSocket, IncomingDatagram,
                IncomingDatagramStream, OutgoingDatagram, OutgoingDatagramStream,
            },
        },
    },
    sockets::WasiSocketsView,
};

use super::{
    again,
    udp::{ATTEMPTS, Way, is_own_to_bind},
};
use crate::{scoped::answer, store::State};

/// The interface, in the version that Wasmtime defines.
const UDP: &str = "wasi:sockets/udp@0.2.12";

type Cx<'a> = StoreContextMut<'a, State>;
type ToBind = (Resource<UdpSocket>, Resource<Network>, IpSocketAddress);
type Streams = (Resource<IncomingDatagramStream>, Resource<OutgoingDatagramStream>);

pub(super) fn define(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    let mut udp = linker.instance(UDP)?;
    udp.resource("udp-socket", ResourceType::host::<UdpSocket>(), |mut cx, rep| {
        drop_socket(cx.data_mut(), rep)
    })?;
    udp.func_wrap_async("[method]udp-socket.start-bind", |mut cx: Cx<'_>, (socket, network, to): ToBind| {
        Box::new(async move { answer(start_bind(cx.data_mut(), &socket, &network, to.into()).await) })
    })?;
    type ToStream = (Resource<UdpSocket>, Option<IpSocketAddress>);
    udp.func_wrap_async("[method]udp-socket.stream", |mut cx: Cx<'_>, (socket, to): ToStream| {
        Box::new(async move { answer(stream(cx.data_mut(), socket, to).await) })
    })?;
    udp.func_wrap(
        "[method]udp-socket.local-address",
        |mut cx: Cx<'_>, (socket,): (Resource<UdpSocket>,)| {
            let address = HostUdpSocket::local_address(&mut cx.data_mut().sockets(), socket);
            answer(address.map(|address| known(cx.data(), address)))
        },
    )?;
    udp.func_wrap(
        "[method]udp-socket.remote-address",
        |mut cx: Cx<'_>, (socket,): (Resource<UdpSocket>,)| {
            let address = HostUdpSocket::remote_address(&mut cx.data_mut().sockets(), socket);
            answer(address.map(|address| known(cx.data(), address)))
        },
    )?;
    udp.func_wrap(
        "[method]incoming-datagram-stream.receive",
        |mut cx: Cx<'_>, (stream, most): (Resource<IncomingDatagramStream>, u64)| {
            answer(receive(cx.data_mut(), stream, most))
        },
    )?;
    udp.func_wrap(
        "[method]outgoing-datagram-stream.send",
        |mut cx: Cx<'_>, (stream, datagrams): (Resource<OutgoingDatagramStream>, Vec<OutgoingDatagram>)| {
            answer(send(cx.data_mut(), stream, datagrams))
        },
    )
}

async fn start_bind(
    state: &mut State,
    socket: &Resource<UdpSocket>,
    network: &Resource<Network>,
    wanted: SocketAddr,
) -> SocketResult<()> {
    if !is_own_to_bind(wanted) {
        return HostUdpSocket::start_bind(&mut state.sockets(), again(socket), again(network), wanted.into())
            .await;
    }
    let loopback = state.loopback();
    if !loopback.udp.is_free(wanted) {
        return Err(ErrorCode::AddressInUse.into());
    }
    for _ in 0..ATTEMPTS {
        let reserved = loopback.udp.reserve(wanted).map_err(|_| ErrorCode::AddressInUse)?;
        let address = reserved.real.into();
        let bound =
            HostUdpSocket::start_bind(&mut state.sockets(), again(socket), again(network), address).await;
        match bound {
            // Another program was quicker.
            Err(error) if matches!(error.downcast_ref(), Some(ErrorCode::AddressInUse)) => {}
            Err(error) => return Err(error),
            Ok(()) => {
                loopback.udp.claim(wanted, reserved.real).ok_or(ErrorCode::AddressInUse)?;
                state.held.hold_datagrams(&loopback, socket.rep(), reserved.real);
                return Ok(());
            }
        }
    }
    Err(ErrorCode::AddressInUse.into())
}

async fn stream(
    state: &mut State,
    socket: Resource<UdpSocket>,
    wanted: Option<IpSocketAddress>,
) -> SocketResult<Streams> {
    let loopback = state.loopback();
    let way = wanted.map(|wanted| loopback.udp.way_to(wanted.into()));
    let address = match way {
        None => None,
        Some(Way::Own(address) | Way::Elsewhere(address)) => Some(address.into()),
        Some(Way::Nowhere) => return Err(ErrorCode::ConnectionRefused.into()),
    };
    let streams = HostUdpSocket::stream(&mut state.sockets(), socket, address).await;
    streams.map_err(|error| refused(error, way))
}

fn receive(
    state: &mut State,
    stream: Resource<IncomingDatagramStream>,
    most: u64,
) -> SocketResult<Vec<IncomingDatagram>> {
    let mut datagrams = HostIncomingDatagramStream::receive(&mut state.sockets(), stream, most)?;
    for datagram in &mut datagrams {
        datagram.remote_address = known(state, datagram.remote_address);
    }
    Ok(datagrams)
}

/// Sends as many of the datagrams as go the same kind of way.
fn send(
    state: &mut State,
    stream: Resource<OutgoingDatagramStream>,
    mut datagrams: Vec<OutgoingDatagram>,
) -> SocketResult<u64> {
    let loopback = state.loopback();
    let way = |datagram: &OutgoingDatagram| {
        datagram.remote_address.map(|address| loopback.udp.way_to(address.into()))
    };
    let ways: Vec<Option<Way>> = datagrams.iter().map(way).collect();
    let is_lost = |way: &&Option<Way>| **way == Some(Way::Nowhere);
    let lost = ways.iter().take_while(is_lost).count();
    if lost > 0 {
        return Ok(lost as u64);
    }
    datagrams.truncate(ways.iter().take_while(|way| !is_lost(way)).count());
    for (datagram, way) in datagrams.iter_mut().zip(&ways) {
        if let Some(Way::Own(real)) = way {
            datagram.remote_address = Some((*real).into());
        }
    }
    let sent = HostOutgoingDatagramStream::send(&mut state.sockets(), stream, datagrams);
    sent.map_err(|error| refused(error, ways.first().copied().flatten()))
}

/// Where nobody is nothing is taken, whether the component could be granted to send there or not.
fn refused(error: wasmtime_wasi::p2::SocketError, way: Option<Way>) -> wasmtime_wasi::p2::SocketError {
    match (error.downcast_ref(), way) {
        (Some(ErrorCode::AccessDenied), Some(Way::Elsewhere(to))) if to.ip().is_loopback() => {
            ErrorCode::ConnectionRefused.into()
        }
        _ => error,
    }
}

fn drop_socket(state: &mut State, rep: u32) -> wasmtime::Result<()> {
    state.held.let_datagrams_go(rep);
    HostUdpSocket::drop(&mut state.sockets(), Resource::new_own(rep))
}

fn known(state: &State, address: IpSocketAddress) -> IpSocketAddress {
    state.loopback().udp.known_of(address.into()).into()
}
