//! Why a workload could not be served.

use std::io;

use jackfield_protocol::{Error, ErrorKind};

/// Why a workload could not be served.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// Somebody else listens there.
    #[error("the port {port} of this machine is taken")]
    PortTaken {
        /// The port.
        port: u16,
    },
    /// The system does not allow the port.
    #[error("the port {port} may not be used without special rights")]
    PortForbidden {
        /// The port.
        port: u16,
    },
    /// The port could not be opened for another reason.
    #[error("cannot listen on the port {port} of this machine")]
    Listen {
        /// The port; 0 if any free one would have done.
        port: u16,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// What came in did not begin as MCP does.
    #[error("the client did not begin as an MCP client does: {reason}")]
    Handshake {
        /// What came instead.
        reason: String,
    },
}

impl ServeError {
    pub(super) fn listen(port: u16, source: io::Error) -> Self {
        match source.kind() {
            io::ErrorKind::AddrInUse => Self::PortTaken { port },
            io::ErrorKind::PermissionDenied => Self::PortForbidden { port },
            _ => Self::Listen { port, source },
        }
    }

    /// What can be done about it.
    #[must_use]
    pub fn help(&self) -> &'static str {
        match self {
            Self::PortTaken { .. } => {
                "end what listens there, choose another port, or name none to get a free one"
            }
            Self::PortForbidden { .. } => "choose a port from 1024 on, or name none to get a free one",
            Self::Listen { .. } => "choose another port, or name none to get a free one",
            Self::Handshake { .. } => {
                "the first message has to be an `initialize` request, or any request of the revision 2026-07-28"
            }
        }
    }
}

impl From<ServeError> for Error {
    fn from(error: ServeError) -> Self {
        let cause = match &error {
            ServeError::Listen { source, .. } => format!(": {source}"),
            _ => String::new(),
        };
        Self::new(ErrorKind::Mcp, format!("{error}{cause}")).with_help(error.help())
    }
}
