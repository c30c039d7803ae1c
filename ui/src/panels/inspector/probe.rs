//! What is observed of a link or of the calls from outside, and what has gone by.

use egui::{Button, Grid, RichText, Ui};
use jackfield_protocol::{LinkTarget, Plan, ProbeLevel, ProbeSelection, ProbeSite, SiteFigures};

use super::super::widgets::{dim, heading, name_button};
use crate::action::{Action, TraceAction};
use crate::model::OpenWorkload;
use crate::model::traces::nanos;
use crate::text::{grouped, size};
use crate::theme::{self, words};

/// The switch of one site, and its figures.
pub(super) fn show(ui: &mut Ui, open: &OpenWorkload, site: &ProbeSite, actions: &mut Vec<Action>) {
    heading(ui, if matches!(site, ProbeSite::Entry(_)) { "Calls from outside" } else { "Calls" });
    switch(ui, open, site, actions);
    let level = open.view.probes.level(site);
    if level == ProbeLevel::Off {
        ui.label(dim(ui, words::LINK_NOT_OBSERVED));
        return;
    }
    restart_hint(ui, open, site);
    match open.figures(site).filter(|figures| figures.calls > 0) {
        Some(figures) => table(ui, figures),
        None if open.is_never_called(site) && matches!(site, ProbeSite::Link { .. }) => {
            ui.label(dim(ui, words::NEVER_CALLED).italics());
        }
        None if open.is_never_called(site) => _ = ui.label(dim(ui, words::NO_CALL_FROM_OUTSIDE)),
        None => _ = ui.label(dim(ui, words::NO_CALL_YET)),
    }
}

fn switch(ui: &mut Ui, open: &OpenWorkload, site: &ProbeSite, actions: &mut Vec<Action>) {
    let now = open.view.probes.level(site);
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 2.0;
        ui.label(dim(ui, "Observe"));
        for level in ProbeLevel::ALL {
            let hint = match level {
                ProbeLevel::Off => "Nothing: calls are as fast as without probes",
                ProbeLevel::Timing => "Names and times",
                ProbeLevel::Values => "Arguments and results, too",
            };
            let response = ui.add(Button::selectable(now == level, level.label())).on_hover_text(hint);
            let place = if matches!(site, ProbeSite::Entry(_)) { "entry" } else { "link" };
            name_button(&response, &format!("observe {place} {}", level.label()));
            if response.clicked() {
                let sites = ProbeSelection::One(site.clone());
                actions.push(Action::Trace(TraceAction::Observe(sites, level)));
            }
        }
    });
}

/// What was switched on below a running service is seen after its restart.
fn restart_hint(ui: &mut Ui, open: &OpenWorkload, site: &ProbeSite) {
    let component = match site {
        ProbeSite::Entry(component) | ProbeSite::Link { consumer: component, .. } => component,
    };
    let waits = &open.view.probes.needs_restart;
    if let Some(service) = waits.iter().find(|name| *name == component).or(waits.first()) {
        let text = format!("Restart {service} to see the calls below it");
        ui.add(egui::Label::new(RichText::new(text).color(theme::tokens(ui.ctx()).warning)).wrap());
    }
}

fn table(ui: &mut Ui, figures: &SiteFigures) {
    let t = theme::tokens(ui.ctx());
    Grid::new("figures of link").num_columns(2).spacing([14.0, 3.0]).show(ui, |ui| {
        let mut row = |name: &str, value: String, color: egui::Color32| {
            ui.label(dim(ui, name));
            ui.label(RichText::new(value).monospace().color(color));
            ui.end_row();
        };
        row("calls", grouped(figures.calls), t.text);
        let color = if figures.errors > 0 { t.error } else { t.text };
        row("errors", errors(figures), color);
        row("rate", format!("{:.1}/s", figures.rate()), t.text);
        row("p50", nanos(figures.p50_nanos), t.text);
        row("p95", nanos(figures.p95_nanos), t.text);
        row("p99", nanos(figures.p99_nanos), t.text);
        row("bytes", size(figures.bytes), t.text);
    });
}

/// `3 (1.2 %)`.
fn errors(figures: &SiteFigures) -> String {
    match figures.errors {
        0 => "0".to_owned(),
        errors => {
            let share = 100.0 * errors as f64 / figures.calls.max(1) as f64;
            let share = if share < 0.1 { "< 0.1".to_owned() } else { format!("{share:.1}") };
            format!("{} ({share} %)", grouped(errors))
        }
    }
}

/// A word about an import in a list: how much of it is observed, and what has gone by.
pub(super) fn word(open: &OpenWorkload, plan: &Plan, site: &ProbeSite) -> Option<String> {
    let level = open.view.probes.level(site);
    if level == ProbeLevel::Off {
        return None;
    }
    let ProbeSite::Link { consumer, import } = site else { return None };
    let is_stub = plan.link(consumer, import).is_some_and(|link| link.target == LinkTarget::Stub);
    Some(match open.figures(site).filter(|figures| figures.calls > 0) {
        Some(figures) => {
            let plural = if figures.calls == 1 { "" } else { "s" };
            format!("observed ({}), {} call{plural}", level.label(), grouped(figures.calls))
        }
        None if open.is_never_called(site) && !is_stub => words::NEVER_CALLED.to_owned(),
        None => format!("observed ({})", level.label()),
    })
}
