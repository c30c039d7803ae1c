//! The protocol's values as text for people.

pub(crate) mod edit;
pub(crate) mod error;
pub(crate) mod export;
pub(crate) mod functions;
pub(crate) mod inspect;
pub(crate) mod library;
pub(crate) mod log;
pub(crate) mod plan;
pub(crate) mod result;
pub(crate) mod state;
pub(crate) mod trace;
pub(crate) mod traces;
pub(crate) mod wit_type;

use std::fmt;

/// A size in bytes as people write it: exact below a kibibyte, else with one decimal.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Size(pub(crate) u64);

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const UNITS: [&str; 3] = ["KiB", "MiB", "GiB"];
        if self.0 < 1024 {
            return write!(f, "{} B", self.0);
        }
        let mut tenths = self.0.saturating_mul(10) / 1024;
        let mut unit = UNITS[0];
        for larger in &UNITS[1..] {
            if tenths < 10_240 {
                break;
            }
            tenths /= 1024;
            unit = larger;
        }
        write!(f, "{}.{} {unit}", tenths / 10, tenths % 10)
    }
}

/// The width in characters of the widest of `texts`, but never more than `limit`.
fn column_width<'a>(texts: impl Iterator<Item = &'a str>, limit: usize) -> usize {
    texts.map(|text| text.chars().count()).max().unwrap_or(0).min(limit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_short() {
        for (bytes, text) in [
            (0, "0 B"),
            (1023, "1023 B"),
            (1024, "1.0 KiB"),
            (1_590, "1.5 KiB"),
            (1024 * 1024, "1.0 MiB"),
            (5 * 1024 * 1024 * 1024, "5.0 GiB"),
        ] {
            assert_eq!(Size(bytes).to_string(), text);
        }
    }
}
