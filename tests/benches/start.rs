//! How long the calculator sample takes from nothing to its first answer when its code was compiled before: the
//! host set up, the workload read, planned, composed, started, and one call. The aim is 60 ms.
//!
//! `in one process` is the host alone; `jack call` is what a user at a terminal waits for, if
//! `cargo build --release -p jackfield-cli` was run before.
#![allow(missing_docs, reason = "criterion's macros make functions without docs")]
#![allow(clippy::expect_used, clippy::panic, reason = "a benchmark that cannot run says so by panicking")]

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use criterion::{Criterion, criterion_group, criterion_main};
use jackfield_host::{
    Host, HostConfig, Line, Observer, next_call,
    plan::plan,
    workload::{OnlyFiles, load},
};
use jackfield_protocol::WorkloadState;
use jackfield_tests::files;
use tokio::runtime::Runtime;

/// Hears nothing.
struct Silence;

impl Observer for Silence {
    fn line(&self, _: Line) {}

    fn state(&self, _: WorkloadState) {}
}

/// From nothing to the first answer; what comes after that is not counted.
async fn first_answer(cache: &Path) -> Duration {
    let started = Instant::now();
    let config = HostConfig { cache_dir: Some(cache.to_owned()), ..HostConfig::default() };
    let host = Host::new(&config).expect("a host");
    let loaded = load(&files::root().join("samples/calculator"), &OnlyFiles).expect("the sample");
    let plan = plan(&loaded.workload, &loaded.components, &Host::catalog());
    let running = host.start(Arc::new(loaded), Arc::new(plan), Arc::new(Silence)).await.expect("it runs");
    let args = ["3".to_owned(), "4".to_owned()];
    running.call(next_call(), &"hypotenuse".into(), "hypotenuse", &args).await.expect("an answer");
    let elapsed = started.elapsed();
    running.stop().await;
    elapsed
}

/// The same by the terminal's program.
fn jack(program: &Path, home: &Path) -> Duration {
    let started = Instant::now();
    let mut command = Command::new(program);
    command.args(["call", "samples/calculator/workload.toml", "hypotenuse", "hypotenuse", "3", "4"]);
    command.current_dir(files::root()).env("XDG_CACHE_HOME", home).env("JACKFIELD_DATA", home);
    let output = command.stdin(Stdio::null()).output().expect("jack");
    let elapsed = started.elapsed();
    assert!(output.status.success() && output.stdout.starts_with(b"5"), "{output:?}");
    elapsed
}

fn second_start(criterion: &mut Criterion) {
    let runtime = Runtime::new().expect("a runtime");
    let folder = tempfile::tempdir().expect("a folder");
    let mut group = criterion.benchmark_group("second start of calculator to its first answer");
    group.sample_size(30);
    // Compiles.
    let first = runtime.block_on(first_answer(folder.path()));
    println!("first start of calculator, nothing compiled: {} ms", first.as_millis());
    group.bench_function("in one process", |bencher| {
        bencher.iter_custom(|times| (0..times).map(|_| runtime.block_on(first_answer(folder.path()))).sum());
    });
    match files::program("jack") {
        Ok(program) => {
            jack(&program, folder.path());
            group.bench_function("jack call", |bencher| {
                bencher.iter_custom(|times| (0..times).map(|_| jack(&program, folder.path())).sum());
            });
        }
        Err(error) => println!("jack call is left out: {error}"),
    }
    group.finish();
}

criterion_group!(benches, second_start);
criterion_main!(benches);
