//! Where things are, and copies of samples to change.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;

/// The root of the repository.
#[must_use]
pub fn root() -> &'static Path {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    tests.parent().unwrap_or(tests)
}

/// The workload file of a sample, as a user would name it: relative to the [root](root()).
#[must_use]
pub fn sample(name: &str) -> PathBuf {
    Path::new("samples").join(name).join("workload.toml")
}

/// The folder that Cargo builds programs of the running profile into.
fn build_folder() -> anyhow::Result<PathBuf> {
    let program = env::current_exe().context("cannot tell where this program is")?;
    let folder = program.parent().context("this program is in no folder")?;
    // Tests are one folder below programs.
    let folder = if folder.ends_with("deps") { folder.parent().unwrap_or(folder) } else { folder };
    Ok(folder.to_owned())
}

/// The target folder as a whole, over all profiles.
///
/// # Errors
/// If this program was not built by Cargo.
pub fn target_folder() -> anyhow::Result<PathBuf> {
    let build = build_folder()?;
    Ok(build.parent().context("no target folder")?.to_owned())
}

/// One of the project's own programs, as built with the running profile.
///
/// # Errors
/// If it was not built.
pub fn program(name: &str) -> anyhow::Result<PathBuf> {
    let path = build_folder()?.join(name).with_extension(env::consts::EXE_EXTENSION);
    anyhow::ensure!(path.is_file(), "{name} is not built: run `cargo xtask test` ({})", path.display());
    Ok(path)
}

/// A component of a sample, as bytes.
///
/// # Errors
/// If it was not built.
pub fn sample_component(sample: &str, component: &str) -> anyhow::Result<Vec<u8>> {
    let path = root().join("samples").join(sample).join(component).with_extension("wasm");
    fs::read(&path)
        .with_context(|| format!("the samples are not built: run `cargo xtask samples` ({})", path.display()))
}

/// A folder with a workload in it that disappears when dropped.
#[derive(Debug)]
pub struct Workload {
    folder: tempfile::TempDir,
}

impl Workload {
    /// A workload file that says `toml`, beside whatever is [added](Self::add).
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn new(toml: &str) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        fs::write(folder.path().join("workload.toml"), toml)?;
        Ok(Self { folder })
    }

    /// The cron sample with a shorter interval.
    ///
    /// # Errors
    /// If the samples were not built.
    pub fn quick_cron(interval_millis: u32) -> anyhow::Result<Self> {
        let toml = format!(
            "name = \"cron\"\n\n\
             [components.job]\nsource = \"./job.wasm\"\n\n\
             [components.ticker]\nsource = \"./ticker.wasm\"\n\
             env = {{ INTERVAL_MILLIS = \"{interval_millis}\" }}\n\n\
             [service]\ncomponent = \"ticker\"\n"
        );
        let workload = Self::new(&toml)?;
        workload.add("job.wasm", sample_component("cron", "job")?)?;
        workload.add("ticker.wasm", sample_component("cron", "ticker")?)?;
        Ok(workload)
    }

    /// Puts a file beside the workload file.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn add(&self, name: &str, content: impl AsRef<[u8]>) -> anyhow::Result<()> {
        Ok(fs::write(self.folder.path().join(name), content)?)
    }

    /// The folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The workload file.
    #[must_use]
    pub fn file(&self) -> PathBuf {
        self.folder.path().join("workload.toml")
    }
}
