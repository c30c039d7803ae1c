//! Schema cases: each folder of `tests/schema` holds a WIT package, what its functions' schemas must be
//! (`schemas.json`), and, for some, arguments (`args.json`) and what must become of them
//! (`calls.txt`): WAVE, or every mistake.
//!
//! `BLESS=1` writes the expected files instead of comparing: look at the difference before it is
//! committed.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use jackfield_component::schema::{input_schema, output_schema};
use jackfield_component::value::args_to_wave;
use jackfield_component::{Component, exported_functions};
use serde_json::{Map, Value as Json, json};
use wit_parser::PackageMetadata;

use crate::support::{from_wit, parse_wit, read, with_section};
use crate::validator::is_valid;

#[test]
fn every_case_gives_what_it_must() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/schema");
    let mut cases: Vec<PathBuf> =
        fs::read_dir(folder).expect("the cases").map(|entry| entry.expect("an entry").path()).collect();
    cases.sort();
    assert!(cases.len() >= 12, "only {} cases found", cases.len());
    let failures: Vec<String> = cases.iter().flat_map(|case| check(case)).collect();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// What is wrong with a case.
fn check(case: &Path) -> Vec<String> {
    let wit = fs::read_to_string(case.join("world.wit")).expect("a WIT package");
    let (resolve, package, _) = parse_wit(&wit);
    let docs = PackageMetadata::extract(&resolve, package).encode().expect("encoded docs");
    let component = read(with_section(from_wit(&wit), "jackfield:package-docs", &docs));
    let schemas = serde_json::to_string_pretty(&schemas(&component)).expect("JSON") + "\n";
    let mut failures = compare(case, "schemas.json", &schemas);
    if let Ok(args) = fs::read_to_string(case.join("args.json")) {
        let args = serde_json::from_str(&args).expect("arguments in JSON");
        failures.extend(compare(case, "calls.txt", &calls(&component, &args)));
    }
    failures
}

fn compare(case: &Path, name: &str, actual: &str) -> Vec<String> {
    let file = case.join(name);
    if std::env::var_os("BLESS").is_some() {
        fs::write(file, actual).expect("the expected file, written");
        return Vec::new();
    }
    let expected = fs::read_to_string(&file).unwrap_or_default();
    let failure = || format!("--- {}: expected\n{expected}--- but got\n{actual}", file.display());
    (expected != actual).then(failure).into_iter().collect()
}

fn schemas(component: &Component) -> Json {
    let of_function = |(port, function)| {
        let function: &jackfield_protocol::Function = function;
        let signature = component.signature(port, function).expect("a signature");
        let schemas = match (input_schema(signature), output_schema(signature)) {
            (Ok(input), Ok(output)) => json!({ "input": input, "output": output }),
            (Err(error), _) | (_, Err(error)) => json!({ "not-callable": error.to_string() }),
        };
        (function.name.clone(), schemas)
    };
    Json::Object(exported_functions(component.info()).map(of_function).collect())
}

/// A line for each call, and one for each mistake in it.
fn calls(component: &Component, args: &Map<String, Json>) -> String {
    let mut text = String::new();
    for (name, calls) in args {
        let mut functions = exported_functions(component.info());
        let (port, function) = functions.find(|(_, function)| function.name == *name).expect("a function");
        let signature = component.signature(port, function).expect("a signature");
        let schema = input_schema(signature).expect("callable");
        for args in calls.as_array().expect("a list of arguments") {
            writeln!(text, "{name} {args}").expect("a line");
            let fits = is_valid(&schema, args);
            match args_to_wave(signature, args.as_object().expect("an object")) {
                Ok(wave) => {
                    assert!(fits, "{args} does not fit {}", Json::Object(schema.clone()));
                    writeln!(text, "  = {name}({})", wave.join(", ")).expect("a line");
                }
                Err(error) => {
                    for line in error.to_string().lines() {
                        writeln!(text, "  ! {line}").expect("a line");
                    }
                    if fits {
                        writeln!(text, "  (the schema lets it pass)").expect("a line");
                    }
                }
            }
        }
    }
    text
}
