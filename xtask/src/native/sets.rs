//! The packages themselves, by what they are needed for.

use std::env;
use std::fmt;
use std::process::Command;

use crate::process;

/// What a group of packages is needed for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Set {
    /// To build and to open the window.
    Window,
    /// To test the window on a machine without a display.
    WindowTests,
    /// Real programs that the tests speak to.
    Peers,
    /// The second way to compile to wasm.
    DistroToolchain,
}

/// One package under its names on several systems.
#[derive(Debug)]
pub(super) struct Package {
    pub(super) debian: &'static str,
    /// A name, or a path that dnf finds the owner of. Empty where there is nothing of the kind.
    pub(super) fedora: &'static str,
    /// Empty where it is not known, or comes with another package of the set.
    pub(super) arch: &'static str,
    /// How to see that it is there on a system whose package database we do not ask.
    pub(super) probe: Probe,
    pub(super) why: &'static str,
}

/// A sign that a package is installed.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Probe {
    PkgConfig(&'static str),
    Program(&'static str),
    PythonModule(&'static str),
    /// Nothing to look for; it comes with the others.
    Included,
}

impl Set {
    /// To complete the sentence "packages are missing for …".
    pub(crate) fn purpose(self) -> &'static str {
        match self {
            Self::Window => "the window",
            Self::WindowTests => "testing the window without a display",
            Self::Peers => "testing against real servers",
            Self::DistroToolchain => "compiling to wasm with the distribution's compiler",
        }
    }

    pub(super) fn packages(self) -> &'static [Package] {
        match self {
            Self::Window => WINDOW,
            Self::WindowTests => WINDOW_TESTS,
            Self::Peers => PEERS,
            Self::DistroToolchain => DISTRO_TOOLCHAIN,
        }
    }
}

const WINDOW: &[Package] = &[
    Package {
        debian: "pkg-config",
        fedora: "pkgconf-pkg-config",
        arch: "pkgconf",
        probe: Probe::Program("pkg-config"),
        why: "finds the libraries below when the window is compiled",
    },
    Package {
        debian: "libwebkit2gtk-4.1-dev",
        fedora: "webkit2gtk4.1-devel",
        arch: "webkit2gtk-4.1",
        probe: Probe::PkgConfig("webkit2gtk-4.1"),
        why: "the webview that draws the window's contents, and GTK",
    },
    Package {
        debian: "libsoup-3.0-dev",
        fedora: "libsoup3-devel",
        arch: "libsoup3",
        probe: Probe::PkgConfig("libsoup-3.0"),
        why: "the webview's network library",
    },
];

const WINDOW_TESTS: &[Package] = &[
    Package {
        debian: "xvfb",
        fedora: "/usr/bin/Xvfb",
        arch: "xorg-server-xvfb",
        probe: Probe::Program("Xvfb"),
        why: "a display in memory",
    },
    Package {
        debian: "webkit2gtk-driver",
        fedora: "/usr/bin/WebKitWebDriver",
        arch: "",
        probe: Probe::Program("WebKitWebDriver"),
        why: "lets the tests press buttons in the window",
    },
    Package {
        debian: "libgl1-mesa-dri",
        fedora: "mesa-dri-drivers",
        arch: "mesa",
        probe: Probe::Included,
        why: "WebGL without a graphics card",
    },
    Package {
        debian: "dbus-x11",
        fedora: "/usr/bin/dbus-run-session",
        arch: "dbus",
        probe: Probe::Program("dbus-run-session"),
        why: "a message bus for the webview's processes",
    },
];

const PEERS: &[Package] = &[
    Package {
        debian: "docker-registry",
        fedora: "",
        arch: "",
        probe: Probe::Program("docker-registry"),
        why: "an OCI registry, to push to and pull from",
    },
    Package {
        debian: "npm",
        fedora: "nodejs-npm",
        arch: "npm",
        probe: Probe::Program("npm"),
        why: "installs the MCP conformance suite and the reference server",
    },
    Package {
        debian: "python3-venv",
        fedora: "python3",
        arch: "python",
        probe: Probe::PythonModule("ensurepip"),
        why: "a place for the MCP SDK for Python",
    },
];

const DISTRO_TOOLCHAIN: &[Package] = &[
    Package { debian: "rustc-web", fedora: "", arch: "", probe: Probe::Included, why: "a Rust compiler" },
    Package {
        debian: "cargo-web",
        fedora: "",
        arch: "",
        probe: Probe::Included,
        why: "the Cargo that goes with it",
    },
    Package {
        debian: "rust-web-src",
        fedora: "",
        arch: "",
        probe: Probe::Included,
        why: "the standard library's source, to compile it to wasm",
    },
    Package { debian: "lld-19", fedora: "", arch: "", probe: Probe::Included, why: "the linker for wasm" },
    Package {
        debian: "wasi-libc",
        fedora: "",
        arch: "",
        probe: Probe::Included,
        why: "the C library below the samples",
    },
];

impl Probe {
    pub(super) fn is_there(&self) -> bool {
        match self {
            Self::PkgConfig(module) => {
                process::succeeds(Command::new("pkg-config").args(["--exists", module]))
            }
            Self::Program(name) => is_on_path(name),
            Self::PythonModule(module) => {
                process::succeeds(Command::new("python3").args(["-c", &format!("import {module}")]))
            }
            Self::Included => true,
        }
    }
}

impl fmt::Display for Probe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PkgConfig(module) => write!(f, "{module}.pc, for developing"),
            Self::Program(name) => write!(f, "the program {name}"),
            Self::PythonModule(module) => write!(f, "the Python module {module}"),
            Self::Included => write!(f, "what the others need"),
        }
    }
}

/// Whether the shell would find a program of this name.
pub(crate) fn is_on_path(program: &str) -> bool {
    let file = format!("{program}{}", env::consts::EXE_SUFFIX);
    env::var_os("PATH").is_some_and(|path| env::split_paths(&path).any(|folder| folder.join(&file).is_file()))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    const SETS: [Set; 4] = [Set::Window, Set::WindowTests, Set::Peers, Set::DistroToolchain];

    #[test]
    fn every_package_has_a_debian_name_of_its_own_and_a_reason() {
        let mut names = BTreeSet::new();
        for package in SETS.iter().flat_map(|set| set.packages()) {
            assert!(!package.debian.is_empty() && !package.why.is_empty(), "{package:?}");
            assert!(names.insert(package.debian), "{} is in two sets", package.debian);
        }
    }

    #[test]
    fn what_is_installed_by_hand_can_be_looked_for() {
        for package in Set::Window.packages() {
            assert_ne!(package.probe, Probe::Included, "{package:?}");
            assert!(!package.fedora.is_empty() && !package.arch.is_empty(), "{package:?}");
        }
    }

    #[test]
    fn programs_are_looked_for_on_the_path() {
        assert!(is_on_path("cargo") || is_on_path("rustc"));
        assert!(!is_on_path("no-such-program-anywhere"));
    }
}
