//! An entry that handles HTTP requests of `wasi:http` 0.2.

use std::sync::Arc;

use http::{Request, Response};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use jackfield_protocol::CallId;
use tokio::sync::oneshot;
use wasmtime_wasi_http::{
    WasiBody, WasiHttpView,
    p2::{
        bindings::{
            Proxy, ProxyPre,
            http::types::{ErrorCode, Scheme},
        },
        body::HyperOutgoingBody,
    },
};

use super::{Entry, instances::Turns};
use crate::{
    HostError,
    calls::{Target, Waiting, next_call},
    failure::Failure,
    running::Context,
};

/// What errors name as the function that was called.
const HANDLE: &str = "wasi:http/incoming-handler#handle";

type Answer = oneshot::Sender<Result<Response<HyperOutgoingBody>, ErrorCode>>;

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
        let Some(pre) = self.entry.compiled.pre() else { return Ok(()) };
        ProxyPre::new(pre.clone()).map(drop).map_err(|error| HostError::Compile {
            component: self.entry.component.clone(),
            reason: format!("it does not handle requests as `wasi:http` 0.2 says: {error:#}"),
        })
    }

    /// Answers one request. The guest may go on after its answer has begun, to send the body.
    pub(crate) async fn handle(
        &self,
        context: &Arc<Context>,
        request: Request<Incoming>,
    ) -> Result<Response<WasiBody>, HostError> {
        let (sender, receiver) = oneshot::channel();
        let guest = run(Arc::clone(&self.entry), Arc::clone(context), request, sender);
        let guest = context.tasks.spawn(guest);
        match receiver.await {
            Ok(Ok(response)) => Ok(response.map(|body| body.map_err(Into::into).boxed_unsync())),
            Ok(Err(code)) => Err(self.failed(format!("it answered with the error {code:?}"))),
            // The guest went without an answer, and its own result says why.
            Err(_) => match guest.await {
                Ok(Err(error)) => Err(error),
                _ => Err(self.failed("it ended without an answer")),
            },
        }
    }

    fn failed(&self, reason: impl Into<String>) -> HostError {
        let failure = Failure::new(reason).during(Some(HANDLE));
        HostError::Failed { component: self.entry.component.clone(), failure }
    }
}

/// Runs the guest for one request, until it returns, is stopped, or has taken too long.
async fn run(
    entry: Arc<Entry>,
    context: Arc<Context>,
    request: Request<Incoming>,
    answer: Answer,
) -> Result<(), HostError> {
    let call = next_call();
    let target = Target { component: &entry.component, function: HANDLE, limit: entry.time_limit };
    let waiting = Waiting::default();
    let work = handle(&entry, &context, call, request, answer, &waiting);
    context.calls.run(call, target, &context.shared.ticker, &waiting, work).await
}

async fn handle(
    entry: &Arc<Entry>,
    context: &Arc<Context>,
    call: CallId,
    request: Request<Incoming>,
    answer: Answer,
    waiting: &Waiting,
) -> Result<(), HostError> {
    let mut lease = entry.take(context, call, Turns::None, waiting).await?;
    let (store, instance) = (&mut lease.live.store, &lease.live.instance);
    let work = async {
        let request = store.data_mut().http().new_incoming_request(Scheme::Http, request)?;
        let out = store.data_mut().http().new_response_outparam(answer)?;
        let proxy = Proxy::new(&mut *store, instance)?;
        proxy.wasi_http_incoming_handler().call_handle(&mut *store, request, out).await
    };
    match work.await {
        Ok(()) => {
            entry.give_back(lease);
            Ok(())
        }
        Err(error) => Err(entry.failed(&error, store, Some(HANDLE))),
    }
}
