//! Workloads of the samples' components, running, and what their observer hears.

use std::{
    fs,
    path::Path,
    sync::{Arc, Mutex},
    time::Duration,
};

use jackfield_host::{
    Host, HostConfig, HostError, Line, Observer, Running, next_call,
    plan::plan,
    workload::{OnlyFiles, load},
};
use jackfield_protocol::{Plan, WorkloadState};

/// Long enough for a slow machine; reached only when something is wrong.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// The two components of the sample, as they stand in a workload.
pub(crate) const BOTH: &str = "name = \"test\"\n[components.older]\nsource = \"./older-drafts.wasm\"\n\
                    [components.newer]\nsource = \"./newer-drafts.wasm\"\n";

pub(crate) const DRAFTS: [&str; 2] = ["older", "newer"];

/// Remembers the lines that it hears.
#[derive(Default)]
pub(crate) struct Witness(pub(crate) Mutex<Vec<Line>>);

impl Observer for Witness {
    fn line(&self, line: Line) {
        self.0.lock().unwrap().push(line);
    }

    fn state(&self, _: WorkloadState) {}
}

/// Writes a workload with the sample's components into a folder.
pub(crate) fn write(folder: &Path, text: &str) {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../samples/plugins");
    for name in ["older-drafts.wasm", "newer-drafts.wasm", "cupboard.wasm"] {
        fs::copy(samples.join(name), folder.join(name)).expect("the samples: run `cargo xtask samples`");
    }
    fs::write(folder.join("workload.toml"), text).unwrap();
}

pub(crate) async fn start_with(
    host: &Host,
    folder: &Path,
    witness: Arc<Witness>,
) -> Result<Running, HostError> {
    let loaded = load(folder, &OnlyFiles).unwrap();
    let plan = planned(host, folder);
    host.start(Arc::new(loaded), Arc::new(plan), witness).await
}

pub(crate) fn planned(host: &Host, folder: &Path) -> Plan {
    let loaded = load(folder, &OnlyFiles).unwrap();
    plan(&loaded.workload, &loaded.components, &host.plugins().catalog())
}

pub(crate) fn host() -> Host {
    Host::new(&HostConfig::default()).unwrap()
}

/// A workload of both components with these lines after them, running.
pub(crate) async fn running(more: &str) -> (tempfile::TempDir, Running) {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), &format!("{BOTH}{more}"));
    let running = start_with(&host(), folder.path(), Arc::default()).await.unwrap();
    (folder, running)
}

pub(crate) async fn call(running: &Running, component: &str, function: &str, args: &[&str]) -> String {
    let args: Vec<String> = args.iter().map(|arg| (*arg).to_owned()).collect();
    let component = component.into();
    let call = running.call(next_call(), &component, function, &args);
    let outcome = tokio::time::timeout(PATIENCE, call).await.expect("it returns").unwrap();
    outcome.result.unwrap_or_default()
}
