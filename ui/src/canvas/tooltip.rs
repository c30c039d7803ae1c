//! What ports, chips and links say when the pointer rests on them.

use egui::{RichText, Ui};
use jackfield_protocol::{Diagnostic, Direction, Link, LinkTarget, Node, Plan, Port, Rule, Why};

use crate::theme::{self, words};

/// A tooltip shows this many functions; the inspector shows all.
const MAX_FUNCTIONS: usize = 8;

/// A port: its full name, what is wrong with it, its functions, and why it is linked as it is.
pub(crate) fn port(ui: &mut Ui, plan: &Plan, node: &Node, port: &Port) {
    let t = theme::tokens(ui.ctx());
    ui.label(RichText::new(&port.name).monospace().strong());
    if let Some(docs) = &port.docs {
        ui.label(RichText::new(docs.trim()).color(t.text_dim));
    }
    for function in port.functions().iter().take(MAX_FUNCTIONS) {
        ui.label(RichText::new(function.signature()).monospace());
        if let Some(docs) = &function.docs {
            ui.indent(&function.name, |ui| ui.label(RichText::new(docs.trim()).color(t.text_dim)));
        }
    }
    if let Some(more) = port.functions().len().checked_sub(MAX_FUNCTIONS).filter(|more| *more > 0) {
        ui.label(RichText::new(format!("and {more} more, in the inspector")).color(t.text_dim));
    }
    if port.direction == Direction::Import {
        import_state(ui, plan, node, port);
    }
}

fn import_state(ui: &mut Ui, plan: &Plan, node: &Node, port: &Port) {
    match plan.link(&node.name, &port.name) {
        Some(link) => {
            ui.separator();
            why(ui, link);
        }
        None => {
            let about = plan.diagnostics.iter().filter(|found| {
                found.component() == Some(&node.name) && found.import() == Some(port.name.as_str())
            });
            for found in about {
                ui.separator();
                diagnostic(ui, found);
            }
        }
    }
}

/// A finding: what is wrong, and what to do.
pub(crate) fn diagnostic(ui: &mut Ui, found: &Diagnostic) {
    let t = theme::tokens(ui.ctx());
    ui.label(RichText::new(found.message()).color(t.warning));
    ui.label(RichText::new(found.suggestion()).color(t.text_dim));
}

/// A link: from where to where, and why.
pub(crate) fn link(ui: &mut Ui, link: &Link) {
    ui.label(RichText::new(link_label(link)).strong());
    why(ui, link);
}

/// What a link is called wherever it is named.
pub(crate) fn link_label(link: &Link) -> String {
    let target = match &link.target {
        LinkTarget::Component { name, .. } => name.to_string(),
        LinkTarget::Host { plugin } => format!("host {plugin}"),
        LinkTarget::Stub => "stub".to_owned(),
        LinkTarget::Types => "nobody".to_owned(),
    };
    format!("link {} {} → {target}", link.consumer, link.import)
}

/// Why a link is as it is: the rule, the versions on both sides, and what was not taken.
pub(crate) fn why(ui: &mut Ui, link: &Link) {
    let dim = theme::tokens(ui.ctx()).text_dim;
    let Why { rule, import_version, export_version, not_taken } = &link.why;
    ui.label(format!("{}: {}", target_text(link), rule_text(*rule)));
    if import_version.is_some() || export_version.is_some() {
        let version = |version: &Option<String>| version.clone().unwrap_or_else(|| "no version".to_owned());
        let text = format!("asks for {}, gets {}", version(import_version), version(export_version));
        ui.label(RichText::new(text).color(dim));
    }
    for other in not_taken {
        ui.label(RichText::new(format!("not {other}")).color(dim));
    }
}

fn target_text(link: &Link) -> String {
    match &link.target {
        LinkTarget::Component { name, export } => format!("linked to {export} of {name}"),
        LinkTarget::Host { plugin } => format!("provided by the host ({plugin})"),
        LinkTarget::Stub if link.answers.is_empty() => {
            "a stub: calls trap with a message that names the import".to_owned()
        }
        LinkTarget::Stub => "a stub that answers some calls; others trap with a message".to_owned(),
        LinkTarget::Types => "nobody provides it".to_owned(),
    }
}

fn rule_text(rule: Rule) -> &'static str {
    words::rule(rule)
}
