//! The folder in which the library and sessions are.

use std::path::PathBuf;

use jackfield_library::{AbsentMount, Library};
use jackfield_protocol::{Error, ErrorKind};
use tempfile::TempDir;

use crate::Config;

/// The layout of the sample components: its folder beside the samples, and what stands for its host in
/// references.
const SAMPLES_LAYOUT: (&str, &str) = ("registry", "samples");

/// What to do where the sample components cannot be had.
const SAMPLES_REMEDY: &str = "build the samples with `cargo xtask samples`; if their folder is elsewhere, name it in \
                              JACKFIELD_SAMPLES; or replace the source by a file or a registry's reference";

/// Where things are kept that outlive the workbench, unless nobody said where.
pub(crate) struct DataFolder {
    path: PathBuf,
    /// Removed with the workbench.
    _temporary: Option<TempDir>,
}

impl DataFolder {
    pub(crate) fn open(config: &Config) -> Result<Self, Error> {
        if let Some(path) = &config.data_dir {
            return Ok(Self { path: path.clone(), _temporary: None });
        }
        let made = tempfile::Builder::new().prefix("jackfield-").tempdir().map_err(|error| {
            Error::new(ErrorKind::File, format!("no temporary folder can be made: {error}"))
        })?;
        Ok(Self { path: made.path().to_owned(), _temporary: Some(made) })
    }

    /// The library, with the samples mounted if they are there, and what is wrong with them.
    pub(crate) fn library(&self, config: &Config) -> Result<(Library, Vec<String>), Error> {
        let mut library = Library::open(&self.path.join("library"))?;
        let mut problems = Vec::new();
        let (folder, name) = SAMPLES_LAYOUT;
        let layout = config.samples_dir.as_ref().map(|samples| samples.join(folder));
        let problem = match layout {
            None => "none was found".to_owned(),
            Some(layout) if !layout.is_dir() => format!("it is not there: {}", layout.display()),
            Some(layout) => match library.mount(name, &layout) {
                Ok(()) => return Ok((library, problems)),
                Err(error) => {
                    problems.push(format!("the sample components are not shown: {error}"));
                    error.to_string()
                }
            },
        };
        library.miss(AbsentMount { name: name.to_owned(), problem, remedy: SAMPLES_REMEDY.to_owned() });
        Ok((library, problems))
    }

    /// Where lines go that memory does not keep.
    pub(crate) fn logs(&self) -> PathBuf {
        self.path.join("logs")
    }

    /// Where traces are recorded.
    pub(crate) fn traces(&self) -> PathBuf {
        self.path.join("traces")
    }

    /// Where sessions are recorded.
    pub(crate) fn sessions(&self) -> PathBuf {
        self.path.join("sessions")
    }
}
