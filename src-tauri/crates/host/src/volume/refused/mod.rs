//! Tells of what components may not do with files.
//!
//! WASI says it to the component alone, by an error code. So the functions that open something below a folder, or
//! change a folder, are defined once more: they do what Wasmtime's do, and look at what comes of it. Without a volume
//! a component has no folder to begin with, and asks the host for nothing.

mod p2;
mod p3;

use std::collections::HashMap;

use jackfield_protocol::Wanted;
use wasmtime::component::{Linker, Resource};
use wasmtime_wasi::filesystem::Descriptor;

use crate::{engine::Mode, store::State, workload::Access};

/// Puts functions that tell in the place of Wasmtime's.
pub(crate) fn define(linker: &mut Linker<State>, mode: Mode) -> wasmtime::Result<()> {
    linker.allow_shadowing(true);
    p2::define(linker)?;
    if mode.is_concurrent {
        p3::define(linker)?;
    }
    linker.allow_shadowing(false);
    Ok(())
}

/// The functions that change a folder and have no more than a path.
#[derive(Debug, Clone, Copy)]
enum Change {
    CreateDirectory,
    RemoveDirectory,
    UnlinkFile,
}

/// Why a guest does not get what it asked for, as far as that matters here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Refusal {
    /// By WASI, or by the system.
    NotPermitted,
    /// By the system.
    NoAccess,
}

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
    /// Whether it is to be opened, in which links are followed.
    is_open: bool,
}

impl Asked {
    fn open(folder: &Resource<Descriptor>, path: &str, is_change: bool) -> Self {
        Self { is_change, is_open: true, ..Self::change(folder, path) }
    }

    fn change(folder: &Resource<Descriptor>, path: &str) -> Self {
        Self { folder: folder.rep(), path: path.to_owned(), is_change: true, is_open: false }
    }
}

fn tell(state: &State, asked: &Asked, refusal: Option<Refusal>) {
    let Some(refusal) = refusal else { return };
    let Some(Folder { member, path }) = state.folders.0.get(&asked.folder) else { return };
    let (Some(member), Some(asker)) = (state.members.get(*member), state.gate.asker(*member)) else { return };
    let Some(volume) = member.volumes.iter().find(|volume| is_below(path, &volume.at)) else { return };
    let path = below(path, &asked.path);
    if leads_out(&path, &volume.at) {
        asker.deny(Wanted::Leave { path }, None);
    } else if asked.is_change && volume.access == Access::Read {
        let (volume, at) = (volume.name.clone(), volume.at.clone());
        asker.deny(Wanted::Write { path, volume, at }, None);
    } else if asked.is_open && refusal == Refusal::NotPermitted {
        // What may be opened is refused so only where a link leads out of the volume.
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
