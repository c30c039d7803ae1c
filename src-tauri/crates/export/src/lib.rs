//! The ways out of Jackfield, and a way in: a workload as one component, as a source for `wac`, and as a manifest
//! for wasmCloud.
//!
//! What a form cannot carry is a finding, never left out without a word. Nothing is read or
//! written here: files are the business of whoever asks.
//!
//! | module | what it is for |
//! |---|---|
//! | `entry` | which component is the way in |
//! | `fused` | one component of it and all that it reaches |
//! | `settings` | what the workload file says that a component cannot carry |
//! | `runtime` | what `wasmtime`'s command line has to be told |
//! | `wac` | a source for `wac`, and the components that it names |
//! | `wasmcloud` | manifests for wasmCloud's Kubernetes operator, out and in |
//! | `yaml` | as much of YAML as manifests need, with places |

mod entry;
mod error;
mod fused;
mod runtime;
mod settings;
mod wac;
mod wasmcloud;
mod yaml;

use jackfield_host::workload::Loaded;
use jackfield_protocol::{ComponentName, ExportForm, Exported, ExportedFile, Imported, Plan};

pub use error::{ExportError, ImportError};

/// Makes of a workload what other runtimes take.
///
/// The components `stand_ins` are in the workload for that alone: they are no ways in, unless one is named as the
/// entry, and what they take the place of is told.
///
/// # Errors
/// If the workload cannot run as it is, or it is not clear what is wanted of it.
pub fn export(
    loaded: &Loaded,
    plan: &Plan,
    stand_ins: &[ComponentName],
    form: &ExportForm,
) -> Result<Exported, ExportError> {
    if !plan.is_runnable() {
        return Err(ExportError::NotRunnable { diagnostics: plan.diagnostics.clone() });
    }
    let parcel = Parcel { loaded, plan, stand_ins };
    match form {
        ExportForm::Wasm { entry } => fused::export(parcel, entry.as_ref()),
        ExportForm::Wac { entry } => wac::export(parcel, entry.as_ref()),
        ExportForm::Wasmcloud { images, host } => wasmcloud::export(loaded, plan, images, host.as_deref()),
    }
}

/// Makes a workload file of a manifest for wasmCloud's Kubernetes operator, which is or would be the file `path`.
///
/// # Errors
/// If it is not YAML, has no `WorkloadDeployment`, or says what no workload file can be made of: all of
/// its problems at once, each with its place.
pub fn import(text: &str, path: &str) -> Result<Imported, ImportError> {
    wasmcloud::import(text, path)
}

/// What is to leave.
#[derive(Clone, Copy)]
struct Parcel<'a> {
    loaded: &'a Loaded,
    plan: &'a Plan,
    /// The components that are there for the export alone.
    stand_ins: &'a [ComponentName],
}

/// The file that was asked for.
fn first_file(bytes: Vec<u8>) -> ExportedFile {
    ExportedFile { path: String::new(), bytes }
}
