//! Which versions of an interface can stand for one another.
//!
//! Follows the component model's rule, which Wasmtime's linker has too: versions agree on the first of
//! major, minor and patch that is not 0. Pre-releases promise nothing, so only the same one will do.

use semver::Version;

/// What compatible versions have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Track<'a> {
    /// The first of major, minor and patch that is not 0, and the zeros before it.
    Release(u64, u64, u64),
    /// Compatible only with itself: a pre-release, no version, or what is none.
    Exactly(Option<&'a str>),
}

/// The track of a version.
pub(super) fn track(version: Option<&str>) -> Track<'_> {
    match version.and_then(parse) {
        Some(version) if version.pre.is_empty() => match (version.major, version.minor) {
            (0, 0) => Track::Release(0, 0, version.patch),
            (0, minor) => Track::Release(0, minor, 0),
            (major, _) => Track::Release(major, 0, 0),
        },
        _ => Track::Exactly(version),
    }
}

/// Whether what has version `offered` can be used where version `wanted` is asked for.
pub(super) fn compatible(wanted: Option<&str>, offered: Option<&str>) -> bool {
    wanted == offered || track(wanted) == track(offered)
}

/// Whether a version is a release of WASI 0.2 or 0.3, which is what the host can call.
pub(super) fn is_wasi_release(version: Option<&str>) -> bool {
    version.and_then(parse).is_some_and(|version| {
        version.major == 0 && [2, 3].contains(&version.minor) && version.pre.is_empty()
    })
}

/// For sorting: versions that are none come first.
pub(super) fn parse(version: &str) -> Option<Version> {
    Version::parse(version).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compatible_versions() {
        for (wanted, offered, expected) in [
            (Some("0.2.0"), Some("0.2.12"), true),
            (Some("0.2.12"), Some("0.2.0"), true),
            (Some("0.2.0"), Some("0.3.0"), false),
            (Some("1.0.0"), Some("1.9.1"), true),
            (Some("1.0.0"), Some("2.0.0"), false),
            (Some("0.0.1"), Some("0.0.2"), false),
            (Some("0.2.0-rc.1"), Some("0.2.0-rc.1"), true),
            (Some("0.2.0-rc.1"), Some("0.2.0-rc.2"), false),
            (Some("0.2.0-rc.1"), Some("0.2.0"), false),
            (Some("0.2.0"), Some("0.2.1-rc.1"), false),
            (None, None, true),
            (None, Some("1.0.0"), false),
            (Some("1.0.0"), None, false),
            (Some("x"), Some("x"), true),
            (Some("x"), Some("1.0.0"), false),
        ] {
            assert_eq!(compatible(wanted, offered), expected, "{wanted:?} {offered:?}");
        }
    }

    #[test]
    fn releases_of_wasi() {
        for (version, expected) in
            [("0.2.0", true), ("0.3.4", true), ("0.3.0-rc-2025", false), ("0.1.0", false), ("1.2.0", false)]
        {
            assert_eq!(is_wasi_release(Some(version)), expected, "{version}");
        }
        assert!(!is_wasi_release(None));
    }
}
