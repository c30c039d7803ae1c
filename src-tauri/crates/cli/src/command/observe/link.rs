//! Which link is meant by what people write.

use jackfield_protocol::{Error, ErrorKind, Link, LinkTarget, Plan, Port, ProbeSite};

/// A link, or one function of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Meant {
    pub(super) site: ProbeSite,
    pub(super) function: Option<String>,
}

/// The link that `wanted` means.
///
/// # Errors
/// If it means none or more than one; the error lists those that there are.
pub(super) fn find(plan: &Plan, wanted: &str) -> Result<Meant, Error> {
    let meant = all(plan, wanted);
    match meant.as_slice() {
        [only] => Ok(only.clone()),
        [] => Err(no_function(plan, wanted).unwrap_or_else(|| {
            let message = format!("no link is called `{wanted}`");
            Error::new(ErrorKind::Arguments, message).with_help(known(links(plan)))
        })),
        _ => {
            let links = links(plan).filter(|link| meant.iter().any(|meant| meant.site == site(link)));
            let message = format!("`{wanted}` means more than one link");
            Err(Error::new(ErrorKind::Arguments, message).with_help(known(links)))
        }
    }
}

/// If it names a link, and behind it a function that the link does not have.
fn no_function(plan: &Plan, wanted: &str) -> Option<Error> {
    let (port, name, function) = [full_names, short_names, shortest_names].into_iter().find_map(|names| {
        links(plan).find_map(|link| {
            let is_called = |name: &String| {
                let function = wanted.strip_prefix(name.as_str())?.strip_prefix([':', '#'])?;
                Some((name.clone(), function))
            };
            let (name, function) = names(link).iter().find_map(is_called)?;
            Some((port(plan, link)?, name, function))
        })
    })?;
    let known: Vec<String> =
        port.functions().iter().map(|function| format!("`{}`", function.display_name())).collect();
    let help = match known.as_slice() {
        [] => "it has no functions".to_owned(),
        known => format!("its functions are {}", known.join(", ")),
    };
    let message = format!("the link `{name}` has no function `{function}`");
    Some(Error::new(ErrorKind::Arguments, message).with_help(help))
}

/// The links that calls can go over.
fn links(plan: &Plan) -> impl Iterator<Item = &Link> {
    plan.links.iter().filter(|link| link.target != LinkTarget::Types)
}

/// The import that a link is for.
fn port<'p>(plan: &'p Plan, link: &Link) -> Option<&'p Port> {
    plan.node(&link.consumer)?.component.imports().find(|port| port.name == link.import)
}

/// Every link that `wanted` could mean; a name in full leaves no doubt.
fn all(plan: &Plan, wanted: &str) -> Vec<Meant> {
    for names in [full_names, short_names, shortest_names] {
        let meant: Vec<Meant> =
            links(plan).filter_map(|link| meant(plan, link, &names(link), wanted)).collect();
        if !meant.is_empty() {
            return meant;
        }
    }
    Vec::new()
}

fn meant(plan: &Plan, link: &Link, names: &[String], wanted: &str) -> Option<Meant> {
    if names.iter().any(|name| name == wanted) {
        return Some(Meant { site: site(link), function: None });
    }
    names.iter().find_map(|name| {
        let function = wanted.strip_prefix(name.as_str())?.strip_prefix([':', '#'])?;
        let function = function_named(port(plan, link)?, function)?;
        Some(Meant { site: site(link), function: Some(function) })
    })
}

fn function_named(port: &Port, wanted: &str) -> Option<String> {
    let mut functions = port.functions().iter();
    let found = functions.find(|function| function.name == wanted || function.display_name() == wanted);
    found.map(|function| function.name.clone())
}

fn site(link: &Link) -> ProbeSite {
    ProbeSite::Link { consumer: link.consumer.clone(), import: link.import.clone() }
}

fn full_names(link: &Link) -> Vec<String> {
    vec![format!("{}/{}", link.consumer, link.import)]
}

fn short_names(link: &Link) -> Vec<String> {
    let (unversioned, last) = parts(&link.import);
    let mut names = vec![format!("{}/{unversioned}", link.consumer), format!("{}/{last}", link.consumer)];
    if let Some(provider) = provider(link) {
        names.push(format!("{}->{provider}", link.consumer));
        names.push(format!("{} -> {provider}", link.consumer));
    }
    names
}

fn shortest_names(link: &Link) -> Vec<String> {
    let (unversioned, last) = parts(&link.import);
    let provider = provider(link).map(str::to_owned);
    [Some(link.import.clone()), Some(unversioned.to_owned()), Some(last.to_owned()), provider]
        .into_iter()
        .flatten()
        .collect()
}

/// An import's name without its version, and the last part of that.
fn parts(import: &str) -> (&str, &str) {
    let unversioned = import.split_once('@').map_or(import, |(name, _)| name);
    (unversioned, unversioned.rsplit_once('/').map_or(unversioned, |(_, last)| last))
}

fn provider(link: &Link) -> Option<&str> {
    match &link.target {
        LinkTarget::Component { name, .. } => Some(name.as_str()),
        LinkTarget::Host { plugin } => Some(plugin),
        _ => None,
    }
}

/// The links by their full names; those between components first, because they are what people mean.
fn known<'a>(links: impl Iterator<Item = &'a Link>) -> String {
    let mut links: Vec<&Link> = links.collect();
    links.sort_by_key(|link| !matches!(link.target, LinkTarget::Component { .. }));
    let mut lines: Vec<String> = links
        .iter()
        .map(|link| {
            let to = provider(link).map(|provider| format!("  (-> {provider})")).unwrap_or_default();
            format!("{}/{}{to}", link.consumer, link.import)
        })
        .collect();
    if lines.is_empty() {
        return "the workload has no links".to_owned();
    }
    lines.insert(0, "the links are:".to_owned());
    lines.join("\n")
}
