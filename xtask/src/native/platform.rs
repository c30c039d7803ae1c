//! Which family of operating systems this is, as far as the names of packages go.

use std::fs;

/// Systems that name and install packages in the same way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Platform {
    /// Debian, Ubuntu and what descends from them: `apt-get`.
    Debian,
    /// Fedora and its relatives: `dnf`.
    Fedora,
    /// Arch and its relatives: `pacman`.
    Arch,
    /// A Linux whose package names are not known here.
    OtherLinux,
    /// macOS and Windows, whose webview is part of the system.
    WebviewIncluded,
}

impl Platform {
    /// The system that this runs on.
    pub(crate) fn current() -> Self {
        if !cfg!(target_os = "linux") {
            return Self::WebviewIncluded;
        }
        // The first is the administrator's and the second the vendor's, by os-release(5).
        let os_release = fs::read_to_string("/etc/os-release")
            .or_else(|_| fs::read_to_string("/usr/lib/os-release"))
            .unwrap_or_default();
        Self::from_os_release(&os_release)
    }

    fn from_os_release(text: &str) -> Self {
        let id = value(text, "ID").unwrap_or_default();
        let ancestors = value(text, "ID_LIKE").unwrap_or_default();
        // The closest relative comes first in ID_LIKE.
        std::iter::once(id)
            .chain(ancestors.split_whitespace())
            .find_map(|name| match name {
                "debian" | "ubuntu" => Some(Self::Debian),
                "fedora" => Some(Self::Fedora),
                "arch" => Some(Self::Arch),
                _ => None,
            })
            .unwrap_or(Self::OtherLinux)
    }
}

/// The value of a key in os-release's `KEY=value` or `KEY="value"` lines.
fn value<'a>(text: &'a str, key: &str) -> Option<&'a str> {
    text.lines().find_map(|line| {
        let value = line.trim().strip_prefix(key)?.strip_prefix('=')?;
        Some(value.trim_matches(['"', '\'']))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn families_are_known_by_id_or_by_ancestor() {
        let cases = [
            ("PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nID=debian\n", Platform::Debian),
            ("ID=ubuntu\nID_LIKE=debian\n", Platform::Debian),
            ("ID=linuxmint\nID_LIKE=\"ubuntu debian\"\n", Platform::Debian),
            ("ID=fedora\n", Platform::Fedora),
            ("ID=\"nobara\"\nID_LIKE=\"rhel centos fedora\"\n", Platform::Fedora),
            ("ID=arch\n", Platform::Arch),
            ("ID=endeavouros\nID_LIKE='arch'\n", Platform::Arch),
            ("ID=nixos\nVERSION_ID=\"25.05\"\n", Platform::OtherLinux),
            ("", Platform::OtherLinux),
        ];
        for (text, expected) in cases {
            assert_eq!(Platform::from_os_release(text), expected, "{text}");
        }
    }

    #[test]
    fn a_key_is_not_mistaken_for_a_longer_one() {
        assert_eq!(value("VERSION_ID=\"12\"\nID=debian\n", "ID"), Some("debian"));
        assert_eq!(value("ID_LIKE=debian\n", "ID"), None);
    }
}
