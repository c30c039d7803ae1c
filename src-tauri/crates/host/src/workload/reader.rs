//! Walks a TOML document that knows where everything stands, and collects what is wrong with it.
//!
//! A reader never stops at a problem: it notes it, the value counts as missing, and the walk goes on.

use std::ops::RangeInclusive;
use std::path::Path;

use jackfield_protocol::Problem;
use toml_edit::{Item, TableLike, Value};

use super::Place;
use super::name::did_you_mean;
use super::place::Lines;

/// More problems than this are counted, not shown.
const MAX_PROBLEMS: usize = 100;

/// Collects problems.
pub(super) struct Reader<'t> {
    lines: Lines<'t>,
    found: Vec<Found>,
}

/// A problem, before its place is worked out.
struct Found {
    at: Option<usize>,
    message: String,
    help: Option<String>,
}

/// A value and where it stands.
#[derive(Clone)]
pub(super) struct Field<'d> {
    /// Its whole name: `components.square.source`.
    pub(super) path: String,
    /// The last part of its name, as TOML understands it.
    pub(super) key: &'d str,
    /// Where its key begins, in bytes.
    pub(super) key_at: Option<usize>,
    item: &'d Item,
}

/// A table and where it stands.
pub(super) struct Fields<'d> {
    path: String,
    at: Option<usize>,
    table: &'d dyn TableLike,
}

impl<'d> Field<'d> {
    /// Where its value begins, in bytes.
    pub(super) fn at(&self) -> Option<usize> {
        match self.item {
            // A table's span is that of its header, if it has one.
            Item::Value(value) => value.span().map(|span| span.start),
            _ => self.key_at,
        }
    }

    /// The value itself, for what has no fixed shape.
    pub(super) fn item(&self) -> &'d Item {
        self.item
    }
}

impl<'d> Fields<'d> {
    pub(super) fn new(path: &str, at: Option<usize>, table: &'d dyn TableLike) -> Self {
        Self { path: path.to_owned(), at, table }
    }

    /// Every value of the table, in the order of the file.
    pub(super) fn iter(&self) -> impl Iterator<Item = Field<'d>> {
        let table = self.table;
        table.iter().filter_map(|(key, _)| self.get(key))
    }

    pub(super) fn get(&self, key: &str) -> Option<Field<'d>> {
        let (key, item) = self.table.get_key_value(key)?;
        Some(Field {
            path: dotted(&self.path, key.get()),
            key: key.get(),
            key_at: key.span().map(|span| span.start),
            item,
        })
    }
}

