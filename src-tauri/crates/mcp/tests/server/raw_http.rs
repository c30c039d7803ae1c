//! HTTP by hand: what goes over the socket is what the test says, however wrong.

use std::time::Duration;

use jackfield_mcp::HttpServer;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::toolbox::PATIENCE;

/// What came back.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    head: String,
    pub(crate) body: String,
}

impl Reply {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (found, value) = line.split_once(':')?;
            found.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }

    /// The messages in the body, whether it is one or a stream of events.
    pub(crate) fn messages(&self) -> Vec<Value> {
        match self.header("content-type") {
            Some("text/event-stream") => events(&self.body),
            _ => vec![serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))],
        }
    }

    /// The only message in the body.
    pub(crate) fn message(&self) -> Value {
        let messages = self.messages();
        let [message] = messages.as_slice() else { panic!("not one message: {messages:#?}") };
        message.clone()
    }
}

pub(crate) fn events(body: &str) -> Vec<Value> {
    let data = body.lines().filter_map(|line| line.strip_prefix("data:"));
    data.filter_map(|data| serde_json::from_str(data.trim()).ok()).collect()
}

/// A connection.
pub(crate) struct Connection {
    stream: TcpStream,
    read: Vec<u8>,
}

impl Connection {
    pub(crate) async fn open(server: &HttpServer) -> Self {
        let stream = TcpStream::connect(server.address()).await.expect("a connection");
        Self { stream, read: Vec::new() }
    }

    pub(crate) async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.stream.write_all(bytes.as_ref()).await.expect("a server that reads");
    }

    /// Waits until the server has sent this text.
    pub(crate) async fn until(&mut self, text: &str) {
        timeout(PATIENCE, async {
            while !String::from_utf8_lossy(&self.read).contains(text) {
                let count = self.stream.read_buf(&mut self.read).await.expect("a server that writes");
                assert_ne!(count, 0, "no {text:?} in {:?}", String::from_utf8_lossy(&self.read));
            }
        })
        .await
        .unwrap_or_else(|_| panic!("no {text:?} yet in {:?}", String::from_utf8_lossy(&self.read)));
    }

    /// Reads until the server closes the connection.
    pub(crate) async fn reply(mut self) -> Reply {
        let end = self.stream.read_to_end(&mut self.read);
        // A server that refuses a request need not read it to its end; the system reports that as a reset.
        let _ = timeout(PATIENCE, end).await.expect("the end of the connection");
        reply(&self.read)
    }
}

fn reply(bytes: &[u8]) -> Reply {
    let all = String::from_utf8_lossy(bytes);
    let (head, body) = all.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no HTTP: {all:?}"));
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
    let chunked = head.to_ascii_lowercase().contains("transfer-encoding: chunked");
    let body = if chunked { unchunked(body) } else { body.to_owned() };
    Reply { status, head: head.to_owned(), body }
}

fn unchunked(mut body: &str) -> String {
    let mut whole = String::new();
    while let Some((size, rest)) = body.split_once("\r\n") {
        let size = usize::from_str_radix(size.trim(), 16).expect("the size of a chunk");
        // The connection may have been cut.
        whole.push_str(rest.get(..size).unwrap_or(rest));
        body = rest.get(size + 2..).unwrap_or_default();
    }
    whole
}

/// One client of a server.
pub(crate) struct Client<'a> {
    server: &'a HttpServer,
    /// Sent with every request.
    pub(crate) headers: Vec<(String, String)>,
}

impl<'a> Client<'a> {
    pub(crate) fn new(server: &'a HttpServer) -> Self {
        Self { server, headers: Vec::new() }
    }

    /// A client that has said hello in a revision of the first era.
    pub(crate) async fn initialized(server: &'a HttpServer, revision: &str) -> Self {
        let mut client = Self::new(server);
        let params = json!({
            "protocolVersion": revision, "capabilities": {}, "clientInfo": {"name": "t", "version": "1"},
        });
        let reply = client.request(0, "initialize", &params).await;
        let message = reply.message();
        assert_eq!(message["result"]["protocolVersion"], revision, "{message}");
        let session = reply.header("mcp-session-id").expect("a session").to_owned();
        client.headers.push(("Mcp-Session-Id".into(), session));
        client.headers.push(("Mcp-Protocol-Version".into(), revision.into()));
        let done = client.post(&json!({"jsonrpc": "2.0", "method": "notifications/initialized"})).await;
        assert_eq!(done.status, 202, "{done:?}");
        client
    }

    pub(crate) async fn request(&self, id: u64, method: &str, params: &Value) -> Reply {
        self.post(&json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params})).await
    }

    pub(crate) async fn call(&self, id: u64, tool: &str, arguments: &Value) -> Value {
        let reply = self.request(id, "tools/call", &json!({"name": tool, "arguments": arguments})).await;
        reply.messages().pop().unwrap_or_else(|| panic!("no message in {reply:?}"))
    }

    pub(crate) async fn post(&self, message: &Value) -> Reply {
        self.begin("POST", &message.to_string()).await.reply().await
    }

    /// Sends a request, and does not wait.
    pub(crate) async fn begin(&self, method: &str, body: &str) -> Connection {
        let mut connection = Connection::open(self.server).await;
        connection.send(self.head(method, body.len()) + body).await;
        connection
    }

    pub(crate) fn head(&self, method: &str, body_in_bytes: usize) -> String {
        let own: String = self.headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        let given = |name: &str| self.headers.iter().any(|(found, _)| found.eq_ignore_ascii_case(name));
        let defaults = [
            ("Host", self.server.address().to_string()),
            ("Accept", "application/json, text/event-stream".to_owned()),
            ("Content-Type", "application/json".to_owned()),
            ("Content-Length", body_in_bytes.to_string()),
            ("Connection", "close".to_owned()),
        ];
        let defaults = defaults.iter().filter(|(name, _)| !given(name));
        let defaults: String = defaults.map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        format!("{method} /mcp HTTP/1.1\r\n{own}{defaults}\r\n")
    }

    /// The same client with one header more.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }
}

/// What a request of the revision 2026-07-28 carries.
pub(crate) fn stateless<'a>(server: &'a HttpServer, method: &str, name: Option<&str>) -> Client<'a> {
    let client = Client::new(server).with("Mcp-Protocol-Version", "2026-07-28").with("Mcp-Method", method);
    name.into_iter().fold(client, |client, name| client.with("Mcp-Name", name))
}

/// The `_meta` that a request of the revision 2026-07-28 carries.
pub(crate) fn stateless_meta() -> Value {
    json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientInfo": {"name": "t", "version": "1"},
        "io.modelcontextprotocol/clientCapabilities": {},
    })
}

/// Waits for something that should come soon.
pub(crate) async fn soon<T>(future: impl Future<Output = T>) -> T {
    timeout(PATIENCE, future).await.expect("in time")
}

/// Long enough for what should not happen, to happen.
pub(crate) const MOMENT: Duration = Duration::from_millis(300);
