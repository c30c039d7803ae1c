//! Where things are: the source tree, the target directories, and what is kept in them.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::process;

/// The paths that every command works with, as Cargo sees them.
#[derive(Debug)]
pub(crate) struct Workspace {
    /// The folder of the root `Cargo.toml`.
    pub(crate) root: PathBuf,
    /// Where Cargo builds: `target/`, or what the environment or Cargo's configuration says.
    pub(crate) target_dir: PathBuf,
}

#[derive(Deserialize)]
struct Metadata {
    workspace_root: PathBuf,
    target_directory: PathBuf,
}

impl Workspace {
    /// Asks Cargo, so that `CARGO_TARGET_DIR` and `build.target-dir` are honoured.
    pub(crate) fn find() -> Result<Self> {
        let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
        let metadata: Metadata = cargo_metadata(&manifest.join("Cargo.toml"))?;
        Ok(Self { root: metadata.workspace_root, target_dir: metadata.target_directory })
    }

    /// The folder of the guests, a Cargo workspace of its own.
    pub(crate) fn samples(&self) -> PathBuf {
        self.root.join("samples")
    }

    /// The manifest of the guests' workspace.
    pub(crate) fn samples_manifest(&self) -> PathBuf {
        self.samples().join("Cargo.toml")
    }

    /// A file in the target directory in which xtask remembers something from run to run.
    pub(crate) fn memory(&self, name: &str) -> PathBuf {
        self.target_dir.join("xtask").join(name)
    }

    /// Where Cargo puts a binary of the given profile.
    pub(crate) fn binary(&self, name: &str, release: bool) -> PathBuf {
        let profile = if release { "release" } else { "debug" };
        self.target_dir.join(profile).join(format!("{name}{}", env::consts::EXE_SUFFIX))
    }

    /// A Cargo command in the root folder.
    pub(crate) fn cargo(&self) -> Command {
        let mut command = Command::new(cargo());
        command.current_dir(&self.root);
        command
    }
}

/// The Cargo that started us.
pub(crate) fn cargo() -> OsString {
    env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

/// What `cargo metadata` says about the packages of one workspace, without looking at their dependencies.
pub(crate) fn cargo_metadata<T: DeserializeOwned>(manifest: &Path) -> Result<T> {
    let mut command = Command::new(cargo());
    command.args(["metadata", "--no-deps", "--format-version", "1", "--manifest-path"]).arg(manifest);
    let json = process::output(&mut command)?;
    serde_json::from_slice(&json)
        .with_context(|| format!("cannot understand `{}`", process::display(&command)))
}
