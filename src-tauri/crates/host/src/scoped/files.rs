//! `wasi:filesystem/preopens`: the volumes that a component may use.

use wasmtime::{
    StoreContextMut,
    component::{LinkerInstance, ResourceTable},
};
use wasmtime_wasi::{
    filesystem::{WasiFilesystemCtx, WasiFilesystemCtxView},
    p2, p3,
};

use crate::store::State;

pub(super) fn define_preopens(
    instance: &mut LinkerInstance<'_, State>,
    place: usize,
) -> wasmtime::Result<()> {
    instance.func_wrap("get-directories", move |mut cx: StoreContextMut<'_, State>, ()| {
        let (mut ctx, table) = files(cx.data_mut(), place);
        let mut view = WasiFilesystemCtxView { ctx: &mut ctx, table };
        let directories = p2::bindings::filesystem::preopens::Host::get_directories(&mut view)?;
        let folders = &mut cx.data_mut().folders;
        directories.iter().for_each(|(directory, path)| folders.given(directory.rep(), place, path));
        Ok((directories,))
    })
}

pub(super) fn define_preopens_p3(
    instance: &mut LinkerInstance<'_, State>,
    place: usize,
) -> wasmtime::Result<()> {
    instance.func_wrap("get-directories", move |mut cx: StoreContextMut<'_, State>, ()| {
        let (mut ctx, table) = files(cx.data_mut(), place);
        let mut view = WasiFilesystemCtxView { ctx: &mut ctx, table };
        let directories = p3::bindings::filesystem::preopens::Host::get_directories(&mut view)?;
        let folders = &mut cx.data_mut().folders;
        directories.iter().for_each(|(directory, path)| folders.given(directory.rep(), place, path));
        Ok((directories,))
    })
}

fn files(state: &mut State, place: usize) -> (WasiFilesystemCtx, &mut ResourceTable) {
    let files = state.members.get(place).map(|member| member.files.clone());
    (files.unwrap_or_default(), &mut state.table)
}
