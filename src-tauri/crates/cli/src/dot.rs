//! A plan as a graph in Graphviz's language (<https://graphviz.org/doc/info/lang.html>).
//!
//! Components are boxes. What the host provides is one node for each plugin, since a component may
//! import dozens of interfaces. What is stubbed or missing is a node of its own.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use jackfield_protocol::{Diagnostic, LinkTarget, Plan, WorkloadView};

use crate::sanitize;

/// The whole graph.
pub(crate) fn graph(view: &WorkloadView) -> String {
    let mut text = String::new();
    text.push_str(&format!("digraph {} {{\n", quoted(&view.name)));
    text.push_str("  rankdir=LR;\n  node [shape=box, style=rounded, fontname=\"sans-serif\"];\n");
    text.push_str("  edge [fontname=\"sans-serif\", fontsize=10];\n");
    add_components(&mut text, &view.plan);
    add_links(&mut text, &view.plan);
    add_host(&mut text, &view.plan);
    add_missing(&mut text, &view.plan);
    text.push_str("}\n");
    text
}

fn add_components(text: &mut String, plan: &Plan) {
    for node in &plan.nodes {
        let lines = format!("{}\n{}", node.name, node.component.digest.short());
        let width = if node.is_service { 2 } else { 1 };
        add(
            text,
            &format!("{} [label={}, penwidth={width}];", component(node.name.as_str()), quoted(&lines)),
        );
    }
}

fn add_links(text: &mut String, plan: &Plan) {
    for link in &plan.links {
        let consumer = component(link.consumer.as_str());
        let label = quoted(&link.import);
        match &link.target {
            LinkTarget::Component { name, .. } => {
                add(text, &format!("{consumer} -> {} [label={label}];", component(name.as_str())));
            }
            LinkTarget::Stub => {
                let id = quoted(&format!("stub {} {}", link.consumer, link.import));
                add(text, &format!("{id} [label=\"stub\", style=dashed];"));
                add(text, &format!("{consumer} -> {id} [label={label}, style=dashed];"));
            }
            LinkTarget::Host { .. } | LinkTarget::Types => {}
        }
    }
}

fn add_host(text: &mut String, plan: &Plan) {
    let mut counts: BTreeMap<(usize, &str), usize> = BTreeMap::new();
    for link in &plan.links {
        let position = plan.nodes.iter().position(|node| node.name == link.consumer);
        if let (LinkTarget::Host { plugin }, Some(position)) = (&link.target, position) {
            *counts.entry((position, plugin)).or_default() += 1;
        }
    }
    let mut plugins: Vec<&str> = counts.keys().map(|(_, plugin)| *plugin).collect();
    plugins.sort_unstable();
    plugins.dedup();
    for plugin in plugins {
        add(text, &format!("{} [label={}, shape=component];", host(plugin), quoted(plugin)));
    }
    for ((position, plugin), count) in counts {
        let Some(node) = plan.nodes.get(position) else { continue };
        let label = if count == 1 { "1 interface" } else { &format!("{count} interfaces") };
        add(
            text,
            &format!(
                "{} -> {} [label={}, color=gray];",
                component(node.name.as_str()),
                host(plugin),
                quoted(label)
            ),
        );
    }
}

fn add_missing(text: &mut String, plan: &Plan) {
    for diagnostic in &plan.diagnostics {
        let (Diagnostic::UnresolvedImport { component: consumer, import, .. }
        | Diagnostic::MismatchedImport { component: consumer, import, .. }
        | Diagnostic::SplitResource { component: consumer, import, .. }
        | Diagnostic::AmbiguousImport { component: consumer, import, .. }) = diagnostic
        else {
            continue;
        };
        let id = quoted(&format!("missing {consumer} {import}"));
        add(text, &format!("{id} [label=\"?\", color=red, fontcolor=red];"));
        let consumer = component(consumer.as_str());
        add(text, &format!("{consumer} -> {id} [label={}, color=red];", quoted(import)));
    }
}

fn add(text: &mut String, statement: &str) {
    // Writing to a string cannot fail.
    let _ = writeln!(text, "  {statement}");
}

fn component(name: &str) -> String {
    quoted(&format!("component {name}"))
}

fn host(plugin: &str) -> String {
    quoted(&format!("host {plugin}"))
}

/// `text` as a quoted string, in which nothing is an escape but the line breaks.
fn quoted(text: &str) -> String {
    let lines: Vec<String> = text
        .split('\n')
        .map(|line| sanitize::line(line).replace('\\', "\\\\").replace('"', "\\\""))
        .collect();
    format!("\"{}\"", lines.join("\\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cannot_end_their_quotes() {
        assert_eq!(quoted(r#"a"]; b \"#), r#""a\"]; b \\""#);
        assert_eq!(quoted("two\nlines\u{1b}[2J"), r#""two\nlines^[[2J""#);
    }
}
