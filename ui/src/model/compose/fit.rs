//! Which exports could satisfy an import, and what the user can choose for it. The window shows this
//! while a wire is pulled; the workbench decides.

use jackfield_protocol::{
    ComponentName, Diagnostic, Direction, EditLinkEnd, LinkTarget, Plan, Port, PortKind, RowProblem, Rule,
};

use super::PortRef;

/// How well an export fits an import.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fit {
    /// Not at all.
    No,
    /// It is the same interface in a version that is not compatible.
    OtherVersion,
    /// By its name and version.
    Yes,
}

/// How well an export fits an import.
fn fit(import: &Port, export: &Port) -> Fit {
    let is_same_kind = matches!(
        (&import.kind, &export.kind),
        (PortKind::Instance { .. }, PortKind::Instance { .. })
            | (PortKind::Function(_), PortKind::Function(_))
    );
    if !is_same_kind {
        return Fit::No;
    }
    if import.name == export.name {
        return Fit::Yes;
    }
    match (import.interface_name(), export.interface_name()) {
        (Some(wanted), Some(offered)) if wanted.unversioned() == offered.unversioned() => {
            let track = |version: &Option<String>| version.as_deref().and_then(track);
            match (track(&wanted.version), track(&offered.version)) {
                (Some(wanted), Some(offered)) if wanted == offered => Fit::Yes,
                _ => Fit::OtherVersion,
            }
        }
        _ => Fit::No,
    }
}

/// What compatible versions have in common: up to the first number that is not 0. Pre-releases promise
/// nothing and have none.
fn track(version: &str) -> Option<(u64, u64, u64)> {
    let release = version.split_once('+').map_or(version, |(release, _)| release);
    let mut numbers = release.split('.').map(str::parse::<u64>);
    let (major, minor, patch) = (numbers.next()?.ok()?, numbers.next()?.ok()?, numbers.next()?.ok()?);
    if numbers.next().is_some() {
        return None;
    }
    Some(match (major, minor) {
        (0, 0) => (0, 0, patch),
        (0, minor) => (0, minor, 0),
        (major, _) => (major, 0, 0),
    })
}

/// How well a wire from one port to another would fit.
#[must_use]
pub fn fit_of_wire(plan: &Plan, a: &PortRef, b: &PortRef) -> Fit {
    let (import, export) = match (a.direction, b.direction) {
        (Direction::Import, Direction::Export) => (a, b),
        (Direction::Export, Direction::Import) => (b, a),
        _ => return Fit::No,
    };
    if import.component == export.component {
        return Fit::No;
    }
    let ports = port(plan, import).zip(port(plan, export));
    ports.map_or(Fit::No, |(import, export)| fit(import, export))
}

fn port<'a>(plan: &'a Plan, wanted: &PortRef) -> Option<&'a Port> {
    let mut ports = plan.node(&wanted.component)?.component.ports.iter();
    ports.find(|port| port.direction == wanted.direction && port.name == wanted.name)
}

/// The port of a component that a wire fits, where it was let go on the card and not on a port.
#[must_use]
pub fn only_fit(plan: &Plan, pulled: &PortRef, component: &ComponentName) -> Option<PortRef> {
    let node = plan.node(component)?;
    let ports = node.component.ports.iter().map(|port| PortRef {
        component: component.clone(),
        direction: port.direction,
        name: port.name.clone(),
    });
    let fits: Vec<(Fit, PortRef)> = ports.map(|port| (fit_of_wire(plan, pulled, &port), port)).collect();
    let best = fits.iter().map(|(fit, _)| *fit).max().filter(|fit| *fit != Fit::No)?;
    let mut fits = fits.into_iter().filter(|(fit, _)| *fit == best);
    let (_, port) = fits.next()?;
    fits.next().is_none().then_some(port)
}

/// Something that an import can be linked to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkChoice {
    /// What the button says.
    pub text: String,
    /// Nothing to leave it to the rules.
    pub to: Option<EditLinkEnd>,
    /// Whether it would fit.
    pub fit: Fit,
}

impl LinkChoice {
    fn new(text: impl Into<String>, to: Option<EditLinkEnd>) -> Self {
        Self { text: text.into(), to, fit: Fit::Yes }
    }
}

/// What an import can be linked to beside what it is linked to: components first, in the order of the
/// plan, then the host, a stub, and the rules.
#[must_use]
pub fn choices(plan: &Plan, consumer: &ComponentName, import: &str) -> Vec<LinkChoice> {
    let target = plan.link(consumer, import).map(|link| &link.target);
    let own = PortRef { component: consumer.clone(), direction: Direction::Import, name: import.to_owned() };
    let is_target = |name: &ComponentName| matches!(target, Some(LinkTarget::Component { name: target, .. }) if target == name);
    let others = plan.nodes.iter().filter(|node| !is_target(&node.name)).filter_map(|node| {
        let exports = node.component.exports().map(|port| PortRef {
            component: node.name.clone(),
            direction: Direction::Export,
            name: port.name.clone(),
        });
        let fit = exports.map(|export| fit_of_wire(plan, &own, &export)).max()?;
        let text = match fit {
            Fit::No => return None,
            Fit::OtherVersion => format!("Link to {}, another version", node.name),
            Fit::Yes => format!("Link to {}", node.name),
        };
        Some(LinkChoice { text, to: Some(EditLinkEnd::Component(node.name.clone())), fit })
    });
    let mut choices: Vec<LinkChoice> = others.collect();
    if !matches!(target, Some(LinkTarget::Host { .. })) && may_be_host(plan, consumer, import) {
        choices.push(LinkChoice::new("Link to the host", Some(EditLinkEnd::Host)));
    }
    if target != Some(&LinkTarget::Stub) {
        choices.push(LinkChoice::new("Link to a stub", Some(EditLinkEnd::Stub)));
    }
    if is_explicit(plan, consumer, import) {
        choices.push(LinkChoice::new("Leave to the rules", None));
    }
    choices
}

