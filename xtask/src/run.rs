//! `cargo xtask run`: from a fresh checkout to a running workload.

use std::env;
use std::io::{self, IsTerminal as _};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use crate::cli::RunArgs;
use crate::native::{self, Set};
use crate::process::{self, note, step};
use crate::samples;
use crate::ui::{self, Profile};
use crate::workspace::Workspace;

/// How long the workload runs where nobody is there to press Ctrl-C.
const UNATTENDED: &str = "10s";

/// Opens the workload, and does not come back if that works.
pub(crate) fn run(workspace: &Workspace, args: &RunArgs) -> Result<()> {
    let workload = args.workload.clone().unwrap_or_else(|| default_workload(workspace));
    let mut program = if args.terminal {
        in_terminal(workspace, args, &workload)?
    } else if has_display(|name| env::var_os(name).is_some_and(|value| !value.is_empty())) {
        in_window(workspace, args, &workload)?
    } else {
        note(
            "there is no display (DISPLAY and WAYLAND_DISPLAY are not set): running in the terminal instead",
        );
        in_terminal(workspace, args, &workload)?
    };
    process::replace_with(&mut program)
}

fn default_workload(workspace: &Workspace) -> PathBuf {
    let file = workspace.samples().join("cron").join("workload.toml");
    // Shown as one would type it, when that is possible.
    match env::current_dir().ok().and_then(|here| file.strip_prefix(here).ok().map(Path::to_owned)) {
        Some(relative) => relative,
        None => file,
    }
}

/// On Linux the two display servers say so in the environment; elsewhere there always is one.
fn has_display(is_set: impl Fn(&str) -> bool) -> bool {
    !cfg!(target_os = "linux") || is_set("DISPLAY") || is_set("WAYLAND_DISPLAY")
}

fn in_window(workspace: &Workspace, args: &RunArgs, workload: &Path) -> Result<Command> {
    native::ensure(Set::Window)?;
    samples::ensure(workspace, args.toolchain.toolchain)?;
    let profile = if args.release { Profile::Release } else { Profile::Quick };
    ui::ensure(workspace, args.toolchain.toolchain, profile)?;
    let mut program = Command::new(built(workspace, "jackfield", "jackfield", args.release)?);
    program.arg(workload);
    Ok(program)
}

fn in_terminal(workspace: &Workspace, args: &RunArgs, workload: &Path) -> Result<Command> {
    samples::ensure(workspace, args.toolchain.toolchain)?;
    let mut program = Command::new(built(workspace, "jackfield-cli", "jack", args.release)?);
    program.arg("up").arg(workload);
    if !io::stdout().is_terminal() {
        note(&format!("standard output is not a terminal: stopping after {UNATTENDED}"));
        program.args(["--for", UNATTENDED]);
    }
    Ok(program)
}

/// Builds one binary. Cargo knows best whether there is anything to do, and is quick if there is not.
fn built(workspace: &Workspace, package: &str, binary: &str, release: bool) -> Result<PathBuf> {
    let file = workspace.binary(binary, release);
    if !file.exists() {
        step(&format!("building {package}; the first time this takes minutes"));
    }
    let mut command = workspace.cargo();
    command.args(["build", "--package", package, "--bin", binary]);
    if release {
        command.arg("--release");
    }
    process::run(&mut command)?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_display_server_is_enough() {
        assert!(has_display(|name| name == "DISPLAY"));
        assert!(has_display(|name| name == "WAYLAND_DISPLAY"));
        assert_eq!(has_display(|_| false), !cfg!(target_os = "linux"));
    }
}
