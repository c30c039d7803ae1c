//! Everything that `wasi:blobstore` promises, of every implementation that there is: the plugin in memory and in a
//! folder, and the sample `blobby` in its place.

use std::{fs, path::Path, sync::Arc};

use jackfield_host::Running;

use crate::support::{call, host, start_with, write};

const CUPBOARD: &str = "name = \"test\"\n[components.cupboard]\nsource = \"./cupboard.wasm\"\n";

struct Cupboard(Running);

impl Cupboard {
    async fn of(folder: &Path, more: &str) -> Self {
        write(folder, &format!("{CUPBOARD}{more}"));
        Self(start_with(&host(), folder, Arc::default()).await.unwrap())
    }

    async fn ask(&self, function: &str, args: &[&str]) -> String {
        call(&self.0, "cupboard", &format!("cupboard#{function}"), args).await
    }

    async fn names(&self) -> String {
        self.ask("names", &["\"c\"", "0", "2"]).await
    }

    async fn put(&self, name: &str, content: &str) {
        assert_eq!(self.ask("put", &["\"c\"", name, content, "true"]).await, "ok");
    }
}

/// An error of an implementation's own wording.
#[track_caller]
fn assert_error(answer: &str) {
    assert!(answer.starts_with("err("), "{answer}");
}

async fn keeps_containers(it: &Cupboard) {
    assert_eq!(it.ask("exists", &["\"c\""]).await, "ok(false)");
    assert_error(&it.ask("info", &["\"c\""]).await);
    assert_error(&it.ask("delete", &["\"c\""]).await);
    assert_eq!(it.ask("create", &["\"c\""]).await, "ok");
    assert_error(&it.ask("create", &["\"c\""]).await);
    assert_eq!(it.ask("create", &["\"../d\""]).await, "ok");
    assert_eq!(it.ask("exists", &["\"../d\""]).await, "ok(true)");
    let info = it.ask("info", &["\"../d\""]).await;
    let created_at = info.strip_prefix("ok((\"../d\", ").and_then(|rest| rest.strip_suffix("))"));
    assert!(created_at.unwrap().parse::<u64>().unwrap() > 1_700_000_000, "{info}");
}

async fn keeps_objects(it: &Cupboard) {
    it.put("\"a\"", "\"0123456789\"").await;
    for (first, last, content) in [
        ("0", "18446744073709551615", "0123456789"),
        ("0", "9", "0123456789"),
        ("3", "3", "3"),
        ("8", "20", "89"),
        ("10", "20", ""),
        ("5", "4", ""),
    ] {
        let range = ["\"c\"", "\"a\"", first, last];
        assert_eq!(it.ask("get", &range).await, format!("ok(\"{content}\")"), "{range:?}");
    }
    for (first, content) in [("0", "0123456789"), ("4", "456789"), ("10", "")] {
        let range = ["\"c\"", "\"a\"", first, "18446744073709551615"];
        assert_eq!(it.ask("stream", &range).await, format!("ok(\"{content}\")"), "{range:?}");
    }
    assert_error(&it.ask("get", &["\"c\"", "\"nobody\"", "0", "1"]).await);
    assert_error(&it.ask("get", &["\"nowhere\"", "\"a\"", "0", "1"]).await);

    let about = it.ask("inspect", &["\"c\"", "\"a\""]).await;
    assert!(about.starts_with("ok({name: \"a\", container: \"c\", created-at: 1"), "{about}");
    assert!(about.ends_with("size: 10})"), "{about}");
    assert_error(&it.ask("inspect", &["\"c\"", "\"nobody\""]).await);
    assert_eq!(it.ask("has", &["\"c\"", "\"a\""]).await, "ok(true)");
    assert_eq!(it.ask("has", &["\"c\"", "\"nobody\""]).await, "ok(false)");

    // What is begun and not finished is no object, and what was there stays.
    assert_eq!(it.ask("put", &["\"c\"", "\"a\"", "\"half\"", "false"]).await, "ok");
    assert_eq!(it.ask("put", &["\"c\"", "\"half\"", "\"half\"", "false"]).await, "ok");
    assert_eq!(it.ask("get", &["\"c\"", "\"a\"", "0", "3"]).await, "ok(\"0123\")");
    assert_eq!(it.names().await, "ok([\"a\"])");
}

