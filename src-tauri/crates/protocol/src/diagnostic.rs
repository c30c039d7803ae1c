//! What a plan has to say: typed, so that the terminal's text, the window's badges and the JSON
//! come from the same value.
//!
//! In JSON a finding has its severity, message, suggestion and fixes beside its own fields, for readers
//! that have no Rust. They are made from the fields and not read back.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::diagnostic_text;
use crate::{
    AnswerProblem, Candidate, ComponentName, Edit, EditLinkEnd, Fix, LinkTarget, NotTaken, Reason, RowProblem,
};

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
#[serde(remote = "Self", rename_all = "kebab-case", rename_all_fields = "kebab-case")]
pub enum Diagnostic {
    /// Nothing in the workload or the host has what a component imports.
    UnresolvedImport {
        /// The component that imports.
        component: ComponentName,
        /// The import's name in its binary.
        import: String,
        /// The functions that the component would call.
        functions: Vec<String>,
        /// Exports of the same interface that do not fit, because of their version or because they are
        /// the component's own.
        near_misses: Vec<NotTaken>,
        /// Versions of the interface that the host has, if it has any.
        host_versions: Vec<String>,
    },
    /// What a component imports is exported, but with other types.
    MismatchedImport {
        /// The component that imports.
        component: ComponentName,
        /// The import's name in its binary.
        import: String,
        /// What exports it, and where the types differ; in the order of the workload file.
        candidates: Vec<NotTaken>,
    },
    /// Several components export what a component imports, and none goes before the others.
    AmbiguousImport {
        /// The component that imports.
        component: ComponentName,
        /// The import's name in its binary.
        import: String,
        /// Every component that could be meant, in the order of the workload file.
        candidates: Vec<Candidate>,
    },
    /// A resource that goes through an import is made in one place, and the component has the resource of
    /// that name from another. Handles cannot pass from one to the other.
    SplitResource {
        /// The component that imports.
        component: ComponentName,
        /// The import through which the resource goes.
        import: String,
        /// What the import would be linked to.
        provider: LinkTarget,
        /// The resource's name.
        resource: String,
        /// The other import, from which the component has the resource.
        types_import: String,
        /// Where the component has the resource from.
        wanted: LinkTarget,
        /// Where the provider has it from.
        offered: LinkTarget,
    },
    /// Components need one another in a circle, so that none can be instantiated first.
    Cycle {
        /// The circle: each needs the next, and the last needs the first.
        path: Vec<ComponentName>,
        /// For each of them, one import through which it needs the next.
        imports: Vec<String>,
    },
    /// A `[[links]]` row that no import answers to, or whose target does not have what is imported.
    UnusableLink {
        /// The row's `from`.
        component: ComponentName,
        /// The row's `import`.
        import: String,
        /// What is wrong with it.
        problem: RowProblem,
    },
    /// A stub cannot give the answer that the workload file has for a function.
    UnusableAnswer {
        /// The component that imports.
        component: ComponentName,
        /// The import's name in its binary.
        import: String,
        /// The function, as the file names it.
        function: String,
        /// What is wrong with it.
        problem: AnswerProblem,
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
            | Self::MismatchedImport { component, .. }
            | Self::AmbiguousImport { component, .. }
            | Self::SplitResource { component, .. }
            | Self::UnusableLink { component, .. }
            | Self::UnusableAnswer { component, .. }
            | Self::ServiceWithoutRun { component } => Some(component),
            Self::Cycle { path, .. } => path.first(),
            Self::UnusableSetting { .. } => None,
        }
    }

    /// The import it is about, where it is about one.
    #[must_use]
    pub fn import(&self) -> Option<&str> {
        match self {
            Self::UnresolvedImport { import, .. }
            | Self::MismatchedImport { import, .. }
            | Self::AmbiguousImport { import, .. }
            | Self::SplitResource { import, .. }
            | Self::UnusableLink { import, .. }
            | Self::UnusableAnswer { import, .. } => Some(import),
            _ => None,
        }
    }

    /// What is wrong, in one sentence.
    #[must_use]
    pub fn message(&self) -> String {
        diagnostic_text::message(self)
    }

    /// What to do about it, in one sentence that names the first of [`Self::fixes`].
    #[must_use]
    pub fn suggestion(&self) -> String {
        diagnostic_text::suggestion(self)
    }

    /// What would make it go away, the likeliest first.
    #[must_use]
    pub fn fixes(&self) -> Vec<Fix> {
        match self {
            Self::UnresolvedImport { component, import, near_misses, host_versions, .. } => {
                let mut fixes = rebuilds(component, near_misses);
                let in_host = |version: &String| Fix::Rebuild {
                    component: component.clone(),
                    against: with_version(import, version),
                };
                fixes.extend(host_versions.iter().map(in_host));
                fixes.push(Fix::AddProvider { export: import.clone() });
                fixes.push(Fix::link(component, import, EditLinkEnd::Stub));
                fixes
            }
            Self::MismatchedImport { component, import, candidates } => {
                let mut fixes = rebuilds(component, candidates);
                fixes.push(Fix::link(component, import, EditLinkEnd::Stub));
                fixes
            }
            Self::AmbiguousImport { component, import, candidates } => {
                let to = |name: &ComponentName| EditLinkEnd::Component(name.clone());
                candidates.iter().map(|it| Fix::link(component, import, to(&it.component))).collect()
            }
            Self::SplitResource { component, import, types_import, wanted, offered, .. } => match offered {
                LinkTarget::Component { name, .. } if name != component => {
                    vec![Fix::link(component, types_import, EditLinkEnd::Component(name.clone()))]
                }
                LinkTarget::Host { .. } => vec![Fix::link(component, types_import, EditLinkEnd::Host)],
                // What is the host's is in many of its interfaces, and they would all have to be stubs.
                LinkTarget::Stub if matches!(wanted, LinkTarget::Host { .. }) => {
                    vec![Fix::unlink(component, import)]
                }
                LinkTarget::Stub => vec![Fix::link(component, types_import, EditLinkEnd::Stub)],
                // The component's own: it cannot be linked to itself.
                _ => vec![Fix::link(component, import, EditLinkEnd::Stub)],
            },
            Self::Cycle { path, imports } => {
                let stub = |(name, import): (_, &String)| Fix::link(name, import, EditLinkEnd::Stub);
                path.iter().zip(imports).map(stub).collect()
            }
            Self::UnusableLink { component, import, .. } => vec![Fix::unlink(component, import)],
            Self::UnusableAnswer { component, import, function, .. } => {
                vec![Fix::Edit(Edit::SetAnswer {
                    component: component.clone(),
                    import: import.clone(),
                    function: function.clone(),
                    answer: None,
                })]
            }
            Self::ServiceWithoutRun { component } => {
                vec![Fix::BuildAsCommand { component: component.clone() }, Fix::Edit(Edit::SetService(None))]
            }
            Self::UnusableSetting { setting, .. } => vec![Fix::RemoveSetting { setting: setting.clone() }],
        }
    }
}

