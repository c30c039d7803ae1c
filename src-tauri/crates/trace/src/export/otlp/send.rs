//! Sending to a collector: OTLP over HTTP, in protobuf.

use std::time::Duration;

use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig as _, WithHttpConfig as _};
use opentelemetry_sdk::trace::{SpanData, SpanExporter as _};
use reqwest::Url;

use super::batch::Batch;
use super::courier::Courier;
use super::resource;
use crate::export::{SendError, Source};

/// Where collectors take traces, below the address that people know.
const TRACES_PATH: &str = "v1/traces";

/// How traces are sent.
#[derive(Debug, Clone)]
pub struct SendOptions {
    /// How long one request may take, with what is tried again of it.
    pub limit: Duration,
}

impl Default for SendOptions {
    fn default() -> Self {
        Self { limit: Duration::from_secs(10) }
    }
}

/// Sends traces to a collector, and tells how many there were. What is busy or not there for a moment is tried
/// again. Headers for credentials come from `OTEL_EXPORTER_OTLP_HEADERS`, as OpenTelemetry has it.
///
/// # Errors
/// If a trace cannot be read, or the collector cannot be reached, or does not take all of them. What was sent before
/// stays there, and sending it again makes nothing of it twice, because ids are the same each time.
pub async fn send(endpoint: &str, traces: impl Source, options: &SendOptions) -> Result<u64, SendError> {
    let url = traces_url(endpoint)?;
    let courier = Courier::new(&url, options.limit)?;
    let mut batch = Batch::default();
    let mut count = 0;
    for trace in traces {
        let trace = trace?;
        if !batch.takes(&trace) {
            deliver(&mut batch, &courier, &url, options).await?;
        }
        batch.add(&trace);
        count += 1;
    }
    deliver(&mut batch, &courier, &url, options).await?;
    Ok(count)
}

async fn deliver(
    batch: &mut Batch,
    courier: &Courier,
    url: &Url,
    options: &SendOptions,
) -> Result<(), SendError> {
    let Some((workload, spans)) = batch.take() else { return Ok(()) };
    let other = |reason: String| SendError::Other { url: url.to_string(), reason };
    let mut exporter = SpanExporter::builder()
        .with_http()
        .with_http_client(courier.clone())
        .with_endpoint(url.as_str())
        .with_protocol(Protocol::HttpBinary)
        .with_timeout(options.limit)
        .build()
        .map_err(|error| other(error.to_string()))?;
    exporter.set_resource(&resource(&workload));
    let sent = export(&exporter, spans).await;
    match (courier.take_failure(), sent) {
        (Some(failure), _) => Err(failure),
        (None, Err(reason)) => Err(other(reason)),
        (None, Ok(())) => Ok(()),
    }
}

async fn export(exporter: &SpanExporter, spans: Vec<SpanData>) -> Result<(), String> {
    exporter.export(spans).await.map_err(|error| error.to_string())
}

/// The address for traces: below the one that was given, unless that is it already.
fn traces_url(endpoint: &str) -> Result<Url, SendError> {
    let bad = |reason: String| SendError::BadEndpoint { endpoint: endpoint.to_owned(), reason };
    let mut url = Url::parse(endpoint.trim()).map_err(|error| bad(error.to_string()))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(bad(format!("`{}` is not spoken here", url.scheme())));
    }
    let path = url.path().trim_end_matches('/').to_owned();
    if !path.ends_with(TRACES_PATH) {
        url.set_path(&format!("{path}/{TRACES_PATH}"));
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn traces_go_below_the_address_that_people_know() {
        for (endpoint, expected) in [
            ("http://127.0.0.1:4318", "http://127.0.0.1:4318/v1/traces"),
            ("http://127.0.0.1:4318/", "http://127.0.0.1:4318/v1/traces"),
            ("https://example.com/otlp", "https://example.com/otlp/v1/traces"),
            ("https://example.com/otlp/v1/traces", "https://example.com/otlp/v1/traces"),
        ] {
            assert_eq!(traces_url(endpoint).unwrap().as_str(), expected);
        }
        for endpoint in ["", "localhost:4318", "127.0.0.1:4318", "grpc://localhost:4317", "/v1/traces"] {
            assert!(matches!(traces_url(endpoint), Err(SendError::BadEndpoint { .. })), "{endpoint}");
        }
    }
}
