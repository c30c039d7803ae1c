//! Making sockets of WASI 0.2. A socket keeps the check of the component that made it.

use wasmtime::{StoreContextMut, component::LinkerInstance};
use wasmtime_wasi::{
    p2::bindings::sockets::{
        network::IpAddressFamily, tcp_create_socket::Host as _, udp_create_socket::Host as _,
    },
    sockets::{WasiSocketsCtx, WasiSocketsCtxView},
};

use super::answer;
use crate::{network::sockets_of, store::State};

pub(super) fn define_tcp(instance: &mut LinkerInstance<'_, State>, place: usize) -> wasmtime::Result<()> {
    instance.func_wrap(
        "create-tcp-socket",
        move |mut cx: StoreContextMut<'_, State>, (family,): (IpAddressFamily,)| {
            let mut ctx = sockets(cx.data(), place);
            let mut view = WasiSocketsCtxView { ctx: &mut ctx, table: &mut cx.data_mut().table };
            answer(view.create_tcp_socket(family))
        },
    )
}

pub(super) fn define_udp(instance: &mut LinkerInstance<'_, State>, place: usize) -> wasmtime::Result<()> {
    instance.func_wrap_async(
        "create-udp-socket",
        move |mut cx: StoreContextMut<'_, State>, (family,): (IpAddressFamily,)| {
            Box::new(async move {
                let mut ctx = sockets(cx.data(), place);
                let mut view = WasiSocketsCtxView { ctx: &mut ctx, table: &mut cx.data_mut().table };
                answer(view.create_udp_socket(family).await)
            })
        },
    )
}

/// The sockets of a member; without one, they can do nothing.
fn sockets(state: &State, place: usize) -> WasiSocketsCtx {
    state.gate.asker(place).cloned().map(sockets_of).unwrap_or_default()
}
