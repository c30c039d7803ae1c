//! The compiler for wasm, found or installed in one of two ways.
//!
//! The first choice is the Rust in use, with rustup's ready-made standard library for the target. Where
//! rustup is missing or cannot reach its server, Debian's own compiler builds the standard library from
//! source. Both give the same components and the same UI bundle; each has a target directory of its
//! own, or the two compilers would evict each other's work.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use clap::ValueEnum;

use crate::native::{self, Set};
use crate::process::{self, note, step};
use crate::workspace::{Workspace, cargo};

/// What the user asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Choice {
    /// rustup if it can, else the distribution's compiler
    #[default]
    Auto,
    /// The Rust in use, with targets that rustup adds
    Rustup,
    /// The distribution's compiler, with a standard library built from source (Debian)
    Distro,
}

/// What is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Toolchain {
    /// The Rust in use, with the targets installed.
    Rustup,
    /// Debian's `rustc-web` and `cargo-web`.
    Distro,
}

/// A wasm target that something of ours is compiled for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    /// The UI: the browser's wasm.
    Browser,
    /// The samples: components straight from the linker.
    Component,
    /// The samples by the distribution's compiler: core modules, made into components by xtask.
    CoreModule,
}

impl Target {
    /// The name that rustc knows it by.
    pub(crate) fn triple(self) -> &'static str {
        match self {
            Self::Browser => "wasm32-unknown-unknown",
            Self::Component => "wasm32-wasip2",
            Self::CoreModule => "wasm32-wasip1",
        }
    }
}

/// rustup answers in seconds where it can reach its server, and may otherwise hang.
const RUSTUP_LIMIT: Duration = Duration::from_secs(60);
const DISTRO_BIN: &str = "/usr/bin";
const DISTRO_LINKER: &str = "/usr/bin/wasm-ld-19";
const DISTRO_LIBC: &str = "/usr/lib/wasm32-wasi";
/// Remembers that rustup failed here, so that only the first run waits for it.
const MEMORY: &str = "toolchain";

impl Choice {
    /// Whether work done with `toolchain` is what this choice asks for.
    pub(crate) fn accepts(self, toolchain: &str) -> bool {
        match self {
            Self::Auto => true,
            Self::Rustup => toolchain == Toolchain::Rustup.name(),
            Self::Distro => toolchain == Toolchain::Distro.name(),
        }
    }
}

impl Toolchain {
    /// A short name, for messages and stamps.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Rustup => "rustup",
            Self::Distro => "distro",
        }
    }

    /// This toolchain's own variant of a target directory.
    pub(crate) fn target_dir(self, shared: &Path) -> PathBuf {
        match self {
            Self::Rustup => shared.to_owned(),
            Self::Distro => {
                let mut path = shared.as_os_str().to_owned();
                path.push("-distro");
                path.into()
            }
        }
    }

    /// `cargo SUBCOMMAND --target …` with this toolchain, in `folder`.
    pub(crate) fn cargo(self, subcommand: &str, target: Target, folder: &Path) -> Command {
        let mut command = match self {
            Self::Rustup => Command::new(cargo()),
            Self::Distro => distro_cargo(),
        };
        command.current_dir(folder).arg(subcommand).args(["--locked", "--target", target.triple()]);
        // Flags from the environment are meant for the host, and would replace those of .cargo/config.toml.
        command.env_remove("RUSTFLAGS").env_remove("CARGO_ENCODED_RUSTFLAGS");
        if self == Self::Distro {
            add_distro_flags(&mut command, target);
        }
        command
    }
}

fn distro_cargo() -> Command {
    let mut command = Command::new(format!("{DISTRO_BIN}/cargo"));
    for variable in ["CARGO", "RUSTUP_TOOLCHAIN", "RUSTC_WRAPPER", "RUSTC_WORKSPACE_WRAPPER"] {
        command.env_remove(variable);
    }
    command.env("RUSTC", format!("{DISTRO_BIN}/rustc"));
    // Building the standard library from source is an unstable feature of a stable compiler.
    command.env("RUSTC_BOOTSTRAP", "1");
    command
}

fn add_distro_flags(command: &mut Command, target: Target) {
    command.arg("-Zbuild-std=std,panic_abort");
    let variable = target.triple().to_uppercase().replace('-', "_");
    command.env(format!("CARGO_TARGET_{variable}_LINKER"), DISTRO_LINKER);
    if target == Target::CoreModule {
        command.env(
            format!("CARGO_TARGET_{variable}_RUSTFLAGS"),
            format!("-C link-self-contained=no -L native={DISTRO_LIBC}"),
        );
    }
}

