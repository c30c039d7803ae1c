//! What a stub answers: a field for each function of the import.

use egui::{Label, RichText, Ui};
use jackfield_protocol::{AnswerProblem, Diagnostic, Function, Link};

use super::super::widgets::{dim, heading};
use super::fields::{self, Looks};
use crate::action::Action;
use crate::model::OpenWorkload;
use crate::model::compose::{Field, UNIT};
use crate::theme;

pub(super) fn show(ui: &mut Ui, open: &OpenWorkload, link: &Link, actions: &mut Vec<Action>) {
    let node = open.view.plan.node(&link.consumer);
    let port = node.and_then(|node| node.component.imports().find(|port| port.name == link.import));
    let Some(port) = port.filter(|port| !port.functions().is_empty()) else { return };
    heading(ui, "Answers");
    ui.add(
        Label::new(dim(ui, "What calls get, as WAVE. A call of a function without an answer traps.")).wrap(),
    );
    for function in port.functions() {
        one(ui, open, link, function, actions);
    }
}

fn one(ui: &mut Ui, open: &OpenWorkload, link: &Link, function: &Function, actions: &mut Vec<Action>) {
    let code = RichText::new(function.signature()).monospace();
    ui.add(Label::new(code).wrap());
    let field = Field::Answer(link.consumer.clone(), link.import.clone(), function.name.clone());
    let looks = Looks {
        label: &format!("answer {}", function.display_name()),
        hint: function.result.as_deref().unwrap_or(UNIT),
        width: f32::INFINITY,
    };
    fields::text(ui, open, &field, looks, actions);
    if let Some(problem) = problem(open, link, function) {
        let color = theme::tokens(ui.ctx()).error;
        ui.add(Label::new(RichText::new(format!("{problem}; {}", problem.help())).color(color)).wrap());
    }
}

/// What the plan has to say about the answer of a function.
fn problem<'a>(open: &'a OpenWorkload, link: &Link, function: &Function) -> Option<&'a AnswerProblem> {
    open.view.plan.diagnostics.iter().find_map(|found| match found {
        Diagnostic::UnusableAnswer { component, import, function: named, problem } => {
            let is_here = (component, import) == (&link.consumer, &link.import);
            let is_meant = *named == function.name || *named == function.display_name();
            (is_here && is_meant).then_some(problem)
        }
        _ => None,
    })
}