impl<'t> Reader<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { lines: Lines::new(text), found: Vec::new() }
    }

    /// Notes a problem at a byte of the text.
    pub(super) fn problem(&mut self, at: Option<usize>, message: impl Into<String>, help: Option<String>) {
        self.found.push(Found { at, message: message.into(), help });
    }

    /// The line and column of a byte.
    pub(super) fn place(&self, at: usize) -> Place {
        self.lines.place(at)
    }

    /// The problems, in the order of the file.
    pub(super) fn into_problems(mut self, path: &Path) -> Vec<Problem> {
        self.found.sort_by_key(|found| found.at);
        let hidden = self.found.len().saturating_sub(MAX_PROBLEMS);
        self.found.truncate(MAX_PROBLEMS);
        if hidden > 0 {
            self.found.push(Found { at: None, message: format!("and {hidden} more problems"), help: None });
        }
        let Self { lines, found } = self;
        let problem = |Found { at, message, help }: Found| {
            let place = at.map(|at| lines.place(at));
            Problem {
                message,
                help,
                path: path.display().to_string(),
                line: place.map(|place| place.line),
                column: place.map(|place| place.column),
                pull: None,
            }
        };
        found.into_iter().map(problem).collect()
    }

    /// Notes every key of the table that is not among `known`.
    pub(super) fn only(&mut self, fields: &Fields<'_>, known: &[&str]) {
        for field in fields.iter().filter(|field| !known.contains(&field.key)) {
            let help = did_you_mean(field.key, known.iter().copied())
                .unwrap_or_else(|| format!("there can be {}", known.join(", ")));
            self.problem(field.key_at, format!("unknown key `{}`", field.path), Some(help));
        }
    }

    /// The value of a key that must be there.
    pub(super) fn required<'d>(
        &mut self,
        fields: &Fields<'d>,
        key: &str,
        example: &str,
    ) -> Option<Field<'d>> {
        let field = fields.get(key);
        if field.is_none() {
            let path = dotted(&fields.path, key);
            self.problem(fields.at, format!("`{path}` is missing"), Some(format!("add `{example}`")));
        }
        field
    }

    pub(super) fn string<'d>(&mut self, field: &Field<'d>) -> Option<&'d str> {
        let value = field.item.as_str();
        self.check_type(field, "a string", value)
    }

    pub(super) fn boolean(&mut self, field: &Field<'_>) -> Option<bool> {
        let value = field.item.as_bool();
        self.check_type(field, "true or false", value)
    }

    /// A whole number of at least `min`.
    pub(super) fn count(&mut self, field: &Field<'_>, range: RangeInclusive<u32>) -> Option<u32> {
        let value = field.item.as_integer();
        let value = self.check_type(field, "a whole number", value)?;
        let count = u32::try_from(value).ok().filter(|count| range.contains(count));
        if count.is_none() {
            let (min, max) = range.into_inner();
            let message = format!("`{}` must be a number from {min} to {max}, not {value}", field.path);
            self.problem(field.at(), message, None);
        }
        count
    }

    pub(super) fn table<'d>(&mut self, field: &Field<'d>) -> Option<Fields<'d>> {
        let table = self.check_type(field, "a table", field.item.as_table_like())?;
        Some(Fields { path: field.path.clone(), at: field.key_at, table })
    }

    /// The strings of an array, each with where it stands.
    pub(super) fn strings<'d>(&mut self, field: &Field<'d>) -> Vec<(&'d str, Option<usize>)> {
        let array = field.item.as_array();
        let Some(array) = self.check_type(field, "an array of strings", array) else { return Vec::new() };
        let mut strings = Vec::new();
        for value in array {
            let at = value.span().map(|span| span.start);
            match value.as_str() {
                Some(text) => strings.push((text, at)),
                None => self.wrong_type(at, &field.path, "an array of strings", value.type_name()),
            }
        }
        strings
    }

    /// The tables of an array, be they `[[rows]]` or `{ inline }`.
    pub(super) fn tables<'d>(&mut self, field: &Field<'d>) -> Vec<Fields<'d>> {
        let fields = |at: Option<usize>, table: &'d dyn TableLike| Fields::new(&field.path, at, table);
        let start = |span: std::ops::Range<usize>| span.start;
        match field.item {
            Item::ArrayOfTables(rows) => rows.iter().map(|row| fields(row.span().map(start), row)).collect(),
            Item::Value(Value::Array(array)) => {
                let mut tables = Vec::new();
                for value in array {
                    let at = value.span().map(start);
                    match value.as_inline_table() {
                        Some(table) => tables.push(fields(at, table)),
                        None => self.wrong_type(at, &field.path, "an array of tables", value.type_name()),
                    }
                }
                tables
            }
            other => {
                self.wrong_type(field.at(), &field.path, "an array of tables", other.type_name());
                Vec::new()
            }
        }
    }

    /// The values of a table whose values are all strings.
    pub(super) fn string_table<'d>(&mut self, field: &Field<'d>) -> Vec<(Field<'d>, &'d str)> {
        let Some(fields) = self.table(field) else { return Vec::new() };
        let mut pairs = Vec::new();
        for field in fields.iter() {
            if let Some(text) = self.string(&field) {
                pairs.push((field, text));
            }
        }
        pairs
    }

    fn check_type<T>(&mut self, field: &Field<'_>, wanted: &str, value: Option<T>) -> Option<T> {
        if value.is_none() {
            self.wrong_type(field.at(), &field.path, wanted, field.item.type_name());
        }
        value
    }

    fn wrong_type(&mut self, at: Option<usize>, path: &str, wanted: &str, found: &str) {
        let article = if found.starts_with(['a', 'i']) { "an" } else { "a" };
        let help = matches!((wanted, found), ("a string", "integer" | "float" | "boolean"))
            .then(|| "put it in quotes".to_owned());
        self.problem(at, format!("`{path}` must be {wanted}, not {article} {found}"), help);
    }
}

/// `a.b`, with quotes around a part that TOML wants them around.
pub(super) fn dotted(path: &str, key: &str) -> String {
    let bare = !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'));
    let key = if bare { key.to_owned() } else { format!("\"{}\"", key.escape_debug()) };
    if path.is_empty() { key } else { format!("{path}.{key}") }
}
