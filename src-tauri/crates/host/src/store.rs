//! What a store holds: one call's, or one service's, private state.

use std::{
    cell::OnceCell,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use jackfield_protocol::{CallId, ComponentName, LinkTarget, LogLevel, LogStream, Plan};
use wasmtime::{Engine, Store, component::ResourceTable};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView, filesystem::WasiFilesystemCtx};
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpView};

use crate::{
    HostError, Line, Observer,
    acting::{Acting, standard_streams},
    answer::{Answer, Answered},
    calls::CurrentCall,
    limiter::{Limiter, MAX_HOST_HANDLES, MemberMemory},
    network::{Gate, Held, Loopback, shared_sockets},
    observe::{Tracer, decide},
    permission::{Asker, Boundary},
    probe::{Decider, Probing},
    stdin::MemberStdin,
    stdio::{LineSink, LineStream, MAX_LINE_IN_BYTES, now_unix_micros},
    volume::refused::Folders,
    workload::{VolumeGrant, Workload},
};

/// The longest context of a message that is told, in bytes.
const MAX_CONTEXT_IN_BYTES: usize = 256;

/// What one component of a composition may see. The same for every store of an entry.
#[derive(Clone)]
pub(crate) struct Member {
    pub(crate) name: ComponentName,
    pub(crate) env: Vec<(String, String)>,
    /// By custom the first argument names the program.
    pub(crate) args: Vec<String>,
    pub(crate) files: WasiFilesystemCtx,
    pub(crate) volumes: Vec<VolumeGrant>,
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
            volumes: spec.map(|spec| spec.permissions.volumes.clone()).unwrap_or_default(),
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
    fn new(member: &Member, observer: &Arc<dyn Observer>, current: &CurrentCall) -> Self {
        let stream = |stream| {
            LineStream::new(LineSink {
                observer: Arc::clone(observer),
                component: member.name.clone(),
                stream,
                call: current.get(),
                current: current.clone(),
            })
        };
        Self {
            stdin: MemberStdin::default(),
            stdout: stream(LogStream::Stdout),
            stderr: stream(LogStream::Stderr),
        }
    }
}

/// The data of a store: what host functions find when a component calls them.
///
/// Members are addressed by their place in the composition.
pub struct State {
    /// Before the table, because it goes before the sockets do.
    pub(crate) held: Held,
    pub(crate) table: ResourceTable,
    pub(crate) members: Arc<[Member]>,
    pub(crate) limiter: Limiter,
    pub(crate) acting: Acting,
    pub(crate) gate: Gate,
    pub(crate) folders: Folders,
    observer: Arc<dyn Observer>,
    call: CurrentCall,
    /// Hears of the calls between the store's components, if they are observed.
    pub(crate) tracer: Option<Arc<Mutex<Tracer>>>,
    pub(crate) probing: Probing,
    // What WASI's own implementations work with, made when a member first asks for something of it. Many
    // calls never do.
    stdio: OnceCell<Arc<[MemberStdio]>>,
    /// Shared by all members. Grants nothing: no files, no network, no environment; what is a
    /// component's own goes through scoped imports.
    wasi: Option<Box<WasiCtx>>,
    http: WasiHttpCtx,
}

impl State {
    /// The network of the workload. Of one without members, which there is not, it is an empty one.
    pub(crate) fn loopback(&self) -> Arc<Loopback> {
        self.members.first().map(|member| Arc::clone(&member.boundary.loopback)).unwrap_or_default()
    }
}

impl State {
    /// What the guest prints, and what it is refused, belongs to `call` from now on.
    pub(crate) fn begin_call(&mut self, call: CallId) {
        self.limiter.begin_call();
        self.trace_to(None);
        self.call.set(call);
        for stdio in self.stdio.get().iter().flat_map(|stdio| stdio.iter()) {
            stdio.stdout.begin_call(Some(call));
            stdio.stderr.begin_call(Some(call));
        }
    }

    /// The standard streams of each member.
    pub(crate) fn stdio(&self) -> &Arc<[MemberStdio]> {
        let streams = |member| MemberStdio::new(member, &self.observer, &self.call);
        self.stdio.get_or_init(|| self.members.iter().map(streams).collect())
    }

