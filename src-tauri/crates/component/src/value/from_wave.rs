//! Values from WAVE, by their type.
//!
//! Follows `wave_ebnf.md` and the README of `wasm-wave`. Multi-line strings (`"""`), which no writer
//! writes, are not read.

use std::collections::HashMap;
use std::str::FromStr;

use jackfield_protocol::{Integer, Label, TypeGraph, TypeId, TypeKind};

use super::from_json::cases;
use super::{Value, describe};

/// Why a text is no value of a type in WAVE.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("at byte {offset} of the text: expected {expected}, found {found}")]
pub struct WaveError {
    /// Where in the text, in bytes.
    pub offset: usize,
    /// What could stand there: `an integer from 0 to 255 (u8)`.
    pub expected: String,
    /// What stands there.
    pub found: String,
}

type Read<T> = Result<T, WaveError>;

/// Reads a value and nothing after it.
pub(super) fn read(types: &TypeGraph, id: TypeId, text: &str) -> Read<Value> {
    let mut reader = Reader { types, text, offset: 0 };
    let value = reader.value(id)?;
    reader.skip();
    if reader.rest().is_empty() { Ok(value) } else { reader.unexpected("the end") }
}

struct Reader<'a> {
    types: &'a TypeGraph,
    text: &'a str,
    offset: usize,
}

impl<'a> Reader<'a> {
    fn value(&mut self, id: TypeId) -> Read<Value> {
        self.skip();
        let types = self.types;
        match types.kind(id) {
            TypeKind::Bool => match self.word() {
                "true" => self.take("true").map(|()| Value::Bool(true)),
                "false" => self.take("false").map(|()| Value::Bool(false)),
                _ => self.unexpected("true or false"),
            },
            TypeKind::Integer(integer) => self.integer(*integer),
            TypeKind::F32 => self.float("a number (f32)").map(Value::F32),
            TypeKind::F64 => self.float("a number (f64)").map(Value::F64),
            TypeKind::Char => self.char().map(Value::Char),
            TypeKind::String => self.string().map(Value::String),
            TypeKind::List(element) => self.items('[', ']', |reader| reader.value(*element)).map(Value::List),
            TypeKind::FixedLengthList { element, length } => {
                let start = self.offset;
                let items = self.items('[', ']', |reader| reader.value(*element))?;
                self.check_len(start, items.len(), *length as usize)?;
                Ok(Value::FixedLengthList(items))
            }
            TypeKind::Tuple(parts) => self.tuple(parts),
            TypeKind::Map { key, value } => self.map(*key, *value),
            TypeKind::Record(_) => self.record(id),
            TypeKind::Enum(labels) => self.label(labels, "a case").map(Value::Enum),
            TypeKind::Flags(labels) => self.flags(labels),
            TypeKind::Option(some) => self.option(*some),
            TypeKind::Result { ok, .. } => match (self.word(), ok) {
                ("ok" | "err", _) => self.case(id),
                (_, Some(ok)) if is_flat(types.kind(*ok)) => {
                    Ok(Value::Result(Ok(Some(Box::new(self.value(*ok)?)))))
                }
                _ => self.unexpected("ok or err"),
            },
            TypeKind::Variant(_) => self.case(id),
            TypeKind::Own(_) | TypeKind::Borrow(_) => self.handle(id),
            TypeKind::ErrorContext | TypeKind::Stream(_) | TypeKind::Future(_) => {
                self.unexpected(&describe::expected(types, id))
            }
        }
    }

    fn integer(&mut self, integer: Integer) -> Read<Value> {
        let number = self.number();
        let value = number.parse().ok().and_then(|number| Value::integer(integer, number));
        match value {
            Some(value) => self.take(number).map(|()| value),
            None => self.unexpected(&format!(
                "an integer from {} to {} ({})",
                integer.min(),
                integer.max(),
                integer.word()
            )),
        }
    }

