//! Child processes that never outlive their test.

use std::io::{BufRead as _, BufReader, Read};
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, ExitStatus};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use rustix::process::{Pid, Signal, kill_process, kill_process_group};

/// How long a group has to end by itself once it is asked to.
const GRACE: Duration = Duration::from_secs(2);
/// How long between two looks at a process that is waited for.
const LOOK_AGAIN: Duration = Duration::from_millis(5);

/// A process and all that it starts, as a process group. Dropping it ends them all.
#[derive(Debug)]
pub struct Group {
    name: String,
    child: Child,
}

impl Group {
    /// Starts `command` at the head of a process group of its own.
    ///
    /// # Errors
    /// If the program cannot be started; the message names it.
    pub fn spawn(command: &mut Command) -> anyhow::Result<Self> {
        let name = command.get_program().display().to_string();
        let child = command.process_group(0).spawn().with_context(|| format!("cannot start {name}"))?;
        Ok(Self { name, child })
    }

    /// The process at the head of the group.
    pub fn child(&mut self) -> &mut Child {
        &mut self.child
    }

    /// The id of the process at the head, and of the group.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Sends a signal to the process at the head alone, as Ctrl-C in `kill` would.
    ///
    /// # Errors
    /// If it has ended.
    pub fn signal(&self, signal: Signal) -> anyhow::Result<()> {
        kill_process(self.pid()?, signal).with_context(|| format!("cannot signal {}", self.name))
    }

    /// Waits for the process at the head to end.
    ///
    /// # Errors
    /// If it still runs after `limit`; it is then ended with its group.
    pub fn wait(&mut self, limit: Duration) -> anyhow::Result<ExitStatus> {
        let deadline = Instant::now() + limit;
        loop {
            if let Some(status) = self.child.try_wait()? {
                return Ok(status);
            }
            if Instant::now() > deadline {
                self.end();
                bail!("{} still ran after {limit:?}", self.name);
            }
            thread::sleep(LOOK_AGAIN);
        }
    }

    fn pid(&self) -> anyhow::Result<Pid> {
        let id = i32::try_from(self.child.id())?;
        Pid::from_raw(id).context("a process id of zero")
    }

    /// Asks the group to end, and makes it end where it does not.
    fn end(&mut self) {
        let Ok(pid) = self.pid() else { return };
        // Errors mean that there is nobody left to signal.
        let _ = kill_process_group(pid, Signal::TERM);
        let deadline = Instant::now() + GRACE;
        while matches!(self.child.try_wait(), Ok(None)) && Instant::now() < deadline {
            thread::sleep(LOOK_AGAIN);
        }
        let _ = kill_process_group(pid, Signal::KILL);
        let _ = self.child.wait();
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.end();
    }
}

/// The lines of a stream, as they come.
#[derive(Debug)]
pub struct Lines {
    lines: Receiver<String>,
    seen: Vec<String>,
}

impl Lines {
    /// Reads `stream` in a thread of its own, so that its writer never waits for us.
    pub fn of(stream: impl Read + Send + 'static) -> Self {
        let (sender, lines) = mpsc::channel();
        thread::spawn(move || {
            let mut reader = BufReader::new(stream);
            let mut line = Vec::new();
            while matches!(reader.read_until(b'\n', &mut line), Ok(1..)) {
                let text = String::from_utf8_lossy(&line);
                if sender.send(text.trim_end_matches('\n').to_owned()).is_err() {
                    break;
                }
                line.clear();
            }
        });
        Self { lines, seen: Vec::new() }
    }

    /// Waits for the next line for which `wanted` holds.
    ///
    /// # Errors
    /// If none comes within `limit`, or the stream ends; the message holds the lines that came.
    pub fn wait_for(&mut self, wanted: impl Fn(&str) -> bool, limit: Duration) -> anyhow::Result<String> {
        let deadline = Instant::now() + limit;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.lines.recv_timeout(left) {
                Ok(line) => {
                    self.seen.push(line.clone());
                    if wanted(&line) {
                        return Ok(line);
                    }
                }
                Err(RecvTimeoutError::Timeout) => bail!("not within {limit:?}: {:#?}", self.seen),
                Err(RecvTimeoutError::Disconnected) => bail!("the stream ended: {:#?}", self.seen),
            }
        }
    }

    /// Prints the lines to standard error, from now on and in the background.
    pub fn print(self) {
        thread::spawn(move || {
            for line in self.lines {
                eprintln!("{line}");
            }
        });
    }

    /// Every line until the stream ends, those waited for included.
    #[must_use]
    pub fn all(mut self) -> Vec<String> {
        self.seen.extend(self.lines.iter());
        self.seen
    }
}
