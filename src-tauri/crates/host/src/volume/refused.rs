//! Tells of what components may not do with files.
//!
//! WASI says it to the component alone, by an error code. So the functions that open something below a folder, or
//! change a folder, are defined once more: they do what Wasmtime's do, and look at what comes of it. Without a volume
//! a component has no folder to begin with, and asks the host for nothing.

use std::collections::HashMap;

use jackfield_protocol::Wanted;
use wasmtime::{
    StoreContextMut,
    component::{Linker, Resource},
};
use wasmtime_wasi::{
    filesystem::WasiFilesystemView as _,
    p2::bindings::filesystem::types::{
        Descriptor, DescriptorFlags, ErrorCode, HostDescriptor as _, OpenFlags, PathFlags,
    },
};

use crate::{scoped::answer, store::State, workload::Access};

/// As Wasmtime defines it; what guests import of compatible versions is the same.
const TYPES: &str = "wasi:filesystem/types@0.2.12";

/// Whose the descriptors of a store are, and as what the guest knows them.
#[derive(Debug, Default)]
pub(crate) struct Folders(HashMap<u32, Folder>);

#[derive(Debug, Clone)]
struct Folder {
    /// The place of its component among the members.
    member: usize,
    path: String,
}

impl Folders {
    /// Takes in the folder of a volume that a member was given.
    pub(crate) fn given(&mut self, descriptor: u32, member: usize, path: &str) {
        self.0.insert(descriptor, Folder { member, path: path.to_owned() });
    }

    fn opened(&mut self, asked: &Asked, descriptor: u32) {
        let Some(Folder { member, path }) = self.0.get(&asked.folder) else { return };
        let folder = Folder { member: *member, path: below(path, &asked.path) };
        self.0.insert(descriptor, folder);
    }
}

/// What a guest asked for.
struct Asked {
    folder: u32,
    path: String,
    is_change: bool,
}

impl Asked {
    fn change(folder: &Resource<Descriptor>, path: &str) -> Self {
        Self { folder: folder.rep(), path: path.to_owned(), is_change: true }
    }
}

/// The functions that change a folder and have no more than a path.
#[derive(Debug, Clone, Copy)]
enum Change {
    CreateDirectory,
    RemoveDirectory,
    UnlinkFile,
}

/// Puts functions that tell in the place of Wasmtime's.
pub(crate) fn define(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    linker.allow_shadowing(true);
    define_open(linker)?;
    for (name, change) in [
        ("[method]descriptor.create-directory-at", Change::CreateDirectory),
        ("[method]descriptor.remove-directory-at", Change::RemoveDirectory),
        ("[method]descriptor.unlink-file-at", Change::UnlinkFile),
    ] {
        define_change(linker, name, change)?;
    }
    define_rename(linker)?;
    define_symlink(linker)?;
    linker.allow_shadowing(false);
    Ok(())
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
                let asked = Asked { is_change, ..Asked::change(&folder, &path) };
                let opened = cx.data_mut().filesystem().open_at(folder, path_flags, path, how, flags).await;
                let (opened,) = answer(opened)?;
                match &opened {
                    Ok(descriptor) => cx.data_mut().folders.opened(&asked, descriptor.rep()),
                    Err(code) => tell(cx.data(), &asked, *code),
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
                    tell(cx.data(), &to, code);
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
        tell(state, asked, code);
    }
    Ok(done)
}

fn tell(state: &State, asked: &Asked, code: ErrorCode) {
    if !matches!(code, ErrorCode::NotPermitted | ErrorCode::Access | ErrorCode::ReadOnly) {
        return;
    }
    let Some(Folder { member, path }) = state.folders.0.get(&asked.folder) else { return };
    let (Some(member), Some(asker)) = (state.members.get(*member), state.gate.asker(*member)) else { return };
    let Some(volume) = member.volumes.iter().find(|volume| is_below(path, &volume.at)) else { return };
    let path = below(path, &asked.path);
    if leads_out(&path, &volume.at) {
        asker.deny(Wanted::Leave { path }, None);
    } else if asked.is_change && volume.access == Access::Read {
        let (volume, at) = (volume.name.clone(), volume.at.clone());
        asker.deny(Wanted::Write { path, volume, at }, None);
    } else if !asked.is_change && code == ErrorCode::NotPermitted {
        // What may be read is refused so only where a link leads out of the volume.
        asker.deny(Wanted::Leave { path }, None);
    }
}

fn below(folder: &str, path: &str) -> String {
    match path {
        _ if path.starts_with('/') => path.to_owned(),
        "" | "." => folder.to_owned(),
        _ => format!("{}/{path}", folder.trim_end_matches('/')),
    }
}

fn is_below(path: &str, folder: &str) -> bool {
    let rest = path.strip_prefix(folder.trim_end_matches('/'));
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Whether a path is not below a folder, by what is written.
fn leads_out(path: &str, folder: &str) -> bool {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/').filter(|part| !part.is_empty() && *part != ".") {
        match part {
            ".." => {
                parts.pop();
            }
            _ => parts.push(part),
        }
    }
    !is_below(&format!("/{}", parts.join("/")), folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_a_path_leads() {
        assert_eq!(below("/v", "a/b"), "/v/a/b");
        assert_eq!(below("/", "a"), "/a");
        assert_eq!(below("/v", "."), "/v");
        assert_eq!(below("/v", "/etc/passwd"), "/etc/passwd");
        for inside in ["/v", "/v/a", "/v/a/../b", "/v/./a", "/v/a/../../v/b"] {
            assert!(!leads_out(inside, "/v"), "{inside}");
        }
        for outside in ["/v/..", "/v/../w", "/etc/passwd", "/volume", "/v/a/../../etc"] {
            assert!(leads_out(outside, "/v"), "{outside}");
        }
        assert!(!leads_out("/a/b", "/"), "a volume may be the root");
    }
}