    fn handle(&mut self, id: TypeId) -> Read<Value> {
        let token = self.prefix(|c| c == '#' || c.is_ascii_digit());
        match handle(token) {
            Some(number) => self.take(token).map(|()| Value::Handle(number)),
            None => self.unexpected(&describe::expected(self.types, id)),
        }
    }

    fn float<T: FromStr + Copy + Into<f64>>(&mut self, expected: &str) -> Read<T> {
        let word = ["nan", "inf", "-inf"].into_iter().find(|word| self.rest().starts_with(word));
        let token = word.unwrap_or_else(|| self.number());
        match token.parse::<T>() {
            // Rust makes infinity of what is too large.
            Ok(value) if word.is_some() || value.into().is_finite() => self.take(token).map(|()| value),
            _ => self.unexpected(expected),
        }
    }

    fn option(&mut self, some: TypeId) -> Read<Value> {
        let value = match self.word() {
            "none" => {
                self.take("none")?;
                None
            }
            "some" => {
                self.take("some")?;
                Some(Box::new(self.in_parentheses(some)?))
            }
            _ if is_flat(self.types.kind(some)) => Some(Box::new(self.value(some)?)),
            _ => return self.unexpected("some(…) or none"),
        };
        Ok(Value::Option(value))
    }

    /// A case of a variant or a result.
    fn case(&mut self, id: TypeId) -> Read<Value> {
        let kind = self.types.kind(id);
        let cases = cases(kind);
        let name = self.name();
        let Some((name, ty)) = cases.iter().find(|case| case.0 == name) else {
            return self.unexpected(&describe::one_of(cases.iter().map(|case| case.0.to_owned())));
        };
        self.take_name()?;
        let payload = ty.map(|ty| self.in_parentheses(ty).map(Box::new)).transpose()?;
        Ok(match (kind, *name) {
            (TypeKind::Result { .. }, "ok") => Value::Result(Ok(payload)),
            (TypeKind::Result { .. }, _) => Value::Result(Err(payload)),
            _ => Value::Variant((*name).to_owned(), payload),
        })
    }

    fn in_parentheses(&mut self, id: TypeId) -> Read<Value> {
        self.punctuation('(')?;
        let value = self.value(id)?;
        self.punctuation(')')?;
        Ok(value)
    }

    fn tuple(&mut self, parts: &[TypeId]) -> Read<Value> {
        let start = self.offset;
        let mut next = parts.iter();
        let mut len = 0;
        let values = self.items('(', ')', |reader| {
            len += 1;
            match next.next() {
                Some(part) => reader.value(*part),
                None => reader.unexpected(&format!("{} items", parts.len())),
            }
        })?;
        self.check_len(start, len, parts.len())?;
        Ok(Value::Tuple(values))
    }

    /// Of equal keys the last counts.
    fn map(&mut self, key: TypeId, value: TypeId) -> Read<Value> {
        if self.empty_record()? {
            return Ok(Value::Map(Vec::new()));
        }
        let read = self.items('{', '}', |reader| {
            let key = reader.value(key)?;
            reader.punctuation(':')?;
            Ok((key, reader.value(value)?))
        })?;
        let mut places: HashMap<String, usize> = HashMap::new();
        let mut entries: Vec<(Value, Value)> = Vec::with_capacity(read.len());
        for (key, value) in read {
            let place = *places.entry(key.to_string()).or_insert(entries.len());
            match entries.get_mut(place) {
                Some(known) => known.1 = value,
                None => entries.push((key, value)),
            }
        }
        Ok(Value::Map(entries))
    }

