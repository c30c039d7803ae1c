//! `wasi:keyvalue`, in both drafts, in memory and in a file.

use std::{
    fs,
    io::{BufRead as _, BufReader, Write as _},
    path::Path,
    process::{Command, Stdio},
    sync::Arc,
};

use jackfield_host::{HostError, Running};

use crate::support::{BOTH, DRAFTS, call, host, running, start_with, write};

/// Everything that `store`, `atomics` and `batch` promise, for one draft.
async fn keeps_values(running: &Running, draft: &str) {
    let shelf = async |function: &str, args: &[&str]| {
        let bucket = format!("\"{draft}\"");
        let args: Vec<&str> = std::iter::once(bucket.as_str()).chain(args.iter().copied()).collect();
        call(running, draft, &format!("shelf#{function}"), &args).await
    };
    assert_eq!(shelf("get", &["\"a\""]).await, "ok(none)");
    assert_eq!(shelf("put", &["\"a\"", "\"1\""]).await, "ok");
    assert_eq!(shelf("put", &["\"a\"", "\"é\""]).await, "ok");
    assert_eq!(shelf("get", &["\"a\""]).await, "ok(some(\"é\"))");
    assert_eq!(shelf("has", &["\"a\""]).await, "ok(true)");
    assert_eq!(shelf("remove", &["\"a\""]).await, "ok");
    assert_eq!(shelf("remove", &["\"a\""]).await, "ok");
    assert_eq!(shelf("has", &["\"a\""]).await, "ok(false)");
    assert_eq!(shelf("keys", &[]).await, "ok([])");

    assert_eq!(shelf("add", &["\"n\"", "5"]).await, "ok(5)");
    assert_eq!(shelf("add", &["\"n\"", "37"]).await, "ok(42)");
    assert_eq!(shelf("get", &["\"n\""]).await, "ok(some(\"42\"))");
    assert_eq!(shelf("put", &["\"word\"", "\"x\""]).await, "ok");
    assert!(shelf("add", &["\"word\"", "1"]).await.contains("not a number"));
    if draft == "newer" {
        assert_eq!(shelf("add", &["\"n\"", "-43"]).await, "ok(-1)");
        assert!(shelf("add", &["\"n\"", "-9223372036854775808"]).await.contains("beyond"));
    }

    assert_eq!(shelf("put-many", &["[(\"x\", \"1\"), (\"y\", \"2\"), (\"\", \"0\")]"]).await, "ok");
    assert_eq!(
        shelf("get-many", &["[\"y\", \"nobody\", \"x\", \"\"]"]).await,
        "ok([some(\"2\"), none, some(\"1\"), some(\"0\")])"
    );
    assert_eq!(shelf("keys", &[]).await, "ok([\"\", \"n\", \"word\", \"x\", \"y\"])");
    assert_eq!(shelf("remove-many", &["[\"x\", \"nobody\", \"\"]"]).await, "ok");
    assert_eq!(shelf("keys", &[]).await, "ok([\"n\", \"word\", \"y\"])");

    // Another bucket of the same store has nothing of this.
    assert_eq!(call(running, draft, "shelf#keys", &["\"another\""]).await, "ok([])");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stub_of_a_store_cannot_make_buckets_but_say_so() {
    let stub = |import: &str| {
        format!(
            "[[links]]\nfrom = \"newer\"\nimport = \"wasi:keyvalue/{import}@0.2.0-draft2\"\nto = \"stub\"\n"
        )
    };
    let stubs = format!("{}{}{}", stub("atomics"), stub("batch"), stub("store"));
    let (_folder, running) =
        running(&format!("{stubs}answers = {{ open = \"err(access-denied)\" }}\n")).await;
    let said = call(&running, "newer", "shelf#get", &["\"a\"", "\"b\""]).await;
    assert_eq!(said, "err(\"access denied\")");
}

#[tokio::test(flavor = "multi_thread")]
async fn values_are_kept_in_memory_in_every_draft() {
    let (_folder, running) = running("").await;
    for draft in DRAFTS {
        keeps_values(&running, draft).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn values_are_kept_in_a_file_in_every_draft() {
    let (folder, running) =
        running("[host.\"wasi:keyvalue\"]\nbackend = \"file\"\npath = \"./deep/kv.db\"\n").await;
    for draft in DRAFTS {
        keeps_values(&running, draft).await;
    }
    assert!(folder.path().join("deep/kv.db").is_file(), "beside the workload file");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_swap_succeeds_once_nobody_was_quicker() {
    let (_folder, running) = running("").await;
    let swap = async |key: &str, meanwhile: &str| {
        call(&running, "newer", "swaps#swap", &["\"b\"", key, "\"new\"", meanwhile]).await
    };
    assert_eq!(swap("\"k\"", "none").await, "ok(1)");
    assert_eq!(swap("\"k\"", "some(\"other\")").await, "ok(2)");
    assert_eq!(swap("\"fresh\"", "some(\"other\")").await, "ok(2)");
    assert_eq!(call(&running, "newer", "shelf#get", &["\"b\"", "\"k\""]).await, "ok(some(\"new\"))");
}

#[tokio::test(flavor = "multi_thread")]
async fn long_lists_of_keys_come_in_pages_and_whole() {
    for settings in ["", "[host.\"wasi:keyvalue\"]\nbackend = \"file\"\npath = \"kv.db\"\n"] {
        let (_folder, running) = running(settings).await;
        let values: Vec<_> = (0..2001).map(|n| format!("(\"k{n:04}\", \"\")")).collect();
        let values = format!("[{}]", values.join(", "));
        call(&running, "older", "shelf#put-many", &["\"b\"", &values]).await;
        for draft in DRAFTS {
            let keys = call(&running, draft, "shelf#keys", &["\"b\""]).await;
            assert_eq!(keys.matches("\"k").count(), 2001, "{draft}");
            assert!(keys.starts_with("ok([\"k0000\", \"k0001\"") && keys.ends_with("\"k2000\"])"));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_components_of_a_workload_share_what_is_kept_and_two_workloads_do_not() {
    let host = host();
    let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    write(one.path(), BOTH);
    write(other.path(), BOTH);
    let one = start_with(&host, one.path(), Arc::default()).await.unwrap();
    let other = start_with(&host, other.path(), Arc::default()).await.unwrap();
    call(&one, "older", "shelf#put", &["\"b\"", "\"k\"", "\"v\""]).await;
    assert_eq!(call(&one, "newer", "shelf#get", &["\"b\"", "\"k\""]).await, "ok(some(\"v\"))");
    assert_eq!(call(&other, "newer", "shelf#get", &["\"b\"", "\"k\""]).await, "ok(none)");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_survives_a_restart_and_is_shared_by_workloads_that_name_it() {
    let host = host();
    let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let file = folders[0].path().join("kv.db");
    write(
        folders[0].path(),
        &format!("{BOTH}[host.\"wasi:keyvalue\"]\nbackend = \"file\"\npath = \"./kv.db\"\n"),
    );
    write(
        folders[1].path(),
        &format!("{BOTH}[host.\"wasi:keyvalue\"]\nbackend = \"file\"\npath = '{}'\n", file.display()),
    );
    let first = start_with(&host, folders[0].path(), Arc::default()).await.unwrap();
    let second = start_with(&host, folders[1].path(), Arc::default()).await.unwrap();
    call(&first, "older", "shelf#put", &["\"b\"", "\"k\"", "\"v\""]).await;
    assert_eq!(call(&second, "newer", "shelf#get", &["\"b\"", "\"k\""]).await, "ok(some(\"v\"))");
    for running in [first, second] {
        running.stop().await;
    }
    let again = start_with(&self::host(), folders[0].path(), Arc::default()).await.unwrap();
    assert_eq!(call(&again, "newer", "shelf#get", &["\"b\"", "\"k\""]).await, "ok(some(\"v\"))");
}

/// Names the folder for the process that is to be killed.
const VICTIM: &str = "JACKFIELD_TEST_VICTIM";
/// What its keys begin with.
const PREFIX: &str = "JACKFIELD_TEST_PREFIX";

/// Not a test of its own: what the process does that the next test kills.
#[tokio::test(flavor = "multi_thread")]
async fn writes_until_it_is_killed() {
    let Some(folder) = std::env::var_os(VICTIM) else { return };
    let running = start_with(&host(), Path::new(&folder), Arc::default()).await.unwrap();
    let prefix = std::env::var(PREFIX).unwrap();
    for n in 0.. {
        let key = format!("\"{prefix}-{n}\"");
        assert_eq!(call(&running, "newer", "shelf#put", &["\"b\"", &key, "\"v\""]).await, "ok");
        // Past the test harness, which holds back what is printed by `println!`.
        writeln!(std::io::stderr(), "committed {n}").unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_committed_survives_a_kill_in_the_middle_of_writing() {
    let folder = tempfile::tempdir().unwrap();
    write(
        folder.path(),
        &format!("{BOTH}[host.\"wasi:keyvalue\"]\nbackend = \"file\"\npath = \"./kv.db\"\n"),
    );
    let mut committed = Vec::new();
    for round in 0..3 {
        let mut victim = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "keyvalue::writes_until_it_is_killed", "--nocapture"])
            .env(VICTIM, folder.path())
            .env(PREFIX, round.to_string())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(victim.stderr.take().unwrap()).lines().map_while(Result::ok);
        let mut last =
            lines.by_ref().filter_map(|line| line.strip_prefix("committed ")?.parse().ok()).take(20);
        let at_least = last.by_ref().last().unwrap();
        victim.kill().unwrap();
        victim.wait().unwrap();
        let rest = lines.filter_map(|line| line.strip_prefix("committed ")?.parse::<u32>().ok());
        committed.push(rest.last().unwrap_or(at_least));

        let running = start_with(&host(), folder.path(), Arc::default()).await.unwrap();
        for (round, last) in committed.iter().enumerate() {
            for n in 0..=*last {
                let key = format!("\"{round}-{n}\"");
                let found = call(&running, "older", "shelf#get", &["\"b\"", &key]).await;
                assert_eq!(found, "ok(some(\"v\"))", "{n} of {last} in round {round}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_in_memory_has_a_limit_and_names_it() {
    let (_folder, running) = running("[host.\"wasi:keyvalue\"]\nlimit = \"4KiB\"\n").await;
    let error = call(&running, "older", "shelf#fill", &["\"b\"", "1000"]).await;
    assert!(error.contains("its limit is 4096 bytes (`limit` of [host."), "{error}");
    assert_eq!(call(&running, "older", "shelf#get", &["\"b\"", "\"item-0\""]).await, "ok(some(\"0\"))");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_no_store_stops_the_start_with_advice() {
    let folder = tempfile::tempdir().unwrap();
    write(
        folder.path(),
        &format!("{BOTH}[host.\"wasi:keyvalue\"]\nbackend = \"file\"\npath = \"./workload.toml\"\n"),
    );
    let Err(error) = start_with(&host(), folder.path(), Arc::default()).await else { panic!("it started") };
    let text = error.to_string();
    assert!(matches!(error, HostError::Plugin { .. }), "{text}");
    assert!(text.contains("`wasi:keyvalue`: the file cannot be opened"), "{text}");
    assert!(fs::read_to_string(folder.path().join("workload.toml")).unwrap().starts_with("name"));
}
