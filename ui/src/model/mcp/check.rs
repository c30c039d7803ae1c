//! Whether a value is what a schema asks for, and where it is not.
//!
//! For messages beside fields only: the server decides. Keywords that are not known are passed over, so
//! that nothing that a server would take is called wrong.

use std::cell::Cell;
use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::schema::Schema;

/// Values are looked at so deep; schemas may contain themselves.
const MAX_DEPTH: usize = 64;
/// So many comparisons are made; alternatives that contain themselves double with each level.
const MAX_STEPS: u32 = 50_000;
/// More problems than this help nobody.
const MAX_PROBLEMS: usize = 200;

/// What is wrong with a value: by JSON pointer, in words.
pub type Problems = BTreeMap<String, String>;

/// What is wrong with `value`.
#[must_use]
pub fn problems(schema: Schema<'_>, value: &Value) -> Problems {
    let mut problems = Problems::new();
    let steps = Cell::new(MAX_STEPS);
    check(schema, value, "", Limit { depth: MAX_DEPTH, steps: &steps }, &mut problems);
    problems
}

/// Whether nothing is wrong with `value`.
#[must_use]
pub fn fits(schema: Schema<'_>, value: &Value) -> bool {
    problems(schema, value).is_empty()
}

/// A JSON pointer, one step further.
#[must_use]
pub fn step(pointer: &str, key: &str) -> String {
    format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1"))
}

/// How much may still be looked at.
#[derive(Clone, Copy)]
struct Limit<'s> {
    depth: usize,
    steps: &'s Cell<u32>,
}

impl Limit<'_> {
    /// One level further in, unless that is too much; what is not looked at counts as right.
    fn deeper(self) -> Option<Self> {
        self.steps.set(self.steps.get().checked_sub(1)?);
        Some(Self { depth: self.depth.checked_sub(1)?, ..self })
    }
}

fn check(schema: Schema<'_>, value: &Value, at: &str, limit: Limit<'_>, problems: &mut Problems) {
    let Some(keywords) = schema.keywords() else { return };
    let Some(limit) = limit.deeper().filter(|_| problems.len() < MAX_PROBLEMS) else { return };
    if let Some(problem) = own_problem(keywords, value) {
        problems.entry(at.to_owned()).or_insert(problem);
        return;
    }
    for part in keywords.get("allOf").and_then(Value::as_array).into_iter().flatten() {
        check(schema.at(part), value, at, limit, problems);
    }
    for key in ["anyOf", "oneOf"] {
        if let Some(branches) = keywords.get(key).and_then(Value::as_array) {
            check_branches(schema, branches, value, at, limit, problems);
        }
    }
    match value {
        Value::Object(object) => check_object(schema, keywords, object, at, limit, problems),
        Value::Array(items) => check_items(schema, keywords, items, at, limit, problems),
        _ => {}
    }
}

/// One branch must fit; if none does, the one that comes nearest says why.
fn check_branches(
    schema: Schema<'_>,
    branches: &[Value],
    value: &Value,
    at: &str,
    limit: Limit<'_>,
    problems: &mut Problems,
) {
    let mut nearest: Option<(Distance, Problems)> = None;
    for branch in branches {
        let branch = schema.at(branch);
        let mut found = Problems::new();
        check(branch, value, at, limit, &mut found);
        if found.is_empty() {
            return;
        }
        let distance = distance(branch, value, found.contains_key(at));
        if nearest.as_ref().is_none_or(|(least, _)| distance < *least) {
            nearest = Some((distance, found));
        }
    }
    let nearest = nearest.filter(|(distance, _)| *distance < Distance::OfAnotherKind);
    match nearest {
        Some((_, found)) => problems.extend(found),
        None => {
            problems.entry(at.to_owned()).or_insert_with(|| "fits none of the alternatives".to_owned());
        }
    }
}

/// How far a value is from a branch that it does not fit.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Distance {
    /// Something inside of it is wrong.
    Inside,
    /// It is of the right type, and wrong as a whole.
    OfTheKind,
    /// It is something else.
    OfAnotherKind,
}

