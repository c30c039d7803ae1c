//! One component of an entry and all that it reaches.

use jackfield_protocol::{ErrorKind, ExportForm, NotCarried, Request};
use jackfield_tests::files::{Workload, root, sample_component};

use super::{ENTRIES, export, export_sample, first, open, ports, wasm};
use crate::compose::with_samples;

#[tokio::test(flavor = "multi_thread")]
async fn every_sample_becomes_one_component_that_imports_wasi_by_its_names() {
    for (sample, entry) in ENTRIES {
        let exported = export_sample(sample, wasm(entry)).await;
        let (imports, exports) = ports(first(&exported)).await;
        assert!(imports.iter().all(|name| name.starts_with("wasi:")), "{sample} {entry}: {imports:?}");
        assert!(!exports.is_empty(), "{sample} {entry}");
        let mut own = imports.clone();
        own.dedup();
        assert_eq!(own, imports, "{sample} {entry} imports each once");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_way_in_is_known_where_there_is_one() {
    let chosen = |sample: &'static str| export_sample(sample, ExportForm::Wasm { entry: None });
    assert_eq!(chosen("calculator").await, export_sample("calculator", wasm("hypotenuse")).await);
    assert_eq!(chosen("cron").await, export_sample("cron", wasm("ticker")).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn several_ways_in_are_a_question() {
    let workbench = with_samples();
    let workload = open(&workbench, &root().join("samples/echo-http")).await;
    let asked = |entry: Option<&str>| Request::ExportWorkload {
        workload,
        form: ExportForm::Wasm { entry: entry.map(Into::into) },
        with: vec![],
    };
    let error = workbench.dispatch(asked(None)).await.expect_err("two ways in");
    assert_eq!(error.kind, ErrorKind::Request);
    assert_eq!(error.help.as_deref(), Some("choose one with `--entry`: echo-p2, echo-p3"));
    let error = workbench.dispatch(asked(Some("echo"))).await.expect_err("no such way in");
    assert!(error.message.contains("`echo` is not a way into"), "{error}");

    let exported = export_sample("echo-http", wasm("echo-p2")).await;
    let left_out = exported.findings.iter().find_map(|finding| match &finding.about {
        NotCarried::Component { component, .. } => {
            Some((component.as_str().to_owned(), finding.help.clone()))
        }
        _ => None,
    });
    let help = "export it on its own with `--entry echo-p3`".to_owned();
    assert_eq!(left_out, Some(("echo-p3".to_owned(), Some(help))));
}

/// Left and right both use the bottom one, and the top uses both.
const DIAMOND: [(&str, &str, &str); 4] = [
    (
        "bottom",
        "",
        r#"(core module $m (func (export "f") (result i32) i32.const 7)) (core instance $i (instantiate $m))
        (func $f (result u32) (canon lift (core func $i "f")))
        (instance $e (export "f" (func $f))) (export "test:d/bottom" (instance $e))"#,
    ),
    ("left", "bottom", "left"),
    ("right", "bottom", "right"),
    ("top", "left right", "top"),
];

fn middle(imports: &str, name: &str) -> String {
    let import =
        |it: &str| format!(r#"(import "test:d/{it}" (instance ${it} (export "f" (func (result u32)))))"#);
    let imports: Vec<&str> = imports.split(' ').collect();
    let last = imports.last().copied().unwrap_or_default();
    format!(
        r#"(component {} (alias export ${last} "f" (func $f)) (instance $e (export "f" (func $f)))
            (export "test:d/{name}" (instance $e)))"#,
        imports.iter().map(|it| import(it)).collect::<String>()
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn what_two_use_is_in_the_file_once() -> anyhow::Result<()> {
    let mut toml = "name = \"diamond\"\n".to_owned();
    for (name, ..) in DIAMOND {
        toml.push_str(&format!("[components.{name}]\nsource = \"./{name}.wasm\"\n"));
    }
    let workload = Workload::new(&toml)?;
    for (name, imports, body) in DIAMOND {
        let text = if imports.is_empty() { format!("(component {body})") } else { middle(imports, name) };
        workload.add(&format!("{name}.wasm"), wat::parse_str(&text)?)?;
    }
    let exported = export(&with_samples(), workload.folder(), ExportForm::Wasm { entry: None }).await;
    let bytes = first(&exported);
    let (imports, exports) = ports(bytes).await;
    assert_eq!((imports, exports), (vec![], vec!["test:d/top".to_owned()]));
    // Its only core module, by the code that makes the number.
    let code = [0x41, 7, 0x0b];
    assert_eq!(bytes.windows(code.len()).filter(|window| *window == code).count(), 1);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_file_cannot_carry_is_told_with_what_to_tell_wasmtime() -> anyhow::Result<()> {
    let workload = Workload::new(
        r#"name = "w"
[components.main]
source = "./main.wasm"
env = { A = "b c" }
config = { k = "v" }
args = ["x"]
limits = { memory = "1MiB", time = "2s" }
instances = { policy = "reuse", max_calls = 5 }
permissions = { network = ["tcp://10.0.0.1:5432"], volumes = [{ name = "data", at = "/data", access = "read" }] }
[service]
component = "main"
max_restarts = 2
[volumes]
data = { path = "/srv/data" }
"#,
    )?;
    workload.add("main.wasm", sample_component("cron", "ticker")?)?;
    workload.add("job.wasm", sample_component("cron", "job")?)?;
    let toml = std::fs::read_to_string(workload.file())?;
    std::fs::write(workload.file(), format!("{toml}\n[components.job]\nsource = \"./job.wasm\"\n"))?;
    let exported = export(&with_samples(), workload.folder(), ExportForm::Wasm { entry: None }).await;
    let told: Vec<String> = exported.findings.iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "the environment of `main` has A=b c",
            "wasi:config tells `main` k=v",
            "`main` finds the volume `data` at /data, to read",
            "the arguments of `main` are x",
            "`main` may connect to tcp://10.0.0.1:5432, and to nothing else",
            "`main` may have 1048576 bytes of memory",
            "a call into `main` may take 2000 ms",
            "`main` has the instance policy reuse",
            "the service `main` is started again up to 2 times",
        ]
    );
    assert_eq!(
        exported.commands,
        ["wasmtime run --env 'A=b c' --dir /srv/data::/data \
          -S inherit-network,allow-ip-name-lookup -W max-memory-size=1048576 -W timeout=2000ms FILE x"]
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_stubs_answer_is_told_to_be_lost() -> anyhow::Result<()> {
    let workload = Workload::new(
        r#"name = "w"
[components.h]
source = "./h.wasm"
[[links]]
from = "h"
import = "math:ops/square"
to = "stub"
answers = { square = "9" }
[[links]]
from = "h"
import = "math:ops/square-root"
to = "stub"
"#,
    )?;
    workload.add("h.wasm", sample_component("calculator", "hypotenuse")?)?;
    let exported = export(&with_samples(), workload.folder(), wasm("h")).await;
    let told: Vec<String> = exported.findings.iter().map(ToString::to_string).collect();
    let expected = [
        "what the stub for `math:ops/square` of `h` answers to `square`",
        "`math:ops/square-root` of `h` is a stub",
    ];
    assert_eq!(told, expected);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_workload_that_cannot_run_does_not_leave() -> anyhow::Result<()> {
    let workload = Workload::new("name = \"w\"\n[components.h]\nsource = \"./h.wasm\"\n")?;
    workload.add("h.wasm", sample_component("calculator", "hypotenuse")?)?;
    let workbench = with_samples();
    let workload = open(&workbench, workload.folder()).await;
    let form = ExportForm::Wasm { entry: None };
    let error = workbench
        .dispatch(Request::ExportWorkload { workload, form, with: vec![] })
        .await
        .expect_err("unresolved");
    assert_eq!((error.kind, error.diagnostics.len()), (ErrorKind::Plan, 2));
    Ok(())
}