async fn lists_copies_and_removes(it: &Cupboard) {
    for name in ["\"é\"", "\"b/../x\"", "\"..\"", "\"\""] {
        it.put(name, name).await;
    }
    assert_eq!(it.names().await, "ok([\"\", \"..\", \"a\", \"b/../x\", \"é\"])");
    assert_eq!(it.ask("names", &["\"c\"", "3", "1"]).await, "ok([\"b/../x\", \"é\"])");
    assert_eq!(it.ask("names", &["\"c\"", "9", "1"]).await, "ok([])");

    let (a, new) = ("(\"c\", \"a\")", "(\"../d\", \"new\")");
    assert_eq!(it.ask("copy", &[a, new, "false"]).await, "ok");
    assert_eq!(it.ask("get", &["\"../d\"", "\"new\"", "0", "3"]).await, "ok(\"0123\")");
    assert_eq!(it.ask("copy", &["(\"c\", \"é\")", new, "true"]).await, "ok");
    assert_eq!(it.ask("get", &["\"../d\"", "\"new\"", "0", "9"]).await, "ok(\"é\")");
    assert_eq!(it.ask("has", &["\"c\"", "\"é\""]).await, "ok(false)");
    assert_error(&it.ask("copy", &["(\"c\", \"nobody\")", new, "true"]).await);
    assert_error(&it.ask("copy", &[a, "(\"nowhere\", \"x\")", "false"]).await);
    assert_eq!(it.ask("has", &["\"c\"", "\"a\""]).await, "ok(true)");

    assert_eq!(it.ask("remove", &["\"c\"", "[\"..\", \"nobody\"]", "false"]).await, "ok");
    assert_eq!(it.ask("remove", &["\"c\"", "[\"\", \"nobody\"]", "true"]).await, "ok");
    assert_eq!(it.names().await, "ok([\"a\", \"b/../x\"])");
    assert_eq!(it.ask("clear", &["\"c\""]).await, "ok");
    assert_eq!(it.names().await, "ok([])");
    assert_eq!(it.ask("delete", &["\"../d\""]).await, "ok");
    assert_eq!(it.ask("exists", &["\"../d\""]).await, "ok(false)");
}

async fn keeps_all_promises(it: &Cupboard) {
    keeps_containers(it).await;
    keeps_objects(it).await;
    lists_copies_and_removes(it).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_plugin_in_memory_keeps_all_promises() {
    let folder = tempfile::tempdir().unwrap();
    let cupboard = Cupboard::of(folder.path(), "").await;
    keeps_all_promises(&cupboard).await;
    // A part of an object can be a stream as well.
    cupboard.put("\"a\"", "\"0123456789\"").await;
    assert_eq!(cupboard.ask("stream", &["\"c\"", "\"a\"", "2", "4"]).await, "ok(\"234\")");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_plugin_in_a_folder_keeps_all_promises_and_stays_in_it() {
    let folder = tempfile::tempdir().unwrap();
    let settings = "[host.\"wasi:blobstore\"]\nbackend = \"folder\"\npath = \"./in/blobs\"\n";
    let cupboard = Cupboard::of(folder.path(), settings).await;
    keeps_all_promises(&cupboard).await;
    cupboard.put("\"a\"", "\"0123456789\"").await;
    assert_eq!(cupboard.ask("stream", &["\"c\"", "\"a\"", "2", "4"]).await, "ok(\"234\")");
    assert_eq!(entries(&folder.path().join("in")), ["blobs"]);
    assert_eq!(entries(&folder.path().join("in/blobs")), [".partial", "c"]);
    // What somebody else keeps there is not deleted with a container.
    fs::create_dir(folder.path().join("in/blobs/c/.git")).unwrap();
    assert_error(&cupboard.ask("delete", &["\"c\""]).await);
    assert!(folder.path().join("in/blobs/c/.git").is_dir());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_component_blobby_keeps_all_promises_and_stays_in_its_volume() {
    let folder = tempfile::tempdir().unwrap();
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../samples/blobby/blobby.wasm");
    fs::copy(sample, folder.path().join("blobby.wasm")).expect("the samples: run `cargo xtask samples`");
    fs::create_dir_all(folder.path().join("in/objects")).unwrap();
    let blobby = "[components.blobby]\nsource = \"./blobby.wasm\"\n\
                  permissions = { volumes = [{ name = \"o\", at = \"/o\", access = \"write\" }] }\n\
                  [volumes]\no = { path = \"./in/objects\" }\n";
    let cupboard = Cupboard::of(folder.path(), blobby).await;
    keeps_all_promises(&cupboard).await;
    assert_eq!(entries(&folder.path().join("in")), ["objects"]);
    assert_eq!(entries(&folder.path().join("in/objects")), ["c"]);
}

fn entries(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}
