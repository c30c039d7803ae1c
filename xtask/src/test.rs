//! `cargo xtask test`: what has to hold before a change lands.
//!
//! The cheapest checks come first. The window's tests start their own display and browser driver;
//! what they need from here is that the programs are built.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};

use crate::cli::TestArgs;
use crate::fuzz;
use crate::lint;
use crate::native::{self, Set};
use crate::peers::{self, Peers};
use crate::process::{self, note, step};
use crate::published;
use crate::samples;
use crate::setup::{NEXTEST_ADVICE, has_nextest};
use crate::toolchain::{self, Choice, Target, Toolchain};
use crate::ui::{self, Profile};
use crate::workspace::Workspace;

/// What every test that opens a real window has in its name: a module of the tests across crates.
const WINDOW_TESTS: &str = "real_window::";

/// Runs all steps, and says how long each took, also when one fails.
pub(crate) fn run(workspace: &Workspace, args: &TestArgs) -> Result<()> {
    let mut times = Times::default();
    let result = steps(workspace, args, &mut times);
    times.print();
    result
}

fn steps(workspace: &Workspace, args: &TestArgs, times: &mut Times) -> Result<()> {
    let choice = args.toolchain.toolchain;
    let selection = selection(args);
    if !args.no_lint {
        times.of("format", || lint::format(workspace))?;
    }
    times.of("packages", || {
        if !args.no_window {
            native::ensure(Set::Window)?;
            native::ensure(Set::WindowTests)?;
        }
        Ok(())
    })?;
    let peers = times.of("peers", || peers::ensure(workspace))?;
    let published = times.of("packages of crates.io", || published::ensure(workspace))?;
    times.of("samples", || samples::ensure(workspace, choice))?;
    if !args.no_window {
        times.of("UI bundle", || ui::ensure(workspace, choice, Profile::Quick))?;
    }
    if !args.no_lint {
        times.of("clippy", || lint::clippy(workspace, &selection))?;
        times.of("clippy, UI for wasm", || lint::ui_clippy(workspace, choice))?;
        times.of("clippy, samples", || lint::samples_clippy(workspace))?;
    }
    times.of("build", || build(workspace, &selection))?;
    times.of("doc tests", || doc_tests(workspace, &selection))?;
    times.of("tests", || tests(workspace, args, &selection, &peers, &published))?;
    if args.long {
        times.of("fuzzing", || fuzz::look(workspace, &selection, None, fuzz::LONG_SECONDS, None))?;
        times.of("distribution's compiler", || distro(workspace))?;
    }
    Ok(())
}

/// One selection of packages for every step, or Cargo would unite their features differently and build
/// things twice.
fn selection(args: &TestArgs) -> Vec<&'static str> {
    let mut selection = vec!["--workspace"];
    if args.no_window {
        selection.extend(["--exclude", "jackfield"]);
    }
    selection
}

/// Programs and tests together, so that the window's tests find the programs that they start.
fn build(workspace: &Workspace, selection: &[&str]) -> Result<()> {
    step("building everything and its tests");
    let mut command = workspace.cargo();
    command.arg("build").args(selection).args(["--bins", "--tests"]);
    if cfg!(windows) {
        // A program that runs cannot be replaced there, and this one runs.
        command.args(["--exclude", "xtask"]);
    }
    process::run(&mut command)
}

/// nextest does not run them.
fn doc_tests(workspace: &Workspace, selection: &[&str]) -> Result<()> {
    step("running the examples in the documentation");
    process::run(workspace.cargo().args(["test", "--doc"]).args(selection))
}

fn tests(
    workspace: &Workspace,
    args: &TestArgs,
    selection: &[&str],
    peers: &Peers,
    published: &Path,
) -> Result<()> {
    step("running the tests");
    let mut command = workspace.cargo();
    if has_nextest() {
        command.args(["nextest", "run"]);
    } else {
        note(NEXTEST_ADVICE);
        command.args(["test", "--bins", "--tests"]);
    }
    // All that fails, in one run.
    command.arg("--no-fail-fast").args(selection).args(&args.runner_args);
    command.envs(peers.environment()).env("JACKFIELD_CRATES", published);
    if args.no_window {
        // Understood by both test runners.
        if !args.runner_args.iter().any(|arg| arg == "--") {
            command.arg("--");
        }
        command.args(["--skip", WINDOW_TESTS]);
    }
    process::run(&mut command)
}

/// Builds everything for wasm the second way, and lets the samples run.
fn distro(workspace: &Workspace) -> Result<()> {
    let toolchain = toolchain::ensure(workspace, Choice::Distro, Target::Component)?;
    let out = Toolchain::Distro.target_dir(&workspace.target_dir).join("xtask");
    let samples = out.join("samples");
    samples::build(workspace, toolchain, &samples)?;
    samples::copy_workload_files(workspace, &samples)?;
    ui::build(workspace, toolchain, Profile::Quick, &out.join("ui-dist"))?;
    try_samples(workspace, &samples)
}

fn try_samples(workspace: &Workspace, samples: &Path) -> Result<()> {
    step("trying the samples that the distribution's compiler has built");
    let jack = workspace.binary("jack", false);
    let expect = |words: &[&str], sample: &str, rest: &[&str], expected: &str| {
        let mut command = std::process::Command::new(&jack);
        command.args(words).arg(samples.join(sample).join("workload.toml")).args(rest);
        let output = process::output(&mut command)?;
        let text = String::from_utf8_lossy(&output);
        let line = process::display(&command);
        ensure!(text.contains(expected), "`{line}` did not print {expected:?} but\n{text}");
        Ok(())
    };
    expect(&["up"], "cron", &["--for", "3s"], "hello from the cron component").context("the cron sample")?;
    expect(&["call"], "calculator", &["hypotenuse", "hypotenuse", "3", "4"], "5")
        .context("the calculator sample")?;
    expect(&["plan"], "clock-http", &[], "clock").context("the clock-http sample")
}

/// How long each step took.
#[derive(Default)]
struct Times {
    steps: Vec<(&'static str, Duration)>,
}

impl Times {
    fn of<T>(&mut self, name: &'static str, work: impl FnOnce() -> Result<T>) -> Result<T> {
        let started = Instant::now();
        let result = work();
        self.steps.push((name, started.elapsed()));
        result
    }

    fn print(&self) {
        step("time of each step");
        for (name, time) in &self.steps {
            note(&format!("{name:<24}{:>8.1} s", time.as_secs_f64()));
        }
        let total: Duration = self.steps.iter().map(|(_, time)| *time).sum();
        note(&format!("{:<24}{:>8.1} s", "total", total.as_secs_f64()));
    }
}

#[cfg(test)]
mod tests {
    use anyhow::anyhow;

    use super::*;

    #[test]
    fn a_failed_step_is_timed_too() {
        let mut times = Times::default();
        times.of("good", || Ok(())).unwrap();
        times.of::<()>("bad", || Err(anyhow!("no"))).unwrap_err();
        let names: Vec<_> = times.steps.iter().map(|(name, _)| *name).collect();
        assert_eq!(names, ["good", "bad"]);
    }
}
