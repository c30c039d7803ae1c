//! Edits as invertible values, so that undo is no feature of its own.

use egui::Pos2;
use jackfield_protocol::ComponentName;

/// How many edits can be taken back.
const MAX_EDITS: usize = 500;

/// A change that the user made to a workload in the window.
#[derive(Debug, Clone, PartialEq)]
pub enum Edit {
    /// Cards were moved: name, top left corner before, and after.
    MoveCards(Vec<(ComponentName, Pos2, Pos2)>),
}

impl Edit {
    /// The edit that takes this one back.
    #[must_use]
    pub fn inverse(&self) -> Self {
        match self {
            Self::MoveCards(moves) => {
                Self::MoveCards(moves.iter().map(|(name, from, to)| (name.clone(), *to, *from)).collect())
            }
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
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moved(from: f32, to: f32) -> Edit {
        Edit::MoveCards(vec![("a".into(), Pos2::new(from, 0.0), Pos2::new(to, 0.0))])
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
