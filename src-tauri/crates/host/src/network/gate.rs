//! Outgoing HTTP: every request passes here, on behalf of the component that makes it.

use std::sync::{Arc, Mutex, PoisonError};

use http::{HeaderMap, HeaderName, HeaderValue, Request, Response, header};
use http_body_util::BodyExt;
use jackfield_protocol::{Argument, Outcome};
use tokio::net::TcpStream;
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody, WasiHttpHooks};

use super::{
    exchange,
    loopback::is_own_host,
    tls::{self, Stream},
};
use crate::{
    acting::Acting,
    observe::Tracer,
    permission::{Asker, Refused, default_port},
};

/// Headers that are nobody's business but the guest's.
const SECRETS: [HeaderName; 4] =
    [header::AUTHORIZATION, header::COOKIE, header::SET_COOKIE, header::PROXY_AUTHORIZATION];
/// The header of W3C Trace Context.
pub(crate) const TRACEPARENT: &str = "traceparent";

/// What becomes of one direction of an exchange, once it is over.
type Done = Box<dyn Future<Output = Result<(), Error>> + Send>;
/// The answer to a request that was sent.
type Sent = Box<dyn Future<Output = Result<(Response<WasiBody>, Done), Error>> + Send>;

/// Sends the requests of a store's members, if each may. Redirects are not followed: a component that
/// follows one makes another request, and that is decided anew.
pub(crate) struct Gate {
    askers: Vec<Asker>,
    acting: Acting,
}

impl Gate {
    pub(crate) fn new(askers: Vec<Asker>, acting: Acting) -> Self {
        Self { askers, acting }
    }

    /// Says who hears of requests from now on.
    pub(crate) fn trace_to(&mut self, tracer: Option<Arc<Mutex<Tracer>>>) {
        // All of them are of one store, and so of one call.
        if let Some(asker) = self.askers.first() {
            asker.call.trace_to(tracer);
        }
    }

    /// The member at a place, as it asks for something.
    pub(crate) fn asker(&self, place: usize) -> Option<&Asker> {
        self.askers.get(place)
    }
}

impl WasiHttpHooks for Gate {
    fn send_request(
        &mut self,
        mut request: Request<WasiBody>,
        options: Option<RequestOptions>,
        _: Done,
    ) -> Sent {
        let asker = self.asker(self.acting.get()).cloned();
        let tracer = asker.as_ref().and_then(|asker| asker.call.tracer());
        let told = asker.as_ref().zip(tracer).map(|(asker, tracer)| Told::new(asker, tracer, &mut request));
        Box::new(async move {
            // Nobody acts when no scoped function was called, and nobody has no rights.
            let asker = asker.ok_or(Error::HttpRequestDenied)?;
            let sent = send(&asker, request, options).await;
            if let Some(told) = told {
                told.end(sent.as_ref().map(|(response, _)| response.status().as_u16()));
            }
            let (response, rest) = sent.map_err(|failure| failure.error)?;
            let done: Done = Box::new(rest);
            Ok((response, done))
        })
    }
}

/// A request of which a trace tells.
struct Told {
    tracer: Arc<Mutex<Tracer>>,
    span: u32,
}

impl Told {
    /// Tells of the request, and the request of the trace unless its component has told it of another.
    fn new(asker: &Asker, tracer: Arc<Mutex<Tracer>>, request: &mut Request<WasiBody>) -> Self {
        let span = {
            let mut tracer = tracer.lock().unwrap_or_else(PoisonError::into_inner);
            if !request.headers().contains_key(TRACEPARENT)
                && let Ok(context) = HeaderValue::from_str(&tracer.outgoing_context())
            {
                request.headers_mut().insert(TRACEPARENT, context);
            }
            let asked = format!("{} {}", request.method(), request.uri());
            tracer.enter_host(&asker.component, "wasi:http", asked, headers(request.headers()))
        };
        Self { tracer, span }
    }

    fn end(self, status: Result<u16, &Failure>) {
        let outcome = match status {
            Ok(status) if status < 500 => Outcome::Ok,
            Err(Failure { is_denied: true, .. }) => Outcome::Denied,
            Ok(_) | Err(_) => Outcome::Error,
        };
        let result = status.map_or_else(|failure| failure.error.to_string(), |status| status.to_string());
        let mut tracer = self.tracer.lock().unwrap_or_else(PoisonError::into_inner);
        tracer.leave_host(self.span, outcome, Some(result));
    }
}

/// Why there is no answer.
struct Failure {
    error: Error,
    /// Whether a grant would have helped.
    is_denied: bool,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self { error, is_denied: false }
    }
}

/// What a trace shows of headers: all but those with secrets.
pub(crate) fn headers(headers: &HeaderMap) -> Vec<Argument> {
    let headers = headers.iter().filter(|(name, _)| !SECRETS.contains(name));
    let argument = |(name, value): (&HeaderName, &HeaderValue)| Argument {
        name: name.as_str().into(),
        value: format!("{:?}", String::from_utf8_lossy(value.as_bytes())),
    };
    headers.map(argument).collect()
}

async fn send(
    asker: &Asker,
    request: Request<WasiBody>,
    options: Option<RequestOptions>,
) -> Result<(Response<WasiBody>, impl Future<Output = Result<(), Error>> + Send + use<>), Failure> {
    let uri = request.uri();
    let scheme = uri.scheme_str().ok_or(Error::HttpRequestUriInvalid)?.to_owned();
    let host = uri.host().ok_or(Error::HttpRequestUriInvalid)?.to_owned();
    let port = uri.port_u16().or_else(|| default_port(&scheme)).ok_or(Error::HttpRequestUriInvalid)?;
    let times = exchange::Times::of(options);
    let stream = tokio::time::timeout(times.connect, connect(asker, &scheme, &host, port))
        .await
        .map_err(|_| Error::ConnectionTimeout)??;
    let (response, rest) = exchange::exchange(stream, request, times).await?;
    Ok((response.map(BodyExt::boxed_unsync), rest))
}

/// Connects to another component of the workload, if one listens there, or else to where the component
/// may.
async fn connect(asker: &Asker, scheme: &str, host: &str, port: u16) -> Result<Box<dyn Stream>, Failure> {
    let stream = match asker.boundary.loopback.tcp.dial(host, port).await {
        Some(stream) => stream,
        None => {
            let addresses = asker.reach(scheme, host, port).await.map_err(|refused| match refused {
                // Where nobody listens a connection is refused, whether one could be granted there or not.
                Refused::Denied if is_own_host(host) => {
                    Failure { error: Error::ConnectionRefused, is_denied: true }
                }
                Refused::Denied => Failure { error: Error::HttpRequestDenied, is_denied: true },
                Refused::NotFound => Error::DnsError { rcode: None, info_code: None }.into(),
            })?;
            TcpStream::connect(&*addresses).await
        }
    };
    Ok(tls::secure(stream.map_err(Error::Connect)?, scheme, host).await?)
}
