//! The client inside: connections to MCP servers, each recorded at the bytes.
//!
//! A [`Connection`] leads to a workload that runs here, to a child process or to a URL. What is asked over it is
//! answered with the server's own JSON, so that fields that nobody knows yet are still seen. Whatever goes
//! wrong is a [`Failure`] that says what to do.

mod connection;
mod desk;
mod failure;
mod handler;
mod http;
mod lines;
mod process;
mod raw;
mod requests;
mod startup;

use std::time::Duration;

use jackfield_protocol::{Endpoint, Ticket};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_util::sync::CancellationToken;

pub use connection::Connection;
pub use desk::Notices;
pub use failure::Failure;
pub use http::UrlSpec;
pub use process::ProcessSpec;
pub use startup::Era;

use crate::record::MAX_FRAME_BYTES;

/// What a connection leads to.
pub enum Target {
    /// Something that speaks over a pipe in this process: a workload.
    Stream(Box<dyn Duplex>),
    /// A child process, over its standard input and output.
    Process(ProcessSpec),
    /// A Streamable HTTP server.
    Url(UrlSpec),
}

/// Both directions of a pipe.
pub trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Duplex for T {}

impl Target {
    /// The other end of a pipe.
    pub fn stream(stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static) -> Self {
        Self::Stream(Box::new(stream))
    }

    /// What an endpoint names. Nothing for a workload: only whoever runs it can give the pipe to it.
    #[must_use]
    pub fn of(endpoint: &Endpoint) -> Option<Self> {
        match endpoint.clone() {
            Endpoint::Workload(_) => None,
            Endpoint::Process { command, args, env, folder } => {
                Some(Self::Process(ProcessSpec { command, args, env, folder }))
            }
            Endpoint::Url { url, headers } => Some(Self::Url(UrlSpec { url, headers })),
        }
    }
}

/// How a connection is made.
#[derive(Debug, Clone)]
pub struct ConnectOptions {
    /// How long the server has to answer the handshake.
    pub handshake_timeout: Duration,
    /// How long it has for everything else but calls of tools, which say so themselves.
    pub answer_timeout: Duration,
    /// The longest frame that is taken from it.
    pub max_frame_bytes: usize,
    /// Which era of the protocol to speak.
    pub era: Era,
}

impl Default for ConnectOptions {
    fn default() -> Self {
        Self {
            handshake_timeout: Duration::from_secs(30),
            answer_timeout: Duration::from_secs(60),
            max_frame_bytes: MAX_FRAME_BYTES,
            era: Era::default(),
        }
    }
}

/// What goes with a single request.
#[derive(Debug, Clone, Default)]
pub struct AskOptions {
    /// Tells its progress from that of others. Without one, none is told.
    pub ticket: Option<Ticket>,
    /// Calls it off. The server is told.
    pub cancel: CancellationToken,
}
