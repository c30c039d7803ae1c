//! What is asked for in the two dialogs, carried out on the model, and what came of it.

use jackfield_protocol::{Error, Request, Response, WrittenExport};

use super::super::{Effect, Fetching, Model, Notice, PathWish, Purpose};
use super::export::{file_name, with_extension};
use super::{
    ExchangeAction, ExchangePurpose, ExportDraft, ExportEdit, ExportState, ImportDraft, ImportEdit,
    ImportState, export_field, import_field,
};
use crate::text::count;

impl Model {
    /// Shows the dialog in which the current workload is exported.
    pub(in crate::model) fn ask_for_export(&mut self) -> Vec<Effect> {
        let Some(open) = self.current() else { return Vec::new() };
        let draft = ExportDraft::new(&open.view, &self.save_name(open.view.id));
        self.exchange.import = None;
        self.exchange.export = Some(draft);
        vec![Effect::Focus(export_field())]
    }

    /// Shows the dialog in which a manifest is imported.
    pub(in crate::model) fn ask_for_manifest(&mut self) -> Effect {
        self.exchange.export = None;
        self.exchange.import = Some(ImportDraft::new(String::new()));
        Effect::Focus(import_field())
    }

    /// Opens what a manifest describes, and says in the dialog what came of it.
    pub(in crate::model) fn open_manifest(&mut self, path: String) -> Effect {
        self.exchange.export = None;
        self.exchange.import = Some(ImportDraft { state: ImportState::Opening, path: path.clone() });
        open_manifest(path)
    }

    /// Carries out what was asked for.
    pub(in crate::model) fn apply_to_exchange(&mut self, action: ExchangeAction) -> Vec<Effect> {
        match action {
            ExchangeAction::Export(edit) => self.apply_to_export(edit),
            ExchangeAction::Import(edit) => self.apply_to_import(edit),
        }
    }

    fn apply_to_export(&mut self, edit: ExportEdit) -> Vec<Effect> {
        match edit {
            ExportEdit::Close => {
                self.exchange.export = None;
                return Vec::new();
            }
            ExportEdit::Choose => return self.choose_export_file(),
            ExportEdit::Write { replace } => return self.write_export(replace),
            _ => {}
        }
        let Some(draft) = self.exchange.export.as_mut().filter(|draft| draft.state != ExportState::Writing)
        else {
            return Vec::new();
        };
        match edit {
            ExportEdit::Form(form) => draft.set_form(form),
            ExportEdit::Entry(entry) => draft.entry = Some(entry),
            ExportEdit::Image(component, image) => _ = draft.images.insert(component, image),
            ExportEdit::Host(host) => draft.host = host,
            ExportEdit::StandIns(sources) => draft.stand_ins = sources,
            ExportEdit::Path(path) => draft.path = path,
            ExportEdit::Chosen(path) => {
                draft.chosen = Some(path.clone());
                draft.path = path;
            }
            ExportEdit::Choose | ExportEdit::Write { .. } | ExportEdit::Close => {}
        }
        // What was said of the one before says nothing of this one.
        draft.state = ExportState::Asking;
        Vec::new()
    }

    fn choose_export_file(&self) -> Vec<Effect> {
        let Some(draft) = &self.exchange.export else { return Vec::new() };
        let name = match file_name(&draft.path) {
            "" => with_extension(&self.save_name(draft.workload), draft.form),
            name => name.to_owned(),
        };
        vec![Effect::PickPath(PathWish::ExportWorkload(draft.form, name))]
    }

    fn write_export(&mut self, replace: bool) -> Vec<Effect> {
        let Some(draft) = &self.exchange.export else { return Vec::new() };
        let Some(open) = self.workload(draft.workload) else { return Vec::new() };
        let request = draft.request(&open.view.plan, replace);
        let Some(draft) = self.exchange.export.as_mut().filter(|draft| draft.state != ExportState::Writing)
        else {
            return Vec::new();
        };
        match request {
            Ok(request) => {
                draft.state = ExportState::Writing;
                vec![effect(request, ExchangePurpose::Write(draft.workload))]
            }
            Err(lack) => {
                draft.state = ExportState::Lacking(lack);
                Vec::new()
            }
        }
    }

