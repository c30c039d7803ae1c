//! What is done to the calls over a link: breakpoints, delays and failures, and the form for one.

use egui::{Align, Button, ComboBox, Key, Label, Layout, RichText, TextEdit, TextWrapMode, Ui};
use jackfield_protocol::{Function, Intervention, Link, Plan, Port};

use super::super::logs::name_combo;
use super::super::widgets::{dim, heading, name_button, name_field, run_on_click};
use crate::action::{Action, TraceAction};
use crate::command::Command;
use crate::model::OpenWorkload;
use crate::model::traces::{Draft, DraftKind, condition_field, link_site, summary};
use crate::theme::{self, space, words};

pub(super) fn show(ui: &mut Ui, open: &OpenWorkload, link: &Link, actions: &mut Vec<Action>) {
    let site = link_site(link);
    heading(ui, "Breakpoints, delays, failures");
    for (index, intervention) in open.view.probes.interventions(&site).enumerate() {
        row(ui, intervention, index + 1, actions);
    }
    let functions = functions(&open.view.plan, link);
    match open.observed.draft.as_ref().filter(|draft| draft.site == site) {
        Some(draft) => form(ui, draft, functions, actions),
        None => add(ui, open, &site, actions),
    }
}

/// The functions of the import.
fn functions<'a>(plan: &'a Plan, link: &Link) -> &'a [Function] {
    let port = plan
        .node(&link.consumer)
        .and_then(|node| node.component.imports().find(|port: &&Port| port.name == link.import));
    port.map(Port::functions).unwrap_or_default()
}

/// One that there is. They are numbered, so that each can be found.
fn row(ui: &mut Ui, intervention: &Intervention, number: usize, actions: &mut Vec<Action>) {
    ui.horizontal(|ui| {
        ui.with_layout(Layout::right_to_left(Align::Min), |ui| {
            let remove = ui.button("×").on_hover_text("Take it away; calls that it holds go on");
            name_button(&remove, &format!("remove intervention {number}"));
            if remove.clicked() {
                actions.push(Action::Trace(TraceAction::Remove(intervention.id)));
            }
            let edit = ui.button("Edit");
            name_button(&edit, &format!("edit intervention {number}"));
            if edit.clicked() {
                actions.push(Action::Trace(TraceAction::Draft(Some(Draft::of(intervention)))));
            }
            ui.with_layout(Layout::left_to_right(Align::Min), |ui| switch(ui, intervention, actions));
        });
    });
}

/// What it does, and whether it counts.
fn switch(ui: &mut Ui, intervention: &Intervention, actions: &mut Vec<Action>) {
    let t = theme::tokens(ui.ctx());
    let mut is_enabled = intervention.is_enabled;
    let color = match DraftKind::of(&intervention.action) {
        _ if !is_enabled => t.text_dim,
        DraftKind::Delay => t.warning,
        DraftKind::Hold | DraftKind::Fail => t.error,
    };
    let text = RichText::new(summary(intervention)).color(color);
    ui.style_mut().wrap_mode = Some(TextWrapMode::Wrap);
    let check = ui.checkbox(&mut is_enabled, text);
    if check.on_hover_text("Whether it counts now").changed() {
        actions.push(Action::Trace(TraceAction::Put(Intervention { is_enabled, ..intervention.clone() })));
    }
}

fn add(ui: &mut Ui, open: &OpenWorkload, site: &jackfield_protocol::ProbeSite, actions: &mut Vec<Action>) {
    ui.horizontal_wrapped(|ui| {
        let has_plain = open.plain_breakpoint(site).is_some_and(|breakpoint| breakpoint.is_enabled);
        let hold = ui.add(Button::new("Hold every call").selected(has_plain));
        name_button(&hold, "hold every call");
        run_on_click(hold, Command::ToggleBreakpoint, actions);
        for kind in DraftKind::ALL {
            let button = ui.button(format!("{}…", kind.label())).on_hover_text(hint(kind));
            name_button(&button, &format!("add {}", kind.label().to_lowercase()));
            if button.clicked() {
                let draft = Draft::new(site.clone(), kind);
                actions.push(Action::Trace(TraceAction::Draft(Some(draft))));
            }
        }
    });
}

fn hint(kind: DraftKind) -> &'static str {
    match kind {
        DraftKind::Hold => "Hold calls of a function, or those whose arguments make a condition true",
        DraftKind::Delay => "Pass calls on later",
        DraftKind::Fail => "Let calls fail with an error or a trap",
    }
}

