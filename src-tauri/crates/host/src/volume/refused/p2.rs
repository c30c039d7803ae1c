//! The functions of WASI 0.2.

use wasmtime::{
    StoreContextMut,
    component::{Linker, Resource},
};
use wasmtime_wasi::{
    filesystem::{Descriptor, WasiFilesystemView as _},
    p2::bindings::filesystem::types::{
        DescriptorFlags, ErrorCode, HostDescriptor as _, OpenFlags, PathFlags,
    },
};

use super::{Asked, Change, Refusal, tell};
use crate::{scoped::answer, store::State};

/// As Wasmtime defines it; what guests import of compatible versions is the same.
const TYPES: &str = "wasi:filesystem/types@0.2.12";

pub(super) fn define(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    define_open(linker)?;
    for (name, change) in [
        ("[method]descriptor.create-directory-at", Change::CreateDirectory),
        ("[method]descriptor.remove-directory-at", Change::RemoveDirectory),
        ("[method]descriptor.unlink-file-at", Change::UnlinkFile),
    ] {
        define_change(linker, name, change)?;
    }
    define_rename(linker)?;
    define_symlink(linker)
}

type Cx<'a> = StoreContextMut<'a, State>;

fn define_open(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    type Args = (Resource<Descriptor>, PathFlags, String, OpenFlags, DescriptorFlags);
    let mut types = linker.instance(TYPES)?;
    types.func_wrap_async(
        "[method]descriptor.open-at",
        |mut cx: Cx<'_>, (folder, path_flags, path, how, flags): Args| {
            Box::new(async move {
                let is_change = how.intersects(OpenFlags::CREATE | OpenFlags::TRUNCATE)
                    || flags.intersects(DescriptorFlags::WRITE | DescriptorFlags::MUTATE_DIRECTORY);
                let asked = Asked::open(&folder, &path, is_change);
                let opened = cx.data_mut().filesystem().open_at(folder, path_flags, path, how, flags).await;
                let (opened,) = answer(opened)?;
                match &opened {
                    Ok(descriptor) => cx.data_mut().folders.opened(&asked, descriptor.rep()),
                    Err(code) => tell(cx.data(), &asked, refusal(*code)),
                }
                Ok((opened,))
            })
        },
    )
}

fn define_change(linker: &mut Linker<State>, name: &str, change: Change) -> wasmtime::Result<()> {
    let mut types = linker.instance(TYPES)?;
    types.func_wrap_async(name, move |mut cx: Cx<'_>, (folder, path): (Resource<Descriptor>, String)| {
        Box::new(async move {
            let asked = Asked::change(&folder, &path);
            let mut files = cx.data_mut().filesystem();
            let done = match change {
                Change::CreateDirectory => files.create_directory_at(folder, path).await,
                Change::RemoveDirectory => files.remove_directory_at(folder, path).await,
                Change::UnlinkFile => files.unlink_file_at(folder, path).await,
            };
            told(cx.data(), &asked, answer(done)?)
        })
    })
}

fn define_rename(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    type Args = (Resource<Descriptor>, String, Resource<Descriptor>, String);
    let mut types = linker.instance(TYPES)?;
    types.func_wrap_async(
        "[method]descriptor.rename-at",
        |mut cx: Cx<'_>, (folder, path, new_folder, new_path): Args| {
            Box::new(async move {
                let (from, to) = (Asked::change(&folder, &path), Asked::change(&new_folder, &new_path));
                let renamed = cx.data_mut().filesystem().rename_at(folder, path, new_folder, new_path).await;
                let done = answer(renamed)?;
                // Either of the two may be what is refused.
                if let (Err(code),) = done {
                    tell(cx.data(), &to, refusal(code));
                }
                told(cx.data(), &from, done)
            })
        },
    )
}

fn define_symlink(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    type Args = (Resource<Descriptor>, String, String);
    let mut types = linker.instance(TYPES)?;
    types.func_wrap_async("[method]descriptor.symlink-at", |mut cx: Cx<'_>, (folder, target, path): Args| {
        Box::new(async move {
            let asked = Asked::change(&folder, &path);
            let done = cx.data_mut().filesystem().symlink_at(folder, target, path).await;
            told(cx.data(), &asked, answer(done)?)
        })
    })
}

/// What was done, after it is told if it was refused.
fn told(
    state: &State,
    asked: &Asked,
    done: (Result<(), ErrorCode>,),
) -> wasmtime::Result<(Result<(), ErrorCode>,)> {
    if let (Err(code),) = done {
        tell(state, asked, refusal(code));
    }
    Ok(done)
}

fn refusal(code: ErrorCode) -> Option<Refusal> {
    match code {
        ErrorCode::NotPermitted => Some(Refusal::NotPermitted),
        ErrorCode::Access | ErrorCode::ReadOnly => Some(Refusal::NoAccess),
        _ => None,
    }
}
