//! Forms and JSON say the same, for every schema that Jackfield's own tools have: whatever value a schema
//! allows can be made with the form alone.

use std::path::PathBuf;
use std::sync::Arc;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Map, Value, json};

use crate::model::mcp::{Arguments, Branch, FieldKind, FormEdit, Schema, Shape, fits, problems, step};

/// Every schema of the component crate's test cases, by case, function and side.
fn schemas() -> Vec<(String, Value)> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../src-tauri/crates/component/tests/schema");
    let mut found = Vec::new();
    for case in std::fs::read_dir(root).unwrap() {
        let case = case.unwrap().path();
        let text = std::fs::read_to_string(case.join("schemas.json")).unwrap();
        let functions: Map<String, Value> = serde_json::from_str(&text).unwrap();
        for (function, sides) in functions {
            for side in ["input", "output"] {
                if let Some(schema) = sides.get(side) {
                    let case = case.file_name().unwrap().to_string_lossy();
                    found.push((format!("{case}/{function}/{side}"), schema.clone()));
                }
            }
        }
    }
    found.sort_by(|a, b| a.0.cmp(&b.0));
    assert!(found.len() > 30, "{}", found.len());
    found
}

/// Any value that a schema allows.
fn any_value(schema: Schema<'_>, depth: u32) -> BoxedStrategy<Value> {
    let short = if depth == 0 { 0..1_usize } else { 0..4_usize };
    let deeper = depth.saturating_sub(1);
    match schema.shape() {
        Shape::Object(object) => {
            let mut strategy = Just(Map::new()).boxed();
            for property in object.properties {
                let name = property.name.to_owned();
                let is_required = property.is_required;
                let value = any_value(property.schema, deeper);
                let both = (strategy, value, any::<bool>());
                strategy = both
                    .prop_map(move |(mut map, value, is_there)| {
                        if is_required || is_there {
                            map.insert(name.clone(), value);
                        }
                        map
                    })
                    .boxed();
            }
            match object.others {
                Some(others) => {
                    let names = schema.keywords().unwrap().get("propertyNames").cloned();
                    let name = any_name(names.as_ref());
                    let entries = prop::collection::vec((name, any_value(others, deeper)), short);
                    (strategy, entries)
                        .prop_map(|(mut map, entries)| {
                            map.extend(entries);
                            Value::Object(map)
                        })
                        .boxed()
                }
                None => strategy.prop_map(Value::Object).boxed(),
            }
        }
        Shape::Text => {
            let bounds = schema.keywords().unwrap();
            let is_char = bounds.contains_key("maxLength");
            if is_char {
                any::<char>().prop_map(|c| c.to_string().into()).boxed()
            } else {
                any::<String>().prop_map(Value::from).boxed()
            }
        }
        Shape::Choice(values) => {
            let values: Vec<Value> = values.into_iter().cloned().collect();
            prop::sample::select(values).boxed()
        }
        Shape::Flags(names) => {
            let names: Vec<String> = names.into_iter().map(str::to_owned).collect();
            let len = names.len();
            prop::sample::subsequence(names, 0..=len).prop_map(|names| json!(names)).boxed()
        }
        Shape::Integer { is_wide } => {
            let bound = |key: &str| {
                let value = &schema.keywords().unwrap()[key];
                value.as_i64().map(i128::from).or_else(|| value.as_u64().map(i128::from)).unwrap()
            };
            (bound("minimum")..=bound("maximum"))
                .prop_map(move |number| match i64::try_from(number) {
                    Ok(small) if !is_wide || small.unsigned_abs() < 1 << 53 => json!(small),
                    _ => json!(number.to_string()),
                })
                .boxed()
        }
        Shape::Number { words } => {
            let words: Vec<Value> = words.into_iter().map(Value::from).collect();
            let number = any::<f32>().prop_map(|number| json!(f64::from(number)));
            let number = number.prop_filter("finite", Value::is_number);
            if words.is_empty() {
                number.boxed()
            } else {
                prop_oneof![number, prop::sample::select(words)].boxed()
            }
        }
        Shape::Boolean => any::<bool>().prop_map(Value::from).boxed(),
        Shape::Null => Just(Value::Null).boxed(),
        Shape::List(items) => {
            let keywords = schema.keywords().unwrap();
            let range = match keywords.get("minItems").and_then(Value::as_u64) {
                Some(len) => {
                    let len = usize::try_from(len).unwrap();
                    len..len + 1
                }
                None => short,
            };
            prop::collection::vec(any_value(items, deeper), range).prop_map(Value::from).boxed()
        }
        Shape::Tuple(items) => {
            let parts: Vec<_> = items.into_iter().map(|item| any_value(item, deeper)).collect();
            parts.prop_map(Value::from).boxed()
        }
        Shape::Option(inner) => prop_oneof![Just(Value::Null), any_value(inner, deeper)].boxed(),
        Shape::OneOf(branches) => {
            let all: Vec<_> = branches
                .into_iter()
                .map(|branch| match branch.constant {
                    Some(value) => Just(value.clone()).boxed(),
                    None => any_value(branch.schema, deeper),
                })
                .collect();
            proptest::strategy::Union::new(all).boxed()
        }
        Shape::Json => panic!("the form knows no field for this: {schema:?}"),
    }
}

