//! Above the calls of a trace: what it is, what it cost, and what is missing in it.

use egui::{Button, Label, RichText, Ui};
use jackfield_protocol::{Trace, TraceFormat};

use super::super::widgets::{command_button, dim, name_button, run_on_click};
use super::outcome_color;
use crate::action::{Action, CallAction, McpAction, TraceAction};
use crate::command::Command;
use crate::model::Model;
use crate::model::calls::NotAgain;
use crate::model::traces::{OpenTrace, function_name, nanos};
use crate::text::{count, grouped, printable, size, time_of_day};
use crate::theme;

pub(super) fn show(ui: &mut Ui, model: &Model, open: &OpenTrace, trace: &Trace, actions: &mut Vec<Action>) {
    ui.horizontal_wrapped(|ui| {
        title(ui, model, trace);
        buttons(ui, model, open, trace, actions);
    });
    missing(ui, trace);
}

fn title(ui: &mut Ui, model: &Model, trace: &Trace) {
    let t = theme::tokens(ui.ctx());
    let Some(root) = trace.root() else { return };
    let name = format!("{}.{}", root.provider.as_str(), function_name(&root.function));
    ui.label(RichText::new(printable(&name)).strong()).on_hover_text(printable(&root.function));
    let outcome = RichText::new(root.outcome.label()).color(outcome_color(&root.outcome, t)).strong();
    ui.label(outcome);
    let mut facts = vec![root.duration_nanos.map_or_else(|| "did not return".to_owned(), nanos)];
    if root.held_nanos > 0 {
        facts.push(format!("held {}", nanos(root.held_nanos)));
    }
    facts.push(count(trace.spans.len(), "call"));
    if let Some(bytes) = trace.cost.peak_memory_bytes {
        facts.push(format!("peak memory {}", size(bytes)));
    }
    if let Some(fuel) = trace.cost.fuel {
        facts.push(format!("fuel {}", grouped(fuel)));
    }
    facts.push(time_of_day(trace.start_unix_micros));
    facts.extend(trace.call.map(|call| format!("call {call}")));
    if model.workloads.len() > 1 || trace.workload.is_none() {
        facts.push(trace.workload_name.clone());
    }
    let label = ui.label(dim(ui, facts.join(" · ")));
    if let Some(context) = &trace.context {
        label.on_hover_text(format!("Continues trace {} below span {}", context.trace_id, context.parent_id));
    }
}

fn buttons(ui: &mut Ui, model: &Model, open: &OpenTrace, trace: &Trace, actions: &mut Vec<Action>) {
    let copy = ui.button("Copy");
    name_button(&copy, "copy trace");
    run_on_click(copy, Command::CopyTrace, actions);
    let menu = ui.menu_button("Export ⏷", |ui| {
        for (text, format) in [
            ("JSON…", TraceFormat::Json),
            ("Chrome trace…", TraceFormat::Chrome),
            ("OTLP…", TraceFormat::Otlp),
        ] {
            let item = ui.button(text);
            name_button(&item, &format!("export this trace as {text}"));
            if item.clicked() {
                actions.push(Action::Trace(TraceAction::ExportOne(trace.id, format)));
            }
        }
        ui.separator();
        let item = ui.button("Send to collector…");
        name_button(&item, "send this trace");
        if item.clicked() {
            actions.push(Action::Trace(TraceAction::SendOne(trace.id)));
        }
    });
    name_button(&menu.response, "export this trace");
    if let Some(call) = trace.call.filter(|_| trace.workload.is_some_and(|id| model.workload(id).is_some())) {
        let button =
            ui.button("Log lines").on_hover_text("Show what was printed during this call in the log");
        name_button(&button, "show log lines of trace");
        if button.clicked() {
            actions.push(Action::Mcp(McpAction::ShowCall(trace.workload, call)));
        }
    }
    again(ui, model, trace, actions);
    fold_all(ui, open, actions);
    let details = ui.add(Button::selectable(open.has_details, "Details"));
    name_button(&details, "details of call");
    if details.on_hover_text("Show the whole values of the selected row  (Enter)").clicked() {
        actions.push(Action::Trace(TraceAction::Details(!open.has_details)));
    }
    if trace.spans.iter().all(|span| span.args.is_empty() && span.result.is_none()) && trace.spans.len() > 1 {
        let is_on = Command::ObserveValues.is_on(model) == Some(true);
        if !is_on && trace.workload.is_some_and(|id| model.workload(id).is_some()) {
            ui.label(dim(ui, "no values:"));
            command_button(ui, model, Command::ObserveValues, actions);
        }
    }
}

/// Folds everything, or unfolds it, where there is something below the call.
fn fold_all(ui: &mut Ui, open: &OpenTrace, actions: &mut Vec<Action>) {
    let is_folded = open.rows.has_folded();
    if open.rows.shown().len() < 2 && !is_folded {
        return;
    }
    let (text, label) =
        if is_folded { ("Unfold all", "unfold all calls") } else { ("Fold all", "fold all calls") };
    let button = ui.button(text);
    name_button(&button, label);
    if button.clicked() {
        actions.push(Action::Trace(TraceAction::FoldAll(!is_folded)));
    }
}

/// The way back to the form of the call, with its arguments in it.
fn again(ui: &mut Ui, model: &Model, trace: &Trace, actions: &mut Vec<Action>) {
    // What a service calls, and what came over HTTP, has no form.
    let again = model.again(trace);
    if again == Err(NotAgain::NoFunction) {
        return;
    }
    let button = ui.add_enabled(again.is_ok(), Button::new("Call again…"));
    name_button(&button, "call again with these arguments");
    let hint = "Open the function's form with these arguments in it";
    let button = button.on_hover_text(hint);
    match again {
        Ok(again) if button.clicked() => actions.push(Action::Calls(CallAction::Again(again))),
        Ok(_) => {}
        Err(reason) => _ = button.on_disabled_hover_text(reason.text()),
    }
}

/// What is not in the trace, and why.
fn missing(ui: &mut Ui, trace: &Trace) {
    let warning = theme::tokens(ui.ctx()).warning;
    if trace.dropped > 0 {
        let text = format!("{} more calls not kept", grouped(trace.dropped));
        ui.label(RichText::new(text).color(warning));
    }
    if trace.dropped_lines > 0 {
        let text = format!("{} more log lines not kept", grouped(trace.dropped_lines));
        ui.label(RichText::new(text).color(warning));
    }
    if let Some(first) = trace.unobserved.first() {
        let mut text = format!("{} → {} not observed: {}", first.consumer, first.import, first.reason);
        if trace.unobserved.len() > 1 {
            text.push_str(&format!(", and {} more", trace.unobserved.len() - 1));
        }
        let all = trace
            .unobserved
            .iter()
            .map(|link| format!("{} → {}: {}", link.consumer, link.import, link.reason));
        let all: Vec<String> = all.collect();
        let label = Label::new(RichText::new(printable(&text)).color(warning)).truncate();
        ui.add(label).on_hover_text(printable(&all.join("; ")));
    }
}
