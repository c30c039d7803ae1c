//! Where a workbench keeps things.

use std::env;
use std::path::PathBuf;

use directories::{BaseDirs, ProjectDirs};

/// Settings of a workbench.
#[derive(Debug, Clone, Default)]
pub struct Config {
    /// Where compiled code is kept; without it, every start compiles.
    pub cache_dir: Option<PathBuf>,
    /// Where the library and recorded sessions are kept; without it, in a folder that goes with the
    /// workbench.
    pub data_dir: Option<PathBuf>,
    /// The folder that holds the sample workloads, one folder each.
    pub samples_dir: Option<PathBuf>,
    /// Whether MCP sessions are not recorded.
    pub is_recording_off: bool,
    /// Docker's configuration file, which has the user's credentials for registries.
    pub docker_config: Option<PathBuf>,
}

impl Config {
    /// The folders of this platform and user: compiled code in the user's cache folder; the library and
    /// sessions in `JACKFIELD_DATA`, else in the user's data folder; samples from `JACKFIELD_SAMPLES`,
    /// else from beside the program or one of the folders above it.
    #[must_use]
    pub fn for_this_user() -> Self {
        let dirs = ProjectDirs::from("dev", "jackfield", "jackfield");
        let data_dir = env::var_os("JACKFIELD_DATA").map(PathBuf::from);
        Self {
            cache_dir: dirs.as_ref().map(|dirs| dirs.cache_dir().join("compiled")),
            data_dir: data_dir.or_else(|| dirs.map(|dirs| dirs.data_dir().to_owned())),
            samples_dir: find_samples(),
            is_recording_off: false,
            docker_config: find_docker_config(),
        }
    }
}

fn find_samples() -> Option<PathBuf> {
    if let Some(dir) = env::var_os("JACKFIELD_SAMPLES") {
        return Some(PathBuf::from(dir));
    }
    let program = env::current_exe().ok()?;
    program.ancestors().map(|dir| dir.join("samples")).find(|dir| dir.join("cron/workload.toml").is_file())
}

fn find_docker_config() -> Option<PathBuf> {
    let folder = match env::var_os("DOCKER_CONFIG") {
        Some(folder) => PathBuf::from(folder),
        None => BaseDirs::new()?.home_dir().join(".docker"),
    };
    Some(folder.join("config.json"))
}
