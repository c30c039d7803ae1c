//! The inspector of a link, and the buttons that lead an import elsewhere.

use egui::{RichText, Ui, WidgetInfo, WidgetType};
use jackfield_protocol::{ComponentName, Link, LinkTarget, Rule};

use super::super::widgets::{cut_name, dim, heading, name_button};
use super::{answers, code, intervene, probe};
use crate::action::{Action, Selection};
use crate::canvas::tooltip;
use crate::model::OpenWorkload;
use crate::model::compose::{self, Fit};
use crate::model::traces::link_site;
use crate::theme;

pub(super) fn show(ui: &mut Ui, open: &OpenWorkload, link: &Link, actions: &mut Vec<Action>) {
    ui.heading("Link");
    code(ui, &link.import);
    end(ui, "from", link.consumer.as_str(), Selection::Component(link.consumer.clone()), actions);
    match &link.target {
        LinkTarget::Component { name, export } => {
            end(ui, "to", name.as_str(), Selection::Component(name.clone()), actions);
            if *export != link.import {
                code(ui, export);
            }
        }
        LinkTarget::Host { plugin } => _ = ui.label(format!("to the host ({plugin})")),
        LinkTarget::Stub => _ = ui.label("to a stub"),
        LinkTarget::Types => _ = ui.label("to nobody: only types"),
    }
    let is_explicit = link.why.rule == Rule::Explicit;
    ui.label(dim(ui, if is_explicit { "explicit: the workload file says so" } else { "found by the rules" }));
    let has_calls = link.target != LinkTarget::Types;
    if has_calls {
        probe::show(ui, open, &link_site(link), actions);
    }
    if has_calls && link.target != LinkTarget::Stub {
        intervene::show(ui, open, link, actions);
    }
    heading(ui, "Why");
    tooltip::why(ui, link);
    if link.target == LinkTarget::Stub {
        answers::show(ui, open, link, actions);
    }
    heading(ui, "Change");
    choices(ui, open, &link.consumer, &link.import, actions);
}

/// A button for each thing that an import can be linked to.
pub(super) fn choices(
    ui: &mut Ui,
    open: &OpenWorkload,
    consumer: &ComponentName,
    import: &str,
    actions: &mut Vec<Action>,
) {
    let warning = theme::tokens(ui.ctx()).warning;
    ui.horizontal_wrapped(|ui| {
        for choice in compose::choices(&open.view.plan, consumer, import) {
            let mut text = RichText::new(&choice.text);
            if choice.fit == Fit::OtherVersion {
                text = text.color(warning);
            }
            let (edit, label) = compose::link_edit(consumer, import, choice.to);
            let button = ui.button(text).on_hover_text(&label);
            name_button(&button, &label);
            if button.clicked() {
                actions.push(Action::Edit(edit, label));
            }
        }
    });
}

fn end(ui: &mut Ui, word: &str, name: &str, selection: Selection, actions: &mut Vec<Action>) {
    ui.horizontal(|ui| {
        ui.label(dim(ui, word));
        let accent = theme::tokens(ui.ctx()).accent;
        let shown = cut_name(ui, name, ui.available_width());
        let link = ui.link(RichText::new(shown).color(accent));
        link.widget_info(|| WidgetInfo::labeled(WidgetType::Link, true, name));
        if link.on_hover_text(name).clicked() {
            actions.push(Action::Reveal(selection));
        }
    });
}
