//! Looking for input that breaks what reads it. Each test here is a target.
//!
//! Every run of the tests checks each target's corpus (`tests/fuzz/TARGET`), the real files that it begins
//! with, and a second of inputs from a seed that never changes. `cargo xtask fuzz` goes on for minutes, from
//! a seed of its own. What it finds is made small and written into the corpus, so that it stays found.
//!
//! | module | what it is for |
//! |---|---|
//! | `driver` | runs a target: for how long, what it makes of a finding, of a hang and of a dead process |
//! | `mutate` | changes real input in one to four places |
//! | `worlds` | components of generated worlds, as real toolchains encode them |
//! | `reader`, `workload_file`, `values`, `planner` | the targets |
//!
//! Inputs are changed blindly: nothing tells which way the code under test went. Tools that know (libFuzzer,
//! by `cargo fuzz` or `bolero`) must instrument all that they call, Wasmtime with it, in another build. What
//! makes up for that is where inputs come from: real files, and generators that know the structure, driven
//! by bytes so that their input can be changed and made smaller, too. The generators are our own, because
//! `wit-smith` and `wasm-smith` change a feature of `arbitrary`, which Cranelift has, too, and so would have
//! Wasmtime built once more for the tests.

mod driver;
mod mutate;
mod planner;
mod reader;
mod values;
mod workload_file;
mod worlds;

// How the tests of values make types, values, and values that do not fit.
#[path = "../../../../src-tauri/crates/component/tests/component/generate.rs"]
mod generate;
#[path = "../../../../src-tauri/crates/component/tests/component/validator.rs"]
mod validator;
