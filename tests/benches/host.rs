//! What running in Jackfield costs beside bare Wasmtime doing the same: calls between two components,
//! beside a composition made by hand with `wac`, and a call in a fresh instance.
//!
//! Compare the figures of one run with each other, not with those of other machines.
#![allow(missing_docs, reason = "criterion's macros make functions without docs")]
#![allow(clippy::expect_used, clippy::panic, reason = "a benchmark that cannot run says so by panicking")]

#[path = "shared/wac.rs"]
mod wac;

use std::{fs, path::PathBuf, sync::Arc};

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use jackfield_host::{
    Host, HostConfig, Line, Observer, Running, next_call,
    plan::plan,
    workload::{OnlyFiles, load},
};
use jackfield_protocol::WorkloadState;
use jackfield_tests::files;
use tokio::runtime::Runtime;
use wasmtime::{
    Config, Engine, InstanceAllocationStrategy, PoolingAllocationConfig, Store,
    component::{Component, InstancePre, Linker, ResourceTable, TypedFunc, Val},
};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};

/// What is called, and how often in one measurement: so often that what the outermost call costs does
/// not count.
const SHAPES: [(&str, u32); 5] =
    [("add", 100_000), ("text", 20_000), ("bytes", 500), ("distance", 100_000), ("next", 100_000)];

/// The import by which the two components are linked.
const OPS: &str = "bench:calls/ops@0.1.0";

/// Both components of the sample.
const BOTH: [&str; 2] = ["callee", "caller"];

/// Hears nothing.
struct Silence;

impl Observer for Silence {
    fn line(&self, _: Line) {}

    fn state(&self, _: WorkloadState) {}
}

fn samples() -> PathBuf {
    files::root().join("samples/calls")
}

fn binary(name: &str) -> Vec<u8> {
    fs::read(samples().join(name)).expect("the sample, built by `cargo xtask samples`")
}

/// Components of the sample in Jackfield, each with the policy that `instances` says.
async fn jackfield(components: &[&str], instances: &str) -> Running {
    let folder = tempfile::tempdir().expect("a folder");
    let mut workload = String::from("name = \"calls\"\n[components]\n");
    for name in components {
        let path = samples().join(format!("calls-{name}.wasm"));
        workload += &format!("{name} = {{ source = {path:?}, instances = {instances} }}\n");
    }
    fs::write(folder.path().join("workload.toml"), workload).expect("a workload file");
    let loaded = load(folder.path(), &OnlyFiles).expect("a workload");
    let plan = plan(&loaded.workload, &loaded.components, &Host::catalog());
    let host = Host::new(&HostConfig::default()).expect("a host");
    host.start(Arc::new(loaded), Arc::new(plan), Arc::new(Silence)).await.expect("it runs")
}

async fn call(running: &Running, function: &str, args: &[String]) {
    call_of(running, "caller", function, args).await;
}

async fn call_of(running: &Running, component: &str, function: &str, args: &[String]) {
    running.call(next_call(), &component.into(), function, args).await.expect("a result");
}

/// What WASI needs, and nothing else.
struct Bare {
    wasi: WasiCtx,
    table: ResourceTable,
}

impl Bare {
    fn store(engine: &Engine) -> Store<Self> {
        let mut store =
            Store::new(engine, Self { wasi: WasiCtx::builder().build(), table: ResourceTable::new() });
        // Far beyond any measurement; ignored where guests cannot be interrupted.
        store.set_epoch_deadline(1 << 32);
        store
    }
}

impl WasiView for Bare {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}

/// The two components, composed as the `wac` command does it.
fn composed() -> Vec<u8> {
    wac::compose(binary("calls-callee.wasm"), binary("calls-caller.wasm"), OPS)
}

/// How bare Wasmtime runs.
#[derive(Clone, Copy)]
struct Mode {
    /// Guests that cannot be interrupted have less to do, in every loop; Jackfield's always can.
    is_interruptible: bool,
    /// The component model's async functions, which the sample does not use: with them calls are slower, and
    /// Wasmtime has them unless it is told not to. Jackfield runs what does not use them without.
    is_concurrent: bool,
}

/// As Wasmtime has it, but with guests that can be interrupted.
const USUAL: Mode = Mode { is_interruptible: true, is_concurrent: true };

