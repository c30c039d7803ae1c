//! A command line as people type it, taken apart as a POSIX shell would, without a shell.
//!
//! Words are separated by blanks; `'…'` holds everything as it is, `"…"` all but `\"`, `\\`, `` \` `` and
//! `\$`, and a backslash takes the meaning off the next character. Nothing is expanded: no variables, no
//! globs, no pipes.

/// Why a command line has no words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ShellError {
    /// Nothing was typed.
    Empty,
    /// A quote has no other end.
    OpenQuote(char),
    /// The line ends with a backslash.
    OpenEscape,
}

impl std::fmt::Display for ShellError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Empty => f.write_str("Type the program and its arguments"),
            Self::OpenQuote(quote) => {
                write!(f, "A {quote} has no other end: close it, or put a \\ before it")
            }
            Self::OpenEscape => f.write_str("The line ends with a backslash: take it away, or double it"),
        }
    }
}

/// The words of a command line.
///
/// # Errors
/// [`ShellError`], if there are none, or something is left open.
pub fn split(line: &str) -> Result<Vec<String>, ShellError> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        match c {
            c if c.is_whitespace() => words.extend(word.take()),
            quote @ ('\'' | '"') => quoted(quote, &mut chars, word.get_or_insert_default())?,
            '\\' => word.get_or_insert_default().push(chars.next().ok_or(ShellError::OpenEscape)?),
            c => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    if words.is_empty() { Err(ShellError::Empty) } else { Ok(words) }
}

fn quoted(quote: char, chars: &mut std::str::Chars<'_>, word: &mut String) -> Result<(), ShellError> {
    while let Some(c) = chars.next() {
        match c {
            c if c == quote => return Ok(()),
            '\\' if quote == '"' => match chars.next().ok_or(ShellError::OpenQuote(quote))? {
                c @ ('"' | '\\' | '`' | '$') => word.push(c),
                c => word.extend(['\\', c]),
            },
            c => word.push(c),
        }
    }
    Err(ShellError::OpenQuote(quote))
}

/// The command line that has these words.
#[must_use]
pub(super) fn join<'w>(words: impl IntoIterator<Item = &'w str>) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "-_./:=@%+,~".contains(c);
    let quote = |word: &str| {
        if !word.is_empty() && word.chars().all(is_plain) {
            word.to_owned()
        } else {
            format!("'{}'", word.replace('\'', r"'\''"))
        }
    };
    words.into_iter().map(quote).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn words_are_split_as_a_shell_does() {
        for (line, words) in [
            ("npx -y server", vec!["npx", "-y", "server"]),
            ("  a\t b\n", vec!["a", "b"]),
            (r#"a 'b c' "d e""#, vec!["a", "b c", "d e"]),
            (r#"a''b "" ''"#, vec!["ab", "", ""]),
            (r"a\ b \'c", vec!["a b", "'c"]),
            (r#"'\n' "\n" "\"\\\$""#, vec![r"\n", r"\n", r#""\$"#]),
            (r#"x="1 2"3"#, vec!["x=1 23"]),
            ("$HOME | *", vec!["$HOME", "|", "*"]),
        ] {
            assert_eq!(split(line).unwrap(), words, "{line}");
        }
        assert_eq!(split("  "), Err(ShellError::Empty));
        assert_eq!(split("a 'b"), Err(ShellError::OpenQuote('\'')));
        assert_eq!(split(r#"a "b\"#), Err(ShellError::OpenQuote('"')));
        assert_eq!(split(r"a \"), Err(ShellError::OpenEscape));
    }

    proptest! {
        #[test]
        fn what_is_joined_is_split_again(words in proptest::collection::vec(any::<String>(), 1..6)) {
            prop_assert_eq!(split(&join(words.iter().map(String::as_str))).unwrap(), words);
        }

        #[test]
        fn any_line_is_split_or_refused(line in any::<String>()) {
            if let Ok(words) = split(&line) {
                prop_assert!(!words.is_empty());
            }
        }
    }
}
