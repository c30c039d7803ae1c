//! The WIT of the selected component, asked for when it is first shown.

use std::sync::Arc;

use egui::cache::{ComputerMut, FrameCache};
use egui::text::LayoutJob;
use egui::{CollapsingHeader, Frame, Label, ScrollArea, Theme, Ui};
use jackfield_protocol::{Digest, Node};

use super::super::widgets::dim;
use super::highlight;
use crate::action::{Action, ComposeAction};
use crate::model::Model;
use crate::model::compose::Wit;
use crate::theme::{self, space};

/// It scrolls by itself beyond this height.
const MAX_HEIGHT: f32 = 420.0;

pub(super) fn show(ui: &mut Ui, model: &Model, node: &Node, actions: &mut Vec<Action>) {
    CollapsingHeader::new("WIT").id_salt(("wit", node.name.as_str())).show(ui, |ui| {
        let digest = &node.component.digest;
        match model.wit.get(digest) {
            None => {
                actions.push(Action::Compose(ComposeAction::AskWit(node.name.clone())));
                ui.label(dim(ui, "Reading…"));
            }
            Some(Wit::Asked) => _ = ui.label(dim(ui, "Reading…")),
            Some(Wit::Failed(message)) => {
                ui.add(Label::new(message).wrap());
                if ui.button("Read the WIT again").clicked() {
                    actions.push(Action::Compose(ComposeAction::AskWit(node.name.clone())));
                }
            }
            Some(Wit::Text(text)) => {
                if ui.small_button("Copy WIT").clicked() {
                    actions.push(Action::Copy(text.to_string()));
                }
                listing(ui, digest, text);
            }
        }
    });
}

fn listing(ui: &mut Ui, digest: &Digest, text: &str) {
    let key = Key { digest, text, theme: ui.ctx().theme() };
    let job = ui.ctx().memory_mut(|memory| memory.caches.cache::<Jobs>().get(key).clone());
    // egui keeps the galley of a job that it has seen in the frame before.
    let galley = ui.ctx().fonts_mut(|fonts| fonts.layout_job((*job).clone()));
    let frame = Frame::new().fill(theme::tokens(ui.ctx()).sunken).inner_margin(space::SMALL);
    frame.show(ui, |ui| {
        ScrollArea::both()
            .id_salt("wit listing")
            .max_height(MAX_HEIGHT)
            // The room below does not count: the inspector scrolls as well.
            .min_scrolled_height(MAX_HEIGHT)
            .auto_shrink([false, true])
            .show(ui, |ui| ui.add(Label::new(galley).selectable(true)));
    });
}

type Jobs = FrameCache<Arc<LayoutJob>, Highlighter>;

/// A digest says which text it is, so the text itself need not be hashed.
#[derive(Clone, Copy)]
struct Key<'a> {
    digest: &'a Digest,
    text: &'a str,
    theme: Theme,
}

impl std::hash::Hash for Key<'_> {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.digest.hash(state);
        (self.theme == Theme::Dark).hash(state);
    }
}

#[derive(Default)]
struct Highlighter;

impl ComputerMut<Key<'_>, Arc<LayoutJob>> for Highlighter {
    fn compute(&mut self, key: Key<'_>) -> Arc<LayoutJob> {
        Arc::new(highlight::job(key.text, theme::of(key.theme)))
    }
}