fn bare_of(component: &[u8], mode: Mode) -> (Engine, InstancePre<Bare>) {
    let mut pool = PoolingAllocationConfig::new();
    pool.total_memories(64).total_core_instances(512).total_tables(512).max_tables_per_module(4);
    let mut config = Config::new();
    config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool));
    config.epoch_interruption(mode.is_interruptible).concurrency_support(mode.is_concurrent);
    let engine = Engine::new(&config).expect("an engine");
    let component = Component::new(&engine, component).expect("compiled");
    let mut linker = Linker::new(&engine);
    wasmtime_wasi::p2::add_to_linker_async(&mut linker).expect("WASI");
    let pre = linker.instantiate_pre(&component).expect("linked");
    (engine, pre)
}

fn between_components(criterion: &mut Criterion) {
    let runtime = Runtime::new().expect("a runtime");
    let mut group = criterion.benchmark_group("call between components");
    let running = runtime.block_on(jackfield(&BOTH, "{ policy = \"reuse\", max_calls = 4000000000 }"));
    let composed = composed();
    let by_hand = [
        ("wac", USUAL),
        ("wac, without async", Mode { is_concurrent: false, ..USUAL }),
        ("wac, not interruptible", Mode { is_interruptible: false, ..USUAL }),
    ]
    .map(|(name, mode)| (name, bare_of(&composed, mode)));
    for (shape, calls) in SHAPES {
        group.throughput(Throughput::Elements(u64::from(calls)));
        group.bench_function(BenchmarkId::new("jackfield", shape), |bencher| {
            let args = [calls.to_string()];
            bencher.iter(|| runtime.block_on(call(&running, shape, &args)));
        });
        for (name, (engine, pre)) in &by_hand {
            group.bench_function(BenchmarkId::new(*name, shape), |bencher| {
                let mut store = Bare::store(engine);
                let instance = runtime.block_on(pre.instantiate_async(&mut store)).expect("an instance");
                let func = instance.get_func(&mut store, shape).expect("a function");
                bencher.iter(|| {
                    let (args, mut results) = ([Val::U32(calls)], [Val::Bool(false)]);
                    let called = func.call_async(&mut store, &args, &mut results);
                    runtime.block_on(called).expect("a result");
                });
            });
        }
    }
    group.finish();
}

fn fresh_instance(criterion: &mut Criterion) {
    let runtime = Runtime::new().expect("a runtime");
    let mut group = criterion.benchmark_group("fresh instance and call");
    for (name, instances) in [
        ("jackfield", "{ policy = \"fresh\" }"),
        ("jackfield, ready", "{ policy = \"pool\", size = 64 }"),
        ("jackfield, reused", "{ policy = \"reuse\", max_calls = 4000000000 }"),
    ] {
        let running = runtime.block_on(jackfield(&BOTH, instances));
        group.bench_function(name, |bencher| {
            bencher.iter(|| runtime.block_on(call(&running, "nothing", &[])));
        });
    }
    let (engine, pre) = bare_of(&composed(), USUAL);
    group.bench_function("wasmtime", |bencher| {
        bencher.iter(|| {
            runtime.block_on(async {
                let mut store = Bare::store(&engine);
                let instance = pre.instantiate_async(&mut store).await.expect("an instance");
                let func: TypedFunc<(), (u32,)> =
                    instance.get_typed_func(&mut store, "nothing").expect("a function");
                func.call_async(&mut store, ()).await.expect("a result")
            })
        });
    });
    group.finish();
}

/// One small component, and not two.
fn fresh_instance_of_one(criterion: &mut Criterion) {
    let runtime = Runtime::new().expect("a runtime");
    let mut group = criterion.benchmark_group("fresh instance of one component and call");
    let running = runtime.block_on(jackfield(&["callee"], "{ policy = \"fresh\" }"));
    let args = ["1".to_owned(), "2".to_owned()];
    group.bench_function("jackfield", |bencher| {
        bencher.iter(|| runtime.block_on(call_of(&running, "callee", "add", &args)));
    });
    let (engine, pre) = bare_of(&binary("calls-callee.wasm"), USUAL);
    group.bench_function("wasmtime", |bencher| {
        bencher.iter(|| {
            runtime.block_on(async {
                let mut store = Bare::store(&engine);
                let instance = pre.instantiate_async(&mut store).await.expect("an instance");
                let ops = instance.get_export_index(&mut store, None, OPS).expect("an interface");
                let add = instance.get_export_index(&mut store, Some(&ops), "add").expect("a function");
                let func: TypedFunc<(u32, u32), (u32,)> =
                    instance.get_typed_func(&mut store, add).expect("a function");
                func.call_async(&mut store, (1, 2)).await.expect("a result")
            })
        });
    });
    group.finish();
}

criterion_group!(benches, between_components, fresh_instance, fresh_instance_of_one);
criterion_main!(benches);
