//! A way in: a composition, compiled, and ready to be instantiated any number of times.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use http::{Request, Response};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use indexmap::IndexMap;
use jackfield_component::Component;
use jackfield_protocol::{CallId, CallOutcome, ComponentInfo, ComponentName, Plan};
use tokio::{sync::oneshot, time::Instant};
use wasmtime::{
    Store,
    component::{Func, Instance, InstancePre},
};
use wasmtime_wasi_http::{
    WasiBody, WasiHttpView,
    p2::{
        bindings::{
            ProxyPre,
            http::types::{ErrorCode, Scheme},
        },
        body::HyperOutgoingBody,
    },
};

use crate::{
    HostError, Observer,
    compose::{Composition, compose},
    failure::Failure,
    function::{self, CallError},
    host::Shared,
    http::HttpServer,
    limiter::DEFAULT_MEMORY_IN_BYTES,
    permission::Boundary,
    scoped,
    store::{Member, State, new_store},
    stub,
    workload::Workload,
};

/// How long a call may take that sets no limit.
const DEFAULT_TIME: Duration = Duration::from_secs(60);

/// A compiled entry.
pub(crate) struct Entry {
    component: ComponentName,
    info: ComponentInfo,
    pre: InstancePre<State>,
    members: Arc<[Member]>,
    memory_limit_in_bytes: u64,
    time_limit: Duration,
}

impl Entry {
    /// Composes and compiles. Takes as long as compiling takes: run it where waiting is allowed.
    pub(crate) fn prepare(
        shared: &Shared,
        workload: &Workload,
        components: &IndexMap<ComponentName, Component>,
        plan: &Plan,
        boundary: &Arc<Boundary>,
        component: &ComponentName,
    ) -> Result<Self, HostError> {
        let composition = compose(plan, components, component)?;
        let pre = compile(shared, component, &composition)?;
        let info = plan.node(component).map(|node| node.component.clone());
        let info = info.ok_or_else(|| HostError::Compose {
            component: component.clone(),
            reason: "it is not in the plan".to_owned(),
        })?;
        Ok(Self {
            component: component.clone(),
            info,
            pre,
            memory_limit_in_bytes: memory_limit(workload, &composition.members),
            time_limit: time_limit(workload, component),
            members: composition
                .members
                .into_iter()
                .map(|name| Member::new(workload, plan, boundary, name))
                .collect::<Result<_, _>>()?,
        })
    }

    fn store(&self, shared: &Shared, observer: &Arc<dyn Observer>, call: Option<CallId>) -> Store<State> {
        new_store(&shared.engine, &self.members, self.memory_limit_in_bytes, observer, call)
    }

    fn timed_out(&self) -> HostError {
        HostError::TimedOut { component: self.component.clone(), limit_millis: self.time_limit.as_millis() }
    }

    /// A fresh store and instance, for one call or for a service.
    pub(crate) async fn instantiate(
        &self,
        shared: &Shared,
        observer: &Arc<dyn Observer>,
        call: Option<CallId>,
    ) -> Result<(Store<State>, Instance), HostError> {
        let mut store = self.store(shared, observer, call);
        match self.pre.instantiate_async(&mut store).await {
            Ok(instance) => Ok((store, instance)),
            Err(error) => Err(self.failed(&error, &store)),
        }
    }

    /// Calls a function in a fresh instance.
    pub(crate) async fn call(
        &self,
        shared: &Shared,
        observer: &Arc<dyn Observer>,
        call: CallId,
        function: &str,
        args: &[String],
    ) -> Result<CallOutcome, HostError> {
        let callee = function::find(&self.component, &self.info, function)?;
        let started = Instant::now();
        let work = async {
            let (mut store, instance) = self.instantiate(shared, observer, Some(call)).await?;
            let func = export(&mut store, instance, callee.interface.as_deref(), &callee.function.name)
                .ok_or_else(|| CallError::NoFunction {
                    component: self.component.clone(),
                    function: function.to_owned(),
                    known: Vec::new(),
                })?;
            let ty = func.ty(&store);
            let types: Vec<_> = ty.params().map(|(name, ty)| (name.to_owned(), ty)).collect();
            let result_types: Vec<_> = ty.results().collect();
            function::check_writable(&callee, types.iter().map(|(_, ty)| ty).chain(&result_types))?;
            let args = function::read_args(&callee, &types, args)?;
            let mut results = vec![wasmtime::component::Val::Bool(false); result_types.len()];
            match func.call_async(&mut store, &args, &mut results).await {
                Ok(()) => Ok(results),
                Err(error) => Err(self.failed(&error, &store)),
            }
        };
        let results = tokio::time::timeout(self.time_limit, shared.ticker.drive(work))
            .await
            .map_err(|_| self.timed_out())??;
        let duration_micros = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX);
        let result = function::write_result(&callee, &results)?;
        Ok(CallOutcome { call, function: callee.full_name(), result, duration_micros })
    }

    fn failed(&self, error: &wasmtime::Error, store: &Store<State>) -> HostError {
        let failure = Failure::from_error(error, store.data().limiter.refused());
        HostError::Failed { component: self.component.clone(), failure }
    }

    pub(crate) fn component(&self) -> &ComponentName {
        &self.component
    }
}

