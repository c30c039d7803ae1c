//! JSON Schemas of a function's parameters and of its result, as MCP wants them for a tool.
//!
//! They follow draft 2020-12, which MCP takes when a schema does not say, and describe exactly the JSON
//! that [`crate::value`] reads and writes:
//!
//! | WIT | JSON |
//! |---|---|
//! | `bool`, `string`, `char` | `true`, `"text"`, `"x"` |
//! | `u8` … `s32` | `3` |
//! | `u64`, `s64` | `3`, or `"9007199254740993"` beyond ±(2⁵³ − 1), where many programs lose digits |
//! | `f32`, `f64` | `0.5`, `"nan"`, `"inf"`, `"-inf"` |
//! | `list<u8>`, `list<u8, 4>`, `tuple<u8, string>` | `[1, 2]`, `[1, 2, 3, 4]`, `[1, "a"]` |
//! | `map<string, u8>`, `map<u8, bool>` | `{"a": 1}`, `{"7": true}` |
//! | `record { x: u8, y: option<u8> }` | `{"x": 1, "y": 2}`, `{"x": 1}`, `{"x": 1, "y": null}` |
//! | `enum { red }`, `flags { read, write }` | `"red"`, `["read", "write"]` |
//! | `variant { dot, circle(u8) }` | `"dot"`, `{"circle": 3}` |
//! | `result<u8, string>`, `result` | `{"ok": 3}`, `{"err": "no"}`; `"ok"`, `{"err": null}` or `"err"` |
//! | `option<u8>` | `3`, `null` |
//! | `option<option<u8>>` | `null`, `{"some": null}`, `{"some": 3}` |
//!
//! Both schemas are of objects: the parameters by name, and `{"result": …}`, or `{}` for a function that
//! gives nothing. A type that is used more than once or that is large stands in `$defs`, so that the schema is
//! never longer than the types are, however they share their parts. Keys are in WIT's order.

mod inline;
mod shared;

use serde_json::{Map, Value as Json, json};

use crate::value::may_be_null;
use crate::{NotCallable, Signature};
use inline::Schemas;

/// The property of the output schema, and of a result as JSON, that holds the result.
pub const RESULT: &str = "result";

/// The schema of a function's parameters.
///
/// # Errors
/// [`NotCallable`], if no values can be written for it.
pub fn input_schema(signature: Signature<'_>) -> Result<Map<String, Json>, NotCallable> {
    signature.check_callable()?;
    let params = &signature.function.params;
    let schemas = Schemas::new(signature.types, params.iter().map(|param| param.ty));
    let properties = params.iter().map(|param| (param.name.as_str(), schemas.of(param.ty)));
    let required = params.iter().filter(|param| !may_be_null(signature.types.kind(param.ty)));
    Ok(object(properties, required.map(|param| param.name.as_str()), &schemas))
}

/// The schema of a function's result.
///
/// # Errors
/// [`NotCallable`], if no values can be written for it.
pub fn output_schema(signature: Signature<'_>) -> Result<Map<String, Json>, NotCallable> {
    signature.check_callable()?;
    let result = signature.function.result;
    let schemas = Schemas::new(signature.types, result.into_iter());
    let property = result.map(|result| (RESULT, schemas.of(result)));
    Ok(object(property.into_iter(), result.map(|_| RESULT).into_iter(), &schemas))
}

fn object<'n>(
    properties: impl Iterator<Item = (&'n str, Json)>,
    required: impl Iterator<Item = &'n str>,
    schemas: &Schemas<'_>,
) -> Map<String, Json> {
    let mut schema = inline::object(properties, required);
    let definitions = schemas.definitions();
    if !definitions.is_empty() {
        schema.insert("$defs".to_owned(), json!(definitions));
    }
    schema
}
