//! A small HTTP server on this machine's loopback interface, to be reached or not.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

pub(crate) struct Server {
    pub(crate) port: u16,
    requests: Arc<AtomicUsize>,
}

impl Server {
    /// Answers every request: `/away` with a redirect to `elsewhere`, everything else with `hello`.
    pub(crate) async fn start(elsewhere: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let requests = Arc::new(AtomicUsize::new(0));
        let (count, elsewhere) = (Arc::clone(&requests), elsewhere.to_owned());
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                count.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(answer(stream, elsewhere.clone()));
            }
        });
        Self { port, requests }
    }

    /// How many connections came.
    pub(crate) fn connections(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }

    pub(crate) fn origin(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}

async fn answer(mut stream: TcpStream, elsewhere: String) {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        if stream.read(&mut byte).await.unwrap_or(0) == 0 {
            return;
        }
        request.push(byte[0]);
        if !b"GET ".starts_with(request.get(..4).unwrap_or(&request)) {
            // No HTTP, such as the beginning of TLS.
            return;
        }
    }
    let text = String::from_utf8_lossy(&request).into_owned();
    let response = if text.starts_with("GET /away ") {
        format!("HTTP/1.1 302 Found\r\nlocation: {elsewhere}\r\ncontent-length: 0\r\n\r\n")
    } else {
        "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello".to_owned()
    };
    let _ = stream.write_all(response.as_bytes()).await;
}
