//! Compares `[host]` with what the host's plugins understand.
//!
//! Reading the file cannot tell, because plugins are the host's; so this is a part of the plan.

use indexmap::IndexMap;
use jackfield_protocol::Diagnostic;

use super::name::did_you_mean;
use super::reader::dotted;
use super::{Place, PluginSettings, Setting, Workload};
use crate::plugin::SettingSpec;

impl Workload {
    /// What is wrong in `[host]`, for a host with these plugins, in the order of the file.
    pub(crate) fn unusable_settings(&self, plugins: &IndexMap<String, Vec<SettingSpec>>) -> Vec<Diagnostic> {
        let mut found = Vec::new();
        for (id, settings) in &self.host {
            let path = dotted("host", id);
            match plugins.get(id) {
                Some(specs) => check(&path, settings, specs, &mut found),
                None => found.push(unusable(
                    path,
                    settings.place,
                    "is no plugin of this host",
                    did_you_mean(id, plugins.keys().map(String::as_str))
                        .unwrap_or_else(|| format!("there is {}", names(plugins.keys()))),
                )),
            }
        }
        found
    }
}

fn check(path: &str, settings: &PluginSettings, specs: &[SettingSpec], found: &mut Vec<Diagnostic>) {
    for (key, given) in &settings.values {
        let path = dotted(path, key);
        let Some(spec) = specs.iter().find(|spec| spec.name == *key) else {
            let help = did_you_mean(key, specs.iter().map(|spec| spec.name.as_str()));
            let help = help.unwrap_or_else(|| what_there_is(specs));
            found.push(unusable(path, given.place, "is not known to the plugin", help));
            continue;
        };
        if !spec.accepts(&given.value) {
            let reason = format!("must be {}", spec.wanted());
            let example = format!("write {key} = {}", example(spec));
            found.push(unusable(
                path,
                given.place,
                &reason,
                suggestion(spec, &given.value).unwrap_or(example),
            ));
        } else if let Some((other, text)) =
            spec.only_with.as_ref().filter(|_| !applies(spec, settings, specs))
        {
            let reason = format!("means nothing unless `{other}` is \"{text}\"");
            let help = format!("remove it, or set {other} = \"{text}\"");
            found.push(unusable(path, given.place, &reason, help));
        }
    }
    for spec in specs.iter().filter(|spec| spec.is_required && !settings.values.contains_key(&spec.name)) {
        if applies(spec, settings, specs) {
            let help = format!("add {} = {}", spec.name, example(spec));
            found.push(unusable(dotted(path, &spec.name), settings.place, "is missing", help));
        }
    }
}

/// Whether a setting means something beside the others.
fn applies(spec: &SettingSpec, settings: &PluginSettings, specs: &[SettingSpec]) -> bool {
    let Some((other, text)) = &spec.only_with else { return true };
    match settings.values.get(other) {
        Some(given) => matches!(&given.value, Setting::Text(given) if given == text),
        None => {
            let other = specs.iter().find(|spec| spec.name == *other);
            other.and_then(|spec| spec.default.as_ref()) == Some(text)
        }
    }
}

/// The word that was probably meant.
fn suggestion(spec: &SettingSpec, given: &Setting) -> Option<String> {
    match (&spec.kind, given) {
        (crate::plugin::SettingKind::Choice(words), Setting::Text(text)) => {
            did_you_mean(text, words.iter().map(String::as_str))
        }
        _ => None,
    }
}

fn example(spec: &SettingSpec) -> String {
    use crate::plugin::SettingKind;
    match (&spec.kind, &spec.default) {
        (SettingKind::Integer | SettingKind::Flag, Some(default)) => default.clone(),
        (_, Some(default)) => format!("\"{default}\""),
        (SettingKind::Text, None) => "\"…\"".to_owned(),
        (SettingKind::Choice(words), None) => format!("\"{}\"", words.first().map_or("", String::as_str)),
        (SettingKind::Path, None) => "\"./data\"".to_owned(),
        (SettingKind::Size, None) => "\"64MiB\"".to_owned(),
        (SettingKind::Integer, None) => "1".to_owned(),
        (SettingKind::Flag, None) => "true".to_owned(),
    }
}

fn what_there_is(specs: &[SettingSpec]) -> String {
    if specs.is_empty() {
        return "remove it: nothing can be set for this plugin".to_owned();
    }
    format!("there can be {}", names(specs.iter().map(|spec| &spec.name)))
}

fn names<'a>(names: impl Iterator<Item = &'a String>) -> String {
    names.map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

fn unusable(setting: String, place: Option<Place>, reason: &str, help: String) -> Diagnostic {
    Diagnostic::UnusableSetting {
        setting,
        reason: reason.to_owned(),
        help,
        line: place.map(|place| place.line),
        column: place.map(|place| place.column),
    }
}
