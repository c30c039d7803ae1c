//! Debian's package tools, called so that they never wait for an answer.

use std::collections::BTreeSet;
use std::io::{self, IsTerminal as _};
use std::process::Command;
use std::sync::Once;

use anyhow::{Context as _, Result, bail};

use super::sets::{Package, is_on_path};
use crate::process::{self, note};

/// Bounds every wait: for a server that does not answer, and for another apt that holds the lock.
const OPTIONS: [&str; 6] =
    ["-o", "Acquire::http::Timeout=30", "-o", "Acquire::Retries=3", "-o", "DPkg::Lock::Timeout=300"];

/// Which of these packages are installed, by their Debian names.
pub(super) fn installed(packages: &[Package]) -> BTreeSet<String> {
    let mut command = Command::new("dpkg-query");
    command.args(["--show", "--showformat", "${db:Status-Status} ${Package}\\n"]);
    command.args(packages.iter().map(|package| package.debian));
    // It fails if it does not know one of them, and still prints the others.
    let output = command.output().map(|output| output.stdout).unwrap_or_default();
    parse_installed(&String::from_utf8_lossy(&output))
}

fn parse_installed(text: &str) -> BTreeSet<String> {
    text.lines().filter_map(|line| line.strip_prefix("installed ")).map(str::to_owned).collect()
}

/// Installs packages, with apt's own progress on the terminal.
pub(super) fn install(names: &[&str]) -> Result<()> {
    let by_hand = format!("sudo apt-get install {}", names.join(" "));
    let Some(prefix) = privilege() else {
        bail!("installing packages needs root, and sudo cannot ask for a password here; run\n    {by_hand}");
    };
    update_once(&prefix);
    let mut command = apt_get(&prefix);
    command.args(["install", "--yes", "--no-install-recommends"]).args(OPTIONS).args(names);
    process::run(&mut command).with_context(|| {
        format!("apt could not install what is needed; see its message above, then run\n    {by_hand}")
    })
}

/// A fresh machine has no package lists at all, and an old one has lists of files that are gone.
fn update_once(prefix: &[&str]) {
    static UPDATED: Once = Once::new();
    UPDATED.call_once(|| {
        if process::run(apt_get(prefix).arg("update").args(OPTIONS)).is_err() {
            // One source of many may be out of order; the install tells whether that matters.
            note("not every package source could be read; trying with what there is");
        }
    });
}

fn apt_get(prefix: &[&str]) -> Command {
    let words = ["env", "DEBIAN_FRONTEND=noninteractive", "NEEDRESTART_SUSPEND=1", "apt-get"];
    let mut words = prefix.iter().copied().chain(words);
    let mut command = Command::new(words.next().unwrap_or("apt-get"));
    command.args(words);
    command
}

/// What to put before a command to run it as root: nothing as root, sudo if it can work, else `None`.
fn privilege() -> Option<Vec<&'static str>> {
    if is_root() {
        return Some(Vec::new());
    }
    if !is_on_path("sudo") {
        return None;
    }
    // With a terminal it can ask for the password, which it reads from there and not from standard input.
    let can_ask = io::stderr().is_terminal();
    (can_ask || process::succeeds(Command::new("sudo").args(["--non-interactive", "true"])))
        .then(|| vec!["sudo"])
}

fn is_root() -> bool {
    process::output(Command::new("id").arg("-u")).is_ok_and(|id| id.trim_ascii() == b"0")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_fully_installed_packages_count() {
        let text = "installed xvfb\nconfig-files libsoup-3.0-dev\nnot-installed dbus-x11\ninstalled lld-19\n";
        assert_eq!(parse_installed(text), BTreeSet::from(["lld-19".to_owned(), "xvfb".to_owned()]));
    }

    #[test]
    fn apt_is_told_not_to_ask() {
        let command = process::display(&apt_get(&["sudo"]));
        assert_eq!(command, "sudo env DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1 apt-get");
    }
}
