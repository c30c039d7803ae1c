//! `cargo xtask`: the project's own commands.
//!
//! Set-up, building for wasm, running and testing need more than Cargo does by itself, and all of it is
//! here, in Rust, so that it is the same on every system and in CI. See `cargo xtask --help`.

mod cli;
mod fingerprint;
mod fuzz;
mod lint;
mod native;
mod peers;
mod process;
mod published;
mod run;
mod samples;
mod setup;
mod test;
mod toolchain;
mod ui;
mod workspace;

use std::process::ExitCode;

use anyhow::Result;
use clap::Parser as _;

use cli::{Cli, Command};
use ui::Profile;
use workspace::Workspace;

fn main() -> ExitCode {
    match execute(&Cli::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            for cause in error.chain().skip(1) {
                eprintln!("  because: {cause}");
            }
            ExitCode::FAILURE
        }
    }
}

fn execute(command: &Command) -> Result<()> {
    let workspace = Workspace::find()?;
    match command {
        Command::Run(args) => run::run(&workspace, args),
        Command::Test(args) => test::run(&workspace, args),
        Command::Fuzz(args) => fuzz::run(&workspace, args),
        Command::Setup(args) => setup::run(&workspace, args),
        Command::Samples(args) => samples::ensure(&workspace, args.toolchain.toolchain),
        Command::Ui(args) => {
            let profile = match (args.dev, args.release) {
                (true, _) => Profile::Dev,
                (_, true) => Profile::Release,
                _ => Profile::Quick,
            };
            ui::ensure(&workspace, args.toolchain.toolchain, profile)
        }
        Command::Lint(args) => lint::run(&workspace, args),
    }
}
