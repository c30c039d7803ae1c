//! The figures about the window that the README states, measured: `cargo run -p jackfield-tests --bin measure`.
//!
//! It needs what `cargo xtask test` builds, and Linux, whose `/proc` it reads. Add `--release`
//! after `cargo build --release -p jackfield` for the figures of a release build.

use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use jackfield_tests::files;
use jackfield_tests::process::{Group, Lines};
use jackfield_tests::usage::Tree;
use jackfield_tests::window::{Display, Driver, command};

const WORKLOAD: &str = "samples/cron/workload.toml";
const PATIENCE: Duration = Duration::from_secs(60);
/// After a change, until all that it set off has settled.
const SETTLE: Duration = Duration::from_secs(5);
const OBSERVED: Duration = Duration::from_secs(30);
const STARTS: usize = 5;

fn main() -> anyhow::Result<()> {
    first_frame()?;
    cpu()
}

/// Start after start, of which the first may find nothing in the system's caches.
fn first_frame() -> anyhow::Result<()> {
    let display = Display::start()?;
    for number in 1..=STARTS {
        let program = files::program("jackfield")?;
        let (mut command, _home) = command(&display, [program.as_os_str(), WORKLOAD.as_ref()])?;
        let started = Instant::now();
        let mut group = Group::spawn(command.env("JACKFIELD_TIMING", "1").stderr(Stdio::piped()))?;
        let mut stderr = Lines::of(group.child().stderr.take().context("no pipe")?);
        let own = stderr.wait_for(|line| line.starts_with("first frame after"), PATIENCE)?;
        let millis = started.elapsed().as_millis();
        println!("start {number}: {own} by its own clock; {millis} ms with the launch of its D-Bus session");
    }
    Ok(())
}

/// An open window, stopped and then running.
fn cpu() -> anyhow::Result<()> {
    let display = Display::start()?;
    let driver = Driver::start(&display)?;
    let window = driver.open(&[WORKLOAD])?;
    window.wait_for("component ticker", PATIENCE)?;
    report(&driver, "cron open and stopped")?;
    window.click(window.wait_for("Start", PATIENCE)?)?;
    window.wait_for("job stderr: hello from the cron component", PATIENCE)?;
    report(&driver, "cron running")
}

fn report(driver: &Driver, what: &str) -> anyhow::Result<()> {
    thread::sleep(SETTLE);
    let before = Tree::below(driver.process_id(), "jackfield")?;
    let started = Instant::now();
    thread::sleep(OBSERVED);
    let after = Tree::below(driver.process_id(), "jackfield")?;
    let elapsed = started.elapsed();
    println!("{what}, over {:.0} s:", elapsed.as_secs_f64());
    for (name, share) in after.shares_since(&before, elapsed) {
        println!("  {name:<24}{share:>7.2} % of one core");
    }
    Ok(())
}
