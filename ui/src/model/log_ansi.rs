//! The colours of printed lines.
//!
//! What a component prints is untrusted. Of all that a terminal would obey, only SGR (colour, bold,
//! italic, underline, strike-through, reversed) is taken, for the line that it stands in; every other
//! sequence vanishes, and what is left is made harmless as [`text::printable`](crate::text::printable)
//! does it: the runs of a line, put together, are exactly that text. Grounds are left out, because not
//! every pair of colours can be read.

use crate::text::{Part, parts};

/// Text of one look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Run {
    pub(crate) text: String,
    pub(crate) look: Look,
}

/// How text looks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Look {
    /// Its colour; the usual one if none is said.
    pub(crate) ink: Option<Ink>,
    pub(crate) is_bold: bool,
    pub(crate) is_dim: bool,
    pub(crate) is_italic: bool,
    pub(crate) is_underlined: bool,
    pub(crate) is_struck: bool,
    pub(crate) is_reversed: bool,
}

/// A colour as a terminal knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ink {
    /// One of the sixteen that the theme chooses.
    Named(u8),
    /// Red, green, blue.
    Rgb(u8, u8, u8),
}

/// The runs of a line, up to so many characters; with an ellipsis if there is more.
pub(crate) fn runs(line: &str, max_chars: usize) -> Vec<Run> {
    let mut runs = vec![Run { text: String::new(), look: Look::default() }];
    let mut look = Look::default();
    let mut left = max_chars;
    for part in parts(line) {
        if let Part::Control(parameters, end) = part {
            if end == 'm' {
                look.change(parameters);
            }
            continue;
        }
        if runs.last().is_some_and(|run| run.look != look) {
            runs.push(Run { text: String::new(), look });
        }
        let Some(run) = runs.last_mut() else { break };
        if left == 0 {
            run.text.push('…');
            break;
        }
        left -= 1;
        part.push_to(&mut run.text);
    }
    runs.retain(|run| !run.text.is_empty());
    runs
}

impl Look {
    /// Obeys the parameters of an SGR sequence; those that are unknown change nothing.
    fn change(&mut self, parameters: &str) {
        // Colons separate the parts of one parameter in the later edition; both are found.
        let mut codes = parameters.split([';', ':']).map(|code| match code {
            "" => Some(0),
            digits => digits.parse::<u16>().ok(),
        });
        while let Some(code) = codes.next() {
            match code {
                Some(0) => *self = Self::default(),
                Some(1) => self.is_bold = true,
                Some(2) => self.is_dim = true,
                Some(3) => self.is_italic = true,
                Some(4) => self.is_underlined = true,
                Some(7) => self.is_reversed = true,
                Some(9) => self.is_struck = true,
                Some(22) => (self.is_bold, self.is_dim) = (false, false),
                Some(23) => self.is_italic = false,
                Some(24) => self.is_underlined = false,
                Some(27) => self.is_reversed = false,
                Some(29) => self.is_struck = false,
                Some(code @ 30..=37) => self.ink = named(code - 30),
                Some(code @ 90..=97) => self.ink = named(code - 90 + 8),
                Some(38) => self.ink = extended(&mut codes).or(self.ink),
                Some(39) => self.ink = None,
                // A ground, whose parameters must be read past.
                Some(48 | 58) => {
                    let _ = extended(&mut codes);
                }
                _ => {}
            }
        }
    }
}

fn named(index: u16) -> Option<Ink> {
    u8::try_from(index).ok().map(Ink::Named)
}

/// A colour of the 256, or one of red, green and blue.
fn extended(codes: &mut impl Iterator<Item = Option<u16>>) -> Option<Ink> {
    let mut byte = || codes.next().flatten().and_then(|code| u8::try_from(code).ok());
    match byte()? {
        2 => Some(Ink::Rgb(byte()?, byte()?, byte()?)),
        5 => Some(indexed(byte()?)),
        _ => None,
    }
}

/// The 256 colours: sixteen, a cube of six steps each way, and 24 greys.
fn indexed(index: u8) -> Ink {
    match index {
        0..=15 => Ink::Named(index),
        16..=231 => {
            let step = |value: u8| if value == 0 { 0 } else { 55 + value * 40 };
            let of_cube = index - 16;
            Ink::Rgb(step(of_cube / 36), step(of_cube / 6 % 6), step(of_cube % 6))
        }
        232..=255 => {
            let grey = 8 + (index - 232) * 10;
            Ink::Rgb(grey, grey, grey)
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::text::printable;

    fn look(line: &str) -> Look {
        runs(line, 100).last().map(|run| run.look).unwrap_or_default()
    }

    #[test]
    fn sgr_gives_text_its_look() {
        let plain = Look::default();
        for (line, expected) in [
            ("x", plain),
            ("\u{1b}[31mx", Look { ink: Some(Ink::Named(1)), ..plain }),
            ("\u{1b}[1;97mx", Look { ink: Some(Ink::Named(15)), is_bold: true, ..plain }),
            ("\u{1b}[3;4;9mx", Look { is_italic: true, is_underlined: true, is_struck: true, ..plain }),
            ("\u{1b}[38;5;196mx", Look { ink: Some(Ink::Rgb(255, 0, 0)), ..plain }),
            ("\u{1b}[38;5;244mx", Look { ink: Some(Ink::Rgb(128, 128, 128)), ..plain }),
            ("\u{1b}[38:2:1:2:3mx", Look { ink: Some(Ink::Rgb(1, 2, 3)), ..plain }),
            ("\u{1b}[48;2;31;32;33;1mx", Look { is_bold: true, ..plain }),
            ("\u{1b}[31m\u{1b}[mx", plain),
            ("\u{1b}[1m\u{1b}[22mx", plain),
            ("\u{1b}[38;5mx", plain),
            ("\u{1b}[38;5;999mx", plain),
            ("\u{1b}[31Jx", plain),
            ("\u{9b}7mx", Look { is_reversed: true, ..plain }),
        ] {
            assert_eq!(look(line), expected, "{line:?}");
        }
    }

    #[test]
    fn a_look_begins_and_ends_where_it_says() {
        let runs = runs("a\u{1b}[31mb\u{1b}[0mc", 100);
        let texts: Vec<&str> = runs.iter().map(|run| run.text.as_str()).collect();
        assert_eq!(texts, ["a", "b", "c"]);
        assert_eq!(runs[0].look, runs[2].look);
    }

    proptest! {
        #[test]
        fn runs_are_the_printable_text_whatever_the_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let line = String::from_utf8_lossy(&bytes);
            let text: String = runs(&line, usize::MAX).into_iter().map(|run| run.text).collect();
            prop_assert_eq!(text, printable(&line));
        }

        #[test]
        fn runs_of_escape_sequences_are_bounded(line in "(\u{1b}\\[[0-9;:]{0,6}[a-zA-Z]?|[a-z\u{202e}\t])*", max in 0_usize..20) {
            let shown = runs(&line, max);
            let chars: usize = shown.iter().map(|run| run.text.chars().count()).sum();
            prop_assert!(chars <= max * 8 + 1);
            prop_assert!(shown.len() <= max + 1);
        }
    }
}
