//! Which link a span went over, and which site a link or a component is.

use jackfield_protocol::{ComponentName, Link, LinkTarget, Plan, ProbeSite, Provider, Span};

/// The site of a link.
#[must_use]
pub fn link_site(link: &Link) -> ProbeSite {
    ProbeSite::Link { consumer: link.consumer.clone(), import: link.import.clone() }
}

/// The site of the calls from outside into a component.
#[must_use]
pub fn entry_site(component: &ComponentName) -> ProbeSite {
    ProbeSite::Entry(component.clone())
}

/// Whether calls from outside can come into a component.
#[must_use]
pub fn has_entry(plan: &Plan, component: &ComponentName) -> bool {
    plan.entries.iter().any(|entry| entry.component == *component)
}

/// The link that a span went over, if the plan has it. A name with a version and the same one without are one.
#[must_use]
pub fn link_of_span<'a>(plan: &'a Plan, span: &Span) -> Option<&'a Link> {
    let consumer = span.consumer.as_ref()?;
    let (interface, _) = span.function.split_once('#').unwrap_or((&span.function, ""));
    let mut candidates = plan.links.iter().filter(|link| {
        link.consumer == *consumer
            && match (&link.target, &span.provider) {
                (LinkTarget::Component { name, .. }, Provider::Component(provider)) => name == provider,
                (LinkTarget::Host { plugin }, Provider::Host(host)) => **plugin == **host,
                (LinkTarget::Stub, _) => true,
                _ => false,
            }
    });
    let first = candidates.clone().find(|link| {
        let export = match &link.target {
            LinkTarget::Component { export, .. } => export.as_str(),
            _ => "",
        };
        [link.import.as_str(), export]
            .iter()
            .any(|name| *name == interface || without_version(name) == without_version(interface))
    });
    // A host call may tell of its method and path alone; if there is but one link to the plugin, it is that one.
    first.or_else(|| {
        let only = candidates.next()?;
        candidates.next().is_none().then_some(only)
    })
}

fn without_version(name: &str) -> &str {
    name.split_once('@').map_or(name, |(name, _)| name)
}
