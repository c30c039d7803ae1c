//! The engines that guests run in: one whose instances come from a pool, and one for what has no
//! place in it.
//!
//! A pool makes a fresh instance a matter of microseconds, but has to reserve address space for
//! all of them beforehand. So it is sized for a desktop, and there is always a second engine that
//! allocates on demand: for machines that refuse the reservation, for components too large for a
//! place in the pool, and for when all places are taken. Compiled code is the same for both, so
//! with a cache nothing is compiled twice.

use std::{path::PathBuf, sync::OnceLock};

use wasmtime::{
    Cache, CacheConfig, Config, Enabled, Engine, InstanceAllocationStrategy, PoolConcurrencyLimitError,
    PoolingAllocationConfig, WasmBacktraceDetails, component::Linker,
};

use crate::{
    host,
    limiter::{MAX_STACK_IN_BYTES, MAX_TABLE_ELEMENTS},
    plugin::Plugins,
    store::State,
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

/// An engine, and what the host defines for guests in it.
pub(crate) struct Backend {
    pub(crate) engine: Engine,
    linker: OnceLock<Linker<State>>,
    plugins: Plugins,
}

impl Backend {
    fn new(engine: Engine, plugins: &Plugins) -> Self {
        Self { engine, linker: OnceLock::new(), plugins: plugins.clone() }
    }

    /// Defines what all workloads have in common; cloned for each entry, which adds its scoped imports. Made when
    /// it is first needed: most programs never need the second one.
    pub(crate) fn linker(&self) -> wasmtime::Result<&Linker<State>> {
        if let Some(linker) = self.linker.get() {
            return Ok(linker);
        }
        let linker = host::linker(&self.engine, &self.plugins)?;
        Ok(self.linker.get_or_init(|| linker))
    }
}

/// Both engines.
pub(crate) struct Engines {
    /// None where the machine did not grant the reservation.
    pub(crate) pooled: Option<Backend>,
    pub(crate) on_demand: Backend,
    /// Counts what guests do, for those that are observed: a little slower, so not for others.
    pub(crate) metered: Backend,
}

impl Engines {
    /// Sets both up. A pool of no memories is none.
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
        let mut config = config(cache);
        let on_demand = Backend::new(Engine::new(&config)?, plugins);
        let metered = Backend::new(Engine::new(config.clone().consume_fuel(true))?, plugins);
        let pooled = match pooled_memories {
            0 => None,
            // A refusal here is the machine's, such as a limit of address space: the same settings
            // have just been accepted without a pool.
            memories => {
                config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool(memories)));
                Engine::new(&config).ok().map(|engine| Backend::new(engine, plugins))
            }
        };
        Ok(Self { pooled, on_demand, metered })
    }

    /// Every engine that there is.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Engine> {
        self.pooled.iter().chain([&self.on_demand, &self.metered]).map(|backend| &backend.engine)
    }
}

/// Whether an instance could not be made only because all places of the pool are taken.
pub(crate) fn is_pool_full(error: &wasmtime::Error) -> bool {
    error.is::<PoolConcurrencyLimitError>()
}

fn config(cache: Option<Cache>) -> Config {
    let mut config = Config::new();
    config
        .cache(cache)
        .epoch_interruption(true)
        .max_wasm_stack(MAX_STACK_IN_BYTES)
        .wasm_component_model(true)
        .wasm_component_model_async(true)
        .wasm_component_model_error_context(true)
        .wasm_component_model_fixed_length_lists(true)
        .wasm_component_model_implements(true)
        .wasm_component_model_map(true)
        .wasm_component_model_more_async_builtins(true)
        .wasm_backtrace_details(WasmBacktraceDetails::Enable);
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