fn distance(branch: Schema<'_>, value: &Value, is_wrong_itself: bool) -> Distance {
    let wanted = branch.keywords().and_then(|keywords| keywords.get("type"));
    match (is_wrong_itself, wanted) {
        (false, _) => Distance::Inside,
        (true, Some(wanted)) if is_of_type(wanted, value) => Distance::OfTheKind,
        (true, _) => Distance::OfAnotherKind,
    }
}

fn check_object(
    schema: Schema<'_>,
    keywords: &Map<String, Value>,
    object: &Map<String, Value>,
    at: &str,
    limit: Limit<'_>,
    problems: &mut Problems,
) {
    let properties = keywords.get("properties").and_then(Value::as_object);
    for name in keywords.get("required").and_then(Value::as_array).into_iter().flatten() {
        if let Some(name) = name.as_str().filter(|name| !object.contains_key(*name)) {
            problems.entry(step(at, name)).or_insert_with(|| "is missing".to_owned());
        }
    }
    let others = keywords.get("additionalProperties");
    let names = keywords.get("propertyNames");
    for (name, value) in object {
        let at = step(at, name);
        if let Some(names) = names {
            check(schema.at(names), &Value::String(name.clone()), &at, limit, problems);
        }
        match (properties.and_then(|properties| properties.get(name)), others) {
            (Some(property), _) => check(schema.at(property), value, &at, limit, problems),
            (None, Some(Value::Bool(false))) => {
                problems.entry(at).or_insert_with(|| "is not known to the tool".to_owned());
            }
            (None, Some(other)) => check(schema.at(other), value, &at, limit, problems),
            (None, None) => {}
        }
    }
}

fn check_items(
    schema: Schema<'_>,
    keywords: &Map<String, Value>,
    items: &[Value],
    at: &str,
    limit: Limit<'_>,
    problems: &mut Problems,
) {
    let prefix = keywords.get("prefixItems").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    for (index, value) in items.iter().enumerate() {
        let at = step(at, &index.to_string());
        match (prefix.get(index), keywords.get("items")) {
            (Some(item), _) => check(schema.at(item), value, &at, limit, problems),
            (None, Some(Value::Bool(false))) => {
                problems.entry(at).or_insert_with(|| "is one too many".to_owned());
            }
            (None, Some(item)) => check(schema.at(item), value, &at, limit, problems),
            (None, None) => return,
        }
    }
}

/// What is wrong with the value itself, what is inside of it left out.
fn own_problem(keywords: &Map<String, Value>, value: &Value) -> Option<String> {
    let wanted = keywords.get("type").filter(|wanted| !is_of_type(wanted, value));
    if let Some(wanted) = wanted {
        return Some(format!("must be {}", type_in_words(wanted)));
    }
    if keywords.get("const").is_some_and(|only| only != value) {
        return keywords.get("const").map(|only| format!("must be {only}"));
    }
    if let Some(values) = keywords.get("enum").and_then(Value::as_array)
        && !values.contains(value)
    {
        let values: Vec<String> = values.iter().take(12).map(ToString::to_string).collect();
        return Some(format!("must be one of {}", values.join(", ")));
    }
    if keywords.contains_key("not")
        && keywords.get("not").and_then(Value::as_object).is_some_and(Map::is_empty)
    {
        return Some("cannot be written down".to_owned());
    }
    match value {
        Value::Number(_) => number_problem(keywords, value),
        Value::String(text) => text_problem(keywords, text),
        Value::Array(items) => {
            let is_repeated = || {
                items.iter().enumerate().any(|(at, item)| items.iter().take(at).any(|other| other == item))
            };
            let must_differ = keywords.get("uniqueItems") == Some(&Value::Bool(true));
            if must_differ && items.len() <= 1000 && is_repeated() {
                return Some("must not hold anything twice".to_owned());
            }
            length_problem(keywords, items.len(), ["minItems", "maxItems"], "items")
        }
        Value::Object(object) => {
            length_problem(keywords, object.len(), ["minProperties", "maxProperties"], "properties")
        }
        Value::Null | Value::Bool(_) => None,
    }
}

fn is_of_type(wanted: &Value, value: &Value) -> bool {
    let is = |name: &str| match name {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        "number" => value.is_number(),
        "integer" => {
            value.is_i64() || value.is_u64() || value.as_f64().is_some_and(|number| number.fract() == 0.0)
        }
        _ => true,
    };
    match wanted {
        Value::String(name) => is(name),
        Value::Array(names) => names.iter().filter_map(Value::as_str).any(is),
        _ => true,
    }
}

