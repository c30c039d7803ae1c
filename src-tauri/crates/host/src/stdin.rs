//! Standard input of a service: bytes from whoever runs the workload.

use std::{
    io,
    pin::Pin,
    sync::{Arc, Mutex, OnceLock, PoisonError},
    task::{Context, Poll},
};

use bytes::Bytes;
use tokio::{
    io::{AsyncRead, ReadBuf},
    sync::mpsc,
};
use wasmtime_wasi::cli::{IsTerminal, StdinStream};

/// How many writes wait for the service to read them, before the writer waits.
const CAPACITY: usize = 16;

/// Where a service's standard input is written to. Dropping the last of its clones ends the input.
#[derive(Debug, Clone)]
pub struct StdinWriter(mpsc::Sender<Bytes>);

impl StdinWriter {
    /// Writes, and waits while the service has not read what was written before. Gives back `false`
    /// if nobody will ever read it: the service is gone for good.
    pub async fn write(&self, bytes: impl Into<Bytes>) -> bool {
        self.0.send(bytes.into()).await.is_ok()
    }
}

/// The reading end, which outlives the service's instances: what one did not read, the next one does.
#[derive(Clone)]
pub(crate) struct Stdin(Arc<Mutex<Incoming>>);

struct Incoming {
    receiver: mpsc::Receiver<Bytes>,
    rest: Bytes,
}

impl Stdin {
    pub(crate) fn pipe() -> (StdinWriter, Self) {
        let (sender, receiver) = mpsc::channel(CAPACITY);
        (StdinWriter(sender), Self(Arc::new(Mutex::new(Incoming { receiver, rest: Bytes::new() }))))
    }
}

/// One member's standard input in one store: empty, unless the store is connected to an input.
#[derive(Clone, Default)]
pub(crate) struct MemberStdin(Arc<OnceLock<Stdin>>);

impl MemberStdin {
    /// Connects it, once.
    pub(crate) fn connect(&self, stdin: Stdin) {
        // Only the service's store is connected, right after it was made.
        let _ = self.0.set(stdin);
    }
}

impl IsTerminal for MemberStdin {
    fn is_terminal(&self) -> bool {
        false
    }
}

impl StdinStream for MemberStdin {
    fn async_stream(&self) -> Box<dyn AsyncRead + Send + Sync> {
        Box::new(self.clone())
    }
}

impl AsyncRead for MemberStdin {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.0.get() {
            Some(stdin) => stdin.poll_read(cx, buffer),
            None => Poll::Ready(Ok(())),
        }
    }
}

impl Stdin {
    /// Reads some; nothing at the end of the input.
    fn poll_read(&self, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let mut incoming = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        while incoming.rest.is_empty() {
            match incoming.receiver.poll_recv(cx) {
                Poll::Ready(Some(bytes)) => incoming.rest = bytes,
                Poll::Ready(None) => return Poll::Ready(Ok(())),
                Poll::Pending => return Poll::Pending,
            }
        }
        let count = incoming.rest.len().min(buffer.remaining());
        buffer.put_slice(&incoming.rest.split_to(count));
        Poll::Ready(Ok(()))
    }
}