    fn apply_to_import(&mut self, edit: ImportEdit) -> Vec<Effect> {
        let Some(draft) = &mut self.exchange.import else { return Vec::new() };
        match edit {
            ImportEdit::Close => self.exchange.import = None,
            ImportEdit::Choose => return vec![Effect::PickPath(PathWish::Manifest)],
            ImportEdit::Path(path) if draft.state != ImportState::Opening => *draft = ImportDraft::new(path),
            ImportEdit::Open if draft.state != ImportState::Opening && !draft.path.trim().is_empty() => {
                let path = draft.path.trim().to_owned();
                return vec![self.open_manifest(path)];
            }
            ImportEdit::Path(_) | ImportEdit::Open => {}
        }
        Vec::new()
    }

    /// Takes in what came of a request.
    pub(in crate::model) fn exchange_answered(
        &mut self,
        purpose: &Purpose,
        response: Response,
    ) -> Vec<Effect> {
        match (purpose, response) {
            (Purpose::Exchange(ExchangePurpose::Write(_)), Response::WroteExport(written)) => {
                self.wrote(written);
            }
            (Purpose::Exchange(ExchangePurpose::Write(_)), Response::ExportInTheWay(paths)) => {
                return self.in_the_way(paths);
            }
            (
                Purpose::Exchange(ExchangePurpose::Open(path)),
                Response::OpenedManifest { workload, findings },
            ) => {
                self.current = Some(workload.id);
                let name = workload.name.clone();
                let effects = self.put(workload);
                match self.exchange.import.as_mut().filter(|draft| draft.path == *path) {
                    Some(draft) => draft.state = ImportState::Done { name, findings },
                    None if findings.is_empty() => {}
                    None => {
                        let title = format!("{} of {path} not imported", count(findings.len(), "part"));
                        self.inform(title, &super::import::findings_text(path, &findings));
                    }
                }
                return effects;
            }
            _ => {}
        }
        Vec::new()
    }

    fn wrote(&mut self, written: WrittenExport) {
        if let Some(draft) = self.exchange.export.as_mut().filter(|draft| draft.state == ExportState::Writing)
        {
            draft.state = ExportState::Done(written);
            return;
        }
        let path = written.files.first().map(|file| file.path.as_str()).unwrap_or_default();
        self.inform(format!("Exported to {path}"), &written.commands.join("\n"));
    }

    /// Whoever chose a file in the system's dialog was asked there whether it may be replaced.
    fn in_the_way(&mut self, paths: Vec<String>) -> Vec<Effect> {
        let Some(draft) = self.exchange.export.as_mut().filter(|draft| draft.state == ExportState::Writing)
        else {
            return Vec::new();
        };
        let is_chosen = draft.chosen.as_ref().is_some_and(|chosen| paths == [chosen.as_str()]);
        draft.state = ExportState::InTheWay(paths);
        if is_chosen { self.write_export(true) } else { Vec::new() }
    }

    /// Says in its dialog what could not be done, or in a notice if the dialog is closed.
    pub(in crate::model) fn exchange_failed(&mut self, purpose: &ExchangePurpose, error: &Error) {
        match purpose {
            ExchangePurpose::Write(id) => {
                match self.exchange.export.as_mut().filter(|draft| draft.state == ExportState::Writing) {
                    Some(draft) => draft.state = ExportState::Failed(error.clone()),
                    None => {
                        let name = self.workload(*id).map_or("the workload", |open| open.view.name.as_str());
                        let attempt = format!("Could not export {name}");
                        self.notify(Notice::from_error(0, &attempt, error));
                    }
                }
            }
            ExchangePurpose::Open(path) => self.manifest_failed(path, error),
        }
    }

    fn manifest_failed(&mut self, path: &str, error: &Error) {
        let fetching = Fetching::after_manifest(path, error);
        let draft = self.exchange.import.as_mut().filter(|draft| draft.path == path);
        match (draft, fetching) {
            (Some(draft), None) => draft.state = ImportState::Failed(error.clone()),
            // What can be pulled is offered where pulling is followed.
            (_, fetching) => {
                self.exchange.import = None;
                let notice = Notice::from_error(0, &format!("Could not open {path}"), error);
                self.notify(Notice { fetching, ..notice });
            }
        }
    }
}

/// The request to open what a manifest describes.
pub(in crate::model) fn open_manifest(path: String) -> Effect {
    effect(Request::OpenManifest { path: path.clone() }, ExchangePurpose::Open(path))
}

fn effect(request: Request, purpose: ExchangePurpose) -> Effect {
    Effect::Send(request, Purpose::Exchange(purpose))
}
