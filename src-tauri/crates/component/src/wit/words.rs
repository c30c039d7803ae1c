//! Names, docs and comments, so that WIT's lexer takes them.

/// Words that WIT uses itself; a name that is one is written with `%`.
const KEYWORDS: [&str; 42] = [
    "as",
    "async",
    "bool",
    "borrow",
    "char",
    "constructor",
    "enum",
    "error-context",
    "export",
    "f32",
    "f64",
    "flags",
    "from",
    "func",
    "future",
    "import",
    "include",
    "interface",
    "list",
    "map",
    "option",
    "own",
    "package",
    "record",
    "resource",
    "result",
    "s16",
    "s32",
    "s64",
    "s8",
    "static",
    "stream",
    "string",
    "tuple",
    "type",
    "u16",
    "u32",
    "u64",
    "u8",
    "use",
    "variant",
    "with",
];

/// Whether WIT takes it for a name: words of small or of capital letters and digits, with hyphens between
/// them. Binaries may have others.
pub(super) fn is_identifier(name: &str) -> bool {
    let is_word = |word: &str| {
        let has = |wanted: fn(&char) -> bool| word.chars().any(|c| wanted(&c));
        let plain = word.chars().all(|c| c.is_ascii_alphanumeric());
        plain && !word.is_empty() && !(has(char::is_ascii_lowercase) && has(char::is_ascii_uppercase))
    };
    name.starts_with(|c: char| c.is_ascii_alphabetic()) && name.split('-').all(is_word)
}

/// A name as it is written.
pub(super) fn escaped(name: &str) -> String {
    // `world` is a keyword outside of types alone, and escaping it everywhere does no harm.
    let is_keyword = KEYWORDS.contains(&name) || name == "world";
    format!("{}{name}", if is_keyword { "%" } else { "" })
}

/// A doc comment.
pub(super) fn docs(docs: Option<&str>) -> impl Iterator<Item = String> {
    let lines = docs.unwrap_or_default().lines();
    lines.map(|line| format!("/// {}", harmless(line)).trim_end().to_owned())
}

/// Text for one line of a comment, without the characters that WIT refuses even there: controls, those
/// that turn the direction of reading, and those that Unicode deprecates.
pub(super) fn harmless(text: &str) -> String {
    let is_refused = |c: char| {
        (c.is_control() && c != '\t')
            || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
            || matches!(c, '\u{149}' | '\u{673}' | '\u{f77}' | '\u{f79}')
            || matches!(c, '\u{17a3}' | '\u{17a4}' | '\u{17b4}' | '\u{17b5}')
    };
    text.replace(is_refused, "\u{fffd}")
}
