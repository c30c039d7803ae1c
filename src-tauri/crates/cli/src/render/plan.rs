//! How a workload is linked, and why.

use jackfield_protocol::{
    ComponentName, Entry, EntryKind, Function, InterfaceName, Link, LinkTarget, Node, Plan, Port, Rule,
    Severity, StubAnswer, Why, WorkloadView,
};

use super::error::add_diagnostic;
use super::{Size, column_width};
use crate::page::Page;
use crate::style::Role;

/// Names wider than this push what follows them to the right.
const WIDEST_NAME: usize = 40;

/// The whole plan.
pub(crate) fn page(view: &WorkloadView) -> Page {
    let mut page = Page::default();
    add_summary(&mut page, view);
    add_components(&mut page, &view.plan.nodes);
    add_links(&mut page, &view.plan);
    add_host_imports(&mut page, &view.plan);
    add_types(&mut page, &view.plan);
    add_entries(&mut page, &view.plan);
    if !view.plan.diagnostics.is_empty() {
        page.section("Problems");
        for diagnostic in &view.plan.diagnostics {
            add_diagnostic(&mut page, "  ", diagnostic);
        }
    }
    page
}

/// Only what is wrong or worth knowing.
pub(crate) fn findings(plan: &Plan) -> Page {
    let mut page = Page::default();
    for diagnostic in &plan.diagnostics {
        add_diagnostic(&mut page, "", diagnostic);
    }
    page
}

fn add_summary(page: &mut Page, view: &WorkloadView) {
    let errors = view.plan.diagnostics.iter().filter(|finding| finding.severity() == Severity::Error).count();
    let (role, verdict) = match errors {
        0 => (Role::Good, "can run".to_owned()),
        1 => (Role::Error, "cannot run: 1 error".to_owned()),
        count => (Role::Error, format!("cannot run: {count} errors")),
    };
    let namespace = view.namespace.as_ref().map(|name| format!("{name}/")).unwrap_or_default();
    page.line().plain(namespace).add(Role::Heading, &view.name).plain(" ").add(role, verdict);
    page.line().plain("  ").add(Role::Faint, view.location());
}

fn add_components(page: &mut Page, nodes: &[Node]) {
    page.section("Components");
    let names = column_width(nodes.iter().map(|node| node.name.as_str()), WIDEST_NAME);
    let sources = column_width(nodes.iter().map(|node| node.source.as_str()), WIDEST_NAME);
    for (position, node) in nodes.iter().enumerate() {
        let service = if node.is_service { "  service" } else { "" };
        page.line()
            .plain("  ")
            .add(Role::Component(position), format!("{:names$}", node.name))
            .plain(format!("  {:sources$}  ", node.source))
            .add(
                Role::Faint,
                format!("{}  {}", node.component.digest.short(), Size(node.component.size_in_bytes)),
            )
            .add(Role::Good, service);
    }
}

fn add_links(page: &mut Page, plan: &Plan) {
    page.section("Links");
    let is_between = |link: &&Link| !matches!(link.target, LinkTarget::Host { .. } | LinkTarget::Types);
    let links = plan.links.iter().filter(is_between);
    let mut any = false;
    for link in links {
        any = true;
        add_link(page, plan, link);
    }
    if !any {
        page.line().add(Role::Faint, "  none between components");
    }
}

fn add_link(page: &mut Page, plan: &Plan, link: &Link) {
    let line = page.line();
    line.plain("  ").add(role_of(plan, &link.consumer), &link.consumer).plain(format!(" {} → ", link.import));
    match &link.target {
        LinkTarget::Component { name, export } => {
            line.add(role_of(plan, name), name);
            if *export != link.import {
                line.plain(format!(" {export}"));
            }
        }
        LinkTarget::Host { plugin } => {
            line.plain(format!("host ({plugin})"));
        }
        LinkTarget::Types => {
            line.plain("nobody");
        }
        LinkTarget::Stub => {
            let rest = if link.answers.is_empty() { " (a call traps)" } else { " (other calls trap)" };
            line.add(Role::Warning, "stub").plain(rest);
        }
    }
    for StubAnswer { function, value } in &link.answers {
        page.line().plain(format!("    {function} answers {value}"));
    }
    page.line().plain("    ").add(Role::Faint, reason(&link.why));
    for other in &link.why.not_taken {
        page.line().plain("    ").add(Role::Faint, format!("not {other}"));
    }
}

