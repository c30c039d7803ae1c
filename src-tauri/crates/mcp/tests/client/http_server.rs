//! A tiny HTTP server whose every byte the test decides.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// A request as it came.
#[derive(Debug, Clone, Default)]
pub(crate) struct Request {
    pub(crate) verb: String,
    pub(crate) path: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Request {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    pub(crate) fn method(&self) -> String {
        self.json()["method"].as_str().unwrap_or_default().to_owned()
    }
}

/// The server. It ends with the test.
pub(crate) struct HttpServer {
    pub(crate) url: String,
    requests: Arc<Mutex<Vec<Request>>>,
    task: JoinHandle<()>,
}

impl HttpServer {
    /// Answers every request with the bytes that a function gives, and closes.
    pub(crate) async fn start(answer: impl Fn(&Request) -> Vec<u8> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/mcp", listener.local_addr().unwrap());
        let requests = Arc::new(Mutex::new(Vec::new()));
        let (answer, seen) = (Arc::new(answer), Arc::clone(&requests));
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (answer, seen) = (Arc::clone(&answer), Arc::clone(&seen));
                tokio::spawn(async move {
                    let mut stream = stream;
                    let request = read(&mut stream).await;
                    seen.lock().unwrap().push(request.clone());
                    let _ = stream.write_all(&answer(&request)).await;
                    let _ = stream.shutdown().await;
                });
            }
        });
        Self { url, requests, task }
    }

    pub(crate) fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }

    /// The bodies of the POSTs, as they came.
    pub(crate) fn bodies(&self) -> Vec<Vec<u8>> {
        self.requests()
            .into_iter()
            .filter(|request| request.verb == "POST")
            .map(|request| request.body)
            .collect()
    }
}

impl Drop for HttpServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn read(stream: &mut TcpStream) -> Request {
    let mut bytes = Vec::new();
    let head = loop {
        if let Some(at) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break at + 4;
        }
        if stream.read_buf(&mut bytes).await.unwrap_or(0) == 0 {
            return Request::default();
        }
    };
    let text = String::from_utf8_lossy(&bytes[..head]).into_owned();
    let mut lines = text.split("\r\n");
    let mut first = lines.next().unwrap_or_default().split(' ');
    let mut request = Request {
        verb: first.next().unwrap_or_default().to_owned(),
        path: first.next().unwrap_or_default().to_owned(),
        ..Request::default()
    };
    let headers = lines.filter_map(|line| line.split_once(": "));
    request.headers = headers.map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned())).collect();
    let length = request.header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    while bytes.len() < head + length && stream.read_buf(&mut bytes).await.unwrap_or(0) > 0 {}
    request.body = bytes.split_off(head);
    request
}

/// A whole response.
pub(crate) fn response(status: &str, headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    promised(status, headers, body, body.len())
}

/// A response whose body is not as long as it says.
pub(crate) fn promised(status: &str, headers: &[(&str, &str)], body: &[u8], length: usize) -> Vec<u8> {
    let mut text = format!("HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: {length}\r\n");
    for (name, value) in headers {
        text += &format!("{name}: {value}\r\n");
    }
    [text.as_bytes(), b"\r\n", body].concat()
}

pub(crate) fn json(body: &[u8]) -> Vec<u8> {
    response("200 OK", &[("content-type", "application/json; charset=utf-8")], body)
}

/// A stream of events that ends when all are sent.
pub(crate) fn events(body: &[u8]) -> Vec<u8> {
    let head = b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-type: text/event-stream\r\n\r\n";
    [head.as_slice(), body].concat()
}

/// What every server answers to `initialize`, in odd spelling.
pub(crate) fn initialized(request: &Request) -> String {
    let id = &request.json()["id"];
    format!(
        "{{ \"result\":{{\"protocolVersion\" :\"2025-11-25\",\"capabilities\":{{\"tools\":{{}}}},  \
         \"serverInfo\":{{\"name\":\"tiny\",\"version\":\"1\"}},\"odd\":1e2}},\"id\":{id} ,\"jsonrpc\":\"2.0\"}}"
    )
}

/// Answers the handshake, refuses the stream, accepts notifications, and leaves the rest to a function.
pub(crate) fn handshake_or(
    rest: impl Fn(&Request) -> Vec<u8> + Send + Sync + 'static,
) -> impl Fn(&Request) -> Vec<u8> + Send + Sync + 'static {
    move |request| match (request.verb.as_str(), request.method().as_str()) {
        ("GET", _) => response("405 Method Not Allowed", &[], b""),
        ("DELETE", _) => response("200 OK", &[], b""),
        (_, "initialize") => {
            let headers = [("content-type", "application/json"), ("mcp-session-id", "s-1")];
            response("200 OK", &headers, initialized(request).as_bytes())
        }
        (_, method) if method.starts_with("notifications/") => response("202 Accepted", &[], b""),
        _ => rest(request),
    }
}

/// A result in odd spelling.
pub(crate) fn result(request: &Request, result: &str) -> String {
    format!(
        "{{\"jsonrpc\":\"2.0\" , \"id\":{}, \"result\" :{result}, \"unknown\":[ ]}}",
        request.json()["id"]
    )
}
