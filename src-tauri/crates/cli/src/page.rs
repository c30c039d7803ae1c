//! Text to be printed, with the role of each piece, and without colour codes until it is.
//!
//! Everything on a page is harmless to a terminal: each piece is [sanitized](crate::sanitize) when
//! it is added, so that no renderer can forget to.

use std::fmt::Display;

use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use crate::sanitize;
use crate::style::{RESET, Role};

/// Lines of text.
#[derive(Debug, Default)]
pub(crate) struct Page {
    lines: Vec<Line>,
}

/// Pieces of text beside each other.
#[derive(Debug, Default)]
pub(crate) struct Line {
    pieces: Vec<(Role, String)>,
}

impl Page {
    /// Begins a new line.
    pub(crate) fn line(&mut self) -> &mut Line {
        self.lines.push_mut(Line::default())
    }

    /// Begins a section: an empty line, unless it is the first, and a heading.
    pub(crate) fn section(&mut self, heading: &str) {
        if !self.lines.is_empty() {
            self.line();
        }
        self.line().add(Role::Heading, heading);
    }

    /// Puts another page below.
    pub(crate) fn append(&mut self, mut other: Self) {
        self.lines.append(&mut other.lines);
    }

    /// The page as text, with or without colour codes.
    pub(crate) fn render(&self, colour: bool) -> String {
        self.render_within(colour, None)
    }

    /// The same, with lines cut that are wider than so many columns.
    pub(crate) fn render_within(&self, colour: bool, columns: Option<usize>) -> String {
        let mut text = String::new();
        for line in &self.lines {
            match columns.filter(|columns| line.width() > *columns) {
                Some(columns) => line.cut(columns).render(colour, &mut text),
                None => line.render(colour, &mut text),
            }
            text.push('\n');
        }
        text
    }
}

impl Line {
    /// Adds a piece of text.
    pub(crate) fn add(&mut self, role: Role, text: impl Display) -> &mut Self {
        self.pieces.push((role, sanitize::line(&text.to_string())));
        self
    }

    /// Adds text without a role.
    pub(crate) fn plain(&mut self, text: impl Display) -> &mut Self {
        self.add(Role::Plain, text)
    }

    /// How many columns of a terminal it takes.
    fn width(&self) -> usize {
        self.pieces.iter().map(|(_, piece)| piece.width()).sum()
    }

    /// As much of it as fits, with a mark that it is not all.
    fn cut(&self, columns: usize) -> Self {
        let mut left = columns.saturating_sub(1);
        let mut pieces = Vec::new();
        for (role, piece) in &self.pieces {
            let end = piece.char_indices().find_map(|(at, c)| match c.width().unwrap_or(0) {
                width if width > left => Some(at),
                width => {
                    left -= width;
                    None
                }
            });
            match end {
                Some(end) => {
                    pieces.push((*role, piece.get(..end).unwrap_or_default().to_owned()));
                    break;
                }
                None => pieces.push((*role, piece.clone())),
            }
        }
        pieces.push((Role::Faint, "…".to_owned()));
        Self { pieces }
    }

    fn render(&self, colour: bool, text: &mut String) {
        for (role, piece) in &self.pieces {
            match role.code() {
                Some(code) if colour && !piece.is_empty() => {
                    text.push_str("\u{1b}[");
                    text.push_str(code);
                    text.push('m');
                    text.push_str(piece);
                    text.push_str(RESET);
                }
                _ => text.push_str(piece),
            }
        }
        text.truncate(text.trim_end_matches(' ').len());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_colour_there_are_no_codes_and_no_trailing_spaces() {
        let mut page = Page::default();
        page.section("first");
        page.section("second");
        page.line().add(Role::Name, "a  ").plain(" ");
        assert_eq!(page.render(false), "first\n\nsecond\na\n");
    }

    #[test]
    fn with_colour_each_piece_ends_what_it_began() {
        let mut page = Page::default();
        page.line().plain("a ").add(Role::Good, "b");
        assert_eq!(page.render(true), "a \u{1b}[32mb\u{1b}[0m\n");
    }

    #[test]
    fn others_cannot_smuggle_codes_or_lines_in() {
        let mut page = Page::default();
        page.line().add(Role::Plain, "a\u{1b}[2J\nb");
        assert_eq!(page.render(true), "a^[[2J^Jb\n");
    }
}
