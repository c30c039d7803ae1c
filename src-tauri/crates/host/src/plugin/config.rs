//! `wasi:config`: what the workload file says under `config` of a component.
//!
//! Not by `wasmtime-wasi-config`: its context belongs to a store, and in a composition each component has
//! its own configuration; and it has only the newest draft.

use std::{collections::BTreeMap, sync::Arc};

use jackfield_protocol::InterfaceName;
use wasmtime::{
    StoreContextMut,
    component::{ComponentType, Lift, LinkerInstance, Lower},
};

use super::{Binding, Bound, Caller, Plugin, PluginError, PluginInterface, State};

/// The drafts differ in the interface's name and in that of its error, not in what is called.
const INTERFACES: [&str; 3] =
    ["wasi:config/store@0.2.0-rc.1", "wasi:config/store@0.2.0-draft", "wasi:config/runtime@0.2.0-draft"];

/// `wasi:config`.
#[derive(Debug)]
pub(super) struct Config;

/// Why a value cannot be had. A workload file is read before its components run, so this never comes up.
#[derive(Debug, Clone, ComponentType, Lift, Lower)]
#[component(variant)]
enum ConfigError {
    #[component(name = "upstream")]
    Upstream(String),
    #[component(name = "io")]
    Io(String),
}

impl Plugin for Config {
    fn id(&self) -> &str {
        "wasi:config"
    }

    fn interfaces(&self) -> Vec<PluginInterface> {
        INTERFACES.map(PluginInterface::per_component).to_vec()
    }

    fn bind(&self, _: &Binding<'_>) -> Result<Arc<dyn Bound>, PluginError> {
        Ok(Arc::new(Self))
    }
}

impl Bound for Config {
    fn define_for(
        &self,
        caller: &Caller<'_>,
        _: &InterfaceName,
        linker: &mut LinkerInstance<'_, State>,
    ) -> wasmtime::Result<()> {
        let config: BTreeMap<String, String> =
            caller.config.iter().map(|(key, value)| (key.clone(), value.clone())).collect();
        let config = Arc::new(config);
        let all: Vec<_> = config.iter().map(|(key, value)| (key.clone(), value.clone())).collect();
        linker.func_wrap("get", move |_: StoreContextMut<'_, State>, (key,): (String,)| {
            Ok((Ok::<_, ConfigError>(config.get(&key).cloned()),))
        })?;
        linker.func_wrap("get-all", move |_: StoreContextMut<'_, State>, ()| {
            Ok((Ok::<_, ConfigError>(all.clone()),))
        })
    }
}
