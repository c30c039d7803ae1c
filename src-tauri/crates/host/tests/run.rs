//! Running workloads: real components in a real Wasmtime, from small texts in `tests/guests`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "helpers of tests fail by panicking"
)]

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
use jackfield_protocol::{CallOutcome, WorkloadState};
use tempfile::TempDir;
use tokio::sync::watch;

/// Long enough for a slow machine; reached only when something is wrong.
const PATIENCE: Duration = Duration::from_secs(30);

/// Remembers all that it hears.
struct Witness {
    lines: Mutex<Vec<String>>,
    states: Mutex<Vec<WorkloadState>>,
    changed: watch::Sender<()>,
}

impl Witness {
    fn new() -> Arc<Self> {
        Arc::new(Self { lines: Mutex::default(), states: Mutex::default(), changed: watch::Sender::new(()) })
    }

    fn lines(&self) -> Vec<String> {
        self.lines.lock().unwrap().clone()
    }

    fn states(&self) -> Vec<WorkloadState> {
        self.states.lock().unwrap().clone()
    }

    fn labels(&self) -> Vec<&'static str> {
        self.states().iter().map(WorkloadState::label).collect()
    }

    async fn until(&self, condition: impl Fn(&Self) -> bool) {
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
}

/// A workload in a folder of its own, made of guests from `tests/guests`.
struct Bench {
    folder: TempDir,
    host: Host,
    witness: Arc<Witness>,
}

