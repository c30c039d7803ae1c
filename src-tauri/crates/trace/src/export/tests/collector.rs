//! A collector on the loopback interface that takes OTLP over HTTP, or behaves badly.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTracePartialSuccess, ExportTraceServiceRequest, ExportTraceServiceResponse,
};
use prost::Message as _;

/// How a collector answers.
#[derive(Clone, Copy)]
pub(super) enum Manner {
    Takes,
    /// Answers so many requests with a status and this text, and takes what comes then.
    Says(&'static str, &'static str, usize),
    /// Takes all but so many spans.
    Rejects(i64),
    /// Reads, and says nothing.
    Silent,
    /// Is something else than HTTP.
    Babbles,
}

pub(super) struct Collector {
    pub(super) endpoint: String,
    pub(super) requests: Arc<Mutex<Vec<ExportTraceServiceRequest>>>,
    pub(super) heads: Arc<Mutex<Vec<String>>>,
}

impl Collector {
    /// It ends with the test's process.
    pub(super) fn start(manner: Manner) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let (requests, heads) = (Arc::<Mutex<Vec<_>>>::default(), Arc::<Mutex<Vec<_>>>::default());
        let (took, read) = (Arc::clone(&requests), Arc::clone(&heads));
        thread::spawn(move || {
            let mut answered = 0;
            for stream in listener.incoming().flatten() {
                // A client that is gone is none of a collector's business.
                let _ = serve(stream, manner, &mut answered, &took, &read);
            }
        });
        Self { endpoint, requests, heads }
    }
}

fn serve(
    mut stream: TcpStream,
    manner: Manner,
    answered: &mut usize,
    requests: &Mutex<Vec<ExportTraceServiceRequest>>,
    heads: &Mutex<Vec<String>>,
) -> io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    loop {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if reader.read_line(&mut head)? == 0 {
                return Ok(());
            }
        }
        let length =
            head.to_lowercase().lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
        let mut body = vec![0; length.unwrap_or(0)];
        reader.read_exact(&mut body)?;
        heads.lock().unwrap().push(head);
        *answered += 1;
        let (status, answer) = match manner {
            Manner::Silent => continue,
            Manner::Babbles => return stream.write_all(b"* OK IMAP4rev1\r\n"),
            Manner::Says(status, text, times) if *answered <= times => (status, text.as_bytes().to_vec()),
            Manner::Rejects(rejected_spans) => {
                let error_message = "too old".to_owned();
                let partial_success = Some(ExportTracePartialSuccess { rejected_spans, error_message });
                ("200 OK", ExportTraceServiceResponse { partial_success }.encode_to_vec())
            }
            Manner::Takes | Manner::Says(..) => {
                requests.lock().unwrap().push(ExportTraceServiceRequest::decode(&*body).unwrap());
                ("200 OK", Vec::new())
            }
        };
        write!(stream, "HTTP/1.1 {status}\r\ncontent-length: {}\r\n\r\n", answer.len())?;
        stream.write_all(&answer)?;
    }
}
