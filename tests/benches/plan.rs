//! How long planning takes: `cargo bench -p jackfield-tests --bench plan`.
//!
//! The aim is 50 ms for 200 components with 2 000 ports, which is ten times what anybody has on one screen,
//! so that a plan can be made anew for every change in the window.

#![allow(clippy::expect_used, clippy::unwrap_used, missing_docs, reason = "a benchmark fails by panicking")]

use std::fmt::Write as _;
use std::hint::black_box;
use std::path::Path;

use criterion::{Criterion, criterion_group, criterion_main};
use jackfield_host::Host;
use jackfield_host::plan::plan;
use jackfield_host::workload::{Loaded, OnlyFiles, load};
use jackfield_protocol::Plan;
use wit_component::{ComponentEncoder, StringEncoding, dummy_module, embed_component_metadata};
use wit_parser::{LiftLowerAbi, ManglingAndAbi, Resolve};

const COMPONENTS: usize = 200;
/// Half of the ports of each component import, half export.
const HALF: usize = 5;

/// What an interface looks like: of middling size, with a resource and types in types.
const BODY: &str = "
    record key { name: string, version: tuple<u32, u32, u32> }
    variant outcome { none, one(key), many(list<key>), failed(string) }
    flags rights { read, write, browse }
    resource store {
        constructor(rights: rights);
        find: func(key: key) -> result<outcome, string>;
        put: func(key: key, value: list<u8>) -> result<option<key>, string>;
    }
    open: func(name: string, rights: rights) -> result<store, string>;
    count: func(keys: list<key>) -> u64;
";

fn encode(wit: &str) -> Vec<u8> {
    let mut resolve = Resolve::default();
    let package = resolve.push_str("bench.wit", wit).expect("WIT");
    let world = resolve.select_world(&[package], Some("it")).expect("a world");
    let mut module = dummy_module(&resolve, world, ManglingAndAbi::Legacy(LiftLowerAbi::Sync));
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).expect("metadata");
    ComponentEncoder::default().module(&module).expect("a module").encode().expect("a component")
}

/// A component that imports and exports these interfaces, by their package and its version.
fn component(imports: &[(String, &str)], exports: &[(String, &str)]) -> Vec<u8> {
    let mut text = String::from("package bench:it;\nworld it {\n");
    for (word, ports) in [("import", imports), ("export", exports)] {
        for (package, version) in ports {
            writeln!(text, "{word} bench:{package}/api@{version};").unwrap();
        }
    }
    text += "}\n";
    for (package, version) in imports.iter().chain(exports) {
        let package = format!("package bench:{package}@{version} {{ interface api {{ {BODY} }} }}\n");
        if !text.contains(&package) {
            text += &package;
        }
    }
    encode(&text)
}

fn workload(components: &[Vec<u8>]) -> Loaded {
    let folder = tempfile::tempdir().expect("a folder");
    let mut text = String::from("name = \"bench\"\n");
    for (place, bytes) in components.iter().enumerate() {
        std::fs::write(folder.path().join(format!("c{place}.wasm")), bytes).expect("a file");
        writeln!(text, "[components.c{place}]\nsource = \"./c{place}.wasm\"").unwrap();
    }
    std::fs::write(folder.path().join("workload.toml"), text).expect("a file");
    let loaded = load(Path::new(folder.path()), &OnlyFiles).expect("a workload");
    let ports: usize = loaded.components.values().map(|it| it.info().ports.len()).sum();
    assert!(ports >= COMPONENTS * 2 * HALF, "only {ports} ports");
    loaded
}

/// Every component exports interfaces of its own, and imports those of components after it.
fn layers() -> Loaded {
    let name = |place: usize, port: usize| format!("p{place}x{port}");
    let made = (0..COMPONENTS).map(|place| {
        let exports: Vec<_> = (0..HALF).map(|port| (name(place, port), "1.4.0")).collect();
        let imports: Vec<_> = (0..HALF).map(|port| (name(place + 1 + port * 3, port), "1.2.0")).collect();
        component(&imports, &exports)
    });
    workload(&made.collect::<Vec<_>>())
}

/// Every component is in five chains of all components: each import has 200 exports to look at.
fn crowd() -> Loaded {
    let ports = |version| (0..HALF).map(|port| (format!("chain{port}"), version)).collect::<Vec<_>>();
    let made = component(&ports("1.2.0"), &ports("1.4.0"));
    workload(&vec![made; COMPONENTS])
}

fn planned(loaded: &Loaded) -> Plan {
    plan(&loaded.workload, &loaded.components, &Host::catalog())
}

fn bench(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("plan");
    group.sample_size(20);
    for (name, loaded) in [("200 components in layers", layers()), ("200 components in chains", crowd())] {
        group.bench_function(name, |bencher| bencher.iter(|| planned(black_box(&loaded))));
    }
    group.finish();
}

criterion_group!(benches, bench);
criterion_main!(benches);
