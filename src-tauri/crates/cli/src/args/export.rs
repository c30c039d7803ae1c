//! What `jack export` and `jack import` can be told.

use std::path::PathBuf;

use clap::ArgGroup;

use super::WorkloadArgs;

pub(super) const EXPORT_EXAMPLES: &str = "\
What a file cannot carry (folders, environment, limits, other ways in) is listed on standard error,
with what to tell the runtime instead; with --json it is {\"files\", \"findings\", \"commands\"} on
standard output. FILE may be `-` for standard output. What the runtime does not have, a component can
stand in for, which --with puts into the export, and not into the workload.

Examples:
  jack export samples/calculator --wasm calculator.wasm
  wasmtime run --invoke 'hypotenuse(3, 4)' calculator.wasm
  jack export samples/echo-http --wasm echo.wasm --entry echo-p2
  jack export samples/plugins --wasm older.wasm --entry older --with samples/stand-ins/logging.wasm
  jack export samples/calculator --wac calculator.wac
  wac compose --deps-dir deps -o calculator.wasm calculator.wac
  jack export workload.toml --wasmcloud deployment.yaml --image job=ghcr.io/acme/job:1.0";

pub(super) const IMPORT_EXAMPLES: &str = "\
Keys that a workload file has no counterpart for are listed on standard error, each with its line.

Examples:
  jack import deployment.yaml -o workload.toml
  kubectl get workloaddeployment hello -o yaml | jack import -";

/// What to make of a workload, and where.
#[derive(Debug, clap::Args)]
#[command(group = ArgGroup::new("form").args(["wasm", "wac", "wasmcloud"]).required(true))]
pub(crate) struct ExportArgs {
    #[command(flatten)]
    pub(crate) workload: WorkloadArgs,
    /// One component of an entry and all that it reaches, for `wasmtime run` and `wasmtime serve`
    #[arg(long, value_name = "FILE")]
    pub(crate) wasm: Option<PathBuf>,
    /// A source for `wac compose`, with the components beside it in `deps`
    #[arg(long, value_name = "FILE")]
    pub(crate) wac: Option<PathBuf>,
    /// A WorkloadDeployment for wasmCloud's Kubernetes operator
    #[arg(long, value_name = "FILE")]
    pub(crate) wasmcloud: Option<PathBuf>,
    /// The component that is the way in; the service, or the only one that no other uses, if nothing is said
    #[arg(long, value_name = "COMPONENT", conflicts_with = "wasmcloud")]
    pub(crate) entry: Option<String>,
    /// A component that takes part in the export alone, linked by its types: a file, an oci:// reference, or a
    /// name in the library; may be given several times
    #[arg(long, value_name = "SOURCE")]
    pub(crate) with: Vec<String>,
    /// Where the cluster finds a component, in place of its source; may be given several times
    #[arg(long, value_name = "COMPONENT=REFERENCE", value_parser = super::edit::key_and_value, requires = "wasmcloud")]
    pub(crate) image: Vec<(String, String)>,
    /// The host name by which HTTP requests find the workload; WORKLOAD.localhost if nothing is said
    #[arg(long, value_name = "NAME", requires = "wasmcloud")]
    pub(crate) host: Option<String>,
    /// Write over files that are there
    #[arg(long)]
    pub(crate) force: bool,
}

/// Which manifest, and where its workload is to be.
#[derive(Debug, clap::Args)]
pub(crate) struct ImportArgs {
    /// The manifest; `-` for standard input
    pub(crate) manifest: PathBuf,
    /// The workload file, or a folder that is to hold a workload.toml; standard output if nothing is said
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Write over a file that is there
    #[arg(long)]
    pub(crate) force: bool,
}
