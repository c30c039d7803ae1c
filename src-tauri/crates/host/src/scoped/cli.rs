//! `wasi:cli`: environment, arguments, exit and the standard streams.

use wasmtime::{
    StoreContextMut,
    component::{Access, LinkerInstance, Resource, StreamReader},
};
use wasmtime_wasi::{
    I32Exit,
    cli::{StdinStream, StdoutStream, WasiCli, WasiCliView},
    p2::{DynInputStream, DynOutputStream},
    p3::bindings::cli::{stderr, stdin, stdout},
};

use crate::{
    stdio::LineStream,
    store::{MemberStdio, State},
};

type Cx<'a> = StoreContextMut<'a, State>;

pub(super) fn define_environment(
    instance: &mut LinkerInstance<'_, State>,
    place: usize,
) -> wasmtime::Result<()> {
    define_variables_and_arguments(instance, place)?;
    instance.func_wrap("initial-cwd", |_: Cx<'_>, ()| Ok((None::<String>,)))
}

pub(super) fn define_environment_p3(
    instance: &mut LinkerInstance<'_, State>,
    place: usize,
) -> wasmtime::Result<()> {
    define_variables_and_arguments(instance, place)?;
    instance.func_wrap("get-initial-cwd", |_: Cx<'_>, ()| Ok((None::<String>,)))
}

fn define_variables_and_arguments(
    instance: &mut LinkerInstance<'_, State>,
    place: usize,
) -> wasmtime::Result<()> {
    instance.func_wrap("get-environment", move |cx: Cx<'_>, ()| {
        let member = cx.data().members.get(place);
        Ok((member.map(|member| member.env.clone()).unwrap_or_default(),))
    })?;
    instance.func_wrap("get-arguments", move |cx: Cx<'_>, ()| {
        let member = cx.data().members.get(place);
        Ok((member.map(|member| member.args.clone()).unwrap_or_default(),))
    })
}

pub(super) fn define_exit(instance: &mut LinkerInstance<'_, State>, _: usize) -> wasmtime::Result<()> {
    instance.func_wrap("exit", |_: Cx<'_>, (status,): (Result<(), ()>,)| {
        Err::<(), _>(wasmtime::Error::from(I32Exit(i32::from(status.is_err()))))
    })?;
    instance.func_wrap("exit-with-code", |_: Cx<'_>, (code,): (u8,)| {
        Err::<(), _>(wasmtime::Error::from(I32Exit(i32::from(code))))
    })
}

pub(super) fn define_stdin(instance: &mut LinkerInstance<'_, State>, place: usize) -> wasmtime::Result<()> {
    instance.func_wrap("get-stdin", move |mut cx: Cx<'_>, ()| {
        let stream: DynInputStream = stdio(&cx, place)?.stdin.p2_stream();
        Ok((cx.data_mut().table.push(stream)?,))
    })
}

pub(super) fn define_stdout(instance: &mut LinkerInstance<'_, State>, place: usize) -> wasmtime::Result<()> {
    instance.func_wrap("get-stdout", move |mut cx: Cx<'_>, ()| {
        let stream = stdio(&cx, place)?.stdout.clone();
        push_output(cx.data_mut(), &stream)
    })
}

pub(super) fn define_stderr(instance: &mut LinkerInstance<'_, State>, place: usize) -> wasmtime::Result<()> {
    instance.func_wrap("get-stderr", move |mut cx: Cx<'_>, ()| {
        let stream = stdio(&cx, place)?.stderr.clone();
        push_output(cx.data_mut(), &stream)
    })
}

fn stdio<'a>(cx: &'a Cx<'_>, place: usize) -> wasmtime::Result<&'a MemberStdio> {
    cx.data().stdio().get(place).ok_or_else(|| wasmtime::format_err!("the store has no such member"))
}

fn push_output(state: &mut State, stream: &LineStream) -> wasmtime::Result<(Resource<DynOutputStream>,)> {
    Ok((state.table.push(stream.p2_stream())?,))
}

pub(super) fn define_stdin_p3(
    instance: &mut LinkerInstance<'_, State>,
    place: usize,
) -> wasmtime::Result<()> {
    instance.func_wrap("read-via-stream", move |cx: Cx<'_>, ()| {
        Ok((<WasiCli as stdin::HostWithStore<State>>::read_via_stream(acting(cx, place))?,))
    })
}

pub(super) fn define_stdout_p3(
    instance: &mut LinkerInstance<'_, State>,
    place: usize,
) -> wasmtime::Result<()> {
    instance.func_wrap("write-via-stream", move |cx: Cx<'_>, (data,): (StreamReader<u8>,)| {
        Ok((<WasiCli as stdout::HostWithStore<State>>::write_via_stream(acting(cx, place), data)?,))
    })
}

pub(super) fn define_stderr_p3(
    instance: &mut LinkerInstance<'_, State>,
    place: usize,
) -> wasmtime::Result<()> {
    instance.func_wrap("write-via-stream", move |cx: Cx<'_>, (data,): (StreamReader<u8>,)| {
        Ok((<WasiCli as stderr::HostWithStore<State>>::write_via_stream(acting(cx, place), data)?,))
    })
}

/// The streams of the member at `place`, for functions that ask for them before they return.
fn acting(cx: Cx<'_>, place: usize) -> Access<'_, State, WasiCli> {
    cx.data().acting.set(place);
    Access::new(cx, |state: &mut State| state.cli())
}
