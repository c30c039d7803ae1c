//! Everything that judges the source without running it.

use std::process::Command;

use anyhow::Result;

use crate::cli::LintArgs;
use crate::native::is_on_path;
use crate::process::{self, note, step};
use crate::toolchain::{self, Choice, Target, Toolchain};
use crate::workspace::Workspace;

/// A checker that is not part of Rust, and is used where it is installed.
struct Tool {
    program: &'static str,
    args: &'static [&'static str],
    checks: &'static str,
    install: &'static str,
}

/// What needs the network comes last.
const TOOLS: [Tool; 4] = [
    Tool { program: "typos", args: &[], checks: "spelling", install: "cargo install --locked typos-cli" },
    Tool {
        program: "cargo-shear",
        args: &["shear"],
        checks: "unused dependencies",
        install: "cargo install --locked cargo-shear",
    },
    Tool {
        program: "cargo-deny",
        args: &["deny", "check", "licenses", "bans", "sources"],
        checks: "licences and sources of dependencies",
        install: "cargo install --locked cargo-deny",
    },
    Tool {
        program: "cargo-deny",
        args: &["deny", "check", "advisories"],
        checks: "dependencies for known vulnerabilities",
        install: "cargo install --locked cargo-deny",
    },
];

/// Runs every check there is.
pub(crate) fn run(workspace: &Workspace, args: &LintArgs) -> Result<()> {
    format(workspace)?;
    clippy(workspace, &["--workspace"])?;
    ui_clippy(workspace, args.toolchain.toolchain)?;
    samples_clippy(workspace)?;
    for tool in &TOOLS {
        if is_on_path(tool.program) {
            step(&format!("checking {} with {}", tool.checks, tool.program));
            process::run(&mut tool.command(workspace))?;
        } else {
            note(&format!("{} not checked: {} is missing (`{}`)", tool.checks, tool.program, tool.install));
        }
    }
    Ok(())
}

impl Tool {
    /// Cargo's own subcommands are started through Cargo, so that they see the same one.
    fn command(&self, workspace: &Workspace) -> Command {
        let mut command = match self.args {
            [] => Command::new(self.program),
            _ => workspace.cargo(),
        };
        command.current_dir(&workspace.root).args(self.args);
        command
    }
}

/// Fails if rustfmt would change anything, in the application or in the samples.
pub(crate) fn format(workspace: &Workspace) -> Result<()> {
    step("checking the format (`cargo fmt --all` fixes it)");
    process::run(workspace.cargo().args(["fmt", "--all", "--check"]))?;
    process::run(workspace.cargo().current_dir(workspace.samples()).args(["fmt", "--all", "--check"]))
}

/// Clippy on the application, with warnings as errors, for the packages that `selection` names.
pub(crate) fn clippy(workspace: &Workspace, selection: &[&str]) -> Result<()> {
    step("running clippy");
    let mut command = workspace.cargo();
    command.arg("clippy").args(selection).args(["--all-targets", "--", "-D", "warnings"]);
    process::run(&mut command)
}

/// Clippy on what the UI has for the webview only, which compiles to nothing on the host.
pub(crate) fn ui_clippy(workspace: &Workspace, choice: Choice) -> Result<()> {
    step("running clippy on the UI for wasm");
    let toolchain = toolchain::ensure(workspace, choice, Target::Browser)?;
    if toolchain == Toolchain::Distro {
        note("left out: the distribution's compiler for wasm has no clippy");
        return Ok(());
    }
    let mut command = toolchain.cargo("clippy", Target::Browser, &workspace.root);
    command.args(["--package", "jackfield-ui", "--lib", "--", "-D", "warnings"]);
    process::run(&mut command)
}

/// Clippy on the samples. Their bindings compile for the host too, so this needs no wasm target.
pub(crate) fn samples_clippy(workspace: &Workspace) -> Result<()> {
    step("running clippy on the samples");
    let mut command = workspace.cargo();
    command.current_dir(workspace.samples());
    command.args(["clippy", "--locked", "--workspace", "--all-targets", "--", "-D", "warnings"]);
    process::run(&mut command)
}
