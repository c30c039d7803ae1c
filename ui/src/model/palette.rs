//! What the command palette offers: every command that can be run now, and the samples.

use super::Model;
use crate::action::Action;
use crate::command::Command;

/// The state of the open palette.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PaletteState {
    /// What was typed.
    pub query: String,
    /// Which of the matching entries Enter runs.
    pub highlighted: usize,
}

/// One thing that the palette offers.
#[derive(Debug, Clone, PartialEq)]
pub struct PaletteEntry {
    /// What it says.
    pub text: String,
    /// What it does, in one sentence.
    pub description: String,
    /// The command, if it is one; for its shortcut.
    pub command: Option<Command>,
    /// What choosing it does.
    pub action: Action,
}

impl PaletteState {
    /// What matches the query, best first. Every word of the query must be in the text or the
    /// description; entries whose text begins with the query come first, then those whose text has it.
    #[must_use]
    pub fn entries(&self, model: &Model) -> Vec<PaletteEntry> {
        let query = self.query.trim().to_lowercase();
        let mut ranked: Vec<(u8, PaletteEntry)> =
            all_entries(model).filter_map(|entry| rank(&entry, &query).map(|rank| (rank, entry))).collect();
        ranked.sort_by_key(|(rank, _)| *rank);
        ranked.into_iter().map(|(_, entry)| entry).collect()
    }

    pub(super) fn step(&mut self, step: i32, len: usize) {
        let len = i64::try_from(len).unwrap_or(i64::MAX);
        let at = i64::try_from(self.highlighted).unwrap_or(0) + i64::from(step);
        self.highlighted = at.checked_rem_euclid(len).and_then(|at| usize::try_from(at).ok()).unwrap_or(0);
    }
}

fn all_entries(model: &Model) -> impl Iterator<Item = PaletteEntry> {
    let commands = Command::ALL.into_iter().filter(|command| *command != Command::Palette);
    let commands = commands.filter(|command| command.is_enabled(model)).map(|command| PaletteEntry {
        text: command.text().to_owned(),
        description: command.tooltip().to_owned(),
        command: Some(command),
        action: Action::Run(command),
    });
    let samples = model.samples.iter().map(|sample| PaletteEntry {
        text: format!("Open sample {}", sample.name),
        description: sample.description.clone(),
        command: None,
        action: Action::Open(sample.path.clone()),
    });
    commands.chain(samples)
}

fn rank(entry: &PaletteEntry, query: &str) -> Option<u8> {
    let text = entry.text.to_lowercase();
    let everything = format!("{text} {}", entry.description.to_lowercase());
    if text.starts_with(query) {
        Some(0)
    } else if text.contains(query) {
        Some(1)
    } else {
        query.split_whitespace().all(|word| everything.contains(word)).then_some(2)
    }
}
