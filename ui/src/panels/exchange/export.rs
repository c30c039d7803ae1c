//! The dialog in which a workload is exported: as what, where to, and what came of it.

use egui::{Button, ComboBox, Grid, Label, RichText, TextEdit, Ui};
use jackfield_protocol::Plan;

use super::super::logs::name_combo;
use super::super::widgets::{dim, name_button, name_field};
use super::{dialog, failure, path_field, result};
use crate::action::{Action, ExchangeAction};
use crate::model::exchange::{
    ExportDraft, ExportEdit, ExportForm, ExportState, export_field, out_of_reach, ways_in,
};
use crate::model::{Model, OpenWorkload};
use crate::theme::{self, space, words};

pub(super) fn show(ui: &Ui, model: &Model, actions: &mut Vec<Action>) {
    let Some(draft) = &model.exchange.export else { return };
    let Some(open) = model.workload(draft.workload) else { return };
    let mut edits = Vec::new();
    let mut later = Vec::new();
    let is_closed = dialog(
        ui,
        "export workload",
        |ui| content(ui, open, draft, &mut edits, actions),
        |ui| buttons(ui, draft, &mut later),
    );
    edits.append(&mut later);
    if is_closed {
        edits.push(ExportEdit::Close);
    }
    actions.extend(edits.into_iter().map(|edit| Action::Exchange(ExchangeAction::Export(edit))));
}

fn content(
    ui: &mut Ui,
    open: &OpenWorkload,
    draft: &ExportDraft,
    edits: &mut Vec<ExportEdit>,
    actions: &mut Vec<Action>,
) {
    ui.heading(format!("Export {}", open.view.name));
    ui.label(dim(ui, words::EXPORT_HELP));
    ui.add_space(space::MEDIUM);
    // While it is written, nothing else can be asked for.
    ui.add_enabled_ui(draft.state != ExportState::Writing, |ui| {
        for form in ExportForm::ALL {
            form_choice(ui, form, draft, edits);
        }
        ui.add_space(space::MEDIUM);
        match draft.form.has_entry() {
            true => way_in(ui, &open.view.plan, draft, edits),
            false => cluster(ui, open, draft, edits),
        }
        stand_ins(ui, draft, edits);
        ui.add_space(space::SMALL);
        ui.label(dim(ui, "File"));
        let hint = format!("/home/me/{}.{}", open.view.name, draft.form.extension());
        let change = path_field(ui, export_field(), &draft.path, &hint, "export file");
        edits.extend(change.typed.map(ExportEdit::Path));
        if change.is_choosing {
            edits.push(ExportEdit::Choose);
        }
        if change.is_entered {
            edits.push(ExportEdit::Write { replace: false });
        }
    });
    outcome(ui, draft, actions);
}

fn form_choice(ui: &mut Ui, form: ExportForm, draft: &ExportDraft, edits: &mut Vec<ExportEdit>) {
    if ui.radio(draft.form == form, form.title()).clicked() {
        edits.push(ExportEdit::Form(form));
    }
    ui.horizontal(|ui| {
        ui.spacing_mut().interact_size.y = 0.0;
        ui.add_space(space::LARGE);
        ui.add(Label::new(dim(ui, form.purpose()).size(space::TEXT_SMALL)).wrap());
    });
}

/// Which component is called from outside; the others of its kind stay behind.
fn way_in(ui: &mut Ui, plan: &Plan, draft: &ExportDraft, edits: &mut Vec<ExportEdit>) {
    let Some(entry) = &draft.entry else {
        ui.label(RichText::new(words::EXPORT_NO_WAY_IN).color(theme::tokens(ui.ctx()).warning));
        return;
    };
    ui.horizontal(|ui| {
        ui.label(dim(ui, "Way in"));
        let combo = ComboBox::from_id_salt("export way in").selected_text(entry.as_str()).width(220.0);
        let response = combo.show_ui(ui, |ui| {
            for name in ways_in(plan) {
                if ui.selectable_label(name == entry, name.as_str()).clicked() {
                    edits.push(ExportEdit::Entry(name.clone()));
                }
            }
        });
        name_combo(&response.response, "way in", entry.as_str());
        let others = ways_in(plan).filter(|name| *name != entry).count();
        if others > 0 {
            let text = match others {
                1 => "1 other way in stays behind".to_owned(),
                others => format!("{others} other ways in stay behind"),
            };
            ui.label(dim(ui, text)).on_hover_text(words::EXPORT_ONE_WAY_IN);
        }
    });
}

