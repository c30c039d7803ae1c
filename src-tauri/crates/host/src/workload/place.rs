//! From byte offsets to lines and columns.

/// A place in a text file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Counted from 1.
    pub line: u32,
    /// Counted from 1, in characters.
    pub column: u32,
}

/// Knows where the lines of a text begin.
pub(super) struct Lines<'t> {
    text: &'t str,
    /// The byte offset of each line's first character; the first is 0.
    starts: Vec<usize>,
}

impl<'t> Lines<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        let after_breaks = text.match_indices('\n').map(|(index, _)| index + 1);
        Self { text, starts: std::iter::once(0).chain(after_breaks).collect() }
    }

    /// The place of the character at `offset`, or of the end if there is none.
    pub(super) fn place(&self, offset: usize) -> Place {
        let line = self.starts.partition_point(|start| *start <= offset).saturating_sub(1);
        let start = self.starts.get(line).copied().unwrap_or_default();
        let rest = self.text.get(start..).unwrap_or_default();
        let before = rest.char_indices().take_while(|(index, _)| start + index < offset);
        // A byte order mark takes no room on a screen.
        let column = before.filter(|(_, character)| *character != '\u{feff}').count();
        Place { line: count(line + 1), column: count(column + 1) }
    }
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_from_one() {
        let text = "\u{feff}a = 1\r\n\"é\" = \"ü\" x\n\n";
        let lines = Lines::new(text);
        let place = |part: &str| lines.place(text.find(part).expect(part));
        assert_eq!(place("a"), Place { line: 1, column: 1 });
        assert_eq!(place("1"), Place { line: 1, column: 5 });
        assert_eq!(place("x"), Place { line: 2, column: 11 });
        assert_eq!(lines.place(text.len()), Place { line: 4, column: 1 });
        assert_eq!(lines.place(usize::MAX), Place { line: 4, column: 1 });
    }
}
