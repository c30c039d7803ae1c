//! A workload in a folder of its own, and a witness of what happens in it.

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
use jackfield_protocol::{Denial, WorkloadState};
use tempfile::TempDir;
use tokio::sync::watch;

/// Long enough for a slow machine; reached only when something is wrong.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// Remembers all that it hears.
pub(crate) struct Witness {
    lines: Mutex<Vec<String>>,
    states: Mutex<Vec<WorkloadState>>,
    denials: Mutex<Vec<Denial>>,
    changed: watch::Sender<()>,
}

impl Witness {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            lines: Mutex::default(),
            states: Mutex::default(),
            denials: Mutex::default(),
            changed: watch::Sender::new(()),
        })
    }

    pub(crate) fn lines(&self) -> Vec<String> {
        self.lines.lock().unwrap().clone()
    }

    pub(crate) fn states(&self) -> Vec<WorkloadState> {
        self.states.lock().unwrap().clone()
    }

    pub(crate) fn labels(&self) -> Vec<&'static str> {
        self.states().iter().map(WorkloadState::label).collect()
    }

    pub(crate) fn denials(&self) -> Vec<Denial> {
        self.denials.lock().unwrap().clone()
    }

    /// The origins that would have allowed what was denied.
    pub(crate) fn missing_grants(&self) -> Vec<String> {
        self.denials().into_iter().filter_map(|denial| denial.grant).collect()
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

    pub(crate) async fn until_line(&self, line: &str) {
        self.until(|it| it.lines().iter().any(|told| told == line)).await;
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

    fn denied(&self, denial: Denial) {
        self.denials.lock().unwrap().push(denial);
        self.changed.send_replace(());
    }
}

/// A workload in a folder of its own.
pub(crate) struct Bench {
    pub(crate) folder: TempDir,
    host: Host,
    pub(crate) witness: Arc<Witness>,
}

impl Bench {
    pub(crate) fn new(workload: &str) -> Self {
        Self::named("test", workload)
    }

    pub(crate) fn named(name: &str, workload: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let host = Path::new(env!("CARGO_MANIFEST_DIR"));
        for entry in ["tests/guests", "tests/outside/guests"]
            .iter()
            .flat_map(|guests| fs::read_dir(host.join(guests)).unwrap())
        {
            let path = entry.unwrap().path();
            let wasm = wat::parse_file(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            let name = Path::new(path.file_name().unwrap()).with_extension("wasm");
            fs::write(folder.path().join(name), wasm).unwrap();
        }
        for name in ["errands.wasm", "clerk.wasm", "scout.wasm"] {
            let from = host.join("../../../samples/errands").join(name);
            fs::copy(&from, folder.path().join(name))
                .unwrap_or_else(|error| panic!("{error}: `cargo xtask samples` makes {}", from.display()));
        }
        fs::write(folder.path().join("workload.toml"), format!("name = \"{name}\"\n{workload}")).unwrap();
        let host = Host::new(&HostConfig::default()).unwrap();
        Self { folder, host, witness: Witness::new() }
    }

    /// A workload of `clerk`, who can pass errands on to `errands`, each with what it says of them.
    pub(crate) fn office(clerk: &str, errands: &str, more: &str) -> Self {
        Self::new(&format!(
            "[components.clerk]\nsource = \"./clerk.wasm\"\n{clerk}\n\
             [components.errands]\nsource = \"./errands.wasm\"\n{errands}\n{more}\n"
        ))
    }

    pub(crate) async fn start(&self) -> Result<Running, HostError> {
        let loaded = load(self.folder.path(), &OnlyFiles).unwrap();
        let plan = plan(&loaded.workload, &loaded.components, &Host::catalog());
        self.host.start(Arc::new(loaded), Arc::new(plan), self.witness.clone()).await
    }

    pub(crate) async fn started(&self) -> Running {
        self.start().await.unwrap()
    }
}

/// Has `clerk` do an errand: by itself, or by `errands`. Both ends of the result are WAVE texts.
pub(crate) async fn errand(running: &Running, who: &str, errand: &str, words: &[&str]) -> String {
    let function = if who == "clerk" { "desk#myself" } else { "desk#pass-on" };
    call(running, "clerk", function, errand, words).await
}

/// Has the component `errands` do an errand, called by itself.
pub(crate) async fn errand_of(running: &Running, component: &str, errand: &str, words: &[&str]) -> String {
    call(running, component, "errands#run", errand, words).await
}

/// Calls a function that takes an errand and words.
pub(crate) async fn call(
    running: &Running,
    component: &str,
    function: &str,
    errand: &str,
    words: &[&str],
) -> String {
    let words: Vec<String> = words.iter().map(|word| format!("{word:?}")).collect();
    let args = [format!("{errand:?}"), format!("[{}]", words.join(", "))];
    let component = component.into();
    let calling = running.call(next_call(), &component, function, &args);
    let outcome = tokio::time::timeout(PATIENCE, calling).await.expect("it ends").unwrap();
    outcome.result.unwrap()
}
