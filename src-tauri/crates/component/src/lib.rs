//! Reads WebAssembly components: what they import and export, what they are made of, and, where it
//! is not a component, what the file is instead.
//!
//! | module | what it is for |
//! |---|---|
//! | `read` | from a path or from bytes to a [`Component`]; bounds what is read |
//! | `header` | what a file is, by its first bytes: component, core module, text, archive, … |
//! | `decode` | validates the binary and walks its sections |
//! | `ports`, `names`, `types` | imports and exports as [`jackfield_protocol::Port`]s, types as WIT |
//! | `docs`, `producers` | the custom sections `jackfield:package-docs` and `producers`, read leniently |
//! | `collect`, `signature` | what functions take and give, as a graph of types that share their parts |
//! | [`schema`] | JSON Schemas for the parameters and the result of a function |
//! | [`value`] | values of these types between JSON and WAVE |
//! | `exported` | the types that interfaces declare, and which of them are the same |
//! | [`wit`] | the component's world and its interfaces as WIT text |
//! | `fit` | whether an export can satisfy an import, and where their types differ |
//! | `tools` | which functions are tools, and what they are called |
//! | `error` | [`ReadError`]: what is wrong with a file and what to do about it |
//!
//! Whatever bytes come in, the answer is a component or a [`ReadError`], never a panic, and the
//! memory used is bounded by the file's size and [`MAX_TEXT_IN_BYTES`].
//!
//! The crate must never know Wasmtime, workloads or links: it tells what a component *is*, not what
//! becomes of it. It reads types straight from the validator's tables rather than by way of
//! `wit_parser::decode`, which rebuilds a WIT package and so panics on, or refuses, components that are
//! valid but that WIT cannot write down (see `tests/component/beyond_wit.rs`).

mod collect;
mod component;
mod decode;
mod docs;
mod error;
mod exported;
mod fit;
mod header;
mod names;
mod ports;
mod producers;
mod read;
pub mod schema;
mod signature;
mod tools;
mod types;
pub mod value;
pub mod wit;

pub use component::Component;
pub use error::{ReadError, ReadProblem};
pub use fit::{PortRef, mismatch};
pub use ports::MAX_TEXT_IN_BYTES;
pub use read::{MAX_COMPONENT_IN_BYTES, read_bytes, read_file};
pub use signature::{NotCallable, Signature};
pub use tools::{MAX_TOOL_NAME_IN_CHARS, ToolSource, exported_functions, is_of_toolchain, tool_names};