/// Why a link is as it is, in one line.
fn reason(why: &Why) -> String {
    let mut text = match why.rule {
        Rule::Explicit => "as a [[links]] row says".to_owned(),
        Rule::SameName => "the only component that exports it".to_owned(),
        Rule::CompatibleVersion => "the only component that exports a compatible version".to_owned(),
        Rule::Chain => "the next in a chain of components that pass it on".to_owned(),
        Rule::HighestVersion => "the highest version of several that are compatible".to_owned(),
        Rule::HostPlugin => "the host has it".to_owned(),
        Rule::TypesAlone => "only types, which each component has itself".to_owned(),
    };
    if let (Some(import), Some(export)) = (&why.import_version, &why.export_version) {
        text.push_str(&format!("; wants {import}, gets {export}"));
    }
    text
}

/// One line for each component and package, since a component may import dozens of interfaces.
fn add_host_imports(page: &mut Page, plan: &Plan) {
    page.section("From the host");
    let mut any = false;
    for node in &plan.nodes {
        if add_packages(page, plan, &node.name, |target| matches!(target, LinkTarget::Host { .. })) {
            any = true;
            add_passed_over(page, plan, &node.name);
        }
    }
    if !any {
        page.line().add(Role::Faint, "  nothing");
    }
}

/// The imports that nothing goes over, so that none of them is missing here.
fn add_types(page: &mut Page, plan: &Plan) {
    if plan.links.iter().all(|link| link.target != LinkTarget::Types) {
        return;
    }
    page.section("Only types, which each component has itself");
    for node in &plan.nodes {
        add_packages(page, plan, &node.name, |target| *target == LinkTarget::Types);
    }
}

/// What a component imports of such targets. Whether there is anything.
fn add_packages(
    page: &mut Page,
    plan: &Plan,
    consumer: &ComponentName,
    is_it: impl Fn(&LinkTarget) -> bool,
) -> bool {
    let packages = packages(plan, consumer, is_it);
    if packages.is_empty() {
        return false;
    }
    page.line().plain("  ").add(role_of(plan, consumer), consumer);
    let width = column_width(packages.iter().map(|(package, _)| package.as_str()), WIDEST_NAME);
    for (package, interfaces) in &packages {
        let line = page.line().plain(format!("    {package:width$}  "));
        line.add(Role::Faint, interfaces.join(", "));
    }
    true
}

/// The components that have what a component imports from the host, and why it is not from them.
fn add_passed_over(page: &mut Page, plan: &Plan, consumer: &ComponentName) {
    let from_host =
        |link: &&Link| link.consumer == *consumer && matches!(link.target, LinkTarget::Host { .. });
    for link in plan.links.iter().filter(from_host) {
        for other in &link.why.not_taken {
            page.line().plain("    ").add(Role::Faint, format!("{}: not {other}", link.import));
        }
    }
}

/// What a component imports of such targets, by package and version, in the order of its imports.
fn packages(
    plan: &Plan,
    consumer: &ComponentName,
    is_it: impl Fn(&LinkTarget) -> bool,
) -> Vec<(String, Vec<String>)> {
    let mut packages: Vec<(String, Vec<String>)> = Vec::new();
    for link in plan.links.iter().filter(|link| link.consumer == *consumer) {
        if !is_it(&link.target) {
            continue;
        }
        let (package, interface) = match InterfaceName::parse(&link.import) {
            Some(InterfaceName { namespace, package, interface, version }) => {
                let version = version.map(|version| format!("@{version}")).unwrap_or_default();
                (format!("{namespace}:{package}{version}"), interface)
            }
            None => (String::new(), link.import.clone()),
        };
        match packages.iter_mut().find(|(known, _)| *known == package) {
            Some((_, interfaces)) => interfaces.push(interface),
            None => packages.push((package, vec![interface])),
        }
    }
    packages
}

fn add_entries(page: &mut Page, plan: &Plan) {
    page.section("Entries");
    if plan.entries.is_empty() {
        page.line().add(Role::Faint, "  none");
    }
    for entry in &plan.entries {
        page.line()
            .plain("  ")
            .add(role_of(plan, &entry.component), &entry.component)
            .plain(format!(" {}", entry.export))
            .add(Role::Faint, format!(" {}", use_of(plan, entry)));
    }
}

fn use_of(plan: &Plan, entry: &Entry) -> String {
    match entry.kind {
        EntryKind::Http => "answers HTTP requests".to_owned(),
        EntryKind::Run => "runs as a command".to_owned(),
        EntryKind::Functions => {
            let ports = plan.node(&entry.component).into_iter().flat_map(|node| node.component.exports());
            let functions = ports.filter(|port| port.name == entry.export).flat_map(Port::functions);
            let names: Vec<&str> = functions.map(Function::display_name).collect();
            format!("can be called: {}", names.join(", "))
        }
    }
}

fn role_of(plan: &Plan, name: &ComponentName) -> Role {
    plan.nodes.iter().position(|node| node.name == *name).map_or(Role::Plain, Role::Component)
}