    /// WASI's own context. Of what it does for sockets of WASI 0.3, all that import them are asked.
    fn new_wasi(&self) -> WasiCtx {
        let mut wasi = WasiCtx::builder();
        standard_streams(&mut wasi, &self.acting, self.stdio());
        let sharing = self.members.iter().filter(|member| member.shares_sockets);
        shared_sockets(&mut wasi, sharing.map(|member| member.asker(&self.call)).collect());
        wasi.build()
    }

    /// Says who hears of the calls between the store's components from now on.
    pub(crate) fn trace_to(&mut self, tracer: Option<Arc<Mutex<Tracer>>>) {
        let decider = tracer.clone().map(|tracer| {
            Decider::new(move |span| {
                let tracer = Arc::clone(&tracer);
                Box::pin(async move { decide(&tracer, span).await })
            })
        });
        self.probing.decider = decider;
        self.gate.trace_to(tracer.clone());
        self.tracer = tracer;
    }

    /// What a stub answers. Of a store without members, which there is not, nothing.
    pub(crate) fn answer(&self, stub: &Answered) -> Option<Answer> {
        self.members.first()?.boundary.answers.get(stub)
    }

    /// Who hears of the calls between the store's components.
    pub(crate) fn tracer(&self) -> Option<MutexGuard<'_, Tracer>> {
        self.tracer.as_ref().map(|tracer| tracer.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The resources that the store's components hold.
    pub fn table(&mut self) -> &mut ResourceTable {
        &mut self.table
    }

    /// The call that the store works on; none for a service.
    #[must_use]
    pub fn call(&self) -> Option<CallId> {
        self.call.get()
    }

    /// Tells the observer a component's message, line by line.
    pub fn log(&self, component: &ComponentName, level: LogLevel, context: &str, message: &str) {
        // It is repeated with each line, so it must not be what makes the log large.
        let (context, _) = context.split_at(context.floor_char_boundary(MAX_CONTEXT_IN_BYTES));
        let message = message.strip_suffix('\n').unwrap_or(message);
        for line in message.split('\n').flat_map(parts) {
            let line = Line {
                time_unix_micros: now_unix_micros(),
                component: component.clone(),
                stream: LogStream::Log(level),
                context: (!context.is_empty()).then(|| context.to_owned()),
                text: line.strip_suffix('\r').unwrap_or(line).to_owned(),
                call: self.call.get(),
            };
            self.call.line(&line);
            self.observer.line(line);
        }
    }
}

/// A line in parts of a length that can be told at once.
fn parts(mut line: &str) -> impl Iterator<Item = &str> {
    let mut is_first = true;
    std::iter::from_fn(move || {
        if line.is_empty() && !std::mem::take(&mut is_first) {
            return None;
        }
        is_first = false;
        let (part, rest) = line.split_at(line.floor_char_boundary(MAX_LINE_IN_BYTES));
        line = rest;
        Some(part)
    })
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        let wasi = self.wasi.take().unwrap_or_else(|| Box::new(self.new_wasi()));
        WasiCtxView { ctx: self.wasi.insert(wasi), table: &mut self.table }
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
    memory: &Arc<[MemberMemory]>,
    observer: &Arc<dyn Observer>,
    call: Option<CallId>,
) -> Store<State> {
    let acting = Acting::nobody();
    let current = CurrentCall::new(call);
    let mut table = ResourceTable::new();
    table.set_max_capacity(MAX_HOST_HANDLES);
    let state = State {
        held: Held::default(),
        table,
        gate: Gate::new(members.iter().map(|member| member.asker(&current)).collect(), acting.clone()),
        members: Arc::clone(members),
        limiter: Limiter::new(Arc::clone(memory)),
        folders: Folders::default(),
        acting,
        observer: Arc::clone(observer),
        call: current,
        tracer: None,
        probing: Probing::default(),
        stdio: OnceCell::new(),
        wasi: None,
        http: WasiHttpCtx::new(),
    };
    let mut store = Store::new(engine, state);
    store.limiter(|state| &mut state.limiter);
    let hostcall_in_bytes = store.data().limiter.hostcall_in_bytes();
    store.set_hostcall_fuel(hostcall_in_bytes);
    store.set_epoch_deadline(1);
    store.epoch_deadline_async_yield_and_update(1);
    store
}
