//! Probes, traces and breakpoints in the workbench, over the samples.

use std::future::Future;
use std::io::{Read as _, Write as _};
use std::time::Duration;

use jackfield_protocol::{
    Action, CallOutcome, ComponentName, Error, ErrorKind, Event, HeldCall, Intervention, InterventionId,
    Outcome, ProbeLevel, ProbeSelection, ProbeSite, Probes, Provider, Release, Request, Response,
    SiteFigures, Trace, TraceId, WorkloadId,
};
use jackfield_tests::files;
use jackfield_workbench::{Config, Subscription, Workbench};

use crate::workbench::ask;

/// Long enough for a slow machine; reached only when something is wrong.
const PATIENCE: Duration = Duration::from_secs(60);
const SQUARE: &str = "math:ops/square";

/// A sample that runs.
struct Bench {
    workbench: Workbench,
    events: Subscription,
    id: WorkloadId,
}

impl Bench {
    async fn new(sample: &str) -> Self {
        let path = files::root().join("samples").join(sample);
        Self::at(&path.display().to_string()).await
    }

    async fn at(path: &str) -> Self {
        let workbench = Workbench::new(Config::default()).expect("a workbench");
        let events = workbench.subscribe();
        let opened = ask(&workbench, Request::Open { path: path.to_owned() }).await;
        let Response::Opened(view) = opened else { panic!("{opened:?}") };
        ask(&workbench, Request::Start(view.id)).await;
        Self { workbench, events, id: view.id }
    }

    async fn ask(&self, request: Request) -> Response {
        ask(&self.workbench, request).await
    }

    fn call(
        &self,
        component: &str,
        function: &str,
        args: &[&str],
    ) -> impl Future<Output = Result<CallOutcome, Error>> + Send + 'static {
        let request = Request::Call {
            workload: self.id,
            component: component.into(),
            function: function.to_owned(),
            args: args.iter().map(|arg| (*arg).to_owned()).collect(),
            ticket: None,
        };
        let workbench = self.workbench.clone();
        async move {
            match workbench.dispatch(request).await? {
                Response::Called(outcome) => Ok(outcome),
                other => panic!("{other:?}"),
            }
        }
    }

    async fn hypotenuse(&self) -> CallOutcome {
        self.call("hypotenuse", "hypotenuse", &["3", "4"]).await.expect("a result")
    }

    async fn set(&self, sites: ProbeSelection, level: ProbeLevel) -> Probes {
        match self.ask(Request::SetProbes { workload: self.id, sites, level }).await {
            Response::Probes(probes) => probes,
            other => panic!("{other:?}"),
        }
    }

    async fn trace(&self, id: Option<TraceId>) -> Trace {
        match self.ask(Request::TraceById(id.expect("a trace"))).await {
            Response::Trace(trace) => trace,
            other => panic!("{other:?}"),
        }
    }

    async fn try_intervene(&self, intervention: Intervention) -> Result<Probes, Error> {
        let request = Request::Intervene { workload: self.id, intervention };
        match self.workbench.dispatch(request).await? {
            Response::Probes(probes) => Ok(probes),
            other => panic!("{other:?}"),
        }
    }

    async fn intervene(&self, intervention: Intervention) -> InterventionId {
        let probes = self.try_intervene(intervention).await.expect("it can be done");
        probes.interventions.last().expect("an intervention").id
    }

    async fn remove(&self, intervention: InterventionId) {
        self.ask(Request::RemoveIntervention { workload: self.id, intervention }).await;
    }

    async fn event<T>(&mut self, mut wanted: impl FnMut(Event) -> Option<T>) -> T {
        let events = &mut self.events;
        let found = async {
            loop {
                if let Some(found) = wanted(events.next().await.expect("an event")) {
                    return found;
                }
            }
        };
        tokio::time::timeout(PATIENCE, found).await.expect("it is told")
    }

    /// The first trace that is told from now on.
    async fn told_trace(&mut self) -> Trace {
        let summary = self.event(|event| match event {
            Event::Traced(traces) => traces.into_iter().next(),
            _ => None,
        });
        let id = summary.await.id;
        self.trace(Some(id)).await
    }

    async fn held(&mut self) -> HeldCall {
        self.event(|event| match event {
            Event::Held(call) => Some(call),
            _ => None,
        })
        .await
    }

    async fn release(&self, call: &HeldCall, how: Release) {
        self.ask(Request::Release { hold: call.id, how }).await;
    }

    async fn figures(&self, site: &ProbeSite) -> SiteFigures {
        let Response::Figures(figures) = self.ask(Request::Figures(self.id)).await else {
            panic!("no figures")
        };
        figures.into_iter().find(|figures| figures.site == *site).expect("the link")
    }
}

