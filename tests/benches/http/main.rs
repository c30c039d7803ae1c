//! Requests per second of a component that handles HTTP, beside `wasmtime serve` with the same one, and of two
//! linked components beside one.
//!
//! What two linked components cost beside one is also measured in `wasmtime serve`, with the two composed by hand.
//!
//! `wasmtime serve` is the handler of `wasmtime-wasi-http` and a little around it. The same is in `serve`, so
//! that both serve from one process to one client, with the same reuse of instances. What differs is what
//! Jackfield adds: its guests can be interrupted and are limited, and requests must name the server's address.
//!
//! Compare the figures of one run with each other, not with those of other machines. After criterion's come
//! ratios of rounds that take turns, which a machine that is busy with other things spoils less.
#![allow(missing_docs, reason = "criterion's macros make functions without docs")]
#![allow(clippy::expect_used, clippy::panic, reason = "a benchmark that cannot run says so by panicking")]

mod serve;
#[path = "../shared/wac.rs"]
mod wac;

use std::fs;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Instant;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use futures_util::future::join_all;
use jackfield_host::{
    Host, HostConfig, Line, Observer, Running,
    plan::plan,
    workload::{OnlyFiles, load},
};
use jackfield_protocol::WorkloadState;
use jackfield_tests::files;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::runtime::Runtime;

/// The import by which the two components are linked.
const WORDS: &str = "bench:hello/words@0.1.0";
/// How many clients there are.
const CLIENTS: usize = 8;
/// What each of them asks in one measurement.
const REQUESTS: usize = 50;
/// Rounds that take turns, of which the middle one counts.
const ROUNDS: usize = 41;
/// How many requests an instance takes where it is used again.
const REUSED: usize = 128;

/// Hears nothing.
struct Silence;

impl Observer for Silence {
    fn line(&self, _: Line) {}

    fn state(&self, _: WorkloadState) {}
}

fn binary(name: &str) -> Vec<u8> {
    files::sample_component("hello-http", name).expect("the sample, built by `cargo xtask samples`")
}

/// Components of the sample in Jackfield, with a policy for those that answer.
async fn jackfield(components: &[&str], instances: &str) -> Running {
    let folder = tempfile::tempdir().expect("a folder");
    let mut workload = String::from("name = \"hello\"\n[components]\n");
    for name in components {
        let path = files::root().join("samples/hello-http").join(name).with_extension("wasm");
        workload += &format!("{name} = {{ source = {path:?}, instances = {instances} }}\n");
    }
    fs::write(folder.path().join("workload.toml"), workload).expect("a workload file");
    let loaded = load(folder.path(), &OnlyFiles).expect("a workload");
    let plan = plan(&loaded.workload, &loaded.components, &Host::catalog());
    let host = Host::new(&HostConfig::default()).expect("a host");
    host.start(Arc::new(loaded), Arc::new(plan), Arc::new(Silence)).await.expect("it runs")
}

/// Where a component listens.
fn port(running: &Running, component: &str) -> u16 {
    let listening = running.listening().iter().find(|it| it.component == *component).expect("it listens");
    let port = listening.url.trim_end_matches('/').rsplit(':').next();
    port.and_then(|port| port.parse().ok()).expect("a port")
}

/// Clients of one server, whose connections stay open.
struct Clients {
    name: &'static str,
    request: String,
    connections: Vec<TcpStream>,
}

impl Clients {
    async fn of(name: &'static str, port: u16) -> Self {
        let connections = (0..CLIENTS).map(|_| async move {
            let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.expect("connected");
            stream.set_nodelay(true).expect("set");
            stream
        });
        let request = format!("GET / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n");
        Self { name, request, connections: join_all(connections).await }
    }

