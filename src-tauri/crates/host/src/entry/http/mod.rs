//! An entry that handles HTTP requests, of `wasi:http` 0.2 or 0.3.
//!
//! Bodies are streams both ways: the guest begins before the request has ended, and its answer goes out
//! while it is written.

mod body;
mod p2;
mod p3;

use std::sync::Arc;

use http::{Request, Response};
use hyper::body::Incoming;
use tokio::sync::oneshot;
use wasmtime_wasi_http::WasiBody;

use super::{Entry, instances::Turns};
use crate::{
    HostError,
    calls::{Target, Waiting, next_call},
    failure::Failure,
    running::Context,
};

/// The package and interface of a handler of 0.3.
const HANDLER_P3: &str = "wasi:http/handler@0.3.";

/// How a guest's answer gets to who waits for it. An error is the one that the guest answered with.
type Answer = oneshot::Sender<Result<Response<WasiBody>, String>>;

/// Which `wasi:http` a component speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Version {
    P2,
    P3,
}

impl Version {
    /// What errors name as the function that was called.
    fn function(self) -> &'static str {
        match self {
            Self::P2 => "wasi:http/incoming-handler#handle",
            Self::P3 => "wasi:http/handler#handle",
        }
    }
}

/// An entry that handles HTTP requests.
pub(crate) struct HttpEntry {
    entry: Arc<Entry>,
    version: Version,
}

impl HttpEntry {
    pub(crate) fn new(entry: Arc<Entry>) -> Self {
        let is_p3 = entry.source.info().exports().any(|port| port.name.starts_with(HANDLER_P3));
        Self { entry, version: if is_p3 { Version::P3 } else { Version::P2 } }
    }

    /// Sees to it that the entry handles requests.
    ///
    /// # Errors
    /// If it does so otherwise than `wasi:http` says.
    pub(crate) fn check(&self) -> Result<(), HostError> {
        let Some(pre) = self.entry.compiled.pre() else { return Ok(()) };
        let checked = match self.version {
            Version::P2 => p2::check(pre),
            Version::P3 => p3::check(pre),
        };
        checked.map_err(|error| HostError::Compile {
            component: self.entry.component.clone(),
            reason: format!("it does not handle requests as `wasi:http` says: {error:#}"),
        })
    }

    /// Answers one request. The guest may go on after its answer has begun, to send the body.
    pub(crate) async fn handle(
        &self,
        context: &Arc<Context>,
        request: Request<Incoming>,
    ) -> Result<Response<WasiBody>, HostError> {
        let (sender, receiver) = oneshot::channel();
        let guest = run(Arc::clone(&self.entry), self.version, Arc::clone(context), request, sender);
        let guest = context.tasks.spawn(guest);
        match receiver.await {
            Ok(Ok(response)) => Ok(response),
            Ok(Err(code)) => Err(self.failed(format!("it answered with the error {code}"))),
            // The guest went without an answer, and its own result says why.
            Err(_) => match guest.await {
                Ok(Err(error)) => Err(error),
                _ => Err(self.failed("it ended without an answer")),
            },
        }
    }

    fn failed(&self, reason: impl Into<String>) -> HostError {
        let failure = Failure::new(reason).during(Some(self.version.function()));
        HostError::Failed { component: self.entry.component.clone(), failure }
    }
}

/// Runs the guest for one request, until it returns, is stopped, or has taken too long.
async fn run(
    entry: Arc<Entry>,
    version: Version,
    context: Arc<Context>,
    request: Request<Incoming>,
    answer: Answer,
) -> Result<(), HostError> {
    let (call, function) = (next_call(), version.function());
    let target = Target { component: &entry.component, function, limit: entry.time_limit };
    let waiting = Waiting::default();
    let work = async {
        let mut lease = entry.take(&context, call, Turns::None, &waiting).await?;
        let handled = match version {
            Version::P2 => p2::handle(&mut lease.live, request, answer).await,
            Version::P3 => p3::handle(&mut lease.live, request, answer).await,
        };
        handled.map_err(|error| entry.failed(&error, &lease.live.store, Some(function)))?;
        entry.give_back(lease);
        Ok(())
    };
    context.calls.run(call, target, &context.shared.ticker, &waiting, work).await
}
