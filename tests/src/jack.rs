//! Running `jack` as a user does.

use std::ffi::OsStr;
use std::ops::{Deref, DerefMut};
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use tempfile::TempDir;

use crate::files;
use crate::process::{Group, Lines};

/// How long a command may take before it counts as hanging. A debug build compiles the larger
/// samples in a few seconds the first time.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// What a command printed, and how it ended.
#[derive(Debug)]
pub struct Finished {
    /// How it ended.
    pub status: ExitStatus,
    /// Its standard output.
    pub stdout: String,
    /// Its standard error.
    pub stderr: String,
    /// From its start to its end.
    pub elapsed: Duration,
}

/// A `jack` that is about to be started, with a data folder of its own. It stands for its command.
#[derive(Debug)]
pub struct Jack {
    command: Command,
    /// Removed with it.
    data: TempDir,
}

impl Deref for Jack {
    type Target = Command;

    fn deref(&self) -> &Command {
        &self.command
    }
}

impl DerefMut for Jack {
    fn deref_mut(&mut self) -> &mut Command {
        &mut self.command
    }
}

/// A `jack` that runs.
#[derive(Debug)]
pub struct Running {
    /// The process.
    pub group: Group,
    /// Its standard output.
    pub stdout: Lines,
    /// Its standard error.
    pub stderr: Lines,
    started: Instant,
    _data: TempDir,
}

/// `jack` with `args`, in the repository's root, away from the user's own cache, library, settings and
/// credentials.
///
/// # Errors
/// If it was not built.
pub fn command<S: AsRef<OsStr>>(args: impl IntoIterator<Item = S>) -> anyhow::Result<Jack> {
    let data = tempfile::tempdir()?;
    let mut command = Command::new(files::program("jack")?);
    command
        .args(args)
        .current_dir(files::root())
        .env("XDG_CACHE_HOME", files::target_folder()?.join("tests-cache"))
        .env("JACKFIELD_DATA", data.path())
        .env("JACKFIELD_SAMPLES", files::root().join("samples"))
        .env("DOCKER_CONFIG", data.path())
        .env("TZ", "UTC")
        .env_remove("NO_COLOR")
        // A backtrace must not depend on how the tests are run.
        .env("RUST_BACKTRACE", "1")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    Ok(Jack { command, data })
}

/// Starts `jack` with `args`.
///
/// # Errors
/// If it cannot be started.
pub fn start<S: AsRef<OsStr>>(args: impl IntoIterator<Item = S>) -> anyhow::Result<Running> {
    Running::start(command(args)?)
}

/// Runs `jack` with `args` to its end.
///
/// # Errors
/// If it cannot be started, or hangs.
pub fn run<S: AsRef<OsStr>>(args: impl IntoIterator<Item = S>) -> anyhow::Result<Finished> {
    start(args)?.finish(PATIENCE)
}

/// Runs `jack` with `args` to its end, with `data` as its data folder, so that several have one library.
///
/// # Errors
/// If it cannot be started, or hangs.
pub fn run_with<S: AsRef<OsStr>>(data: &Path, args: impl IntoIterator<Item = S>) -> anyhow::Result<Finished> {
    let mut jack = command(args)?;
    jack.env("JACKFIELD_DATA", data).env("DOCKER_CONFIG", data);
    Running::start(jack)?.finish(PATIENCE)
}

impl Running {
    /// Starts a command whose standard output and standard error are pipes.
    ///
    /// # Errors
    /// If it cannot be started.
    pub fn start(mut jack: Jack) -> anyhow::Result<Self> {
        let started = Instant::now();
        let mut group = Group::spawn(&mut jack)?;
        let stdout = Lines::of(group.child().stdout.take().context("no pipe for standard output")?);
        let stderr = Lines::of(group.child().stderr.take().context("no pipe for standard error")?);
        Ok(Self { group, stdout, stderr, started, _data: jack.data })
    }

    /// Waits for its end.
    ///
    /// # Errors
    /// If it still runs after `limit`.
    pub fn finish(mut self, limit: Duration) -> anyhow::Result<Finished> {
        let status = self.group.wait(limit);
        let elapsed = self.started.elapsed();
        // What holds the pipes open must be gone before they are read to their ends.
        drop(self.group);
        let (stdout, stderr) = (text(self.stdout), text(self.stderr));
        let status = status.with_context(|| format!("it had printed:\n{stdout}{stderr}"))?;
        Ok(Finished { status, stdout, stderr, elapsed })
    }
}

impl Finished {
    /// The standard output of a command that succeeded.
    ///
    /// # Panics
    /// If it did not.
    #[track_caller]
    pub fn success(&self) -> &str {
        assert!(self.status.success(), "{}: {self}", self.status);
        &self.stdout
    }

    /// The standard error of a command that failed as it should: with exit code 1, or the 125 of a `jack up` that
    /// could not start its workload, something to say, and no trace of a panic.
    ///
    /// # Panics
    /// If it did not.
    #[track_caller]
    pub fn failure(&self) -> &str {
        assert!(matches!(self.status.code(), Some(1 | 125)), "{}: {self}", self.status);
        assert!(!(self.stdout.is_empty() && self.stderr.is_empty()), "it says nothing");
        for sign in ["panicked", "RUST_BACKTRACE", "stack backtrace", "   0: "] {
            assert!(!self.stderr.contains(sign) && !self.stdout.contains(sign), "{self}");
        }
        &self.stderr
    }
}

impl std::fmt::Display for Finished {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "\n--- stdout\n{}--- stderr\n{}---", self.stdout, self.stderr)
    }
}

fn text(lines: Lines) -> String {
    lines.all().into_iter().map(|line| line + "\n").collect()
}
