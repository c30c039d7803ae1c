//! `wasi:sockets/ip-name-lookup`: names are looked up only for components that may use them.

use std::{
    net::IpAddr,
    pin::Pin,
    task::{Context, Poll, Waker},
    vec,
};

use wasmtime::{
    StoreContextMut,
    component::{Accessor, LinkerInstance, Resource, ResourceType},
};
use wasmtime_wasi::{
    p2::{
        DynPollable, Network, Pollable,
        bindings::sockets::network::{ErrorCode, IpAddress},
        subscribe,
    },
    p3::bindings::sockets::{ip_name_lookup::ErrorCode as ErrorCodeP3, types::IpAddress as IpAddressP3},
};

use crate::{permission::Refused, store::State};

type Cx<'a> = StoreContextMut<'a, State>;

/// A lookup of WASI 0.2, under way or done.
enum Lookup {
    Pending(Pin<Box<dyn Future<Output = Result<Vec<IpAddr>, Refused>> + Send>>),
    Done(Result<vec::IntoIter<IpAddr>, Refused>),
}

impl Lookup {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<&mut Result<vec::IntoIter<IpAddr>, Refused>> {
        if let Self::Pending(future) = self {
            let Poll::Ready(found) = future.as_mut().poll(cx) else { return Poll::Pending };
            *self = Self::Done(found.map(Vec::into_iter));
        }
        match self {
            Self::Pending(_) => Poll::Pending,
            Self::Done(found) => Poll::Ready(found),
        }
    }

    fn next(&mut self) -> Result<Option<IpAddress>, ErrorCode> {
        match self.poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Pending => Err(ErrorCode::WouldBlock),
            Poll::Ready(Ok(addresses)) => Ok(addresses.next().map(IpAddress::from)),
            Poll::Ready(Err(Refused::Denied)) => Err(ErrorCode::AccessDenied),
            Poll::Ready(Err(Refused::NotFound)) => Err(ErrorCode::NameUnresolvable),
        }
    }
}

#[wasmtime_wasi::async_trait]
impl Pollable for Lookup {
    async fn ready(&mut self) {
        std::future::poll_fn(|cx| self.poll(cx).map(|_| ())).await;
    }
}

pub(super) fn define(instance: &mut LinkerInstance<'_, State>, place: usize) -> wasmtime::Result<()> {
    instance.resource("resolve-address-stream", ResourceType::host::<Lookup>(), |mut cx, rep| {
        cx.data_mut().table.delete(Resource::<Lookup>::new_own(rep))?;
        Ok(())
    })?;
    instance.func_wrap(
        "resolve-addresses",
        move |mut cx: Cx<'_>, (_, name): (Resource<Network>, String)| {
            let Some(asker) = cx.data().gate.asker(place).cloned() else {
                return Ok((Err(ErrorCode::AccessDenied),));
            };
            let mut lookup = Lookup::Pending(Box::pin(async move { asker.look_up(&name).await }));
            // Wasmtime runs host functions on a thread of Tokio's, which looking up needs.
            if let Poll::Ready(Err(Refused::Denied)) = lookup.poll(&mut Context::from_waker(Waker::noop())) {
                return Ok((Err(ErrorCode::AccessDenied),));
            }
            Ok((Ok(cx.data_mut().table.push(lookup)?),))
        },
    )?;
    instance.func_wrap(
        "[method]resolve-address-stream.resolve-next-address",
        |mut cx: Cx<'_>, (lookup,): (Resource<Lookup>,)| Ok((cx.data_mut().table.get_mut(&lookup)?.next(),)),
    )?;
    instance.func_wrap(
        "[method]resolve-address-stream.subscribe",
        |mut cx: Cx<'_>, (lookup,): (Resource<Lookup>,)| -> wasmtime::Result<(Resource<DynPollable>,)> {
            Ok((subscribe(&mut cx.data_mut().table, lookup)?,))
        },
    )
}

pub(super) fn define_p3(instance: &mut LinkerInstance<'_, State>, place: usize) -> wasmtime::Result<()> {
    instance.func_wrap_concurrent(
        "resolve-addresses",
        move |accessor: &Accessor<State>, (name,): (String,)| {
            Box::pin(async move {
                let asker = accessor.with(|mut access| access.get().gate.asker(place).cloned());
                let found = match asker {
                    Some(asker) => asker.look_up(&name).await,
                    None => Err(Refused::Denied),
                };
                let found = found
                    .map(|addresses| addresses.into_iter().map(IpAddressP3::from).collect::<Vec<_>>())
                    .map_err(|refused| match refused {
                        Refused::Denied => ErrorCodeP3::AccessDenied,
                        Refused::NotFound => ErrorCodeP3::NameUnresolvable,
                    });
                Ok((found,))
            })
        },
    )
}