/// To which field an error belongs, as far as its words tell.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Condition,
    Delay,
    Value,
    Chance,
    Seed,
    Below,
}

fn place(draft: &Draft) -> Option<(Place, &str)> {
    let error = draft.error.as_deref()?;
    let text = error.to_lowercase();
    let has = |word: &str| text.contains(word);
    let place = match draft.kind {
        _ if has("seed") => Place::Seed,
        _ if has("condition") || (!draft.condition.trim().is_empty() && has("args.")) => Place::Condition,
        DraftKind::Delay if has("delay") || has("millis") => Place::Delay,
        DraftKind::Fail if has("chance") => Place::Chance,
        DraftKind::Fail if has("value") || has("wave") || has("type") => Place::Value,
        DraftKind::Hold if has("type") || has("parameter") => Place::Condition,
        _ => Place::Below,
    };
    Some((place, error))
}

fn form(ui: &mut Ui, draft: &Draft, functions: &[Function], actions: &mut Vec<Action>) {
    let mut edited = draft.clone();
    let error = place(draft);
    let mut is_entered = false;
    let frame = egui::Frame::group(ui.style());
    frame.show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = 2.0;
            for kind in DraftKind::ALL {
                let response = ui.selectable_value(&mut edited.kind, kind, kind.label());
                name_button(&response, &format!("kind: {}", kind.label().to_lowercase()));
            }
        });
        function_choice(ui, &mut edited, functions);
        let example = example(draft, functions);
        is_entered |= condition(ui, &example, &mut edited.condition);
        error_at(ui, error, Place::Condition);
        match edited.kind {
            DraftKind::Hold => {}
            DraftKind::Delay => is_entered |= delay(ui, &mut edited, error),
            DraftKind::Fail => is_entered |= failure(ui, &mut edited, functions, error),
        }
        error_at(ui, error, Place::Below);
        ui.add_space(space::SMALL);
        buttons(ui, draft, actions);
    });
    if edited != *draft {
        edited.error = None;
        actions.push(Action::Trace(TraceAction::Draft(Some(edited))));
    }
    if is_entered {
        actions.push(Action::Trace(TraceAction::Intervene));
    }
}

fn buttons(ui: &mut Ui, draft: &Draft, actions: &mut Vec<Action>) {
    ui.horizontal(|ui| {
        let text = if draft.id.0 == 0 { "Add" } else { "Save" };
        let button = Button::new(text).fill(theme::tokens(ui.ctx()).accent_ground);
        let response = ui.add(button);
        name_button(&response, "save intervention");
        if response.clicked() {
            actions.push(Action::Trace(TraceAction::Intervene));
        }
        let cancel = ui.button("Cancel");
        name_button(&cancel, "cancel intervention");
        if cancel.clicked() {
            actions.push(Action::Trace(TraceAction::Draft(None)));
        }
    });
}

fn function_choice(ui: &mut Ui, draft: &mut Draft, functions: &[Function]) {
    let shown = |name: &Option<String>| match name {
        None => "Every function".to_owned(),
        Some(name) => functions
            .iter()
            .find(|function| function.name == *name)
            .map_or_else(|| name.clone(), |function| function.display_name().to_owned()),
    };
    let text = shown(&draft.function);
    let response = ComboBox::from_id_salt("function of intervention")
        .selected_text(&text)
        .width(150.0)
        .show_ui(ui, |ui| {
            ui.selectable_value(&mut draft.function, None, "Every function");
            for function in functions {
                let choice = Some(function.name.clone());
                let response = ui.selectable_value(&mut draft.function, choice, function.display_name());
                name_button(&response, &format!("only {}", function.display_name()));
                response.on_hover_text(function.signature());
            }
        });
    name_combo(&response.response, "function of intervention", &text);
}

/// A condition that the function could have.
fn example(draft: &Draft, functions: &[Function]) -> String {
    let chosen = functions.iter().find(|function| Some(&function.name) == draft.function.as_ref());
    let params = chosen.or(functions.first()).map(|function| function.params.as_slice()).unwrap_or_default();
    let number = params
        .iter()
        .find(|param| matches!(param.ty.as_bytes().first(), Some(b'u' | b's' | b'f')) && param.ty.len() <= 3);
    match (number, params.first()) {
        (Some(param), _) => format!("args.{} > 3", param.name),
        (None, Some(param)) if param.ty == "string" => format!("args.{} == \"x\"", param.name),
        (None, Some(param)) if param.ty == "bool" => format!("args.{} == true", param.name),
        _ => words::CONDITION_EXAMPLE.to_owned(),
    }
}