/// Building the importing component against what there is.
fn rebuilds(component: &ComponentName, near_misses: &[NotTaken]) -> Vec<Fix> {
    let rebuild = |miss: &NotTaken| {
        let LinkTarget::Component { export, .. } = &miss.target else { return None };
        let is_other = matches!(miss.reason, Reason::OtherVersion | Reason::Mismatch(_));
        is_other.then(|| Fix::Rebuild { component: component.clone(), against: export.clone() })
    };
    let mut fixes: Vec<Fix> = near_misses.iter().filter_map(rebuild).collect();
    // Two providers of the same version differ from the import alike.
    let mut seen = Vec::new();
    fixes.retain(|fix| !seen.contains(fix) && (seen.push(fix.clone()), true).1);
    fixes
}

fn with_version(import: &str, version: &str) -> String {
    let name = import.split_once('@').map_or(import, |(name, _)| name);
    format!("{name}@{version}")
}

/// What JSON has of a finding.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Written<'a> {
    #[serde(flatten, serialize_with = "Diagnostic::serialize")]
    diagnostic: &'a Diagnostic,
    severity: Severity,
    message: String,
    suggestion: String,
    fixes: Vec<Fix>,
}

/// What is read of it.
#[derive(Deserialize)]
struct Read {
    #[serde(flatten, deserialize_with = "Diagnostic::deserialize")]
    diagnostic: Diagnostic,
}

impl Serialize for Diagnostic {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let written = Written {
            diagnostic: self,
            severity: self.severity(),
            message: self.message(),
            suggestion: self.suggestion(),
            fixes: self.fixes(),
        };
        Serialize::serialize(&written, serializer)
    }
}

impl<'de> Deserialize<'de> for Diagnostic {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        <Read as Deserialize>::deserialize(deserializer).map(|read| read.diagnostic)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unresolved() -> Diagnostic {
        Diagnostic::UnresolvedImport {
            component: "hypotenuse".into(),
            import: "math:ops/square".into(),
            functions: vec!["square".into()],
            near_misses: Vec::new(),
            host_versions: Vec::new(),
        }
    }

    #[test]
    fn an_unresolved_import_names_component_import_and_what_would_satisfy_it() {
        let diagnostic = unresolved();
        assert_eq!(diagnostic.severity(), Severity::Error);
        assert!(diagnostic.message().contains("`hypotenuse` imports `math:ops/square` (for square)"));
        assert!(diagnostic.suggestion().starts_with("add a component that exports `math:ops/square`"));
    }

    #[test]
    fn a_cycle_shows_its_whole_path_and_where_it_can_be_broken() {
        let diagnostic = Diagnostic::Cycle {
            path: vec!["a".into(), "b".into()],
            imports: vec!["x:y/b".into(), "x:y/a".into()],
        };
        assert!(diagnostic.message().ends_with("a → b → a"));
        assert_eq!(diagnostic.fixes()[1], Fix::link(&"b".into(), "x:y/a", EditLinkEnd::Stub));
    }

    #[test]
    fn json_tells_all_and_is_read_back() {
        let ambiguous = Diagnostic::AmbiguousImport {
            component: "c".into(),
            import: "i".into(),
            candidates: vec![Candidate { component: "a".into(), export: "i".into() }],
        };
        for diagnostic in [unresolved(), ambiguous] {
            let json = serde_json::to_value(&diagnostic).expect("JSON");
            assert_eq!(json["message"], diagnostic.message());
            assert_eq!(json["severity"], "error");
            assert!(json["fixes"].as_array().is_some_and(|fixes| !fixes.is_empty()));
            assert_eq!(serde_json::from_value::<Diagnostic>(json).expect("a diagnostic"), diagnostic);
        }
    }
}
