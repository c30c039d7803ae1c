//! What a JSON Schema asks for, in the terms of a form.
//!
//! Everything that Jackfield's own tools have is understood (draft 2020-12), and what other servers
//! commonly write. What is not understood is [`Shape::Json`], so that any value can still be entered.
//! Schemas come from servers and are untrusted: references are followed a bounded number of times.

use serde_json::{Map, Value};

/// References to references are followed so often.
const MAX_REFERENCES: usize = 32;
/// Defaults are made so deep; schemas may contain themselves.
const MAX_DEFAULT_DEPTH: usize = 24;
/// A default has no more values than this; a small schema may ask for billions.
const MAX_DEFAULT_VALUES: usize = 5_000;

/// A schema, and the document that its references lead into.
#[derive(Debug, Clone, Copy)]
pub struct Schema<'a> {
    root: &'a Value,
    here: &'a Value,
}

/// What a form shows for a schema.
#[derive(Debug, Clone)]
pub enum Shape<'a> {
    /// An object with these properties, perhaps also others.
    Object(ObjectShape<'a>),
    /// A text.
    Text,
    /// One of these values.
    Choice(Vec<&'a Value>),
    /// Any of these texts, each at most once.
    Flags(Vec<&'a str>),
    /// A whole number.
    Integer {
        /// Whether it may be written as a string of digits, and must where it is large.
        is_wide: bool,
    },
    /// A number, or one of these words: `nan`.
    Number {
        /// The words.
        words: Vec<&'a str>,
    },
    /// Yes or no.
    Boolean,
    /// Nothing but `null`.
    Null,
    /// Any number of items.
    List(Schema<'a>),
    /// One item of each.
    Tuple(Vec<Schema<'a>>),
    /// Something, or `null`.
    Option(Schema<'a>),
    /// One of several.
    OneOf(Vec<Branch<'a>>),
    /// Anything.
    Json,
}

/// What an object has.
#[derive(Debug, Clone)]
pub struct ObjectShape<'a> {
    /// The properties that have names.
    pub properties: Vec<Property<'a>>,
    /// What other properties must be; none if there may be no others, or nothing is known of them.
    pub others: Option<Schema<'a>>,
}

/// A property of an object.
#[derive(Debug, Clone)]
pub struct Property<'a> {
    /// Its name.
    pub name: &'a str,
    /// What it must be.
    pub schema: Schema<'a>,
    /// Whether it must be there.
    pub is_required: bool,
}

/// One of several alternatives.
#[derive(Debug, Clone)]
pub struct Branch<'a> {
    /// What it is called.
    pub label: String,
    /// Whether it is nothing but a value, with nothing to fill in.
    pub constant: Option<&'a Value>,
    /// What it must be.
    pub schema: Schema<'a>,
}

impl<'a> Schema<'a> {
    /// A whole document.
    #[must_use]
    pub fn new(root: &'a Value) -> Self {
        Self { root, here: root }
    }

    pub(crate) fn at(self, here: &'a Value) -> Self {
        Self { here, ..self }
    }

    /// The schema's keywords, references followed; none for `true`, `false`, and what is no schema.
    pub(crate) fn keywords(self) -> Option<&'a Map<String, Value>> {
        let mut here = self.here;
        for _ in 0..MAX_REFERENCES {
            let map = here.as_object()?;
            let Some(reference) = map.get("$ref").and_then(Value::as_str) else { return Some(map) };
            let pointer = reference.strip_prefix('#')?;
            here = self.root.pointer(&pointer.replace("%25", "%"))?;
        }
        None
    }

    fn keyword(self, key: &str) -> Option<&'a Value> {
        self.keywords()?.get(key)
    }

    /// What it is for, in the server's words.
    #[must_use]
    pub fn description(self) -> Option<&'a str> {
        let beside = self.here.get("description").and_then(Value::as_str);
        beside.or_else(|| self.keyword("description").and_then(Value::as_str))
    }

    /// The schemas under a keyword that has a list of them.
    fn list(self, key: &str) -> Option<Vec<Self>> {
        let list = self.keyword(key)?.as_array()?;
        Some(list.iter().map(|here| self.at(here)).collect())
    }

    /// Bounds and the like in words, to be shown beside the field.
    #[must_use]
    pub fn hint(self) -> String {
        let number = |key: &str| self.keyword(key).filter(|value| value.is_number());
        match (number("minimum"), number("maximum")) {
            (Some(min), Some(max)) => format!("{min} … {max}"),
            (Some(min), None) => format!("≥ {min}"),
            (None, Some(max)) => format!("≤ {max}"),
            (None, None) => match self.keyword("format").and_then(Value::as_str) {
                Some(format) => format.to_owned(),
                None => self.keyword("pattern").and_then(Value::as_str).unwrap_or_default().to_owned(),
            },
        }
    }

    /// What a form shows for it.
    #[must_use]
    pub fn shape(self) -> Shape<'a> {
        self.shape_looking_inside(true)
    }

    /// The shape as far as it shows from outside: alternatives inside of alternatives are not looked at, as
    /// they may lead back here.
    fn outer_shape(self) -> Shape<'a> {
        self.shape_looking_inside(false)
    }

    fn shape_looking_inside(self, looks_inside: bool) -> Shape<'a> {
        let Some(keywords) = self.keywords() else { return Shape::Json };
        if keywords.contains_key("const") {
            return keywords.get("const").map_or(Shape::Json, |value| Shape::Choice(vec![value]));
        }
        if let Some(values) = keywords.get("enum").and_then(Value::as_array) {
            return Shape::Choice(values.iter().collect());
        }
        if let Some(branches) = self.list("oneOf").or_else(|| self.list("anyOf")) {
            return if looks_inside { self.shape_of_branches(branches) } else { Shape::Json };
        }
        match keywords.get("type") {
            Some(Value::String(name)) => self.shape_of_type(name, looks_inside),
            Some(Value::Array(names)) => self.shape_of_types(names, looks_inside),
            _ if keywords.contains_key("properties") => self.shape_of_type("object", looks_inside),
            _ => Shape::Json,
        }
    }

    fn shape_of_type(self, name: &str, looks_inside: bool) -> Shape<'a> {
        match name {
            "object" => self.shape_of_object(),
            "array" => self.shape_of_array(looks_inside),
            "string" => Shape::Text,
            "integer" => Shape::Integer { is_wide: false },
            "number" => Shape::Number { words: Vec::new() },
            "boolean" => Shape::Boolean,
            "null" => Shape::Null,
            _ => Shape::Json,
        }
    }

    fn shape_of_types(self, names: &'a [Value], looks_inside: bool) -> Shape<'a> {
        let names: Vec<&str> = names.iter().filter_map(Value::as_str).collect();
        match names.as_slice() {
            ["integer", "string"] | ["string", "integer"] => Shape::Integer { is_wide: true },
            ["null", one] | [one, "null"] => match self.shape_of_type(one, looks_inside) {
                // A field for JSON shows `null` as well as anything else.
                Shape::Text | Shape::Integer { .. } | Shape::Number { .. } | Shape::Boolean => {
                    Shape::Option(self)
                }
                _ => Shape::Json,
            },
            [one] => self.shape_of_type(one, looks_inside),
            _ => Shape::Json,
        }
    }

    /// The same schema where it is known not to be `null`.
    #[must_use]
    pub fn shape_of_some(self) -> Shape<'a> {
        match self.keyword("type") {
            Some(Value::Array(names)) => {
                let name = names.iter().filter_map(Value::as_str).find(|name| *name != "null");
                name.map_or(Shape::Json, |name| self.shape_of_type(name, true))
            }
            _ => self.shape(),
        }
    }

    fn shape_of_object(self) -> Shape<'a> {
        let required: Vec<&str> = self
            .keyword("required")
            .and_then(Value::as_array)
            .map(|names| names.iter().filter_map(Value::as_str).collect())
            .unwrap_or_default();
        let properties = self.keyword("properties").and_then(Value::as_object);
        let properties: Vec<Property<'a>> = properties
            .into_iter()
            .flatten()
            .map(|(name, here)| Property {
                name,
                schema: self.at(here),
                is_required: required.contains(&name.as_str()),
            })
            .collect();
        let others = match self.keyword("additionalProperties") {
            Some(Value::Bool(false)) => None,
            Some(here) => Some(self.at(here)),
            // Nothing is said of it at all: a field for JSON is clearer than an empty form.
            None if properties.is_empty() => return Shape::Json,
            None => None,
        };
        Shape::Object(ObjectShape { properties, others })
    }

    fn shape_of_array(self, looks_inside: bool) -> Shape<'a> {
        if let Some(items) = self.list("prefixItems") {
            return Shape::Tuple(items);
        }
        let Some(items) = self.keyword("items").filter(|items| items.is_object()) else { return Shape::Json };
        let items = self.at(items);
        if looks_inside
            && self.keyword("uniqueItems") == Some(&Value::Bool(true))
            && let Shape::Choice(values) = items.outer_shape()
            && let Some(names) = values.iter().map(|value| value.as_str()).collect::<Option<Vec<_>>>()
        {
            return Shape::Flags(names);
        }
        Shape::List(items)
    }

    fn shape_of_branches(self, branches: Vec<Self>) -> Shape<'a> {
        if let [one, other] = branches.as_slice() {
            match (one.outer_shape(), other.outer_shape()) {
                (_, Shape::Null) => return Shape::Option(*one),
                (Shape::Null, _) => return Shape::Option(*other),
                (Shape::Number { .. }, Shape::Choice(words)) => {
                    let words: Option<Vec<&str>> = words.iter().map(|word| word.as_str()).collect();
                    if let Some(words) = words {
                        return Shape::Number { words };
                    }
                }
                _ => {}
            }
        }
        let branches = branches.into_iter().enumerate();
        Shape::OneOf(branches.flat_map(|(index, branch)| branch.branches(index)).collect())
    }

    /// The alternatives that a branch stands for: each of several constants is one.
    fn branches(self, index: usize) -> Vec<Branch<'a>> {
        match self.outer_shape() {
            Shape::Choice(values) => values
                .into_iter()
                .map(|value| Branch { label: label_of(value), constant: Some(value), schema: self })
                .collect(),
            shape => vec![Branch { label: self.branch_label(&shape, index), constant: None, schema: self }],
        }
    }

    fn branch_label(self, shape: &Shape<'a>, index: usize) -> String {
        if let Some(title) = self.keyword("title").and_then(Value::as_str) {
            return title.to_owned();
        }
        match shape {
            Shape::Object(object) => match object.properties.as_slice() {
                [only] if only.is_required => only.name.to_owned(),
                _ => format!("object {}", index + 1),
            },
            Shape::Text => "text".to_owned(),
            Shape::Integer { .. } | Shape::Number { .. } => "number".to_owned(),
            Shape::Boolean => "yes or no".to_owned(),
            Shape::Null => "null".to_owned(),
            Shape::List(_) | Shape::Tuple(_) | Shape::Flags(_) => "list".to_owned(),
            Shape::Choice(_) | Shape::Option(_) | Shape::OneOf(_) | Shape::Json => {
                format!("variant {}", index + 1)
            }
        }
    }

    /// A value to begin with: what the schema says, or the simplest that fits.
    #[must_use]
    pub fn default_value(self) -> Value {
        let mut left = MAX_DEFAULT_VALUES;
        self.default_at(MAX_DEFAULT_DEPTH, &mut left)
    }

    fn default_at(self, depth: usize, left: &mut usize) -> Value {
        if let Some(value) = self.keyword("default") {
            return value.clone();
        }
        let (Some(depth), Some(fewer)) = (depth.checked_sub(1), left.checked_sub(1)) else {
            return Value::Null;
        };
        *left = fewer;
        match self.shape() {
            Shape::Object(object) => {
                let required = object.properties.iter().filter(|property| property.is_required);
                let mut with = |property: &Property<'a>| {
                    (property.name.to_owned(), property.schema.default_at(depth, left))
                };
                Value::Object(required.map(&mut with).collect())
            }
            Shape::Text => Value::String(String::new()),
            Shape::Choice(values) => values.first().map_or(Value::Null, |value| (*value).clone()),
            Shape::Integer { .. } | Shape::Number { .. } => self.number_to_begin_with(),
            Shape::Boolean => Value::Bool(false),
            Shape::Null | Shape::Option(_) => Value::Null,
            Shape::Flags(_) => Value::Array(Vec::new()),
            Shape::List(items) => {
                Value::Array((0..self.min_items()).map(|_| items.default_at(depth, left)).collect())
            }
            Shape::Tuple(items) => {
                Value::Array(items.iter().map(|item| item.default_at(depth, left)).collect())
            }
            Shape::OneOf(branches) => {
                branches.first().map_or(Value::Null, |branch| branch.default_at(depth, left))
            }
            Shape::Json => self.json_to_begin_with(),
        }
    }

    /// Like [`default_value`](Self::default_value), where it is known not to be `null`.
    #[must_use]
    pub fn default_of_some(self) -> Value {
        match (self.keyword("default"), self.shape_of_some()) {
            (Some(value), _) if !value.is_null() => value.clone(),
            (_, Shape::Option(inner)) => inner.default_value(),
            (_, Shape::Text) => Value::String(String::new()),
            (_, Shape::Integer { .. } | Shape::Number { .. }) => self.number_to_begin_with(),
            (_, Shape::Boolean) => Value::Bool(false),
            _ => self.default_value(),
        }
    }

    /// Zero, or the bound that is nearest to it.
    fn number_to_begin_with(self) -> Value {
        let beyond = |key: &str, sign: f64| {
            self.keyword(key).filter(|bound| bound.as_f64().is_some_and(|bound| bound * sign > 0.0)).cloned()
        };
        beyond("minimum", 1.0).or_else(|| beyond("maximum", -1.0)).unwrap_or_else(|| 0.into())
    }

    fn json_to_begin_with(self) -> Value {
        match self.keyword("type").and_then(Value::as_str) {
            Some("object") => Value::Object(Map::new()),
            Some("array") => Value::Array(Vec::new()),
            _ => Value::Null,
        }
    }

    /// How many items a new list has: what it must have, as long as that is no attack.
    fn min_items(self) -> usize {
        let min = self.keyword("minItems").and_then(Value::as_u64).unwrap_or(0);
        usize::try_from(min).unwrap_or(0).min(64)
    }
}

impl Branch<'_> {
    /// A value of this alternative to begin with.
    #[must_use]
    pub fn default_value(&self) -> Value {
        let mut left = MAX_DEFAULT_VALUES;
        self.default_at(MAX_DEFAULT_DEPTH, &mut left)
    }

    fn default_at(&self, depth: usize, left: &mut usize) -> Value {
        self.constant.map_or_else(|| self.schema.default_at(depth, left), Clone::clone)
    }
}

/// A constant as it is shown in a choice.
pub(crate) fn label_of(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
