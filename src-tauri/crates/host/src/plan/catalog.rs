//! What the host can satisfy by itself, as data.

use indexmap::IndexMap;
use jackfield_protocol::InterfaceName;

use super::version;
use crate::plugin::SettingSpec;

/// The interfaces that the host implements.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HostCatalog {
    interfaces: Vec<HostInterface>,
    settings: IndexMap<String, Vec<SettingSpec>>,
}

/// An interface that a plugin of the host implements.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostInterface {
    /// The plugin's id: `wasi`.
    pub plugin: String,
    /// The interface, in the newest version that the plugin has of those that are compatible.
    pub interface: InterfaceName,
}

impl HostCatalog {
    /// A catalogue of pairs such as `("wasi", "wasi:cli/stdout@0.2.12")`: a plugin's id and the name of
    /// an interface. What is no interface's name is left out.
    #[must_use]
    pub fn from_pairs<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let interfaces = pairs.into_iter().filter_map(|(plugin, name)| {
            Some(HostInterface { plugin: plugin.to_owned(), interface: InterfaceName::parse(name)? })
        });
        let interfaces: Vec<_> = interfaces.collect();
        let settings = interfaces.iter().map(|host| (host.plugin.clone(), Vec::new())).collect();
        Self { interfaces, settings }
    }

    /// With what can be set for a plugin.
    #[must_use]
    pub fn with_settings(mut self, plugin: &str, specs: Vec<SettingSpec>) -> Self {
        self.settings.insert(plugin.to_owned(), specs);
        self
    }

    /// The plugins, each with what can be set for it.
    #[must_use]
    pub fn settings(&self) -> &IndexMap<String, Vec<SettingSpec>> {
        &self.settings
    }

    /// Everything in it, in the order in which it was given.
    #[must_use]
    pub fn interfaces(&self) -> &[HostInterface] {
        &self.interfaces
    }

    /// What stands in for `wanted`: the same version if there is one, otherwise the newest that is
    /// compatible.
    pub(super) fn find(&self, wanted: &InterfaceName) -> Option<&HostInterface> {
        let wanted_version = wanted.version.as_deref();
        self.versions_of(wanted)
            .filter(|host| version::compatible(wanted_version, host.interface.version.as_deref()))
            .max_by_key(|host| {
                let offered = host.interface.version.as_deref();
                (offered == wanted_version, offered.and_then(version::parse))
            })
    }

    /// The versions of an interface that the host has, in the order of the catalogue.
    pub(super) fn versions(&self, of: &InterfaceName) -> Vec<String> {
        self.versions_of(of).filter_map(|host| host.interface.version.clone()).collect()
    }

    fn versions_of(&self, of: &InterfaceName) -> impl Iterator<Item = &HostInterface> {
        let identity = |name: &InterfaceName| InterfaceName { version: None, ..name.clone() };
        let of = identity(of);
        self.interfaces.iter().filter(move |host| identity(&host.interface) == of)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_version_wins_over_the_newest() {
        let catalog = HostCatalog::from_pairs([
            ("old", "a:b/c@1.0.0"),
            ("new", "a:b/c@1.4.0"),
            ("newest", "a:b/c@2.0.0"),
            ("other", "a:b/d@1.0.0"),
            ("broken", "not an interface"),
        ]);
        let found = |name: &str| {
            let wanted = InterfaceName::parse(name).expect(name);
            catalog.find(&wanted).map(|host| host.plugin.as_str())
        };
        assert_eq!(found("a:b/c@1.0.0"), Some("old"));
        assert_eq!(found("a:b/c@1.2.0"), Some("new"));
        assert_eq!(found("a:b/c@2.1.0"), Some("newest"));
        assert_eq!(found("a:b/c@3.0.0"), None);
        assert_eq!(found("a:b/c"), None);
        assert_eq!(catalog.interfaces().len(), 4);
    }
}
