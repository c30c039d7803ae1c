//! `wasi:keyvalue`: values by their keys, in buckets, for all components of a workload.
//!
//! | module | what it is for |
//! |---|---|
//! | `store` | what every backend can do |
//! | `memory`, `file` | the backends |
//! | `wit` | the interfaces, in both drafts |
//!
//! Not by `wasmtime-wasi-keyvalue`: each of its buckets is a copy in the memory of one store, so nothing outlives a
//! call, and it has only the older draft.

mod file;
mod memory;
mod store;
mod wit;

use std::sync::Arc;

use jackfield_protocol::InterfaceName;
use wasmtime::component::LinkerInstance;

use super::{Binding, Bound, Plugin, PluginError, PluginInterface, SettingSpec, State};
use file::Files;
use memory::MemoryStore;
use store::Store;

/// The older draft, in which cursors are numbers and nothing can be swapped.
const DRAFT: &str = "0.2.0-draft";
/// The newer one.
const DRAFT2: &str = "0.2.0-draft2";

/// `wasi:keyvalue`.
#[derive(Debug, Default)]
pub(super) struct KeyValue {
    files: Files,
}

impl Plugin for KeyValue {
    fn id(&self) -> &str {
        "wasi:keyvalue"
    }

    /// Shared by the components of a workload, because `store` defines the bucket that the others take.
    fn interfaces(&self) -> Vec<PluginInterface> {
        let names = ["store", "atomics", "batch"];
        let versioned = |version| names.map(|name| format!("wasi:keyvalue/{name}@{version}"));
        let all = [DRAFT2, DRAFT].into_iter().flat_map(versioned);
        all.map(|name| PluginInterface::per_workload(&name)).collect()
    }

    fn settings(&self) -> Vec<SettingSpec> {
        vec![
            SettingSpec::choice("backend", &["memory", "file"]),
            SettingSpec::path("path").required().only_with("backend", "file"),
            SettingSpec::size("limit").or("64MiB").only_with("backend", "memory"),
        ]
    }

    fn bind(&self, binding: &Binding<'_>) -> Result<Arc<dyn Bound>, PluginError> {
        let settings = &binding.settings;
        let store: Arc<dyn Store> = match settings.path("path") {
            Some(path) => self.files.open(&path)?,
            None => Arc::new(MemoryStore::new(settings.size_in_bytes("limit").unwrap_or(u64::MAX))),
        };
        Ok(Arc::new(BoundKeyValue { store }))
    }
}

struct BoundKeyValue {
    store: Arc<dyn Store>,
}

impl Bound for BoundKeyValue {
    fn define(
        &self,
        interface: &InterfaceName,
        linker: &mut LinkerInstance<'_, State>,
    ) -> wasmtime::Result<()> {
        let is_newer = interface.version.as_deref() == Some(DRAFT2);
        match interface.interface.as_str() {
            "store" => wit::store(linker, &self.store, is_newer),
            "atomics" => wit::atomics(linker, is_newer),
            "batch" => wit::batch(linker),
            _ => Err(wasmtime::format_err!("the plugin does not define `{interface}`")),
        }
    }
}
