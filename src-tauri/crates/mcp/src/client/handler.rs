//! What the SDK asks on behalf of the server: everything is refused, in the words of the protocol, because a server
//! that gets no answer waits for ever.

#![expect(deprecated, reason = "servers of the handshake revisions still ask for sampling and roots")]

use std::future::{Ready, ready};

use rmcp::ClientHandler;
use rmcp::RoleClient;
use rmcp::model::{
    ClientCapabilities, ClientConfig, CreateMessageRequestParams, CreateMessageResult, ElicitRequestParams,
    ElicitResult, ErrorCode, ErrorData, Implementation, ListRootsResult, ProtocolVersion,
};
use rmcp::service::RequestContext;

/// Answers pings and refuses all else. Notifications are taken at the desk.
pub(super) struct Refusing;

fn refused<T>(what: &str) -> Ready<Result<T, ErrorData>> {
    let message = format!("{what} not supported by Jackfield");
    ready(Err(ErrorData::new(ErrorCode::METHOD_NOT_FOUND, message, None)))
}

impl ClientHandler for Refusing {
    fn create_message(
        &self,
        _params: CreateMessageRequestParams,
        _context: RequestContext<RoleClient>,
    ) -> impl Future<Output = Result<CreateMessageResult, ErrorData>> + Send + '_ {
        refused("sampling is")
    }

    fn list_roots(
        &self,
        _context: RequestContext<RoleClient>,
    ) -> impl Future<Output = Result<ListRootsResult, ErrorData>> + Send + '_ {
        refused("roots are")
    }

    fn create_elicitation(
        &self,
        _request: ElicitRequestParams,
        _context: RequestContext<RoleClient>,
    ) -> impl Future<Output = Result<ElicitResult, ErrorData>> + Send + '_ {
        refused("elicitation is")
    }

    fn get_info(&self) -> ClientConfig {
        let jackfield = Implementation::new("jackfield", env!("CARGO_PKG_VERSION")).with_title("Jackfield");
        ClientConfig::new(ClientCapabilities::default(), jackfield)
            .with_protocol_version(ProtocolVersion::LATEST_WITH_INITIALIZE)
    }
}
