//! Manifests for wasmCloud's Kubernetes operator: `WorkloadDeployment` of `runtime.wasmcloud.dev/v1alpha1`, as the
//! operator's custom resource definition of release 2.7 has it.
//!
//! What a manifest has no key for is said in annotations where it is a name, so that a manifest that is read
//! back gives the same names.
//!
#![doc = include_str!("../../docs/wasmcloud.md")]

mod instances;
mod names;
mod read;
mod write;

pub(crate) use read::import;
pub(crate) use write::export;

const API_VERSION: &str = "runtime.wasmcloud.dev/v1alpha1";
const KIND: &str = "WorkloadDeployment";

/// Annotations of Jackfield's own, which the operator does not look at.
const NAME: &str = "jackfield/name";
const NAMESPACE: &str = "jackfield/namespace";
const SERVICE: &str = "jackfield/service";
