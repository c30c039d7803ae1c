//! The context menus of cards, links and the canvas itself.

use egui::{Button, Response, RichText, Ui, WidgetInfo, WidgetType};
use jackfield_protocol::{ComponentName, Direction, Node, Plan, ProbeLevel, ProbeSelection, ProbeSite};

use crate::action::{Action, PortRef, Selection, TraceAction};
use crate::command::Command;
use crate::model::OpenWorkload;
use crate::model::compose::{self, Fit};
use crate::theme;

/// The menu of a card, which a right click selects.
pub(super) fn card(ui: &mut Ui, is_service: bool, actions: &mut Vec<Action>) {
    let service = if is_service { "Make it no service" } else { "Make it the service" };
    command(ui, Command::Rename, Command::Rename.text(), actions);
    command(ui, Command::ToggleService, service, actions);
    ui.separator();
    command(ui, Command::Delete, Command::Delete.text(), actions);
}

/// The menu of a port: what an import can be linked to, and that of its card.
pub(super) fn port(ui: &mut Ui, plan: &Plan, node: &Node, port: &PortRef, actions: &mut Vec<Action>) {
    if port.direction == Direction::Import {
        link(ui, plan, &port.component, &port.name, actions);
        ui.separator();
    }
    card(ui, node.is_service, actions);
}

/// The menu of the canvas: of the link that is under the pointer, or else of the graph.
pub(super) fn canvas(ui: &mut Ui, workload: &OpenWorkload, actions: &mut Vec<Action>) {
    match &workload.selection {
        Some(Selection::Link { consumer, import }) => {
            link(ui, &workload.view.plan, consumer, import, actions);
            let site = ProbeSite::Link { consumer: consumer.clone(), import: import.clone() };
            observe(ui, workload, &site, actions);
        }
        _ => {
            for it in [Command::Fit, Command::ZoomReset, Command::Arrange] {
                command(ui, it, it.text(), actions);
            }
        }
    }
}

/// The menu of a link.
pub(super) fn link(
    ui: &mut Ui,
    plan: &Plan,
    consumer: &ComponentName,
    import: &str,
    actions: &mut Vec<Action>,
) {
    for choice in compose::choices(plan, consumer, import) {
        let (edit, label) = compose::link_edit(consumer, import, choice.to);
        if item(ui, &choice.text, &label, choice.fit).clicked() {
            actions.push(Action::Edit(edit, label));
        }
    }
}

/// What is observed of a link, and whether its calls are held.
pub(super) fn observe(ui: &mut Ui, workload: &OpenWorkload, site: &ProbeSite, actions: &mut Vec<Action>) {
    ui.separator();
    let now = workload.view.probes.level(site);
    for level in ProbeLevel::ALL {
        let text = format!("Observe: {}", level.label());
        if ui.add(Button::new(text.as_str()).selected(level == now)).clicked() {
            let sites = ProbeSelection::One(site.clone());
            actions.push(Action::Trace(TraceAction::Observe(sites, level)));
        }
    }
    let text = match workload.plain_breakpoint(site) {
        Some(_) => "Remove breakpoint",
        None => "Hold every call",
    };
    command(ui, Command::ToggleBreakpoint, text, actions);
}

/// One line of a menu that leads an import elsewhere.
pub(super) fn item(ui: &mut Ui, text: &str, hint: &str, fit: Fit) -> Response {
    let mut text = RichText::new(text);
    if fit == Fit::OtherVersion {
        text = text.color(theme::tokens(ui.ctx()).warning);
    }
    ui.button(text).on_hover_text(hint)
}

fn command(ui: &mut Ui, command: Command, text: &str, actions: &mut Vec<Action>) {
    let button = Button::new(text).shortcut_text(command.shortcut_text(ui.ctx()));
    let response = ui.add(button).on_hover_text(command.tooltip());
    response.widget_info(|| WidgetInfo::labeled(WidgetType::Button, true, text));
    if response.clicked() {
        actions.push(Action::Run(command));
    }
}
