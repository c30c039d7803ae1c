//! Services: standard input, exit codes, restarts.

use crate::support::{Bench, PATIENCE};

fn service(args: &str, more: &str) -> Bench {
    Bench::new(&format!(
        "[components.errands]\nsource = \"./errands.wasm\"\nargs = {args}\n\
         [service]\ncomponent = \"errands\"\n{more}\n"
    ))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_reads_its_standard_input_until_it_ends() {
    let bench = service("[\"echo\"]", "");
    let running = bench.started().await;
    let stdin = running.stdin().expect("there is a service");
    assert!(stdin.write("one\ntw").await);
    bench.witness.until_line("errands stdout: heard one").await;
    assert!(stdin.write("o\n").await);
    bench.witness.until_line("errands stdout: heard two").await;
    drop(stdin);
    running.close_stdin();
    bench.witness.until(|it| it.labels() == ["starting", "running", "completed"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_does_not_read_makes_its_writer_wait() {
    let bench = Bench::new("[components.spin]\nsource = \"./spin.wasm\"\n[service]\ncomponent = \"spin\"\n");
    let running = bench.started().await;
    let stdin = running.stdin().expect("there is a service");
    let flood = async { while stdin.write("x").await {} };
    assert!(tokio::time::timeout(std::time::Duration::from_millis(300), flood).await.is_err());
    running.stop().await;
    let refused = async { while stdin.write("x").await {} };
    tokio::time::timeout(PATIENCE, refused).await.expect("nobody will ever read it");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_starts_again_reads_on_where_the_last_one_stopped() {
    let bench = service("[\"fail-at\", \"bad\"]", "max_restarts = 1");
    let running = bench.started().await;
    let stdin = running.stdin().expect("there is a service");
    assert!(stdin.write("good\nbad\n").await);
    bench.witness.until_line("errands host: restart 1 of 1").await;
    assert!(stdin.write("better\n").await);
    bench.witness.until_line("errands stdout: heard better").await;
    assert!(stdin.write("bad\n").await);
    bench.witness.until(|it| it.labels().last() == Some(&"failed")).await;
    let reason = bench.witness.states().last().unwrap().to_string();
    assert!(reason.contains("after 1 restart: its `run` returned an error"), "{reason}");
    let lines = bench.witness.lines();
    let told: Vec<_> = lines.iter().filter_map(|line| line.strip_prefix("errands host: ")).collect();
    let failed = "failed: its `run` returned an error";
    assert_eq!(told, [failed, "restart 1 of 1", failed, "given up after 1 restart"]);
    assert!(bench.witness.lines().contains(&"errands stderr: failing at bad".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_exit_code_says_how_a_service_ended() {
    let bench = service("[\"exit\", \"0\"]", "");
    let _running = bench.started().await;
    bench.witness.until(|it| it.labels() == ["starting", "running", "completed"]).await;
    let bench = service("[\"exit\", \"3\"]", "max_restarts = 0");
    let _running = bench.started().await;
    bench.witness.until(|it| it.labels().last() == Some(&"failed")).await;
    let reason = bench.witness.states().last().unwrap().to_string();
    assert!(reason.contains("`errands`: it exited with code 1"), "{reason}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_exit_code_of_the_guests_own_is_kept() {
    let bench = Bench::new(
        "[components.exit-code]\nsource = \"./exit-code.wasm\"\n\
         [service]\ncomponent = \"exit-code\"\nmax_restarts = 0\n",
    );
    let _running = bench.started().await;
    bench.witness.until(|it| it.labels().last() == Some(&"failed")).await;
    let reason = bench.witness.states().last().unwrap().to_string();
    assert!(reason.contains("`exit-code`: it exited with code 7"), "{reason}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_of_wasi_03_runs_and_prints_under_its_name() {
    let bench = Bench::new(
        "[components.modern]\nsource = \"./modern.wasm\"\nenv = { MARK = \"x\" }\n\
         [service]\ncomponent = \"modern\"\n",
    );
    let _running = bench.started().await;
    bench.witness.until(|it| it.labels() == ["starting", "running", "completed"]).await;
    assert_eq!(bench.witness.lines(), ["modern stdout: hello"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_workload_does_not_start_when_its_service_cannot() {
    let bench = Bench::new(
        "[components.stillborn]\nsource = \"./stillborn.wasm\"\n[service]\ncomponent = \"stillborn\"\n\
         max_restarts = 5\n",
    );
    let Err(error) = bench.start().await else { panic!("it must not start") };
    assert!(error.to_string().contains("`stillborn` failed"), "{error}");
    assert_eq!(bench.witness.labels(), ["starting", "failed"]);
}
