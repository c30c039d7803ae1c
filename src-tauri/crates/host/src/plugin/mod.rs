//! Host plugins: WIT interfaces that are implemented in Rust.
//!
//! A [`Plugin`] says what it has and what can be set; that is data, and all that the plan looks at. When a
//! workload starts that uses it, it is [bound](Plugin::bind) to that workload once, with the settings of
//! the workload file, and the [`Bound`] then defines its functions for the compositions of the workload.
//!
//! What always holds: nothing that one workload keeps in a plugin is seen by another, unless its settings
//! name the same file; a component's own interfaces ([`Sharing::Component`]) are defined for it alone, so
//! that the functions know who calls, and no guest can change that.
//!
//! | module | what it implements |
//! |---|---|
//! | `registry` | the plugins of a host, and what is bound in a workload |
//! | `settings` | what can be set in `[host."ID"]`, as data |
//! | `wasi` | WASI 0.2 and 0.3, and `wasi:http`, by Wasmtime's own crates |
//! | `guest` | what plugins have in common whose guests hold resources |
//! | `config`, `logging`, `keyvalue`, `blobstore` | the drafts of these names |
#![doc = include_str!("../../docs/plugins.md")]

mod blobstore;
mod config;
mod guest;
mod keyvalue;
mod logging;
mod registry;
mod settings;
mod wasi;

use std::{fmt, sync::Arc};

use indexmap::IndexMap;
use jackfield_protocol::{ComponentName, InterfaceName};
use thiserror::Error;
use wasmtime::component::{Linker, LinkerInstance};

use crate::workload::Workload;

pub use crate::store::State;
pub use registry::Plugins;
pub use settings::{SettingKind, SettingSpec, Settings};
/// The Wasmtime that plugins must be built with: the types of another one are other types.
pub use wasmtime;

pub(crate) use registry::{BoundPlugins, Plugged, define};

/// A host implementation of WIT interfaces.
pub trait Plugin: fmt::Debug + Send + Sync + 'static {
    /// Its name in plans and in `[host."ID"]`. By custom the package that it implements: `wasi:keyvalue`.
    fn id(&self) -> &str;

    /// Every interface that it implements, in every version.
    fn interfaces(&self) -> Vec<PluginInterface>;

    /// What can be set in `[host."ID"]` of a workload file. Nothing, unless it says so.
    fn settings(&self) -> Vec<SettingSpec> {
        Vec::new()
    }

    /// Defines its interfaces that are [`Sharing::Host`]. Called once, when the host is made.
    ///
    /// # Errors
    /// If the linker does not accept a definition.
    fn add_to_linker(&self, linker: &mut Linker<State>) -> wasmtime::Result<()> {
        let _ = linker;
        Ok(())
    }

    /// Defines those of its [`Sharing::Host`] interfaces that have async functions, streams or futures. They are
    /// there only for components that use such things; others run in a host without them, which is quicker. Where
    /// [`Self::add_to_linker`] defines them all, everything that the plugin's host runs takes the slower way.
    ///
    /// # Errors
    /// If the linker does not accept a definition.
    fn add_concurrent_to_linker(&self, linker: &mut Linker<State>) -> wasmtime::Result<()> {
        let _ = linker;
        Ok(())
    }

    /// Makes ready what a workload needs: opens files, makes what its components share. Called once for each
    /// start of a workload that has a link to it, on a thread that may wait. What it returns lives as long
    /// as the workload runs.
    ///
    /// # Errors
    /// If the workload cannot have what its settings ask for. The workload then does not start.
    fn bind(&self, binding: &Binding<'_>) -> Result<Arc<dyn Bound>, PluginError>;
}

/// A plugin in one running workload.
pub trait Bound: Send + Sync {
    /// Defines the functions and resources of an interface that is [`Sharing::Workload`].
    ///
    /// # Errors
    /// If the linker does not accept a definition.
    fn define(
        &self,
        interface: &InterfaceName,
        linker: &mut LinkerInstance<'_, State>,
    ) -> wasmtime::Result<()> {
        let _ = linker;
        Err(wasmtime::format_err!("the plugin does not define `{interface}`"))
    }

    /// Defines the functions and resources of an interface that is [`Sharing::Component`], for one component.
    ///
    /// # Errors
    /// If the linker does not accept a definition.
    fn define_for(
        &self,
        caller: &Caller<'_>,
        interface: &InterfaceName,
        linker: &mut LinkerInstance<'_, State>,
    ) -> wasmtime::Result<()> {
        let _ = linker;
        Err(wasmtime::format_err!("the plugin does not define `{interface}` for `{}`", caller.component))
    }
}

/// An interface that a plugin implements.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PluginInterface {
    /// Its name with its version: `wasi:config/store@0.2.0-rc.1`.
    pub name: String,
    /// Who has a definition of it in common.
    pub sharing: Sharing,
}

/// Who has a definition of an interface in common.
///
/// In a composition the resource types of one definition are one type, and those of two definitions are two.
/// So an interface that defines a resource which others `use`, as `wasi:keyvalue/store` defines the bucket
/// that `atomics` takes, must be defined once for all components: only then can a bucket pass from one
/// interface or component to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Sharing {
    /// All workloads of the host: it is in the host's linker, and what it does depends only on the store.
    Host,
    /// All components of a workload.
    Workload,
    /// Nobody: each component has its own, which knows the component.
    Component,
}

impl PluginInterface {
    /// An interface that each component has for itself.
    #[must_use]
    pub fn per_component(name: &str) -> Self {
        Self { name: name.to_owned(), sharing: Sharing::Component }
    }

    /// An interface that the components of a workload share.
    #[must_use]
    pub fn per_workload(name: &str) -> Self {
        Self { name: name.to_owned(), sharing: Sharing::Workload }
    }

    /// An interface that is in the host's linker.
    #[must_use]
    pub fn per_host(name: &str) -> Self {
        Self { name: name.to_owned(), sharing: Sharing::Host }
    }
}

/// What a plugin is bound to.
#[derive(Debug)]
pub struct Binding<'a> {
    /// The workload that starts.
    pub workload: &'a Workload,
    /// What its file sets in `[host."ID"]`, found to be what the plugin understands.
    pub settings: Settings<'a>,
}

/// A component that has an interface of its own.
#[derive(Debug)]
pub struct Caller<'a> {
    /// Its name in the workload.
    pub component: &'a ComponentName,
    /// Its `config` in the workload file.
    pub config: &'a IndexMap<String, String>,
}

/// Why a plugin cannot serve a workload. The text tells the user what to do.
#[derive(Debug, Error)]
#[error("{message}")]
pub struct PluginError {
    message: String,
}

impl PluginError {
    /// With this text.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into() }
    }
}
