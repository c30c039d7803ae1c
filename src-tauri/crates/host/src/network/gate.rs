//! Outgoing HTTP: every request passes here, on behalf of the component that makes it.

use http::{Request, Response};
use http_body_util::BodyExt;
use tokio::net::TcpStream;
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody, WasiHttpHooks};

use super::{
    exchange,
    tls::{self, Stream},
};
use crate::{
    acting::Acting,
    permission::{Asker, Refused, default_port},
};

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

    /// The member at a place, as it asks for something.
    pub(crate) fn asker(&self, place: usize) -> Option<&Asker> {
        self.askers.get(place)
    }
}

impl WasiHttpHooks for Gate {
    fn send_request(&mut self, request: Request<WasiBody>, options: Option<RequestOptions>, _: Done) -> Sent {
        let asker = self.asker(self.acting.get()).cloned();
        Box::new(async move {
            // Nobody acts when no scoped function was called, and nobody has no rights.
            let asker = asker.ok_or(Error::HttpRequestDenied)?;
            let (response, rest) = send(&asker, request, options).await?;
            let done: Done = Box::new(rest);
            Ok((response, done))
        })
    }
}

async fn send(
    asker: &Asker,
    request: Request<WasiBody>,
    options: Option<RequestOptions>,
) -> Result<(Response<WasiBody>, impl Future<Output = Result<(), Error>> + Send + use<>), Error> {
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
async fn connect(asker: &Asker, scheme: &str, host: &str, port: u16) -> Result<Box<dyn Stream>, Error> {
    let stream = match asker.boundary.loopback.dial(host, port).await {
        Some(stream) => stream,
        None => {
            let addresses = asker.reach(scheme, host, port).await.map_err(|refused| match refused {
                Refused::Denied => Error::HttpRequestDenied,
                Refused::NotFound => Error::DnsError { rcode: None, info_code: None },
            })?;
            TcpStream::connect(&*addresses).await
        }
    };
    tls::secure(stream.map_err(Error::Connect)?, scheme, host).await
}
