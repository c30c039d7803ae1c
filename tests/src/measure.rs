//! The figures about the window: how long it takes to appear, and what it costs while it is open.
//!
//! Linux only, because `/proc` is where the costs are read.

use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use crate::files;
use crate::process::{Group, Lines};
use crate::usage::Tree;
use crate::window::{Display, Driver, Place, command};
use anyhow::Context as _;
use tempfile::TempDir;

const WORKLOAD: &str = "samples/cron/workload.toml";
const PATIENCE: Duration = Duration::from_secs(60);
/// After a change, until all that it set off has settled.
const SETTLE: Duration = Duration::from_secs(5);
const OBSERVED: Duration = Duration::from_secs(30);
const STARTS: usize = 5;

/// Prints each figure as it is known.
///
/// # Errors
/// If a program was not built, or its window does not open.
pub fn run() -> anyhow::Result<()> {
    for number in 1..=STARTS {
        let (_window, millis) = Undriven::open()?;
        println!("start {number}: {millis}");
    }
    let start = start_button()?;
    let (window, _) = Undriven::open()?;
    report(&window, "cron open and stopped")?;
    window.display.click(start)?;
    report(&window, "cron running")
}

/// Where the button is, found with a driver. It keeps an accessibility tree for the driver, and so is not
/// the window to measure.
fn start_button() -> anyhow::Result<Place> {
    let display = Display::start()?;
    let driver = Driver::start(&display)?;
    driver.open(&[WORKLOAD])?.wait_for("Start", PATIENCE)
}

/// The window as a user opens it, on a display of its own: one that had another session's window would
/// lead it to that session's accessibility bus.
struct Undriven {
    group: Group,
    display: Display,
    _home: TempDir,
}

impl Undriven {
    /// Opens the window, and tells how long that took once it has drawn its first frame.
    fn open() -> anyhow::Result<(Self, String)> {
        let program = files::program("jackfield")?;
        let display = Display::start()?;
        let (mut command, home) = command(&display, [program.as_os_str(), WORKLOAD.as_ref()])?;
        let started = Instant::now();
        let mut group = Group::spawn(command.env("JACKFIELD_TIMING", "1").stderr(Stdio::piped()))?;
        let mut stderr = Lines::of(group.child().stderr.take().context("no pipe")?);
        let own = stderr.wait_for(|line| line.starts_with("first frame after"), PATIENCE)?;
        let millis = started.elapsed().as_millis();
        stderr.print();
        Ok((
            Self { group, display, _home: home },
            format!("{own}, {millis} ms with the launch of its D-Bus session"),
        ))
    }
}

fn report(window: &Undriven, what: &str) -> anyhow::Result<()> {
    thread::sleep(SETTLE);
    let look = || Tree::below(window.group.id(), "jackfield");
    let (before, started) = (look()?, Instant::now());
    thread::sleep(OBSERVED);
    let (after, elapsed) = (look()?, started.elapsed());
    println!("{what}, over {:.0} s:", elapsed.as_secs_f64());
    for (name, share) in after.shares_since(&before, elapsed) {
        println!("  {name:<24}{share:>7.2} % of one core");
    }
    Ok(())
}
