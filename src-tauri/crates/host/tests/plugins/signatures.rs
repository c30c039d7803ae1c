//! Every function of every interface in `wit/` that a plugin implements is defined with the types that it has there.
//!
//! A component that imports all of an interface cannot be instantiated otherwise. It is made of the WIT here, so
//! that the list of interfaces is that of the plugins and no interface is forgotten.

use std::{fs, path::Path, sync::Arc};

use wit_component::{ComponentEncoder, StringEncoding, dummy_module, embed_component_metadata};
use wit_parser::{LiftLowerAbi, ManglingAndAbi, Resolve};

use crate::support::{host, start_with};

/// The packages in `wit/`, and an older way to import one of them.
const PACKAGES: [&str; 6] = [
    "wasi-config-rc",
    "wasi-config-draft",
    "wasi-logging",
    "wasi-keyvalue-draft",
    "wasi-keyvalue-draft2",
    "wasi-blobstore",
];

/// A component that imports an interface of a package, and exports something so that it is instantiated.
fn importer(package: &str, interface: &str) -> Vec<u8> {
    let mut resolve = Resolve::default();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../wit").join(package);
    resolve.push_dir(&folder).unwrap();
    let world =
        format!("package test:importer;\nworld w {{\n  import {interface};\n  export run: func();\n}}\n");
    let package = resolve.push_str("importer.wit", &world).unwrap();
    let world = resolve.select_world(&[package], None).unwrap();
    let mut module = dummy_module(&resolve, world, ManglingAndAbi::Legacy(LiftLowerAbi::Sync));
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).unwrap();
    ComponentEncoder::default().module(&module).unwrap().encode().unwrap()
}

/// The interfaces of a package, with their versions.
fn interfaces(package: &str) -> Vec<String> {
    let mut resolve = Resolve::default();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../wit").join(package);
    let (package, _) = resolve.push_dir(&folder).unwrap();
    let names = resolve.packages[package].interfaces.keys();
    names.map(|name| resolve.packages[package].name.interface_id(name)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_interface_is_defined_as_its_wit_says() {
    let host = host();
    let mut implemented: Vec<String> = host
        .plugins()
        .catalog()
        .interfaces()
        .iter()
        .filter(|it| !["wasi", "wasi:http"].contains(&it.plugin.as_str()))
        .map(|it| it.interface.to_string())
        .filter(|name| name.contains('@'))
        .collect();
    let folder = tempfile::tempdir().unwrap();
    for package in PACKAGES {
        for interface in interfaces(package) {
            fs::write(folder.path().join("a.wasm"), importer(package, &interface)).unwrap();
            let workload = "name = \"test\"\n[components.a]\nsource = \"./a.wasm\"\n";
            fs::write(folder.path().join("workload.toml"), workload).unwrap();
            if let Err(error) = start_with(&host, folder.path(), Arc::default()).await {
                panic!("{interface}: {error}");
            }
            implemented.retain(|name| *name != interface);
        }
    }
    assert!(implemented.is_empty(), "without WIT here: {implemented:?}");
}
