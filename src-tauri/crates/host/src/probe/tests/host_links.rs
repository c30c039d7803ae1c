//! Links to the host: what the samples do there is seen like any other call.

use std::{fs, path::Path};

use wasmtime::component::Val;

use super::lab::Lab;
use crate::workload::{Loaded, OnlyFiles, load};

/// A workload of samples.
fn samples(components: &str, files: &[&str]) -> (tempfile::TempDir, Loaded) {
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../samples");
    let folder = tempfile::tempdir().expect("a folder");
    for file in files {
        let name = Path::new(file).file_name().expect("a name");
        fs::copy(from.join(file), folder.path().join(name)).expect("the samples: run `cargo xtask samples`");
    }
    fs::write(folder.path().join("workload.toml"), format!("name = \"test\"\n{components}")).expect("a file");
    let loaded = load(folder.path(), &OnlyFiles).unwrap_or_else(|error| panic!("{error:?}"));
    (folder, loaded)
}

fn text(text: &str) -> Val {
    Val::String(text.into())
}

fn texts(words: &[&str]) -> Val {
    Val::List(words.iter().map(|word| text(word)).collect())
}

/// Calls an entry with all links observed, and with none. Gives the result, which is the same, and the spans.
async fn called(loaded: &Loaded, entry: &str, calls: &[(&str, &str, Vec<Val>)]) -> (Vec<Val>, Vec<String>) {
    let plain = Lab::of(loaded, entry, |_| false);
    let probed = Lab::of(loaded, entry, |_| true);
    assert_eq!(probed.composition.unobserved, []);
    let (mut plain, mut probed) = (plain.live().await, probed.live().await);
    let mut results = Vec::new();
    for (interface, function, args) in calls {
        let expected = plain.call(interface, function, args).await.unwrap();
        let result = probed.call(interface, function, args).await.unwrap();
        assert_eq!(result, expected, "{function}");
        results.extend(result);
    }
    (results, probed.spans())
}

#[track_caller]
fn assert_seen(spans: &[String], parts: &[&str]) {
    for part in parts {
        assert!(spans.iter().any(|span| span.contains(part)), "{part}: {spans:#?}");
    }
}

#[tokio::test]
async fn the_keyvalue_plugin_is_seen() {
    let toml = "[components.older]\nsource = \"./older-drafts.wasm\"\nconfig = { greeting = \"hello\" }\n";
    let (_folder, loaded) = samples(toml, &["plugins/older-drafts.wasm"]);
    let shelf = "samples:plugins/shelf";
    let calls = [
        (shelf, "put", vec![text("b"), text("key"), text("value")]),
        (shelf, "get", vec![text("b"), text("key")]),
        ("samples:plugins/settings", "get", vec![text("greeting")]),
    ];
    let (results, spans) = called(&loaded, "older", &calls).await;
    assert_eq!(format!("{:?}", results[1]), r#"Result(Ok(Some(Option(Some(String("value"))))))"#);
    assert_seen(
        &spans,
        &[
            "wasi:keyvalue store@",
            "#open(\"b\") = ok(bucket)",
            "#[method]bucket.set(bucket, \"key\", [118, 97",
            "wasi:config ",
        ],
    );
}

#[tokio::test]
async fn files_are_seen() {
    let toml = "[components.errands]\nsource = \"./errands.wasm\"\nenv = { GREETING = \"hello\" }\n\
        permissions = { volumes = [{ name = \"notes\", at = \"/notes\", access = \"write\" }] }\n\
        [volumes]\nnotes = { temporary = true }\n";
    let (_folder, loaded) = samples(toml, &["errands/errands.wasm"]);
    let errands = "samples:errands/errands";
    let calls = [
        (errands, "run", vec![text("write"), texts(&["/notes/a", "some text"])]),
        (errands, "run", vec![text("read"), texts(&["/notes/a"])]),
        (errands, "run", vec![text("env"), texts(&[])]),
        (errands, "run", vec![text("print"), texts(&["hello"])]),
        (errands, "run", vec![text("get"), texts(&["http://127.0.0.1:9/"])]),
    ];
    let (results, spans) = called(&loaded, "errands", &calls).await;
    assert!(format!("{:?}", results[1]).contains("some text"), "{results:?}");
    assert_seen(
        &spans,
        &[
            "types@0.2.",
            "#[method]descriptor.open-at(descriptor, ",
            "\"a\"",
            "preopens@",
            "outgoing-handler@",
            "environment@",
        ],
    );
}

#[tokio::test]
async fn what_wasi_03_does_is_seen() {
    let toml = "[components.scout]\nsource = \"./scout.wasm\"\nenv = { WHO = \"scout\" }\n\
        permissions = { volumes = [{ name = \"notes\", at = \"/notes\" }] }\n\
        [volumes]\nnotes = { temporary = true }\n";
    let (_folder, loaded) = samples(toml, &["errands/scout.wasm"]);
    let scouting = "samples:errands/scouting";
    let calls = [
        (scouting, "scout", vec![text("env"), texts(&[])]),
        (scouting, "scout", vec![text("folders"), texts(&[])]),
        (scouting, "scout", vec![text("print"), texts(&["hello"])]),
        (scouting, "scout", vec![text("look-up"), texts(&["example.com"])]),
        (scouting, "scout", vec![text("get"), texts(&["127.0.0.1:9"])]),
    ];
    let (_, spans) = called(&loaded, "scout", &calls).await;
    assert_seen(
        &spans,
        &["#get-environment() = [(\"WHO\", \"scout\")]", "#send(request)", "write-via-stream(stream)"],
    );
}

#[tokio::test]
async fn a_component_in_the_place_of_a_plugin_is_seen() {
    let toml = "[components.cupboard]\nsource = \"./cupboard.wasm\"\n[components.blobby]\nsource = \"./blobby.wasm\"\n\
        permissions = { volumes = [{ name = \"objects\", at = \"/objects\", access = \"write\" }] }\n\
        [volumes]\nobjects = { temporary = true }\n";
    let (_folder, loaded) = samples(toml, &["plugins/cupboard.wasm", "blobby/blobby.wasm"]);
    let cupboard = "samples:plugins/cupboard";
    let put = |name| vec![text("c"), text(name), text("content"), Val::Bool(true)];
    let calls = [
        (cupboard, "create", vec![text("c")]),
        (cupboard, "put", put("one")),
        (cupboard, "put", put("two")),
        (cupboard, "names", vec![text("c"), Val::U64(0), Val::U64(1)]),
        (cupboard, "get", vec![text("c"), text("one"), Val::U64(1), Val::U64(3)]),
    ];
    let (results, spans) = called(&loaded, "cupboard", &calls).await;
    assert!(format!("{results:?}").contains("ont"), "{results:?}");
    assert_seen(
        &spans,
        &[
            "blobby blobstore@",
            "= ok(container#1)",
            "container.write-data(container#2, \"one\", outgoing-value#1)",
        ],
    );
}