    fn record(&mut self, id: TypeId) -> Read<Value> {
        let TypeKind::Record(fields) = self.types.kind(id) else { return self.unexpected("a record") };
        let mut given: HashMap<&str, Value> = HashMap::new();
        let start = self.offset;
        if !self.empty_record()? {
            self.items('{', '}', |reader| {
                reader.skip();
                let name = reader.name();
                let field = fields.iter().find(|field| field.name == name);
                let Some(field) = field.filter(|field| !given.contains_key(field.name.as_str())) else {
                    let rest = fields.iter().filter(|field| !given.contains_key(field.name.as_str()));
                    return reader.unexpected(&describe::one_of(rest.map(|field| field.name.clone())));
                };
                reader.take_name()?;
                reader.punctuation(':')?;
                let value = reader.value(field.ty)?;
                given.insert(&field.name, value);
                Ok(())
            })?;
        }
        let mut values = Vec::with_capacity(fields.len());
        for field in fields {
            let value = given.remove(field.name.as_str());
            let is_optional = matches!(self.types.kind(field.ty), TypeKind::Option(_));
            match value.or_else(|| is_optional.then_some(Value::Option(None))) {
                Some(value) => values.push((field.name.clone(), value)),
                None => {
                    let found = format!("a record without `{}`", field.name);
                    let expected = "all fields that are no options".to_owned();
                    return Err(WaveError { offset: start, expected, found });
                }
            }
        }
        Ok(Value::Record(values))
    }

    fn flags(&mut self, labels: &[Label]) -> Read<Value> {
        let names = self.items('{', '}', |reader| {
            reader.skip();
            reader.label(labels, "a flag")
        })?;
        let set = labels.iter().filter(|label| names.contains(&label.name));
        Ok(Value::Flags(set.map(|label| label.name.clone()).collect()))
    }

    fn label(&mut self, labels: &[Label], thing: &str) -> Read<String> {
        let name = self.name();
        match labels.iter().find(|label| label.name == name) {
            Some(label) => self.take_name().map(|()| label.name.clone()),
            None => {
                let known = describe::one_of(labels.iter().map(|label| label.name.clone()));
                self.unexpected(&format!("{thing}: {known}"))
            }
        }
    }

    /// Values between brackets, with commas between them; one after the last is allowed.
    fn items<T>(
        &mut self,
        open: char,
        close: char,
        mut read: impl FnMut(&mut Self) -> Read<T>,
    ) -> Read<Vec<T>> {
        self.punctuation(open)?;
        let mut items = Vec::new();
        loop {
            self.skip();
            if self.rest().starts_with(close) {
                break;
            }
            items.push(read(self)?);
            self.skip();
            if !self.rest().starts_with(close) {
                self.punctuation(',')?;
            }
        }
        self.punctuation(close)?;
        Ok(items)
    }

    /// Takes `{:}`, if that is next.
    fn empty_record(&mut self) -> Read<bool> {
        let start = self.offset;
        self.punctuation('{')?;
        self.skip();
        if self.rest().starts_with(':') {
            self.punctuation(':')?;
            self.punctuation('}')?;
            return Ok(true);
        }
        self.offset = start;
        Ok(false)
    }

    fn check_len(&self, start: usize, found: usize, expected: usize) -> Read<()> {
        if found == expected {
            return Ok(());
        }
        let items = |count: usize| if count == 1 { "1 item".to_owned() } else { format!("{count} items") };
        Err(WaveError { offset: start, expected: items(expected), found: items(found) })
    }

    fn string(&mut self) -> Read<String> {
        if self.rest().starts_with(r#"""""#) {
            return self.unexpected("a string on one line");
        }
        if !self.rest().starts_with('"') {
            return self.unexpected("a string in double quotes");
        }
        self.offset += 1;
        let mut text = String::new();
        loop {
            match self.rest().chars().next() {
                Some('"') => {
                    self.offset += 1;
                    return Ok(text);
                }
                Some('\n') | None => return self.unexpected("the end of the string: \""),
                Some(_) => text.push(self.one_char()?),
            }
        }
    }

    fn char(&mut self) -> Read<char> {
        let expected = "a character in single quotes";
        if !self.rest().starts_with('\'') || self.rest().starts_with("''") {
            return self.unexpected(expected);
        }
        self.offset += 1;
        let c = self.one_char()?;
        if !self.rest().starts_with('\'') {
            return self.unexpected("the end of the character: '");
        }
        self.offset += 1;
        Ok(c)
    }

