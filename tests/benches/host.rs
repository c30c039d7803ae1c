//! What running in Jackfield costs beside bare Wasmtime doing the same: calls between two components,
//! beside a composition made by hand with `wac`, and a call in a fresh instance.
//!
//! Compare the figures of one run with each other, not with those of other machines.
#![allow(missing_docs, reason = "criterion's macros make functions without docs")]
#![allow(clippy::expect_used, clippy::panic, reason = "a benchmark that cannot run says so by panicking")]

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
use wac_graph::{CompositionGraph, EncodeOptions, types::Package};
use wasmtime::{
    Config, Engine, InstanceAllocationStrategy, PoolingAllocationConfig, Store,
    component::{Component, InstancePre, Linker, ResourceTable, TypedFunc},
};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};

/// What is called, and how often in one measurement: so often that what the outermost call costs does
/// not count.
const SHAPES: [(&str, u32); 5] =
    [("add", 100_000), ("text", 20_000), ("bytes", 500), ("distance", 100_000), ("next", 100_000)];

/// The import by which the two components are linked.
const OPS: &str = "bench:calls/ops@0.1.0";

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

/// The sample in Jackfield, with the policy that `instances` says for the component that calls.
async fn jackfield(instances: &str) -> Running {
    let folder = tempfile::tempdir().expect("a folder");
    for name in ["calls-caller.wasm", "calls-callee.wasm"] {
        fs::write(folder.path().join(name), binary(name)).expect("a copy");
    }
    let workload = format!(
        "name = \"calls\"\n[components]\ncallee = {{ source = \"./calls-callee.wasm\" }}\n\
         caller = {{ source = \"./calls-caller.wasm\", instances = {instances} }}\n"
    );
    fs::write(folder.path().join("workload.toml"), workload).expect("a workload file");
    let loaded = load(folder.path(), &OnlyFiles).expect("a workload");
    let infos = loaded.components.iter().map(|(name, it)| (name.clone(), it.info().clone())).collect();
    let plan = plan(&loaded.workload, &infos, &Host::catalog());
    let host = Host::new(&HostConfig::default()).expect("a host");
    host.start(Arc::new(loaded), Arc::new(plan), Arc::new(Silence)).await.expect("it runs")
}

async fn call(running: &Running, function: &str, args: &[String]) {
    running.call(next_call(), &"caller".into(), function, args).await.expect("a result");
}

/// What WASI needs, and nothing else.
struct Bare {
    wasi: WasiCtx,
    table: ResourceTable,
}

impl Bare {
    fn store(engine: &Engine) -> Store<Self> {
        Store::new(engine, Self { wasi: WasiCtx::builder().build(), table: ResourceTable::new() })
    }
}

impl WasiView for Bare {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}

/// The two components, composed as the `wac` command does it.
fn composed() -> Vec<u8> {
    let mut graph = CompositionGraph::new();
    let mut instantiate = |name: &str| {
        let bytes = binary(&format!("calls-{name}.wasm"));
        let name = format!("bench:{name}");
        let package = Package::from_bytes(&name, None, bytes, graph.types_mut()).expect("a package");
        let package = graph.register_package(package).expect("registered");
        (package, graph.instantiate(package))
    };
    let (_, callee) = instantiate("callee");
    let (caller_package, caller) = instantiate("caller");
    let ops = graph.alias_instance_export(callee, OPS).expect("an export");
    graph.set_instantiation_argument(caller, OPS, ops).expect("a link");
    let world = graph[caller_package].ty();
    let names: Vec<String> = graph.types()[world].exports.keys().cloned().collect();
    for name in names {
        let node = graph.alias_instance_export(caller, &name).expect("an export");
        graph.export(node, name).expect("exported");
    }
    graph.encode(EncodeOptions::default()).expect("a component")
}

fn bare() -> (Engine, InstancePre<Bare>) {
    let mut pool = PoolingAllocationConfig::new();
    pool.total_memories(64).total_core_instances(512).total_tables(512).max_tables_per_module(4);
    let mut config = Config::new();
    config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool));
    let engine = Engine::new(&config).expect("an engine");
    let component = Component::new(&engine, composed()).expect("compiled");
    let mut linker = Linker::new(&engine);
    wasmtime_wasi::p2::add_to_linker_async(&mut linker).expect("WASI");
    let pre = linker.instantiate_pre(&component).expect("linked");
    (engine, pre)
}

fn between_components(criterion: &mut Criterion) {
    let runtime = Runtime::new().expect("a runtime");
    let mut group = criterion.benchmark_group("call between components");
    let running = runtime.block_on(jackfield("{ policy = \"reuse\", max_calls = 4000000000 }"));
    let (engine, pre) = bare();
    for (shape, calls) in SHAPES {
        group.throughput(Throughput::Elements(u64::from(calls)));
        group.bench_function(BenchmarkId::new("jackfield", shape), |bencher| {
            let args = [calls.to_string()];
            bencher.iter(|| runtime.block_on(call(&running, shape, &args)));
        });
        group.bench_function(BenchmarkId::new("wac", shape), |bencher| {
            let mut store = Bare::store(&engine);
            let instance = runtime.block_on(pre.instantiate_async(&mut store)).expect("an instance");
            if shape == "distance" {
                let func: TypedFunc<(u32,), (f64,)> =
                    instance.get_typed_func(&mut store, shape).expect("a function");
                bencher.iter(|| runtime.block_on(func.call_async(&mut store, (calls,))).expect("a result"));
            } else {
                let func: TypedFunc<(u32,), (u32,)> =
                    instance.get_typed_func(&mut store, shape).expect("a function");
                bencher.iter(|| runtime.block_on(func.call_async(&mut store, (calls,))).expect("a result"));
            }
        });
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
        let running = runtime.block_on(jackfield(instances));
        group.bench_function(name, |bencher| {
            bencher.iter(|| runtime.block_on(call(&running, "nothing", &[])));
        });
    }
    let (engine, pre) = bare();
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

criterion_group!(benches, between_components, fresh_instance);
criterion_main!(benches);
