//! A way in: a composition, compiled, and ready to be instantiated any number of times.

mod call;
mod compile;
mod http;
mod instances;
mod session;
mod traced;

use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use jackfield_component::Component;
use jackfield_protocol::{CallId, ComponentName, Link, Plan, ProbeSite};
use wasmtime::{
    Store,
    component::{Func, Instance},
};

pub(crate) use self::http::HttpEntry;
pub use self::session::CallSession;
use self::{
    call::Functions,
    compile::{Compiled, Definitions},
    instances::Instances,
};
use crate::{
    HostError, Observer,
    bounded::bounded,
    calls::Target,
    compose::{BARE, compose},
    failure::Failure,
    host::Shared,
    limiter::{DEFAULT_MEMORY_IN_BYTES, MemberMemory},
    observe::{Board, Observed, SiteState},
    permission::Boundary,
    plugin::BoundPlugins,
    store::{Member, State, new_store},
    workload::{InstancePolicy, Loaded, Workload},
};

/// How long a call may take that sets no limit.
const DEFAULT_TIME: Duration = Duration::from_secs(60);

/// What an entry is made of.
#[derive(Clone, Copy)]
pub(crate) struct Material<'m> {
    pub(crate) shared: &'m Shared,
    pub(crate) loaded: &'m Arc<Loaded>,
    pub(crate) plan: &'m Plan,
    pub(crate) plugins: &'m BoundPlugins,
    pub(crate) boundary: &'m Arc<Boundary>,
    pub(crate) board: &'m Board,
    pub(crate) component: &'m ComponentName,
}

/// A compiled entry.
pub(crate) struct Entry {
    component: ComponentName,
    /// The component itself, for the types of its functions.
    source: Component,
    compiled: Compiled,
    members: Arc<[Member]>,
    memory: Arc<[MemberMemory]>,
    time_limit: Duration,
    functions: Functions,
    instances: Instances,
    /// Where its handler of HTTP requests is, if it has been asked for one.
    handler: OnceLock<http::Handler>,
    /// For calls from outside.
    site: Arc<SiteState>,
    /// The links with probes on them.
    observed: Observed,
}

impl Entry {
    /// Composes and compiles. Takes as long as compiling takes: run it where waiting is allowed. Where it
    /// cannot be with probes, it is without, and says that its links are not observed.
    pub(crate) fn prepare(material: &Material<'_>, observed: Observed) -> Result<Self, HostError> {
        let with_probes = Self::compiled(material, observed.clone());
        let error =
            match with_probes {
                Err(
                    error @ (HostError::Compose { .. } | HostError::Compile { .. } | HostError::Link { .. }),
                ) if !observed.is_empty() => error,
                prepared => return prepared,
            };
        let mut entry = Self::compiled(material, observed.without_links())?;
        entry.compiled.unobserve(observed.unobserved(&error.to_string()));
        Ok(Self { observed, ..entry })
    }

    fn compiled(material: &Material<'_>, observed: Observed) -> Result<Self, HostError> {
        let Material { shared, loaded, plan, plugins, boundary, board, component } = *material;
        let Loaded { workload, components, .. } = &**loaded;
        let source = components.get(component).cloned().ok_or_else(|| HostError::Compose {
            component: component.clone(),
            reason: "it is not in the workload".to_owned(),
        })?;
        let is_observed = |link: &Link| observed.get(&link.consumer, &link.import).is_some();
        let composition =
            compose(plan, components, component, plugins.plugins(), &is_observed, |name, bytes| {
                bounded(&member_memory(workload, name), bytes)
            })?;
        for site in &composition.probes.0 {
            let state = observed.get(&site.consumer, &site.import);
            if let (Some(state), Some(consumer)) = (state, components.get(&site.consumer)) {
                state.bind(consumer);
                site.watch(state);
            }
        }
        let plugged = Definitions::new(loaded, plugins, component, &composition)?;
        let members = composition.members.clone();
        let spec = workload.components.get(component);
        Ok(Self {
            component: component.clone(),
            source,
            compiled: Compiled::new(shared, component, composition, plugged, observed.is_metered())?,
            memory: members.iter().map(|name| member_memory(workload, name)).collect(),
            members: members
                .into_iter()
                .map(|name| Member::new(workload, plan, boundary, name))
                .collect::<Result<_, _>>()?,
            time_limit: spec.and_then(|spec| spec.limits.time).unwrap_or(DEFAULT_TIME),
            functions: Functions::default(),
            instances: Instances::new(spec.map_or(InstancePolicy::Fresh, |spec| spec.instances)),
            handler: OnceLock::new(),
            site: board.site(&ProbeSite::Entry(component.clone())),
            observed,
        })
    }

    /// A fresh store and instance, for one call or for a service.
    pub(crate) async fn instantiate(
        &self,
        shared: &Shared,
        observer: &Arc<dyn Observer>,
        call: Option<CallId>,
    ) -> Result<(Store<State>, Instance), HostError> {
        let store =
            |engine: &wasmtime::Engine| new_store(engine, &self.members, &self.memory, observer, call);
        let failed = |error: &wasmtime::Error, store: &Store<State>| self.failed(error, store, None);
        self.compiled.instantiate(shared, &self.component, store, failed).await
    }

    fn failed(&self, error: &wasmtime::Error, store: &Store<State>, function: Option<&str>) -> HostError {
        let failure = Failure::from_error(&self.component, error, &store.data().limiter);
        let failure = failure.during(function);
        HostError::Failed { component: self.component.clone(), failure }
    }

    /// What errors name while a session is opened and a handle dropped.
    fn session_target(&self) -> Target<'_> {
        Target { component: &self.component, function: "session", limit: self.time_limit }
    }

    /// The links with probes on them.
    pub(crate) fn observed(&self) -> &Observed {
        &self.observed
    }

    pub(crate) fn component(&self) -> &ComponentName {
        &self.component
    }
}

/// The function that an instance exports, bare or in an interface.
pub(crate) fn export(
    store: &mut Store<State>,
    instance: Instance,
    interface: Option<&str>,
    name: &str,
) -> Option<Func> {
    let holder = instance.get_export_index(&mut *store, None, interface.unwrap_or(BARE))?;
    let index = instance.get_export_index(&mut *store, Some(&holder), name)?;
    instance.get_func(&mut *store, index)
}

fn member_memory(workload: &Workload, name: &ComponentName) -> MemberMemory {
    let limit = workload.components.get(name).and_then(|spec| spec.limits.memory_in_bytes);
    MemberMemory { component: name.clone(), limit_in_bytes: limit.unwrap_or(DEFAULT_MEMORY_IN_BYTES) }
}
