//! The translation for datagrams of WASI 0.3.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    pin::pin,
    task::{Context, Poll, Waker},
};

use wasmtime::{
    StoreContextMut,
    component::{Accessor, Linker, Resource, ResourceType},
};
use wasmtime_wasi::{
    p3::{
        bindings::sockets::types::{
            ErrorCode, HostUdpSocket, HostUdpSocketWithStore, IpAddressFamily, IpSocketAddress,
        },
        sockets::{SocketError, SocketResult},
    },
    sockets::{UdpSocket, WasiSockets, WasiSocketsView},
};

use super::{
    again,
    udp::{ATTEMPTS, Way, is_own_to_bind},
};
use crate::{scoped::answer, store::State};

/// The interface, in the version that Wasmtime defines.
const TYPES: &str = "wasi:sockets/types@0.3.0";

type Cx<'a> = StoreContextMut<'a, State>;
type ToAddress = (Resource<UdpSocket>, IpSocketAddress);
type ToSend = (Resource<UdpSocket>, Vec<u8>, Option<IpSocketAddress>);

pub(super) fn define(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    let mut types = linker.instance(TYPES)?;
    types.resource("udp-socket", ResourceType::host::<UdpSocket>(), |mut cx, rep| {
        drop_socket(cx.data_mut(), rep)
    })?;
    types.func_wrap_async("[method]udp-socket.bind", |mut cx: Cx<'_>, (socket, to): ToAddress| {
        Box::new(async move { answer(bind(cx.data_mut(), &socket, to.into()).await) })
    })?;
    types.func_wrap_async("[method]udp-socket.connect", |mut cx: Cx<'_>, (socket, to): ToAddress| {
        Box::new(async move { answer(connect(cx.data_mut(), &socket, to.into()).await) })
    })?;
    types.func_wrap_concurrent(
        "[method]udp-socket.send",
        |accessor: &Accessor<State>, (socket, data, to): ToSend| {
            Box::pin(async move { answer(send(accessor, &socket, data, to).await) })
        },
    )?;
    types.func_wrap_concurrent(
        "[method]udp-socket.receive",
        |accessor: &Accessor<State>, (socket,): (Resource<UdpSocket>,)| {
            Box::pin(async move { answer(receive(accessor, socket).await) })
        },
    )?;
    types.func_wrap(
        "[method]udp-socket.get-local-address",
        |mut cx: Cx<'_>, (socket,): (Resource<UdpSocket>,)| {
            let address = HostUdpSocket::get_local_address(&mut cx.data_mut().sockets(), socket);
            answer(address.map(|address| known(cx.data(), address)))
        },
    )?;
    types.func_wrap(
        "[method]udp-socket.get-remote-address",
        |mut cx: Cx<'_>, (socket,): (Resource<UdpSocket>,)| {
            let address = HostUdpSocket::get_remote_address(&mut cx.data_mut().sockets(), socket);
            answer(address.map(|address| known(cx.data(), address)))
        },
    )
}

async fn bind(state: &mut State, socket: &Resource<UdpSocket>, wanted: SocketAddr) -> SocketResult<()> {
    if !is_own_to_bind(wanted) {
        return HostUdpSocket::bind(&mut state.sockets(), again(socket), wanted.into()).await;
    }
    let loopback = state.loopback();
    if !loopback.udp.is_free(wanted) {
        return Err(ErrorCode::AddressInUse.into());
    }
    for _ in 0..ATTEMPTS {
        let reserved = loopback.udp.reserve(wanted).map_err(|_| ErrorCode::AddressInUse)?;
        let bound = HostUdpSocket::bind(&mut state.sockets(), again(socket), reserved.real.into()).await;
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

/// Binds a socket that the system would bind when it is used, so that others can know whose it is.
async fn bind_if_needed(state: &mut State, socket: &Resource<UdpSocket>) -> SocketResult<()> {
    if HostUdpSocket::get_local_address(&mut state.sockets(), again(socket)).is_ok() {
        return Ok(());
    }
    let any: IpAddr = match HostUdpSocket::get_address_family(&mut state.sockets(), again(socket)) {
        Ok(IpAddressFamily::Ipv4) => Ipv4Addr::UNSPECIFIED.into(),
        Ok(IpAddressFamily::Ipv6) => Ipv6Addr::UNSPECIFIED.into(),
        Err(error) => return Err(SocketError::trap(error)),
    };
    bind(state, socket, SocketAddr::new(any, 0)).await
}

async fn connect(state: &mut State, socket: &Resource<UdpSocket>, wanted: SocketAddr) -> SocketResult<()> {
    let way = state.loopback().udp.way_to(wanted);
    let address = match way {
        Way::Own(address) | Way::Elsewhere(address) => address,
        Way::Nowhere => return Err(ErrorCode::ConnectionRefused.into()),
    };
    bind_if_needed(state, socket).await?;
    let connected = HostUdpSocket::connect(&mut state.sockets(), again(socket), address.into()).await;
    connected.map_err(|error| refused(error, way))
}

async fn send(
    accessor: &Accessor<State>,
    socket: &Resource<UdpSocket>,
    data: Vec<u8>,
    wanted: Option<IpSocketAddress>,
) -> SocketResult<()> {
    let way = accessor.with(|mut access| {
        let state = access.get();
        // The permission to bind is decided without waiting, and the rest is the system's.
        match pin!(bind_if_needed(state, socket)).poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(bound) => bound?,
            Poll::Pending => return Err(SocketError::from(ErrorCode::Other(None))),
        }
        Ok(wanted.map(|wanted| state.loopback().udp.way_to(wanted.into())))
    })?;
    let address = match way {
        None => None,
        Some(Way::Own(address) | Way::Elsewhere(address)) => Some(address.into()),
        // Nobody tells the sender.
        Some(Way::Nowhere) => return Ok(()),
    };
    let accessor = accessor.with_getter::<WasiSockets>(WasiSocketsView::sockets);
    let sent = <WasiSockets as HostUdpSocketWithStore<State>>::send(&accessor, again(socket), data, address);
    sent.await.map_err(|error| match way {
        Some(way) => refused(error, way),
        None => error,
    })
}

async fn receive(
    accessor: &Accessor<State>,
    socket: Resource<UdpSocket>,
) -> SocketResult<(Vec<u8>, IpSocketAddress)> {
    let sockets = accessor.with_getter::<WasiSockets>(WasiSocketsView::sockets);
    let (data, from) = <WasiSockets as HostUdpSocketWithStore<State>>::receive(&sockets, socket).await?;
    Ok((data, accessor.with(|mut access| known(access.get(), from))))
}

/// Where nobody is nothing is taken, whether the component could be granted to send there or not.
fn refused(error: SocketError, way: Way) -> SocketError {
    match (error.downcast_ref(), way) {
        (Some(ErrorCode::AccessDenied), Way::Elsewhere(to)) if to.ip().is_loopback() => {
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
