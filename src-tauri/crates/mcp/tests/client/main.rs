//! The recorder, the session files and the client, against real processes and real sockets.

mod bad_http;
mod bad_process;
mod bytes;
mod calls;
mod duplex;
mod everything;
mod http;
mod http_server;
mod process;
mod sessions;
mod support;
