//! Where a workbench keeps things.

use std::path::PathBuf;

/// Settings of a workbench.
#[derive(Debug, Clone, Default)]
pub struct Config {
    /// Where compiled code is kept; without it, every start compiles.
    pub cache_dir: Option<PathBuf>,
    /// The folder that holds the sample workloads, one folder each.
    pub samples_dir: Option<PathBuf>,
}

impl Config {
    /// The folders of this platform and user: compiled code in the user's cache folder, samples
    /// from `JACKFIELD_SAMPLES`, else from beside the program or one of the folders above it.
    #[must_use]
    pub fn for_this_user() -> Self {
        let cache_dir = directories::ProjectDirs::from("dev", "jackfield", "jackfield")
            .map(|dirs| dirs.cache_dir().join("compiled"));
        Self { cache_dir, samples_dir: find_samples() }
    }
}

fn find_samples() -> Option<PathBuf> {
    if let Some(dir) = std::env::var_os("JACKFIELD_SAMPLES") {
        return Some(PathBuf::from(dir));
    }
    let program = std::env::current_exe().ok()?;
    program.ancestors().map(|dir| dir.join("samples")).find(|dir| dir.join("cron/workload.toml").is_file())
}
