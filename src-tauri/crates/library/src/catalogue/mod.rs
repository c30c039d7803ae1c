//! Everything that the library holds, in a form to be shown and searched.
//!
//! A catalogue is a picture of one moment. Making it reads the index of the store, the indexes of
//! the mounted layouts, and for each component a small file that says what it is.

mod cache;
mod collect;
mod query;

use std::cmp::Ordering;
use std::sync::Arc;

use jackfield_protocol::{ComponentInfo, Digest};
use semver::Version as Semver;

pub(crate) use cache::InfoCache;
pub(crate) use collect::collect;
pub use query::Query;

/// Every component that the library holds, by name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Catalogue {
    /// In the order of their names.
    pub entries: Vec<Entry>,
    /// What is wrong with mounted layouts, in plain words.
    pub problems: Vec<String>,
}

/// A component in all of its versions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Host and repository, or an alias: `ghcr.io/acme/square`.
    pub name: String,
    /// The newest first; never empty.
    pub versions: Vec<Version>,
}

/// One version of a component.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// The tag, or the short digest where there is none.
    pub tag: String,
    /// What a workload file says to use it.
    pub source: String,
    /// Where it is.
    pub origin: Origin,
    /// The component.
    pub digest: Digest,
    /// Its length.
    pub size_in_bytes: u64,
    /// What it is; nothing if it could not be read.
    pub info: Option<Arc<ComponentInfo>>,
    /// Why it could not be read.
    pub problem: Option<String>,
    /// Other names for it.
    pub aliases: Vec<String>,
    /// The title that its annotations give.
    pub title: Option<String>,
    /// The description that its annotations give.
    pub description: Option<String>,
    /// When its name first meant it in the store, in milliseconds since 1970, UTC.
    pub added_at_millis: Option<u64>,
}

/// Where a component is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// In the store.
    Store,
    /// In the mounted layout of this name.
    Mount(String),
}

impl Catalogue {
    /// The entries that fit a query, the best first, each with the versions that fit. Equally good ones are
    /// in the order of their names.
    #[must_use]
    pub fn search(&self, query: &Query) -> Vec<Entry> {
        let mut found: Vec<(u32, Entry)> =
            self.entries.iter().filter_map(|entry| entry.matching(query)).collect();
        found.sort_by(|(a, one), (b, other)| b.cmp(a).then_with(|| one.name.cmp(&other.name)));
        found.into_iter().map(|(_, entry)| entry).collect()
    }
}

impl Entry {
    fn matching(&self, query: &Query) -> Option<(u32, Self)> {
        let scored = self.versions.iter().filter_map(|version| Some((query.score(self, version)?, version)));
        let (scores, versions): (Vec<u32>, Vec<Version>) =
            scored.map(|(score, version)| (score, version.clone())).unzip();
        Some((scores.into_iter().max()?, Self { name: self.name.clone(), versions }))
    }
}

impl Version {
    /// The newest first: by semantic version where both tags are one, else such tags before others, else by
    /// name backwards. `latest` leads.
    fn order(&self, other: &Self) -> Ordering {
        let rank = |version: &Self| (version.tag == "latest", parse_version(&version.tag));
        rank(other)
            .cmp(&rank(self))
            .then_with(|| other.tag.cmp(&self.tag))
            .then_with(|| self.origin.cmp(&other.origin))
            .then_with(|| self.source.cmp(&other.source))
    }
}

/// `v1.2` counts as 1.2.0, as people tag that way.
fn parse_version(tag: &str) -> Option<Semver> {
    let text = tag.strip_prefix('v').unwrap_or(tag);
    let dots = text
        .bytes()
        .take_while(|byte| matches!(byte, b'0'..=b'9' | b'.'))
        .filter(|byte| *byte == b'.')
        .count();
    let is_plain = text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'.'));
    let padded = if is_plain {
        format!("{text}{}", ".0".repeat(2_usize.saturating_sub(dots)))
    } else {
        text.to_owned()
    };
    Semver::parse(&padded).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(tag: &str) -> Version {
        Version {
            tag: tag.into(),
            source: format!("oci://host/a:{tag}"),
            origin: Origin::Store,
            digest: crate::digest::of(tag.as_bytes()),
            size_in_bytes: 0,
            info: None,
            problem: None,
            aliases: Vec::new(),
            title: None,
            description: None,
            added_at_millis: None,
        }
    }

    fn entry(name: &str, tags: &[&str]) -> Entry {
        Entry { name: name.into(), versions: tags.iter().map(|tag| version(tag)).collect() }
    }

    #[test]
    fn the_newest_version_comes_first() {
        let mut versions: Vec<_> =
            ["1.9", "main", "1.10.0", "latest", "v2", "1.10.0-rc.1"].iter().map(|tag| version(tag)).collect();
        versions.sort_by(Version::order);
        let tags: Vec<_> = versions.iter().map(|version| version.tag.as_str()).collect();
        assert_eq!(tags, ["latest", "v2", "1.10.0", "1.10.0-rc.1", "1.9", "main"]);
    }

    #[test]
    fn better_places_come_first_and_all_words_must_fit() {
        let entries = vec![
            entry("host/square-root", &["1"]),
            entry("host/square", &["1", "2"]),
            entry("square.io/other", &["1"]),
        ];
        let catalogue = Catalogue { entries, problems: Vec::new() };
        let names = |query: &str| -> Vec<String> {
            let Ok(query) = query.parse();
            catalogue.search(&query).into_iter().map(|entry| entry.name).collect()
        };
        assert_eq!(names("Square"), ["host/square", "host/square-root", "square.io/other"]);
        assert_eq!(names("square root"), ["host/square-root"]);
        assert_eq!(names("square 2"), ["host/square"]);
        assert_eq!(names(""), ["host/square", "host/square-root", "square.io/other"]);
        assert!(names("exports:math").is_empty());
        let Ok(query) = "square 2".parse();
        assert_eq!(catalogue.search(&query).first().map(|entry| entry.versions.len()), Some(1));
    }
}
