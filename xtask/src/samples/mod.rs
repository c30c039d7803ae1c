//! The guest components: built from source, documented, put beside the workload files that name them, and
//! into a layout that the application's library shows.

mod componentize;
mod docs;
mod guests;
mod layout;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use crate::fingerprint::{Stamp, digest, write_if_changed};
use crate::process::step;
use crate::toolchain::{self, Choice, Target, Toolchain};
use crate::workspace::Workspace;
use guests::Guests;

const STAMP: &str = "samples.json";

/// Builds the samples unless they are up to date.
pub(crate) fn ensure(workspace: &Workspace, choice: Choice) -> Result<()> {
    let inputs = digest(&inputs(workspace), &["target", "target-distro", "registry", "*.wasm"])?;
    let stamp = workspace.memory(STAMP);
    if Stamp::read_intact(&stamp).is_some_and(|old| old.inputs == inputs && choice.accepts(&old.variant)) {
        return Ok(());
    }
    let toolchain = toolchain_for_samples(workspace, choice)?;
    let outputs = build(workspace, toolchain, &workspace.samples())?;
    Stamp::new(toolchain.name(), inputs, outputs)?.write(&stamp)
}

/// Makes sure that the samples can be compiled, and says with what.
pub(crate) fn toolchain_for_samples(workspace: &Workspace, choice: Choice) -> Result<Toolchain> {
    toolchain::ensure(workspace, choice, Target::Component)
}

/// Builds every guest, and writes `OUT/SAMPLE/GUEST.wasm` and the layout `OUT/registry`. Returns the files.
pub(crate) fn build(workspace: &Workspace, toolchain: Toolchain, out: &Path) -> Result<Vec<PathBuf>> {
    step(&format!("building the sample components (toolchain: {})", toolchain.name()));
    let guests = Guests::read(workspace)?;
    let built = match toolchain {
        Toolchain::Rustup => guests.compile_components()?,
        Toolchain::Distro => componentize::compile(&guests)?,
    };
    let docs = docs::Docs::read(workspace)?;
    let mut outputs = Vec::new();
    let mut all = Vec::new();
    for (guest, component) in built {
        let documented = docs
            .add_to(component)
            .with_context(|| format!("cannot document the sample {}", guest.package))?;
        let file = out.join(&guest.sample).join(format!("{}.wasm", guest.package));
        write_if_changed(&file, &documented)?;
        outputs.push(file);
        all.push((guest, documented));
    }
    outputs.extend(layout::write(out, &all)?);
    Ok(outputs)
}

/// Copies the workload files to where [`build`] has put components outside the source tree.
pub(crate) fn copy_workload_files(workspace: &Workspace, out: &Path) -> Result<()> {
    for entry in fs::read_dir(workspace.samples())? {
        let folder = entry?.path();
        let file = folder.join("workload.toml");
        if let (Some(name), Ok(text)) = (folder.file_name(), fs::read(&file)) {
            write_if_changed(&out.join(name).join("workload.toml"), &text)?;
        }
    }
    Ok(())
}

/// Everything that decides what the samples look like: sources, interfaces, and the code here.
fn inputs(workspace: &Workspace) -> Vec<PathBuf> {
    ["samples", "wit", "xtask/src", ".cargo"].map(|path| workspace.root.join(path)).to_vec()
}
