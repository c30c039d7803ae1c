//! Servers that misbehave: a wire that breaks, and a registry that says whatever the test wants.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// What a wire does when its bytes are used up.
#[derive(Clone, Copy)]
pub(crate) enum Then {
    Cut,
    /// Stays open and says nothing more.
    Stall,
}

/// A wire to the server on `port` that carries so many bytes from it, in all connections together. Gives
/// the port of this end.
pub(crate) fn wire(port: u16, carries_in_bytes: usize, then: Then) -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let this_port = listener.local_addr().unwrap().port();
    let left = Arc::new(AtomicUsize::new(carries_in_bytes));
    thread::spawn(move || {
        for client in listener.incoming().flatten() {
            let server = TcpStream::connect(("127.0.0.1", port)).unwrap();
            let (from, to) = (client.try_clone().unwrap(), server.try_clone().unwrap());
            thread::spawn(move || copy(from, to, &AtomicUsize::new(usize::MAX), Then::Cut));
            let left = Arc::clone(&left);
            thread::spawn(move || copy(server, client, &left, then));
        }
    });
    this_port
}

fn copy(mut from: TcpStream, mut to: TcpStream, left: &AtomicUsize, then: Then) {
    let mut buffer = [0; 16 * 1024];
    while let Ok(count) = from.read(&mut buffer) {
        let may = left.load(Ordering::SeqCst).min(count);
        left.fetch_sub(may, Ordering::SeqCst);
        if count == 0 || to.write_all(&buffer[..may]).is_err() {
            break;
        }
        if may < count {
            // Until the client hangs up, which ends the other direction, and that ends this one.
            while matches!(then, Then::Stall) && matches!(from.read(&mut buffer), Ok(1..)) {}
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Both);
    let _ = from.shutdown(Shutdown::Both);
}

/// A server that answers each request line, such as `GET /v2/a/tags/list HTTP/1.1`, with whole bytes of the
/// test's choice. Gives its port.
pub(crate) fn answering(answer: impl Fn(&str) -> Vec<u8> + Send + Sync + 'static) -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    let answer = Arc::new(answer);
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let answer = Arc::clone(&answer);
            thread::spawn(move || {
                let mut request = Vec::new();
                let mut buffer = [0; 4096];
                while !request.windows(4).any(|end| end == b"\r\n\r\n") {
                    match stream.read(&mut buffer) {
                        Ok(count) if count > 0 => request.extend(&buffer[..count]),
                        _ => return,
                    }
                }
                let text = String::from_utf8_lossy(&request);
                let _ = stream.write_all(&answer(text.lines().next().unwrap_or_default()));
                let _ = stream.shutdown(Shutdown::Both);
            });
        }
    });
    port
}

/// An answer with a status such as `404 Not Found`, headers that each end their line, and a body.
pub(crate) fn response(status: &str, headers: &str, body: impl AsRef<[u8]>) -> Vec<u8> {
    let body = body.as_ref();
    let length = body.len();
    let head = format!("HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: {length}\r\n{headers}\r\n");
    let mut response = head.into_bytes();
    response.extend(body);
    response
}
