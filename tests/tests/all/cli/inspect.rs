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
    assert!(text.starts_with("package root:component;\n\nworld component {\n"), "{finished}");
    for part in [
        "\n  import math:ops/square;\n",
        "\n  export math:ops/hypotenuse;\n}\n",
        "\npackage math:ops {\n",
        "\n    /// Returns the length of the side opposite the right angle",
        "\n    hypotenuse: func(a: f64, b: f64) -> f64;\n",
    ] {
        assert!(text.contains(part), "{part:?}: {finished}");
    }
    let as_json = jack::run(["inspect", HYPOTENUSE, "--wit", "--json"])?;
    assert_eq!(serde_json::from_str::<String>(as_json.success())?, text);
    let finished = jack::run(["inspect", "samples/Cargo.toml", "--wit"])?;
    assert!(finished.failure().starts_with("error: "), "{finished}");
    Ok(())
}

/// What `wit-parser` makes of small components, the component crate's own tests say.
#[test]
fn every_sample_has_a_wit_text_that_parses() -> anyhow::Result<()> {
    for name in
        ["calculator/square", "calculator/hypotenuse", "cron/ticker", "cron/job", "clock-http/clock-http"]
    {
        let file = format!("samples/{name}.wasm");
        let info: ComponentInfo = serde_json::from_str(jack::run(["inspect", &file, "--json"])?.success())?;
        let wit = jack::run(["inspect", &file, "--wit"])?;
        let mut resolve = wit_parser::Resolve::default();
        resolve
            .push_str("component.wit", wit.success())
            .map_err(|error| anyhow::anyhow!("{file}: {error:#}"))?;
        let names = |name: &str| {
            resolve.interfaces.iter().any(|(id, interface)| {
                resolve.id_of(id).as_deref() == Some(name) && !interface.functions.is_empty()
            })
        };
        for port in info.ports.iter().filter(|port| !port.functions().is_empty()) {
            assert!(names(&port.name), "{file}: {}", port.name);
        }
        assert!(!wit.stdout.contains("beyond WIT"), "{wit}");
    }
    Ok(())
}
