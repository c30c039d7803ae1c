//! The window's contents: the UI compiled to wasm, its JavaScript glue, and the page that loads them.
//!
//! The result is `ui/dist/`, which the shell embeds. It holds what `ui/static/` holds, plus
//! `jackfield_ui.js` and `jackfield_ui_bg.wasm`, and nothing else.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use wasm_bindgen_cli_support::Bindgen;

use crate::fingerprint::{Stamp, digest, files_below, write_if_changed};
use crate::process::{self, step};
use crate::toolchain::{self, Choice, Target, Toolchain};
use crate::workspace::Workspace;

const STAMP: &str = "ui.json";
const PACKAGE: &str = "jackfield-ui";
const CRATE: &str = "jackfield_ui";

/// How much the compiler should try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Profile {
    /// No optimisation: compiles soonest, draws slowly.
    Dev,
    /// Optimised, crate by crate: a change compiles in a second.
    Quick,
    /// Optimised as a whole: smaller, and a change compiles in half a minute.
    Release,
}

impl Profile {
    /// A name of one word, for messages and stamps.
    fn name(self) -> &'static str {
        match self {
            Self::Dev => "dev",
            Self::Quick => "quick",
            Self::Release => "release",
        }
    }

    /// The profile's name in `Cargo.toml`, and that of its folder in the target directory.
    fn of_cargo(self) -> (&'static str, &'static str) {
        match self {
            Self::Dev => ("dev", "debug"),
            Self::Quick | Self::Release => ("ui", "ui"),
        }
    }
}

/// Builds `ui/dist/` unless it is up to date.
pub(crate) fn ensure(workspace: &Workspace, choice: Choice, profile: Profile) -> Result<()> {
    let inputs = digest(&inputs(workspace), &["dist", "target", "tests"])?;
    let stamp = workspace.memory(STAMP);
    let is_wanted = |old: &Stamp| {
        let (toolchain, built_as) = old.variant.split_once(' ').unwrap_or_default();
        old.inputs == inputs && choice.accepts(toolchain) && built_as == profile.name()
    };
    if Stamp::read_intact(&stamp).as_ref().is_some_and(is_wanted) {
        return Ok(());
    }
    let toolchain = toolchain::ensure(workspace, choice, Target::Browser)?;
    let outputs = build(workspace, toolchain, profile, &workspace.root.join("ui/dist"))?;
    let variant = format!("{} {}", toolchain.name(), profile.name());
    Stamp::new(&variant, inputs, outputs)?.write(&stamp)
}

/// Builds the bundle into a folder of its own. Returns the files in it.
pub(crate) fn build(
    workspace: &Workspace,
    toolchain: Toolchain,
    profile: Profile,
    out: &Path,
) -> Result<Vec<PathBuf>> {
    step(&format!(
        "building the UI (toolchain: {}, profile: {}); the first time this takes minutes",
        toolchain.name(),
        profile.name()
    ));
    let module = compile(workspace, toolchain, profile)?;
    let mut files = read_folder(&workspace.root.join("ui/static"))?;
    files.extend(bind(workspace, &module, profile)?);
    replace_contents(out, &files)
}

fn compile(workspace: &Workspace, toolchain: Toolchain, profile: Profile) -> Result<PathBuf> {
    let target_dir = toolchain.target_dir(&workspace.target_dir);
    let (cargo_profile, folder) = profile.of_cargo();
    let subcommand = if profile == Profile::Release { "rustc" } else { "build" };
    let mut command = toolchain.cargo(subcommand, Target::Browser, &workspace.root);
    command.args(["--package", PACKAGE, "--lib", "--profile", cargo_profile]);
    if profile == Profile::Release {
        // Cargo leaves out link-time optimisation for a library that is also made for other crates.
        command.args(["--crate-type", "cdylib"]);
    }
    process::run(command.arg("--target-dir").arg(&target_dir))?;
    let folder = target_dir.join(Target::Browser.triple()).join(folder);
    Ok(folder.join(format!("{CRATE}.wasm")))
}

