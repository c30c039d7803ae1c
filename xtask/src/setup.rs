//! `cargo xtask setup`: everything that the other commands would install on their way.

use anyhow::Result;

use crate::cli::SetupArgs;
use crate::native::{self, Set, is_on_path};
use crate::peers;
use crate::process::{note, step};
use crate::published;
use crate::toolchain::{self, Target};
use crate::workspace::Workspace;

/// Installs what is missing. Unlike the other commands it says so when nothing is.
pub(crate) fn run(workspace: &Workspace, args: &SetupArgs) -> Result<()> {
    if !args.no_window {
        native::ensure(Set::Window)?;
        native::ensure(Set::WindowTests)?;
    }
    peers::ensure(workspace)?;
    published::ensure(workspace)?;
    // Asked for by name, rustup gets another chance where it failed before.
    toolchain::forget(workspace);
    let for_samples = toolchain::ensure(workspace, args.toolchain.toolchain, Target::Component)?;
    let for_ui = toolchain::ensure(workspace, args.toolchain.toolchain, Target::Browser)?;
    step("everything is set up");
    note(&format!("toolchain for the samples: {}, for the UI: {}", for_samples.name(), for_ui.name()));
    if !has_nextest() {
        note(NEXTEST_ADVICE);
    }
    Ok(())
}

/// Compiling it takes longer than it saves on a fresh machine, so it is offered and not installed.
pub(crate) const NEXTEST_ADVICE: &str = "\
    cargo-nextest is not installed, so tests run with `cargo test`, which is slower; \
    get it with `cargo install --locked cargo-nextest`";

/// Whether the quicker test runner is there.
pub(crate) fn has_nextest() -> bool {
    is_on_path("cargo-nextest")
}
