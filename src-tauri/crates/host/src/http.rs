//! Serves a component's `wasi:http/incoming-handler` on the loopback interface.
//!
//! What always holds: nothing but loopback is listened on, and a request is only passed to the
//! guest when its `Host` (and `Origin`, if there is one) names this very address, so that no web
//! page can reach a workload by way of its reader's browser (DNS rebinding).

use std::{io, net::Ipv4Addr, sync::Arc};

use bytes::Bytes;
use http::{HeaderMap, Request, Response, StatusCode, header};
use http_body_util::{BodyExt, Full};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use jackfield_protocol::{ComponentName, Listening};
use tokio::net::{TcpListener, TcpStream};
use wasmtime_wasi_http::{WasiBody, io::TokioIo};

use crate::{HostError, entry::HttpEntry, running::Inner};

/// A component that answers requests, and what it needs to.
pub(crate) struct HttpServer {
    pub(crate) component: ComponentName,
    pub(crate) inner: Arc<Inner>,
}

impl HttpServer {
    /// Listens on a port that the system chooses, and serves until told to stop.
    ///
    /// # Errors
    /// If there is no free port.
    pub(crate) async fn listen(self) -> io::Result<Listening> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let port = listener.local_addr()?.port();
        let component = self.component.clone();
        let server = Arc::new(self);
        let accepting = Arc::clone(&server).accept(listener, port);
        let stop = server.inner.context().stop.clone();
        server.inner.context().tasks.spawn(async move { stop.run_until_cancelled(accepting).await });
        Ok(Listening { component, url: format!("http://127.0.0.1:{port}/") })
    }

    async fn accept(self: Arc<Self>, listener: TcpListener, port: u16) {
        loop {
            // A connection that could not be accepted is gone; the next one may do better.
            let Ok((stream, _)) = listener.accept().await else {
                tokio::time::sleep(std::time::Duration::from_millis(10)).await;
                continue;
            };
            let server = Arc::clone(&self);
            let stop = self.inner.context().stop.clone();
            self.inner
                .context()
                .tasks
                .spawn(async move { stop.run_until_cancelled(server.connection(stream, port)).await });
        }
    }

    async fn connection(self: Arc<Self>, stream: TcpStream, port: u16) {
        let service = service_fn(|request| {
            let server = Arc::clone(&self);
            async move { Ok::<_, std::convert::Infallible>(server.answer(request, port).await) }
        });
        // What ends a connection early is the client's affair: it has gone, or sent nonsense.
        let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
    }

    async fn answer(&self, request: Request<Incoming>, port: u16) -> Response<WasiBody> {
        if let Err(reason) = check_origin(request.headers(), port) {
            return text(StatusCode::FORBIDDEN, reason);
        }
        match self.handle(request).await {
            Ok(response) => response,
            Err(error) => text(StatusCode::INTERNAL_SERVER_ERROR, format!("{error}\n")),
        }
    }

    async fn handle(&self, request: Request<Incoming>) -> Result<Response<WasiBody>, HostError> {
        let entry = HttpEntry::new(self.inner.current_entry(&self.component).await?);
        entry.handle(self.inner.context(), request).await
    }
}

fn text(status: StatusCode, text: impl Into<Bytes>) -> Response<WasiBody> {
    let body = Full::new(text.into()).map_err(|never| match never {}).boxed_unsync();
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let plain = header::HeaderValue::from_static("text/plain; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, plain);
    response
}

/// Whether a request was meant for this address.
fn check_origin(headers: &HeaderMap, port: u16) -> Result<(), &'static str> {
    let names = [format!("127.0.0.1:{port}"), format!("localhost:{port}")];
    let is_ours = |value: &header::HeaderValue, scheme: &str| {
        let value = value.to_str().ok().and_then(|value| value.strip_prefix(scheme));
        value.is_some_and(|value| names.iter().any(|name| value.eq_ignore_ascii_case(name)))
    };
    if !headers.get(header::HOST).is_some_and(|host| is_ours(host, "")) {
        return Err("this server answers only requests whose Host is its own loopback address\n");
    }
    match headers.get(header::ORIGIN) {
        Some(origin) if !is_ours(origin, "http://") => {
            Err("this server answers no requests from other web pages\n")
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(host: Option<&str>, origin: Option<&str>) -> bool {
        let mut headers = HeaderMap::new();
        for (name, value) in [(header::HOST, host), (header::ORIGIN, origin)] {
            if let Some(value) = value {
                headers.insert(name, value.parse().unwrap());
            }
        }
        check_origin(&headers, 8080).is_ok()
    }

    #[test]
    fn only_requests_for_this_very_address_pass() {
        assert!(checked(Some("127.0.0.1:8080"), None));
        assert!(checked(Some("LocalHost:8080"), Some("http://localhost:8080")));
        assert!(!checked(None, None));
        assert!(!checked(Some("127.0.0.1"), None));
        assert!(!checked(Some("evil.example:8080"), None));
        assert!(!checked(Some("127.0.0.1:8080"), Some("https://evil.example")));
        assert!(!checked(Some("127.0.0.1:8080"), Some("null")));
    }
}
