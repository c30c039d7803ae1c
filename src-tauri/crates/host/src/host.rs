//! The Wasmtime engine and what all workloads share.

use std::{path::PathBuf, sync::Arc};

use wasmtime::{Engine, component::Linker};

use crate::{
    HostError, Observer, ProbeBoard,
    engine::{DEFAULT_POOLED_MEMORIES, Engines, Mode},
    plan::HostCatalog,
    plugin::{Plugin, Plugins},
    running::Running,
    store::State,
    volume::refused,
    workload::Loaded,
};
use jackfield_protocol::{Plan, WorkloadId};

/// Wasmtime has no constant for it; a test compares this with the lock file.
const WASMTIME_VERSION: &str = "48.0.8";

/// Calls that one workload works on at a time, if nothing is said.
const DEFAULT_CALLS_AT_ONCE: usize = 128;

/// Settings of a host.
#[derive(Debug, Clone, Default)]
pub struct HostConfig {
    /// Where compiled code is kept, as an absolute path. Without it, every start compiles.
    pub cache_dir: Option<PathBuf>,
    /// How many linear memories the pool of instances has; 256 if nothing is said, and no pool if
    /// it is 0. Each takes 4 GiB of address space, and memory only while it is used.
    pub pooled_memories: Option<u32>,
    /// How many calls and HTTP requests one workload works on at a time, 128 if nothing is said.
    /// What comes on top of them waits.
    pub calls_at_once: Option<usize>,
    /// Plugins beside the built-in ones; one with the id of a built-in one takes its place.
    pub plugins: Vec<Arc<dyn Plugin>>,
}

/// Runs workloads. Cheap to clone.
#[derive(Clone)]
pub struct Host {
    shared: Arc<Shared>,
}

/// What every running workload needs of the host.
pub(crate) struct Shared {
    pub(crate) engines: Engines,
    pub(crate) plugins: Plugins,
    pub(crate) calls_at_once: usize,
}

impl Host {
    /// Sets Wasmtime up.
    ///
    /// # Errors
    /// If this machine's processor is not supported, or the cache folder cannot be used.
    pub fn new(config: &HostConfig) -> Result<Self, HostError> {
        let memories = config.pooled_memories.unwrap_or(DEFAULT_POOLED_MEMORIES);
        let plugins = Plugins::built_in().with(config.plugins.iter().cloned());
        let engines = Engines::new(config.cache_dir.clone(), memories, &plugins)
            .map_err(|error| HostError::Engine { reason: format!("{error:#}") })?;
        let calls_at_once = config.calls_at_once.unwrap_or(DEFAULT_CALLS_AT_ONCE).max(1);
        Ok(Self { shared: Arc::new(Shared { engines, plugins, calls_at_once }) })
    }

    /// Whether instances come from a pool. If not, this machine did not grant the address space for
    /// one, and a fresh instance takes a little longer.
    #[must_use]
    pub fn is_pooled(&self) -> bool {
        self.shared.engines.pooled(Mode::default()).is_some()
    }

    /// The version of the embedded Wasmtime.
    #[must_use]
    pub fn wasmtime_version() -> &'static str {
        WASMTIME_VERSION
    }

    /// What a host without plugins of its own can satisfy; [`crate::plan::plan`] needs it.
    #[must_use]
    pub fn catalog() -> HostCatalog {
        Plugins::built_in().catalog()
    }

    /// Its plugins. Their [catalogue](Plugins::catalog) is what plans for this host are made with.
    #[must_use]
    pub fn plugins(&self) -> &Plugins {
        &self.shared.plugins
    }

    /// Starts a workload as it is planned. Returns when it runs; states and lines go to
    /// `observer`, the first of them before this returns. Dropping the future, or the result,
    /// stops what was started.
    ///
    /// # Errors
    /// If the plan has errors, a component cannot be composed, compiled or instantiated, or the
    /// workload is stopped while it starts. The observer has then heard of the failure too.
    pub async fn start(
        &self,
        loaded: Arc<Loaded>,
        plan: Arc<Plan>,
        observer: Arc<dyn Observer>,
    ) -> Result<Running, HostError> {
        let probes = ProbeBoard::new(WorkloadId(0));
        self.start_observed(loaded, plan, observer, probes).await
    }

    /// As [`Self::start`], with probes as a board says, which stays in force while the workload runs.
    ///
    /// # Errors
    /// As there.
    pub async fn start_observed(
        &self,
        loaded: Arc<Loaded>,
        plan: Arc<Plan>,
        observer: Arc<dyn Observer>,
        probes: ProbeBoard,
    ) -> Result<Running, HostError> {
        Running::start(Arc::clone(&self.shared), loaded, plan, observer, probes).await
    }
}

/// What all workloads have in common, defined for `engine`.
pub(crate) fn linker(engine: &Engine, mode: Mode, plugins: &Plugins) -> wasmtime::Result<Linker<State>> {
    let mut linker = Linker::new(engine);
    plugins.add_to_linker(&mut linker)?;

    if mode.is_concurrent {
        plugins.add_concurrent_to_linker(&mut linker)?;
    }
    refused::define(&mut linker, mode)?;
    Ok(linker)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wasmtime_version_is_the_one_in_the_lock_file() {
        let lock = include_str!("../../../../Cargo.lock");
        let entry = format!("name = \"wasmtime\"\nversion = \"{WASMTIME_VERSION}\"");
        assert!(lock.contains(&entry), "WASMTIME_VERSION is out of date");
    }
}
