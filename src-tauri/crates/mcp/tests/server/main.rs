//! A toolbox served as an MCP server: on streams, on HTTP, and to real clients.

#![allow(clippy::expect_used, clippy::panic, reason = "helpers of tests fail by panicking")]

mod conformance;
mod http;
mod http_refusals;
mod peers;
mod python;
mod raw_http;
mod stopping;
mod stream;
mod toolbox;
mod workload;
