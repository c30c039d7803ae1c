//! Components by others, out of the packages on crates.io that ship them, for tests to plan.
//!
//! `tests/peers/crates.txt` names the packages, at exact versions. Cargo downloads and checks them, each alone:
//! `cargo info` fetches one package and none of its dependencies, which nothing here needs. What is wasm in
//! them is copied into the target directory; nothing of it is ever committed.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};

use crate::fingerprint::{Stamp, digest, files_below, write_if_changed};
use crate::process::{self, step};
use crate::workspace::Workspace;

const STAMP: &str = "published.json";
const LIST: &str = "tests/peers/crates.txt";
/// A registry that does not answer fails the set-up, and does not hang it.
const DOWNLOAD_LIMIT: Duration = Duration::from_secs(5 * 60);

/// Downloads the packages unless their components are there. Returns the folder that has a folder for each.
pub(crate) fn ensure(workspace: &Workspace) -> Result<PathBuf> {
    let folder = workspace.target_dir.join("peers").join("crates");
    let list = workspace.root.join(LIST);
    let inputs = digest(std::slice::from_ref(&list), &[])?;
    let stamp = workspace.memory(STAMP);
    if Stamp::read_intact(&stamp).is_some_and(|old| old.inputs == inputs) && folder.is_dir() {
        return Ok(folder);
    }
    step("downloading packages from crates.io that ship components, to test with (a few MB)");
    let text = fs::read_to_string(&list).with_context(|| format!("cannot read {}", list.display()))?;
    let mut outputs = Vec::new();
    for (name, version) in packages(&text) {
        let package = download(workspace, name, version).with_context(|| {
            format!("{name} {version} could not be downloaded; see Cargo's message above")
        })?;
        outputs.extend(copy_wasm(&package, &folder.join(name))?);
    }
    Stamp::new(env::consts::OS, inputs, outputs)?.write(&stamp)?;
    Ok(folder)
}

/// The packages of the list: a name and a version in each line.
fn packages(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(|line| line.trim().split_once(' '))
}

/// Lets Cargo unpack a package, and says where it did.
fn download(workspace: &Workspace, name: &str, version: &str) -> Result<PathBuf> {
    let mut command = workspace.cargo();
    command.args(["info", "--quiet"]).arg(format!("{name}@{version}"));
    // What it says about the package is of no interest.
    command.stdout(std::process::Stdio::null());
    process::run_within(DOWNLOAD_LIMIT, &mut command)?;
    unpacked(&cargo_home()?, &format!("{name}-{version}"))
}

fn cargo_home() -> Result<PathBuf> {
    let home = env::var_os("CARGO_HOME").filter(|home| !home.is_empty()).map(PathBuf::from);
    home.or_else(|| Some(env::home_dir()?.join(".cargo"))).context("there is no home folder; set CARGO_HOME")
}

/// Each registry that Cargo knows has a folder of its own for what it has unpacked.
fn unpacked(cargo_home: &Path, package: &str) -> Result<PathBuf> {
    let sources = cargo_home.join("registry").join("src");
    let registries = fs::read_dir(&sources).with_context(|| format!("cannot list {}", sources.display()))?;
    let mut folders: Vec<PathBuf> =
        registries.filter_map(|registry| Some(registry.ok()?.path().join(package))).collect();
    folders.retain(|folder| folder.is_dir());
    folders.sort();
    folders.pop().with_context(|| format!("Cargo has not unpacked it below {}", sources.display()))
}

fn copy_wasm(package: &Path, to: &Path) -> Result<Vec<PathBuf>> {
    let mut copies = Vec::new();
    for file in files_below(package, &[])? {
        if file.extension().is_some_and(|extension| extension == "wasm") {
            let copy = to.join(file.strip_prefix(package)?);
            write_if_changed(&copy, &fs::read(&file)?)?;
            copies.push(copy);
        }
    }
    ensure!(!copies.is_empty(), "there is no component in {}", package.display());
    Ok(copies)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_version_is_exact() {
        let list = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(LIST);
        let text = fs::read_to_string(list).unwrap();
        let packages: Vec<_> = packages(&text).collect();
        assert!(!packages.is_empty());
        for (name, version) in packages {
            assert_eq!(version.split('.').filter(|part| part.parse::<u32>().is_ok()).count(), 3, "{name}");
        }
    }

    #[test]
    #[ignore = "downloads: cargo test -p xtask -- --ignored"]
    fn every_package_of_the_list_has_components() {
        let workspace = Workspace::find().unwrap();
        let to = tempfile::tempdir().unwrap();
        let list = fs::read_to_string(workspace.root.join(LIST)).unwrap();
        for (name, version) in packages(&list) {
            let package = download(&workspace, name, version).unwrap();
            assert!(!copy_wasm(&package, to.path()).unwrap().is_empty(), "{name}");
        }
    }

    #[test]
    fn a_package_is_found_wherever_it_came_from() {
        let home = tempfile::tempdir().unwrap();
        let package = home.path().join("registry/src/mirror-1/a-1.0.0");
        fs::create_dir_all(&package).unwrap();
        fs::create_dir_all(home.path().join("registry/src/other-2")).unwrap();
        assert_eq!(unpacked(home.path(), "a-1.0.0").unwrap(), package);
        assert!(unpacked(home.path(), "b-1.0.0").is_err());
    }

    #[test]
    fn only_wasm_is_copied() {
        let folder = tempfile::tempdir().unwrap();
        let package = folder.path().join("package");
        fs::create_dir_all(package.join("inner")).unwrap();
        fs::write(package.join("inner/a.wasm"), "a").unwrap();
        fs::write(package.join("b.rs"), "b").unwrap();
        let to = folder.path().join("to");
        assert_eq!(copy_wasm(&package, &to).unwrap(), [to.join("inner/a.wasm")]);
        assert!(copy_wasm(&package.join("none"), &to).is_err());
    }
}
