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
use jackfield_component::Component;
use jackfield_protocol::{Argument, CallId, ComponentName, LogStream, Outcome, ProbeLevel, TraceContext};
use tokio::sync::oneshot;
use wasmtime::component::InstancePre;
use wasmtime_wasi_http::{WasiBody, p2::bindings::ProxyIndices, p3::bindings::ServiceIndices};

use super::{
    Entry,
    instances::Turns,
    traced::{Beginning, Tracing, outcome_of},
};
use crate::{
    HostError,
    calls::{CurrentCall, Target, Waiting, next_call},
    failure::Failure,
    network::{TRACEPARENT, headers},
    running::Context,
    stdio::{LineSink, LineStream},
    store::State,
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

/// Which `wasi:http` a component speaks, and where in it the handler is.
pub(super) enum Handler {
    P2(ProxyIndices),
    P3(ServiceIndices),
}

impl Handler {
    fn new(source: &Component, pre: &InstancePre<State>) -> wasmtime::Result<Self> {
        match source.info().exports().any(|port| port.name.starts_with(HANDLER_P3)) {
            true => ServiceIndices::new(pre).map(Self::P3),
            false => ProxyIndices::new(pre).map(Self::P2),
        }
    }

    /// What errors name as the function that was called.
    fn function(&self) -> &'static str {
        match self {
            Self::P2(_) => "wasi:http/incoming-handler#handle",
            Self::P3(_) => "wasi:http/handler#handle",
        }
    }
}

impl Entry {
    /// How it handles requests; found once.
    fn handler(&self) -> Result<&Handler, HostError> {
        if let Some(handler) = self.handler.get() {
            return Ok(handler);
        }
        let found = self.compiled.pre().map(|pre| Handler::new(&self.source, pre));
        let handler = found.unwrap_or_else(|| Err(wasmtime::format_err!("it is not compiled")));
        let handler = handler.map_err(|error| HostError::Compile {
            component: self.component.clone(),
            reason: format!("it does not handle requests as `wasi:http` says: {error:#}"),
        })?;
        Ok(self.handler.get_or_init(|| handler))
    }
}

/// An entry that handles HTTP requests.
pub(crate) struct HttpEntry {
    entry: Arc<Entry>,
}

impl HttpEntry {
    pub(crate) fn new(entry: Arc<Entry>) -> Self {
        Self { entry }
    }

    /// Sees to it that the entry handles requests.
    ///
    /// # Errors
    /// If it does so otherwise than `wasi:http` says.
    pub(crate) fn check(&self) -> Result<(), HostError> {
        self.entry.handler().map(drop)
    }

    /// Answers one request. The guest may go on after its answer has begun, to send the body.
    pub(crate) async fn handle(
        &self,
        context: &Arc<Context>,
        request: Request<Incoming>,
    ) -> Result<Response<WasiBody>, HostError> {
        let (sender, receiver) = oneshot::channel();
        let answer = Answer { sender, status: Arc::default() };
        let function = self.entry.handler()?.function();
        let asked = asked(&request);
        let guest = run(Arc::clone(&self.entry), Arc::clone(context), request, answer);
        let guest = context.tasks.spawn(guest);
        match receiver.await {
            Ok(Ok(response)) => Ok(response),
            Ok(Err(code)) => {
                Err(self.failed(context, &asked, function, &format!("it answered with the error {code}")))
            }
            // The guest went without an answer, and its own result says why.
            Err(_) => match guest.await {
                Ok(Err(error)) => Err(error),
                _ => Err(self.failed(context, &asked, function, "it ended without an answer")),
            },
        }
    }

    fn failed(&self, context: &Context, asked: &str, function: &str, reason: &str) -> HostError {
        let failure = Failure::new(reason).during(Some(function));
        let error = HostError::Failed { component: self.entry.component.clone(), failure };
        log(context, &self.entry.component, None, asked, &error);
        error
    }
}

/// Says in the log why a request failed: its client is told of it, and otherwise nobody would be.
fn log(context: &Context, component: &ComponentName, call: Option<CallId>, asked: &str, error: &HostError) {
    // Whoever stops it knows.
    if matches!(error, HostError::Cancelled { .. } | HostError::Stopped) {
        return;
    }
    let sink = LineSink {
        observer: Arc::clone(&context.observer),
        component: component.clone(),
        stream: LogStream::Host,
        call,
        current: CurrentCall::default(),
    };
    let help = error.help().map(|help| format!("{help}\n")).unwrap_or_default();
    LineStream::new(sink).put(format!("{asked}: {error}\n{help}").as_bytes());
}

/// What is asked for, in a few words.
fn asked(request: &Request<Incoming>) -> String {
    format!("{} {}", request.method(), request.uri().path())
}

/// Runs the guest for one request, until it returns, is stopped, or has taken too long.
async fn run(
    entry: Arc<Entry>,
    context: Arc<Context>,
    request: Request<Incoming>,
    answer: Answer,
) -> Result<(), HostError> {
    let handler = entry.handler()?;
    let (call, function) = (next_call(), handler.function());
    let target = Target { component: &entry.component, function, limit: entry.time_limit };
    let waiting = Waiting::default();
    let status = Arc::clone(&answer.status);
    let asked = asked(&request);
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
    // On the heap, because it is large and goes through many hands.
    let work = Box::pin(async {
        let mut lease = entry.take(&context, call, Turns::None, &waiting).await?;
        let metered = Tracing::meter(tracing.as_ref(), &mut lease.live);
        let handled = match handler {
            Handler::P2(indices) => p2::handle(indices, metered.live, request, answer).await,
            Handler::P3(indices) => p3::handle(indices, metered.live, request, answer).await,
        };
        drop(metered);
        handled.map_err(|error| entry.failed(&error, &lease.live.store, Some(function)))?;
        entry.give_back(lease);
        Ok(())
    });
    let handled = context.calls.run(call, target, context.shared.engines.ticker(), &waiting, work).await;
    if let Some(tracing) = &tracing {
        let status = status.load(Ordering::Relaxed);
        let outcome = match &handled {
            Ok(()) if (1..500).contains(&status) => Outcome::Ok,
            Ok(()) => Outcome::Error,
            Err(error) => outcome_of(error),
        };
        tracing.end(&entry, &context, outcome, (status > 0).then(|| status.to_string()));
    }
    if let Err(error) = &handled {
        log(&context, &entry.component, Some(call), &asked, error);
    }
    handled
}

/// What a trace shows of a request: where it goes, and its headers but those with secrets.
fn args(request: &Request<Incoming>) -> Vec<Argument> {
    let query = request.uri().query().map(|query| ("query", query.to_owned()));
    let query = query.map(|(name, query)| Argument { name: name.into(), value: format!("{query:?}") });
    // The trace itself says which one it continues.
    let headers = headers(request.headers()).into_iter().filter(|header| header.name != TRACEPARENT);
    query.into_iter().chain(headers).collect()
}

/// The trace that the client says the request belongs to. Source: W3C Trace Context, version 00.
fn traceparent(request: &Request<Incoming>) -> Option<TraceContext> {
    let text = request.headers().get(TRACEPARENT)?.to_str().ok()?;
    TraceContext::parse(text)
}