/// Components that take the place of plugins which the other runtime does not have.
fn stand_ins(ui: &mut Ui, draft: &ExportDraft, edits: &mut Vec<ExportEdit>) {
    ui.horizontal(|ui| {
        ui.label(dim(ui, "Stand-ins")).on_hover_text(words::EXPORT_STAND_INS);
        let mut sources = draft.stand_ins.clone();
        let field = TextEdit::singleline(&mut sources).hint_text(words::EXPORT_STAND_INS_HINT);
        let field = ui.add(field.desired_width(f32::INFINITY)).on_hover_text(words::EXPORT_STAND_INS);
        name_field(&field, "stand-ins");
        if field.changed() {
            edits.push(ExportEdit::StandIns(sources));
        }
    });
}

/// What a cluster has to know that the workload file does not say.
fn cluster(ui: &mut Ui, open: &OpenWorkload, draft: &ExportDraft, edits: &mut Vec<ExportEdit>) {
    let local: Vec<_> = out_of_reach(&open.view.plan).collect();
    if !local.is_empty() {
        ui.add(Label::new(dim(ui, words::EXPORT_IMAGES)).wrap());
    }
    Grid::new("export images").num_columns(2).show(ui, |ui| {
        for node in local {
            let name = node.name.as_str();
            ui.add(Label::new(name).truncate()).on_hover_text(&node.source);
            let mut image = draft.images.get(&node.name).cloned().unwrap_or_default();
            let hint = format!("ghcr.io/acme/{name}:1.0");
            let field = TextEdit::singleline(&mut image).hint_text(hint).desired_width(f32::INFINITY);
            let field = ui.add(field);
            name_field(&field, &format!("image of {name}"));
            if field.changed() {
                edits.push(ExportEdit::Image(node.name.clone(), image));
            }
            ui.end_row();
        }
        ui.label(dim(ui, "Host name")).on_hover_text(words::EXPORT_HOST);
        let mut host = draft.host.clone();
        let hint = format!("{}.localhost", open.view.name);
        let field = ui.add(TextEdit::singleline(&mut host).hint_text(hint).desired_width(f32::INFINITY));
        name_field(&field, "host name");
        if field.changed() {
            edits.push(ExportEdit::Host(host));
        }
        ui.end_row();
    });
}

fn outcome(ui: &mut Ui, draft: &ExportDraft, actions: &mut Vec<Action>) {
    let t = theme::tokens(ui.ctx());
    match &draft.state {
        ExportState::Asking | ExportState::Writing => {}
        ExportState::Lacking(lack) => {
            ui.add_space(space::SMALL);
            ui.add(Label::new(RichText::new(lack).color(t.error)).wrap());
        }
        ExportState::InTheWay(paths) => {
            ui.add_space(space::SMALL);
            let text = format!("{} there already:", if paths.len() == 1 { "It is" } else { "These are" });
            ui.label(RichText::new(text).color(t.warning));
            for path in paths {
                ui.add(Label::new(RichText::new(path).monospace()).wrap());
            }
        }
        ExportState::Failed(error) => {
            ui.add_space(space::SMALL);
            failure(ui, error);
        }
        ExportState::Done(written) => result::exported(ui, written, actions),
    }
}

fn buttons(ui: &mut Ui, draft: &ExportDraft, edits: &mut Vec<ExportEdit>) {
    let is_writing = draft.state == ExportState::Writing;
    let (text, label, replace) = match &draft.state {
        ExportState::Writing => ("Exporting…", "export", false),
        ExportState::InTheWay(_) => ("Replace", "replace files", true),
        _ => ("Export", "export", false),
    };
    let has_way_in = draft.entry.is_some() || !draft.form.has_entry();
    let button = Button::new(text).fill(theme::tokens(ui.ctx()).accent_ground);
    let button = ui.add_enabled(!is_writing && has_way_in, button);
    name_button(&button, label);
    if button.clicked() {
        edits.push(ExportEdit::Write { replace });
    }
    let close = ui.button("Close");
    name_button(&close, "close export");
    if close.clicked() {
        edits.push(ExportEdit::Close);
    }
}
