//! The translation for connections of WASI 0.2.

use std::net::SocketAddr;

use wasmtime::{
    StoreContextMut,
    component::{Linker, Resource, ResourceType},
};
use wasmtime_wasi::{
    p2::{
        DynInputStream, DynOutputStream, Network, SocketResult, TcpSocket,
        bindings::sockets::{
            network::{ErrorCode, IpSocketAddress},
            tcp::HostTcpSocket,
        },
    },
    sockets::WasiSocketsView,
};

use super::{again, is_own_to_listen, names::any_port};
use crate::{scoped::answer, store::State};

/// The interface, in the version that Wasmtime defines.
const TCP: &str = "wasi:sockets/tcp@0.2.12";

type Cx<'a> = StoreContextMut<'a, State>;
type Streams = (Resource<DynInputStream>, Resource<DynOutputStream>);
type ToAddress = (Resource<TcpSocket>, Resource<Network>, IpSocketAddress);

pub(super) fn define(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    let mut tcp = linker.instance(TCP)?;
    tcp.resource("tcp-socket", ResourceType::host::<TcpSocket>(), |mut cx, rep| {
        drop_socket(cx.data_mut(), rep)
    })?;
    tcp.func_wrap_async(
        "[method]tcp-socket.start-bind",
        |mut cx: Cx<'_>, (socket, network, to): ToAddress| {
            Box::new(async move { answer(start_bind(cx.data_mut(), &socket, &network, to.into()).await) })
        },
    )?;
    tcp.func_wrap_async(
        "[method]tcp-socket.start-connect",
        |mut cx: Cx<'_>, (socket, network, to): ToAddress| {
            Box::new(async move { answer(start_connect(cx.data_mut(), &socket, &network, to.into()).await) })
        },
    )?;
    tcp.func_wrap(
        "[method]tcp-socket.finish-connect",
        |mut cx: Cx<'_>, (socket,): (Resource<TcpSocket>,)| answer(finish_connect(cx.data_mut(), &socket)),
    )?;
    tcp.func_wrap(
        "[method]tcp-socket.local-address",
        |mut cx: Cx<'_>, (socket,): (Resource<TcpSocket>,)| {
            let address = cx.data_mut().sockets().local_address(socket);
            answer(address.map(|address| known(cx.data(), address)))
        },
    )?;
    tcp.func_wrap("[method]tcp-socket.remote-address", |mut cx: Cx<'_>, (socket,): (Resource<TcpSocket>,)| {
        let address = cx.data_mut().sockets().remote_address(socket);
        answer(address.map(|address| known(cx.data(), address)))
    })
}

async fn start_bind(
    state: &mut State,
    socket: &Resource<TcpSocket>,
    network: &Resource<Network>,
    wanted: SocketAddr,
) -> SocketResult<()> {
    if !is_own_to_listen(wanted) {
        return state.sockets().start_bind(again(socket), again(network), wanted.into()).await;
    }
    let loopback = state.loopback();
    if !loopback.tcp.is_free(wanted) {
        return Err(ErrorCode::AddressInUse.into());
    }
    state.sockets().start_bind(again(socket), again(network), any_port(wanted).into()).await?;
    let real = SocketAddr::from(state.sockets().local_address(again(socket))?);
    loopback.tcp.claim(wanted, real).ok_or(ErrorCode::AddressInUse)?;
    state.held.hold_listener(&loopback, real);
    Ok(())
}

async fn start_connect(
    state: &mut State,
    socket: &Resource<TcpSocket>,
    network: &Resource<Network>,
    wanted: SocketAddr,
) -> SocketResult<()> {
    let loopback = state.loopback();
    let Some(real) = loopback.tcp.real_of(wanted).filter(|_| wanted.ip().is_loopback()) else {
        if wanted.ip().is_loopback() {
            state.held.calls_nobody(socket.rep());
        }
        return state.sockets().start_connect(again(socket), again(network), wanted.into());
    };
    // Bound now and not by the system later, so that the listener can know who comes.
    if state.sockets().local_address(again(socket)).is_err() {
        state.sockets().start_bind(again(socket), again(network), any_port(real).into()).await?;
        state.sockets().finish_bind(again(socket))?;
    }
    loopback.tcp.expect(state.sockets().local_address(again(socket))?.into());
    state.sockets().start_connect(again(socket), again(network), real.into())
}

/// Where nobody listens a connection is refused, whether the component could be granted one there or not.
fn finish_connect(state: &mut State, socket: &Resource<TcpSocket>) -> SocketResult<Streams> {
    let finished = state.sockets().finish_connect(again(socket));
    let error = match finished {
        Ok(streams) => return Ok(streams),
        Err(error) => error,
    };
    if matches!(error.downcast_ref(), Some(ErrorCode::WouldBlock)) {
        return Err(error);
    }
    let called_nobody = state.held.called_nobody(socket.rep());
    match error.downcast_ref() {
        Some(ErrorCode::AccessDenied) if called_nobody => Err(ErrorCode::ConnectionRefused.into()),
        _ => Err(error),
    }
}

fn drop_socket(state: &mut State, rep: u32) -> wasmtime::Result<()> {
    let socket = Resource::<TcpSocket>::new_own(rep);
    state.held.called_nobody(rep);
    // A socket with another side is at the address of the listener that it came from, and does not hold
    // it.
    if state.sockets().remote_address(again(&socket)).is_err()
        && let Ok(address) = state.sockets().local_address(again(&socket))
    {
        state.held.let_listener_go(address.into());
    }
    state.sockets().drop(socket)
}

fn known(state: &State, address: IpSocketAddress) -> IpSocketAddress {
    state.loopback().tcp.known_of(address.into()).into()
}
