//! Values as probes see them, in WAVE. Handles, which WAVE cannot write, are `node#3`, or only `node` where
//! nothing is known by which they could be told apart.

use std::fmt::Write as _;

use wasmtime::component::Val;

use super::{handles::NUMBER, scope::HANDLE};

/// A value's text is cut after about so many bytes.
const MAX_TEXT_IN_BYTES: usize = 4096;
/// What a text that was cut ends with. It closes nothing, so such a text is no value.
const CUT: char = '…';

/// A text that can be edited is whole up to so many bytes.
const MAX_EDITABLE_IN_BYTES: usize = 1 << 20;
/// By so much of its end it is known that a text was made of one that was cut.
const END_IN_BYTES: usize = 64;

/// The value as text, cut where it is long.
pub(crate) fn shown(value: &Val) -> String {
    shown_up_to(value, MAX_TEXT_IN_BYTES)
}

/// The value as text that somebody may edit: only cut where that is past bearing.
pub(crate) fn shown_to_edit(value: &Val) -> String {
    shown_up_to(value, MAX_EDITABLE_IN_BYTES)
}

/// Whether an edited text still has the place in it where the text that was shown is cut.
pub(crate) fn is_edited_where_cut(shown: &str, edited: &str) -> bool {
    let end = shown.get(shown.floor_char_boundary(shown.len().saturating_sub(END_IN_BYTES))..);
    shown.len() > MAX_EDITABLE_IN_BYTES && end.is_some_and(|end| edited.contains(end))
}

fn shown_up_to(value: &Val, limit: usize) -> String {
    let mut out = Text { text: String::new(), limit };
    write(value, &mut out);
    let mut text = out.text;
    if text.len() > limit {
        text.truncate(text.floor_char_boundary(limit));
        text.push(CUT);
    }
    text
}

/// Text that nothing more need be added to once it is longer than its limit.
struct Text {
    text: String,
    limit: usize,
}

impl Text {
    fn push(&mut self, char: char) {
        self.text.push(char);
    }

    fn push_str(&mut self, text: &str) {
        self.text.push_str(text);
    }

    /// No more of a text than can be shown.
    fn cut<'a>(&self, text: &'a str) -> &'a str {
        text.get(..text.floor_char_boundary(self.limit.saturating_add(1))).unwrap_or(text)
    }

    fn is_full(&self) -> bool {
        self.text.len() > self.limit
    }
}

impl std::fmt::Write for Text {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        self.text.push_str(text);
        Ok(())
    }
}

fn write(value: &Val, out: &mut Text) {
    // Whatever comes after this is cut off anyway.
    if out.is_full() {
        return;
    }
    let _ = match value {
        Val::Bool(value) => write!(out, "{value}"),
        Val::S8(value) => write!(out, "{value}"),
        Val::U8(value) => write!(out, "{value}"),
        Val::S16(value) => write!(out, "{value}"),
        Val::U16(value) => write!(out, "{value}"),
        Val::S32(value) => write!(out, "{value}"),
        Val::U32(value) => write!(out, "{value}"),
        Val::S64(value) => write!(out, "{value}"),
        Val::U64(value) => write!(out, "{value}"),
        Val::Float32(value) => write_float(f64::from(*value), &value.to_string(), out),
        Val::Float64(value) => write_float(*value, &value.to_string(), out),
        Val::Char(value) => write!(out, "'{}'", value.escape_debug()),
        Val::String(text) => write!(out, "\"{}\"", out.cut(text).escape_debug()),
        Val::Enum(name) => write!(out, "{name}"),
        Val::Flags(names) => write!(out, "{{{}}}", names.join(", ")),
        Val::List(items) | Val::FixedLengthList(items) => return sequence(items, ('[', ']'), out),
        Val::Tuple(items) => return sequence(items, ('(', ')'), out),
        Val::Record(fields) => return record(fields, out),
        Val::Map(entries) => return map(entries, out),
        Val::Variant(name, payload) => return case(name, payload.as_deref(), out),
        Val::Option(None) => write!(out, "none"),
        Val::Option(Some(payload)) => return case("some", Some(payload), out),
        Val::Result(Ok(payload)) => return case("ok", payload.as_deref(), out),
        Val::Result(Err(payload)) => return case("err", payload.as_deref(), out),
        Val::Resource(_) => write!(out, "resource"),
        _ => write!(out, "…"),
    };
}

