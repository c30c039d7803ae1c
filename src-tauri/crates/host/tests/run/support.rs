//! A workload in a folder of its own, and a witness of what becomes of it.

use std::{
    fs,
    path::Path,
    sync::{Arc, Mutex},
    time::Duration,
};

use jackfield_host::{
    Host, HostConfig, HostError, Line, NotReloaded, Observer, Reloaded, Running, next_call,
    plan::plan,
    workload::{OnlyFiles, load},
};
use jackfield_protocol::{CallOutcome, WorkloadState};
use tempfile::TempDir;
use tokio::sync::watch;

/// Long enough for a slow machine; reached only when something is wrong.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// Remembers all that it hears.
pub(crate) struct Witness {
    lines: Mutex<Vec<String>>,
    states: Mutex<Vec<WorkloadState>>,
    reloads: Mutex<Vec<Result<Reloaded, NotReloaded>>>,
    changed: watch::Sender<()>,
}

impl Witness {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self {
            lines: Mutex::default(),
            states: Mutex::default(),
            reloads: Mutex::default(),
            changed: watch::Sender::new(()),
        })
    }

    pub(crate) fn lines(&self) -> Vec<String> {
        self.lines.lock().unwrap().clone()
    }

    pub(crate) fn states(&self) -> Vec<WorkloadState> {
        self.states.lock().unwrap().clone()
    }

    /// What came of files that had changed since this was asked last.
    pub(crate) fn reloads(&self) -> Vec<Result<Reloaded, NotReloaded>> {
        std::mem::take(&mut self.reloads.lock().unwrap())
    }

    pub(crate) fn labels(&self) -> Vec<&'static str> {
        self.states().iter().map(WorkloadState::label).collect()
    }

    pub(crate) async fn until(&self, condition: impl Fn(&Self) -> bool) {
        let mut changes = self.changed.subscribe();
        tokio::time::timeout(PATIENCE, async {
            while !condition(self) {
                changes.changed().await.expect("the witness lives");
            }
        })
        .await
        .unwrap_or_else(|_| panic!("states: {:?}, lines: {:?}", self.states(), self.lines()));
    }
}

impl Observer for Witness {
    fn line(&self, line: Line) {
        self.lines.lock().unwrap().push(format!("{} {}: {}", line.component, line.stream, line.text));
        self.changed.send_replace(());
    }

    fn state(&self, state: WorkloadState) {
        self.states.lock().unwrap().push(state);
        self.changed.send_replace(());
    }

    fn reloaded(&self, reloaded: Reloaded) {
        self.reloads.lock().unwrap().push(Ok(reloaded));
    }

    fn not_reloaded(&self, problem: NotReloaded) {
        self.reloads.lock().unwrap().push(Err(problem));
    }
}

/// A workload in a folder of its own, made of guests from `tests/guests`.
pub(crate) struct Bench {
    pub(crate) folder: TempDir,
    pub(crate) host: Host,
    pub(crate) witness: Arc<Witness>,
}

impl Bench {
    pub(crate) fn new(workload: &str) -> Self {
        Self::with(workload, &HostConfig::default())
    }

    pub(crate) fn with(workload: &str, config: &HostConfig) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let guests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/guests");
        for entry in fs::read_dir(guests).unwrap() {
            let path = entry.unwrap().path();
            let wasm = wat::parse_file(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            let name = Path::new(path.file_name().unwrap()).with_extension("wasm");
            fs::write(folder.path().join(name), wasm).unwrap();
        }
        fs::write(folder.path().join("workload.toml"), workload).unwrap();
        let host = Host::new(config).unwrap();
        Self { folder, host, witness: Witness::new() }
    }

    /// `[components]` with one guest under its own name, and that as the service.
    pub(crate) fn service(guest: &str, more: &str) -> Self {
        Self::new(&format!(
            "name = \"test\"\n[components.{guest}]\nsource = \"./{guest}.wasm\"\n{more}\n\
             [service]\ncomponent = \"{guest}\"\n"
        ))
    }

    /// Puts another guest in the place of one.
    pub(crate) fn replace(&self, guest: &str, text: &str) {
        fs::write(self.folder.path().join(guest).with_extension("wasm"), wat::parse_str(text).unwrap())
            .unwrap();
    }

    pub(crate) async fn start(&self) -> Result<Running, HostError> {
        let loaded = load(self.folder.path(), &OnlyFiles).unwrap();
        let plan = plan(&loaded.workload, &loaded.components, &Host::catalog());
        self.host.start(Arc::new(loaded), Arc::new(plan), self.witness.clone()).await
    }

    pub(crate) async fn started(&self) -> Running {
        self.start().await.unwrap()
    }

    pub(crate) async fn failed_reason(&self) -> String {
        self.witness.until(|it| matches!(it.states().last(), Some(WorkloadState::Failed { .. }))).await;
        self.witness.states().last().unwrap().to_string()
    }
}

pub(crate) async fn call(
    running: &Running,
    component: &str,
    function: &str,
    args: &[&str],
) -> Result<CallOutcome, HostError> {
    let args: Vec<String> = args.iter().map(|arg| (*arg).to_owned()).collect();
    tokio::time::timeout(PATIENCE, running.call(next_call(), &component.into(), function, &args))
        .await
        .unwrap()
}

/// The result of a call that must have one.
pub(crate) async fn result(running: &Running, component: &str, function: &str, args: &[&str]) -> String {
    let outcome = call(running, component, function, args).await;
    outcome.unwrap_or_else(|error| panic!("{function}: {error}")).result.unwrap_or_default()
}
