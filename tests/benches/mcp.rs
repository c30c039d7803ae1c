//! What a tool call costs within the process, with and without recording, and what recording takes.
//!
//! Compare the figures of one run with each other, not with those of other machines.
#![allow(missing_docs, reason = "criterion's macros make functions without docs")]
#![allow(clippy::expect_used, clippy::panic, reason = "a benchmark that cannot run says so by panicking")]

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use jackfield_protocol::{
    ConnectionId, Endpoint, McpRequest, McpResponse, Request, Response, Ticket, WorkloadId,
};
use jackfield_tests::files;
use jackfield_workbench::{Config, Workbench};
use serde_json::json;
use tokio::runtime::Runtime;

/// How many calls are under way at once where throughput is measured.
const AT_ONCE: u64 = 16;

/// A workload that runs, and a connection to it.
struct Bench {
    runtime: Runtime,
    workbench: Workbench,
    workload: WorkloadId,
    connection: ConnectionId,
}

impl Bench {
    fn new(is_recording_off: bool) -> Self {
        let runtime = Runtime::new().expect("a runtime");
        let (workbench, workload, connection) = runtime.block_on(async {
            let workbench =
                Workbench::new(Config { is_recording_off, ..Config::default() }).expect("a workbench");
            let path = files::root().join("samples/calculator").display().to_string();
            let Ok(Response::Opened(view)) = workbench.dispatch(Request::Open { path }).await else {
                panic!("the sample is not built: run `cargo xtask samples`");
            };
            workbench.dispatch(Request::Start(view.id)).await.expect("started");
            let endpoint = Endpoint::Workload(view.id);
            let Ok(Response::Connected(connection)) = workbench.dispatch(Request::Connect(endpoint)).await
            else {
                panic!("not connected");
            };
            (workbench, view.id, connection.id)
        });
        Self { runtime, workbench, workload, connection }
    }

    /// Calls `square` over MCP.
    async fn tool_call(&self, ticket: u64) {
        let request = McpRequest::CallTool {
            name: "square".to_owned(),
            arguments: json!({"x": 3.0}).as_object().cloned().unwrap_or_default(),
            timeout_millis: None,
        };
        let request = Request::Mcp { connection: self.connection, ticket: Ticket(ticket), request };
        let answer = self.workbench.dispatch(request).await;
        assert!(matches!(answer, Ok(Response::Mcp(McpResponse::Called(outcome))) if !outcome.is_error));
    }

    /// Calls `square` without MCP.
    async fn plain_call(&self) {
        let request = Request::Call {
            workload: self.workload,
            component: "square".into(),
            function: "square".to_owned(),
            args: vec!["3".to_owned()],
            ticket: None,
        };
        assert!(self.workbench.dispatch(request).await.is_ok());
    }
}

fn calls(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("call of square");
    let recorded = Bench::new(false);
    let unrecorded = Bench::new(true);
    group.bench_function("without MCP", |bencher| {
        bencher.iter(|| unrecorded.runtime.block_on(unrecorded.plain_call()));
    });
    group.bench_function("over MCP, recording off", |bencher| {
        bencher.iter(|| unrecorded.runtime.block_on(unrecorded.tool_call(1)));
    });
    group.bench_function("over MCP, recording on", |bencher| {
        bencher.iter(|| recorded.runtime.block_on(recorded.tool_call(1)));
    });
    group.throughput(Throughput::Elements(AT_ONCE));
    for (name, bench) in [("recording off", &unrecorded), ("recording on", &recorded)] {
        group.bench_function(format!("{AT_ONCE} at once over MCP, {name}"), |bencher| {
            bencher.iter(|| {
                bench.runtime.block_on(async {
                    let calls = (1..=AT_ONCE).map(|ticket| bench.tool_call(ticket));
                    futures_util::future::join_all(calls).await;
                });
            });
        });
    }
    group.finish();
}

criterion_group!(benches, calls);
criterion_main!(benches);
