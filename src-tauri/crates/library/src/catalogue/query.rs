//! What is searched for, and how well a component fits.
//!
//! A query is words, all of which must fit. `exports:PREFIX` and `imports:PREFIX` fit ports; any other word is
//! looked for in names, tags, descriptions and ports. Case does not matter.

use std::convert::Infallible;
use std::str::FromStr;

use jackfield_protocol::{ComponentInfo, Direction, Port};

use super::{Entry, Version};

/// A search, read from what the user typed. Every text is one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Query {
    terms: Vec<Term>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Term {
    /// In small letters.
    Text(String),
    /// In small letters; empty fits every port.
    Port(Direction, String),
}

/// How much it counts where a word is found.
mod weight {
    pub(super) const NAME: u32 = 100;
    pub(super) const NAME_BEGINS: u32 = 50;
    pub(super) const NAME_HAS: u32 = 25;
    pub(super) const ALIAS_OR_TAG: u32 = 20;
    pub(super) const PATH: u32 = 15;
    pub(super) const DESCRIPTION: u32 = 10;
    pub(super) const EXPORT: u32 = 6;
    pub(super) const IMPORT: u32 = 3;
}

impl FromStr for Query {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(Self { terms: text.split_whitespace().map(Term::read).collect() })
    }
}

impl Query {
    /// How well a version of an entry fits; `None` if some word does not fit at all.
    pub(super) fn score(&self, entry: &Entry, version: &Version) -> Option<u32> {
        self.terms.iter().try_fold(0_u32, |sum, term| Some(sum.saturating_add(term.score(entry, version)?)))
    }
}

impl Term {
    fn read(word: &str) -> Self {
        let word = word.to_lowercase();
        match word.split_once(':') {
            Some(("exports", prefix)) => Self::Port(Direction::Export, prefix.to_owned()),
            Some(("imports", prefix)) => Self::Port(Direction::Import, prefix.to_owned()),
            _ => Self::Text(word),
        }
    }

    fn score(&self, entry: &Entry, version: &Version) -> Option<u32> {
        match self {
            Self::Text(word) => score_text(word, entry, version),
            Self::Port(direction, prefix) => {
                let fits = |port: &Port| port.direction == *direction && port_fits(&port.name, prefix);
                version.info.as_ref()?.ports.iter().any(fits).then_some(0)
            }
        }
    }
}

/// The best of the places where the word is.
fn score_text(word: &str, entry: &Entry, version: &Version) -> Option<u32> {
    let name = entry.name.to_lowercase();
    let last = name.rsplit('/').next().unwrap_or(&name);
    let has = |text: &str| text.to_lowercase().contains(word);
    let places = [
        (weight::NAME, last == word),
        (weight::NAME_BEGINS, last.starts_with(word)),
        (weight::NAME_HAS, last.contains(word)),
        (weight::ALIAS_OR_TAG, has(&version.tag) || version.aliases.iter().any(|alias| has(alias))),
        (weight::PATH, name.contains(word)),
        (
            weight::DESCRIPTION,
            [&version.title, &version.description].into_iter().flatten().any(|text| has(text)),
        ),
        (weight::EXPORT, any_port(version.info.as_deref(), Direction::Export, word)),
        (weight::IMPORT, any_port(version.info.as_deref(), Direction::Import, word)),
        (0, version.digest.as_str().starts_with(word)),
    ];
    places.into_iter().find(|(_, is_there)| *is_there).map(|(weight, _)| weight)
}

fn any_port(info: Option<&ComponentInfo>, direction: Direction, word: &str) -> bool {
    let fits = |port: &Port| port.direction == direction && port.name.to_lowercase().contains(word);
    info.is_some_and(|info| info.ports.iter().any(fits))
}

/// Whether a port's name begins with `prefix`, which is in small letters.
///
/// `wasi:http` fits all of the package; `wasi:http/types@0.2` fits 0.2.6 and not 0.20; a plain `handler` fits the
/// interface of that name in any package.
fn port_fits(name: &str, prefix: &str) -> bool {
    let name = name.to_lowercase();
    let Some((path, version)) = prefix.split_once('@') else {
        let interface = name.rsplit('/').next().unwrap_or(&name);
        return name.starts_with(prefix) || (!prefix.contains([':', '/']) && interface.starts_with(prefix));
    };
    let (own_path, own_version) = name.split_once('@').unwrap_or((&name, ""));
    let is_path = own_path == path || (!path.contains([':', '/']) && own_path.ends_with(&format!("/{path}")));
    let rest = own_version.strip_prefix(version);
    is_path
        && rest.is_some_and(|rest| version.is_empty() || rest.is_empty() || rest.starts_with(['.', '-', '+']))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ports_are_found_by_any_reasonable_prefix() {
        let name = "wasi:http/incoming-handler@0.2.6";
        for prefix in [
            "",
            "wasi:",
            "wasi:http",
            "wasi:http/incoming-handler",
            "wasi:http/inc",
            "wasi:http/incoming-handler@",
            "wasi:http/incoming-handler@0.2",
            "wasi:http/incoming-handler@0.2.6",
            "incoming-handler",
            "incoming-handler@0",
        ] {
            assert!(port_fits(name, prefix), "{prefix}");
        }
        for prefix in
            ["http", "wasi:http/incoming@0.2", "wasi:http/incoming-handler@0.2.60", "handler", "wasi:h@0.2"]
        {
            assert!(!port_fits(name, prefix), "{prefix}");
        }
        assert!(!port_fits("a:b/c@0.20.0", "a:b/c@0.2"));
        assert!(port_fits("log", "lo") && !port_fits("log", "log@1"));
    }

    #[test]
    fn words_with_colons_of_their_own_are_text() {
        let query: Query = "exports:math:ops wasi:http  Imports:".parse().unwrap();
        assert_eq!(
            query.terms,
            [
                Term::Port(Direction::Export, "math:ops".into()),
                Term::Text("wasi:http".into()),
                Term::Port(Direction::Import, String::new()),
            ]
        );
    }

    proptest! {
        #[test]
        fn a_port_is_found_by_every_beginning_of_its_path(
            name in "[a-z]{1,6}:[a-z]{1,6}/[a-z-]{1,8}@[0-9]\\.[0-9]\\.[0-9]",
            cut in 0_usize..30,
        ) {
            let path = name.split('@').next().unwrap();
            let prefix = path.get(..cut).unwrap_or(&name);
            prop_assert!(port_fits(&name, prefix));
        }
    }
}
