//! What leaves and comes through the workbench's own hands, as the window does it.

use std::fs;
use std::path::Path;

use jackfield_protocol::{
    Error, ExportForm, Request, Response, WorkloadId, WorkloadState, WorkloadView, WrittenExport,
};
use jackfield_tests::files::root;
use jackfield_workbench::Workbench;

use super::{open, wasm};
use crate::compose::with_samples;
use crate::workbench::ask;

async fn write(
    workbench: &Workbench,
    workload: WorkloadId,
    form: ExportForm,
    path: &Path,
    replace: bool,
) -> Response {
    let path = path.display().to_string();
    ask(workbench, Request::WriteExport { workload, form, with: Vec::new(), path, replace }).await
}

fn written(response: Response) -> WrittenExport {
    match response {
        Response::WroteExport(written) => written,
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_is_written_with_the_command_that_runs_it_and_replaced_only_if_it_is_said()
-> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let workbench = with_samples();
    let workload = open(&workbench, &root().join("samples/calculator")).await;
    let path = folder.path().join("my calculator.wasm");
    let told = written(write(&workbench, workload, wasm("hypotenuse"), &path, false).await);
    let bytes = fs::read(&path)?;
    assert!(bytes.starts_with(b"\0asm"));
    let [file] = told.files.as_slice() else { panic!("{told:?}") };
    assert_eq!(
        (file.path.as_str(), file.size_in_bytes),
        (path.to_str().expect("a path"), bytes.len() as u64)
    );
    // Ready for a shell, although the name has a space in it.
    let command = format!("wasmtime run --invoke 'hypotenuse(A, B)' '{}'", path.display());
    assert_eq!(told.commands, [command]);

    fs::write(&path, "mine")?;
    let refused = write(&workbench, workload, wasm("hypotenuse"), &path, false).await;
    assert_eq!(refused, Response::ExportInTheWay(vec![path.display().to_string()]));
    assert_eq!(fs::read_to_string(&path)?, "mine");
    written(write(&workbench, workload, wasm("hypotenuse"), &path, true).await);
    assert_eq!(fs::read(&path)?, bytes);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn one_file_in_the_way_keeps_all_of_them_from_being_written() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let workbench = with_samples();
    let workload = open(&workbench, &root().join("samples/cron")).await;
    let form = ExportForm::Wac { entry: Some("ticker".into()) };
    let in_the_way = folder.path().join("deps/part/job.wasm");
    fs::create_dir_all(in_the_way.parent().expect("a folder"))?;
    fs::write(&in_the_way, "mine")?;
    let path = folder.path().join("cron.wac");
    let refused = write(&workbench, workload, form.clone(), &path, false).await;
    assert_eq!(refused, Response::ExportInTheWay(vec![in_the_way.display().to_string()]));
    assert!(!path.exists());
    let told = written(write(&workbench, workload, form, &path, true).await);
    assert_eq!(told.files.len(), 3, "{told:?}");
    assert!(told.files.iter().all(|file| Path::new(&file.path).is_file()), "{told:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_is_not_there_is_no_place_for_it() {
    let workbench = with_samples();
    let workload = open(&workbench, &root().join("samples/calculator")).await;
    let path = "/no-such-folder/c.wasm".to_owned();
    let request =
        Request::WriteExport { workload, form: wasm("hypotenuse"), with: Vec::new(), path, replace: false };
    let error = workbench.dispatch(request).await.expect_err("no such folder");
    assert!(error.message.contains("/no-such-folder/c.wasm"), "{error}");
    assert!(error.help.is_some_and(|help| help.contains("folder")));
}

async fn open_manifest(workbench: &Workbench, text: &str) -> Result<(WorkloadView, Vec<String>), Error> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("d.yaml");
    fs::write(&path, text).expect("a file");
    match workbench.dispatch(Request::OpenManifest { path: path.display().to_string() }).await? {
        Response::OpenedManifest { workload, findings } => {
            Ok((workload, findings.iter().map(ToString::to_string).collect()))
        }
        other => panic!("{other:?}"),
    }
}

fn manifest(job: &str) -> String {
    format!(
        "apiVersion: runtime.wasmcloud.dev/v1alpha1\nkind: WorkloadDeployment\nmetadata: {{ name: hello }}\n\
         spec:\n  replicas: 3\n  template:\n    spec:\n      components:\n        - name: job\n          image: {job}\n"
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_manifest_is_opened_as_a_workload_that_runs_and_is_not_saved() {
    let workbench = with_samples();
    let opened = open_manifest(&workbench, &manifest("samples/job:0.1.0")).await;
    let (view, findings) = opened.unwrap_or_else(|error| panic!("{error}"));
    assert_eq!((view.name.as_str(), view.path, view.is_modified), ("hello", None, true));
    assert_eq!(view.plan.nodes.len(), 1);
    assert!(findings.iter().any(|finding| finding.contains("spec.replicas")), "{findings:?}");
    ask(&workbench, Request::Start(view.id)).await;
    let Response::Snapshot(now) = ask(&workbench, Request::Snapshot).await else { panic!("a snapshot") };
    assert_eq!(now.workloads.first().map(|view| view.state.clone()), Some(WorkloadState::Running));
    workbench.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_manifest_needs_and_the_library_lacks_is_what_would_have_to_be_pulled() {
    let workbench = with_samples();
    let error = open_manifest(&workbench, &manifest("ghcr.io/acme/job:1.0")).await.expect_err("not here");
    assert_eq!(error.pulls(), ["oci://ghcr.io/acme/job:1.0"]);
    let error = open_manifest(&workbench, "kind: Pod\n").await.expect_err("no manifest");
    assert!(error.to_string().contains("there is no WorkloadDeployment in it"), "{error}");
}