/// An entry that handles HTTP requests, each in an instance of its own.
pub(crate) struct HttpEntry {
    entry: Arc<Entry>,
    pre: ProxyPre<State>,
}

impl HttpEntry {
    pub(crate) fn new(entry: Arc<Entry>) -> Result<Self, HostError> {
        let pre = ProxyPre::new(entry.pre.clone()).map_err(|error| HostError::Compile {
            component: entry.component.clone(),
            reason: format!("it does not handle requests as `wasi:http` 0.2 says: {error:#}"),
        })?;
        Ok(Self { entry, pre })
    }

    pub(crate) fn component(&self) -> &ComponentName {
        &self.entry.component
    }

    /// Answers one request. The guest may go on after its answer has begun, to send the body.
    pub(crate) async fn handle(
        &self,
        server: &HttpServer,
        request: Request<Incoming>,
    ) -> Result<Response<WasiBody>, HostError> {
        let (sender, receiver) = oneshot::channel();
        let guest = self.run(server, request, sender);
        let guest = server.tasks.spawn(guest);
        match receiver.await {
            Ok(Ok(response)) => Ok(response.map(|body| body.map_err(Into::into).boxed_unsync())),
            Ok(Err(code)) => Err(self.failed(format!("it answered with the error {code:?}"))),
            // The guest went without an answer, and its own result says why.
            Err(_) => match guest.await {
                Ok(Err(error)) => Err(error),
                _ => Err(self.failed("it ended without an answer")),
            },
        }
    }

    /// Runs the guest for one request, until it returns, is stopped, or has taken too long.
    fn run(
        &self,
        server: &HttpServer,
        request: Request<Incoming>,
        answer: oneshot::Sender<Result<Response<HyperOutgoingBody>, ErrorCode>>,
    ) -> impl Future<Output = Result<(), HostError>> + Send + use<> {
        let (entry, pre) = (Arc::clone(&self.entry), self.pre.clone());
        let (shared, observer) = (Arc::clone(&server.shared), Arc::clone(&server.observer));
        let stop = server.stop.clone();
        async move {
            let mut store = entry.store(&shared, &observer, Some(next_call()));
            let work = async {
                let request = store.data_mut().http().new_incoming_request(Scheme::Http, request)?;
                let out = store.data_mut().http().new_response_outparam(answer)?;
                let proxy = pre.instantiate_async(&mut store).await?;
                proxy.wasi_http_incoming_handler().call_handle(&mut store, request, out).await
            };
            let limited = tokio::time::timeout(entry.time_limit, shared.ticker.drive(work));
            let result = stop.run_until_cancelled(limited).await.ok_or(HostError::Stopped)?;
            let result = result.map_err(|_| entry.timed_out())?;
            result.map_err(|error| entry.failed(&error, &store))
        }
    }

    fn failed(&self, reason: impl Into<String>) -> HostError {
        HostError::Failed { component: self.entry.component.clone(), failure: Failure::new(reason) }
    }
}

/// A name for a call. Unique in the process, so that the logs of several workloads stay readable side by
/// side.
pub fn next_call() -> CallId {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    CallId(NEXT.fetch_add(1, Ordering::Relaxed))
}

/// The function that an instance exports, bare or in an interface.
pub(crate) fn export(
    store: &mut Store<State>,
    instance: Instance,
    interface: Option<&str>,
    name: &str,
) -> Option<Func> {
    let interface = match interface {
        Some(interface) => Some(instance.get_export_index(&mut *store, None, interface)?),
        None => None,
    };
    let index = instance.get_export_index(&mut *store, interface.as_ref(), name)?;
    instance.get_func(&mut *store, index)
}

fn compile(
    shared: &Shared,
    component: &ComponentName,
    composition: &Composition,
) -> Result<InstancePre<State>, HostError> {
    let error = |error: wasmtime::Error| HostError::Compile {
        component: component.clone(),
        reason: format!("{error:#}"),
    };
    let compiled =
        wasmtime::component::Component::from_binary(&shared.engine, &composition.bytes).map_err(error)?;
    let mut linker = shared.linker.clone();
    for (place, interface) in &composition.scoped {
        scoped::define(&mut linker, *place, *interface).map_err(error)?;
    }
    stub::define(&mut linker, &shared.engine, &compiled, &composition.stubs).map_err(error)?;
    linker.instantiate_pre(&compiled).map_err(error)
}

/// What the members of a store may hold together: the sum of what each may.
fn memory_limit(workload: &Workload, members: &[ComponentName]) -> u64 {
    members
        .iter()
        .map(|name| {
            let limit = workload.components.get(name).and_then(|spec| spec.limits.memory_in_bytes);
            limit.unwrap_or(DEFAULT_MEMORY_IN_BYTES)
        })
        .fold(0, u64::saturating_add)
}

fn time_limit(workload: &Workload, component: &ComponentName) -> Duration {
    workload.components.get(component).and_then(|spec| spec.limits.time).unwrap_or(DEFAULT_TIME)
}
