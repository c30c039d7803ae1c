//! Workloads that leave: as one component, as a source for `wac`, as a manifest; and manifests that come back.

mod files;
mod manifests;
mod mentioned;
mod real_wasmtime;
mod stand_ins;
mod wac;
mod wasm;
mod written;

use std::path::Path;

use jackfield_protocol::{ExportForm, Exported, Request, Response, WorkloadId};
use jackfield_tests::files::root;
use jackfield_workbench::Workbench;

use crate::compose::with_samples;
use crate::workbench::ask;

/// Every sample, with each of its ways in that is one's own.
const ENTRIES: [(&str, &str); 14] = [
    ("blobby", "front"),
    ("calculator", "hypotenuse"),
    ("calls", "caller"),
    ("clock-http", "clock"),
    ("cron", "ticker"),
    ("echo-http", "echo-p2"),
    ("echo-http", "echo-p3"),
    ("errands", "clerk"),
    ("errands", "errands"),
    ("hello-http", "front"),
    ("hello-http", "hello"),
    ("plugins", "cupboard"),
    ("plugins", "newer"),
    ("plugins", "older"),
];

#[test]
fn no_sample_is_forgotten() -> anyhow::Result<()> {
    for entry in std::fs::read_dir(root().join("samples"))? {
        let folder = entry?.path();
        let name = folder.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let is_known = ENTRIES.iter().any(|(sample, _)| *sample == name);
        assert_eq!(folder.join("workload.toml").is_file(), is_known, "{name}");
    }
    Ok(())
}

async fn open(workbench: &Workbench, path: &Path) -> WorkloadId {
    match ask(workbench, Request::Open { path: path.display().to_string() }).await {
        Response::Opened(view) => view.id,
        other => panic!("{other:?}"),
    }
}

async fn export(workbench: &Workbench, path: &Path, form: ExportForm) -> Exported {
    export_with(workbench, path, form, &[]).await
}

/// With components of samples that take part in the export alone.
async fn export_with(workbench: &Workbench, path: &Path, form: ExportForm, with: &[&str]) -> Exported {
    let workload = open(workbench, path).await;
    let with = with.iter().map(|name| root().join("samples").join(name).display().to_string()).collect();
    match ask(workbench, Request::ExportWorkload { workload, form, with }).await {
        Response::ExportedWorkload(exported) => exported,
        other => panic!("{other:?}"),
    }
}

async fn export_sample(sample: &str, form: ExportForm) -> Exported {
    export(&with_samples(), &root().join("samples").join(sample), form).await
}

fn wasm(entry: &str) -> ExportForm {
    ExportForm::Wasm { entry: Some(entry.into()) }
}

/// The file that was asked for.
fn first(exported: &Exported) -> &[u8] {
    &exported.files.first().expect("a file").bytes
}

/// The names of what a component imports and exports. Reading it validates it.
async fn ports(bytes: &[u8]) -> (Vec<String>, Vec<String>) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("it.wasm");
    std::fs::write(&path, bytes).expect("a file");
    let request = Request::Inspect { path: path.display().to_string() };
    let Response::Inspected(info) = ask(&with_samples(), request).await else { panic!("a component") };
    let mut imports: Vec<String> = info.imports().map(|port| port.name.clone()).collect();
    imports.sort();
    (imports, info.exports().map(|port| port.name.clone()).collect())
}
