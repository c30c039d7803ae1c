//! From a composition to something that can be instantiated, in either engine.

use std::sync::Arc;

use jackfield_protocol::{ComponentName, Unobserved};
use tokio::sync::OnceCell;
use wasmtime::{
    Store,
    component::{Component, Instance, InstancePre, Linker},
};

use crate::{
    HostError,
    compose::Composition,
    engine::{Backend, Mode, is_concurrent, is_pool_full},
    host::Shared,
    plugin::{self, Bound, BoundPlugins, Plugged},
    probe::{self, Site},
    scoped,
    store::State,
    stub,
    workload::Loaded,
};

/// How much of its fuel a guest uses before the store hears of it: a fraction of a millisecond's work.
const FUEL_COUNTED_AT_ONCE: u64 = 1 << 20;

/// A composition, compiled.
pub(super) struct Compiled {
    pooled: Option<InstancePre<State>>,
    /// Made at first need; it is the same code.
    on_demand: OnceCell<InstancePre<State>>,
    composition: Composition,
    plugged: Definitions,
    sites: Arc<[Arc<Site>]>,
    mode: Mode,
}

/// What plugins define for a composition.
pub(super) struct Definitions {
    loaded: Arc<Loaded>,
    bound: Vec<(Plugged, Arc<dyn Bound>)>,
}

impl Definitions {
    /// Binds the plugins that the composition needs.
    pub(super) fn new(
        loaded: &Arc<Loaded>,
        plugins: &BoundPlugins,
        component: &ComponentName,
        composition: &Composition,
    ) -> Result<Self, HostError> {
        let bind = |plugged: &Plugged| {
            let bound = plugins.get(&plugged.plugin, &loaded.workload).map_err(|source| {
                HostError::Plugin { component: component.clone(), plugin: plugged.plugin.clone(), source }
            })?;
            Ok((plugged.clone(), bound))
        };
        let bound = composition.plugged.iter().map(bind).collect::<Result<_, HostError>>()?;
        Ok(Self { loaded: Arc::clone(loaded), bound })
    }

    fn add_to(&self, linker: &mut Linker<State>) -> wasmtime::Result<()> {
        let define = |(plugged, bound): &(Plugged, Arc<dyn Bound>)| {
            plugin::define(linker, &**bound, plugged, &self.loaded.workload)
        };
        self.bound.iter().try_for_each(define)
    }
}

impl Compiled {
    /// The links that calls go over without being seen.
    pub(super) fn unobserved(&self) -> &[Unobserved] {
        &self.composition.unobserved
    }

    /// The links with probes on them, in the order in which the composition counts them.
    pub(super) fn sites(&self) -> Arc<[Arc<Site>]> {
        Arc::clone(&self.sites)
    }

    /// Says of further links that calls go over them without being seen.
    pub(super) fn unobserve(&mut self, links: impl IntoIterator<Item = Unobserved>) {
        self.composition.unobserved.extend(links);
    }

    /// Compiles for the pool, or for allocation on demand if there is no pool that it fits in.
    pub(super) fn new(
        shared: &Shared,
        component: &ComponentName,
        composition: Composition,
        plugged: Definitions,
        is_metered: bool,
    ) -> Result<Self, HostError> {
        let is_concurrent = is_concurrent(&composition.bytes);
        let mode = Mode { is_concurrent, is_metered };
        let compiled = code(shared, &composition, &plugged, mode).or_else(|error| match is_concurrent {
            true => Err(error),
            // What it imports may be defined only there, although it does not make use of it.
            false => code(shared, &composition, &plugged, Mode { is_concurrent: true, ..mode }),
        });
        let (mode, pooled, on_demand) = compiled.map_err(|error| compile_error(component, &error))?;
        let sites = composition.probes.0.clone().into();
        Ok(Self { pooled, on_demand, composition, plugged, sites, mode })
    }

    /// The compiled component. Which of the two is of no importance: they have the same types.
    pub(super) fn pre(&self) -> Option<&InstancePre<State>> {
        self.pooled.as_ref().or_else(|| self.on_demand.get())
    }

    /// Gives a store so much fuel that it never ends: only how much of it is used is of interest. A guest counts for
    /// itself until it calls or is asked, so it is asked often enough that it is known of one that is stopped.
    fn meter(&self, component: &ComponentName, store: &mut Store<State>) -> Result<(), HostError> {
        match self.mode.is_metered {
            true => store
                .set_fuel(u64::MAX)
                .and_then(|()| store.fuel_async_yield_interval(Some(FUEL_COUNTED_AT_ONCE)))
                .map_err(|error| compile_error(component, &error)),
            false => Ok(()),
        }
    }

    /// A fresh store, made by `store` for the engine that it is given, and an instance in it.
    pub(super) async fn instantiate(
        &self,
        shared: &Shared,
        component: &ComponentName,
        store: impl Fn(&wasmtime::Engine) -> Store<State>,
        failed: impl Fn(&wasmtime::Error, &Store<State>) -> HostError,
    ) -> Result<(Store<State>, Instance), HostError> {
        if let Some(pre) = &self.pooled {
            let mut store = store(pre.engine());
            self.meter(component, &mut store)?;
            match pre.instantiate_async(&mut store).await {
                Ok(instance) => return Ok((store, instance)),
                Err(error) if is_pool_full(&error) => {}
                Err(error) => return Err(failed(&error, &store)),
            }
        }
        let backend = shared.engines.on_demand(self.mode);
        let pre = self
            .on_demand
            .get_or_try_init(|| async {
                // With a cache it is read and not compiled; without one, the guests that hold all
                // places of the pool go on meanwhile on other threads.
                compile(backend, &self.composition, &self.plugged)
                    .map_err(|error| compile_error(component, &error))
            })
            .await?;
        let mut store = store(&backend.engine);
        self.meter(component, &mut store)?;
        match pre.instantiate_async(&mut store).await {
            Ok(instance) => Ok((store, instance)),
            Err(error) => Err(failed(&error, &store)),
        }
    }
}

/// Code, for the pool if it fits in there and otherwise for allocation on demand.
type Code = (Mode, Option<InstancePre<State>>, OnceCell<InstancePre<State>>);

fn code(
    shared: &Shared,
    composition: &Composition,
    plugged: &Definitions,
    mode: Mode,
) -> wasmtime::Result<Code> {
    let pooled = shared.engines.pooled(mode);
    // Why it does not fit in the pool is of no interest if it can be compiled otherwise; if it
    // cannot, the reason comes again.
    let pooled = pooled.and_then(|backend| compile(backend, composition, plugged).ok());
    let on_demand = match &pooled {
        Some(_) => OnceCell::new(),
        None => OnceCell::new_with(Some(compile(shared.engines.on_demand(mode), composition, plugged)?)),
    };
    Ok((mode, pooled, on_demand))
}

fn compile(
    backend: &Backend,
    composition: &Composition,
    plugged: &Definitions,
) -> wasmtime::Result<InstancePre<State>> {
    let compiled = Component::from_binary(&backend.engine, &composition.bytes)?;
    let mut linker = backend.linker()?.clone();
    for (place, interface) in &composition.scoped {
        scoped::define(&mut linker, *place, *interface)?;
    }
    plugged.add_to(&mut linker)?;
    probe::define(&mut linker, backend, &compiled, &composition.probes)?;
    stub::define(&mut linker, &backend.engine, &compiled, &composition.stubs)?;
    linker.instantiate_pre(&compiled)
}

fn compile_error(component: &ComponentName, error: &wasmtime::Error) -> HostError {
    HostError::Compile { component: component.clone(), reason: format!("{error:#}") }
}
