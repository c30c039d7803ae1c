//! A screen in memory.

use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::Context as _;

use crate::process::{Group, Lines};

const PATIENCE: Duration = Duration::from_secs(20);

/// An X server of our own, on a display number that nobody else uses.
#[derive(Debug)]
pub struct Display {
    name: String,
    _server: Group,
}

impl Display {
    /// Starts Xvfb with one screen as large as the window.
    ///
    /// # Errors
    /// If Xvfb is not installed or does not start.
    pub fn start() -> anyhow::Result<Self> {
        let mut command = Command::new("Xvfb");
        command
            // It chooses a free number and prints it when it is ready.
            .args(["-displayfd", "1", "-screen", "0", "1280x860x24", "+extension", "GLX"])
            .args(["-nolisten", "tcp", "-noreset"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let mut server = Group::spawn(&mut command).context("run `cargo xtask setup`")?;
        let mut lines = Lines::of(server.child().stdout.take().context("no pipe from Xvfb")?);
        let number = lines.wait_for(|_| true, PATIENCE).context("Xvfb did not get ready")?;
        Ok(Self { name: format!(":{number}"), _server: server })
    }

    /// What `DISPLAY` has to be: `:99`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}
