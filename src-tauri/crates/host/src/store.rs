//! What a store holds: one call's, or one service's, private state.

use std::sync::Arc;

use jackfield_protocol::{CallId, ComponentName, LinkTarget, LogStream, Plan};
use wasmtime::{Engine, Store, component::ResourceTable};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView, filesystem::WasiFilesystemCtx};
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpView};

use crate::{
    HostError, Observer,
    acting::{Acting, standard_streams},
    limiter::Limiter,
    network::{Gate, Held, Loopback, shared_sockets},
    permission::{Asker, Boundary, CurrentCall},
    stdin::MemberStdin,
    stdio::{LineSink, LineStream},
    workload::Workload,
};

/// What one component of a composition may see. The same for every store of an entry.
#[derive(Clone)]
pub(crate) struct Member {
    pub(crate) name: ComponentName,
    pub(crate) env: Vec<(String, String)>,
    /// By custom the first argument names the program.
    pub(crate) args: Vec<String>,
    pub(crate) files: WasiFilesystemCtx,
    boundary: Arc<Boundary>,
    /// Whether it imports the sockets of WASI 0.3, which all that import them share.
    shares_sockets: bool,
}

impl Member {
    /// What `name` may see in `workload`.
    ///
    /// # Errors
    /// If one of its volumes cannot be opened.
    pub(crate) fn new(
        workload: &Workload,
        plan: &Plan,
        boundary: &Arc<Boundary>,
        name: ComponentName,
    ) -> Result<Self, HostError> {
        let spec = workload.components.get(&name);
        let env = spec.iter().flat_map(|spec| &spec.env);
        let args = spec.iter().flat_map(|spec| &spec.args);
        let shares_sockets = plan.links.iter().any(|link| {
            link.consumer == name
                && matches!(link.target, LinkTarget::Host { .. })
                && link.import.starts_with("wasi:sockets/types@0.3.")
        });
        Ok(Self {
            env: env.map(|(key, value)| (key.clone(), value.clone())).collect(),
            args: [name.to_string()].into_iter().chain(args.cloned()).collect(),
            files: boundary.volumes.files_of(workload, &name)?,
            boundary: Arc::clone(boundary),
            shares_sockets,
            name,
        })
    }

    fn asker(&self, call: &CurrentCall) -> Asker {
        Asker { component: self.name.clone(), boundary: Arc::clone(&self.boundary), call: call.clone() }
    }
}

/// A member's own standard streams in one store.
#[derive(Clone)]
pub(crate) struct MemberStdio {
    pub(crate) stdin: MemberStdin,
    pub(crate) stdout: LineStream,
    pub(crate) stderr: LineStream,
}

impl MemberStdio {
    fn new(member: &Member, observer: &Arc<dyn Observer>, call: Option<CallId>) -> Self {
        let stream = |stream| {
            LineStream::new(LineSink {
                observer: Arc::clone(observer),
                component: member.name.clone(),
                stream,
                call,
            })
        };
        Self {
            stdin: MemberStdin::default(),
            stdout: stream(LogStream::Stdout),
            stderr: stream(LogStream::Stderr),
        }
    }
}

/// The data of a store. Members are addressed by their place in the composition.
pub(crate) struct State {
    /// Before the table, because it goes before the sockets do.
    pub(crate) held: Held,
    pub(crate) table: ResourceTable,
    pub(crate) members: Arc<[Member]>,
    pub(crate) stdio: Arc<[MemberStdio]>,
    pub(crate) limiter: Limiter,
    pub(crate) acting: Acting,
    pub(crate) gate: Gate,
    /// Shared by all members. Grants nothing: no files, no network, no environment; what is a
    /// component's own goes through scoped imports.
    wasi: WasiCtx,
    http: WasiHttpCtx,
}

impl State {
    /// The network of the workload. Of one without members, which there is not, it is an empty one.
    pub(crate) fn loopback(&self) -> Arc<Loopback> {
        self.members.first().map(|member| Arc::clone(&member.boundary.loopback)).unwrap_or_default()
    }
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}

impl WasiHttpView for State {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView { hooks: &mut self.gate, table: &mut self.table, ctx: &mut self.http }
    }
}

/// Makes a store for one call (or, without one, for a service). The last member is the entry's
/// own component.
pub(crate) fn new_store(
    engine: &Engine,
    members: &Arc<[Member]>,
    memory_limit_in_bytes: u64,
    observer: &Arc<dyn Observer>,
    call: Option<CallId>,
) -> Store<State> {
    let stdio: Arc<[_]> = members.iter().map(|member| MemberStdio::new(member, observer, call)).collect();
    let acting = Acting::nobody();
    let current_call = CurrentCall::new(call);
    let mut wasi = WasiCtx::builder();
    standard_streams(&mut wasi, &acting, &stdio);
    let sharing = members.iter().filter(|member| member.shares_sockets);
    shared_sockets(&mut wasi, sharing.map(|member| member.asker(&current_call)).collect());
    let state = State {
        held: Held::default(),
        table: ResourceTable::new(),
        gate: Gate::new(members.iter().map(|member| member.asker(&current_call)).collect(), acting.clone()),
        members: Arc::clone(members),
        stdio,
        limiter: Limiter::new(memory_limit_in_bytes),
        acting,
        wasi: wasi.build(),
        http: WasiHttpCtx::new(),
    };
    let mut store = Store::new(engine, state);
    store.limiter(|state| &mut state.limiter);
    store.set_epoch_deadline(1);
    store.epoch_deadline_async_yield_and_update(1);
    store
}
