//! Values as WAVE, as `wasm-wave` writes them.

use std::fmt::{self, Display, Formatter, Write as _};

use super::Value;

/// What WAVE reads as something else when it is a case's name.
const KEYWORDS: [&str; 8] = ["true", "false", "some", "none", "ok", "err", "inf", "nan"];

impl Display for Value {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool(value) => value.fmt(f),
            Self::U8(value) => value.fmt(f),
            Self::S8(value) => value.fmt(f),
            Self::U16(value) => value.fmt(f),
            Self::S16(value) => value.fmt(f),
            Self::U32(value) => value.fmt(f),
            Self::S32(value) => value.fmt(f),
            Self::U64(value) => value.fmt(f),
            Self::S64(value) => value.fmt(f),
            Self::F32(value) if value.is_nan() => f.write_str("nan"),
            Self::F32(value) => value.fmt(f),
            Self::F64(value) if value.is_nan() => f.write_str("nan"),
            Self::F64(value) => value.fmt(f),
            Self::Char(value) => {
                f.write_char('\'')?;
                character(f, *value)?;
                f.write_char('\'')
            }
            Self::String(value) => {
                f.write_char('"')?;
                value.chars().try_for_each(|c| character(f, c))?;
                f.write_char('"')
            }
            Self::List(values) | Self::FixedLengthList(values) => {
                sequence(f, ('[', ']'), values, |f, value| value.fmt(f))
            }
            Self::Tuple(values) => sequence(f, ('(', ')'), values, |f, value| value.fmt(f)),
            Self::Map(entries) => {
                sequence(f, ('{', '}'), entries, |f, (key, value)| write!(f, "{key}: {value}"))
            }
            Self::Record(fields) => record(f, fields),
            Self::Flags(names) => sequence(f, ('{', '}'), names, |f, name| f.write_str(name)),
            Self::Handle(number) => write!(f, "#{number}"),
            Self::Enum(name) => label(f, name),
            Self::Variant(name, payload) => {
                label(f, name)?;
                in_parentheses(f, payload.as_deref())
            }
            Self::Option(None) => f.write_str("none"),
            Self::Option(Some(value)) => write!(f, "some({value})"),
            Self::Result(result) => {
                let (name, payload) = match result {
                    Ok(payload) => ("ok", payload),
                    Err(payload) => ("err", payload),
                };
                f.write_str(name)?;
                in_parentheses(f, payload.as_deref())
            }
        }
    }
}

fn sequence<T>(
    f: &mut Formatter<'_>,
    (open, close): (char, char),
    items: impl IntoIterator<Item = T>,
    write_item: impl Fn(&mut Formatter<'_>, T) -> fmt::Result,
) -> fmt::Result {
    f.write_char(open)?;
    for (index, item) in items.into_iter().enumerate() {
        if index > 0 {
            f.write_str(", ")?;
        }
        write_item(f, item)?;
    }
    f.write_char(close)
}

/// Fields that are `none` are left out. A record of which nothing is left is told from empty flags.
fn record(f: &mut Formatter<'_>, fields: &[(String, Value)]) -> fmt::Result {
    let mut present = fields.iter().filter(|(_, value)| *value != Value::Option(None)).peekable();
    if present.peek().is_none() {
        return f.write_str("{:}");
    }
    sequence(f, ('{', '}'), present, |f, (name, value)| write!(f, "{name}: {value}"))
}

fn label(f: &mut Formatter<'_>, name: &str) -> fmt::Result {
    if KEYWORDS.contains(&name) {
        f.write_char('%')?;
    }
    f.write_str(name)
}

fn in_parentheses(f: &mut Formatter<'_>, payload: Option<&Value>) -> fmt::Result {
    payload.map_or(Ok(()), |payload| write!(f, "({payload})"))
}

fn character(f: &mut Formatter<'_>, c: char) -> fmt::Result {
    match c {
        '\\' | '"' | '\'' | '\t' | '\r' | '\n' => write!(f, "{}", c.escape_default()),
        // Control characters and combining marks, which cannot be seen on their own.
        c if c.is_control() => write!(f, "{}", c.escape_unicode()),
        c => write!(f, "{}", c.escape_debug()),
    }
}