fn link(consumer: &str, import: &str) -> ProbeSite {
    ProbeSite::Link { consumer: consumer.into(), import: import.to_owned() }
}

fn to_square() -> ProbeSite {
    link("hypotenuse", SQUARE)
}

fn intervention(action: Action, condition: Option<&str>) -> Intervention {
    Intervention {
        id: InterventionId::default(),
        site: to_square(),
        function: Some("square".to_owned()),
        condition: condition.map(str::to_owned),
        action,
        is_enabled: true,
    }
}

/// `consumer>provider function(args) = result`, for each span.
fn told(trace: &Trace) -> Vec<String> {
    let span = |span: &jackfield_protocol::Span| {
        let args: Vec<String> = span.args.iter().map(|arg| format!("{}={}", arg.name, arg.value)).collect();
        let consumer = span.consumer.as_ref().map_or("", |name| name.as_str());
        let function = span.function.rsplit('#').next().unwrap_or_default();
        let result = span.result.as_deref().unwrap_or("-");
        format!("{consumer}>{} {function}({}) {result}", span.provider.as_str(), args.join(" "))
    };
    trace.spans.iter().map(span).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn probes_are_switched_while_it_runs() {
    let bench = Bench::new("calculator").await;
    assert_eq!(bench.hypotenuse().await.trace, None, "nothing is observed by itself");

    bench.set(ProbeSelection::All, ProbeLevel::Values).await;
    let trace = bench.trace(bench.hypotenuse().await.trace).await;
    assert_eq!(
        told(&trace),
        [
            ">hypotenuse hypotenuse(a=3 b=4) 5",
            "hypotenuse>square square(x=3) 9",
            "hypotenuse>square square(x=4) 16",
            "hypotenuse>square-root square-root(x=25) 5",
        ]
    );
    assert_eq!(trace.workload_name, "calculator");
    assert!(trace.spans.iter().all(|span| span.outcome.is_ok() && span.duration_nanos.is_some()));
    assert!(trace.cost.peak_memory_bytes.is_some_and(|bytes| bytes > 0));
    let fuel = trace.cost.fuel.expect("it is counted");
    let again = bench.trace(bench.hypotenuse().await.trace).await.cost.fuel;
    assert!(fuel > 100 && again == Some(fuel), "the same work costs the same: {fuel} and {again:?}");
    let lines: Vec<_> = trace.lines.iter().map(|line| (line.span, line.text.as_str())).collect();
    assert_eq!(lines, [(0, "3² + 4² = 25")]);

    bench.set(ProbeSelection::All, ProbeLevel::Timing).await;
    let trace = bench.trace(bench.hypotenuse().await.trace).await;
    assert_eq!(trace.spans.len(), 4);
    assert!(trace.spans.iter().all(|span| span.args.is_empty() && span.result.is_none()));

    let probes = bench.set(ProbeSelection::One(to_square()), ProbeLevel::Off).await;
    assert_eq!(probes.level(&to_square()), ProbeLevel::Off);
    let trace = bench.trace(bench.hypotenuse().await.trace).await;
    assert_eq!(trace.spans.len(), 2, "{:?}", told(&trace));

    bench.set(ProbeSelection::All, ProbeLevel::Off).await;
    assert_eq!(bench.hypotenuse().await.trace, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_side_by_side_never_mix() {
    let bench = Bench::new("calculator").await;
    bench.set(ProbeSelection::All, ProbeLevel::Values).await;
    let calls: Vec<_> = (0..40)
        .map(|a| tokio::spawn(bench.call("hypotenuse", "hypotenuse", &[&a.to_string(), "1"])))
        .collect();
    for (a, call) in calls.into_iter().enumerate() {
        let outcome = call.await.expect("no panic").expect("a result");
        let trace = bench.trace(outcome.trace).await;
        let told = told(&trace);
        assert_eq!((told.len(), trace.call), (4, Some(outcome.call)), "{told:?}");
        assert_eq!(told[1], format!("hypotenuse>square square(x={a}) {}", a * a));
        assert_eq!(told[2], "hypotenuse>square square(x=1) 1");
        let line = format!("{a}² + 1² = {}", a * a + 1);
        assert!(trace.lines.len() == 1 && trace.lines[0].text == line, "{:?}", trace.lines);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_fails_leaves_a_trace_that_says_where() {
    let bench = Bench::new("calculator").await;
    bench.set(ProbeSelection::All, ProbeLevel::Values).await;
    let fault = Action::Fail { value: None, parts_per_million: 1_000_000, seed: 1 };
    bench.intervene(intervention(fault, Some("args.x == 4.0"))).await;
    let error = bench.call("hypotenuse", "hypotenuse", &["3", "4"]).await.expect_err("it traps");
    assert_eq!(error.kind, ErrorKind::Trap, "{error}");
    let Response::Traces(traces) =
        bench.ask(Request::Traces { workload: Some(bench.id), after: TraceId(0), limit: 10 }).await
    else {
        panic!("no traces")
    };
    let trace = bench.trace(traces.last().map(|summary| summary.id)).await;
    let outcomes: Vec<&str> = trace.spans.iter().map(|span| span.outcome.label()).collect();
    assert_eq!(outcomes, ["trap", "ok", "trap"], "{:?}", told(&trace));
    let Some(Outcome::Trap { message, frames }) = trace.root().map(|root| &root.outcome) else {
        panic!("no trap")
    };
    assert!(message.contains("a failure that Jackfield was told to make"), "{message}");
    assert!(frames.iter().any(|frame| frame.contains("hypotenuse")), "{frames:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn figures_count_what_goes_over_a_link() {
    let mut bench = Bench::new("calculator").await;
    bench.set(ProbeSelection::All, ProbeLevel::Timing).await;
    assert_eq!(bench.figures(&to_square()).await.calls, 0, "observed, and never called");
    for _ in 0..10 {
        bench.hypotenuse().await;
    }
    let figures = bench.figures(&to_square()).await;
    assert_eq!((figures.calls, figures.errors), (20, 0));
    assert_eq!(figures.bytes, 20 * 16, "a number there, and one back");
    assert!(figures.p50_nanos > 0 && figures.p50_nanos <= figures.p99_nanos);
    let told = bench.event(|event| match event {
        Event::Figures { figures, .. } => figures.into_iter().find(|figures| figures.calls == 20),
        _ => None,
    });
    assert_eq!(told.await.site, to_square());
    let entry = bench.figures(&ProbeSite::Entry("hypotenuse".into())).await;
    assert_eq!((entry.calls, entry.bytes), (10, 10 * 24), "two numbers in, and one out");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_breakpoint_holds_shows_and_lets_go_in_every_way() {
    let mut bench = Bench::new("calculator").await;
    let id = bench.intervene(intervention(Action::Hold, Some("args.x > 3.0"))).await;
    for (how, expected) in [
        (Release::Continue, Ok("5")),
        (Release::Answer(Some("40".to_owned())), Ok("7")),
        (Release::Change([("x".to_owned(), "0".to_owned())].into()), Ok("3")),
        (Release::Fail("enough of it".to_owned()), Err("enough of it")),
    ] {
        let call = tokio::spawn(bench.call("hypotenuse", "hypotenuse", &["3", "4"]));
        let held = bench.held().await;
        assert_eq!((held.function.as_str(), held.provider.as_str()), ("square", "square"));
        let param = &held.params[0];
        assert_eq!((param.name.as_str(), param.value.as_str(), param.can_change), ("x", "4", true));
        assert_eq!((held.intervention, held.result_type.as_deref()), (id, Some("f64")));
        let other = bench.call("square", "square", &["5"]).await.expect("the rest goes on");
        assert_eq!(other.result.as_deref(), Some("25"));

        let wrong = Request::Release { hold: held.id, how: Release::Answer(Some("\"text\"".to_owned())) };
        let error = bench.workbench.dispatch(wrong).await.expect_err("of another type");
        assert!(error.message.contains("f64"), "{error}");
        bench.release(&held, how.clone()).await;
        let called = call.await.expect("no panic");
        match expected {
            Ok(result) => assert_eq!(called.expect("a result").result.as_deref(), Some(result), "{how:?}"),
            Err(reason) => {
                let error = called.expect_err("it fails");
                assert!(error.message.contains(reason), "{error}");
            }
        }
        bench.event(|event| matches!(event, Event::Released(hold) if hold == held.id).then_some(())).await;
        let again = Request::Release { hold: held.id, how: Release::Continue };
        assert!(bench.workbench.dispatch(again).await.is_err(), "it is held no longer");
    }
    bench.remove(id).await;
    assert_eq!(bench.hypotenuse().await.result.as_deref(), Some("5"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_gives_a_handle_is_failed_and_answered_with_what_has_none() {
    let mut bench = Bench::new("plugins").await;
    let open = |action| Intervention {
        site: link("newer", "wasi:keyvalue/store@0.2.0-draft2"),
        function: Some("open".to_owned()),
        ..intervention(action, None)
    };
    let fail = |value: &str| {
        open(Action::Fail { value: Some(value.to_owned()), parts_per_million: 1_000_000, seed: 0 })
    };
    let wrong = bench.try_intervene(fail("ok(#1)")).await.expect_err("a handle");
    assert!(wrong.message.contains("`#1` would be a handle"), "{wrong}");
    let get = || bench.call("newer", "shelf#get", &["\"a\"", "\"b\""]);
    for value in ["err(other(\"injected\"))", "other(\"injected\")"] {
        let id = bench.intervene(fail(value)).await;
        let called = get().await.expect("a result");
        assert_eq!(called.result.as_deref(), Some("err(\"injected\")"), "{value}");
        bench.remove(id).await;
    }
    bench.intervene(open(Action::Hold)).await;
    let get = tokio::spawn(bench.call("newer", "shelf#get", &["\"a\"", "\"b\""]));
    let held = bench.held().await;
    assert_eq!(held.cannot_answer, None);
    bench.release(&held, Release::Answer(Some("err(no-such-store)".to_owned()))).await;
    let called = get.await.expect("no panic").expect("a result");
    assert_eq!(called.result.as_deref(), Some("err(\"no such store\")"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_forgotten_at_a_breakpoint_is_released_all_at_once_or_stopped() {
    let mut bench = Bench::new("calculator").await;
    bench.intervene(intervention(Action::Hold, None)).await;
    let calls: Vec<_> =
        (0..3).map(|_| tokio::spawn(bench.call("hypotenuse", "hypotenuse", &["3", "4"]))).collect();
    for _ in 0..3 {
        bench.held().await;
    }
    let Response::Probes(probes) = bench.ask(Request::ReleaseAll(bench.id)).await else {
        panic!("no probes")
    };
    assert!(probes.interventions.iter().all(|intervention| !intervention.is_enabled));
    for call in calls {
        let outcome = call.await.expect("no panic").expect("a result");
        assert_eq!(outcome.result.as_deref(), Some("5"));
    }

    bench.intervene(intervention(Action::Hold, None)).await;
    let call = tokio::spawn(bench.call("hypotenuse", "hypotenuse", &["3", "4"]));
    let held = bench.held().await;
    bench.ask(Request::Stop(bench.id)).await;
    assert_eq!(call.await.expect("no panic").expect_err("stopped").kind, ErrorKind::Cancelled);
    let Response::Snapshot(snapshot) = bench.ask(Request::Snapshot).await else { panic!("no snapshot") };
    assert_eq!(snapshot.held, [], "{held:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_held_call_does_not_run_out_of_its_time_and_a_delayed_one_does() {
    let folder = tempfile::tempdir().expect("a folder");
    for name in ["hypotenuse", "square", "square-root"] {
        let file = format!("{name}.wasm");
        let from = files::root().join("samples/calculator").join(&file);
        std::fs::copy(from, folder.path().join(file)).expect("a copy");
    }
    let workload = "name = \"hasty\"\n[components]\nsquare = { source = \"./square.wasm\" }\n\
                    square-root = { source = \"./square-root.wasm\" }\n\
                    hypotenuse = { source = \"./hypotenuse.wasm\", limits = { time = \"1s\" } }\n";
    std::fs::write(folder.path().join("workload.toml"), workload).expect("a workload");
    let mut bench = Bench::at(&folder.path().display().to_string()).await;
    let hold = bench.intervene(intervention(Action::Hold, Some("args.x == 3.0"))).await;
    let call = tokio::spawn(bench.call("hypotenuse", "hypotenuse", &["3", "4"]));
    let held = bench.held().await;
    // What is tested is that time passes without harm, so it has to pass.
    tokio::time::sleep(Duration::from_millis(1500)).await;
    bench.release(&held, Release::Continue).await;
    assert_eq!(call.await.expect("no panic").expect("in time").result.as_deref(), Some("5"));
    bench.remove(hold).await;

    bench.intervene(intervention(Action::Delay { min_millis: 5000, max_millis: 5000, seed: 0 }, None)).await;
    let error = bench.call("hypotenuse", "hypotenuse", &["3", "4"]).await.expect_err("too late");
    assert_eq!(error.kind, ErrorKind::TimedOut, "{error}");
    let Response::Traces(traces) =
        bench.ask(Request::Traces { workload: Some(bench.id), after: TraceId(0), limit: 10 }).await
    else {
        panic!("no traces")
    };
    assert!(traces.iter().all(|trace| trace.duration_nanos.is_some()), "{traces:?}");
    let trace = bench.trace(traces.last().map(|summary| summary.id)).await;
    let times: Vec<u64> = trace.spans.iter().map(|span| span.duration_nanos.expect("a time")).collect();
    // The clock of the call has other ticks than that of the spans.
    assert!(times[0] > 900_000_000 && times[0] < 60_000_000_000, "{times:?}");
    let delayed = &trace.spans[1];
    assert_eq!((delayed.outcome.label(), times.len()), ("timed out", 2), "{trace:?}");
    assert!(delayed.held_nanos > 900_000_000 && times[1] < 500_000_000, "{trace:?}");
    assert!(trace.cost.fuel > Some(0) && trace.cost.peak_memory_bytes > Some(0), "{:?}", trace.cost);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_call_has_cost_is_known_when_it_is_stopped() {
    let folder = tempfile::tempdir().expect("a folder");
    let spin = "(component
        (core module $m (memory 2) (func (export \"spin\") (loop $again (br $again))))
        (core instance $i (instantiate $m))
        (func (export \"spin\") (canon lift (core func $i \"spin\"))))";
    std::fs::write(folder.path().join("spin.wasm"), wat::parse_str(spin).expect("WAT")).expect("a component");
    let workload =
        "name = \"spin\"\n[components.spin]\nsource = \"./spin.wasm\"\nlimits = { time = \"300ms\" }\n";
    std::fs::write(folder.path().join("workload.toml"), workload).expect("a workload");
    let mut bench = Bench::at(&folder.path().display().to_string()).await;
    bench.set(ProbeSelection::All, ProbeLevel::Values).await;
    let error = bench.call("spin", "spin", &[]).await.expect_err("it spins");
    assert_eq!(error.kind, ErrorKind::TimedOut, "{error}");
    let trace = bench.told_trace().await;
    assert!(trace.spans[0].duration_nanos > Some(250_000_000), "{trace:?}");
    assert_eq!(trace.cost.peak_memory_bytes, Some(2 << 16));
    assert!(trace.cost.fuel > Some(1 << 20), "{:?}", trace.cost);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delay_is_told_apart_from_the_work() {
    let bench = Bench::new("calculator").await;
    bench.set(ProbeSelection::All, ProbeLevel::Values).await;
    let delay = Action::Delay { min_millis: 30, max_millis: 40, seed: 7 };
    bench.intervene(intervention(delay, Some("args.x == 4.0"))).await;
    let trace = bench.trace(bench.hypotenuse().await.trace).await;
    let held: Vec<u64> = trace.spans.iter().map(|span| span.held_nanos / 1_000_000).collect();
    assert_eq!((held[0], held[1], held[3]), (0, 0, 0));
    assert!(held[2] >= 30, "{held:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_done_is_refused_with_a_reason() {
    let bench = Bench::new("calculator").await;
    let hold = |condition| intervention(Action::Hold, condition);
    for (wrong, expected) in [
        (hold(Some("args.y > 3")), "there is no parameter `y`; there are `x`"),
        (hold(Some("args.x >")), "cannot be asked"),
        (hold(Some("args.x > 'three'")), "the condition `args.x > 'three'` cannot be asked"),
        (hold(Some("args.x")), "neither true nor false"),
        (Intervention { function: Some("cube".to_owned()), ..hold(None) }, "no function `cube`"),
        (
            Intervention { site: link("hypotenuse", "math:ops/cube"), ..hold(None) },
            "no link for `math:ops/cube`",
        ),
        (
            Intervention { site: ProbeSite::Entry("hypotenuse".into()), ..hold(None) },
            "from outside are not held",
        ),
        (
            intervention(Action::Delay { min_millis: 2, max_millis: 1, seed: 0 }, None),
            "shortest delay is longer",
        ),
        (
            intervention(
                Action::Fail { value: Some("err(x)".to_owned()), parts_per_million: 1, seed: 0 },
                None,
            ),
            "cannot give `err(x)`",
        ),
    ] {
        let error = bench.try_intervene(wrong).await.expect_err(expected);
        assert!(error.message.contains(expected), "{error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_continues_the_trace_of_its_client() {
    let bench = Bench::new("clock-http").await;
    bench.set(ProbeSelection::All, ProbeLevel::Values).await;
    let Response::Snapshot(snapshot) = bench.ask(Request::Snapshot).await else { panic!("no snapshot") };
    let url = &snapshot.workloads[0].listening[0].url;
    let address = url.strip_prefix("http://").and_then(|rest| rest.strip_suffix('/')).expect("a plain URL");
    let mut stream = std::net::TcpStream::connect(address).expect("connected");
    let request = format!(
        "GET /time.json?x=1 HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nAuthorization: Bearer secret\r\n\
         Traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");

    let mut bench = bench;
    let trace = bench.told_trace().await;
    let root = trace.root().expect("the request");
    assert_eq!((root.function.as_str(), root.result.as_deref()), ("GET /time.json", Some("200")));
    let shown = format!("{root:?}");
    assert!(shown.contains("x=1") && !shown.contains("secret"), "{shown}");
    let context = trace.context.expect("the client's");
    assert_eq!(context.trace_id, "0af7651916cd43dd8448eb211c80319c");
    assert_eq!(context.parent_id, "b7ad6b7169203331");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_calls_of_a_service_are_traces_of_their_own_once_it_was_restarted() {
    let mut bench = Bench::new("cron").await;
    let probes = bench.set(ProbeSelection::All, ProbeLevel::Values).await;
    assert_eq!(probes.needs_restart, ["ticker"]);
    bench.ask(Request::Stop(bench.id)).await;
    bench.ask(Request::Start(bench.id)).await;
    let Response::Snapshot(snapshot) = bench.ask(Request::Snapshot).await else { panic!("no snapshot") };
    assert!(snapshot.workloads[0].probes.needs_restart.is_empty());
    let trace = bench.told_trace().await;
    let root = trace.root().expect("the call");
    assert_eq!(root.consumer.as_ref().map(ComponentName::as_str), Some("ticker"));
    assert_eq!(root.provider, Provider::Component("job".into()));
    assert_eq!((trace.call, root.outcome.is_ok()), (None, true));
    assert_eq!(
        trace.lines.iter().filter(|line| line.text.contains("hello from the cron component")).count(),
        1
    );
}
