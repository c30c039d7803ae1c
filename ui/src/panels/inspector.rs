//! The right panel: all about what is selected.

use egui::{CollapsingHeader, Label, RichText, ScrollArea, Ui};
use jackfield_protocol::{Direction, Function, Link, LinkTarget, Node, Plan, Port};

use super::widgets::{dim, empty, heading};
use crate::action::{Action, Selection};
use crate::canvas::tooltip;
use crate::model::OpenWorkload;
use crate::text;
use crate::theme::{self, words};

pub(super) fn show(ui: &mut Ui, workload: &OpenWorkload, actions: &mut Vec<Action>) {
    let plan = &workload.view.plan;
    ScrollArea::vertical().auto_shrink([false, false]).show(ui, |ui| match &workload.selection {
        None => empty(ui, words::NOTHING_SELECTED),
        Some(Selection::Component(name)) => {
            if let Some(node) = plan.node(name) {
                component(ui, workload, node, actions);
            }
        }
        Some(Selection::Link { consumer, import }) => {
            if let Some(link) = plan.link(consumer, import) {
                one_link(ui, link, actions);
            }
        }
    });
}

fn component(ui: &mut Ui, workload: &OpenWorkload, node: &Node, actions: &mut Vec<Action>) {
    let (plan, info) = (&workload.view.plan, &node.component);
    ui.heading(node.name.as_str());
    ui.label(dim(ui, if node.is_service { "service" } else { "component" }));
    for listening in workload.view.listening.iter().filter(|listening| listening.component == node.name) {
        address(ui, &listening.url, actions);
    }
    fact(ui, "Source", &node.source);
    ui.horizontal_wrapped(|ui| {
        fact(ui, "Digest", &format!("sha256:{}…", info.digest.short())).on_hover_text(info.digest.as_str());
        if ui.small_button("Copy digest").clicked() {
            actions.push(Action::Copy(info.digest.to_string()));
        }
    });
    fact(ui, "Size", &text::size(info.size_in_bytes)).on_hover_text(format!("{} bytes", info.size_in_bytes));
    for producer in &info.producers {
        fact(ui, &producer.role, format!("{} {}", producer.name, producer.version).trim());
    }
    problems(ui, plan, node);
    ports(ui, plan, node, Direction::Import, "Imports");
    ports(ui, plan, node, Direction::Export, "Exports");
    links(ui, plan, node, actions);
}

/// Where the component answers HTTP requests.
fn address(ui: &mut Ui, url: &str, actions: &mut Vec<Action>) {
    ui.horizontal_wrapped(|ui| {
        fact(ui, "Answers at", url);
        if ui.small_button("Copy address").clicked() {
            actions.push(Action::Copy(url.to_owned()));
        }
    });
}

fn fact(ui: &mut Ui, name: &str, value: &str) -> egui::Response {
    ui.horizontal_wrapped(|ui| {
        ui.label(dim(ui, name));
        ui.add(Label::new(value).wrap().selectable(true))
    })
    .inner
}

fn problems(ui: &mut Ui, plan: &Plan, node: &Node) {
    for found in plan.diagnostics.iter().filter(|found| found.component() == Some(&node.name)) {
        ui.separator();
        tooltip::diagnostic(ui, found);
    }
}

fn ports(ui: &mut Ui, plan: &Plan, node: &Node, direction: Direction, title: &str) {
    let ports: Vec<&Port> = node.component.ports.iter().filter(|port| port.direction == direction).collect();
    if ports.is_empty() {
        return;
    }
    heading(ui, &format!("{title} ({})", ports.len()));
    for port in ports {
        let is_host = matches!(
            plan.link(&node.name, &port.name).map(|link| &link.target),
            Some(LinkTarget::Host { .. })
        );
        let title = RichText::new(&port.name).monospace();
        // What the host provides is long and seldom what one looks for.
        CollapsingHeader::new(title)
            .id_salt((node.name.as_str(), direction, &port.name))
            .default_open(!(is_host && direction == Direction::Import))
            .show(ui, |ui| one_port(ui, plan, node, port));
    }
}

fn one_port(ui: &mut Ui, plan: &Plan, node: &Node, port: &Port) {
    if let Some(docs) = &port.docs {
        ui.add(Label::new(dim(ui, docs.trim())).wrap());
    }
    for function in port.functions() {
        signature(ui, function);
    }
    if let Some(link) = plan.link(&node.name, &port.name).filter(|_| port.direction == Direction::Import) {
        tooltip::why(ui, link);
    }
}

fn signature(ui: &mut Ui, function: &Function) {
    let code = RichText::new(function.signature()).monospace();
    ui.add(Label::new(code).wrap().selectable(true));
    if let Some(docs) = &function.docs {
        ui.indent(&function.name, |ui| ui.add(Label::new(dim(ui, docs.trim())).wrap()));
    }
}

/// Links to other components, both ways; those to the host stand at the imports.
fn links(ui: &mut Ui, plan: &Plan, node: &Node, actions: &mut Vec<Action>) {
    let between = plan.links.iter().filter(|link| match &link.target {
        LinkTarget::Component { name, .. } => link.consumer == node.name || *name == node.name,
        _ => false,
    });
    let between: Vec<&Link> = between.collect();
    if between.is_empty() {
        return;
    }
    heading(ui, &format!("Links ({})", between.len()));
    for link in between {
        let text = tooltip::link_label(link);
        let text = text.trim_start_matches("link ");
        if ui.link(text).on_hover_ui(|ui| tooltip::link(ui, link)).clicked() {
            actions.push(Action::Reveal(selection_of(link)));
        }
    }
}

fn one_link(ui: &mut Ui, link: &Link, actions: &mut Vec<Action>) {
    ui.heading("Link");
    ui.add(Label::new(RichText::new(&link.import).monospace()).wrap().selectable(true));
    end(ui, "from", link.consumer.as_str(), Selection::Component(link.consumer.clone()), actions);
    if let LinkTarget::Component { name, .. } = &link.target {
        end(ui, "to", name.as_str(), Selection::Component(name.clone()), actions);
    }
    heading(ui, "Why");
    tooltip::why(ui, link);
}

fn end(ui: &mut Ui, word: &str, name: &str, selection: Selection, actions: &mut Vec<Action>) {
    ui.horizontal(|ui| {
        ui.label(dim(ui, word));
        let accent = theme::tokens(ui.ctx()).accent;
        if ui.link(RichText::new(name).color(accent)).clicked() {
            actions.push(Action::Reveal(selection));
        }
    });
}

fn selection_of(link: &Link) -> Selection {
    Selection::Link { consumer: link.consumer.clone(), import: link.import.clone() }
}
