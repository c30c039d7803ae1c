//! Stubs that answer, in the place of components that are not there yet.

use std::{path::Path, sync::Arc};

use jackfield_host::{
    Host, Running,
    plan::plan,
    workload::{Loaded, OnlyFiles, load, load_text},
};
use jackfield_protocol::Plan;

use super::support::{Bench, call, result};

const COUNTER: &str = "from = \"left\"\nimport = \"test:guest/counter\"\nto = \"stub\"\n";

fn left(policy: &str, answers: &str) -> String {
    format!(
        "name = \"test\"\n[components.left]\nsource = \"./left.wasm\"\ninstances = {policy}\n\
         [[links]]\n{COUNTER}answers = {answers}\n"
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stub_answers_with_the_value_of_the_workload_file_whatever_the_policy() {
    for policy in [
        "{ policy = \"fresh\" }",
        "{ policy = \"pool\", size = 2 }",
        "{ policy = \"reuse\", max_calls = 100 }",
    ] {
        let bench = Bench::new(&left(policy, "{ next = \"42\" }"));
        let running = bench.started().await;
        for _ in 0..3 {
            assert_eq!(result(&running, "left", "get", &[]).await, "42", "{policy}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_another_component_reaches_is_answered_too() {
    let bench = Bench::new(&format!(
        "name = \"test\"\n[components]\ntop = {{ source = \"./top.wasm\" }}\nleft = {{ source = \"./left.wasm\" }}\n\
         right = {{ source = \"./right.wasm\" }}\n[[links]]\n{COUNTER}answers = {{ next = \"3\" }}\n\
         [[links]]\nfrom = \"right\"\nimport = \"test:guest/counter\"\nto = \"stub\"\nanswers = {{ next = \"4\" }}\n"
    ));
    let running = bench.started().await;
    assert_eq!(result(&running, "top", "both", &[]).await, "34", "each has the answer for itself");
}

#[tokio::test(flavor = "multi_thread")]
async fn asynchronous_functions_and_functions_without_result_are_answered() {
    let bench = Bench::new(
        "name = \"test\"\n[components.slow]\nsource = \"./slow.wasm\"\n[[links]]\nfrom = \"slow\"\n\
         import = \"test:guest/oracle\"\nto = \"stub\"\nanswers = { ask = \"4\", tell = \"\" }\n",
    );
    let running = bench.started().await;
    assert_eq!(result(&running, "slow", "get", &[]).await, "40");
    assert_eq!(result(&running, "slow", "tell", &["1"]).await, "");
}

fn changed(text: String, folder: &Path) -> (Loaded, Plan) {
    let loaded = load_text(text, &folder.join("workload.toml"), &OnlyFiles, None).unwrap();
    let plan = plan(&loaded.workload, &loaded.components, &Host::catalog());
    (loaded, plan)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_changed_counts_for_the_next_call_of_what_runs() {
    let bench = Bench::new(&left("{ policy = \"reuse\", max_calls = 100 }", "{ next = \"1\" }"));
    let running: Arc<Running> = Arc::new(bench.started().await);
    assert_eq!(result(&running, "left", "get", &[]).await, "1");
    let before = load(bench.folder.path(), &OnlyFiles).unwrap().workload;
    let folder = bench.folder.path().to_owned();
    let (now, plan) = changed(left("{ policy = \"reuse\", max_calls = 100 }", "{ next = \"2\" }"), &folder);
    running.adopt(&before, &now, &plan);
    assert!(before.runs_like(&now.workload));
    assert_eq!(result(&running, "left", "get", &[]).await, "2");

    let (now, plan) = changed(left("{ policy = \"reuse\", max_calls = 100 }", "{}"), &folder);
    running.adopt(&before, &now, &plan);
    let error = call(&running, "left", "get", &[]).await.unwrap_err().to_string();
    assert!(error.contains("`left` called `test:guest/counter#next`, which is linked to a stub"), "{error}");
}
