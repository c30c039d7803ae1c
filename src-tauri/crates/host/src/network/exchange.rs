//! One HTTP/1.1 request and its answer over a connection of their own.

use std::{
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use http::{Request, Response, Uri};
use http_body_util::BodyExt;
use hyper::{
    body::{Body, Frame, Incoming, SizeHint},
    client::conn::http1,
};
use tokio::time::{Instant, Sleep, sleep};
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody, io::TokioIo};

use super::tls::Stream;

/// How long a guest waits that says nothing about it.
const DEFAULT_TIME: Duration = Duration::from_secs(600);

/// How long to wait for what.
#[derive(Debug, Clone, Copy)]
pub(super) struct Times {
    pub(super) connect: Duration,
    first_byte: Duration,
    between_bytes: Duration,
}

impl Times {
    pub(super) fn of(options: Option<RequestOptions>) -> Self {
        let time = |of: fn(&RequestOptions) -> Option<Duration>| {
            options.as_ref().and_then(of).unwrap_or(DEFAULT_TIME)
        };
        Self {
            connect: time(|options| options.connect_timeout),
            first_byte: time(|options| options.first_byte_timeout),
            between_bytes: time(|options| options.between_bytes_timeout),
        }
    }
}

/// Sends a request. The connection lives on in the future that comes with the response: the body
/// arrives only while that is polled.
pub(super) async fn exchange(
    stream: Box<dyn Stream>,
    mut request: Request<WasiBody>,
    times: Times,
) -> Result<
    (
        Response<impl Body<Data = Bytes, Error = Error> + Send + use<>>,
        impl Future<Output = Result<(), Error>> + Send + use<>,
    ),
    Error,
> {
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    *request.uri_mut() = origin_form(request.uri());
    let mut connection = Box::pin(connection);
    let (response, rest) = {
        let answer = tokio::time::timeout(times.first_byte, sender.send_request(request));
        let mut answer = std::pin::pin!(answer);
        tokio::select! {
            answer = &mut answer => (answer, Some(connection)),
            ended = &mut connection => {
                ended?;
                (answer.await, None)
            }
        }
    };
    let response = response.map_err(|_| Error::ConnectionReadTimeout)??;
    let response = response.map(|body| Patient::new(body, times.between_bytes).boxed_unsync());
    let rest = async move {
        match rest {
            Some(connection) => connection.await.map_err(Error::from),
            None => Ok(()),
        }
    };
    Ok((response, rest))
}

/// What stands in the request line: the path, because the connection itself says where to.
fn origin_form(uri: &Uri) -> Uri {
    let path = uri.path_and_query().cloned();
    Uri::from(path.unwrap_or_else(|| http::uri::PathAndQuery::from_static("/")))
}

/// A body of which each part must come in time.
struct Patient {
    body: Incoming,
    between: Duration,
    wait: Pin<Box<Sleep>>,
}

impl Patient {
    fn new(body: Incoming, between: Duration) -> Self {
        Self { body, between, wait: Box::pin(sleep(between)) }
    }
}

impl Body for Patient {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        if let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(cx) {
            let next = Instant::now() + self.between;
            self.wait.as_mut().reset(next);
            return Poll::Ready(frame.map(|frame| frame.map_err(Error::from)));
        }
        self.wait.as_mut().poll(cx).map(|()| Some(Err(Error::ConnectionReadTimeout)))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
