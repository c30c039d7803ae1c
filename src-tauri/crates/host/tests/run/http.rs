//! HTTP handlers of WASI 0.2 and 0.3, made from `samples/echo-http`.

use std::{fs, path::Path};

use jackfield_host::Running;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use crate::support::{Bench, PATIENCE};

const VERSIONS: [&str; 2] = ["echo-p2", "echo-p3"];

fn bench(more: &str) -> Bench {
    let components =
        VERSIONS.map(|name| format!("[components.{name}]\nsource = \"./{name}.wasm\"\n{more}\n"));
    let bench = Bench::new(&format!("name = \"test\"\n{}", components.concat()));
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../samples/echo-http");
    for name in VERSIONS {
        let file = samples.join(name).with_extension("wasm");
        fs::copy(&file, bench.folder.path().join(name).with_extension("wasm")).unwrap_or_else(|error| {
            panic!("{error}: {}; build it with `cargo xtask samples`", file.display())
        });
    }
    bench
}

fn address(running: &Running, component: &str) -> String {
    let found = running.listening().iter().find(|it| it.component == component).unwrap();
    found.url.strip_prefix("http://").unwrap().trim_end_matches('/').to_owned()
}

/// A connection on which one request has begun: its body comes in chunks.
struct Exchange {
    stream: TcpStream,
    read: Vec<u8>,
}

impl Exchange {
    async fn begin(address: &str) -> Self {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let head = format!("POST / HTTP/1.1\r\nHost: {address}\r\nTransfer-Encoding: chunked\r\n\r\n");
        stream.write_all(head.as_bytes()).await.unwrap();
        Self { stream, read: Vec::new() }
    }

    async fn send(&mut self, piece: &str) {
        let chunk = format!("{:x}\r\n{piece}\r\n", piece.len());
        self.stream.write_all(chunk.as_bytes()).await.unwrap();
    }

    /// Reads until `text` has come.
    async fn until(&mut self, text: &str) {
        let reading = async {
            while !String::from_utf8_lossy(&self.read).contains(text) {
                let mut piece = [0; 4096];
                let length = self.stream.read(&mut piece).await.unwrap();
                assert!(length > 0, "the end, after {:?}", String::from_utf8_lossy(&self.read));
                self.read.extend_from_slice(&piece[..length]);
            }
        };
        let read = tokio::time::timeout(PATIENCE, reading).await;
        read.unwrap_or_else(|_| {
            panic!("{text} did not come, only {:?}", String::from_utf8_lossy(&self.read))
        });
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_are_streamed_both_ways() {
    let bench = bench("");
    let running = bench.started().await;
    for version in VERSIONS {
        let mut exchange = Exchange::begin(&address(&running, version)).await;
        // What was sent comes back before the next is sent, so nobody waits for the end of a body.
        for piece in ["the-first-piece", "the-second-piece", "the-third-piece"] {
            exchange.send(piece).await;
            exchange.until(piece).await;
        }
        exchange.send("").await;
        exchange.until("\r\n0\r\n\r\n").await;
        assert!(exchange.read.starts_with(b"HTTP/1.1 200 OK\r\n"), "{version}");
    }
    tokio::time::timeout(PATIENCE, running.stop()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_takes_too_long_is_told_once_with_what_to_do() {
    let bench = bench("limits = { time = \"200ms\" }");
    let running = bench.started().await;
    for version in VERSIONS {
        let mut exchange = Exchange::begin(&address(&running, version)).await;
        exchange.send("never-the-last-piece").await;
        let of = |line: &&String| line.starts_with(&format!("{version} host: "));
        bench.witness.until(|it| it.lines().iter().filter(of).count() >= 2).await;
        let told: Vec<String> = bench.witness.lines().iter().filter(of).cloned().collect();
        let [what, help] = told.as_slice() else { panic!("{told:?}") };
        assert!(what.contains("POST /: `wasi:http/") && what.contains("its limit of 200 ms"), "{what}");
        assert!(
            help.ends_with(&format!("raise it with `limits = {{ time = … }}` of [components.{version}]")),
            "{help}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_body_passes_through() {
    let bench = bench("");
    let running = bench.started().await;
    for version in VERSIONS {
        let address = address(&running, version);
        let body = "0123456789abcdef".repeat(64 * 1024);
        let request = format!(
            "POST / HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        let (mut from, mut to) = TcpStream::connect(&address).await.unwrap().into_split();
        let sending = tokio::spawn(async move {
            to.write_all(request.as_bytes()).await.unwrap();
            to
        });
        let mut answer = String::new();
        tokio::time::timeout(PATIENCE, from.read_to_string(&mut answer)).await.unwrap().unwrap();
        sending.await.unwrap();
        let received: usize = answer.matches("0123456789abcdef").count();
        // A chunk may end in the middle of the pattern.
        assert!(received > 64 * 1024 - 1024, "{version}: {received}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_side_by_side_do_not_hinder_each_other() {
    let bench = bench("instances = { policy = \"reuse\", max_calls = 100 }");
    let running = bench.started().await;
    for version in VERSIONS {
        let address = address(&running, version);
        let mut exchanges = Vec::new();
        for number in 0..3 {
            let mut exchange = Exchange::begin(&address).await;
            exchange.send(&format!("begin-{number}")).await;
            exchange.until(&format!("begin-{number}")).await;
            exchanges.push(exchange);
        }
        for (number, exchange) in exchanges.iter_mut().enumerate() {
            exchange.send(&format!("end-{number}")).await;
            exchange.until(&format!("end-{number}")).await;
            exchange.send("").await;
            exchange.until("\r\n0\r\n\r\n").await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_takes_too_long_ends() {
    let bench = bench("limits = { time = \"300ms\" }");
    let running = bench.started().await;
    for version in VERSIONS {
        let mut exchange = Exchange::begin(&address(&running, version)).await;
        exchange.send("once").await;
        exchange.until("once").await;
        let mut rest = Vec::new();
        // The connection ends in the middle of the body, so that nobody takes it for a whole one.
        let ended = tokio::time::timeout(PATIENCE, exchange.stream.read_to_end(&mut rest)).await;
        ended.unwrap_or_else(|_| panic!("{version}: no end")).ok();
        assert!(!String::from_utf8_lossy(&rest).contains("0\r\n\r\n"), "{version}");
    }
}
