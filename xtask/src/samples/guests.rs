//! The guests' workspace as Cargo sees it: which packages there are, and how they compile.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use serde::Deserialize;
use serde_json::Value;

use crate::process;
use crate::toolchain::{Target, Toolchain};
use crate::workspace::{Workspace, cargo_metadata};

/// Where `[package.metadata.jackfield]` of a guest says whether the library shows it. Guests that only tests and
/// benches use would hide there what a user looks for.
const IN_LIBRARY: &str = "/jackfield/library";

/// The packages of `samples/Cargo.toml`.
pub(super) struct Guests {
    pub(super) folder: PathBuf,
    pub(super) all: Vec<Guest>,
    target_dir: PathBuf,
}

/// One package, which makes one component.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Guest {
    /// The package's name, which is the component's file name.
    pub(super) package: String,
    pub(super) version: String,
    /// What it is, in a sentence.
    pub(super) description: String,
    /// Whether the application's library shows it.
    pub(super) is_in_library: bool,
    /// The folder below `samples/` that holds the workload file.
    pub(super) sample: PathBuf,
    pub(super) kind: Kind,
    /// The name of the file that rustc writes, without `.wasm`.
    artifact: String,
}

/// What a guest is to the linker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A program with `main`: it exports `wasi:cli/run`.
    Command,
    /// A library: it exports what its world says.
    Reactor,
}

#[derive(Deserialize)]
struct Metadata {
    workspace_root: PathBuf,
    target_directory: PathBuf,
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    version: String,
    #[serde(default)]
    description: Option<String>,
    manifest_path: PathBuf,
    targets: Vec<PackageTarget>,
    /// What `[package.metadata]` says; null if there is none.
    #[serde(default)]
    metadata: Value,
}

#[derive(Deserialize)]
struct PackageTarget {
    name: String,
    kind: Vec<String>,
}

impl Guests {
    pub(super) fn read(workspace: &Workspace) -> Result<Self> {
        let metadata: Metadata = cargo_metadata(&workspace.samples_manifest())?;
        let folder = metadata.workspace_root;
        let mut all = Vec::new();
        for package in &metadata.packages {
            let guest = Guest::of(package, &folder)
                .with_context(|| format!("{} is no guest", package.manifest_path.display()))?;
            all.push(guest);
        }
        Ok(Self { folder, all, target_dir: metadata.target_directory })
    }

    /// Compiles all guests to components, which the linker of this target makes by itself.
    pub(super) fn compile_components(&self) -> Result<Vec<(&Guest, Vec<u8>)>> {
        let mut command = Toolchain::Rustup.cargo("build", Target::Component, &self.folder);
        process::run(command.args(["--release", "--workspace"]))?;
        self.artifacts(Toolchain::Rustup, Target::Component)
    }

    /// Reads what Cargo has built.
    pub(super) fn artifacts(&self, toolchain: Toolchain, target: Target) -> Result<Vec<(&Guest, Vec<u8>)>> {
        let folder = self.target_dir_of(toolchain).join(target.triple()).join("release");
        let mut artifacts = Vec::new();
        for guest in &self.all {
            let file = folder.join(format!("{}.wasm", guest.artifact));
            let bytes = fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
            artifacts.push((guest, bytes));
        }
        Ok(artifacts)
    }

    pub(super) fn target_dir_of(&self, toolchain: Toolchain) -> PathBuf {
        toolchain.target_dir(&self.target_dir)
    }
}

impl Guest {
    fn of(package: &Package, folder: &Path) -> Result<Self> {
        let inside = package.manifest_path.strip_prefix(folder).context("it lies outside samples/")?;
        let sample = inside.iter().next().map(PathBuf::from).context("it has no folder")?;
        let target = |kind: &str| package.targets.iter().find(|target| target.kind.iter().any(|k| k == kind));
        let (kind, artifact) = match (target("bin"), target("cdylib")) {
            (Some(bin), None) => (Kind::Command, bin.name.clone()),
            (None, Some(lib)) => (Kind::Reactor, lib.name.replace('-', "_")),
            _ => anyhow::bail!("a guest is either one binary or one library of crate type cdylib"),
        };
        Ok(Self {
            package: package.name.clone(),
            version: package.version.clone(),
            description: package.description.clone().unwrap_or_default(),
            is_in_library: package.metadata.pointer(IN_LIBRARY) != Some(&Value::Bool(false)),
            sample,
            kind,
            artifact,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(path: &str, targets: &[(&str, &str)]) -> Package {
        let targets = targets
            .iter()
            .map(|(name, kind)| PackageTarget { name: (*name).to_owned(), kind: vec![(*kind).to_owned()] })
            .collect();
        Package {
            name: "square-root".to_owned(),
            version: "0.1.0".to_owned(),
            description: None,
            manifest_path: Path::new("/samples").join(path),
            targets,
            metadata: Value::Null,
        }
    }

    #[test]
    fn a_library_goes_to_the_folder_of_its_sample() {
        let package = package("calculator/square-root/Cargo.toml", &[("square_root", "cdylib")]);
        let guest = Guest::of(&package, Path::new("/samples")).unwrap();
        assert_eq!(guest.sample, Path::new("calculator"));
        assert_eq!((guest.kind, guest.artifact.as_str()), (Kind::Reactor, "square_root"));
    }

    #[test]
    fn the_library_shows_a_guest_unless_its_manifest_says_otherwise() {
        let mut package = package("calls/callee/Cargo.toml", &[("callee", "cdylib")]);
        assert!(Guest::of(&package, Path::new("/samples")).unwrap().is_in_library);
        package.metadata = serde_json::json!({ "jackfield": { "library": false } });
        assert!(!Guest::of(&package, Path::new("/samples")).unwrap().is_in_library);
    }

    #[test]
    fn a_package_that_is_no_guest_is_refused() {
        let neither = package("a/Cargo.toml", &[("a", "rlib")]);
        assert!(Guest::of(&neither, Path::new("/samples")).is_err());
        let both = package("a/Cargo.toml", &[("a", "bin"), ("a", "cdylib")]);
        assert!(Guest::of(&both, Path::new("/samples")).is_err());
        let outside = package("a/Cargo.toml", &[("a", "bin")]);
        assert!(Guest::of(&outside, Path::new("/elsewhere")).is_err());
    }
}