/// The first field, which has the keyboard when the form opens.
fn condition(ui: &mut Ui, example: &str, text: &mut String) -> bool {
    let line = ui.horizontal(|ui| {
        ui.label(dim(ui, "Only if"));
        let width = (ui.available_width() - space::SMALL).max(60.0);
        let edit = TextEdit::singleline(text).id(condition_field()).font(egui::TextStyle::Monospace);
        entered(ui, edit.hint_text(example).desired_width(width), "condition")
    });
    line.inner
}

// Each of these says whether Enter was pressed in one of its fields.

fn delay(ui: &mut Ui, draft: &mut Draft, error: Option<(Place, &str)>) -> bool {
    let mut is_entered = false;
    ui.horizontal(|ui| {
        ui.label(dim(ui, "Later by"));
        is_entered |= bare_field(ui, ("shortest delay", "100"), &mut draft.min_millis, 54.0);
        ui.label(dim(ui, "to"));
        is_entered |= bare_field(ui, ("longest delay", "same"), &mut draft.max_millis, 54.0);
        ui.label(dim(ui, "ms"));
    });
    error_at(ui, error, Place::Delay);
    let has_range = !draft.max_millis.trim().is_empty() && draft.max_millis != draft.min_millis;
    if has_range {
        is_entered |= seed(ui, draft, error);
    }
    is_entered
}

fn failure(ui: &mut Ui, draft: &mut Draft, functions: &[Function], error: Option<(Place, &str)>) -> bool {
    let chosen = functions.iter().find(|function| Some(&function.name) == draft.function.as_ref());
    let only = functions.first().filter(|_| functions.len() == 1);
    let result = chosen.or(only).map(|function| function.result.as_deref().unwrap_or("nothing"));
    let mut is_entered = field(ui, ("With", "failure value", words::FAILURE_HINT), &mut draft.value);
    if let Some(result) = result {
        ui.label(dim(ui, format!("a value of {result}")).monospace());
    }
    error_at(ui, error, Place::Value);
    ui.horizontal(|ui| {
        ui.label(dim(ui, "Chance"));
        is_entered |= bare_field(ui, ("chance of failure", "100"), &mut draft.percent, 54.0);
        ui.label(dim(ui, "% of calls"));
    });
    error_at(ui, error, Place::Chance);
    if draft.percent.trim() != "100" {
        is_entered |= seed(ui, draft, error);
    }
    is_entered
}

fn seed(ui: &mut Ui, draft: &mut Draft, error: Option<(Place, &str)>) -> bool {
    let line = ui.horizontal(|ui| {
        ui.label(dim(ui, "Seed")).on_hover_text("The same seed chooses the same calls each time");
        bare_field(ui, ("seed", "1"), &mut draft.seed, 70.0)
    });
    error_at(ui, error, Place::Seed);
    line.inner
}

/// A word, and a field that has the rest of the line.
fn field(ui: &mut Ui, (word, label, hint): (&str, &str, &str), text: &mut String) -> bool {
    let line = ui.horizontal(|ui| {
        ui.label(dim(ui, word));
        let width = (ui.available_width() - space::SMALL).max(60.0);
        bare_field(ui, (label, hint), text, width)
    });
    line.inner
}

fn bare_field(ui: &mut Ui, (label, hint): (&str, &str), text: &mut String, width: f32) -> bool {
    let edit = TextEdit::singleline(text).font(egui::TextStyle::Monospace);
    entered(ui, edit.hint_text(hint).desired_width(width), label)
}

/// Whether Enter was pressed in a field, which keeps the keyboard in case that something is wrong.
fn entered(ui: &mut Ui, edit: TextEdit<'_>, label: &str) -> bool {
    let response = ui.add(edit);
    name_field(&response, label);
    let is_entered = response.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
    if is_entered {
        response.request_focus();
    }
    is_entered
}

fn error_at(ui: &mut Ui, error: Option<(Place, &str)>, here: Place) {
    if let Some((_, text)) = error.filter(|(place, _)| *place == here) {
        let text = RichText::new(text).color(theme::tokens(ui.ctx()).error);
        ui.add(Label::new(text).wrap().selectable(true));
    }
}
