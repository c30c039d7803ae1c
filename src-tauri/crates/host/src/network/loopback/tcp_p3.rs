//! The translation for connections of WASI 0.3.

use std::net::SocketAddr;

use wasmtime::{
    StoreContextMut,
    component::{Accessor, Linker, Resource, ResourceType},
};
use wasmtime_wasi::{
    p3::{
        bindings::sockets::types::{ErrorCode, HostTcpSocket, HostTcpSocketWithStore, IpSocketAddress},
        sockets::SocketResult,
    },
    sockets::{TcpSocket, WasiSockets, WasiSocketsView},
};

use super::{again, is_own_to_listen, names::any_port};
use crate::{scoped::answer, store::State};

/// The interface, in the version that Wasmtime defines.
const TYPES: &str = "wasi:sockets/types@0.3.0";

type Cx<'a> = StoreContextMut<'a, State>;
type ToAddress = (Resource<TcpSocket>, IpSocketAddress);

pub(super) fn define(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    let mut types = linker.instance(TYPES)?;
    types.resource("tcp-socket", ResourceType::host::<TcpSocket>(), |mut cx, rep| {
        drop_socket(cx.data_mut(), rep)
    })?;
    types.func_wrap_async("[method]tcp-socket.bind", |mut cx: Cx<'_>, (socket, to): ToAddress| {
        Box::new(async move { answer(bind(cx.data_mut(), &socket, to.into()).await) })
    })?;
    types.func_wrap_concurrent(
        "[method]tcp-socket.connect",
        |accessor: &Accessor<State>, (socket, to): ToAddress| {
            Box::pin(async move { answer(connect(accessor, &socket, to.into()).await) })
        },
    )?;
    types.func_wrap(
        "[method]tcp-socket.get-local-address",
        |mut cx: Cx<'_>, (socket,): (Resource<TcpSocket>,)| {
            let address = cx.data_mut().sockets().get_local_address(socket);
            answer(address.map(|address| known(cx.data(), address)))
        },
    )?;
    types.func_wrap(
        "[method]tcp-socket.get-remote-address",
        |mut cx: Cx<'_>, (socket,): (Resource<TcpSocket>,)| {
            let address = cx.data_mut().sockets().get_remote_address(socket);
            answer(address.map(|address| known(cx.data(), address)))
        },
    )
}

async fn bind(state: &mut State, socket: &Resource<TcpSocket>, wanted: SocketAddr) -> SocketResult<()> {
    if !is_own_to_listen(wanted) {
        return state.sockets().bind(again(socket), wanted.into()).await;
    }
    let loopback = state.loopback();
    if !loopback.tcp.is_free(wanted) {
        return Err(ErrorCode::AddressInUse.into());
    }
    state.sockets().bind(again(socket), any_port(wanted).into()).await?;
    let real = SocketAddr::from(state.sockets().get_local_address(again(socket))?);
    loopback.tcp.claim(wanted, real).ok_or(ErrorCode::AddressInUse)?;
    state.held.hold_listener(&loopback, real);
    Ok(())
}

async fn connect(
    accessor: &Accessor<State>,
    socket: &Resource<TcpSocket>,
    wanted: SocketAddr,
) -> SocketResult<()> {
    let real = accessor.with(|mut access| access.get().loopback().tcp.real_of(wanted));
    let target = match real.filter(|_| wanted.ip().is_loopback()) {
        Some(real) => {
            accessor.with(|mut access| announce(access.get(), socket, real))?;
            real
        }
        None => wanted,
    };
    let accessor = accessor.with_getter::<WasiSockets>(WasiSocketsView::sockets);
    let connected =
        <WasiSockets as HostTcpSocketWithStore<State>>::connect(&accessor, again(socket), target.into())
            .await;
    // Where nobody listens a connection is refused, whether the component could be granted one there or not.
    connected.map_err(|error| match error.downcast_ref() {
        Some(ErrorCode::AccessDenied) if real.is_none() && wanted.ip().is_loopback() => {
            ErrorCode::ConnectionRefused.into()
        }
        _ => error,
    })
}

/// Binds now what the system would bind later, so that the listener can know who comes.
fn announce(state: &mut State, socket: &Resource<TcpSocket>, real: SocketAddr) -> SocketResult<()> {
    if state.sockets().get_local_address(again(socket)).is_err() {
        let mut sockets = state.sockets();
        let binding = std::pin::pin!(sockets.bind(again(socket), any_port(real).into()));
        // The permission to bind is decided without waiting, and the rest is the system's.
        match binding.poll(&mut std::task::Context::from_waker(std::task::Waker::noop())) {
            std::task::Poll::Ready(bound) => bound?,
            std::task::Poll::Pending => return Err(ErrorCode::Other(None).into()),
        }
    }
    let client = state.sockets().get_local_address(again(socket))?;
    state.loopback().tcp.expect(client.into());
    Ok(())
}

fn drop_socket(state: &mut State, rep: u32) -> wasmtime::Result<()> {
    let socket = Resource::<TcpSocket>::new_own(rep);
    // A socket with another side is at the address of the listener that it came from, and does not hold
    // it.
    if state.sockets().get_remote_address(again(&socket)).is_err()
        && let Ok(address) = state.sockets().get_local_address(again(&socket))
    {
        state.held.let_listener_go(address.into());
    }
    state.sockets().drop(socket)
}

fn known(state: &State, address: IpSocketAddress) -> IpSocketAddress {
    state.loopback().tcp.known_of(address.into()).into()
}
