//! The plugins of a host, and those that are bound in a running workload.

use std::{
    collections::HashMap,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use jackfield_protocol::{ComponentName, InterfaceName};
use wasmtime::component::Linker;

use super::{
    Binding, Bound, Caller, Plugin, PluginError, Settings, Sharing, State, blobstore::BlobStore,
    config::Config, keyvalue::KeyValue, logging::Logging, wasi,
};
use crate::{plan::HostCatalog, workload::Workload};

/// The plugins of a host.
#[derive(Debug, Clone)]
pub struct Plugins {
    list: Vec<Arc<dyn Plugin>>,
}

impl Plugins {
    /// Those that every host has.
    #[must_use]
    pub fn built_in() -> Self {
        Self {
            list: vec![
                Arc::new(wasi::Wasi),
                Arc::new(wasi::WasiHttp),
                Arc::new(Config),
                Arc::new(Logging),
                Arc::<KeyValue>::default(),
                Arc::new(BlobStore),
            ],
        }
    }

    /// With more of them. One whose id is there already takes the place of that one; where two have the
    /// same interface, the later is linked.
    #[must_use]
    pub fn with(mut self, more: impl IntoIterator<Item = Arc<dyn Plugin>>) -> Self {
        for plugin in more {
            self.list.retain(|known| known.id() != plugin.id());
            self.list.push(plugin);
        }
        self
    }

    /// What they have, as the plan wants to know it.
    #[must_use]
    pub fn catalog(&self) -> HostCatalog {
        let interfaces: Vec<_> = self
            .list
            .iter()
            .flat_map(|plugin| plugin.interfaces().into_iter().map(move |it| (plugin.id(), it.name)))
            .collect();
        let pairs = interfaces.iter().map(|(id, name)| (*id, name.as_str()));
        let settings = self.list.iter().map(|plugin| (plugin.id(), plugin.settings()));
        settings.fold(HostCatalog::from_pairs(pairs), |catalog, (id, specs)| catalog.with_settings(id, specs))
    }

    pub(crate) fn add_to_linker(&self, linker: &mut Linker<State>) -> wasmtime::Result<()> {
        self.list.iter().try_for_each(|plugin| plugin.add_to_linker(linker))
    }

    pub(crate) fn add_concurrent_to_linker(&self, linker: &mut Linker<State>) -> wasmtime::Result<()> {
        self.list.iter().try_for_each(|plugin| plugin.add_concurrent_to_linker(linker))
    }

    fn get(&self, id: &str) -> Option<&Arc<dyn Plugin>> {
        self.list.iter().find(|plugin| plugin.id() == id)
    }

    /// Who shares a plugin's interface; none if the plugin does not have it.
    pub(crate) fn sharing(&self, id: &str, interface: &InterfaceName) -> Option<Sharing> {
        let name = interface.to_string();
        let interfaces = self.get(id)?.interfaces();
        interfaces.into_iter().find(|it| it.name == name).map(|it| it.sharing)
    }
}

/// An interface of a plugin in a composition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Plugged {
    /// The plugin's id.
    pub(crate) plugin: String,
    /// The interface, in the plugin's version.
    pub(crate) interface: InterfaceName,
    /// Whose it is and under which label, if it is a component's own.
    pub(crate) own: Option<(ComponentName, String)>,
}

/// The plugins that one running workload uses, each bound when it is first needed.
pub(crate) struct BoundPlugins {
    plugins: Plugins,
    bound: Mutex<HashMap<String, Arc<dyn Bound>>>,
}

impl BoundPlugins {
    pub(crate) fn new(plugins: Plugins) -> Self {
        Self { plugins, bound: Mutex::default() }
    }

    pub(crate) fn plugins(&self) -> &Plugins {
        &self.plugins
    }

    /// Binds a plugin, or gives what was bound before.
    pub(crate) fn get(&self, id: &str, workload: &Workload) -> Result<Arc<dyn Bound>, PluginError> {
        // Held while binding, so that two entries do not bind one plugin twice.
        let mut bound = self.bound.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = bound.get(id) {
            return Ok(Arc::clone(known));
        }
        let plugin = self.plugins.get(id).ok_or_else(|| PluginError::new("this host has no such plugin"))?;
        let specs = plugin.settings();
        let folder = workload.path.parent().unwrap_or(Path::new(""));
        let settings = Settings::new(&specs, workload.host.get(id), folder);
        let new = plugin.bind(&Binding { workload, settings })?;
        bound.insert(id.to_owned(), Arc::clone(&new));
        Ok(new)
    }
}

/// Defines an interface that was plugged into a composition.
pub(crate) fn define(
    linker: &mut Linker<State>,
    bound: &dyn Bound,
    plugged: &Plugged,
    workload: &Workload,
) -> wasmtime::Result<()> {
    match &plugged.own {
        None => bound.define(&plugged.interface, &mut linker.instance(&plugged.interface.to_string())?),
        Some((component, label)) => {
            let none = indexmap::IndexMap::new();
            let config = workload.components.get(component).map_or(&none, |spec| &spec.config);
            let caller = Caller { component, config };
            bound.define_for(&caller, &plugged.interface, &mut linker.instance(label)?)
        }
    }
}
