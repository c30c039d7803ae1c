//! The command line: what can be asked for, and how it is explained.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::toolchain::Choice;

/// Jackfield's own commands: building, running and testing it.
///
/// Each command does the set-up that it needs by itself, says what it installs and why, and skips what
/// is up to date. `cargo xtask run` and `cargo xtask test` are all that a newcomer needs.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", disable_help_subcommand = true)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Run(RunArgs),
    Test(TestArgs),
    Fuzz(FuzzArgs),
    Setup(SetupArgs),
    Samples(SamplesArgs),
    Ui(UiArgs),
    Lint(LintArgs),
}

/// How to compile to wasm.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct ToolchainArgs {
    /// Which compiler to use for wasm: the samples and the UI
    #[arg(long, value_enum, default_value_t, env = "JACKFIELD_TOOLCHAIN")]
    pub(crate) toolchain: Choice,
}

/// Build everything and open a workload: in the window, or in the terminal where there is no display
///
/// Without a workload it opens the cron sample. Where there is no display, or with --terminal, the same
/// workload runs through `jack up`: until Ctrl-C in a terminal, and for ten seconds where standard
/// output is no terminal. Nothing that only the window needs is installed or built then.
#[derive(Debug, Args)]
pub(crate) struct RunArgs {
    /// The workload file to open [default: samples/cron/workload.toml]
    pub(crate) workload: Option<PathBuf>,
    /// Build with optimisation: slower to compile, quicker to start
    #[arg(long)]
    pub(crate) release: bool,
    /// Use the terminal even if there is a display
    #[arg(long)]
    pub(crate) terminal: bool,
    #[command(flatten)]
    pub(crate) toolchain: ToolchainArgs,
}

/// Check the format, run clippy with warnings as errors, and run every test
///
/// That includes the tests that drive the real window on a display in memory, and those that speak to real
/// peers: an OCI registry, the MCP conformance suite, the reference MCP server and the Python SDK, which
/// are installed into the target directory, as are components out of packages on crates.io. The tests run with cargo-nextest if it is installed, else with
/// `cargo test`, and all of them run, also when some fail. Needs no terminal and no display.
#[derive(Debug, Args)]
pub(crate) struct TestArgs {
    /// Leave out the window: its crate and the tests that drive it, and the packages that they need
    #[arg(long)]
    pub(crate) no_window: bool,
    /// Leave out the format check and clippy
    #[arg(long)]
    pub(crate) no_lint: bool,
    /// Also let each fuzz target look for a minute, and build the samples and the UI with the
    /// distribution's compiler and run them (Debian only)
    #[arg(long)]
    pub(crate) long: bool,
    #[command(flatten)]
    pub(crate) toolchain: ToolchainArgs,
    /// Passed on to the test runner, for example the name of a test
    #[arg(last = true)]
    pub(crate) runner_args: Vec<OsString>,
}

/// Look for input that breaks the reader of components, of workload files, of values, or the planner
///
/// What is found is made small and written to tests/fuzz/TARGET, where every run of the tests checks it
/// from then on. Without a target all of them look, two at a time.
#[derive(Debug, Args)]
pub(crate) struct FuzzArgs {
    /// What to break [default: all of it]
    pub(crate) target: Option<FuzzTarget>,
    /// For how long, for each target
    #[arg(long, default_value_t = 300)]
    pub(crate) seconds: u64,
    /// Where chance begins, to look at the same input again [default: the time]
    #[arg(long)]
    pub(crate) seed: Option<u64>,
    #[command(flatten)]
    pub(crate) toolchain: ToolchainArgs,
}

/// What can be fuzzed.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum FuzzTarget {
    /// The reader of components
    Reader,
    /// The parser of workload files, and edits of them
    WorkloadFile,
    /// Values between JSON and WAVE
    Values,
    /// The planner
    Planner,
}

impl FuzzTarget {
    /// The module of the tests that it is.
    pub(crate) fn module(self) -> &'static str {
        match self {
            Self::Reader => "reader",
            Self::WorkloadFile => "workload_file",
            Self::Values => "values",
            Self::Planner => "planner",
        }
    }
}

/// Install everything that building, running and testing need, without building anything
///
/// These are the operating system's packages for the window and its tests (installed on Debian and Ubuntu,
/// named elsewhere), the MCP programs that the tests speak to (from npm and PyPI, into the target directory),
/// the components that they plan (from crates.io, to the same place), and the Rust targets for wasm.
#[derive(Debug, Args)]
pub(crate) struct SetupArgs {
    /// Leave out the packages that only the window and its tests need
    #[arg(long)]
    pub(crate) no_window: bool,
    #[command(flatten)]
    pub(crate) toolchain: ToolchainArgs,
}

/// Build the sample components and put each beside its workload file (samples/*/*.wasm)
#[derive(Debug, Args)]
pub(crate) struct SamplesArgs {
    #[command(flatten)]
    pub(crate) toolchain: ToolchainArgs,
}

/// Build the window's contents (ui/dist/)
#[derive(Debug, Args)]
pub(crate) struct UiArgs {
    /// Without optimisation: compiles sooner, draws slowly
    #[arg(long)]
    pub(crate) dev: bool,
    /// With optimisation across crates: compiles later, smaller
    #[arg(long, conflicts_with = "dev")]
    pub(crate) release: bool,
    #[command(flatten)]
    pub(crate) toolchain: ToolchainArgs,
}

/// Check format, clippy, dependencies and spelling
///
/// Dependencies are checked by cargo-deny and cargo-shear, and spelling by typos, each if it is
/// installed.
#[derive(Debug, Args)]
pub(crate) struct LintArgs {
    #[command(flatten)]
    pub(crate) toolchain: ToolchainArgs,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_command_explains_itself() {
        for command in Cli::command().get_subcommands() {
            assert!(command.get_about().is_some(), "{} has no help text", command.get_name());
            for argument in command.get_arguments() {
                assert!(
                    argument.get_help().is_some(),
                    "{} {} has no help text",
                    command.get_name(),
                    argument
                );
            }
        }
    }

    #[test]
    fn what_follows_the_dashes_goes_to_the_test_runner() {
        let cli = Cli::parse_from(["cargo xtask", "test", "--no-lint", "--", "plan", "--no-capture"]);
        let Command::Test(args) = cli.command else { panic!("parsed as {:?}", cli.command) };
        assert!(args.no_lint && !args.no_window);
        assert_eq!(args.runner_args, ["plan", "--no-capture"]);
    }
}
