//! The arguments of a tool: one JSON value with two faces, a form and a text, kept in step.
//!
//! The value is the truth. The form changes it place by place; the text replaces it, or, while it is no
//! JSON, leaves it as it was. A field whose text is no value of its type ("1." on the way to "1.5", or a
//! deliberate "abc") holds that text as a string, so that anything can be sent to a server that is being
//! tested; what was typed is kept as a draft, because 1.0 shall not become 1 under the user's fingers.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::{Map, Value};

use super::check::{Problems, problems};
use super::schema::Schema;

/// Whole numbers beyond this are written as strings, because many programs lose digits there.
const MAX_EXACT: u128 = 9_007_199_254_740_991;

/// Where a text is no JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JsonError {
    /// Counted from 1.
    pub line: usize,
    /// Counted from 1; 0 at the end of a line before.
    pub column: usize,
    /// What is wrong.
    pub message: String,
}

impl std::fmt::Display for JsonError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "line {}, column {}: {}", self.line, self.column, self.message)
    }
}

impl From<serde_json::Error> for JsonError {
    fn from(error: serde_json::Error) -> Self {
        let text = error.to_string();
        let message = text.split(" at line ").next().unwrap_or(&text).to_owned();
        Self { line: error.line(), column: error.column(), message }
    }
}

/// What a field's text becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldKind {
    /// A text, as it stands.
    Text,
    /// A whole number; as a string of digits where it is large and may be one.
    Integer {
        /// Whether it may be a string.
        is_wide: bool,
    },
    /// A number.
    Number,
    /// Any JSON.
    Json,
}

/// A change that the form makes. Places are JSON pointers.
#[derive(Debug, Clone, PartialEq)]
pub enum FormEdit {
    /// Something was typed into a field.
    Type {
        /// Where.
        at: String,
        /// What the field takes.
        kind: FieldKind,
        /// What stands in it now.
        text: String,
    },
    /// Another value was chosen.
    Set {
        /// Where; a property that is not there comes into being.
        at: String,
        /// The value.
        value: Value,
    },
    /// A property, or an item of a list, was taken away.
    Remove {
        /// Where.
        at: String,
    },
    /// An item was added to a list.
    Push {
        /// The list.
        at: String,
        /// The item.
        value: Value,
    },
    /// A property got another name; nothing happens if there is one of that name.
    Rename {
        /// The object.
        at: String,
        /// The name.
        from: String,
        /// The new name.
        to: String,
    },
    /// A text field got several lines, or one again.
    Lines {
        /// Where.
        at: String,
    },
    /// The raw text was changed.
    Text(String),
    /// Shows the raw text, or the form.
    ShowText(bool),
}

/// The arguments of one tool.
#[derive(Debug, Clone)]
pub struct Arguments {
    schema: Arc<Value>,
    value: Value,
    text: String,
    error: Option<JsonError>,
    drafts: BTreeMap<String, String>,
    /// Fields for JSON that hold none.
    torn: BTreeMap<String, JsonError>,
    tall: BTreeSet<String>,
    problems: Problems,
    shows_text: bool,
}

impl Arguments {
    /// The simplest arguments that a schema allows.
    #[must_use]
    pub fn new(schema: Arc<Value>) -> Self {
        let value = Schema::new(&schema).default_value();
        let value = if value.is_object() { value } else { Value::Object(Map::new()) };
        let mut arguments = Self {
            schema,
            value,
            text: String::new(),
            error: None,
            drafts: BTreeMap::new(),
            torn: BTreeMap::new(),
            tall: BTreeSet::new(),
            problems: Problems::new(),
            shows_text: false,
        };
        arguments.changed();
        arguments
    }

    /// Arguments as they were written before.
    #[must_use]
    pub fn with_text(schema: Arc<Value>, text: &str) -> Self {
        let mut arguments = Self::new(schema);
        arguments.edit(FormEdit::Text(text.to_owned()));
        arguments
    }

    /// Takes another schema; the value stays.
    pub fn set_schema(&mut self, schema: Arc<Value>) {
        if *self.schema != *schema {
            self.schema = schema;
            self.problems = problems(Schema::new(&self.schema), &self.value);
        }
    }

