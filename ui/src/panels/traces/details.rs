//! The selected row of a trace with its whole values, to read, to select from and to copy.

use egui::{Label, RichText, ScrollArea, TextEdit, TextStyle, Ui};
use jackfield_protocol::{Outcome, Span, Trace};

use super::super::widgets::{dim, empty, name_button, name_field};
use super::outcome_color;
use crate::action::{Action, TraceAction};
use crate::model::traces::{OpenTrace, RowKind, nanos};
use crate::text::{printable, shortened};
use crate::theme::{self, words};

/// A value is shown up to so many characters; copying takes all of it.
const MAX_SHOWN_CHARS: usize = 20_000;

pub(super) fn show(ui: &mut Ui, open: &OpenTrace, trace: &Trace, actions: &mut Vec<Action>) {
    let Some(row) = open.selected_row() else {
        empty(ui, words::TRACE_NO_ROW);
        return;
    };
    ScrollArea::vertical().id_salt("span details").auto_shrink([false, false]).show(ui, |ui| {
        if let RowKind::Line(at) = row.kind
            && let Some(line) = trace.lines.get(at)
        {
            ui.label(dim(ui, format!("{} {} after {}", line.component, line.stream, nanos(line.at_nanos))));
            value(ui, "line", &printable(&line.text), actions);
            return;
        }
        if let Some(span) = open.selected_span() {
            call(ui, span, actions);
        }
    });
}

fn call(ui: &mut Ui, span: &Span, actions: &mut Vec<Action>) {
    let t = theme::tokens(ui.ctx());
    ui.horizontal_wrapped(|ui| {
        ui.add(Label::new(RichText::new(printable(&span.function)).monospace()).wrap().selectable(true));
        ui.label(RichText::new(span.outcome.label()).color(outcome_color(&span.outcome, t)).strong());
    });
    ui.horizontal_wrapped(|ui| {
        match &span.consumer {
            Some(name) => component(ui, name.as_str(), actions),
            None => _ = ui.label("outside"),
        }
        ui.label("→");
        match span.provider.component() {
            Some(name) => component(ui, name.as_str(), actions),
            None => _ = ui.label(format!("host {}", span.provider.as_str())),
        }
        let mut facts = vec![format!("after {}", nanos(span.start_nanos))];
        facts.push(
            span.duration_nanos
                .map_or_else(|| "did not return".to_owned(), |took| format!("took {}", nanos(took))),
        );
        if span.held_nanos > 0 {
            facts.push(format!("held {}", nanos(span.held_nanos)));
        }
        ui.label(dim(ui, facts.join(" · ")));
        if let Some(intervention) = &span.intervention {
            ui.label(RichText::new(printable(intervention)).color(t.warning));
        }
    });
    if let Outcome::Trap { message, frames } = &span.outcome {
        ui.add(Label::new(RichText::new(printable(message)).color(t.error)).wrap().selectable(true));
        for frame in frames {
            let text = RichText::new(format!("at {}", printable(frame))).monospace().color(t.error);
            ui.add(Label::new(text).wrap().selectable(true));
        }
    }
    for argument in &span.args {
        value(ui, &argument.name, &argument.value, actions);
    }
    if let Some(result) = &span.result {
        value(ui, "result", result, actions);
    }
    if span.args.is_empty() && span.result.is_none() && span.outcome.is_ok() {
        ui.label(dim(ui, words::TRACE_NO_VALUES));
    }
}

fn component(ui: &mut Ui, name: &str, actions: &mut Vec<Action>) {
    if ui.link(name).on_hover_text("Show the component").clicked() {
        actions.push(Action::Trace(TraceAction::ShowComponent(name.into())));
    }
}

fn value(ui: &mut Ui, name: &str, value: &str, actions: &mut Vec<Action>) {
    ui.horizontal(|ui| {
        ui.label(dim(ui, name));
        let copy = ui.small_button("Copy");
        name_button(&copy, &format!("copy {name}"));
        if copy.clicked() {
            actions.push(Action::Copy(value.to_owned()));
        }
    });
    let shown = printable(&shortened(value, MAX_SHOWN_CHARS)).into_owned();
    let rows = shown.lines().count().clamp(1, 12);
    let mut text: &str = &shown;
    let field = TextEdit::multiline(&mut text).font(TextStyle::Monospace).desired_rows(rows);
    name_field(&ui.add(field.desired_width(f32::INFINITY)), &format!("value of {name}"));
}
