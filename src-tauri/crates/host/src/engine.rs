//! The engines that guests run in.
//!
//! An engine's settings hold for all code that is compiled for it, so there is one for each [`Mode`] of running, and
//! of each mode two: one whose instances come from a pool, made when something first runs in it, and one for what
//! has no place in it, made with the host.
//!
//! A pool makes a fresh instance a matter of microseconds, but has to reserve address space for
//! all of them beforehand. So it is sized for a desktop, and there is always a second engine that
//! allocates on demand: for machines that refuse the reservation, for components too large for a
//! place in the pool, and for when all places are taken. Compiled code is the same for both, so
//! with a cache nothing is compiled twice.

use std::{num::NonZeroUsize, path::PathBuf, sync::OnceLock};

use wasmparser::{Parser, Payload, Validator, WasmFeatures};
use wasmtime::{
    Cache, CacheConfig, Config, Enabled, Engine, InstanceAllocationStrategy, PoolConcurrencyLimitError,
    PoolingAllocationConfig, WasmBacktraceDetails, component::Linker,
};

use crate::{
    failure::MAX_FRAMES_KNOWN,
    host,
    limiter::{MAX_STACK_IN_BYTES, MAX_TABLE_ELEMENTS},
    plugin::Plugins,
    store::State,
    ticker::Ticker,
};

/// Linear memories in the pool. Each reserves 4 GiB of address space and a guard, and holds memory
/// only while it is in use: 1 TiB of the 128 that a process has.
pub(crate) const DEFAULT_POOLED_MEMORIES: u32 = 256;
/// A composition may well hold this many core instances and tables for one memory: adapters and shims.
const CORE_INSTANCES_PER_MEMORY: u32 = 6;
/// What one core instance's own data may take; large modules with many functions need more than
/// Wasmtime's default of 1 MiB for a composition.
const POOLED_INSTANCE_IN_BYTES: usize = 4 << 20;
/// What stays in memory of a place that was used, so that the next use takes no page faults. Only where the
/// system tells which pages were touched (Linux 6.7 and later): otherwise so much would be cleared each time.
const KEPT_IN_BYTES: usize = 1 << 20;
/// As above, where the system does not tell.
const KEPT_UNSEEN_IN_BYTES: usize = 64 << 10;
/// Places that keep what is above, at most.
const WARM_PLACES: u32 = 32;

/// What code is compiled for. What is not asked for costs nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Mode {
    /// Async functions, streams and futures of the component model. Without them a call between host and guest
    /// takes less than half as long.
    pub(crate) is_concurrent: bool,
    /// Counts what guests do, which makes them a little slower: for those that are observed.
    pub(crate) is_metered: bool,
}

/// An engine, and what the host defines for guests in it.
pub(crate) struct Backend {
    pub(crate) engine: Engine,
    pub(crate) mode: Mode,
    linker: OnceLock<Linker<State>>,
    plugins: Plugins,
}

impl Backend {
    fn new(engine: Engine, mode: Mode, plugins: &Plugins) -> Self {
        Self { engine, mode, linker: OnceLock::new(), plugins: plugins.clone() }
    }

    /// Defines what all workloads have in common; cloned for each entry, which adds its scoped imports. Made when
    /// it is first needed: most programs never need the second one.
    pub(crate) fn linker(&self) -> wasmtime::Result<&Linker<State>> {
        if let Some(linker) = self.linker.get() {
            return Ok(linker);
        }
        let linker = host::linker(&self.engine, self.mode, &self.plugins)?;
        Ok(self.linker.get_or_init(|| linker))
    }
}

/// The engines of one mode.
struct Pair {
    config: Config,
    on_demand: Backend,
    /// Made when it is first needed. None where the machine did not grant the reservation.
    pooled: OnceLock<Option<Backend>>,
}

/// All engines.
pub(crate) struct Engines {
    pairs: [Pair; 4],
    pooled_memories: u32,
    ticker: Ticker,
}

impl Engines {
    /// Sets up those that allocate on demand. A pool of no memories is none.
    pub(crate) fn new(
        cache_dir: Option<PathBuf>,
        pooled_memories: u32,
        plugins: &Plugins,
    ) -> wasmtime::Result<Self> {
        let cache = match cache_dir {
            Some(dir) => {
                let mut cache = CacheConfig::new();
                cache.with_directory(dir);
                Some(Cache::new(cache)?)
            }
            None => None,
        };
        let ticker = Ticker::start()?;
        let pair = |is_concurrent, is_metered| -> wasmtime::Result<Pair> {
            let mode = Mode { is_concurrent, is_metered };
            let config = config(cache.clone(), mode);
            let engine = Engine::new(&config)?;
            ticker.add(&engine);
            let on_demand = Backend::new(engine, mode, plugins);
            Ok(Pair { config, on_demand, pooled: OnceLock::new() })
        };
        let pairs = [pair(false, false)?, pair(false, true)?, pair(true, false)?, pair(true, true)?];
        Ok(Self { pairs, pooled_memories, ticker })
    }

