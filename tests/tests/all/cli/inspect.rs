//! `jack inspect`.

use jackfield_protocol::ComponentInfo;
use jackfield_tests::jack;

const HYPOTENUSE: &str = "samples/calculator/hypotenuse.wasm";

#[test]
fn ports_come_with_signatures_and_docs() -> anyhow::Result<()> {
    let finished = jack::run(["inspect", HYPOTENUSE])?;
    let text = finished.success();
    let (imports, exports) = text.split_once("Exports\n").expect("a section for exports");
    assert!(imports.starts_with(&format!("{HYPOTENUSE}\n  digest    sha256:")), "{finished}");
    assert!(imports.contains("  math:ops/square\n"), "{finished}");
    assert!(imports.contains("    square: func(x: f64) -> f64\n"), "{finished}");
    assert!(
        exports.contains("    /// Returns the length of the side opposite the right angle"),
        "{finished}"
    );
    assert!(exports.contains("    hypotenuse: func(a: f64, b: f64) -> f64\n"), "{finished}");
    Ok(())
}

#[test]
fn as_json_it_is_the_component() -> anyhow::Result<()> {
    let finished = jack::run(["inspect", HYPOTENUSE, "--json"])?;
    let info: ComponentInfo = serde_json::from_str(finished.success())?;
    assert_eq!(info.exports().map(|port| port.name.as_str()).collect::<Vec<_>>(), ["math:ops/hypotenuse"]);
    Ok(())
}

#[test]
fn as_wit_it_has_its_world_and_its_docs() -> anyhow::Result<()> {
    let finished = jack::run(["inspect", HYPOTENUSE, "--wit"])?;
    let text = finished.success();
    assert!(text.contains("\npackage root:component;\n\nworld root {\n"), "{finished}");
    for part in [
        "\n    import math:ops/square;\n",
        "\n    export math:ops/hypotenuse;\n}\n",
        "\npackage math:ops {\n",
        "\n        /// Returns the length of the side opposite the right angle",
        "\n        hypotenuse: func(a: f64, b: f64) -> f64;\n",
    ] {
        assert!(text.contains(part), "{part:?}: {finished}");
    }
    let as_json = jack::run(["inspect", HYPOTENUSE, "--wit", "--json"])?;
    assert_eq!(serde_json::from_str::<String>(as_json.success())?, text);
    let finished = jack::run(["inspect", "samples/Cargo.toml", "--wit"])?;
    assert!(finished.failure().starts_with("error: "), "{finished}");
    Ok(())
}