    /// All of them ask, each one thing after the other.
    async fn ask(&mut self) {
        let request = self.request.as_bytes();
        let asking = self.connections.iter_mut().map(|connection| async move {
            let mut answer = Vec::new();
            for _ in 0..REQUESTS {
                connection.write_all(request).await.expect("asked");
                answer.clear();
                // The end of a body in chunks; both servers answer so, because the guest says no length.
                while !answer.ends_with(b"0\r\n\r\n") {
                    let read = connection.read_buf(&mut answer).await.expect("an answer");
                    assert!(read > 0, "the server hung up: {}", String::from_utf8_lossy(&answer));
                }
                let is_greeting = answer.windows(5).any(|words| words == b"Hello");
                assert!(is_greeting, "{}", String::from_utf8_lossy(&answer));
            }
        });
        join_all(asking).await;
    }
}

fn requests(criterion: &mut Criterion) {
    let runtime = Runtime::new().expect("a runtime");
    let reuse = format!("{{ policy = \"reuse\", max_calls = {REUSED} }}");
    let fresh = "{ policy = \"fresh\" }";
    let (one, two) = (["hello"], ["hello-front", "hello-words"]);
    let start =
        async |components: &[&str]| (jackfield(components, fresh).await, jackfield(components, &reuse).await);
    let (one, two) = runtime.block_on(async { (start(&one).await, start(&two).await) });
    let mut all = runtime.block_on(async {
        let hello = binary("hello");
        let both = wac::compose(binary("hello-words"), binary("hello-front"), WORDS);
        [
            Clients::of("fresh: wasmtime serve", serve::serve(&hello, 1).await).await,
            Clients::of("fresh: wasmtime serve, two linked", serve::serve(&both, 1).await).await,
            Clients::of("fresh: jackfield", port(&one.0, "hello")).await,
            Clients::of("fresh: jackfield, two linked", port(&two.0, "hello-front")).await,
            Clients::of("reused: wasmtime serve", serve::serve(&hello, REUSED).await).await,
            Clients::of("reused: wasmtime serve, two linked", serve::serve(&both, REUSED).await).await,
            Clients::of("reused: jackfield", port(&one.1, "hello")).await,
            Clients::of("reused: jackfield, two linked", port(&two.1, "hello-front")).await,
        ]
    });
    let mut group = criterion.benchmark_group("hello over HTTP");
    group.throughput(Throughput::Elements((CLIENTS * REQUESTS) as u64)).sample_size(20);
    for clients in &mut all {
        group.bench_function(clients.name, |bencher| bencher.iter(|| runtime.block_on(clients.ask())));
    }
    group.finish();
    // `--test` asks only whether everything runs.
    if !std::env::args().any(|arg| arg == "--test") {
        ratios(&runtime, &mut all);
    }
}

/// Prints requests per second of rounds that take turns, and what they are beside one another.
fn ratios(runtime: &Runtime, all: &mut [Clients; 8]) {
    let mut seconds = [const { Vec::new() }; 8];
    for _ in 0..ROUNDS {
        for (clients, seconds) in all.iter_mut().zip(&mut seconds) {
            let started = Instant::now();
            runtime.block_on(clients.ask());
            seconds.push(started.elapsed().as_secs_f64());
        }
    }
    let rates = seconds.map(|mut seconds| {
        seconds.sort_by(f64::total_cmp);
        (CLIENTS * REQUESTS) as f64 / seconds[ROUNDS / 2]
    });
    println!("In turns, the middle one of {ROUNDS} rounds of {} requests:", CLIENTS * REQUESTS);
    for (clients, rate) in all.iter().zip(rates) {
        println!("  {:<36}{rate:>8.0} requests/s", clients.name);
    }
    for (policy, rates) in ["fresh", "reused"].into_iter().zip(rates.as_chunks().0) {
        let [serve, serve_two, jackfield, two] = rates;
        println!("  {policy}: jackfield / wasmtime serve                    {:.2}", jackfield / serve);
        println!("  {policy}: jackfield / wasmtime serve, two linked        {:.2}", two / serve_two);
        println!("  {policy}: two linked / one in jackfield                 {:.2}", two / jackfield);
        println!("  {policy}: two linked / one in wasmtime serve            {:.2}", serve_two / serve);
    }
}

criterion_group!(benches, requests);
criterion_main!(benches);
