//! A workload served as an MCP server.
//!
//! | module | what it is for |
//! |---|---|
//! | `toolbox` | [`Toolbox`]: what has to be known of a workload in order to serve it, and what calls answer |
//! | `tools` | [`WorkloadTools`]: the tools that the exported functions of components become |
//! | `pages` | `tools/list`, page by page |
//! | `life` | what runs for a server, so that stopping it can wait for the end |
//! | `handler` | the protocol's requests, answered out of a toolbox |
//! | `ends` | byte streams whose client may go, or not read |
//! | `stream` | over a pair of byte streams: standard input and output, or a pipe in memory |
//! | `http` | over Streamable HTTP on this machine's loopback address |
//! | `error` | [`ServeError`] |
//!
//! What always holds: a call that has begun is never dropped halfway. It is told to stop through its
//! token, and everything here that returns from stopping has waited for it.
//!
//! Both eras of the protocol are served on the same address and stream: the revisions 2024-11-05 to
//! 2025-11-25, which begin with `initialize`, and the stateless 2026-07-28.

mod ends;
mod error;
mod handler;
mod http;
mod life;
mod pages;
mod stream;
mod toolbox;
mod tools;

pub use error::ServeError;
pub use handler::{CALL_META_KEY, FAILURE_META_KEY};
pub use http::{HttpExchange, HttpOptions, HttpServer, HttpTap};
pub use pages::PAGE_IN_TOOLS;
pub use stream::serve_stream;
pub use toolbox::{FailureKind, ServerInfo, ToolAnswer, ToolFailure, ToolFuture, Toolbox};
pub use tools::{Rendered, ToolFunction, UncallableFunction, WorkloadTools};
