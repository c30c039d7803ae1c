//! The inspector of a component.

use egui::{CollapsingHeader, Label, RichText, Ui};
use jackfield_protocol::{Diagnostic, Direction, Function, Link, LinkTarget, Node, Plan, Port};

use super::super::widgets::{dim, heading, name_button, run_on_click};
use super::{calls, fact, fields, link, probe, wit};
use crate::action::{Action, Selection};
use crate::canvas::tooltip;
use crate::command::Command;
use crate::model::compose::{Field, Table};
use crate::model::traces::{entry_site, has_entry, link_site};
use crate::model::{Model, OpenWorkload};
use crate::text;
use crate::theme::{self, words};

pub(super) fn show(
    ui: &mut Ui,
    model: &Model,
    workload: &OpenWorkload,
    node: &Node,
    actions: &mut Vec<Action>,
) {
    let (plan, info) = (&workload.view.plan, &node.component);
    fields::name(ui, workload, &Field::ComponentName(node.name.clone()), "component name", actions);
    role(ui, node, actions);
    if workload.view.outdated_service.as_ref() == Some(&node.name) {
        outdated(ui, node, actions);
    }
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
    problems(ui, workload, node, actions);
    if has_entry(plan, &node.name) {
        probe::show(ui, workload, &entry_site(&node.name), actions);
    }
    fields::limits(ui, workload, node, actions);
    fields::table(ui, workload, node, Table::Environment, actions);
    fields::table(ui, workload, node, Table::Config, actions);
    fields::network(ui, workload, node, actions);
    calls::show(ui, model, workload, node, actions);
    ports(ui, workload, node, (Direction::Import, "Imports"), actions);
    ports(ui, workload, node, (Direction::Export, "Exports"), actions);
    links(ui, plan, node, actions);
    wit::show(ui, model, node, actions);
}

/// Whether it is the service, which can be changed, and the way to be rid of it.
fn role(ui: &mut Ui, node: &Node, actions: &mut Vec<Action>) {
    ui.horizontal_wrapped(|ui| {
        let mut is_service = node.is_service;
        let service = ui.checkbox(&mut is_service, "Service of the workload");
        run_on_click(service, Command::ToggleService, actions);
        let remove = ui.small_button("Remove");
        name_button(&remove, "remove component");
        run_on_click(remove, Command::Delete, actions);
    });
}

/// The service runs code from before its file changed.
fn outdated(ui: &mut Ui, node: &Node, actions: &mut Vec<Action>) {
    ui.horizontal_wrapped(|ui| {
        let warning = theme::tokens(ui.ctx()).warning;
        ui.label(RichText::new(words::outdated(&node.name)).color(warning));
        let restart = ui.small_button("Restart");
        name_button(&restart, "restart service");
        run_on_click(restart, Command::Restart, actions);
    });
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

fn problems(ui: &mut Ui, workload: &OpenWorkload, node: &Node, actions: &mut Vec<Action>) {
    let plan = &workload.view.plan;
    for found in plan.diagnostics.iter().filter(|found| found.component() == Some(&node.name)) {
        ui.separator();
        finding(ui, workload, found, actions);
    }
}

/// Something that is wrong, with buttons for what can be done about it.
fn finding(ui: &mut Ui, workload: &OpenWorkload, found: &Diagnostic, actions: &mut Vec<Action>) {
    tooltip::diagnostic(ui, found);
    if let Some((component, import)) = found.component().zip(found.import()) {
        link::choices(ui, workload, component, import, actions);
    }
}

fn ports(
    ui: &mut Ui,
    workload: &OpenWorkload,
    node: &Node,
    (direction, title): (Direction, &str),
    actions: &mut Vec<Action>,
) {
    let ports: Vec<&Port> = node.component.ports.iter().filter(|port| port.direction == direction).collect();
    if ports.is_empty() {
        return;
    }
    heading(ui, &format!("{title} ({})", ports.len()));
    let plan = &workload.view.plan;
    for port in ports {
        let is_host = matches!(
            plan.link(&node.name, &port.name).map(|link| &link.target),
            Some(LinkTarget::Host { .. })
        );
        // What the host provides is long and seldom what one looks for.
        let header = CollapsingHeader::new(super::title(ui, &port.name))
            .id_salt((node.name.as_str(), direction, &port.name))
            .default_open(!(is_host && direction == Direction::Import))
            .show(ui, |ui| one_port(ui, workload, node, port, actions));
        header.header_response.on_hover_text(&port.name);
    }
}

fn one_port(ui: &mut Ui, workload: &OpenWorkload, node: &Node, port: &Port, actions: &mut Vec<Action>) {
    let plan = &workload.view.plan;
    if let Some(docs) = &port.docs {
        ui.add(Label::new(dim(ui, docs.trim())).wrap());
    }
    for function in port.functions() {
        signature(ui, function);
    }
    if let Some(link) = plan.link(&node.name, &port.name).filter(|_| port.direction == Direction::Import) {
        tooltip::why(ui, link);
        if let Some(word) = probe::word(workload, plan, &link_site(link)) {
            ui.label(dim(ui, word).italics());
        }
        let change = ui.small_button("Change…");
        name_button(&change, &format!("change link {}", port.name));
        if change.clicked() {
            actions.push(Action::Reveal(selection_of(link)));
        }
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

fn selection_of(link: &Link) -> Selection {
    Selection::Link { consumer: link.consumer.clone(), import: link.import.clone() }
}
