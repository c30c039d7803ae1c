//! Workloads to look at, and a window that shows them.

use egui_kittest::Harness;
use jackfield_protocol::{
    ComponentInfo, ComponentSettings, Diagnostic, Digest, Direction, Entry, EntryKind, Function,
    FunctionKind, Heartbeat, Link, LinkTarget, LogRecord, LogStream, Node, Plan, Port, PortKind, Probes,
    Producer, Request, Response, Rule, Sample, Snapshot, TraceId, Why, WorkloadId, WorkloadState,
    WorkloadView,
};

use super::recorded::Recorded;
use crate::App;

pub(super) const JOB: &str = "jackfield:cron/job";
pub(super) const CRON: WorkloadId = WorkloadId(1);
const WASI: [&str; 3] = ["wasi:cli/environment@0.2.6", "wasi:cli/stdout@0.2.6", "wasi:cli/stderr@0.2.6"];

pub(super) fn port(direction: Direction, name: &str, functions: Vec<Function>) -> Port {
    let docs = functions.iter().find_map(|function| function.docs.clone());
    Port {
        implements: None,
        direction,
        name: name.to_owned(),
        kind: PortKind::Instance { functions, types: Vec::new(), resources: Vec::new() },
        docs,
    }
}

pub(super) fn function(name: &str) -> Function {
    Function {
        name: name.to_owned(),
        kind: FunctionKind::Freestanding,
        is_async: false,
        params: Vec::new(),
        result: None,
        docs: Some("Does the job's work once.".to_owned()),
    }
}

pub(super) fn node(name: &str, is_service: bool, ports: Vec<Port>) -> Node {
    let producers = vec![Producer { role: "language".into(), name: "Rust".into(), version: "1.95".into() }];
    let digest = Digest::from_sha256([u8::try_from(name.len()).unwrap(); 32]);
    let component = ComponentInfo { digest, size_in_bytes: 71_234, ports, producers };
    Node {
        name: name.into(),
        source: format!("./{name}.wasm"),
        is_service,
        settings: ComponentSettings::default(),
        component,
    }
}

pub(super) fn link(consumer: &str, import: &str, target: LinkTarget, rule: Rule) -> Link {
    let why = Why { rule, import_version: None, export_version: None, not_taken: Vec::new() };
    Link { consumer: consumer.into(), import: import.to_owned(), target, why, answers: Vec::new() }
}

fn host_links(consumer: &str) -> Vec<Link> {
    let host = || LinkTarget::Host { plugin: "wasi".to_owned() };
    WASI.iter().map(|import| link(consumer, import, host(), Rule::HostPlugin)).collect()
}

fn wasi_ports() -> Vec<Port> {
    WASI.iter().map(|name| port(Direction::Import, name, vec![function("get")])).collect()
}

/// The cron sample: `ticker`, a service, calls the job of `job`.
pub(crate) fn cron() -> WorkloadView {
    let mut ticker = vec![port(Direction::Import, JOB, vec![function("invoke")])];
    ticker.extend(wasi_ports());
    ticker.push(port(Direction::Export, "wasi:cli/run@0.2.6", vec![function("run")]));
    let mut job = wasi_ports();
    job.push(port(Direction::Export, JOB, vec![function("invoke")]));
    let to_job = LinkTarget::Component { name: "job".into(), export: JOB.to_owned() };
    let mut links = vec![link("ticker", JOB, to_job, Rule::SameName)];
    links.extend(host_links("ticker"));
    links.extend(host_links("job"));
    let plan = Plan {
        nodes: vec![node("ticker", true, ticker), node("job", false, job)],
        links,
        entries: vec![Entry {
            component: "ticker".into(),
            export: "wasi:cli/run@0.2.6".to_owned(),
            kind: EntryKind::Run,
        }],
        diagnostics: Vec::new(),
    };
    WorkloadView {
        id: CRON,
        name: "cron".to_owned(),
        namespace: None,
        path: Some("/samples/cron/workload.toml".to_owned()),
        state: WorkloadState::Stopped,
        plan,
        listening: Vec::new(),
        revision: 1,
        is_modified: false,
        needs_restart: false,
        outdated_service: None,
        mcp_url: None,
        probes: Probes::default(),
        recording: None,
    }
}

