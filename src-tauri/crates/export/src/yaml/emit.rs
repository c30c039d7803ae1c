//! YAML that every parser reads the same way, also those of YAML 1.1, for which `no` and `1e3` are no texts.

use std::fmt::Write as _;

/// What is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Value {
    Text(String),
    Number(u64),
    Flag(bool),
    List(Vec<Value>),
    Map(Vec<(String, Value)>),
}

impl Value {
    pub(crate) fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    pub(crate) fn texts<T: Into<String>>(texts: impl IntoIterator<Item = T>) -> Self {
        Self::List(texts.into_iter().map(Self::text).collect())
    }

    pub(crate) fn map<'k>(entries: impl IntoIterator<Item = (&'k str, Self)>) -> Self {
        Self::Map(entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
    }

    fn is_empty(&self) -> bool {
        match self {
            Self::List(items) => items.is_empty(),
            Self::Map(entries) => entries.is_empty(),
            _ => false,
        }
    }
}

/// A document.
pub(crate) fn document(entries: &[(String, Value)]) -> String {
    let mut text = String::new();
    map(entries, 0, &mut text);
    text
}

fn map(entries: &[(String, Value)], depth: usize, text: &mut String) {
    for (position, (key, value)) in entries.iter().enumerate() {
        // The first of a list's item stands behind the dash.
        let is_first_of_item = position == 0 && text.ends_with("- ");
        indent(if is_first_of_item { 0 } else { depth }, text);
        scalar(key, text);
        text.push(':');
        member(value, depth, text);
    }
}

/// What comes after a key.
fn member(value: &Value, depth: usize, text: &mut String) {
    match value {
        Value::Map(entries) if !value.is_empty() => {
            text.push('\n');
            map(entries, depth + 1, text);
        }
        Value::List(items) if !value.is_empty() => {
            text.push('\n');
            list(items, depth + 1, text);
        }
        plain => {
            text.push(' ');
            inline(plain, text);
        }
    }
}

fn list(items: &[Value], depth: usize, text: &mut String) {
    for item in items {
        indent(depth, text);
        text.push_str("- ");
        match item {
            Value::Map(entries) if !item.is_empty() => map(entries, depth + 1, text),
            plain => inline(plain, text),
        }
    }
}

/// A value on one line. Lists in lists do not come up.
fn inline(value: &Value, text: &mut String) {
    match value {
        Value::Text(it) => scalar(it, text),
        Value::Number(it) => text.push_str(&it.to_string()),
        Value::Flag(it) => text.push_str(&it.to_string()),
        Value::List(_) => text.push_str("[]"),
        Value::Map(_) => text.push_str("{}"),
    }
    text.push('\n');
}

fn indent(depth: usize, text: &mut String) {
    text.extend(std::iter::repeat_n("  ", depth));
}

/// A text, in quotes unless it cannot be taken for anything else.
fn scalar(text: &str, out: &mut String) {
    if is_plain(text) {
        out.push_str(text);
        return;
    }
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            ' '..='~' => out.push(c),
            c if c.is_alphanumeric() => out.push(c),
            // Writing to a text cannot fail.
            c if u32::from(c) <= 0xFFFF => drop(write!(out, "\\u{:04X}", u32::from(c))),
            c => drop(write!(out, "\\U{:08X}", u32::from(c))),
        }
    }
    out.push('"');
}

fn is_plain(text: &str) -> bool {
    const WORDS: [&str; 9] = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"];
    let starts = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/');
    let is_inside = |c: char| c.is_ascii_alphanumeric() || "-_./:@".contains(c);
    let is_word = WORDS.contains(&text.to_ascii_lowercase().as_str());
    starts && text.chars().all(is_inside) && !text.ends_with(':') && !is_word
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn maps_and_lists_stand_below_one_another() {
        let item = Value::map([("name", Value::text("a")), ("at", Value::map([("x", Value::Number(1))]))]);
        let entries = [
            ("kind".to_owned(), Value::text("W")),
            ("items".to_owned(), Value::List(vec![item, Value::text("b")])),
            ("none".to_owned(), Value::Map(Vec::new())),
            ("flag".to_owned(), Value::Flag(true)),
        ];
        let expected = "kind: W\nitems:\n  - name: a\n    at:\n      x: 1\n  - b\nnone: {}\nflag: true\n";
        assert_eq!(document(&entries), expected);
    }

    #[test]
    fn what_could_be_something_else_is_quoted() {
        for (text, expected) in [
            ("a", "a"),
            ("ghcr.io/acme/square:1.0", "ghcr.io/acme/square:1.0"),
            ("/data", "/data"),
            ("No", "\"No\""),
            ("1.0", "\"1.0\""),
            ("", "\"\""),
            ("a: b", "\"a: b\""),
            ("a #b", "\"a #b\""),
            ("- a", "\"- a\""),
            ("*", "\"*\""),
            ("a\nb\u{1}\"\\", "\"a\\nb\\u0001\\\"\\\\\""),
            ("grün", "\"grün\""),
            ("\u{1F600}", "\"\\U0001F600\""),
        ] {
            let mut out = String::new();
            scalar(text, &mut out);
            assert_eq!(out, expected, "{text}");
        }
    }
}