    /// The schema.
    #[must_use]
    pub fn schema(&self) -> Schema<'_> {
        Schema::new(&self.schema)
    }

    /// The value that the form shows.
    #[must_use]
    pub fn value(&self) -> &Value {
        &self.value
    }

    /// The raw text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Why the raw text is no JSON.
    #[must_use]
    pub fn error(&self) -> Option<&JsonError> {
        self.error.as_ref()
    }

    /// Whether the raw text is shown rather than the form.
    #[must_use]
    pub fn shows_text(&self) -> bool {
        self.shows_text
    }

    /// What is wrong with the value at a place.
    #[must_use]
    pub fn problem(&self, at: &str) -> Option<String> {
        let torn = self.torn.get(at).map(ToString::to_string);
        torn.or_else(|| self.problems.get(at).cloned())
    }

    /// Everything that is wrong with the value.
    #[must_use]
    pub fn problems(&self) -> &Problems {
        &self.problems
    }

    /// Whether a text field has several lines.
    #[must_use]
    pub fn is_tall(&self, at: &str) -> bool {
        self.tall.contains(at)
    }

    /// What stands in the field at a place: what was typed, or its value as text.
    #[must_use]
    pub fn field(&self, at: &str) -> String {
        if let Some(draft) = self.drafts.get(at) {
            return draft.clone();
        }
        match self.value.pointer(at) {
            None => String::new(),
            Some(Value::String(text)) => text.clone(),
            Some(other) => other.to_string(),
        }
    }

    /// What can be sent.
    ///
    /// # Errors
    /// In words, if some text is no JSON, or the whole is no object.
    pub fn to_send(&self) -> Result<Map<String, Value>, String> {
        if let Some(error) = &self.error {
            return Err(format!("The raw arguments are no JSON: {error}"));
        }
        if let Some((at, error)) = self.torn.iter().next() {
            return Err(format!("The field {at} holds no JSON: {error}"));
        }
        match &self.value {
            Value::Object(object) => Ok(object.clone()),
            _ => Err("Arguments must be an object: write {…} around them".to_owned()),
        }
    }

    /// Makes a change. One that names a place that is not there changes nothing.
    pub fn edit(&mut self, edit: FormEdit) {
        match edit {
            FormEdit::ShowText(shows_text) => self.shows_text = shows_text,
            FormEdit::Lines { at } => {
                if !self.tall.remove(&at) {
                    self.tall.insert(at);
                }
            }
            FormEdit::Text(text) => self.replace(text),
            FormEdit::Type { at, kind, text } => self.type_text(at, kind, text),
            FormEdit::Set { at, value } => {
                self.forget_below(&at);
                self.put(&at, value);
                self.changed();
            }
            FormEdit::Remove { at } => {
                self.remove(&at);
                self.changed();
            }
            FormEdit::Push { at, value } => {
                if let Some(Value::Array(items)) = self.value.pointer_mut(&at) {
                    items.push(value);
                }
                self.changed();
            }
            FormEdit::Rename { at, from, to } => {
                self.rename(&at, &from, &to);
                self.changed();
            }
        }
    }

    fn replace(&mut self, text: String) {
        match serde_json::from_str(&text) {
            Ok(value) => {
                self.value = value;
                self.error = None;
                self.drafts.clear();
                self.torn.clear();
                self.problems = problems(Schema::new(&self.schema), &self.value);
            }
            Err(error) => self.error = Some(error.into()),
        }
        self.text = text;
    }

    fn type_text(&mut self, at: String, kind: FieldKind, text: String) {
        self.forget_below(&at);
        match read(kind, &text) {
            Ok(value) => self.put(&at, value),
            Err(error) => {
                self.torn.insert(at.clone(), error);
            }
        }
        if kind != FieldKind::Text {
            self.drafts.insert(at, text);
        }
        self.changed();
    }

    fn put(&mut self, at: &str, value: Value) {
        if let Some(place) = self.value.pointer_mut(at) {
            *place = value;
        } else if let Some((parent, name)) = parent(at)
            && let Some(Value::Object(object)) = self.value.pointer_mut(parent)
        {
            object.insert(name, value);
        }
    }

    fn remove(&mut self, at: &str) {
        let Some((parent, name)) = parent(at) else { return };
        match self.value.pointer_mut(parent) {
            Some(Value::Object(object)) => {
                object.shift_remove(&name);
                self.forget_below(at);
            }
            Some(Value::Array(items)) => {
                if let Some(index) = name.parse::<usize>().ok().filter(|index| *index < items.len()) {
                    items.remove(index);
                }
                // The items after it have other places now.
                let parent = parent.to_owned();
                self.forget_below(&parent);
            }
            _ => {}
        }
    }

    fn rename(&mut self, at: &str, from: &str, to: &str) {
        let Some(Value::Object(object)) = self.value.pointer_mut(at) else { return };
        if object.contains_key(to) {
            return;
        }
        let renamed = std::mem::take(object).into_iter();
        *object =
            renamed.map(|(name, value)| (if name == from { to.to_owned() } else { name }, value)).collect();
        self.forget_below(at);
    }

    fn forget_below(&mut self, at: &str) {
        let is_below = |place: &String| {
            place.strip_prefix(at).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        self.drafts.retain(|place, _| !is_below(place));
        self.torn.retain(|place, _| !is_below(place));
    }

    /// The form changed the value: the text follows.
    fn changed(&mut self) {
        self.text = serde_json::to_string_pretty(&self.value).unwrap_or_default();
        self.error = None;
        self.problems = problems(Schema::new(&self.schema), &self.value);
    }
}

/// Where the thing at a pointer is in: the pointer of the whole, and the name in it.
fn parent(at: &str) -> Option<(&str, String)> {
    let (parent, name) = at.rsplit_once('/')?;
    Some((parent, name.replace("~1", "/").replace("~0", "~")))
}

/// The value that a field's text stands for.
fn read(kind: FieldKind, text: &str) -> Result<Value, JsonError> {
    let as_it_stands = || Value::String(text.to_owned());
    let trimmed = text.trim();
    Ok(match kind {
        FieldKind::Text => as_it_stands(),
        FieldKind::Integer { is_wide } => match trimmed.parse::<i128>() {
            Ok(number) if is_wide && number.unsigned_abs() > MAX_EXACT => Value::String(number.to_string()),
            Ok(number) => integer(number).unwrap_or_else(as_it_stands),
            Err(_) => as_it_stands(),
        },
        FieldKind::Number => match trimmed.parse::<f64>() {
            Ok(number) if number.is_finite() && trimmed.parse::<i64>().is_err() => number.into(),
            Ok(number) if number.is_finite() => {
                trimmed.parse::<i64>().map_or_else(|_| as_it_stands(), Value::from)
            }
            _ => as_it_stands(),
        },
        FieldKind::Json => serde_json::from_str(text)?,
    })
}

fn integer(number: i128) -> Option<Value> {
    let small = i64::try_from(number).ok().map(Value::from);
    small.or_else(|| u64::try_from(number).ok().map(Value::from))
}
