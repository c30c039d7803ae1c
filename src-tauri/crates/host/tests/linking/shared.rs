//! A workload of components that exist only in memory until the test writes them down, planned and run.

use std::fs;
use std::sync::Arc;

use jackfield_host::plan::plan;
use jackfield_host::workload::{Loaded, OnlyFiles, load};
use jackfield_host::{Host, HostConfig, HostError, Line, Observer, Running, next_call};
use jackfield_protocol::{Plan, WorkloadState};

/// Hears nothing.
struct Deaf;

impl Observer for Deaf {
    fn line(&self, _: Line) {}
    fn state(&self, _: WorkloadState) {}
}

/// A workload of these components, in this order; `more` is the rest of its file.
pub(crate) fn workload(components: &[(&str, Vec<u8>)], more: &str) -> Loaded {
    let folder = tempfile::tempdir().expect("a folder");
    let mut text = String::from("name = \"test\"\n");
    for (name, bytes) in components {
        fs::write(folder.path().join(format!("{name}.wasm")), bytes).expect("a file");
        text += &format!("[components.{name}]\nsource = \"./{name}.wasm\"\n");
    }
    fs::write(folder.path().join("workload.toml"), text + more).expect("a file");
    load(folder.path(), &OnlyFiles).expect("a workload")
}

pub(crate) fn planned(loaded: &Loaded) -> Plan {
    plan(&loaded.workload, &loaded.components, &Host::catalog())
}

/// A text as a component.
pub(crate) fn wat(text: &str) -> Vec<u8> {
    wat::parse_str(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// The workload, running.
pub(crate) async fn started(loaded: Loaded) -> Result<Running, HostError> {
    let plan = planned(&loaded);
    let host = Host::new(&HostConfig::default()).expect("a host");
    host.start(Arc::new(loaded), Arc::new(plan), Arc::new(Deaf)).await
}

/// What a call gives back.
pub(crate) async fn call(running: &Running, component: &str, function: &str, args: &[&str]) -> String {
    let args: Vec<String> = args.iter().map(|arg| (*arg).to_owned()).collect();
    match running.call(next_call(), &component.into(), function, &args).await {
        Ok(outcome) => outcome.result.unwrap_or_default(),
        Err(error) => error.to_string(),
    }
}