fn any_name(names: Option<&Value>) -> BoxedStrategy<String> {
    let says = |key: &str| names.and_then(|names| names.get(key));
    if let Some(values) = says("enum").and_then(Value::as_array) {
        let values: Vec<String> = values.iter().map(|value| value.as_str().unwrap().to_owned()).collect();
        return prop::sample::select(values).boxed();
    }
    if says("maxLength").is_some() {
        return any::<char>().prop_map(|c| c.to_string()).boxed();
    }
    match says("pattern") {
        Some(_) => any::<u32>().prop_map(|number| number.to_string()).boxed(),
        None => any::<String>().boxed(),
    }
}

/// Makes `target` at a place with what the form offers, and nothing else.
fn fill(form: &mut Arguments, schema: Schema<'_>, at: &str, target: &Value) {
    if form.value().pointer(at) == Some(target) {
        return;
    }
    let typed = |form: &mut Arguments, kind, target: &Value| {
        let text = target.as_str().map_or_else(|| target.to_string(), str::to_owned);
        form.edit(FormEdit::Type { at: at.to_owned(), kind, text });
    };
    let set = |form: &mut Arguments, value| form.edit(FormEdit::Set { at: at.to_owned(), value });
    match (schema.shape(), target) {
        (Shape::Option(_), Value::Null) => set(form, Value::Null),
        (Shape::Option(inner), _) => {
            set(form, inner.default_of_some());
            fill(form, inner, at, target);
        }
        (Shape::Object(object), Value::Object(map)) => {
            for property in &object.properties {
                let at = step(at, property.name);
                match map.get(property.name) {
                    None => form.edit(FormEdit::Remove { at }),
                    Some(value) => {
                        if form.value().pointer(&at).is_none() {
                            form.edit(FormEdit::Set {
                                at: at.clone(),
                                value: property.schema.default_of_some(),
                            });
                        }
                        fill(form, property.schema, &at, value);
                    }
                }
            }
            let others =
                map.iter().filter(|(name, _)| object.properties.iter().all(|known| known.name != **name));
            for (name, value) in others {
                let schema = object.others.unwrap();
                form.edit(FormEdit::Set { at: step(at, "key-1"), value: schema.default_value() });
                form.edit(FormEdit::Rename { at: at.to_owned(), from: "key-1".to_owned(), to: name.clone() });
                fill(form, schema, &step(at, name), value);
            }
        }
        (Shape::List(items), Value::Array(list)) => {
            while form.value().pointer(at).unwrap().as_array().unwrap().len() < list.len() {
                form.edit(FormEdit::Push { at: at.to_owned(), value: items.default_value() });
            }
            for (index, value) in list.iter().enumerate() {
                fill(form, items, &step(at, &index.to_string()), value);
            }
        }
        (Shape::Tuple(items), Value::Array(list)) => {
            for (index, (schema, value)) in items.into_iter().zip(list).enumerate() {
                fill(form, schema, &step(at, &index.to_string()), value);
            }
        }
        (Shape::OneOf(branches), target) => {
            let is_it = |branch: &&Branch<'_>| match branch.constant {
                Some(value) => value == target,
                None => fits(branch.schema, target),
            };
            let branch = branches.iter().find(is_it).unwrap();
            set(form, branch.default_value());
            if branch.constant.is_none() {
                fill(form, branch.schema, at, target);
            }
        }
        (Shape::Choice(_) | Shape::Flags(_) | Shape::Boolean, target) => set(form, target.clone()),
        (Shape::Text, target) => typed(form, FieldKind::Text, target),
        (Shape::Integer { is_wide }, target) => typed(form, FieldKind::Integer { is_wide }, target),
        (Shape::Number { .. }, target) => typed(form, FieldKind::Number, target),
        (shape, target) => panic!("{shape:?} {target}"),
    }
}

