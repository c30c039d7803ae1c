//! What a store holds: one call's, or one service's, private state.

use std::sync::Arc;

use jackfield_protocol::{CallId, ComponentName, LogLevel, LogStream};
use wasmtime::{Engine, Store, component::ResourceTable};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpView};

use crate::{
    Line, Observer,
    limiter::Limiter,
    network::NoNetwork,
    stdio::{LineSink, LineStream, MAX_LINE_IN_BYTES, now_unix_micros},
};

/// The longest context of a message that is told, in bytes.
const MAX_CONTEXT_IN_BYTES: usize = 256;

/// What one component of a composition may see. The same for every store of an entry.
#[derive(Debug, Clone)]
pub(crate) struct Member {
    pub(crate) name: ComponentName,
    pub(crate) env: Vec<(String, String)>,
}

/// A member's own standard streams in one store.
#[derive(Clone)]
pub(crate) struct MemberStdio {
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
        Self { stdout: stream(LogStream::Stdout), stderr: stream(LogStream::Stderr) }
    }
}

/// The data of a store: what host functions find when a component calls them.
///
/// Members are addressed by their place in the composition.
pub struct State {
    pub(crate) table: ResourceTable,
    pub(crate) members: Arc<[Member]>,
    pub(crate) stdio: Vec<MemberStdio>,
    pub(crate) limiter: Limiter,
    observer: Arc<dyn Observer>,
    call: Option<CallId>,
    /// Shared by all members. Grants nothing: no files, no network, no environment; what is a
    /// component's own goes through scoped imports.
    wasi: WasiCtx,
    http: WasiHttpCtx,
    no_network: NoNetwork,
}

impl State {
    /// The resources that the store's components hold.
    pub fn table(&mut self) -> &mut ResourceTable {
        &mut self.table
    }

    /// The call that the store was made for; none for a service.
    #[must_use]
    pub fn call(&self) -> Option<CallId> {
        self.call
    }

    /// Tells the observer a component's message, line by line.
    pub fn log(&self, component: &ComponentName, level: LogLevel, context: &str, message: &str) {
        // It is repeated with each line, so it must not be what makes the log large.
        let (context, _) = context.split_at(context.floor_char_boundary(MAX_CONTEXT_IN_BYTES));
        let message = message.strip_suffix('\n').unwrap_or(message);
        for line in message.split('\n').flat_map(parts) {
            self.observer.line(Line {
                time_unix_micros: now_unix_micros(),
                component: component.clone(),
                stream: LogStream::Log(level),
                context: (!context.is_empty()).then(|| context.to_owned()),
                text: line.strip_suffix('\r').unwrap_or(line).to_owned(),
                call: self.call,
            });
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
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}

impl WasiHttpView for State {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView { hooks: &mut self.no_network, table: &mut self.table, ctx: &mut self.http }
    }
}

/// Makes a store for one call (or, without one, for a service). The last member is the entry's
/// own component; what is not scoped, such as the streams of WASI 0.3, counts as its.
pub(crate) fn new_store(
    engine: &Engine,
    members: &Arc<[Member]>,
    memory_limit_in_bytes: u64,
    observer: &Arc<dyn Observer>,
    call: Option<CallId>,
) -> Store<State> {
    let stdio: Vec<_> = members.iter().map(|member| MemberStdio::new(member, observer, call)).collect();
    let mut wasi = WasiCtx::builder();
    if let (Some(own), Some(member)) = (stdio.last(), members.last()) {
        wasi.stdout(own.stdout.clone()).stderr(own.stderr.clone());
        wasi.envs(&member.env).arg(member.name.as_str());
    }
    let state = State {
        table: ResourceTable::new(),
        members: Arc::clone(members),
        stdio,
        limiter: Limiter::new(memory_limit_in_bytes),
        observer: Arc::clone(observer),
        call,
        wasi: wasi.allow_tcp(false).allow_udp(false).build(),
        http: WasiHttpCtx::new(),
        no_network: NoNetwork,
    };
    let mut store = Store::new(engine, state);
    store.limiter(|state| &mut state.limiter);
    store.set_epoch_deadline(1);
    store.epoch_deadline_async_yield_and_update(1);
    store
}
