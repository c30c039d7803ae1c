//! As much of JSON Schema (draft 2020-12) as the schemas use. An unknown keyword fails the test: a
//! schema must not say what nobody checks.

use serde_json::{Map, Value as Json};

/// Whether a value fits a schema.
pub(crate) fn is_valid(schema: &Map<String, Json>, value: &Json) -> bool {
    Validator { root: schema }.fits_all(schema, value)
}

struct Validator<'a> {
    root: &'a Map<String, Json>,
}

impl Validator<'_> {
    fn fits(&self, schema: &Json, value: &Json) -> bool {
        match schema {
            Json::Bool(all) => *all,
            Json::Object(schema) => self.fits_all(schema, value),
            other => panic!("not a schema: {other}"),
        }
    }

    fn fits_all(&self, schema: &Map<String, Json>, value: &Json) -> bool {
        schema.iter().all(|(keyword, rule)| self.obeys(schema, keyword, rule, value))
    }

    fn obeys(&self, schema: &Map<String, Json>, keyword: &str, rule: &Json, value: &Json) -> bool {
        let array = value.as_array();
        let object = value.as_object();
        match keyword {
            "$defs" | "description" => true,
            "$ref" => {
                let name = rule.as_str().and_then(|path| path.strip_prefix("#/$defs/")).expect("a reference");
                self.fits(
                    self.root.get("$defs").and_then(|defs| defs.get(name)).expect("a definition"),
                    value,
                )
            }
            "type" => match rule {
                Json::Array(types) => types.iter().any(|ty| has_type(ty, value)),
                ty => has_type(ty, value),
            },
            "enum" => rule.as_array().expect("values").contains(value),
            "anyOf" => rule.as_array().expect("schemas").iter().any(|schema| self.fits(schema, value)),
            "oneOf" => {
                let schemas = rule.as_array().expect("schemas").iter();
                schemas.filter(|schema| self.fits(schema, value)).count() == 1
            }
            "minimum" => !value.is_number() || compare(value, rule).is_ge(),
            "maximum" => !value.is_number() || compare(value, rule).is_le(),
            "minLength" => value.as_str().is_none_or(|text| text.chars().count() >= count(rule)),
            "maxLength" => value.as_str().is_none_or(|text| text.chars().count() <= count(rule)),
            "pattern" => value.as_str().is_none_or(|text| matches(rule, text)),
            "minItems" => array.is_none_or(|items| items.len() >= count(rule)),
            "maxItems" => array.is_none_or(|items| items.len() <= count(rule)),
            "uniqueItems" => array.is_none_or(|items| {
                items.iter().enumerate().all(|(index, item)| !items[..index].contains(item))
            }),
            "prefixItems" => array.is_none_or(|items| {
                rule.as_array().expect("schemas").iter().zip(items).all(|(rule, item)| self.fits(rule, item))
            }),
            "items" => array.is_none_or(|items| {
                let before = schema.get("prefixItems").and_then(Json::as_array).map_or(0, Vec::len);
                items.iter().skip(before).all(|item| self.fits(rule, item))
            }),
            "properties" => object.is_none_or(|entries| {
                let known = rule.as_object().expect("schemas");
                entries
                    .iter()
                    .all(|(name, value)| known.get(name).is_none_or(|schema| self.fits(schema, value)))
            }),
            "required" => object.is_none_or(|entries| {
                let mut names = rule.as_array().expect("names").iter().filter_map(Json::as_str);
                names.all(|name| entries.contains_key(name))
            }),
            "additionalProperties" => object.is_none_or(|entries| {
                let known = schema.get("properties").and_then(Json::as_object);
                let is_known = |name: &str| known.is_some_and(|known| known.contains_key(name));
                entries.iter().all(|(name, value)| is_known(name) || self.fits(rule, value))
            }),
            "propertyNames" => object.is_none_or(|entries| {
                entries.keys().all(|name| self.fits(rule, &Json::String(name.clone())))
            }),
            other => panic!("unknown keyword {other}"),
        }
    }
}

fn has_type(ty: &Json, value: &Json) -> bool {
    match ty.as_str().expect("a type") {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "string" => value.is_string(),
        "number" => value.is_number(),
        "integer" => value.as_f64().is_some_and(|number| number.fract() == 0.0),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("unknown type {other}"),
    }
}

fn compare(left: &Json, right: &Json) -> std::cmp::Ordering {
    let whole = |json: &Json| json.as_i64().map(i128::from).or_else(|| json.as_u64().map(i128::from));
    match (whole(left), whole(right)) {
        (Some(left), Some(right)) => left.cmp(&right),
        _ => left.as_f64().partial_cmp(&right.as_f64()).expect("numbers"),
    }
}

fn count(rule: &Json) -> usize {
    usize::try_from(rule.as_u64().expect("a count")).expect("a small count")
}

/// The two patterns that there are.
fn matches(pattern: &Json, text: &str) -> bool {
    let digits = match pattern.as_str().expect("a pattern") {
        "^(0|[1-9][0-9]*)$" => text,
        "^(0|-?[1-9][0-9]*)$" if text.starts_with("-0") => return false,
        "^(0|-?[1-9][0-9]*)$" => text.strip_prefix('-').unwrap_or(text),
        other => panic!("unknown pattern {other}"),
    };
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number && (digits == "0" || !digits.starts_with('0'))
}