#[test]
fn every_value_that_a_schema_allows_can_be_made_with_the_form() {
    for (name, schema) in schemas() {
        let whole = Schema::new(&schema);
        let config = Config { cases: 24, failure_persistence: None, ..Config::default() };
        TestRunner::new(config)
            .run(&any_value(whole, 6), |target| {
                prop_assert!(fits(whole, &target), "{:?}", problems(whole, &target));
                let mut form = Arguments::new(Arc::new(schema.clone()));
                fill(&mut form, whole, "", &target);
                prop_assert_eq!(form.value(), &target);
                // The raw view says the same, and read back it gives the same.
                prop_assert_eq!(&serde_json::from_str::<Value>(form.text()).unwrap(), &target);
                let again = Arguments::with_text(Arc::new(schema.clone()), form.text());
                prop_assert_eq!(again.value(), &target);
                prop_assert!(form.problems().is_empty(), "{:?}", form.problems());
                prop_assert!(form.to_send().is_ok());
                Ok(())
            })
            .unwrap_or_else(|error| panic!("{name}: {error}"));
    }
}

#[test]
fn a_new_form_has_the_simplest_value_that_is_allowed() {
    for (name, schema) in schemas() {
        let form = Arguments::new(Arc::new(schema));
        // A character has no simplest value.
        let problems: Vec<_> =
            form.problems().values().filter(|problem| !problem.contains("1 characters")).collect();
        assert!(problems.is_empty(), "{name}: {problems:?} in {}", form.text());
    }
}

#[test]
fn the_alternative_that_comes_nearest_says_what_is_wrong() {
    let option = json!({ "anyOf": [{ "type": "integer", "maximum": 255 }, { "type": "null" }] });
    assert_eq!(problems(Schema::new(&option), &json!(300))[""], "must be at most 255");
    assert_eq!(problems(Schema::new(&option), &json!("x"))[""], "fits none of the alternatives");
    let variant = json!({ "oneOf": [{ "enum": ["dot"] }, { "type": "object", "required": ["r"],
        "properties": { "r": { "type": "boolean" } }, "additionalProperties": false }] });
    assert_eq!(problems(Schema::new(&variant), &json!({ "r": 1 }))["/r"], "must be true or false");
}

/// Schemas come from servers.
#[test]
fn schemas_that_contain_themselves_are_no_trap() {
    let item = json!({ "type": "array", "minItems": 1_000_000, "items": { "$ref": "#" } });
    let both = json!({ "$ref": "#" });
    for schema in [
        json!({ "$ref": "#" }),
        json!({ "anyOf": [both, both] }),
        json!({ "anyOf": [both, { "type": "null" }] }),
        json!({ "type": "array", "uniqueItems": true, "items": both }),
        json!({ "type": ["array"], "uniqueItems": true, "items": both }),
        json!({ "type": ["array", "null"], "uniqueItems": true, "items": both }),
        item,
        json!({ "type": "object", "properties": { "a": both, "b": both }, "required": ["a", "b"] }),
        json!({ "type": "object", "properties": { "a": { "oneOf": [both, { "type": "object",
            "properties": { "x": both, "y": both }, "required": ["x", "y"] }] } }, "required": ["a"] }),
    ] {
        let mut deep = json!(1);
        for _ in 0..40 {
            deep = json!({ "a": deep, "b": [deep] });
            if deep.to_string().len() > 100_000 {
                break;
            }
        }
        let mut form = Arguments::new(Arc::new(schema.clone()));
        form.edit(FormEdit::Text(deep.to_string()));
        assert!(form.text().len() < 1_000_000, "{schema}");
    }
}

#[test]
fn numbers_of_any_length_are_kept_as_they_were_typed() {
    for text in
        [i128::MIN.to_string(), i128::MAX.to_string(), "9".repeat(100), "-".to_owned(), "1e400".to_owned()]
    {
        let mut form = numbers();
        for kind in
            [FieldKind::Integer { is_wide: true }, FieldKind::Integer { is_wide: false }, FieldKind::Number]
        {
            typed(&mut form, "/n", kind, &text);
            assert_eq!(form.field("/n"), text);
            assert!(form.problem("/n").is_some(), "{text}");
        }
    }
}

fn numbers() -> Arguments {
    Arguments::new(Arc::new(json!({ "type": "object", "properties": {
        "n": { "type": "integer", "minimum": 0, "maximum": 255 },
        "f": { "type": "number" },
        "free": {},
    }, "required": ["n", "f", "free"] })))
}

fn typed(form: &mut Arguments, at: &str, kind: FieldKind, text: &str) {
    form.edit(FormEdit::Type { at: at.to_owned(), kind, text: text.to_owned() });
}

#[test]
fn what_is_no_number_is_sent_as_it_stands_and_said_to_be_wrong() {
    let mut form = numbers();
    let integer = FieldKind::Integer { is_wide: false };
    typed(&mut form, "/n", integer, "300");
    assert_eq!(form.problem("/n").unwrap(), "must be at most 255");
    typed(&mut form, "/n", integer, "abc");
    assert_eq!((form.field("/n"), form.value()["n"].clone()), ("abc".to_owned(), json!("abc")));
    assert_eq!(form.problem("/n").unwrap(), "must be a whole number");
    assert!(form.to_send().is_ok(), "a server may be tested with anything");
    typed(&mut form, "/f", FieldKind::Number, "1.");
    assert_eq!((form.field("/f"), form.value()["f"].clone()), ("1.".to_owned(), json!(1.0)));
}

