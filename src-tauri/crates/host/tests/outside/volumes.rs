//! Files: volumes, and what lies outside of them. Environment and arguments.

use std::{fs, path::PathBuf};

use jackfield_host::HostError;
use jackfield_protocol::Wanted;

use crate::support::{Bench, errand};

const SHARED: &str = "[volumes]\nnotes = { temporary = true }";

fn notes(access: &str) -> String {
    format!("permissions = {{ volumes = [{{ name = \"notes\", at = \"/notes\", access = \"{access}\" }}] }}")
}

/// The folders of temporary volumes of workloads with this name.
fn temporary_folders(workload: &str) -> Vec<PathBuf> {
    let prefix = format!("jackfield-{workload}-");
    let entries = fs::read_dir(std::env::temp_dir()).unwrap().flatten();
    let folders = entries.filter(|entry| entry.file_name().to_string_lossy().starts_with(&prefix));
    folders.map(|entry| entry.path()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn components_share_a_volume_each_with_its_own_access() {
    let bench = Bench::office(&notes("read"), &notes("write"), SHARED);
    let running = bench.started().await;
    assert_eq!(errand(&running, "errands", "write", &["/notes/shared-4711", "hello"]).await, "ok(\"\")");
    assert_eq!(errand(&running, "clerk", "read", &["/notes/shared-4711"]).await, "ok(\"hello\")");
    let refused = errand(&running, "clerk", "write", &["/notes/shared-4711", "bye"]).await;
    assert!(refused.starts_with("err("), "{refused}");
    let denials = bench.witness.denials();
    let [denial] = denials.as_slice() else { panic!("{denials:?}") };
    assert_eq!(
        denial.to_string(),
        "denied: it may not change /notes/shared-4711: it may only read the volume `notes`\n  [components.clerk] \
         permissions = { volumes = [{ name = \"notes\", at = \"/notes\", access = \"write\" }] } would allow it, \
         in place of those that it has"
    );
    assert_eq!((denial.component.as_str(), denial.call.is_some()), ("clerk", true));
    assert_eq!(errand(&running, "errands", "list", &["/notes"]).await, "ok(\"shared-4711\")");
    let folders = temporary_folders("test");
    let folder = folders.into_iter().find(|folder| folder.join("shared-4711").exists()).expect("on the disk");
    running.stop().await;
    assert!(!folder.exists(), "a temporary volume goes with the workload");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_path_leads_out_of_a_volume() {
    let bench = Bench::office("", &notes("write"), "[volumes]\nnotes = { path = \"./data\" }");
    fs::write(bench.folder.path().join("secret"), "secret").unwrap();
    let running = bench.started().await;
    let data = bench.folder.path().join("data");
    assert!(data.is_dir(), "it is made, because a component may write there");
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("..", data.join("up")).unwrap();
        std::os::unix::fs::symlink(bench.folder.path().join("secret"), data.join("out")).unwrap();
        std::os::unix::fs::symlink("inside", data.join("in")).unwrap();
        std::os::unix::fs::symlink(bench.folder.path().join("secret"), data.join("away")).unwrap();
        let answer = errand(&running, "errands", "write", &["/notes/away", "overwritten"]).await;
        assert!(answer.starts_with("err("), "{answer}");
        let told: Vec<Wanted> = bench.witness.denials().into_iter().map(|denial| denial.wanted).collect();
        assert_eq!(told, [Wanted::Leave { path: "/notes/away".to_owned() }]);
    }
    fs::write(data.join("inside"), "inside").unwrap();
    for path in [
        "/notes/../secret",
        "/notes/up/secret",
        "/notes/out",
        "/secret",
        "../secret",
        "/notes/inside/../../secret",
    ] {
        let answer = errand(&running, "errands", "read", &[path]).await;
        assert!(answer.starts_with("err("), "{path}: {answer}");
        let answer = errand(&running, "errands", "write", &[path, "overwritten"]).await;
        assert!(answer.starts_with("err("), "{path}: {answer}");
    }
    assert_eq!(fs::read_to_string(bench.folder.path().join("secret")).unwrap(), "secret");
    let told: Vec<Wanted> = bench.witness.denials().into_iter().map(|denial| denial.wanted).collect();
    let leave = |path: &str| Wanted::Leave { path: path.to_owned() };
    assert!(told.contains(&leave("/notes/../secret")), "{told:?}");
    assert!(told.iter().all(|wanted| matches!(wanted, Wanted::Leave { .. })), "{told:?}");
    if cfg!(unix) {
        assert!(told.contains(&leave("/notes/out")) && told.contains(&leave("/notes/up/secret")), "{told:?}");
    }
    if cfg!(unix) {
        assert_eq!(errand(&running, "errands", "read", &["/notes/in"]).await, "ok(\"inside\")");
    }
    let link = errand(&running, "errands", "link", &["/etc", "etc"]).await;
    assert!(link.starts_with("err("), "{link}");
    errand(&running, "errands", "link", &["../..", "above"]).await;
    assert!(errand(&running, "errands", "list", &["/notes/above"]).await.starts_with("err("));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_volume_that_is_not_there_keeps_the_workload_from_starting() {
    let bench = Bench::office(&notes("read"), "", "[volumes]\nnotes = { path = \"./nowhere\" }");
    let Err(error @ HostError::Volume { .. }) = bench.start().await else { panic!("it must not start") };
    assert!(
        error.to_string().contains("the volume `notes` cannot be used: there is no such folder"),
        "{error}"
    );
    assert_eq!(bench.witness.labels(), ["starting", "failed"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_that_fails_leaves_no_temporary_volume_behind() {
    let name = format!("left-behind-{}", std::process::id());
    let bench = Bench::named(
        &name,
        &format!(
            "[components.errands]\nsource = \"./errands.wasm\"\n{}\n\
             [components.stillborn]\nsource = \"./stillborn.wasm\"\n{SHARED}\n\
             [service]\ncomponent = \"stillborn\"\n",
            notes("write")
        ),
    );
    assert!(bench.start().await.is_err());
    assert_eq!(temporary_folders(&name), Vec::<PathBuf>::new());
    assert_eq!(bench.witness.labels(), ["starting", "failed"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_component_has_its_own_environment_and_arguments() {
    let bench = Bench::office(
        "env = { WHO = \"clerk\" }\nargs = [\"-v\", \"a b\"]",
        "env = { WHO = \"errands\", MORE = \"x\" }",
        "",
    );
    let running = bench.started().await;
    assert_eq!(errand(&running, "clerk", "env", &[]).await, "ok(\"WHO=clerk\\n\")");
    assert_eq!(errand(&running, "errands", "env", &[]).await, "ok(\"WHO=errands\\nMORE=x\\n\")");
    assert_eq!(errand(&running, "clerk", "args", &[]).await, "ok(\"clerk -v a b\")");
    assert_eq!(errand(&running, "errands", "args", &[]).await, "ok(\"errands\")");
}