fn write_float(value: f64, finite: &str, out: &mut Text) -> std::fmt::Result {
    match value {
        value if value.is_nan() => out.write_str("nan"),
        value if value.is_infinite() => out.write_str(if value > 0.0 { "inf" } else { "-inf" }),
        _ => out.write_str(finite),
    }
}

fn sequence(items: &[Val], (open, close): (char, char), out: &mut Text) {
    out.push(open);
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            out.push_str(", ");
        }
        if out.is_full() {
            return;
        }
        write(item, out);
    }
    out.push(close);
}

fn record(fields: &[(String, Val)], out: &mut Text) {
    if let Some(kind) = fields.first().and_then(|(name, _)| name.strip_prefix(HANDLE)) {
        out.push_str(kind);
        if let [_, (field, Val::U32(number))] = fields
            && field == NUMBER
        {
            let _ = write!(out, "#{number}");
        }
        return;
    }
    out.push('{');
    for (index, (name, value)) in fields.iter().enumerate() {
        let comma = if index > 0 { ", " } else { "" };
        let _ = write!(out, "{comma}{name}: ");
        write(value, out);
    }
    out.push('}');
}

fn map(entries: &[(Val, Val)], out: &mut Text) {
    out.push('{');
    for (index, (key, value)) in entries.iter().enumerate() {
        if index > 0 {
            out.push_str(", ");
        }
        if out.is_full() {
            return;
        }
        write(key, out);
        out.push_str(": ");
        write(value, out);
    }
    out.push('}');
}

fn case(name: &str, payload: Option<&Val>, out: &mut Text) {
    out.push_str(name);
    if let Some(payload) = payload {
        out.push('(');
        write(payload, out);
        out.push(')');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_written_as_wave_has_them() {
        let text = |value: Val| shown(&value);
        assert_eq!(text(Val::Float64(25.0)), "25");
        assert_eq!(text(Val::Float32(f32::NEG_INFINITY)), "-inf");
        assert_eq!(text(Val::String("a\n\"b\"".into())), "\"a\\n\\\"b\\\"\"");
        let point = Val::Record(vec![
            ("x".to_owned(), Val::S8(-1)),
            ("tags".to_owned(), Val::List(vec![Val::Char('c'), Val::Option(None)])),
        ]);
        let result = Val::Result(Err(Some(Box::new(Val::Variant("bad".to_owned(), Some(Box::new(point)))))));
        assert_eq!(text(result), "err(bad({x: -1, tags: ['c', none]}))");
        let long = text(Val::List(vec![Val::String("x".repeat(3000)); 100]));
        assert!(long.len() < MAX_TEXT_IN_BYTES + 8 && long.ends_with('…'), "{}", long.len());
        let entry = |key: &str, value| (Val::String(key.to_owned()), Val::U8(value));
        assert_eq!(text(Val::Map(vec![entry("a", 1), entry("b", 2)])), "{\"a\": 1, \"b\": 2}");
        assert_eq!(text(Val::Map(Vec::new())), "{}");
        assert_eq!(text(Val::FixedLengthList(vec![Val::U8(1), Val::U8(2)])), "[1, 2]");
    }

    #[test]
    fn what_can_be_edited_is_whole_or_is_no_value() {
        let string = |bytes: usize| Val::String("x".repeat(bytes));
        let listed = Val::List(vec![string(10_000), Val::U8(1)]);
        assert_eq!(shown_to_edit(&listed).len(), 10_000 + "[\"\", 1]".len());
        for long in [string(MAX_EDITABLE_IN_BYTES), Val::List(vec![string(MAX_EDITABLE_IN_BYTES + 9)])] {
            let cut = shown_to_edit(&long);
            assert!(cut.ends_with("xx…") && cut.len() <= MAX_EDITABLE_IN_BYTES + CUT.len_utf8());
            assert!(is_edited_where_cut(&cut, &format!("\"y{}\"", &cut[2..])));
            assert!(!is_edited_where_cut(&cut, "\"y\""));
        }
        assert!(!is_edited_where_cut("\"a…\"", "\"ba…\""), "it was no longer than that");
    }
}
