//! What the command line can say.

use std::path::{Path, PathBuf};

use clap::Parser;

const EXAMPLES: &str = "\
Examples:
  jackfield
  jackfield samples/cron/workload.toml

In the terminal, `jack` does the same without a window.

Environment:
  JACKFIELD_TIMING=1    print the milliseconds from start to first frame on standard error
  JACKFIELD_SAMPLES     the folder that holds the sample workloads";

/// Jackfield, a desktop workbench for WebAssembly components and MCP tools.
#[derive(Debug, Parser)]
#[command(name = "jackfield", version, after_help = EXAMPLES, max_term_width = 100)]
pub(crate) struct Args {
    /// The workload file to open, or a folder that holds a workload.toml
    workload: Option<PathBuf>,
}

impl Args {
    /// What the process was told. Ends the process where that makes no sense, or asks for help.
    pub(crate) fn of_this_process() -> Self {
        Self::parse()
    }

    /// The workload files to open at the start, as absolute paths: the page asks the workbench to
    /// open them, so that what is wrong with them shows in the window.
    pub(crate) fn to_open(&self) -> Vec<String> {
        self.workload.iter().map(|path| absolute(path).to_string_lossy().into_owned()).collect()
    }
}

/// Relative paths are meant from where the program was started, and without that place stay as they are.
fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_definition_is_sound() {
        Args::command().debug_assert();
    }

    #[test]
    fn what_is_to_be_opened_does_not_depend_on_where_the_program_is() {
        let args = Args { workload: Some("samples/cron".into()) };
        let [path] = args.to_open().try_into().expect("one path");
        let path = PathBuf::from(path);
        assert!(path.is_absolute() && path.ends_with("samples/cron"), "{}", path.display());
        assert_eq!(Args { workload: None }.to_open(), Vec::<String>::new());
    }
}
