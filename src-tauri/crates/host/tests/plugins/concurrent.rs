//! Plugins with async functions beside components that have none.

use std::{fs, sync::Arc};

use jackfield_host::{
    Host, HostConfig,
    plugin::{
        Binding, Bound, Plugin, PluginError, PluginInterface, State,
        wasmtime::{self, component::Linker},
    },
};

use crate::support::{BOTH, call, host, start_with, write};

/// Defines an async function where those are defined that are none.
#[derive(Debug)]
struct Naps;

struct Nothing;

impl Bound for Nothing {}

impl Plugin for Naps {
    fn id(&self) -> &str {
        "acme:naps"
    }

    fn interfaces(&self) -> Vec<PluginInterface> {
        vec![PluginInterface::per_host("acme:naps/nap@1.0.0")]
    }

    fn add_to_linker(&self, linker: &mut Linker<State>) -> wasmtime::Result<()> {
        let mut naps = linker.instance("acme:naps/nap@1.0.0")?;
        naps.func_wrap_concurrent("nap", |_, (): ()| Box::pin(async { Ok(()) }))
    }

    fn bind(&self, _: &Binding<'_>) -> Result<Arc<dyn Bound>, PluginError> {
        Ok(Arc::new(Nothing))
    }
}

#[tokio::test]
async fn a_plugin_that_is_async_throughout_keeps_no_component_from_running() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), BOTH);
    let plugins: Vec<Arc<dyn Plugin>> = vec![Arc::new(Naps)];
    let host = Host::new(&HostConfig { plugins, ..HostConfig::default() }).unwrap();
    let running = start_with(&host, folder.path(), Arc::default()).await.unwrap();
    let put = ["\"box\"", "\"a\"", "\"1\""];
    assert_eq!(call(&running, "newer", "shelf#put", &put).await, "ok");
}

/// Nothing in it is async, although the version of WASI is the one that has async functions.
const DIE: &str = r#"(component
    (import "wasi:random/random@0.3.0" (instance $random (export "get-random-u64" (func (result u64)))))
    (core func $get (canon lower (func $random "get-random-u64")))
    (core module $die
        (import "random" "get" (func $get (result i64)))
        (func (export "roll") (result i64) (i64.and (call $get) (i64.const 7))))
    (core instance $die (instantiate $die (with "random" (instance (export "get" (func $get))))))
    (func (export "roll") (result u64) (canon lift (core func $die "roll"))))"#;

#[tokio::test]
async fn a_component_of_wasi_03_that_uses_nothing_async_runs() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("die.wasm"), wat::parse_str(DIE).unwrap()).unwrap();
    let workload = "name = \"test\"\n[components]\ndie = { source = \"./die.wasm\" }\n";
    fs::write(folder.path().join("workload.toml"), workload).unwrap();
    let running = start_with(&host(), folder.path(), Arc::default()).await.unwrap();
    let rolled: u64 = call(&running, "die", "roll", &[]).await.parse().unwrap();
    assert!(rolled < 8, "{rolled}");
}
