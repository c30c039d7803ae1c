//! What a file's text has beside its TOML: a byte order mark, and the ends of its lines.
//!
//! Whoever writes TOML writes neither. So a change is made to the plain text, and what the file had is given
//! back to it after that: the lines that the change leaves alone keep their own ends, new ones get those of
//! the first line.

use jackfield_protocol::{Error, ErrorKind};
use toml_edit::visit_mut::{VisitMut, visit_value_mut};
use toml_edit::{DocumentMut, Value};

const MARK: char = '\u{feff}';
const CRLF: &str = "\r\n";

/// The form of a text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Form<'t> {
    /// The text without its mark.
    text: &'t str,
    has_mark: bool,
    is_crlf: bool,
}

impl<'t> Form<'t> {
    pub(super) fn of(text: &'t str) -> Self {
        let unmarked = text.strip_prefix(MARK);
        let has_mark = unmarked.is_some();
        let text = unmarked.unwrap_or(text);
        let is_crlf = text.split_inclusive('\n').next().is_some_and(|line| line.ends_with(CRLF));
        Self { text, has_mark, is_crlf }
    }

    /// The text as TOML, without its form.
    ///
    /// # Errors
    /// If it is not TOML.
    pub(super) fn document(&self) -> Result<DocumentMut, Error> {
        let plain = self.text.replace(CRLF, "\n");
        plain.parse().map_err(|error| Error::new(ErrorKind::WorkloadFile, format!("not valid TOML: {error}")))
    }

    /// The text of a document that was made from [`Form::document`], in this form.
    pub(super) fn write(&self, mut document: DocumentMut) -> String {
        if self.is_crlf {
            OnOneLine.visit_document_mut(&mut document);
        }
        let mark = if self.has_mark { MARK.to_string() } else { String::new() };
        mark + &self.with_line_ends(&document.to_string())
    }

    fn with_line_ends(&self, plain: &str) -> String {
        let old: Vec<&str> = self.text.split_inclusive('\n').collect();
        let new: Vec<&str> = plain.split_inclusive('\n').collect();
        let head = old.iter().zip(&new).take_while(|(old, new)| is_same(old, new)).count();
        let rest = old.len().min(new.len()) - head;
        let ends = old.iter().rev().zip(new.iter().rev());
        let tail = ends.take(rest).take_while(|(old, new)| is_same(old, new)).count();
        let changed = new.iter().take(new.len() - tail).skip(head);
        let mut text = old.iter().take(head).copied().collect::<String>();
        text.extend(changed.flat_map(|line| match line.strip_suffix('\n') {
            Some(line) if self.is_crlf => [line, CRLF],
            _ => [*line, ""],
        }));
        text.extend(old.iter().skip(old.len() - tail).copied());
        text
    }
}

/// Whether `new`, whose end is a plain one, is the line `old`.
fn is_same(old: &str, new: &str) -> bool {
    match (old.strip_suffix(CRLF), new.strip_suffix('\n')) {
        (Some(old), Some(new)) => old == new,
        _ => old == new,
    }
}

/// Puts new texts on one line each: in several they would take on the file's line ends, and so say something
/// else than they are set to.
struct OnOneLine;

impl VisitMut for OnOneLine {
    fn visit_value_mut(&mut self, value: &mut Value) {
        let Value::String(text) = &*value else { return visit_value_mut(self, value) };
        // What was in the file knows how it is written there.
        if text.as_repr().is_some() || !text.value().contains('\n') {
            return;
        }
        let Ok(mut written) = on_one_line(text.value()).parse::<Value>() else { return };
        *written.decor_mut() = text.decor().clone();
        *value = written;
    }
}

/// A basic string of TOML.
fn on_one_line(text: &str) -> String {
    let mut written = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => written.extend(['\\', c]),
            '\n' => written.push_str("\\n"),
            c if c.is_control() => written.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => written.push(c),
        }
    }
    written.push('"');
    written
}
