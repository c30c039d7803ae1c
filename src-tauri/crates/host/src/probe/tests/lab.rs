//! Compositions with probes, in which calls are made.

use std::{
    fs,
    sync::{Arc, Mutex},
};

use jackfield_protocol::{CallId, Link, Outcome, Plan, ProbeLevel, ProbeSite, Span, WorkloadId};
use wasmtime::{
    Store,
    component::{Component, Func, Instance, InstancePre, Val},
};
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

use crate::{
    Line, Observer,
    calls::Clock,
    compose::{Composition, compose},
    engine::{Engines, Mode, is_concurrent},
    entry, host,
    limiter::MemberMemory,
    observe::{Ended, ProbeBoard, Tracer},
    permission::Boundary,
    plan::plan,
    plugin::{self, BoundPlugins, Plugins},
    probe, scoped,
    store::{Member, State, new_store},
    workload::{Loaded, OnlyFiles, load},
};

/// Hears nothing.
struct Deaf;

impl Observer for Deaf {
    fn line(&self, _: Line) {}
    fn state(&self, _: jackfield_protocol::WorkloadState) {}
}

/// A component of this world, with this core module.
pub(super) fn guest(wit: &str, world: &str, code: &str) -> Vec<u8> {
    let module = wat::parse_str(code).unwrap_or_else(|error| panic!("{code}: {error}"));
    encoded(wit, world, module)
}

pub(super) fn encoded(wit: &str, world: &str, mut module: Vec<u8>) -> Vec<u8> {
    let mut resolve = Resolve::default();
    let package = resolve.push_str("test.wit", wit).expect("WIT");
    let world = resolve.select_world(&[package], Some(world)).expect("a world");
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).expect("metadata");
    let encoder = ComponentEncoder::default().module(&module).expect("a module");
    encoder.validate(true).encode().unwrap_or_else(|error| panic!("{error:#}"))
}

/// A composed workload.
pub(super) struct Lab {
    pub(super) composition: Composition,
    pre: InstancePre<State>,
    members: Arc<[Member]>,
    board: ProbeBoard,
}

impl Lab {
    /// The last of the components is the entry. There are probes on the links that are `observed`.
    pub(super) fn new(components: &[(&str, Vec<u8>)], observed: impl Fn(&Link) -> bool) -> Self {
        Self::of(&loaded(components), components.last().expect("an entry").0, observed)
    }

    pub(super) fn of(loaded: &Loaded, entry: &str, observed: impl Fn(&Link) -> bool) -> Self {
        let plan = planned(loaded);
        let plugins = BoundPlugins::new(Plugins::built_in());
        let composition = composed(loaded, &plan, entry, &observed);
        let engines = Engines::new(None, 0, plugins.plugins()).expect("engines");
        let backend =
            engines.on_demand(Mode { is_concurrent: is_concurrent(&composition.bytes), is_metered: false });
        let engine = &backend.engine;
        let compiled =
            Component::from_binary(engine, &composition.bytes).unwrap_or_else(|error| panic!("{error:?}"));
        let mut linker = host::linker(engine, backend.mode, plugins.plugins()).expect("a linker");
        for (place, interface) in &composition.scoped {
            scoped::define(&mut linker, *place, *interface).expect("definitions");
        }
        for plugged in &composition.plugged {
            let bound = plugins.get(&plugged.plugin, &loaded.workload).expect("a plugin");
            plugin::define(&mut linker, &*bound, plugged, &loaded.workload).expect("definitions");
        }
        probe::define(&mut linker, backend, &compiled, &composition.probes).expect("definitions");
        let board = ProbeBoard::new(WorkloadId(0));
        for site in &composition.probes.0 {
            let (consumer, import) = (site.consumer.clone(), site.import.clone());
            site.watch(&board.board().site(&ProbeSite::Link { consumer, import }));
        }
        let pre = linker.instantiate_pre(&compiled).unwrap_or_else(|error| panic!("{error:?}"));
        let boundary = Arc::new(Boundary::of(loaded, &plan, Arc::new(Deaf)).expect("a boundary"));
        let members = composition
            .members
            .iter()
            .map(|name| Member::new(&loaded.workload, &plan, &boundary, name.clone()).expect("a member"));
        let members = members.collect();
        Self { composition, pre, members, board }
    }

    /// An instance, with a tracer for one call.
    pub(super) async fn live(&self) -> Live {
        self.live_at(ProbeLevel::Values).await
    }

