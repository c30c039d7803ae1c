//! As much of YAML as manifests need: a tree with places to read, and text to write.

mod emit;
mod tree;

pub(crate) use emit::{Value, document};
pub(crate) use tree::{Node, NodeKind, documents};