impl Bench {
    fn new(workload: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let guests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/guests");
        for entry in fs::read_dir(guests).unwrap() {
            let path = entry.unwrap().path();
            let wasm = wat::parse_file(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            let name = Path::new(path.file_name().unwrap()).with_extension("wasm");
            fs::write(folder.path().join(name), wasm).unwrap();
        }
        fs::write(folder.path().join("workload.toml"), workload).unwrap();
        let host = Host::new(&HostConfig::default()).unwrap();
        Self { folder, host, witness: Witness::new() }
    }

    /// `[components]` with one guest under its own name, and that as the service.
    fn service(guest: &str, more: &str) -> Self {
        Self::new(&format!(
            "name = \"test\"\n[components.{guest}]\nsource = \"./{guest}.wasm\"\n{more}\n\
             [service]\ncomponent = \"{guest}\"\n"
        ))
    }

    async fn start(&self) -> Result<Running, HostError> {
        let loaded = load(self.folder.path(), &OnlyFiles).unwrap();
        let plan = plan(&loaded.workload, &loaded.components, &Host::catalog());
        self.host.start(Arc::new(loaded), Arc::new(plan), self.witness.clone()).await
    }

    async fn started(&self) -> Running {
        self.start().await.unwrap()
    }

    async fn failed_reason(&self) -> String {
        self.witness.until(|it| matches!(it.states().last(), Some(WorkloadState::Failed { .. }))).await;
        self.witness.states().last().unwrap().to_string()
    }
}

async fn call(
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

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_computes_for_ever_stops_when_told() {
    let bench = Bench::service("spin", "");
    let running = bench.started().await;
    assert_eq!(bench.witness.labels(), ["starting", "running"]);
    tokio::time::timeout(PATIENCE, running.stop()).await.expect("it gives way");
    assert_eq!(bench.witness.labels(), ["starting", "running", "stopped"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_returns_leaves_the_workload_completed() {
    let bench = Bench::service("complete", "");
    let _running = bench.started().await;
    bench.witness.until(|it| it.labels() == ["starting", "running", "completed"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trap_is_told_with_the_component_and_its_frames() {
    let bench = Bench::service("trap", "");
    let _running = bench.started().await;
    let reason = bench.failed_reason().await;
    assert!(reason.contains("`trap`: "), "{reason}");
    assert!(reason.contains("unreachable"), "{reason}");
    assert!(reason.contains("at fall_over"), "{reason}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failing_service_is_started_again_as_often_as_allowed() {
    let bench = Bench::service("give-up", "");
    let text = fs::read_to_string(bench.folder.path().join("workload.toml")).unwrap();
    fs::write(bench.folder.path().join("workload.toml"), format!("{text}max_restarts = 2\n")).unwrap();
    let _running = bench.started().await;
    let reason = bench.failed_reason().await;
    assert!(reason.contains("after 2 restarts"), "{reason}");
    assert!(reason.contains("returned an error"), "{reason}");
    assert_eq!(bench.witness.labels().iter().filter(|label| **label == "running").count(), 3);
    let told = bench.witness.lines();
    assert!(told.contains(&"give-up host: restart 2 of 2".to_owned()), "{told:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn memory_is_limited_and_the_limit_is_named() {
    let bench = Bench::service("grow", "limits = { memory = \"2MiB\" }");
    let _running = bench.started().await;
    let reason = bench.failed_reason().await;
    assert!(reason.contains("its limit is 2 MiB"), "{reason}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_takes_too_long_is_stopped_and_harms_nothing_else() {
    let bench = Bench::new(
        "name = \"test\"\n[components.math]\nsource = \"./math.wasm\"\nlimits = { time = \"200ms\" }\n",
    );
    let running = bench.started().await;
    let error = call(&running, "math", "spin", &[]).await.unwrap_err();
    assert!(matches!(error, HostError::TimedOut { .. }), "{error}");
    assert_eq!(call(&running, "math", "add", &["1", "2"]).await.unwrap().result.as_deref(), Some("3"));
}

#[tokio::test(flavor = "multi_thread")]
async fn stopping_ends_a_call_that_computes() {
    let bench = Bench::new("name = \"test\"\n[components.math]\nsource = \"./math.wasm\"\n");
    let running = Arc::new(bench.started().await);
    let (calling, caller) = (Arc::clone(&running), running);
    let spinning = tokio::spawn(async move { call(&calling, "math", "spin", &[]).await });
    tokio::time::timeout(PATIENCE, caller.stop()).await.expect("it gives way");
    assert!(matches!(spinning.await.unwrap(), Err(HostError::Stopped)));
}

#[tokio::test(flavor = "multi_thread")]
async fn each_call_has_an_instance_of_its_own() {
    let bench = Bench::new("name = \"test\"\n[components.counter]\nsource = \"./counter.wasm\"\n");
    let running = bench.started().await;
    for _ in 0..2 {
        assert_eq!(call(&running, "counter", "next", &[]).await.unwrap().result.as_deref(), Some("1"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_two_components_share_is_instantiated_once() {
    let bench = Bench::new(
        "name = \"test\"\n[components]\ntop = { source = \"./top.wasm\" }\nleft = { source = \"./left.wasm\" }\n\
         right = { source = \"./right.wasm\" }\ncounter = { source = \"./counter.wasm\" }\n",
    );
    let running = bench.started().await;
    // left counts to 1 and right, on the same counter, to 2.
    let outcome = call(&running, "top", "both", &[]).await.unwrap();
    assert_eq!(outcome.result.as_deref(), Some("12"));
    assert_eq!(outcome.function, "test:guest/top#both");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stub_lets_the_workload_run_and_names_itself_when_called() {
    let bench = Bench::new(
        "name = \"test\"\n[components.left]\nsource = \"./left.wasm\"\n\
         [[links]]\nfrom = \"left\"\nimport = \"test:guest/counter\"\nto = \"stub\"\n",
    );
    let running = bench.started().await;
    let error = call(&running, "left", "get", &[]).await.unwrap_err().to_string();
    assert!(error.contains("`left` called `test:guest/counter#next`, which is linked to a stub"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn arguments_that_do_not_fit_are_explained() {
    let bench = Bench::new("name = \"test\"\n[components.math]\nsource = \"./math.wasm\"\n");
    let running = bench.started().await;
    for (args, wanted) in [
        (&["1"][..], "takes 2 arguments, and 1 were given"),
        (&["1", "two"], "`two` is no value for the parameter `b: u32`"),
        (&["1", "-2"], "`-2` is no value for the parameter `b: u32`"),
    ] {
        let error = call(&running, "math", "add", args).await.unwrap_err().to_string();
        assert!(error.contains(wanted), "{error}");
    }
    let error = call(&running, "nobody", "add", &[]).await.unwrap_err().to_string();
    assert!(error.contains("there is no component `nobody`"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_function_whose_values_cannot_be_written_down_is_refused() {
    let bench = Bench::new("name = \"test\"\n[components.promises]\nsource = \"./promises.wasm\"\n");
    let running = bench.started().await;
    for function in ["later", "many", "perhaps"] {
        let error = call(&running, "promises", function, &[]).await.unwrap_err().to_string();
        assert!(error.contains("no value of that can be written down"), "{error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_with_errors_is_not_started() {
    let bench = Bench::new("name = \"test\"\n[components.left]\nsource = \"./left.wasm\"\n");
    let Err(HostError::Plan { diagnostics }) = bench.start().await else { panic!("it must not start") };
    assert_eq!(diagnostics.len(), 1);
    assert!(bench.witness.states().is_empty());
}
