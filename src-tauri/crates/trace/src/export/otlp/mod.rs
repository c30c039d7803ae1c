//! OpenTelemetry: spans by its semantic conventions, as a file in OTLP's JSON, or sent to a collector.
//!
//! | of a trace | in OpenTelemetry |
//! |---|---|
//! | the workload | the resource, by `service.name` |
//! | a call | a span, with `code.function.name`, and `rpc.system.name` and `rpc.method` where one component calls another |
//! | an HTTP request | a span of kind server or client, with `http.request.method`, `http.response.status_code`, `http.request.header.NAME`, and `url.path` or `url.full` |
//! | values, what a call was held or changed | `jackfield.args.NAME`, `jackfield.result`, `jackfield.held_nanos`, `jackfield.intervention` |
//! | an outcome that is not ok | the status `Error` with a message, `error.type`; for a trap an event `exception` with the wasm frames |
//! | a line that was printed | an event on its span |
//!
//! A trace whose caller told its context is part of the caller's. Otherwise its id is made of its content, so that
//! it is the same whenever it is exported, from memory or from a recording.

mod batch;
mod courier;
mod ids;
mod send;
mod span;

use std::io::{self, Write};

use jackfield_protocol::Trace;
use opentelemetry_proto::transform::common::tonic::ResourceAttributesWithSchema;
use opentelemetry_proto::transform::trace::tonic::group_spans_by_resource_and_scope;
use opentelemetry_sdk::Resource;

use super::Form;
use batch::Batch;

pub use send::{SendOptions, send};

/// The version of the semantic conventions.
const SCHEMA_URL: &str = "https://opentelemetry.io/schemas/1.37.0";

fn resource(workload: &str) -> Resource {
    let name = opentelemetry::KeyValue::new("service.name", workload.to_owned());
    Resource::builder_empty().with_schema_url([name], SCHEMA_URL).build()
}

/// One `ExportTraceServiceRequest`, as JSON.
#[derive(Debug, Default)]
pub(super) struct Request {
    batch: Batch,
    is_begun: bool,
}

impl Form for Request {
    fn begin(&mut self, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(b"{\"resourceSpans\":[")
    }

    fn trace(&mut self, trace: &Trace, out: &mut dyn Write) -> io::Result<()> {
        if !self.batch.takes(trace) {
            self.write(out)?;
        }
        self.batch.add(trace);
        Ok(())
    }

    fn end(&mut self, out: &mut dyn Write) -> io::Result<()> {
        self.write(out)?;
        out.write_all(b"\n]}\n")
    }
}

impl Request {
    fn write(&mut self, out: &mut dyn Write) -> io::Result<()> {
        let Some((workload, spans)) = self.batch.take() else { return Ok(()) };
        let resource = ResourceAttributesWithSchema::from(&resource(&workload));
        for spans in group_spans_by_resource_and_scope(spans, &resource) {
            let between: &[u8] = if std::mem::replace(&mut self.is_begun, true) { b",\n" } else { b"\n" };
            out.write_all(between)?;
            serde_json::to_writer(&mut *out, &spans)?;
        }
        Ok(())
    }
}
