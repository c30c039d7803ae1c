//! Text that others wrote, made safe for a terminal.
//!
//! Components' lines, names in binaries and paths are untrusted: raw, they could move the cursor,
//! rewrite earlier lines, set the window's title, or reverse the reading order. Colour sequences
//! are dropped, because they are common and harmless to lose; every other control character is
//! shown, so that nothing is hidden.

use std::fmt::Write as _;

/// `text` as one line that does nothing but show characters.
pub(crate) fn line(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(next) = rest.chars().next() {
        if let Some(length) = colour_sequence(rest) {
            rest = rest.get(length..).unwrap_or_default();
            continue;
        }
        push(&mut shown, next);
        rest = rest.get(next.len_utf8()..).unwrap_or_default();
    }
    shown
}

/// The length in bytes of the SGR sequence (ECMA-48, 8.3.117) that `text` begins with, if any.
fn colour_sequence(text: &str) -> Option<usize> {
    let parameters = text.strip_prefix("\u{1b}[")?;
    let end = parameters.find(|c: char| !c.is_ascii_digit() && c != ';' && c != ':')?;
    parameters.get(end..)?.starts_with('m').then_some("\u{1b}[".len() + end + "m".len())
}

fn push(shown: &mut String, c: char) {
    match c {
        '\t' => shown.push(c),
        // Caret notation, as terminals themselves echo control characters.
        '\0'..='\u{1f}' | '\u{7f}' => {
            shown.push('^');
            shown.push(char::from((c as u8) ^ 0x40));
        }
        c if c.is_control() || changes_layout(c) => {
            // Writing to a string cannot fail.
            let _ = write!(shown, "\\u{{{:x}}}", u32::from(c));
        }
        c => shown.push(c),
    }
}

/// Line and paragraph separators, and what overrides the direction of text (Unicode TR 9).
fn changes_layout(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_text_stays_as_it_is() {
        for text in ["", "plain", "a\tb", "größer → 日本語 🦀"] {
            assert_eq!(line(text), text);
        }
    }

    #[test]
    fn colours_are_dropped() {
        assert_eq!(line("\u{1b}[1;31mred\u{1b}[0m and \u{1b}[mplain"), "red and plain");
    }

    #[test]
    fn everything_else_that_acts_is_shown() {
        assert_eq!(line("a\u{1b}[2Jb"), "a^[[2Jb");
        assert_eq!(line("\u{1b}]0;title\u{7}"), "^[]0;title^G");
        assert_eq!(line("over\rwritten\n\u{7f}"), "over^Mwritten^J^?");
        assert_eq!(line("\u{9b}31m"), "\\u{9b}31m");
        assert_eq!(line("ab\u{202e}cd"), "ab\\u{202e}cd");
    }

    #[test]
    fn unfinished_sequences_are_shown() {
        assert_eq!(line("\u{1b}[31"), "^[[31");
        assert_eq!(line("\u{1b}"), "^[");
    }
}