    /// How many bytes have gone over the links that are observed.
    pub(super) fn bytes(&self) -> u64 {
        self.board.figures().iter().map(|figures| figures.bytes).sum()
    }

    /// As [`Self::live`], with at least so much observed.
    pub(super) async fn live_at(&self, floor: ProbeLevel) -> Live {
        let limits: Arc<[MemberMemory]> = self
            .members
            .iter()
            .map(|member| MemberMemory { component: member.name.clone(), limit_in_bytes: 1 << 30 })
            .collect();
        let observer: Arc<dyn Observer> = Arc::new(Deaf);
        let mut store = new_store(self.pre.engine(), &self.members, &limits, &observer, Some(CallId(1)));
        let entry = (&"entry".into(), "call".to_owned());
        let tracer = Tracer::of_service(
            Arc::clone(self.board.board()),
            observer,
            self.composition.probes.0.clone().into(),
            &[],
        )
        .of_call(CallId(1), Clock::default(), floor, entry, Vec::new(), None);
        let tracer = Arc::new(Mutex::new(tracer));
        store.data_mut().trace_to(Some(Arc::clone(&tracer)));
        let instance = self.pre.instantiate_async(&mut store).await.expect("an instance");
        Live { store, instance, tracer }
    }
}

/// A workload of these components.
pub(super) fn loaded(components: &[(&str, Vec<u8>)]) -> Loaded {
    let folder = tempfile::tempdir().expect("a folder");
    let mut text = String::from("name = \"test\"\n");
    for (name, bytes) in components {
        fs::write(folder.path().join(format!("{name}.wasm")), bytes).expect("a file");
        text += &format!("[components.{name}]\nsource = \"./{name}.wasm\"\n");
    }
    fs::write(folder.path().join("workload.toml"), text).expect("a file");
    load(folder.path(), &OnlyFiles).unwrap_or_else(|error| panic!("{error:?}"))
}

pub(super) fn planned(loaded: &Loaded) -> Plan {
    let plan = plan(&loaded.workload, &loaded.components, &Plugins::built_in().catalog());
    assert!(plan.is_runnable(), "{:#?}", plan.diagnostics);
    plan
}

pub(super) fn composed(
    loaded: &Loaded,
    plan: &Plan,
    entry: &str,
    observed: &dyn Fn(&Link) -> bool,
) -> Composition {
    let plugins = Plugins::built_in();
    compose(plan, &loaded.components, &entry.into(), &plugins, observed, |_, bytes| Ok(bytes.to_vec()))
        .unwrap_or_else(|error| panic!("{error:?}"))
}

/// An instance of it.
pub(super) struct Live {
    pub(super) store: Store<State>,
    pub(super) instance: Instance,
    tracer: Arc<Mutex<Tracer>>,
}

impl Live {
    pub(super) fn func(&mut self, interface: &str, function: &str) -> Func {
        let interface = (!interface.is_empty()).then_some(interface);
        entry::export(&mut self.store, self.instance, interface, function).expect("a function")
    }

    /// Calls a function of the entry.
    pub(super) async fn call(
        &mut self,
        interface: &str,
        function: &str,
        args: &[Val],
    ) -> wasmtime::Result<Option<Val>> {
        let func = self.func(interface, function);
        let mut results = vec![Val::Bool(false); func.ty(&self.store).results().len()];
        func.call_async(&mut self.store, args, &mut results).await?;
        Ok(results.pop())
    }

    /// How the calls over links ended.
    pub(super) fn outcomes(&self) -> Vec<Outcome> {
        self.trace().into_iter().map(|span| span.outcome).collect()
    }

    /// The calls over links: `provider function(arguments) = result`.
    pub(super) fn spans(&self) -> Vec<String> {
        self.trace().iter().map(told).collect()
    }

    /// The calls over links, as they are kept. Told once.
    pub(super) fn trace(&self) -> Vec<Span> {
        let ended = Ended { outcome: Outcome::Unfinished, result: None };
        let trace = self.tracer.lock().expect("a tracer").finish(ended).expect("a trace");
        trace.spans.into_iter().skip(1).collect()
    }
}

/// A call as a line.
pub(super) fn told(span: &Span) -> String {
    let function = span.function.rsplit('/').next().unwrap_or_default();
    let result = span.result.as_deref().unwrap_or("-");
    let args: Vec<_> = span.args.iter().map(|arg| arg.value.as_str()).collect();
    format!("{} {function}({}) = {result}", span.provider.as_str(), args.join(", "))
}
