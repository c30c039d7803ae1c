//! A server that is a child process.

use std::collections::VecDeque;
use std::io;
use std::process::{ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use jackfield_protocol::FrameWay;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::desk::Desk;
use super::failure::Failure;
use crate::record::{Line, LineSplitter};

/// How many lines of standard error an error message carries.
const STDERR_LINES: usize = 20;

/// The longest line of standard error that is kept whole.
const MAX_STDERR_LINE_BYTES: usize = 1 << 20;

/// How long a process has to end by itself, once its input has ended.
const GRACE: Duration = Duration::from_secs(2);

/// How long the pipes of a process that has ended may stay open: a child of its own may hold them.
const PIPE_GRACE: Duration = Duration::from_secs(1);

/// How to start a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProcessSpec {
    /// The program.
    pub command: String,
    /// Its arguments.
    pub args: Vec<String>,
    /// Variables that it has besides the inherited ones.
    pub env: Vec<(String, String)>,
    /// Where it runs; the current folder if nothing is said.
    pub folder: Option<String>,
}

/// A child process that runs, or did. It is killed with all that it started when this is dropped.
pub(super) struct Process {
    kill: CancellationToken,
    exit: watch::Receiver<Option<String>>,
    stderr: Arc<Mutex<VecDeque<String>>>,
}

impl Process {
    /// Starts it. `pipes` is cancelled when it has ended and its pipes should have.
    pub(super) fn start(
        spec: &ProcessSpec,
        desk: &Arc<Desk>,
        pipes: &CancellationToken,
    ) -> Result<(Self, ChildStdout, ChildStdin), Failure> {
        let mut child = command(spec).spawn().map_err(|error| not_started(spec, &error))?;
        let (Some(input), Some(output), Some(errors)) =
            (child.stdin.take(), child.stdout.take(), child.stderr.take())
        else {
            return Err(not_started(spec, &io::ErrorKind::BrokenPipe.into()));
        };
        let stderr = Arc::new(Mutex::new(VecDeque::new()));
        let reader = tokio::spawn(read_stderr(errors, Arc::clone(desk), Arc::clone(&stderr)));
        let kill = CancellationToken::new();
        let (sender, exit) = watch::channel(None);
        let watcher = Watcher { desk: Arc::clone(desk), kill: kill.clone(), pipes: pipes.clone(), reader };
        tokio::spawn(watcher.run(child, sender));
        Ok((Self { kill, exit, stderr }, output, input))
    }

    /// How it ended. Nothing if it goes on for longer than its pipes may take.
    pub(super) async fn ended(&self) -> Option<Failure> {
        let mut exit = self.exit.clone();
        let ended = timeout(PIPE_GRACE * 2, exit.wait_for(Option::is_some)).await.ok()?;
        let status = ended.ok()?.clone()?;
        let stderr = self.stderr.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect();
        Some(Failure::Exited { status, stderr })
    }

    /// Lets it end by itself for a moment, now that its input has ended, and then kills it.
    pub(super) async fn stop(&self) {
        let mut exit = self.exit.clone();
        if timeout(GRACE, exit.wait_for(Option::is_some)).await.is_err() {
            self.kill.cancel();
            // Whoever watches it has gone if this fails, and then so has the process.
            let _ = exit.wait_for(Option::is_some).await;
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill.cancel();
    }
}

fn command(spec: &ProcessSpec) -> Command {
    let mut command = Command::new(&spec.command);
    command
        .args(&spec.args)
        .envs(spec.env.iter().map(|(name, value)| (name, value)))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    if let Some(folder) = &spec.folder {
        command.current_dir(folder);
    }
    // A group of its own: an interrupt in the terminal is Jackfield's alone, and what it starts ends with it.
    #[cfg(unix)]
    command.process_group(0);
    command
}

fn not_started(spec: &ProcessSpec, error: &io::Error) -> Failure {
    let command = spec.command.clone();
    let folder_is_missing = spec.folder.as_ref().is_some_and(|folder| !std::path::Path::new(folder).is_dir());
    match (error.kind(), &spec.folder) {
        (io::ErrorKind::NotFound, Some(folder)) if folder_is_missing => {
            Failure::NotStarted { command, reason: format!("there is no folder {folder}") }
        }
        (io::ErrorKind::NotFound, _) => Failure::CommandNotFound { command },
        _ => Failure::NotStarted { command, reason: error.to_string() },
    }
}

/// Waits for the end of a process, or brings it about.
struct Watcher {
    desk: Arc<Desk>,
    kill: CancellationToken,
    pipes: CancellationToken,
    reader: JoinHandle<()>,
}

impl Watcher {
    async fn run(self, mut child: Child, exit: watch::Sender<Option<String>>) {
        let pid = child.id();
        let ended = tokio::select! {
            ended = child.wait() => ended,
            () = self.kill.cancelled() => {
                kill_group(pid);
                // It fails only if the process has ended, which is what is wanted.
                let _ = child.start_kill();
                child.wait().await
            }
        };
        let status = ended.as_ref().map_or_else(ToString::to_string, ToString::to_string);
        // At once, as the number may soon be another's.
        kill_group(pid);
        // Its last words belong to how it ended.
        let mut reader = self.reader;
        if timeout(PIPE_GRACE, &mut reader).await.is_err() {
            reader.abort();
        }
        let is_failure = !ended.as_ref().is_ok_and(ExitStatus::success) && !self.kill.is_cancelled();
        let problem = is_failure.then(|| "it failed".to_owned());
        let subject = format!("the process ended: {status}");
        self.desk.recorder.transport(FrameWay::ToClient, subject, problem, &Bytes::new());
        // Nobody may be left who wants to know.
        let _ = exit.send(Some(status));
        tokio::time::sleep(PIPE_GRACE).await;
        self.pipes.cancel();
    }
}

/// Kills what a process started, and itself if it goes on.
#[cfg(unix)]
fn kill_group(pid: Option<u32>) {
    let pid = pid.and_then(|pid| i32::try_from(pid).ok()).and_then(rustix::process::Pid::from_raw);
    if let Some(pid) = pid {
        // It fails if there is nobody left in the group.
        let _ = rustix::process::kill_process_group(pid, rustix::process::Signal::KILL);
    }
}

#[cfg(not(unix))]
fn kill_group(_pid: Option<u32>) {}

async fn read_stderr(mut input: impl AsyncRead + Unpin, desk: Arc<Desk>, last: Arc<Mutex<VecDeque<String>>>) {
    let mut splitter = LineSplitter::new(MAX_STDERR_LINE_BYTES);
    loop {
        let read = input.read_buf(splitter.buffer()).await;
        while let Some(line) = splitter.next_line() {
            note_stderr(line, &desk, &last);
        }
        if !read.is_ok_and(|count| count > 0) {
            break;
        }
    }
    if let Some(line) = splitter.rest() {
        note_stderr(line, &desk, &last);
    }
}

fn note_stderr(line: Line, desk: &Desk, last: &Mutex<VecDeque<String>>) {
    let (Line::Whole(bytes) | Line::Cut(bytes) | Line::Half(bytes)) = line;
    desk.recorder.stderr(&bytes);
    let mut last = last.lock().unwrap_or_else(PoisonError::into_inner);
    if last.len() == STDERR_LINES {
        last.pop_front();
    }
    last.push_back(String::from_utf8_lossy(&bytes).trim_end().to_owned());
}
