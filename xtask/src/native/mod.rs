//! Packages of the operating system: which are needed for what, which are missing, and getting them.
//!
//! On Debian and its relatives they are installed; on other systems the user gets the exact
//! command. Whoever has them all sees nothing of this.

mod apt;
mod platform;
mod sets;

use anyhow::{Result, bail};

use platform::Platform;
use sets::{Package, Probe};
pub(crate) use sets::{Set, is_on_path};

use crate::process::step;

/// Makes sure that the packages of a set are there.
///
/// Fails with the command to type where they cannot be installed from here.
pub(crate) fn ensure(set: Set) -> Result<()> {
    let platform = Platform::current();
    let missing = missing(platform, set);
    if missing.is_empty() {
        return Ok(());
    }
    if platform != Platform::Debian {
        bail!(advice(platform, set, &missing));
    }
    step(&announcement(set, &missing));
    apt::install(&missing.iter().map(|package| package.debian).collect::<Vec<_>>())
}

/// Whether nothing of a set is missing.
pub(crate) fn is_present(set: Set) -> bool {
    missing(Platform::current(), set).is_empty()
}

fn missing(platform: Platform, set: Set) -> Vec<&'static Package> {
    let packages = set.packages().iter();
    match (platform, set) {
        (Platform::Debian, _) => {
            let installed = apt::installed(set.packages());
            let is_there = |package: &Package| {
                // npm, for one, comes with other packages of Node.js, beside which Debian's cannot be.
                let elsewhere = package.probe != Probe::Included && package.probe.is_there();
                installed.contains(package.debian) || elsewhere
            };
            packages.filter(|package| !is_there(package)).collect()
        }
        (_, Set::DistroToolchain) => packages.collect(),
        (Platform::WebviewIncluded, _) => Vec::new(),
        (Platform::Fedora | Platform::Arch | Platform::OtherLinux, _) => {
            packages.filter(|package| !package.probe.is_there()).collect()
        }
    }
}

fn announcement(set: Set, missing: &[&Package]) -> String {
    let mut text = format!("installing what is missing for {}", set.purpose());
    for package in missing {
        text.push_str(&format!("\n    {}: {}", package.debian, package.why));
    }
    text
}

fn advice(platform: Platform, set: Set, missing: &[&Package]) -> String {
    if set == Set::DistroToolchain {
        return "the distribution's compiler is used on Debian only; install Rust with rustup \
                (https://rustup.rs), which has the wasm targets"
            .to_owned();
    }
    let (command, name): (_, fn(&Package) -> &'static str) = match platform {
        Platform::Fedora => ("sudo dnf install", |package| package.fedora),
        Platform::Arch => ("sudo pacman -S --needed", |package| package.arch),
        _ => ("", |_| ""),
    };
    let (named, unnamed): (Vec<&Package>, Vec<&Package>) =
        missing.iter().partition(|package| !name(package).is_empty());
    let mut text = format!("packages are missing for {}", set.purpose());
    if !named.is_empty() {
        let names: Vec<_> = named.iter().map(|package| name(package)).collect();
        text.push_str(&format!("; install them with\n    {command} {}", names.join(" ")));
    }
    for package in unnamed {
        text.push_str(&format!("\n    and your system's package with {}: {}", package.probe, package.why));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn advice_for(platform: Platform, set: Set) -> String {
        advice(platform, set, &set.packages().iter().collect::<Vec<_>>())
    }

    #[test]
    fn each_system_gets_a_command_to_type() {
        let fedora = advice_for(Platform::Fedora, Set::Window);
        assert!(
            fedora.contains("sudo dnf install pkgconf-pkg-config webkit2gtk4.1-devel libsoup3-devel"),
            "{fedora}"
        );
        let arch = advice_for(Platform::Arch, Set::WindowTests);
        assert!(arch.contains("sudo pacman -S --needed xorg-server-xvfb mesa dbus"), "{arch}");
        assert!(arch.contains("the program WebKitWebDriver"), "{arch}");
    }

    #[test]
    fn an_unknown_system_gets_names_to_search_for() {
        let text = advice_for(Platform::OtherLinux, Set::Window);
        assert!(text.contains("webkit2gtk-4.1.pc") && text.contains("libsoup-3.0.pc"), "{text}");
        assert!(!text.contains("install them with"), "{text}");
    }

    #[test]
    fn where_the_webview_is_included_nothing_is_missing() {
        assert!(missing(Platform::WebviewIncluded, Set::Window).is_empty());
        assert!(!missing(Platform::WebviewIncluded, Set::DistroToolchain).is_empty());
    }

    #[test]
    fn the_announcement_says_what_and_why() {
        let text = announcement(Set::WindowTests, &[&Set::WindowTests.packages()[0]]);
        let (first, second) = text.split_once('\n').unwrap();
        assert_eq!(first, "installing what is missing for testing the window without a display");
        assert_eq!(second, "    xvfb: a display in memory");
    }
}
