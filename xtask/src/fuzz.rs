//! `cargo xtask fuzz`: lets the fuzz targets of the tests across crates look for longer than a second.
//!
//! They are tests like others (`tests/tests/all/fuzz`), so that what is found is checked with every run
//! of the tests, and so that nothing has to be built that the tests do not need.

use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::Result;

use crate::cli::{FuzzArgs, FuzzTarget};
use crate::process::{self, step};
use crate::samples;
use crate::workspace::Workspace;

/// How long `cargo xtask test --long` lets each target look.
pub(crate) const LONG_SECONDS: u64 = 60;

/// As many targets at once; the machine may have something else to do.
const AT_ONCE: &str = "2";

/// Builds what it takes, and looks.
pub(crate) fn run(workspace: &Workspace, args: &FuzzArgs) -> Result<()> {
    samples::ensure(workspace, args.toolchain.toolchain)?;
    // Features as in `cargo xtask test`, so that nothing is built twice. The window is not built for it.
    look(workspace, &["--workspace"], args.target, args.seconds, args.seed)
}

/// Lets one target look, or all, for so long each.
pub(crate) fn look(
    workspace: &Workspace,
    selection: &[&str],
    target: Option<FuzzTarget>,
    seconds: u64,
    seed: Option<u64>,
) -> Result<()> {
    let seed = seed.unwrap_or_else(from_the_clock);
    let what = target.map_or("each fuzz target", FuzzTarget::module);
    step(&format!("looking for input that breaks something: {what}, for {seconds} s, from seed {seed}"));
    let mut command = workspace.cargo();
    command.arg("test").args(selection).args(["--test", "all", "--"]);
    command.arg(target.map_or_else(|| "fuzz::".to_owned(), |target| format!("fuzz::{}::", target.module())));
    command.args(["--nocapture", "--test-threads", AT_ONCE]);
    command.env("JACKFIELD_FUZZ_SECONDS", seconds.to_string());
    command.env("JACKFIELD_FUZZ_SEED", seed.to_string());
    process::run(&mut command)
}

fn from_the_clock() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

#[cfg(test)]
mod tests {
    use clap::ValueEnum as _;

    use super::*;

    #[test]
    fn every_target_is_a_module_of_the_tests() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/tests/all/fuzz");
        for target in FuzzTarget::value_variants() {
            assert!(folder.join(format!("{}.rs", target.module())).is_file(), "{target:?}");
        }
    }
}
