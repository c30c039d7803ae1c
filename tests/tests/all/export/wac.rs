//! Sources for `wac`, read by its own parser.

use std::fs;

use indexmap::IndexMap;
use jackfield_protocol::{ExportForm, Exported};
use wac_graph::{EncodeOptions, types::BorrowedPackageKey};
use wac_parser::Document;

use super::{ENTRIES, export_sample, first, ports, wasm};

/// What `wac compose` makes of an export, with the packages where it looks for them.
pub(super) fn composed(exported: &Exported) -> anyhow::Result<Vec<u8>> {
    let source = std::str::from_utf8(first(exported))?;
    let document = Document::parse(source)?;
    let package = |path: &str| {
        let name = path.strip_prefix("deps/").and_then(|path| path.strip_suffix(".wasm"));
        name.expect("a package").replace('/', ":")
    };
    let named: Vec<(String, Vec<u8>)> =
        exported.files.iter().skip(1).map(|file| (package(&file.path), file.bytes.clone())).collect();
    let packages: IndexMap<BorrowedPackageKey<'_>, Vec<u8>> = named
        .iter()
        .map(|(name, bytes)| (BorrowedPackageKey::from_name_and_version(name, None), bytes.clone()))
        .collect();
    Ok(document.resolve(packages)?.encode(EncodeOptions::default())?)
}

fn wac(entry: &str) -> ExportForm {
    ExportForm::Wac { entry: Some(entry.into()) }
}

#[tokio::test(flavor = "multi_thread")]
async fn wac_makes_of_every_sample_what_the_component_has() -> anyhow::Result<()> {
    for (sample, entry) in ENTRIES {
        let exported = export_sample(sample, wac(entry)).await;
        let bytes = composed(&exported).map_err(|error| {
            error.context(format!("{sample} {entry}:\n{}", String::from_utf8_lossy(first(&exported))))
        })?;
        let fused = export_sample(sample, wasm(entry)).await;
        assert_eq!(ports(&bytes).await, ports(first(&fused)).await, "{sample} {entry}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_source_reads_like_one_that_a_person_wrote() {
    let exported = export_sample("calculator", ExportForm::Wac { entry: None }).await;
    let source = String::from_utf8_lossy(first(&exported)).into_owned();
    assert_eq!(
        source,
        r#"package samples:calculator;

let square = new part:square {
    ...
};

let square-root = new part:square-root {
    ...
};

let hypotenuse = new part:hypotenuse {
    "math:ops/square": square["math:ops/square"],
    "math:ops/square-root": square-root["math:ops/square-root"],
    ...
};

export hypotenuse...;
"#
    );
    let paths: Vec<&str> = exported.files.iter().map(|file| file.path.as_str()).collect();
    assert_eq!(
        paths,
        ["", "deps/part/square.wasm", "deps/part/square-root.wasm", "deps/part/hypotenuse.wasm"]
    );
    let built = fs::read(jackfield_tests::files::root().join("samples/calculator/square.wasm"));
    assert_eq!(exported.files.get(1).map(|file| &file.bytes), built.as_ref().ok());
}
