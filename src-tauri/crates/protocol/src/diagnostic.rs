//! What a plan has to say: typed, so that the terminal's text, the window's badges and the JSON
//! come from the same value.

use serde::{Deserialize, Serialize};

use crate::{Candidate, ComponentName};

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", rename_all_fields = "kebab-case")]
pub enum Severity {
    /// Worth knowing; the workload runs.
    Warning,
    /// The workload cannot run.
    Error,
}

/// One finding about a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", rename_all_fields = "kebab-case")]
pub enum Diagnostic {
    /// Nothing in the workload or the host has what a component imports.
    UnresolvedImport {
        /// The component that imports.
        component: ComponentName,
        /// The import's name in its binary.
        import: String,
        /// The functions that the component would call.
        functions: Vec<String>,
        /// Exports of the same interface that do not fit, because of their version.
        near_misses: Vec<Candidate>,
        /// Versions of the interface that the host has, if it has any.
        host_versions: Vec<String>,
    },
    /// More than one component exports what a component imports.
    AmbiguousImport {
        /// The component that imports.
        component: ComponentName,
        /// The import's name in its binary.
        import: String,
        /// Every component that could be meant, in the order of the workload file.
        candidates: Vec<Candidate>,
    },
    /// Components need one another in a circle, so that none can be instantiated first.
    Cycle {
        /// The circle: each needs the next, and the last needs the first.
        path: Vec<ComponentName>,
    },
    /// A `[[links]]` row that no import answers to, or whose target does not export it.
    UnusableLink {
        /// The row's `from`.
        component: ComponentName,
        /// The row's `import`.
        import: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The component named as the service does not export `wasi:cli/run`.
    ServiceWithoutRun {
        /// The component named in `[service]`.
        component: ComponentName,
    },
    /// A setting of a host plugin that the plugin does not understand.
    UnusableSetting {
        /// Its path: `host."wasi:keyvalue".backend`.
        setting: String,
        /// What is wrong with it.
        reason: String,
        /// What to write instead.
        help: String,
        /// Where it stands in the workload file, counted from 1.
        line: Option<u32>,
        /// Where it stands in the line, counted from 1, in characters.
        column: Option<u32>,
    },
}

impl Diagnostic {
    /// How bad it is.
    #[must_use]
    pub fn severity(&self) -> Severity {
        Severity::Error
    }

    /// The component it is about, where it is about one.
    #[must_use]
    pub fn component(&self) -> Option<&ComponentName> {
        match self {
            Self::UnresolvedImport { component, .. }
            | Self::AmbiguousImport { component, .. }
            | Self::UnusableLink { component, .. }
            | Self::ServiceWithoutRun { component } => Some(component),
            Self::Cycle { path } => path.first(),
            Self::UnusableSetting { .. } => None,
        }
    }

    /// The import it is about, where it is about one.
    #[must_use]
    pub fn import(&self) -> Option<&str> {
        match self {
            Self::UnresolvedImport { import, .. }
            | Self::AmbiguousImport { import, .. }
            | Self::UnusableLink { import, .. } => Some(import),
            _ => None,
        }
    }

    /// What is wrong, in one sentence.
    #[must_use]
    pub fn message(&self) -> String {
        match self {
            Self::UnresolvedImport { component, import, functions, .. } => {
                let calls = match functions.as_slice() {
                    [] => String::new(),
                    names => format!(" (for {})", names.join(", ")),
                };
                format!(
                    "`{component}` imports `{import}`{calls}, and nothing in the workload or the host has it"
                )
            }
            Self::AmbiguousImport { component, import, candidates } => format!(
                "`{component}` imports `{import}`, and {} components export it: {}",
                candidates.len(),
                name_list(candidates)
            ),
            Self::Cycle { path } => {
                let mut names: Vec<&str> = path.iter().map(ComponentName::as_str).collect();
                names.extend(path.first().map(ComponentName::as_str));
                format!("components need one another in a circle: {}", names.join(" → "))
            }
            Self::UnusableLink { component, import, reason } => {
                format!("the link from `{component}` for `{import}` cannot be made: {reason}")
            }
            Self::ServiceWithoutRun { component } => {
                format!("`{component}` is the service, but does not export `wasi:cli/run`")
            }
            Self::UnusableSetting { setting, reason, line, column, .. } => {
                let place = match (line, column) {
                    (Some(line), Some(column)) => format!(" (line {line}, column {column})"),
                    _ => String::new(),
                };
                format!("`{setting}`{place} {reason}")
            }
        }
    }

    /// What to do about it, in one sentence.
    #[must_use]
    pub fn suggestion(&self) -> String {
        match self {
            Self::UnresolvedImport { component, import, near_misses, host_versions, .. } => {
                if !near_misses.is_empty() {
                    let exports: Vec<String> = near_misses
                        .iter()
                        .map(|miss| format!("`{}` of `{}`", miss.export, miss.component))
                        .collect();
                    return format!(
                        "{} is of another version: build both sides against the same one",
                        exports.join(", ")
                    );
                }
                if !host_versions.is_empty() {
                    return format!("the host has it in {}: rebuild against that", host_versions.join(", "));
                }
                format!(
                    "add a component that exports `{import}`, or a [[links]] row with from = \"{component}\", \
                     import = \"{import}\", to = \"stub\" to run without it"
                )
            }
            Self::AmbiguousImport { component, import, candidates } => format!(
                "choose with a [[links]] row: from = \"{component}\", import = \"{import}\", to = one of {}",
                name_list(candidates)
            ),
            Self::Cycle { .. } => "take one of them out, or link one of these imports to \"stub\"".to_owned(),
            Self::UnusableLink { .. } => {
                "correct or remove the [[links]] row; `jack inspect` lists a component's ports".to_owned()
            }
            Self::ServiceWithoutRun { component } => format!(
                "build `{component}` as a command (in Rust, a binary with `fn main`), or name another component"
            ),
            Self::UnusableSetting { help, .. } => help.clone(),
        }
    }
}

fn name_list(candidates: &[Candidate]) -> String {
    let names: Vec<String> =
        candidates.iter().map(|candidate| format!("`{}`", candidate.component)).collect();
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unresolved_import_names_component_import_and_what_would_satisfy_it() {
        let diagnostic = Diagnostic::UnresolvedImport {
            component: "hypotenuse".into(),
            import: "math:ops/square".into(),
            functions: vec!["square".into()],
            near_misses: Vec::new(),
            host_versions: Vec::new(),
        };
        assert_eq!(diagnostic.severity(), Severity::Error);
        assert!(diagnostic.message().contains("`hypotenuse` imports `math:ops/square` (for square)"));
        assert!(diagnostic.suggestion().starts_with("add a component that exports `math:ops/square`"));
    }

    #[test]
    fn a_cycle_shows_its_whole_path() {
        let diagnostic = Diagnostic::Cycle { path: vec!["a".into(), "b".into()] };
        assert!(diagnostic.message().ends_with("a → b → a"));
    }
}
