//! Above the traces: which of them are shown, and ways in and out. And the switch of the probes.

use egui::{Button, ComboBox, TextEdit, Ui};
use jackfield_protocol::{ProbeLevel, ProbeSite};

use super::super::logs::name_combo;
use super::super::widgets::{
    command_button, command_button_named, counter, dim, name_button, name_field, run_on_click,
};
use crate::action::{Action, TraceAction};
use crate::command::Command;
use crate::model::Model;
use crate::model::traces::{TraceFilter, TraceList, TraceOutcome};
use crate::text::{count, grouped, shortened};

const WAYS: [&[Command]; 3] = [
    &[Command::RecordTraces, Command::StopRecording, Command::OpenRecording],
    &[Command::ExportJson, Command::ExportChrome, Command::ExportOtlp, Command::SendTraces],
    &[Command::CopyTrace, Command::ClearTraces],
];

/// Filter and switches.
pub(in crate::panels) fn show(ui: &mut Ui, model: &Model, actions: &mut Vec<Action>) {
    let list = &model.traces.list;
    let mut filter = list.filter().clone();
    let field = TextEdit::singleline(&mut filter.text).hint_text("Filter function, component");
    name_field(&ui.add(field.desired_width(150.0)), "filter traces");
    outcome_choice(ui, &mut filter);
    workload_choice(ui, model, &mut filter);
    if filter != *list.filter() {
        actions.push(Action::Trace(TraceAction::Filter(filter)));
    }
    if !list.filter().is_empty()
        && command_button_named(ui, "Clear", "clear trace filter", Command::ClearTraceFilter)
    {
        actions.push(Action::Run(Command::ClearTraceFilter));
    }
    let response = command_button(ui, model, Command::FollowTraces, actions);
    name_button(&response, "follow traces");
    let menu = ui.menu_button("More ⏷", |ui| {
        for (index, group) in WAYS.into_iter().enumerate() {
            if index > 0 {
                ui.separator();
            }
            for &command in group {
                let response = ui.add_enabled(command.is_enabled(model), Button::new(command.text()));
                run_on_click(response, command, actions);
            }
        }
    });
    name_button(&menu.response, "more about traces");
    counter(ui, summary(list));
}

fn outcome_choice(ui: &mut Ui, filter: &mut TraceFilter) {
    let name = |outcome: Option<TraceOutcome>| outcome.map_or("All outcomes", TraceOutcome::label);
    let text = name(filter.outcome);
    let response =
        ComboBox::from_id_salt("trace outcome").selected_text(text).width(96.0).show_ui(ui, |ui| {
            ui.selectable_value(&mut filter.outcome, None, name(None));
            for outcome in TraceOutcome::ALL {
                ui.selectable_value(&mut filter.outcome, Some(outcome), outcome.label());
            }
        });
    name_combo(&response.response, "outcome of traces", text);
}

fn workload_choice(ui: &mut Ui, model: &Model, filter: &mut TraceFilter) {
    if model.workloads.len() < 2 && filter.workload.is_none() {
        return;
    }
    let chosen = filter.workload.and_then(|id| model.workload(id)).map(|open| open.view.name.clone());
    let text = chosen.unwrap_or_else(|| "All workloads".to_owned());
    let combo = ComboBox::from_id_salt("trace workload").selected_text(shortened(&text, 16)).width(110.0);
    let response = combo.show_ui(ui, |ui| {
        ui.selectable_value(&mut filter.workload, None, "All workloads");
        for open in &model.workloads {
            ui.selectable_value(&mut filter.workload, Some(open.view.id), open.view.name.as_str());
        }
    });
    name_combo(&response.response, "workload of traces", &text);
}

fn summary(list: &TraceList) -> String {
    let mut text = if list.filter().is_empty() {
        count(list.len(), "trace")
    } else {
        format!("{} of {}", grouped(list.shown() as u64), count(list.len(), "trace"))
    };
    if list.dropped() > 0 {
        text.push_str(&format!(", {} older dropped", grouped(list.dropped())));
    }
    text
}

/// The switch of the probes of all workloads, and of those that are opened later.
pub(in crate::panels) fn observe_all(ui: &mut Ui, model: &Model, actions: &mut Vec<Action>) {
    let level = model.traces.observe_all;
    let text = match level {
        ProbeLevel::Off => "All ⏷".to_owned(),
        _ => format!("All: {} ⏷", level.label()),
    };
    let menu = ui.menu_button(text, |ui| {
        ui.label(dim(ui, "All workloads, and those opened later"));
        for command in [Command::ObserveAllOff, Command::ObserveAllTiming, Command::ObserveAllValues] {
            let level = match command {
                Command::ObserveAllOff => ProbeLevel::Off,
                Command::ObserveAllTiming => ProbeLevel::Timing,
                _ => ProbeLevel::Values,
            };
            let item = ui.add(Button::selectable(command.is_on(model) == Some(true), level.label()));
            name_button(&item, &format!("observe all {}", level.label()));
            run_on_click(item, command, actions);
        }
    });
    name_button(&menu.response, "observe all workloads");
    menu.response.on_hover_text("Observe all workloads alike, and those opened later");
}

/// The switch of a workload's probes: off, timing, values.
pub(in crate::panels) fn observe_switch(ui: &mut Ui, model: &Model, actions: &mut Vec<Action>) {
    ui.spacing_mut().item_spacing.x = 2.0;
    match model.current().filter(|open| open.observed_level().is_none()) {
        None => _ = ui.label(dim(ui, "Observe")),
        Some(open) => {
            let is_set = |site: &ProbeSite| open.view.probes.level(site) != ProbeLevel::Off;
            let observed = open.common_sites().filter(is_set).count();
            let text = format!("Observe ({observed} of {})", open.common_sites().count());
            ui.label(dim(ui, text)).on_hover_text("Links and entries are not all observed alike");
        }
    }
    ui.add_space(2.0);
    for (level, command) in [
        (ProbeLevel::Off, Command::ObserveOff),
        (ProbeLevel::Timing, Command::ObserveTiming),
        (ProbeLevel::Values, Command::ObserveValues),
    ] {
        let is_on = model.observe_level() == Some(level);
        let can_switch = is_on || command.is_enabled(model);
        let response = ui.add_enabled(can_switch, Button::selectable(is_on, level.label()));
        name_button(&response, &format!("observe {}", level.label()));
        run_on_click(response, command, actions);
    }
}
