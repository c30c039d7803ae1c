//! Plugins with async functions beside components that have none.

use std::sync::Arc;

use jackfield_host::{
    Host, HostConfig,
    plugin::{
        Binding, Bound, Plugin, PluginError, PluginInterface, State,
        wasmtime::{self, component::Linker},
    },
};

use crate::support::{BOTH, call, start_with, write};

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