#[test]
fn raw_text_that_is_no_json_keeps_the_form_and_says_where() {
    let mut form = numbers();
    typed(&mut form, "/n", FieldKind::Integer { is_wide: false }, "7");
    form.edit(FormEdit::Text("{\n  \"n\": 8,\n  oops".to_owned()));
    assert_eq!(form.value()["n"], 7);
    let error = form.error().unwrap();
    assert_eq!((error.line, error.column), (3, 3));
    assert!(form.to_send().unwrap_err().contains("line 3"));
    form.edit(FormEdit::Text("{\"n\": 8}".to_owned()));
    assert_eq!((form.field("/n"), form.error()), ("8".to_owned(), None));
    form.edit(FormEdit::Text("[1]".to_owned()));
    assert!(form.to_send().unwrap_err().contains("object"));
}

#[test]
fn a_field_for_json_that_holds_none_cannot_be_sent() {
    let mut form = numbers();
    typed(&mut form, "/free", FieldKind::Json, "{\"a\":");
    assert!(form.to_send().is_err() && form.problem("/free").is_some());
    assert_eq!(form.field("/free"), "{\"a\":", "what was typed stays");
    typed(&mut form, "/free", FieldKind::Json, "{\"a\":1}");
    assert_eq!(form.to_send().unwrap()["free"], json!({"a": 1}));
}

#[test]
fn removing_an_item_moves_what_was_typed_into_the_others() {
    let mut form = Arguments::new(Arc::new(json!({ "type": "object", "properties": {
        "l": { "type": "array", "items": { "type": "number" } } }, "required": ["l"] })));
    form.edit(FormEdit::Text("{\"l\":[1,2,3]}".to_owned()));
    typed(&mut form, "/l/2", FieldKind::Number, "3.50");
    form.edit(FormEdit::Remove { at: "/l/0".to_owned() });
    assert_eq!(form.value()["l"], json!([2, 3.5]));
    assert_eq!(form.field("/l/1"), "3.5");
}

#[test]
fn the_component_crates_own_arguments_are_judged_alike() {
    // From the case `numbers`: bounds hold for digits in strings, too.
    let schemas = schemas();
    let wide = &schemas.iter().find(|(name, _)| name == "numbers/wide/input").unwrap().1;
    for (value, is_right) in [
        (json!({"a": 18_446_744_073_709_551_615_u64, "b": i64::MIN}), true),
        (json!({"a": "18446744073709551615", "b": "-9223372036854775808"}), true),
        (json!({"a": "18446744073709551616", "b": "0"}), false),
        (json!({"a": "007", "b": "-0"}), false),
        (json!({"a": "-1", "b": "1e3"}), false),
    ] {
        assert_eq!(fits(Schema::new(wide), &value), is_right, "{value}");
    }
}

proptest! {
    #[test]
    fn no_schema_and_no_value_break_the_form(schema in any_json(), value in any_json(), at in "(/[a-c0-2~]{0,2}){0,3}") {
        let schema = json!({ "type": "object", "properties": { "a": schema.clone(), "b": { "anyOf": [schema, { "$ref": "#" }] } } });
        let mut form = Arguments::new(Arc::new(schema));
        form.edit(FormEdit::Text(json!({ "a": value.clone(), "b": [value.clone()] }).to_string()));
        form.edit(FormEdit::Set { at: at.clone(), value: value.clone() });
        form.edit(FormEdit::Push { at: at.clone(), value });
        form.edit(FormEdit::Rename { at: at.clone(), from: "a".to_owned(), to: "c".to_owned() });
        form.edit(FormEdit::Remove { at });
        prop_assert_eq!(&serde_json::from_str::<Value>(form.text()).unwrap(), form.value());
    }
}

/// JSON in which the words of schemas come up.
fn any_json() -> impl Strategy<Value = Value> {
    const WORDS: [&str; 18] = [
        "type",
        "object",
        "array",
        "integer",
        "properties",
        "items",
        "anyOf",
        "oneOf",
        "enum",
        "$ref",
        "#",
        "#/properties/a",
        "required",
        "a",
        "minimum",
        "null",
        "const",
        "prefixItems",
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-3..300_i64).prop_map(Value::from),
        prop::sample::select(&WORDS[..]).prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 4, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((prop::sample::select(&WORDS[..]), inner), 0..4).prop_map(|entries| {
                Value::Object(entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
            }),
        ]
    })
}
