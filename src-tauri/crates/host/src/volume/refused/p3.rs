//! The functions of WASI 0.3.

use std::pin::Pin;

use wasmtime::component::{Accessor, Linker, Resource};
use wasmtime_wasi::{
    filesystem::{Descriptor, WasiFilesystem, WasiFilesystemView as _},
    p3::bindings::filesystem::types::{
        DescriptorFlags, ErrorCode, HostDescriptorWithStore as Host, OpenFlags, PathFlags,
    },
};

use super::{Asked, Change, Refusal, tell};
use crate::{scoped::answer, store::State};

/// As Wasmtime defines it.
const TYPES: &str = "wasi:filesystem/types@0.3.0";

type Store<'a> = &'a Accessor<State>;
type Answer<'a, T> = Pin<Box<dyn Future<Output = wasmtime::Result<(Result<T, ErrorCode>,)>> + Send + 'a>>;

pub(super) fn define(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    let mut types = linker.instance(TYPES)?;
    types.func_wrap_concurrent("[method]descriptor.open-at", open)?;
    types.func_wrap_concurrent("[method]descriptor.create-directory-at", |store, (folder, path)| {
        change(store, folder, path, Change::CreateDirectory)
    })?;
    types.func_wrap_concurrent("[method]descriptor.remove-directory-at", |store, (folder, path)| {
        change(store, folder, path, Change::RemoveDirectory)
    })?;
    types.func_wrap_concurrent("[method]descriptor.unlink-file-at", |store, (folder, path)| {
        change(store, folder, path, Change::UnlinkFile)
    })?;
    types.func_wrap_concurrent("[method]descriptor.rename-at", rename)?;
    types.func_wrap_concurrent("[method]descriptor.symlink-at", symlink)
}

type Opening = (Resource<Descriptor>, PathFlags, String, OpenFlags, DescriptorFlags);

fn open(
    store: Store<'_>,
    (folder, path_flags, path, how, flags): Opening,
) -> Answer<'_, Resource<Descriptor>> {
    Box::pin(async move {
        let is_change = how.intersects(OpenFlags::CREATE | OpenFlags::TRUNCATE)
            || flags.intersects(DescriptorFlags::WRITE | DescriptorFlags::MUTATE_DIRECTORY);
        let asked = Asked::open(&folder, &path, is_change);
        let files = store.with_getter::<WasiFilesystem>(State::filesystem);
        let opened = <WasiFilesystem as Host<_>>::open_at(&files, folder, path_flags, path, how, flags).await;
        let (opened,) = answer(opened)?;
        store.with(|mut access| match &opened {
            Ok(descriptor) => access.get().folders.opened(&asked, descriptor.rep()),
            Err(code) => tell(access.get(), &asked, refusal(code)),
        });
        Ok((opened,))
    })
}

fn change(store: Store<'_>, folder: Resource<Descriptor>, path: String, change: Change) -> Answer<'_, ()> {
    Box::pin(async move {
        let asked = Asked::change(&folder, &path);
        let files = store.with_getter::<WasiFilesystem>(State::filesystem);
        let done = match change {
            Change::CreateDirectory => {
                <WasiFilesystem as Host<_>>::create_directory_at(&files, folder, path).await
            }
            Change::RemoveDirectory => {
                <WasiFilesystem as Host<_>>::remove_directory_at(&files, folder, path).await
            }
            Change::UnlinkFile => <WasiFilesystem as Host<_>>::unlink_file_at(&files, folder, path).await,
        };
        let done = answer(done)?;
        told(store, &[asked], &done.0);
        Ok(done)
    })
}

type Renaming = (Resource<Descriptor>, String, Resource<Descriptor>, String);

fn rename(store: Store<'_>, (folder, path, new_folder, new_path): Renaming) -> Answer<'_, ()> {
    Box::pin(async move {
        // Either of the two may be what is refused.
        let asked = [Asked::change(&new_folder, &new_path), Asked::change(&folder, &path)];
        let files = store.with_getter::<WasiFilesystem>(State::filesystem);
        let done = <WasiFilesystem as Host<_>>::rename_at(&files, folder, path, new_folder, new_path).await;
        let done = answer(done)?;
        told(store, &asked, &done.0);
        Ok(done)
    })
}

type Linking = (Resource<Descriptor>, String, String);

fn symlink(store: Store<'_>, (folder, target, path): Linking) -> Answer<'_, ()> {
    Box::pin(async move {
        let asked = Asked::change(&folder, &path);
        let files = store.with_getter::<WasiFilesystem>(State::filesystem);
        let done = answer(<WasiFilesystem as Host<_>>::symlink_at(&files, folder, target, path).await)?;
        told(store, &[asked], &done.0);
        Ok(done)
    })
}

fn told(store: Store<'_>, asked: &[Asked], done: &Result<(), ErrorCode>) {
    let Err(code) = done else { return };
    store.with(|mut access| asked.iter().for_each(|asked| tell(access.get(), asked, refusal(code))));
}

fn refusal(code: &ErrorCode) -> Option<Refusal> {
    match code {
        ErrorCode::NotPermitted => Some(Refusal::NotPermitted),
        ErrorCode::Access | ErrorCode::ReadOnly => Some(Refusal::NoAccess),
        _ => None,
    }
}
