//! An entry that handles HTTP requests, of `wasi:http` 0.2 or 0.3.
//!
//! Bodies are streams both ways: the guest begins before the request has ended, and its answer goes out
//! while it is written.

mod body;
mod p2;
mod p3;

use std::sync::{
    Arc,
    atomic::{AtomicU16, Ordering},
};

use http::{Request, Response};
use hyper::body::Incoming;
use jackfield_protocol::{Argument, Outcome, ProbeLevel, TraceContext};
use tokio::sync::oneshot;
use wasmtime_wasi_http::WasiBody;

use super::{
    Entry,
    instances::Turns,
    traced::{Beginning, outcome_of},
};
use crate::{
    HostError,
    calls::{Target, Waiting, next_call},
    failure::Failure,
    network::{TRACEPARENT, headers},
    running::Context,
};

/// The package and interface of a handler of 0.3.
const HANDLER_P3: &str = "wasi:http/handler@0.3.";

/// How a guest's answer gets to who waits for it.
struct Answer {
    sender: oneshot::Sender<Result<Response<WasiBody>, String>>,
    /// Its status, for the trace; 0 for none.
    status: Arc<AtomicU16>,
}

impl Answer {
    /// An error is the one that the guest answered with. Nobody may be waiting any more.
    fn send(self, given: Result<Response<WasiBody>, String>) {
        let status = given.as_ref().map_or(0, |response| response.status().as_u16());
        self.status.store(status, Ordering::Relaxed);
        let _ = self.sender.send(given);
    }
}

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
        let answer = Answer { sender, status: Arc::default() };
        let guest = run(Arc::clone(&self.entry), self.version, Arc::clone(context), request, answer);
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
    let status = Arc::clone(&answer.status);
    let asked = format!("{} {}", request.method(), request.uri().path());
    let tracing = entry.trace(
        &context,
        Beginning {
            call,
            clock: &waiting.clock,
            function: &asked,
            floor: ProbeLevel::Off,
            args: || args(&request),
            context: traceparent(&request),
        },
    );
    let work = async {
        let mut lease = entry.take(&context, call, Turns::None, &waiting).await?;
        if let Some(tracing) = &tracing {
            tracing.attach(&mut lease.live.store);
        }
        let handled = match version {
            Version::P2 => p2::handle(&mut lease.live, request, answer).await,
            Version::P3 => p3::handle(&mut lease.live, request, answer).await,
        };
        if let Some(tracing) = &tracing {
            tracing.cost(&lease.live.store);
        }
        handled.map_err(|error| entry.failed(&error, &lease.live.store, Some(function)))?;
        entry.give_back(lease);
        Ok(())
    };
    let handled = context.calls.run(call, target, &context.shared.ticker, &waiting, work).await;
    if let Some(tracing) = &tracing {
        let status = status.load(Ordering::Relaxed);
        let outcome = match &handled {
            Ok(()) if (1..500).contains(&status) => Outcome::Ok,
            Ok(()) => Outcome::Error,
            Err(error) => outcome_of(error),
        };
        tracing.end(&entry, &context, outcome, (status > 0).then(|| status.to_string()));
    }
    handled
}

/// What a trace shows of a request: where it goes, and its headers but those with secrets.
fn args(request: &Request<Incoming>) -> Vec<Argument> {
    let query = request.uri().query().map(|query| ("query", query.to_owned()));
    let query = query.map(|(name, query)| Argument { name: name.to_owned(), value: format!("{query:?}") });
    // The trace itself says which one it continues.
    let headers = headers(request.headers()).into_iter().filter(|header| header.name != TRACEPARENT);
    query.into_iter().chain(headers).collect()
}

/// The trace that the client says the request belongs to. Source: W3C Trace Context, version 00.
fn traceparent(request: &Request<Incoming>) -> Option<TraceContext> {
    let text = request.headers().get(TRACEPARENT)?.to_str().ok()?;
    TraceContext::parse(text)
}
