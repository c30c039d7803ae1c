//! The schema of each kind of type.

use std::collections::BTreeMap;

use jackfield_protocol::{Case, Integer, Label, TypeGraph, TypeId, TypeKind};
use serde_json::{Map, Value as Json, json};

use super::shared;
use crate::value::may_be_null;

/// Digits as `value` reads them: no leading zeros, so that a number has one form.
const UNSIGNED: &str = "^(0|[1-9][0-9]*)$";
const SIGNED: &str = "^(0|-?[1-9][0-9]*)$";

type Schema = Map<String, Json>;

/// Makes schemas of types, with references to what stands in `$defs`.
pub(super) struct Schemas<'a> {
    types: &'a TypeGraph,
    definitions: BTreeMap<TypeId, String>,
}

impl<'a> Schemas<'a> {
    /// For everything that `roots` are made of.
    pub(super) fn new(types: &'a TypeGraph, roots: impl Iterator<Item = TypeId>) -> Self {
        Self { types, definitions: shared::definitions(types, roots) }
    }

    /// What belongs into `$defs`.
    pub(super) fn definitions(&self) -> Schema {
        self.definitions.iter().map(|(id, name)| (name.clone(), Json::Object(self.in_full(*id)))).collect()
    }

    /// The schema of a type.
    pub(super) fn of(&self, id: TypeId) -> Json {
        match self.definitions.get(&id) {
            Some(name) => json!({ "$ref": format!("#/$defs/{name}") }),
            None => Json::Object(self.in_full(id)),
        }
    }

    fn in_full(&self, id: TypeId) -> Schema {
        let kind = self.types.kind(id);
        let mut schema = self.of_kind(kind);
        let docs = self.types.get(id).and_then(|def| def.docs.as_deref());
        let labels = match kind {
            TypeKind::Enum(labels) | TypeKind::Flags(labels) => docs_of_labels(labels),
            TypeKind::Variant(cases) => docs_of_cases(cases),
            _ => None,
        };
        describe(&mut schema, [docs, labels.as_deref()]);
        schema
    }

    fn of_kind(&self, kind: &TypeKind) -> Schema {
        schema(match kind {
            TypeKind::Bool => json!({ "type": "boolean" }),
            TypeKind::Integer(integer) => return of_integer(*integer),
            TypeKind::F32 => json!({ "anyOf": [
                { "type": "number", "minimum": f64::from(f32::MIN), "maximum": f64::from(f32::MAX) },
                { "enum": ["nan", "inf", "-inf"] },
            ] }),
            TypeKind::F64 => json!({ "anyOf": [{ "type": "number" }, { "enum": ["nan", "inf", "-inf"] }] }),
            TypeKind::Char => json!({ "type": "string", "minLength": 1, "maxLength": 1 }),
            TypeKind::String => json!({ "type": "string" }),
            TypeKind::List(element) => json!({ "type": "array", "items": self.of(*element) }),
            TypeKind::FixedLengthList { element, length } => json!({
                "type": "array", "items": self.of(*element), "minItems": length, "maxItems": length,
            }),
            TypeKind::Tuple(parts) => {
                let items: Vec<Json> = parts.iter().map(|part| self.of(*part)).collect();
                json!({ "type": "array", "prefixItems": items, "items": false, "minItems": parts.len() })
            }
            TypeKind::Map { key, value } => {
                let mut schema = schema(json!({ "type": "object" }));
                if let Some(names) = self.of_key(*key) {
                    schema.insert("propertyNames".to_owned(), names);
                }
                schema.insert("additionalProperties".to_owned(), self.of(*value));
                return schema;
            }
            TypeKind::Record(fields) => {
                let properties = fields.iter().map(|field| {
                    let mut property = schema(self.of(field.ty));
                    describe(&mut property, [field.docs.as_deref(), None]);
                    (field.name.as_str(), Json::Object(property))
                });
                let required = fields.iter().filter(|field| !may_be_null(self.types.kind(field.ty)));
                return object(properties, required.map(|field| field.name.as_str()));
            }
            TypeKind::Enum(labels) => json!({ "type": "string", "enum": names(labels) }),
            TypeKind::Flags(labels) => json!({
                "type": "array", "items": { "type": "string", "enum": names(labels) }, "uniqueItems": true,
            }),
            TypeKind::Option(some) => self.of_option(*some),
            TypeKind::Result { ok, err } => return self.of_result(*ok, *err),
            TypeKind::Variant(cases) => {
                return self.tagged(cases.iter().map(|case| (case.name.as_str(), case.ty)));
            }
            // Functions with such types are refused before their schema is made.
            TypeKind::ErrorContext
            | TypeKind::Own(_)
            | TypeKind::Borrow(_)
            | TypeKind::Stream(_)
            | TypeKind::Future(_) => json!({ "not": {} }),
        })
    }

