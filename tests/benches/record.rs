//! What recording traces costs: `cargo bench -p jackfield-tests --bench record`.
//!
//! A million spans go to a file, in traces of ten, once with names and times and once with values, and are read back. Printed
//! are spans per second, bytes per span, what handing a trace over costs the thread that has it, and the resident
//! memory on the way, which must stay flat however long a recording goes on.

#![allow(clippy::expect_used, clippy::panic, missing_docs, reason = "a benchmark fails by panicking")]

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jackfield_protocol::{Argument, CallId, Cost, Outcome, Provider, Span, Trace, TraceId};
use jackfield_trace::{Recorder, Recording};

const SPANS: usize = 1_000_000;
const SPANS_PER_TRACE: usize = 10;
/// Traces of different times, handed over again and again: making them is not what is measured.
const DIFFERENT: usize = 997;
/// So many may wait, so that nothing is lost.
const AT_ONCE: usize = 2_000;

/// Something between 0 and `below`, the same in every run.
fn some(number: usize, below: u64) -> u64 {
    (number as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29) % below
}

fn span(number: usize, place: usize, start_nanos: u64, with_values: bool) -> Span {
    let function = ["math:ops/square#square", "math:ops/square-root#square-root", "store:kv/bucket#get"];
    let component = ["square", "square-root", "store"];
    let argument =
        |name: &str, salt| Argument { name: name.into(), value: some(number + salt, 100_000).to_string() };
    Span {
        parent: (place > 0).then_some(0),
        consumer: (place > 0).then(|| "hypotenuse".into()),
        provider: Provider::Component(component[place % 3].into()),
        function: function[place % 3].into(),
        start_nanos,
        duration_nanos: Some(400 + some(number, 50_000)),
        held_nanos: 0,
        outcome: Outcome::Ok,
        args: if with_values { vec![argument("a", 1), argument("b", 2)] } else { Vec::new() },
        result: with_values.then(|| some(number, 1_000_000).to_string()),
        intervention: None,
    }
}

fn trace(number: usize, with_values: bool) -> Arc<Trace> {
    let span =
        |place| span(number * 31 + place, place, place as u64 * (1_000 + some(number, 60_000)), with_values);
    Arc::new(Trace {
        id: TraceId(0),
        workload: None,
        workload_name: "calculator".to_owned(),
        call: Some(CallId(number as u64)),
        start_unix_micros: 1_767_225_600_000_000 + number as i64 * 1_013,
        spans: (0..SPANS_PER_TRACE).map(span).collect(),
        dropped: 0,
        lines: Vec::new(),
        dropped_lines: 0,
        cost: Cost::default(),
        context: None,
        unobserved: Vec::new(),
    })
}

/// Resident memory of this process: KiB. Linux only.
fn resident_kib() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().split(' ').next()?.parse().ok()
}

fn memory() -> String {
    resident_kib().map_or_else(|| "unknown".to_owned(), |kib| format!("{:.1} MiB", kib as f64 / 1024.0))
}

fn per_second(count: u64, elapsed: Duration) -> String {
    format!("{:.2} million spans per second", count as f64 / elapsed.as_secs_f64() / 1e6)
}

fn record(name: &str, with_values: bool, folder: &Path) {
    let traces: Vec<_> = (0..DIFFERENT).map(|number| trace(number, with_values)).collect();
    let path = folder.join(format!("{with_values}.jsonl"));
    let recorder = Recorder::start(&path, |progress| panic!("{progress:?}")).expect("a recorder");
    let (count, mut handing) = (SPANS / SPANS_PER_TRACE, Duration::ZERO);
    let mut resident = vec![memory()];
    let started = Instant::now();
    for (number, trace) in traces.iter().cycle().take(count).enumerate() {
        let before = Instant::now();
        recorder.keep(Arc::clone(trace));
        handing += before.elapsed();
        if number % AT_ONCE == AT_ONCE - 1 {
            recorder.wait_until_written();
        }
        if (number + 1) % (count / 4) == 0 {
            resident.push(memory());
        }
    }
    let progress = recorder.finish();
    let elapsed = started.elapsed();
    assert_eq!((progress.traces, progress.lost), (count as u64, 0));
    println!("{name}: {SPANS} spans in traces of {SPANS_PER_TRACE}");
    println!("  written: {}, synchronised to the disk at the end", per_second(SPANS as u64, elapsed));
    println!("  size: {:.1} bytes per span", progress.bytes as f64 / SPANS as f64);
    println!("  handing a trace over: {:.0} ns", handing.as_nanos() as f64 / count as f64);
    println!("  resident at 0, 25, 50, 75, 100 %: {}", resident.join(", "));

    let started = Instant::now();
    let mut recording = Recording::open(&path).expect("a recording");
    let mut spans = 0;
    while let Some(trace) = recording.next_trace().expect("a trace") {
        spans += trace.spans.len();
    }
    assert_eq!((spans, recording.damage()), (SPANS, Vec::new()));
    println!("  read: {}; resident then: {}", per_second(SPANS as u64, started.elapsed()), memory());
}

fn main() {
    let folder = tempfile::tempdir().expect("a folder");
    println!("resident before: {}", memory());
    record("names and times", false, folder.path());
    record("with values", true, folder.path());
}
