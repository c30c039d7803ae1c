//! A result in the form that was asked for.

use jackfield_component::value::Value;

use crate::args::Form;
use crate::sanitize;

/// The result as lines, each with its end; nothing for a function that gives nothing, except in JSON. Where the
/// reader is a terminal, text cannot act on it.
pub(crate) fn lines(result: Option<&Value>, form: Form, is_terminal: bool) -> String {
    match (form, result) {
        (Form::Json, Some(value)) => format!("{}\n", value.to_json()),
        (Form::Json, None) => "null\n".to_owned(),
        (_, None) => String::new(),
        // WAVE writes control characters as escapes.
        (Form::Wave, Some(value)) => format!("{value}\n"),
        (Form::Text, Some(value)) => {
            let mut lines = String::new();
            add(value, &mut lines);
            if is_terminal { harmless(&lines) } else { lines }
        }
    }
}

fn add(value: &Value, lines: &mut String) {
    match value {
        Value::List(items) | Value::FixedLengthList(items) => items.iter().for_each(|item| add(item, lines)),
        Value::Record(fields) => fields.iter().for_each(|(name, value)| named(name, value, lines)),
        Value::Map(entries) => {
            entries.iter().for_each(|(key, value)| named(&on_one_line(key), value, lines));
        }
        Value::Option(None) => {}
        Value::Option(Some(value)) | Value::Result(Ok(Some(value))) => add(value, lines),
        Value::Result(Ok(None)) => line("ok", lines),
        Value::Result(Err(None)) => line("error", lines),
        Value::Result(Err(Some(value))) => named("error", value, lines),
        Value::Flags(names) => names.iter().for_each(|name| line(name, lines)),
        value => line(&on_one_line(value), lines),
    }
}

fn named(name: &str, value: &Value, lines: &mut String) {
    line(&format!("{name}: {}", on_one_line(value)), lines);
}

/// Text without quotes; what has parts, as WAVE.
fn on_one_line(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Char(c) => c.to_string(),
        Value::Option(Some(value)) => on_one_line(value),
        value => value.to_string(),
    }
}

fn line(text: &str, lines: &mut String) {
    lines.push_str(text);
    if !text.ends_with('\n') {
        lines.push('\n');
    }
}

fn harmless(lines: &str) -> String {
    lines.lines().map(|line| sanitize::line(line) + "\n").collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(value: &Value) -> String {
        lines(Some(value), Form::Text, true)
    }

    #[test]
    fn text_is_what_people_read() {
        let string = |text: &str| Value::String(text.to_owned());
        let record = Value::Record(vec![("x".into(), Value::U8(1)), ("name".into(), string("a b"))]);
        for (value, expected) in [
            (string("two\nlines"), "two\nlines\n"),
            (Value::List(vec![string("a"), string("b")]), "a\nb\n"),
            (Value::List(Vec::new()), ""),
            (record, "x: 1\nname: a b\n"),
            (Value::Result(Ok(Some(Box::new(string("done"))))), "done\n"),
            (Value::Result(Err(Some(Box::new(string("no"))))), "error: no\n"),
            (Value::Result(Ok(None)), "ok\n"),
            (Value::Option(None), ""),
            (Value::Option(Some(Box::new(Value::F64(0.5)))), "0.5\n"),
        ] {
            assert_eq!(text(&value), expected, "{value}");
        }
    }

    #[test]
    fn text_cannot_act_on_a_terminal_and_is_whole_in_a_pipe() {
        let value = Value::String("a\u{1b}[2J".to_owned());
        assert_eq!(text(&value), "a^[[2J\n");
        assert_eq!(lines(Some(&value), Form::Text, false), "a\u{1b}[2J\n");
    }

    #[test]
    fn json_is_always_one_value() {
        assert_eq!(lines(None, Form::Json, true), "null\n");
        assert_eq!(lines(Some(&Value::Result(Ok(None))), Form::Json, true), "\"ok\"\n");
        assert_eq!(lines(None, Form::Wave, true), "");
    }
}