    fn of_option(&self, some: TypeId) -> Json {
        let inner = self.of(some);
        let inner = if may_be_null(self.types.kind(some)) {
            Json::Object(object([("some", inner)].into_iter(), ["some"].into_iter()))
        } else {
            inner
        };
        json!({ "anyOf": [inner, { "type": "null" }] })
    }

    fn of_key(&self, key: TypeId) -> Option<Json> {
        match self.types.kind(key) {
            TypeKind::Bool => Some(json!({ "enum": ["false", "true"] })),
            TypeKind::Char => Some(json!({ "minLength": 1, "maxLength": 1 })),
            TypeKind::Integer(integer) => Some(json!({ "pattern": digits(*integer) })),
            _ => None,
        }
    }

    /// As for variants, but an `err` that holds nothing may also be an object that holds `null`, as it is written.
    fn of_result(&self, ok: Option<TypeId>, err: Option<TypeId>) -> Schema {
        let cases = [("ok", ok), ("err", err)];
        let mut branches = self.branches(cases.into_iter());
        if err.is_none() {
            let null = json!({ "type": "null" });
            branches.push(Json::Object(object([("err", null)].into_iter(), ["err"].into_iter())));
        }
        schema(json!({ "oneOf": branches }))
    }

    /// Cases that hold nothing are strings, the others are objects with the case as only key.
    fn tagged<'c>(&self, cases: impl Iterator<Item = (&'c str, Option<TypeId>)> + Clone) -> Schema {
        let mut branches = self.branches(cases);
        match branches.pop() {
            Some(only) if branches.is_empty() => schema(only),
            last => {
                branches.extend(last);
                schema(json!({ "oneOf": branches }))
            }
        }
    }

    fn branches<'c>(&self, cases: impl Iterator<Item = (&'c str, Option<TypeId>)> + Clone) -> Vec<Json> {
        let plain: Vec<&str> = cases.clone().filter(|case| case.1.is_none()).map(|case| case.0).collect();
        let strings = (!plain.is_empty()).then(|| json!({ "type": "string", "enum": plain }));
        let objects = cases.filter_map(|(name, ty)| {
            let property = (name, self.of(ty?));
            Some(Json::Object(object([property].into_iter(), [name].into_iter())))
        });
        strings.into_iter().chain(objects).collect()
    }
}

/// An object with these properties and no others.
pub(super) fn object<'n>(
    properties: impl Iterator<Item = (&'n str, Json)>,
    required: impl Iterator<Item = &'n str>,
) -> Schema {
    let properties: Schema = properties.map(|(name, schema)| (name.to_owned(), schema)).collect();
    let required: Vec<&str> = required.collect();
    let mut schema = schema(json!({ "type": "object", "properties": properties }));
    if !required.is_empty() {
        schema.insert("required".to_owned(), json!(required));
    }
    schema.insert("additionalProperties".to_owned(), json!(false));
    schema
}

fn of_integer(integer: Integer) -> Schema {
    // Both ends of every integer type fit one of the two.
    let bound = |value: i128| i64::try_from(value).map_or_else(|_| json!(value as u64), |small| json!(small));
    let (min, max) = (bound(integer.min()), bound(integer.max()));
    if integer.is_wide() {
        return schema(json!({
            "type": ["integer", "string"],
            "minimum": min,
            "maximum": max,
            "pattern": digits(integer),
            "description": "Beyond ±9007199254740991, a string of digits.",
        }));
    }
    schema(json!({ "type": "integer", "minimum": min, "maximum": max }))
}

fn digits(integer: Integer) -> &'static str {
    if integer.min() < 0 { SIGNED } else { UNSIGNED }
}

fn names(labels: &[Label]) -> Vec<&str> {
    labels.iter().map(|label| label.name.as_str()).collect()
}

fn docs_of_labels(labels: &[Label]) -> Option<String> {
    docs_of_members(labels.iter().map(|label| (label.name.as_str(), label.docs.as_deref())))
}

fn docs_of_cases(cases: &[Case]) -> Option<String> {
    docs_of_members(cases.iter().map(|case| (case.name.as_str(), case.docs.as_deref())))
}

/// A list of the members that have a doc comment.
fn docs_of_members<'m>(members: impl Iterator<Item = (&'m str, Option<&'m str>)>) -> Option<String> {
    let lines: Vec<String> =
        members.filter_map(|(name, docs)| Some(format!("- `{name}`: {}", docs?))).collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}

/// Puts texts before what the description says already.
fn describe(schema: &mut Schema, texts: [Option<&str>; 2]) {
    let known = schema.get("description").and_then(Json::as_str);
    let texts: Vec<&str> = texts.into_iter().chain([known]).flatten().collect();
    if !texts.is_empty() {
        let text = texts.join("\n\n");
        schema.insert("description".to_owned(), Json::String(text));
    }
}

/// Every schema made here is an object.
fn schema(json: Json) -> Schema {
    match json {
        Json::Object(schema) => schema,
        _ => Schema::new(),
    }
}
