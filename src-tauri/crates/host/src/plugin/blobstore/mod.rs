//! `wasi:blobstore`: objects in containers, for all components of a workload.
//!
//! | module | what it is for |
//! |---|---|
//! | `store` | what every backend can do |
//! | `memory`, `folder` | the backends |
//! | `name` | from the names of objects to those of files and back |
//! | `values` | objects on their way in and out |
//! | `wit` | the interfaces |

mod folder;
mod memory;
mod name;
mod store;
mod values;
mod wit;

use std::sync::Arc;

use jackfield_protocol::InterfaceName;
use wasmtime::component::LinkerInstance;

use super::{Binding, Bound, Plugin, PluginError, PluginInterface, SettingSpec, State};
use folder::Folder;
use memory::MemoryBlobs;
use wit::Blobs;

/// `wasi:blobstore`.
#[derive(Debug)]
pub(super) struct BlobStore;

impl Plugin for BlobStore {
    fn id(&self) -> &str {
        "wasi:blobstore"
    }

    /// Shared by the components of a workload, because each interface takes what another defines.
    fn interfaces(&self) -> Vec<PluginInterface> {
        ["types", "container", "blobstore"]
            .map(|name| PluginInterface::per_workload(&format!("wasi:blobstore/{name}@0.2.0-draft")))
            .to_vec()
    }

    fn settings(&self) -> Vec<SettingSpec> {
        vec![
            SettingSpec::choice("backend", &["memory", "folder"]),
            SettingSpec::path("path").required().only_with("backend", "folder"),
            SettingSpec::size("limit").or("64MiB").only_with("backend", "memory"),
        ]
    }

    fn bind(&self, binding: &Binding<'_>) -> Result<Arc<dyn Bound>, PluginError> {
        let settings = &binding.settings;
        let blobs = match settings.path("path") {
            Some(path) => Blobs::new(Folder::open(&path)?),
            None => Blobs::new(MemoryBlobs::new(settings.size_in_bytes("limit").unwrap_or(u64::MAX))),
        };
        Ok(Arc::new(blobs))
    }
}

impl Bound for Blobs {
    fn define(
        &self,
        interface: &InterfaceName,
        linker: &mut LinkerInstance<'_, State>,
    ) -> wasmtime::Result<()> {
        match interface.interface.as_str() {
            "types" => wit::types(linker, self),
            "container" => wit::container(linker),
            "blobstore" => wit::blobstore(linker, self),
            _ => Err(wasmtime::format_err!("the plugin does not define `{interface}`")),
        }
    }
}
