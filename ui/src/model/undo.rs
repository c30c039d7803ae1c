//! Edits as invertible values, so that undo is no feature of its own. Moves of cards are the window's
//! alone; changes to the workload are the workbench's, which knows every revision and is asked to go
//! back to one. Both stand in one log, in the order in which they were made.

use egui::Pos2;
use jackfield_protocol::ComponentName;

/// How many edits can be taken back.
const MAX_EDITS: usize = 500;

/// A change that the user made to a workload in the window.
#[derive(Debug, Clone, PartialEq)]
pub enum Edit {
    /// Cards were moved: name, top left corner before, and after.
    MoveCards(Vec<(ComponentName, Pos2, Pos2)>),
    /// The workload was changed.
    Document {
        /// What was done, as it stands behind 'Undo': `add square`.
        label: String,
        /// The revision before.
        before: u64,
        /// The revision after.
        after: u64,
    },
}

impl Edit {
    /// The edit that takes this one back.
    #[must_use]
    pub fn inverse(&self) -> Self {
        match self {
            Self::MoveCards(moves) => {
                Self::MoveCards(moves.iter().map(|(name, from, to)| (name.clone(), *to, *from)).collect())
            }
            Self::Document { label, before, after } => {
                Self::Document { label: label.clone(), before: *after, after: *before }
            }
        }
    }

    /// What was done, as it stands behind 'Undo'.
    #[must_use]
    pub fn label(&self) -> String {
        match self {
            Self::MoveCards(moves) => match moves.as_slice() {
                [(name, ..)] => format!("move {name}"),
                moves => format!("move {} cards", moves.len()),
            },
            Self::Document { label, .. } => label.clone(),
        }
    }
}

/// The edits that were made, and those that were taken back.
#[derive(Debug, Clone, Default)]
pub struct UndoLog {
    done: Vec<Edit>,
    undone: Vec<Edit>,
}

impl UndoLog {
    /// Remembers an edit that has just been made. What was taken back before can no longer be redone.
    pub fn push(&mut self, edit: Edit) {
        self.undone.clear();
        self.done.push(edit);
        if self.done.len() > MAX_EDITS {
            self.done.remove(0);
        }
    }

    /// The edit to make in order to take the last one back.
    pub fn undo(&mut self) -> Option<Edit> {
        let edit = self.done.pop()?;
        let inverse = edit.inverse();
        self.undone.push(edit);
        Some(inverse)
    }

    /// The edit to make again.
    pub fn redo(&mut self) -> Option<Edit> {
        let edit = self.undone.pop()?;
        self.done.push(edit.clone());
        Some(edit)
    }

    /// Whether there is an edit to take back.
    #[must_use]
    pub fn can_undo(&self) -> bool {
        !self.done.is_empty()
    }

    /// Whether there is an edit to make again.
    #[must_use]
    pub fn can_redo(&self) -> bool {
        !self.undone.is_empty()
    }

    /// What would be taken back.
    #[must_use]
    pub fn undo_label(&self) -> Option<String> {
        self.done.last().map(Edit::label)
    }

    /// What would be made again.
    #[must_use]
    pub fn redo_label(&self) -> Option<String> {
        self.undone.last().map(Edit::label)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moved(from: f32, to: f32) -> Edit {
        Edit::MoveCards(vec![("a".into(), Pos2::new(from, 0.0), Pos2::new(to, 0.0))])
    }

    fn changed(before: u64, after: u64) -> Edit {
        Edit::Document { label: "add square".to_owned(), before, after }
    }

    #[test]
    fn undo_gives_the_inverse_and_redo_the_edit() {
        let mut log = UndoLog::default();
        log.push(moved(0.0, 1.0));
        log.push(moved(1.0, 2.0));
        assert_eq!(log.undo(), Some(moved(2.0, 1.0)));
        assert_eq!(log.redo(), Some(moved(1.0, 2.0)));
        assert_eq!(log.redo(), None);
        assert_eq!(log.undo(), Some(moved(2.0, 1.0)));
        assert_eq!(log.undo(), Some(moved(1.0, 0.0)));
        assert_eq!(log.undo(), None);
    }

    #[test]
    fn moves_and_changes_are_taken_back_in_the_order_in_which_they_were_made() {
        let mut log = UndoLog::default();
        log.push(changed(1, 2));
        log.push(moved(0.0, 1.0));
        assert_eq!(log.undo_label().as_deref(), Some("move a"));
        assert_eq!(log.undo(), Some(moved(1.0, 0.0)));
        assert_eq!(log.undo_label().as_deref(), Some("add square"));
        assert_eq!(log.undo(), Some(changed(2, 1)));
        assert_eq!(log.redo_label().as_deref(), Some("add square"));
        assert_eq!(log.redo(), Some(changed(1, 2)));
    }

    #[test]
    fn a_new_edit_ends_what_could_be_redone() {
        let mut log = UndoLog::default();
        log.push(moved(0.0, 1.0));
        log.undo();
        log.push(moved(0.0, 5.0));
        assert!(!log.can_redo());
    }

    #[test]
    fn the_log_is_bounded() {
        let mut log = UndoLog::default();
        for step in 0..MAX_EDITS + 10 {
            log.push(moved(step as f32, step as f32 + 1.0));
        }
        assert_eq!(std::iter::from_fn(|| log.undo()).count(), MAX_EDITS);
    }
}