/// Whether the host has what is imported, as far as the plan tells: it names the host among what was not taken, and
/// of an import without a link it says that there is nothing.
#[must_use]
pub fn may_be_host(plan: &Plan, consumer: &ComponentName, import: &str) -> bool {
    if let Some(link) = plan.link(consumer, import) {
        let is_host = |target: &LinkTarget| matches!(target, LinkTarget::Host { .. });
        return is_host(&link.target) || link.why.not_taken.iter().any(|other| is_host(&other.target));
    }
    let is_none = |found: &Diagnostic| match found {
        Diagnostic::UnresolvedImport { component, import: of, .. }
        | Diagnostic::MismatchedImport { component, import: of, .. } => component == consumer && of == import,
        Diagnostic::UnusableLink { component, import: of, problem: RowProblem::NotInHost { .. } } => {
            component == consumer && of == import
        }
        // Here the plan does not say. What components export and the host has as well is mostly WASI's.
        Diagnostic::AmbiguousImport { component, import: of, .. } => {
            component == consumer && of == import && !import.starts_with("wasi:")
        }
        _ => false,
    };
    import.contains(':') && !plan.diagnostics.iter().any(is_none)
}

/// Whether a row of the workload file says what the import is linked to, possible or not.
fn is_explicit(plan: &Plan, consumer: &ComponentName, import: &str) -> bool {
    let is_row = |found: &Diagnostic| {
        matches!(found, Diagnostic::UnusableLink { component, import: of, .. }
            if component == consumer && of == import)
    };
    plan.link(consumer, import).is_some_and(|link| link.why.rule == Rule::Explicit)
        || plan.diagnostics.iter().any(is_row)
}

#[cfg(test)]
mod tests {
    use jackfield_protocol::{NotTaken, Reason};

    use super::*;

    fn instance(direction: Direction, name: &str) -> Port {
        let kind = PortKind::Instance { functions: Vec::new(), types: Vec::new(), resources: Vec::new() };
        Port { direction, name: name.to_owned(), kind, implements: None, docs: None }
    }

    #[test]
    fn an_export_fits_by_interface_and_version() {
        for (import, export, expected) in [
            ("math:ops/square", "math:ops/square", Fit::Yes),
            ("math:ops/square@1.0.0", "math:ops/square@1.9.1", Fit::Yes),
            ("math:ops/square@0.2.0", "math:ops/square@0.2.7", Fit::Yes),
            ("math:ops/square@0.2.0", "math:ops/square@0.3.0", Fit::OtherVersion),
            ("math:ops/square@1.0.0", "math:ops/square", Fit::OtherVersion),
            ("math:ops/square@1.0.0-rc.1", "math:ops/square@1.0.0", Fit::OtherVersion),
            ("math:ops/square", "math:ops/root", Fit::No),
        ] {
            let found = fit(&instance(Direction::Import, import), &instance(Direction::Export, export));
            assert_eq!(found, expected, "{import} {export}");
        }
    }

    #[test]
    fn an_import_offers_the_components_that_export_it() {
        let view = crate::tests::cron();
        let texts = |import: &str| -> Vec<String> {
            choices(&view.plan, &"ticker".into(), import).into_iter().map(|choice| choice.text).collect()
        };
        assert_eq!(texts("jackfield:cron/job"), ["Link to a stub"], "the host has no such thing");
        assert_eq!(texts("wasi:cli/stdout@0.2.6"), ["Link to a stub"], "it is linked there already");
        let mut view = view.clone();
        view.plan.links.clear();
        let offered = choices(&view.plan, &"ticker".into(), "jackfield:cron/job");
        assert_eq!(offered[0].to, Some(EditLinkEnd::Component("job".into())));
    }

    #[test]
    fn the_host_is_offered_where_the_plan_says_that_it_has_it() {
        let mut plan = crate::tests::cron().plan;
        let (ticker, import) = ("ticker".into(), "jackfield:cron/job");
        assert!(!may_be_host(&plan, &ticker, import));
        plan.links[0].why.not_taken.push(NotTaken {
            target: LinkTarget::Host { plugin: "cron".to_owned() },
            version: None,
            reason: Reason::ComponentsFirst,
        });
        assert!(may_be_host(&plan, &ticker, import));
        plan.links.remove(0);
        let unresolved = Diagnostic::UnresolvedImport {
            component: ticker.clone(),
            import: import.to_owned(),
            functions: Vec::new(),
            near_misses: Vec::new(),
            host_versions: Vec::new(),
        };
        plan.diagnostics.push(unresolved);
        assert!(!may_be_host(&plan, &ticker, import));
    }
}
