//! What can be set for a plugin, and what is set for it.

use std::path::{Path, PathBuf};

use crate::workload::{PluginSettings, Setting, size_in_bytes};

/// A setting that a plugin understands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingSpec {
    /// Its key in `[host."ID"]`.
    pub name: String,
    /// What it can be.
    pub kind: SettingKind,
    /// What is taken where nothing is set.
    pub default: Option<String>,
    /// Whether it must be there.
    pub is_required: bool,
    /// Another setting and the text that this must have for this one to mean anything.
    pub only_with: Option<(String, String)>,
}

/// What a setting can be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SettingKind {
    /// Any text.
    Text,
    /// One of these words.
    Choice(Vec<String>),
    /// A file or folder; a relative path is resolved against the workload file's folder.
    Path,
    /// A size such as `64MiB`.
    Size,
    /// A whole number.
    Integer,
    /// True or false.
    Flag,
}

impl SettingSpec {
    fn new(name: &str, kind: SettingKind) -> Self {
        Self { name: name.to_owned(), kind, default: None, is_required: false, only_with: None }
    }

    /// A text.
    #[must_use]
    pub fn text(name: &str) -> Self {
        Self::new(name, SettingKind::Text)
    }

    /// One of `words`, of which the first is the default.
    #[must_use]
    pub fn choice(name: &str, words: &[&str]) -> Self {
        let default = words.first().map(|word| (*word).to_owned());
        let words = words.iter().map(|word| (*word).to_owned()).collect();
        Self { default, ..Self::new(name, SettingKind::Choice(words)) }
    }

    /// A file or folder.
    #[must_use]
    pub fn path(name: &str) -> Self {
        Self::new(name, SettingKind::Path)
    }

    /// A size such as `64MiB`.
    #[must_use]
    pub fn size(name: &str) -> Self {
        Self::new(name, SettingKind::Size)
    }

    /// A whole number.
    #[must_use]
    pub fn integer(name: &str) -> Self {
        Self::new(name, SettingKind::Integer)
    }

    /// True or false.
    #[must_use]
    pub fn flag(name: &str) -> Self {
        Self::new(name, SettingKind::Flag)
    }

    /// With what is taken where nothing is set.
    #[must_use]
    pub fn or(self, default: &str) -> Self {
        Self { default: Some(default.to_owned()), ..self }
    }

    /// It must be there, at least where it means something.
    #[must_use]
    pub fn required(self) -> Self {
        Self { is_required: true, ..self }
    }

    /// It means something only where the setting `name` is `text`.
    #[must_use]
    pub fn only_with(self, name: &str, text: &str) -> Self {
        Self { only_with: Some((name.to_owned(), text.to_owned())), ..self }
    }

    /// What its value must be, in words.
    #[must_use]
    pub fn wanted(&self) -> String {
        match &self.kind {
            SettingKind::Text => "a string".to_owned(),
            SettingKind::Choice(words) => {
                words.iter().map(|word| format!("\"{word}\"")).collect::<Vec<_>>().join(" or ")
            }
            SettingKind::Path => "a path, as a string".to_owned(),
            SettingKind::Size => "a size such as \"64MiB\", above 0".to_owned(),
            SettingKind::Integer => "a whole number".to_owned(),
            SettingKind::Flag => "true or false".to_owned(),
        }
    }

    /// Whether `value` is what it must be.
    #[must_use]
    pub fn accepts(&self, value: &Setting) -> bool {
        match (&self.kind, value) {
            (SettingKind::Text, Setting::Text(_))
            | (SettingKind::Integer, Setting::Integer(_))
            | (SettingKind::Flag, Setting::Flag(_)) => true,
            (SettingKind::Choice(words), Setting::Text(text)) => words.contains(text),
            (SettingKind::Path, Setting::Text(text)) => !text.is_empty() && !text.contains('\0'),
            (SettingKind::Size, Setting::Text(text)) => size_in_bytes(text).is_some(),
            _ => false,
        }
    }
}

/// What a workload file sets for a plugin. What it does not set has its default.
#[derive(Debug, Clone, Copy)]
pub struct Settings<'a> {
    specs: &'a [SettingSpec],
    given: Option<&'a PluginSettings>,
    folder: &'a Path,
}

impl<'a> Settings<'a> {
    /// `folder` is that of the workload file.
    pub(crate) fn new(specs: &'a [SettingSpec], given: Option<&'a PluginSettings>, folder: &'a Path) -> Self {
        Self { specs, given, folder }
    }

    fn given(&self, name: &str) -> Option<&'a Setting> {
        self.given?.values.get(name).map(|given| &given.value)
    }

    /// A text, a path as it is written, or the word of a choice.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&'a str> {
        match self.given(name) {
            Some(Setting::Text(text)) => Some(text),
            Some(_) => None,
            None => self.specs.iter().find(|spec| spec.name == name)?.default.as_deref(),
        }
    }

    /// A path, resolved against the workload file's folder.
    #[must_use]
    pub fn path(&self, name: &str) -> Option<PathBuf> {
        // By way of its components, so that `./` does not stay in the middle.
        self.text(name).map(|text| self.folder.join(text).components().collect())
    }

    /// A size, in bytes.
    #[must_use]
    pub fn size_in_bytes(&self, name: &str) -> Option<u64> {
        self.text(name).and_then(size_in_bytes)
    }

    /// A whole number.
    #[must_use]
    pub fn integer(&self, name: &str) -> Option<i64> {
        match self.given(name) {
            Some(Setting::Integer(number)) => Some(*number),
            Some(_) => None,
            None => self.text(name)?.parse().ok(),
        }
    }

    /// Whether a flag is set.
    #[must_use]
    pub fn flag(&self, name: &str) -> bool {
        match self.given(name) {
            Some(Setting::Flag(flag)) => *flag,
            Some(_) => false,
            None => self.text(name) == Some("true"),
        }
    }
}