fn type_in_words(wanted: &Value) -> String {
    let word = |name: &str| match name {
        "integer" => "a whole number".to_owned(),
        "array" => "a list".to_owned(),
        "object" => "an object".to_owned(),
        "string" => "a text".to_owned(),
        "boolean" => "true or false".to_owned(),
        "null" => "null".to_owned(),
        other => format!("a {other}"),
    };
    match wanted {
        Value::Array(names) => {
            names.iter().filter_map(Value::as_str).map(word).collect::<Vec<_>>().join(" or ")
        }
        other => word(other.as_str().unwrap_or("value")),
    }
}

fn number_problem(keywords: &Map<String, Value>, value: &Value) -> Option<String> {
    let is = |key: &str, wrong: fn(f64, f64) -> bool| {
        let bound = keywords.get(key)?;
        // Whole numbers are compared as such: beyond 2⁵³ floating-point numbers are too coarse.
        let is_wrong = match (whole(value), whole(bound)) {
            (Some(value), Some(bound)) => wrong(0.0, (bound - value).signum() as f64),
            _ => wrong(value.as_f64()?, bound.as_f64()?),
        };
        is_wrong.then_some(bound)
    };
    if let Some(bound) = is("minimum", |value, bound| value < bound) {
        return Some(format!("must be at least {bound}"));
    }
    if let Some(bound) = is("maximum", |value, bound| value > bound) {
        return Some(format!("must be at most {bound}"));
    }
    if let Some(bound) = is("exclusiveMinimum", |value, bound| value <= bound) {
        return Some(format!("must be more than {bound}"));
    }
    is("exclusiveMaximum", |value, bound| value >= bound).map(|bound| format!("must be less than {bound}"))
}

fn whole(value: &Value) -> Option<i128> {
    value.as_i64().map(i128::from).or_else(|| value.as_u64().map(i128::from))
}

fn text_problem(keywords: &Map<String, Value>, text: &str) -> Option<String> {
    let pattern = keywords.get("pattern").and_then(Value::as_str);
    if pattern.is_some_and(|pattern| breaks(pattern, text)) {
        return Some("must be a whole number in digits".to_owned());
    }
    if pattern.is_some()
        && let Ok(number) = text.parse::<i128>()
        && let Some(problem) = digits_problem(keywords, number)
    {
        return Some(problem);
    }
    length_problem(keywords, text.chars().count(), ["minLength", "maxLength"], "characters")
}

/// Bounds that a schema of wide integers has hold for its digits as well.
fn digits_problem(keywords: &Map<String, Value>, number: i128) -> Option<String> {
    let bound = |key: &str| keywords.get(key).and_then(whole);
    let (min, max) = (bound("minimum"), bound("maximum"));
    if let Some(min) = min.filter(|min| number < *min) {
        return Some(format!("must be at least {min}"));
    }
    max.filter(|max| number > *max).map(|max| format!("must be at most {max}"))
}

/// The two patterns of whole numbers are known; others are left to the server.
fn breaks(pattern: &str, text: &str) -> bool {
    let is_plain = |digits: &str| {
        digits == "0"
            || (!digits.starts_with('0') && !digits.is_empty() && digits.bytes().all(|c| c.is_ascii_digit()))
    };
    match pattern {
        "^(0|[1-9][0-9]*)$" => !is_plain(text),
        "^(0|-?[1-9][0-9]*)$" => text == "-0" || !is_plain(text.strip_prefix('-').unwrap_or(text)),
        _ => false,
    }
}

fn length_problem(
    keywords: &Map<String, Value>,
    length: usize,
    [min, max]: [&str; 2],
    what: &str,
) -> Option<String> {
    let bound = |key: &str| keywords.get(key).and_then(Value::as_u64);
    let length = u64::try_from(length).unwrap_or(u64::MAX);
    if let Some(min) = bound(min).filter(|min| length < *min) {
        return Some(format!("must have at least {min} {what}"));
    }
    bound(max).filter(|max| length > *max).map(|max| format!("must have at most {max} {what}"))
}
