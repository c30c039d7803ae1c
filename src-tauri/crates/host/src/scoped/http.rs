//! Outgoing requests of `wasi:http`, on behalf of the component that makes them.

use wasmtime::{
    StoreContextMut,
    component::{Accessor, LinkerInstance, Resource},
};
use wasmtime_wasi_http::{
    WasiHttp, WasiHttpView,
    p2::{
        bindings::http::{outgoing_handler::Host as _, types::RequestOptions},
        types::HostOutgoingRequest,
    },
    p3::{Request, bindings::http::client},
};

use super::answer;
use crate::store::State;

pub(super) fn define(instance: &mut LinkerInstance<'_, State>, place: usize) -> wasmtime::Result<()> {
    type Params = (Resource<HostOutgoingRequest>, Option<Resource<RequestOptions>>);
    instance.func_wrap("handle", move |mut cx: StoreContextMut<'_, State>, (request, options): Params| {
        cx.data().acting.set(place);
        let answer = cx.data_mut().http().handle(request, options);
        Ok((match answer {
            Ok(response) => Ok(response),
            Err(error) => Err(error.downcast()?),
        },))
    })
}

pub(super) fn define_p3(instance: &mut LinkerInstance<'_, State>, place: usize) -> wasmtime::Result<()> {
    instance.func_wrap_concurrent(
        "send",
        move |accessor: &Accessor<State>, (request,): (Resource<Request>,)| {
            Box::pin(async move {
                // `send` asks who acts before it waits for the first time, so nobody comes between.
                accessor.with(|mut access| access.get().acting.set(place));
                let accessor = accessor.with_getter::<WasiHttp>(WasiHttpView::http);
                answer(<WasiHttp as client::HostWithStore<State>>::send(&accessor, request).await)
            })
        },
    )
}