/// The object file that gives an ordinary `main` its entry point, when the distribution's compiler links it.
pub(crate) fn distro_command_object() -> String {
    format!("{DISTRO_LIBC}/crt1-command.o")
}

/// Makes sure that there is a compiler for `target`, and says which.
///
/// Says and does nothing if there is one already.
pub(crate) fn ensure(workspace: &Workspace, choice: Choice, target: Target) -> Result<Toolchain> {
    let remembers_distro =
        || fs::read_to_string(workspace.memory(MEMORY)).is_ok_and(|name| name == Toolchain::Distro.name());
    match choice {
        Choice::Distro => native::ensure(Set::DistroToolchain).map(|()| Toolchain::Distro),
        Choice::Rustup => add_target(target).map(|()| Toolchain::Rustup),
        Choice::Auto if has_target(target) => Ok(Toolchain::Rustup),
        Choice::Auto if remembers_distro() && native::is_present(Set::DistroToolchain) => {
            Ok(Toolchain::Distro)
        }
        Choice::Auto => add_target_or_distro(workspace, target),
    }
}

/// Makes the next automatic choice try rustup again.
pub(crate) fn forget(workspace: &Workspace) {
    // It is not there unless rustup once failed, and is rewritten if it fails again.
    let _ = fs::remove_file(workspace.memory(MEMORY));
}

fn add_target_or_distro(workspace: &Workspace, target: Target) -> Result<Toolchain> {
    let Err(rustup_error) = add_target(target) else {
        return Ok(Toolchain::Rustup);
    };
    note(&format!("that did not work ({rustup_error:#}); trying the distribution's compiler instead"));
    native::ensure(Set::DistroToolchain).with_context(|| {
        format!("there is no compiler for {0}: neither rustup nor the distribution has one", target.triple())
    })?;
    crate::fingerprint::write_if_changed(&workspace.memory(MEMORY), Toolchain::Distro.name().as_bytes())?;
    Ok(Toolchain::Distro)
}

fn add_target(target: Target) -> Result<()> {
    if has_target(target) {
        return Ok(());
    }
    step(&format!("adding the Rust target {}, {}", target.triple(), purpose(target)));
    process::run_within(RUSTUP_LIMIT, Command::new("rustup").args(["target", "add", target.triple()]))?;
    if !has_target(target) {
        bail!("rustup added {} to another toolchain than the one in use", target.triple());
    }
    Ok(())
}

fn purpose(target: Target) -> &'static str {
    match target {
        Target::Browser => "which the window's UI is compiled to",
        Target::Component | Target::CoreModule => "which the samples are compiled to",
    }
}

/// Looks for the target's standard library where the compiler in use looks for it, however it got there.
fn has_target(target: Target) -> bool {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let Ok(sysroot) = process::output(Command::new(rustc).args(["--print", "sysroot"])) else {
        return false;
    };
    let sysroot = PathBuf::from(String::from_utf8_lossy(&sysroot).trim_end());
    sysroot.join("lib/rustlib").join(target.triple()).join("lib").is_dir()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_toolchain_has_its_own_target_directory() {
        let shared = Path::new("/somewhere/target");
        assert_eq!(Toolchain::Rustup.target_dir(shared), shared);
        assert_eq!(Toolchain::Distro.target_dir(shared), Path::new("/somewhere/target-distro"));
    }

    #[test]
    fn a_choice_accepts_what_it_would_have_made() {
        for toolchain in [Toolchain::Rustup, Toolchain::Distro] {
            assert!(Choice::Auto.accepts(toolchain.name()));
        }
        assert!(Choice::Distro.accepts("distro") && !Choice::Distro.accepts("rustup"));
        assert!(Choice::Rustup.accepts("rustup") && !Choice::Rustup.accepts("distro"));
    }

    #[test]
    fn the_distribution_links_core_modules_with_its_own_libc() {
        let command = Toolchain::Distro.cargo("build", Target::CoreModule, Path::new("."));
        let variables: Vec<_> = command.get_envs().map(|(name, _)| name.to_string_lossy()).collect();
        assert!(variables.contains(&"CARGO_TARGET_WASM32_WASIP1_LINKER".into()));
        assert!(variables.contains(&"CARGO_TARGET_WASM32_WASIP1_RUSTFLAGS".into()));
        assert!(process::display(&command).ends_with("--target wasm32-wasip1 -Zbuild-std=std,panic_abort"));
    }
}
