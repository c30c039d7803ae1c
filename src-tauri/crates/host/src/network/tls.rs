//! Connections for requests: TLS where the scheme says so, by the certificates that this machine trusts.

use std::{
    io,
    sync::{Arc, OnceLock},
};

use rustls::{ClientConfig, pki_types::ServerName};
use rustls_platform_verifier::BuilderVerifierExt;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
};
use tokio_rustls::TlsConnector;
use wasmtime_wasi_http::Error;

/// A connection, encrypted or not.
pub(super) trait Stream: AsyncRead + AsyncWrite + Send + Unpin + 'static {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin + 'static> Stream for T {}

/// Makes a connection ready for requests, with TLS if the scheme says so. Certificates are checked
/// against `host`.
pub(super) async fn secure(stream: TcpStream, scheme: &str, host: &str) -> Result<Box<dyn Stream>, Error> {
    // Requests are written at once, so waiting for more only delays them. A stream that does not know
    // the option works as well.
    let _ = stream.set_nodelay(true);
    if scheme != "https" {
        return Ok(Box::new(stream));
    }
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    let name = ServerName::try_from(bare.to_owned()).map_err(|_| Error::HttpRequestUriInvalid)?;
    let connector = TlsConnector::from(tls()?);
    let stream = connector.connect(name, stream).await.map_err(|error| tls_error(&error))?;
    Ok(Box::new(stream))
}

/// The certificates that this machine trusts.
fn tls() -> Result<Arc<ClientConfig>, Error> {
    static TLS: OnceLock<Arc<ClientConfig>> = OnceLock::new();
    if let Some(tls) = TLS.get() {
        return Ok(Arc::clone(tls));
    }
    let error = |error: rustls::Error| Error::InternalError(Some(format!("TLS cannot be used: {error}")));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let tls = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(error)?
        .with_platform_verifier()
        .map_err(error)?
        .with_no_client_auth();
    Ok(Arc::clone(TLS.get_or_init(|| Arc::new(tls))))
}

fn tls_error(error: &io::Error) -> Error {
    match error.get_ref().and_then(|cause| cause.downcast_ref::<rustls::Error>()) {
        Some(rustls::Error::InvalidCertificate(_)) => Error::TlsCertificateError,
        Some(_) => Error::TlsProtocolError,
        None => Error::Tls(io::Error::new(error.kind(), error.to_string())),
    }
}
