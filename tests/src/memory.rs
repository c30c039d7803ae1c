//! The figure about the host's memory: what 20 workloads of three small components hold while nothing is called.
//!
//! A process that has compiled something holds memory for that afterwards. So the workloads are started twice,
//! each time in a process of its own, and the second, which finds compiled code in the cache, is measured.

use std::env;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use anyhow::Context as _;
use jackfield_host::plan::plan;
use jackfield_host::workload::{OnlyFiles, load};
use jackfield_host::{Host, HostConfig, Line, Observer, next_call};
use jackfield_protocol::WorkloadState;
use tokio::runtime::Runtime;

use crate::files;

/// What the process that holds the workloads is told, before the folder of its cache.
pub const HOLD: &str = "hold-workloads";

const WORKLOADS: usize = 20;
/// Until what the start has left behind is done.
const SETTLE: Duration = Duration::from_secs(2);

/// Hears nothing.
struct Silence;

impl Observer for Silence {
    fn line(&self, _: Line) {}

    fn state(&self, _: WorkloadState) {}
}

/// Prints the figures.
///
/// # Errors
/// If the samples were not built, or do not run.
pub fn run() -> anyhow::Result<()> {
    let cache = tempfile::tempdir()?;
    for is_measured in [false, true] {
        let output = Command::new(env::current_exe()?).arg(HOLD).arg(cache.path()).output()?;
        anyhow::ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        if is_measured {
            print!("{}", String::from_utf8_lossy(&output.stdout));
        }
    }
    Ok(())
}

/// What the other process does.
///
/// # Errors
/// If the samples were not built, or do not run.
pub fn hold(cache: &Path) -> anyhow::Result<()> {
    let runtime = Runtime::new()?;
    let before = resident()?;
    let host = Host::new(&HostConfig { cache_dir: Some(cache.to_owned()), ..HostConfig::default() })?;
    let empty = resident()?;
    let held = runtime.block_on(async {
        let mut held = Vec::new();
        for _ in 0..WORKLOADS {
            let loaded = load(&files::root().join("samples/calculator"), &OnlyFiles)?;
            let plan = plan(&loaded.workload, &loaded.components, &Host::catalog());
            held.push(host.start(Arc::new(loaded), Arc::new(plan), Arc::new(Silence)).await?);
        }
        Ok::<_, anyhow::Error>(held)
    })?;
    thread::sleep(SETTLE);
    let full = resident()?;
    let args = ["3".to_owned(), "4".to_owned()];
    for running in &held {
        runtime.block_on(running.call(next_call(), &"hypotenuse".into(), "hypotenuse", &args))?;
    }
    thread::sleep(SETTLE);
    let called = resident()?;
    println!("memory of the host, resident, in MiB:");
    for (what, kibibytes) in [
        ("the process before", before),
        ("with a host", empty),
        (&format!("with {WORKLOADS} idle workloads of 3 components"), full),
        ("after a call to each, idle again", called),
    ] {
        println!("  {what:<44}{:>7.1}", kibibytes as f64 / 1024.0);
    }
    println!("  {:<44}{:>7.2}", "for one workload", (full - empty) as f64 / 1024.0 / WORKLOADS as f64);
    Ok(())
}

/// What of this process is in memory, in KiB, as Linux tells it.
fn resident() -> anyhow::Result<i64> {
    let status = fs::read_to_string("/proc/self/status").context("this measures on Linux only")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS")?;
    Ok(line.trim().trim_end_matches(" kB").parse()?)
}
