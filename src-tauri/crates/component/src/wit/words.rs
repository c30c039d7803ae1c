//! Names, doc comments and comments: what of a binary's text can stand in WIT, and how.
//!
//! The validator lets through names that are no WIT names (URLs, integrity hashes), and doc comments
//! are anybody's text. What comes out of here has no control characters but line feeds, and none that
//! change the direction of text, which WIT forbids even in comments.

use jackfield_protocol::InterfaceName;

/// The words that WIT's grammar takes for itself (`WIT.md`, 'keywords', and the lexer of `wit-parser`).
const KEYWORDS: [&str; 43] = [
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
    "world",
];

/// A name as WIT writes it, keywords with `%`; none if WIT cannot have it.
pub(super) fn identifier(name: &str) -> Option<String> {
    if !is_identifier(name) {
        return None;
    }
    let escape = if KEYWORDS.contains(&name) { "%" } else { "" };
    Some(format!("{escape}{name}"))
}

/// Words of letters and digits with `-` between them, each in capitals or in small letters, the first
/// of which begins with a letter.
fn is_identifier(name: &str) -> bool {
    let is_word = |word: &str| {
        let alphanumeric = !word.is_empty() && word.bytes().all(|b| b.is_ascii_alphanumeric());
        let lower = word.bytes().any(|b| b.is_ascii_lowercase());
        let upper = word.bytes().any(|b| b.is_ascii_uppercase());
        alphanumeric && !(lower && upper)
    };
    name.starts_with(|c: char| c.is_ascii_alphabetic()) && name.split('-').all(is_word)
}

/// An interface's name as WIT writes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct InterfacePath {
    /// `namespace:package`.
    package: String,
    /// `@1.0.0`, or nothing.
    version: String,
    /// The interface's own name.
    pub(super) interface: String,
}

impl InterfacePath {
    /// None if it is no interface's name, or none that WIT can write.
    pub(super) fn of_port(name: &str) -> Option<Self> {
        let InterfaceName { namespace, package, interface, version } = InterfaceName::parse(name)?;
        let version = match version {
            Some(version) if !is_version(&version) => return None,
            Some(version) => format!("@{version}"),
            None => String::new(),
        };
        Some(Self {
            package: format!("{}:{}", identifier(&namespace)?, identifier(&package)?),
            version,
            interface: identifier(&interface)?,
        })
    }

    /// `namespace:package@1.0.0`.
    pub(super) fn package(&self) -> String {
        format!("{}{}", self.package, self.version)
    }

    /// `namespace:package/interface@1.0.0`.
    pub(super) fn full(&self) -> String {
        format!("{}/{}{}", self.package, self.interface, self.version)
    }
}

/// Whether it is a semantic version: three numbers, and what may follow them.
fn is_version(version: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '+');
    let numbers = version.split(['-', '+']).next().unwrap_or_default();
    let is_number = |number: &str| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
    version.chars().all(allowed) && numbers.split('.').count() == 3 && numbers.split('.').all(is_number)
}

/// A doc comment before a declaration, as lines that begin with `marker`.
pub(super) fn docs(docs: Option<&str>, marker: &str) -> String {
    docs.map(|docs| marked(docs.trim_end(), marker)).unwrap_or_default()
}

/// Any text as a comment.
pub(super) fn comment(text: &str) -> String {
    marked(text, "//")
}

fn marked(text: &str, marker: &str) -> String {
    let mut marked = String::with_capacity(text.len());
    for line in text.replace("\r\n", "\n").split(is_line_break) {
        let line: String = line.trim_end().chars().map(harmless).collect();
        marked.push_str(marker);
        if !line.is_empty() {
            marked.push(' ');
            marked.push_str(&line);
        }
        marked.push('\n');
    }
    marked
}

fn is_line_break(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// A character of a comment.
fn harmless(c: char) -> char {
    match c {
        '\t' => ' ',
        // Marks and overrides of the direction, and the ones that Unicode discourages and WIT refuses.
        '\u{200e}'
        | '\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2066}'..='\u{2069}'
        | '\u{149}'
        | '\u{673}'
        | '\u{f77}'
        | '\u{f79}'
        | '\u{17a3}'
        | '\u{17a4}'
        | '\u{17b4}'
        | '\u{17b5}' => '\u{fffd}',
        c if c.is_control() => '\u{fffd}',
        c => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_by_example() {
        for (name, written) in [
            ("a", Some("a")),
            ("list", Some("%list")),
            ("error-context", Some("%error-context")),
            ("is-HTTP", Some("is-HTTP")),
            ("b-2", Some("b-2")),
            ("2b", None),
            ("aB", None),
            ("a--b", None),
            ("a-", None),
            ("url=<x>", None),
            ("[method]a.b", None),
            ("", None),
        ] {
            assert_eq!(identifier(name).as_deref(), written, "{name}");
        }
        let path = InterfacePath::of_port("a:use/list@1.0.0-rc.1").expect("a path");
        assert_eq!(path.full(), "a:%use/%list@1.0.0-rc.1");
        assert_eq!(InterfacePath::of_port("a:b/c@1"), None);
    }

    #[test]
    fn comments_are_harmless() {
        assert_eq!(
            comment("a\r\nb\rc\u{2028}\td\0\u{202e} \n"),
            "// a\n// b\n// c\n//  d\u{fffd}\u{fffd}\n//\n"
        );
        assert_eq!(docs(Some("One.\n\nTwo.\n"), "///"), "/// One.\n///\n/// Two.\n");
        assert_eq!(docs(None, "///"), "");
    }
}
