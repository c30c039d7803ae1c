//! The Wasmtime engine and what all workloads share.

use std::{path::PathBuf, sync::Arc};

use wasmtime::{Cache, CacheConfig, Config, Engine, WasmBacktraceDetails, component::Linker};

use crate::{
    HostError, Observer, catalog::catalog, network::define_loopback, plan::HostCatalog, running::Running,
    store::State, ticker::Ticker, workload::Loaded,
};
use jackfield_protocol::Plan;

/// Wasmtime has no constant for it; a test compares this with the lock file.
const WASMTIME_VERSION: &str = "48.0.8";

/// Settings of a host.
#[derive(Debug, Clone, Default)]
pub struct HostConfig {
    /// Where compiled code is kept, as an absolute path. Without it, every start compiles.
    pub cache_dir: Option<PathBuf>,
}

/// Runs workloads. Cheap to clone.
#[derive(Clone)]
pub struct Host {
    shared: Arc<Shared>,
}

/// What every running workload needs of the host.
pub(crate) struct Shared {
    pub(crate) engine: Engine,
    /// Defines all of [`catalog`]; cloned for each entry, which adds its scoped imports.
    pub(crate) linker: Linker<State>,
    pub(crate) ticker: Ticker,
}

impl Host {
    /// Sets Wasmtime up.
    ///
    /// # Errors
    /// If this machine's processor is not supported, or the cache folder cannot be used.
    pub fn new(config: &HostConfig) -> Result<Self, HostError> {
        let error = |reason: String| HostError::Engine { reason };
        let engine = engine(config).map_err(|e| error(format!("{e:#}")))?;
        let linker = linker(&engine).map_err(|e| error(format!("{e:#}")))?;
        let ticker = Ticker::start(&engine).map_err(|e| error(e.to_string()))?;
        Ok(Self { shared: Arc::new(Shared { engine, linker, ticker }) })
    }

    /// The version of the embedded Wasmtime.
    #[must_use]
    pub fn wasmtime_version() -> &'static str {
        WASMTIME_VERSION
    }

    /// What the host can satisfy by itself; [`crate::plan::plan`] needs it.
    #[must_use]
    pub fn catalog() -> HostCatalog {
        catalog()
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
        Running::start(Arc::clone(&self.shared), loaded, plan, observer).await
    }
}

fn engine(config: &HostConfig) -> wasmtime::Result<Engine> {
    let mut wasmtime = Config::new();
    wasmtime
        .epoch_interruption(true)
        .wasm_component_model(true)
        .wasm_component_model_async(true)
        .wasm_component_model_error_context(true)
        .wasm_component_model_fixed_length_lists(true)
        .wasm_component_model_implements(true)
        .wasm_component_model_map(true)
        .wasm_component_model_more_async_builtins(true)
        .wasm_backtrace_details(WasmBacktraceDetails::Enable);
    if let Some(dir) = &config.cache_dir {
        let mut cache = CacheConfig::new();
        cache.with_directory(dir);
        wasmtime.cache(Some(Cache::new(cache)?));
    }
    Engine::new(&wasmtime)
}

fn linker(engine: &Engine) -> wasmtime::Result<Linker<State>> {
    let mut linker = Linker::new(engine);
    wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
    wasmtime_wasi::p3::add_to_linker(&mut linker)?;
    wasmtime_wasi_http::p2::add_only_http_to_linker_async(&mut linker)?;
    wasmtime_wasi_http::p3::add_to_linker(&mut linker)?;
    define_loopback(&mut linker)?;
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