/// The same without the component that has the job.
pub(super) fn cron_without_job() -> WorkloadView {
    let mut view = cron();
    view.plan.nodes.retain(|node| node.name == "ticker");
    view.plan.links.retain(|link| link.consumer == "ticker" && link.import != JOB);
    view.plan.diagnostics.push(Diagnostic::UnresolvedImport {
        component: "ticker".into(),
        import: JOB.to_owned(),
        functions: vec!["invoke".to_owned()],
        near_misses: Vec::new(),
        host_versions: Vec::new(),
    });
    view
}

/// Another workload, to have two.
pub(super) fn calculator() -> WorkloadView {
    let ports = vec![port(Direction::Export, "math:ops/square", vec![function("square")])];
    let plan = Plan { nodes: vec![node("square", false, ports)], ..Plan::default() };
    WorkloadView { id: WorkloadId(2), name: "calculator".to_owned(), plan, ..cron() }
}

pub(super) fn sample() -> Sample {
    Sample {
        name: "cron".to_owned(),
        description: "A service that calls another component every second".to_owned(),
        path: "/samples/cron/workload.toml".to_owned(),
    }
}

pub(super) fn line(seq: u64, component: &str, text: &str) -> LogRecord {
    LogRecord {
        workload: CRON,
        seq,
        time_unix_micros: i64::try_from(seq).unwrap() * 1_000_000,
        component: component.into(),
        stream: LogStream::Stderr,
        context: None,
        text: text.to_owned(),
        call: None,
    }
}

pub(super) fn state(state: WorkloadState) -> jackfield_protocol::Event {
    jackfield_protocol::Event::State { workload: CRON, state }
}

pub(super) type Window = Harness<'static, App>;

/// A window whose workbench has not answered yet.
pub(super) fn unanswered() -> (Window, Recorded) {
    let recorded = Recorded::default();
    let app = App::new(Box::new(recorded.clone()));
    let builder = Harness::builder().with_size([1280.0, 860.0]).with_max_steps(30);
    let mut window = builder.build_ui_state(|ui, app: &mut App| app.show(ui), app);
    window.run();
    (window, recorded)
}

/// A window over a workbench with these workloads, in which nothing moves any more.
pub(super) fn window(workloads: Vec<WorkloadView>) -> (Window, Recorded) {
    let (mut window, recorded) = unanswered();
    let ids: Vec<WorkloadId> = workloads.iter().map(|view| view.id).collect();
    recorded
        .answer(&Request::Snapshot, Ok(Response::Snapshot(Snapshot { workloads, ..Snapshot::default() })));
    recorded.answer(&Request::Samples, Ok(Response::Samples(vec![sample()])));
    let heartbeat = Heartbeat {
        version: "0.1.0".to_owned(),
        wasmtime_version: "48.0.8".to_owned(),
        uptime_millis: 1,
        open_workloads: 1,
        running_workloads: 0,
    };
    recorded.answer(&Request::Heartbeat, Ok(Response::Heartbeat(heartbeat)));
    let search = jackfield_protocol::LibraryRequest::Search { query: String::new() };
    let page = jackfield_protocol::LibraryResponse::Page(Default::default());
    recorded.answer(&Request::Library(search), Ok(Response::Library(page)));
    window.run();
    let traces = Request::Traces { workload: None, after: TraceId(0), limit: 2_000 };
    recorded.answer(&traces, Ok(Response::Traces(Vec::new())));
    for workload in ids {
        let request = Request::Logs { workload, after: 0, before: None, limit: 20_000 };
        recorded.answer(&request, Ok(Response::Logs(jackfield_protocol::LogPage::default())));
    }
    window.run();
    (window, recorded)
}
