//! Running other programs: each with a line that says what is about to happen and why, its output left
//! visible, and an error that names the command if it fails.
//!
//! Everything that xtask itself has to say goes to standard error; standard output belongs to the
//! programs that it starts.

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::io::{self, IsTerminal as _};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

const POLL_INTERVAL: Duration = Duration::from_millis(50);

/// Announces a step that takes time. Steps that turn out to be done already are never announced.
pub(crate) fn step(text: &str) {
    if io::stderr().is_terminal() {
        eprintln!("\x1b[1;34m==>\x1b[0m \x1b[1m{text}\x1b[0m");
    } else {
        eprintln!("==> {text}");
    }
}

/// Says something about the current step: a choice made, a thing left out.
pub(crate) fn note(text: &str) {
    eprintln!("    {text}");
}

/// Runs a command with its output visible, and fails unless it succeeds.
///
/// Standard input is closed: no step may wait for an answer.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let status = command.stdin(Stdio::null()).status().with_context(|| cannot_start(command))?;
    expect_success(command, status)
}

/// Runs a command with its errors and progress visible, and returns its standard output.
pub(crate) fn output(command: &mut Command) -> Result<Vec<u8>> {
    let output = command
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| cannot_start(command))?;
    expect_success(command, output.status)?;
    Ok(output.stdout)
}

/// Asks a question whose answer is the exit status alone. A program that is not there answers no.
pub(crate) fn succeeds(command: &mut Command) -> bool {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// Like [`run`], but ends the command when it takes longer than `limit`.
pub(crate) fn run_within(limit: Duration, command: &mut Command) -> Result<()> {
    let mut child = command.stdin(Stdio::null()).spawn().with_context(|| cannot_start(command))?;
    match wait_until(&mut child, Instant::now() + limit)? {
        Some(status) => expect_success(command, status),
        None => {
            child.kill().with_context(|| format!("cannot end `{}`", display(command)))?;
            child.wait()?;
            bail!("`{}` was not done after {} s", display(command), limit.as_secs())
        }
    }
}

fn wait_until(child: &mut Child, deadline: Instant) -> Result<Option<ExitStatus>> {
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if Instant::now() >= deadline {
            return Ok(None);
        }
        thread::sleep(POLL_INTERVAL);
    }
}

/// Hands the terminal over to a program for good: signals go to it alone, and its exit code becomes ours.
///
/// Returns only if the program could not be started.
#[cfg(unix)]
pub(crate) fn replace_with(command: &mut Command) -> Result<()> {
    use std::os::unix::process::CommandExt as _;

    let error = command.exec();
    Err(error).with_context(|| cannot_start(command))
}

/// Runs a program to its end, leaves Ctrl-C to it, and exits with its code.
///
/// Returns only if the program could not be started.
#[cfg(not(unix))]
pub(crate) fn replace_with(command: &mut Command) -> Result<()> {
    #[cfg(windows)]
    ctrlc::set_handler(|| {}).context("cannot leave Ctrl-C to the program")?;
    let status = command.status().with_context(|| cannot_start(command))?;
    std::process::exit(status.code().unwrap_or(1))
}

/// The command as one could type it, for messages.
pub(crate) fn display(command: &Command) -> String {
    let mut line = quote(command.get_program());
    for argument in command.get_args() {
        let _ = write!(line, " {}", quote(argument));
    }
    line
}

fn quote(word: &OsStr) -> String {
    let word = word.to_string_lossy();
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:,@+".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.into_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

fn cannot_start(command: &Command) -> String {
    format!("cannot start `{}`", display(command))
}

fn expect_success(command: &Command, status: ExitStatus) -> Result<()> {
    if status.success() {
        return Ok(());
    }
    bail!("`{}` failed ({status})", display(command))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_shown_as_one_would_type_it() {
        let mut command = Command::new("apt-get");
        command.args(["install", "a b", "it's", ""]);
        assert_eq!(display(&command), r"apt-get install 'a b' 'it'\''s' ''");
    }

    #[test]
    fn a_missing_program_is_named() {
        let error = run(&mut Command::new("no-such-program-anywhere")).unwrap_err();
        assert_eq!(error.to_string(), "cannot start `no-such-program-anywhere`");
    }

    #[cfg(unix)]
    #[test]
    fn a_command_that_hangs_is_ended() {
        let started = Instant::now();
        let error = run_within(Duration::from_millis(100), Command::new("sleep").arg("30")).unwrap_err();
        assert_eq!(error.to_string(), "`sleep 30` was not done after 0 s");
        assert!(started.elapsed() < Duration::from_secs(10));
    }
}
