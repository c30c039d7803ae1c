//! Colours for WIT: comments, keywords, built-in types, and the rest.

use egui::text::{LayoutJob, TextFormat};
use egui::{Color32, FontId};

use crate::theme::{Tokens, space};

const KEYWORDS: [&str; 20] = [
    "as",
    "async",
    "constructor",
    "enum",
    "export",
    "flags",
    "func",
    "import",
    "include",
    "interface",
    "package",
    "record",
    "resource",
    "static",
    "type",
    "union",
    "use",
    "variant",
    "with",
    "world",
];

const TYPES: [&str; 22] = [
    "bool",
    "borrow",
    "char",
    "error-context",
    "f32",
    "f64",
    "future",
    "list",
    "map",
    "option",
    "own",
    "result",
    "s16",
    "s32",
    "s64",
    "s8",
    "stream",
    "string",
    "tuple",
    "u16",
    "u32",
    "u64",
];

/// What a piece of the text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Comment,
    Keyword,
    Type,
    Annotation,
    Plain,
}

/// The text with its colours.
pub(super) fn job(text: &str, t: &Tokens) -> LayoutJob {
    let mut job = LayoutJob::default();
    job.wrap.max_width = f32::INFINITY;
    let font = FontId::monospace(space::TEXT_SMALL);
    for (piece, kind) in pieces(text) {
        job.append(piece, 0.0, TextFormat::simple(font.clone(), color(kind, t)));
    }
    job
}

fn color(kind: Kind, t: &Tokens) -> Color32 {
    match kind {
        Kind::Comment => t.text_dim,
        Kind::Keyword => t.accent,
        Kind::Type => t.good,
        Kind::Annotation => t.warning,
        Kind::Plain => t.text,
    }
}

/// The text in pieces of one kind each, nothing left out.
fn pieces(text: &str) -> Vec<(&str, Kind)> {
    let mut pieces: Vec<(&str, Kind)> = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let (len, kind) = piece(rest, first);
        let (piece, after) = rest.split_at(len);
        pieces.push((piece, kind));
        rest = after;
    }
    pieces
}

/// How long the first piece is, and what it is.
fn piece(text: &str, first: char) -> (usize, Kind) {
    if text.starts_with("//") {
        return (text.find('\n').unwrap_or(text.len()), Kind::Comment);
    }
    if text.starts_with("/*") {
        return (text.find("*/").map_or(text.len(), |end| end + 2), Kind::Comment);
    }
    let is_part = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
    let word_len = |text: &str| text.find(|c: char| !is_part(c)).unwrap_or(text.len());
    match first {
        '@' if text.chars().nth(1).is_some_and(char::is_alphabetic) => {
            (1 + word_len(text.get(1..).unwrap_or_default()), Kind::Annotation)
        }
        // A name that would be a keyword is written with a percent sign.
        '%' => (1 + word_len(text.get(1..).unwrap_or_default()), Kind::Plain),
        c if is_part(c) => {
            let len = word_len(text);
            let word = text.get(..len).unwrap_or_default();
            let kind = match word {
                word if KEYWORDS.contains(&word) => Kind::Keyword,
                "u8" => Kind::Type,
                word if TYPES.contains(&word) => Kind::Type,
                _ => Kind::Plain,
            };
            (len, kind)
        }
        _ => {
            let is_between = |c: char| !is_part(c) && !matches!(c, '/' | '@' | '%');
            let len = text.find(|c: char| !is_between(c)).filter(|len| *len > 0);
            (len.unwrap_or(if is_between(first) { text.len() } else { first.len_utf8() }), Kind::Plain)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wit_is_told_apart() {
        let text = "/// Docs.\n@since(version = 0.2.0)\nsquare: func(x: list<u8>) -> %result;";
        let found = pieces(text);
        let whole: String = found.iter().map(|(piece, _)| *piece).collect();
        assert_eq!(whole, text);
        for expected in [
            ("/// Docs.", Kind::Comment),
            ("@since", Kind::Annotation),
            ("square", Kind::Plain),
            ("func", Kind::Keyword),
            ("list", Kind::Type),
            ("u8", Kind::Type),
            ("%result", Kind::Plain),
        ] {
            assert!(found.contains(&expected), "{expected:?} in {found:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn nothing_is_lost(text in ".*") {
            let whole: String = pieces(&text).iter().map(|(piece, _)| *piece).collect();
            proptest::prop_assert_eq!(whole, text);
        }
    }
}
