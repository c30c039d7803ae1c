//! What observing costs: a call between two components with probes at each level, beside the same without any,
//! and beside a host function that passes the call on, which is how links are observed elsewhere.
//!
//! Compare the figures of one run with each other, not with those of other machines.
#![allow(missing_docs, reason = "criterion's macros make functions without docs")]
#![allow(clippy::expect_used, clippy::panic, reason = "a benchmark that cannot run says so by panicking")]

use std::{fs, sync::Arc};

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use jackfield_host::{
    Host, HostConfig, Line, Observer, ProbeBoard, Running, next_call,
    plan::plan,
    workload::{OnlyFiles, load},
};
use jackfield_protocol::{
    Plan, ProbeLevel, ProbeSelection, ProbeSite, Trace, TraceId, WorkloadId, WorkloadState,
};
use jackfield_tests::files;
use tokio::runtime::Runtime;
use wasmtime::{
    Config, Engine, Store,
    component::{Component, Linker, ResourceTable, Val},
};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};

/// In one measurement; no more than a trace keeps spans.
const CALLS: u32 = 9_000;
const OPS: &str = "bench:calls/ops@0.1.0";

/// Counts the spans that it is told of, so that nobody finds them unused.
struct Listener;

impl Observer for Listener {
    fn line(&self, _: Line) {}

    fn state(&self, _: WorkloadState) {}

    fn traced(&self, trace: Trace) -> TraceId {
        TraceId(std::hint::black_box(trace).spans.len() as u64)
    }
}

struct Observed {
    running: Running,
    board: ProbeBoard,
    plan: Arc<Plan>,
}

impl Observed {
    async fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut workload = String::from("name = \"calls\"\n[components]\n");
        for name in ["callee", "caller"] {
            let path = files::root().join(format!("samples/calls/calls-{name}.wasm"));
            let instances = "{ policy = \"reuse\", max_calls = 4000000000 }";
            workload += &format!("{name} = {{ source = {path:?}, instances = {instances} }}\n");
        }
        fs::write(folder.path().join("workload.toml"), workload).expect("a workload file");
        let loaded = Arc::new(load(folder.path(), &OnlyFiles).expect("a workload"));
        let plan = Arc::new(plan(&loaded.workload, &loaded.components, &Host::catalog()));
        let host = Host::new(&HostConfig::default()).expect("a host");
        let board = ProbeBoard::new(WorkloadId(1));
        let starting = host.start_observed(loaded, Arc::clone(&plan), Arc::new(Listener), board.clone());
        let running = starting.await.expect("it runs");
        Self { running, board, plan }
    }

    fn set(&self, level: ProbeLevel) {
        let site = ProbeSite::Link { consumer: "caller".into(), import: OPS.to_owned() };
        self.board.set(&self.plan, &ProbeSelection::One(site), level).expect("the link");
    }

    async fn call(&self, shape: &str) {
        let args = [CALLS.to_string()];
        self.running.call(next_call(), &"caller".into(), shape, &args).await.expect("a result");
    }
}

/// What WASI needs, and the component that is called.
struct Bare {
    wasi: WasiCtx,
    table: ResourceTable,
}

impl WasiView for Bare {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}

/// The caller, whose calls go to a host function that calls the callee.
async fn trampoline() -> (Store<Bare>, wasmtime::component::Func) {
    let mut config = Config::new();
    config.epoch_interruption(true);
    let engine = Engine::new(&config).expect("an engine");
    let samples = files::root().join("samples/calls");
    let component = |name: &str| Component::from_file(&engine, samples.join(name)).expect("a component");
    let (caller, callee) = (component("calls-caller.wasm"), component("calls-callee.wasm"));
    let mut store =
        Store::new(&engine, Bare { wasi: WasiCtx::builder().build(), table: ResourceTable::new() });
    store.set_epoch_deadline(1 << 32);
    let mut linker = Linker::new(&engine);
    wasmtime_wasi::p2::add_to_linker_async(&mut linker).expect("WASI");
    let instance = linker.instantiate_async(&mut store, &callee).await.expect("an instance");
    let ops = instance.get_export_index(&mut store, None, OPS).expect("an interface");
    let add = instance.get_export_index(&mut store, Some(&ops), "add").expect("a function");
    let add = instance.get_func(&mut store, add).expect("a function");
    linker.allow_shadowing(true);
    linker.define_unknown_imports_as_traps(&caller).expect("the rest");
    linker
        .instance(OPS)
        .expect("an instance")
        .func_new_async("add", move |mut store, _, params: &[Val], results| {
            Box::new(async move { add.call_async(&mut store, params, results).await })
        })
        .expect("a function");
    let instance = linker.instantiate_async(&mut store, &caller).await.expect("an instance");
    let func = instance.get_func(&mut store, "add").expect("a function");
    (store, func)
}

fn observed_call(criterion: &mut Criterion) {
    let runtime = Runtime::new().expect("a runtime");
    let mut group = criterion.benchmark_group("observed call");
    group.throughput(Throughput::Elements(u64::from(CALLS)));
    let observed = runtime.block_on(Observed::new());
    for shape in ["add", "text", "next"] {
        let mut measure = |name: &str| {
            group.bench_function(BenchmarkId::new(name, shape), |bencher| {
                bencher.iter(|| runtime.block_on(observed.call(shape)));
            });
        };
        observed.set(ProbeLevel::Off);
        measure("never probed");
        observed.set(ProbeLevel::Timing);
        measure("names and timing");
        observed.set(ProbeLevel::Values);
        measure("values");
        observed.set(ProbeLevel::Off);
        measure("off again");
    }
    let (mut store, func) = runtime.block_on(trampoline());
    group.bench_function(BenchmarkId::new("host trampoline", "add"), |bencher| {
        bencher.iter(|| {
            let (args, mut results) = ([Val::U32(CALLS)], [Val::Bool(false)]);
            runtime.block_on(func.call_async(&mut store, &args, &mut results)).expect("a result");
        });
    });
    group.finish();
}

criterion_group!(benches, observed_call);
criterion_main!(benches);