    /// A character, or what an escape stands for.
    fn one_char(&mut self) -> Read<char> {
        let rest = self.rest();
        let (c, len) = match rest.strip_prefix('\\') {
            None => match rest.chars().next() {
                Some(c) if c != '\n' => (c, c.len_utf8()),
                _ => return self.unexpected("a character"),
            },
            Some(escape) => match unescape(escape) {
                Some((c, len)) => (c, len + 1),
                None => return self.unexpected(r#"an escape: \\ \" \' \t \n \r \u{…}"#),
            },
        };
        self.offset += len;
        Ok(c)
    }

    /// The number that is next; empty if there is none.
    fn number(&self) -> &'a str {
        let is_part = |c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | '.' | 'e' | 'E');
        let number = self.prefix(is_part);
        // Rust reads `.5` and `+5` as well, WAVE does not.
        let digits = number.strip_prefix('-').unwrap_or(number);
        if digits.starts_with(|c: char| c.is_ascii_digit()) { number } else { "" }
    }

    /// The label or keyword that is next, as it stands there; empty if there is none.
    fn word(&self) -> &'a str {
        self.prefix(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '%'))
    }

    /// The label that is next, without its mark.
    fn name(&self) -> &'a str {
        let word = self.word();
        word.strip_prefix('%').unwrap_or(word)
    }

    fn take_name(&mut self) -> Read<()> {
        let word = self.word();
        self.take(word)
    }

    fn prefix(&self, is_part: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let end = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
        rest.get(..end).unwrap_or_default()
    }

    fn take(&mut self, token: &str) -> Read<()> {
        if !self.rest().starts_with(token) {
            return self.unexpected(token);
        }
        self.offset += token.len();
        Ok(())
    }

    fn punctuation(&mut self, c: char) -> Read<()> {
        self.skip();
        if !self.rest().starts_with(c) {
            return self.unexpected(&format!("`{c}`"));
        }
        self.offset += c.len_utf8();
        Ok(())
    }

    /// White space and comments.
    fn skip(&mut self) {
        loop {
            let rest = self.rest().trim_start_matches([' ', '\t', '\n', '\r']);
            self.offset = self.text.len() - rest.len();
            if !rest.starts_with("//") {
                return;
            }
            self.offset += rest.find('\n').unwrap_or(rest.len());
        }
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.offset..).unwrap_or_default()
    }

    fn unexpected<T>(&self, expected: &str) -> Read<T> {
        let token = self.prefix(|c| !c.is_whitespace() && !"()[]{},:".contains(c));
        let found = match self.rest().chars().next() {
            None => "the end".to_owned(),
            Some(c) if token.is_empty() => describe::shown(&c.to_string()),
            Some(_) => describe::shown(token),
        };
        Err(WaveError { offset: self.offset, expected: expected.to_owned(), found })
    }
}

/// The number of a handle: 1 of `#1`.
pub(super) fn handle(text: &str) -> Option<u64> {
    let digits = text.strip_prefix('#')?;
    // `parse` alone would take a sign.
    digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok())?
}

/// Whether `some(x)` and `ok(x)` may be written as `x`.
fn is_flat(kind: &TypeKind) -> bool {
    !matches!(kind, TypeKind::Option(_) | TypeKind::Result { .. })
}

/// What an escape stands for, and how long it is without its backslash.
fn unescape(escape: &str) -> Option<(char, usize)> {
    let simple = match escape.chars().next()? {
        c @ ('\\' | '"' | '\'') => c,
        't' => '\t',
        'n' => '\n',
        'r' => '\r',
        _ => {
            let (digits, _) = escape.strip_prefix("u{")?.split_once('}')?;
            let is_hex =
                (1..=6).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
            let code = u32::from_str_radix(digits, 16).ok().filter(|_| is_hex)?;
            return Some((char::from_u32(code)?, digits.len() + 3));
        }
    };
    Some((simple, 1))
}