/// Generates the glue between the module and the page, as `wasm-bindgen --target web` does.
fn bind(workspace: &Workspace, module: &Path, profile: Profile) -> Result<BTreeMap<PathBuf, Vec<u8>>> {
    let folder = workspace.memory("ui-bindings");
    if folder.exists() {
        fs::remove_dir_all(&folder).with_context(|| format!("cannot empty {}", folder.display()))?;
    }
    let mut bindgen = Bindgen::new();
    bindgen.input_path(module).typescript(false).remove_name_section(profile != Profile::Dev);
    bindgen
        .web(true)
        .and_then(|bindgen| bindgen.generate(&folder))
        .with_context(|| format!("cannot generate the JavaScript for {}", module.display()))?;
    read_folder(&folder)
}

/// The files below a folder, by their path in it.
fn read_folder(folder: &Path) -> Result<BTreeMap<PathBuf, Vec<u8>>> {
    let mut contents = BTreeMap::new();
    for file in files_below(folder, &[])? {
        let bytes = fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
        contents.insert(file.strip_prefix(folder)?.to_owned(), bytes);
    }
    Ok(contents)
}

/// Makes a folder hold exactly these files. Returns their full paths.
fn replace_contents(folder: &Path, files: &BTreeMap<PathBuf, Vec<u8>>) -> Result<Vec<PathBuf>> {
    for old in files_below(folder, &[])? {
        if !files.contains_key(old.strip_prefix(folder)?) {
            fs::remove_file(&old).with_context(|| format!("cannot remove {}", old.display()))?;
        }
    }
    let mut written = Vec::new();
    for (name, contents) in files {
        let file = folder.join(name);
        write_if_changed(&file, contents)?;
        written.push(file);
    }
    Ok(written)
}

/// The UI's own crate and the only one of ours that it depends on; a test keeps the list honest.
const CRATES: [&str; 2] = ["ui", "src-tauri/crates/protocol"];

fn inputs(workspace: &Workspace) -> Vec<PathBuf> {
    let others = ["Cargo.toml", "Cargo.lock", ".cargo", "xtask/src"];
    CRATES.iter().chain(&others).map(|path| workspace.root.join(path)).collect()
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;
    use crate::workspace::cargo_metadata;

    #[derive(Deserialize)]
    struct Metadata {
        packages: Vec<Package>,
    }

    #[derive(Deserialize)]
    struct Package {
        name: String,
        dependencies: Vec<Dependency>,
    }

    #[derive(Deserialize)]
    struct Dependency {
        kind: Option<String>,
        path: Option<PathBuf>,
    }

    #[test]
    fn the_inputs_hold_every_crate_that_the_ui_depends_on() {
        let workspace = Workspace::find().unwrap();
        let metadata: Metadata = cargo_metadata(&workspace.root.join("Cargo.toml")).unwrap();
        let crates = CRATES.map(|path| workspace.root.join(path));
        for package in
            metadata.packages.iter().filter(|p| [PACKAGE, "jackfield-protocol"].contains(&&*p.name))
        {
            // Cargo writes an ordinary dependency's kind as null.
            let ordinary = package.dependencies.iter().filter(|dependency| dependency.kind.is_none());
            for path in ordinary.filter_map(|dependency| dependency.path.as_ref()) {
                assert!(crates.contains(path), "{} depends on {}", package.name, path.display());
            }
        }
    }

    #[test]
    fn what_is_no_longer_part_of_the_bundle_goes() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("snippets")).unwrap();
        fs::write(folder.path().join("snippets/old.js"), "").unwrap();
        let files = BTreeMap::from([(PathBuf::from("index.html"), b"<!doctype html>".to_vec())]);
        let written = replace_contents(folder.path(), &files).unwrap();
        assert_eq!(written, [folder.path().join("index.html")]);
        assert_eq!(files_below(folder.path(), &[]).unwrap(), written);
    }
}
