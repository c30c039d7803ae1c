//! Findings of a plan in words.

use crate::{Candidate, ComponentName, Diagnostic, Fix, LinkTarget, NotTaken};

/// What is wrong, in one sentence.
pub(crate) fn message(diagnostic: &Diagnostic) -> String {
    match diagnostic {
        Diagnostic::UnresolvedImport { component, import, functions, .. } => {
            let calls = match functions.as_slice() {
                [] => String::new(),
                names => format!(" (for {})", names.join(", ")),
            };
            format!("`{component}` imports `{import}`{calls}, and nothing in the workload or the host has it")
        }
        Diagnostic::MismatchedImport { component, import, candidates } => {
            format!(
                "`{component}` imports `{import}`, and what exports it does not fit: {}",
                listed(candidates, "; ")
            )
        }
        Diagnostic::AmbiguousImport { component, import, candidates } => format!(
            "`{component}` imports `{import}`, and {} components export it: {}",
            candidates.len(),
            name_list(candidates)
        ),
        Diagnostic::SplitResource {
            component, import, provider: LinkTarget::Stub, resource, wanted, ..
        } => format!(
            "the stub for `{import}` of `{component}` has a resource `{resource}` of its own, but `{component}` has \
             that resource from {}",
            maker(wanted)
        ),
        Diagnostic::SplitResource { component, import, provider, resource, wanted, offered, .. } => format!(
            "`{component}` imports `{import}`, and {} has it with the resource `{resource}` of {}, but \
             `{component}` has that resource from {}",
            maker(provider),
            maker(offered),
            maker(wanted)
        ),
        Diagnostic::Cycle { path, .. } => {
            let mut names: Vec<&str> = path.iter().map(ComponentName::as_str).collect();
            names.extend(path.first().map(ComponentName::as_str));
            format!("components need one another in a circle: {}", names.join(" → "))
        }
        Diagnostic::UnusableLink { component, import, problem } => {
            format!("the link from `{component}` for `{import}` cannot be made: {problem}")
        }
        Diagnostic::UnusableAnswer { component, import, function, problem } => {
            format!("the stub for `{import}` of `{component}` cannot answer `{function}`: {problem}")
        }
        Diagnostic::ServiceWithoutRun { component } => {
            format!("`{component}` is the service, but does not export `wasi:cli/run`")
        }
        Diagnostic::UnusableSetting { setting, reason, line, column, .. } => {
            let place = match (line, column) {
                (Some(line), Some(column)) => format!(" (line {line}, column {column})"),
                _ => String::new(),
            };
            format!("`{setting}`{place} {reason}")
        }
    }
}

/// What to do about it, in one sentence.
pub(crate) fn suggestion(diagnostic: &Diagnostic) -> String {
    match diagnostic {
        Diagnostic::UnresolvedImport { near_misses, host_versions, .. } => {
            if !near_misses.is_empty() {
                return format!("{}: {}", listed(near_misses, ", "), any_of(&diagnostic.fixes()));
            }
            if !host_versions.is_empty() {
                return format!("the host has it in {}: rebuild against that", host_versions.join(", "));
            }
            any_of(&diagnostic.fixes())
        }
        Diagnostic::AmbiguousImport { component, import, candidates } => format!(
            "choose with a [[links]] row: from = \"{component}\", import = \"{import}\", to = one of {}",
            name_list(candidates)
        ),
        Diagnostic::SplitResource { component, offered: LinkTarget::Component { name, .. }, .. }
            if name == component =>
        {
            format!(
                "link both imports of `{component}` to one component that has them both, or {}",
                any_of(&diagnostic.fixes())
            )
        }
        Diagnostic::Cycle { .. } => {
            format!("take one of them out, or break it with a stub: {}", any_of(&diagnostic.fixes()))
        }
        Diagnostic::UnusableLink { .. } => {
            "correct or remove the [[links]] row; `jack inspect` lists a component's ports".to_owned()
        }
        Diagnostic::ServiceWithoutRun { component } => format!(
            "build `{component}` as a command (in Rust, a binary with `fn main`), or name another component"
        ),
        Diagnostic::UnusableAnswer { problem, .. } => problem.help(),
        Diagnostic::UnusableSetting { help, .. } => help.clone(),
        _ => any_of(&diagnostic.fixes()),
    }
}

fn any_of(fixes: &[Fix]) -> String {
    let texts: Vec<String> = fixes.iter().map(Fix::to_string).collect();
    texts.join(", or ")
}

fn listed(misses: &[NotTaken], separator: &str) -> String {
    let texts: Vec<String> = misses.iter().map(NotTaken::to_string).collect();
    texts.join(separator)
}

fn maker(target: &LinkTarget) -> String {
    match target {
        LinkTarget::Component { name, .. } => format!("`{name}`"),
        LinkTarget::Host { plugin } => format!("the host ({plugin})"),
        LinkTarget::Stub => "a stub".to_owned(),
        LinkTarget::Types => "nobody".to_owned(),
    }
}

fn name_list(candidates: &[Candidate]) -> String {
    let names: Vec<String> =
        candidates.iter().map(|candidate| format!("`{}`", candidate.component)).collect();
    names.join(", ")
}
