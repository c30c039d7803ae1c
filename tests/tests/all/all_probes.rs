//! The probes of all workloads, switched at once.

use jackfield_protocol::{
    Edit, Event, ProbeLevel, ProbeSelection, ProbeSite, Probes, Request, Response, Snapshot, WorkloadId,
    WorkloadView,
};
use jackfield_tests::files;
use jackfield_workbench::{Config, Workbench};

use crate::workbench::ask;

struct Bench(Workbench);

impl Bench {
    fn new() -> Self {
        Self(Workbench::new(Config::default()).expect("a workbench"))
    }

    async fn ask(&self, request: Request) -> Response {
        ask(&self.0, request).await
    }

    async fn open(&self, sample: &str) -> WorkloadView {
        let path = files::root().join("samples").join(sample).display().to_string();
        match self.ask(Request::Open { path }).await {
            Response::Opened(view) => view,
            other => panic!("{other:?}"),
        }
    }

    async fn set_all(&self, level: ProbeLevel) {
        assert_eq!(self.ask(Request::SetAllProbes(level)).await, Response::Done);
    }

    async fn set(&self, workload: WorkloadId, level: ProbeLevel) {
        self.ask(Request::SetProbes { workload, sites: ProbeSelection::All, level }).await;
    }

    async fn snapshot(&self) -> Snapshot {
        match self.ask(Request::Snapshot).await {
            Response::Snapshot(snapshot) => snapshot,
            other => panic!("{other:?}"),
        }
    }

    async fn probes(&self, workload: WorkloadId) -> Probes {
        let snapshot = self.snapshot().await;
        let view = snapshot.workloads.into_iter().find(|view| view.id == workload);
        view.expect("it is open").probes
    }

    /// How many spans the trace of a call has; none if there is no trace.
    async fn spans_of_hypotenuse(&self, workload: WorkloadId) -> Option<usize> {
        let request = Request::Call {
            workload,
            component: "hypotenuse".into(),
            function: "hypotenuse".to_owned(),
            args: vec!["3".to_owned(), "4".to_owned()],
            ticket: None,
        };
        let Response::Called(outcome) = self.ask(request).await else { panic!("not called") };
        match self.ask(Request::TraceById(outcome.trace?)).await {
            Response::Trace(trace) => Some(trace.spans.len()),
            other => panic!("{other:?}"),
        }
    }
}

fn to_square() -> ProbeSite {
    ProbeSite::Link { consumer: "hypotenuse".into(), import: "math:ops/square".to_owned() }
}

fn to_job() -> ProbeSite {
    ProbeSite::Link { consumer: "ticker".into(), import: "jackfield:cron/job".to_owned() }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_switch_observes_everything_that_is_open_while_it_runs() {
    let bench = Bench::new();
    let (calculator, cron) = (bench.open("calculator").await.id, bench.open("cron").await.id);
    bench.ask(Request::Start(calculator)).await;
    assert_eq!(bench.spans_of_hypotenuse(calculator).await, None);
    let mut events = bench.0.subscribe();

    bench.set_all(ProbeLevel::Values).await;
    assert_eq!(bench.spans_of_hypotenuse(calculator).await, Some(4));
    assert_eq!(bench.probes(cron).await.level(&to_job()), ProbeLevel::Values);
    assert_eq!(bench.snapshot().await.all_probes, ProbeLevel::Values);
    assert_eq!(events.try_next(), Some(Event::AllProbes(ProbeLevel::Values)));
    let mut told = Vec::new();
    while let Some(event) = events.try_next() {
        if let Event::Probes { workload, .. } = event {
            told.push(workload);
        }
    }
    assert_eq!(told, [calculator, cron]);

    bench.set_all(ProbeLevel::Off).await;
    assert_eq!(bench.spans_of_hypotenuse(calculator).await, None);
    assert_eq!(bench.probes(cron).await.settings, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_opened_later_begins_as_all_are() {
    let bench = Bench::new();
    bench.set_all(ProbeLevel::Timing).await;
    let view = bench.open("calculator").await;
    assert_eq!(view.probes.level(&to_square()), ProbeLevel::Timing, "from the first moment");
    bench.ask(Request::Start(view.id)).await;
    assert_eq!(bench.spans_of_hypotenuse(view.id).await, Some(4));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_the_switch_for_all_and_the_one_of_a_workload_the_last_one_counts() {
    let bench = Bench::new();
    let (calculator, cron) = (bench.open("calculator").await.id, bench.open("cron").await.id);
    bench.set_all(ProbeLevel::Values).await;
    bench.set(calculator, ProbeLevel::Off).await;
    assert_eq!(bench.probes(calculator).await.settings, []);
    assert_eq!(bench.probes(cron).await.level(&to_job()), ProbeLevel::Values, "it is left alone");
    assert_eq!(bench.snapshot().await.all_probes, ProbeLevel::Values);
    bench.set_all(ProbeLevel::Timing).await;
    assert_eq!(bench.probes(calculator).await.level(&to_square()), ProbeLevel::Timing);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_added_to_a_workload_follows_until_the_workload_has_a_choice_of_its_own() {
    let bench = Bench::new();
    bench.set_all(ProbeLevel::Values).await;
    let Response::Opened(view) = bench.ask(Request::New { name: None }).await else { panic!("not opened") };
    let workload = view.id;
    let add = async |component: &str| {
        let file = files::root().join("samples/calculator").join(format!("{component}.wasm"));
        let (name, source) = (Some(component.into()), file.display().to_string());
        bench.ask(Request::Edit { workload, edit: Edit::AddComponent { name, source } }).await;
    };
    add("square").await;
    add("hypotenuse").await;
    assert_eq!(bench.probes(workload).await.level(&to_square()), ProbeLevel::Values);

    bench.set(workload, ProbeLevel::Timing).await;
    add("square-root").await;
    let to_root =
        ProbeSite::Link { consumer: "hypotenuse".into(), import: "math:ops/square-root".to_owned() };
    let probes = bench.probes(workload).await;
    assert_eq!((probes.level(&to_square()), probes.level(&to_root)), (ProbeLevel::Timing, ProbeLevel::Off));
}