    fn pair(&self, mode: Mode) -> &Pair {
        let [plain, metered, concurrent, both] = &self.pairs;
        match (mode.is_concurrent, mode.is_metered) {
            (false, false) => plain,
            (false, true) => metered,
            (true, false) => concurrent,
            (true, true) => both,
        }
    }

    /// The engine that allocates on demand.
    pub(crate) fn on_demand(&self, mode: Mode) -> &Backend {
        &self.pair(mode).on_demand
    }

    /// The engine with a pool; none where the machine does not grant one.
    pub(crate) fn pooled(&self, mode: Mode) -> Option<&Backend> {
        if self.pooled_memories == 0 {
            return None;
        }
        let pair = self.pair(mode);
        let make = || {
            let mut config = pair.config.clone();
            config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool(self.pooled_memories)));
            // A refusal here is the machine's, such as a limit of address space: the same settings
            // have been accepted without a pool.
            let engine = Engine::new(&config).ok()?;
            self.ticker.add(&engine);
            Some(Backend::new(engine, mode, &pair.on_demand.plugins))
        };
        pair.pooled.get_or_init(make).as_ref()
    }

    /// Lets guests of all engines be interrupted while they compute.
    pub(crate) fn ticker(&self) -> &Ticker {
        &self.ticker
    }
}

/// Whether a composition uses async functions, streams, futures or what goes with them: whether it is not valid
/// where there are none. What is not valid at all is found to use them.
pub(crate) fn is_concurrent(composition: &[u8]) -> bool {
    let concurrent = WasmFeatures::CM_ASYNC
        | WasmFeatures::CM_ASYNC_STACKFUL
        | WasmFeatures::CM_MORE_ASYNC_BUILTINS
        | WasmFeatures::CM_THREADING
        | WasmFeatures::CM_ERROR_CONTEXT;
    let mut validator = Validator::new_with_features(WasmFeatures::all().difference(concurrent));
    // The bodies of functions are not looked at: none of it is in there.
    let is_valid = |payload: Result<Payload<'_>, _>| payload.and_then(|it| validator.payload(&it)).is_ok();
    !Parser::new(0).parse_all(composition).all(is_valid)
}

/// Whether an instance could not be made only because all places of the pool are taken.
pub(crate) fn is_pool_full(error: &wasmtime::Error) -> bool {
    error.is::<PoolConcurrencyLimitError>()
}

fn config(cache: Option<Cache>, mode: Mode) -> Config {
    let mut config = Config::new();
    config
        .cache(cache)
        .epoch_interruption(true)
        .consume_fuel(mode.is_metered)
        .concurrency_support(mode.is_concurrent)
        .max_wasm_stack(MAX_STACK_IN_BYTES)
        .wasm_component_model(true)
        .wasm_component_model_fixed_length_lists(true)
        .wasm_component_model_implements(true)
        .wasm_component_model_map(true)
        .wasm_backtrace_max_frames(NonZeroUsize::new(MAX_FRAMES_KNOWN))
        .wasm_backtrace_details(WasmBacktraceDetails::Enable);
    if mode.is_concurrent {
        config
            .wasm_component_model_async(true)
            .wasm_component_model_error_context(true)
            .wasm_component_model_more_async_builtins(true);
    }
    config
}

fn pool(memories: u32) -> PoolingAllocationConfig {
    let mut pool = PoolingAllocationConfig::new();
    let core_instances = memories.saturating_mul(CORE_INSTANCES_PER_MEMORY);
    pool.total_memories(memories)
        .total_component_instances(memories)
        .total_core_instances(core_instances)
        .total_tables(core_instances)
        .total_stacks(memories)
        .total_gc_heaps(memories / 4)
        .max_component_instance_size(POOLED_INSTANCE_IN_BYTES)
        .max_core_instance_size(POOLED_INSTANCE_IN_BYTES)
        .table_elements(MAX_TABLE_ELEMENTS)
        .max_tables_per_module(4)
        .max_unused_warm_slots(WARM_PLACES);
    let kept = match PoolingAllocationConfig::is_pagemap_scan_available() {
        true => KEPT_IN_BYTES,
        false => KEPT_UNSEEN_IN_BYTES,
    };
    pool.linear_memory_keep_resident(kept)
        .table_keep_resident(KEPT_UNSEEN_IN_BYTES / 4)
        .pagemap_scan(Enabled::Auto);
    pool
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_concurrent_is_told_from_the_binary() {
        let is_concurrent = |text: &str| is_concurrent(&wat::parse_str(text).unwrap());
        assert!(!is_concurrent("(component)"));
        assert!(!is_concurrent(r#"(component (import "f" (func (param "a" (list u8)))))"#));
        for concurrent in [
            r#"(component (import "f" (func async)))"#,
            r#"(component (import "f" (func (param "a" (stream u8)))))"#,
            r#"(component (component (import "f" (func (result (future))))))"#,
            "(component (core func (canon waitable-set.new)))",
            r#"(component (import "f" (func (param "a" error-context))))"#,
        ] {
            assert!(is_concurrent(concurrent), "{concurrent}");
        }
    }
}
