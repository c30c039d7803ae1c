//! Components made on the spot, from WAT and from WIT, and read back; values of their types.

#![allow(clippy::expect_used, clippy::panic, reason = "helpers of tests fail by panicking")]

mod bad_files;
mod beyond_wit;
mod describing;
mod documented;
mod generate;
mod robustness;
mod schema_cases;
mod signatures;
mod support;
mod validator;
mod values;
mod wit_text;
