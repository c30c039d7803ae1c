//! Standard input of a service: bytes from whoever runs the workload.

use std::{
    future::poll_fn,
    io,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
    task::{Context, Poll, Waker},
};

use bytes::Bytes;
use tokio::{
    io::{AsyncRead, ReadBuf},
    sync::mpsc,
};
use wasmtime_wasi::{
    cli::{IsTerminal, StdinStream},
    p2::{InputStream, Pollable, StreamError, StreamResult},
};

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

    /// Waits until there is something to read, or the input has ended.
    fn poll_filled(&self, cx: &mut Context<'_>) -> Poll<MutexGuard<'_, Incoming>> {
        let mut incoming = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        while incoming.rest.is_empty() {
            match incoming.receiver.poll_recv(cx) {
                Poll::Ready(Some(bytes)) => incoming.rest = bytes,
                Poll::Ready(None) => break,
                Poll::Pending => return Poll::Pending,
            }
        }
        Poll::Ready(incoming)
    }

    /// Takes some bytes; none at the end of the input.
    fn poll_take(&self, cx: &mut Context<'_>, at_most: usize) -> Poll<Bytes> {
        self.poll_filled(cx).map(|mut incoming| {
            let count = incoming.rest.len().min(at_most);
            incoming.rest.split_to(count)
        })
    }
}

/// One member's standard input in one store: at its end, unless the store is connected to an input.
#[derive(Clone, Default)]
pub(crate) struct MemberStdin(Arc<OnceLock<Stdin>>);

impl MemberStdin {
    /// Connects it, once.
    pub(crate) fn connect(&self, stdin: Stdin) {
        // Only the service's store is connected, right after it was made.
        let _ = self.0.set(stdin);
    }

    fn poll_take(&self, cx: &mut Context<'_>, at_most: usize) -> Poll<Bytes> {
        self.0.get().map_or(Poll::Ready(Bytes::new()), |stdin| stdin.poll_take(cx, at_most))
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

    /// Reads nothing ahead, so that the next instance of the service misses nothing.
    fn p2_stream(&self) -> Box<dyn InputStream> {
        Box::new(self.clone())
    }
}

impl AsyncRead for MemberStdin {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.poll_take(cx, buffer.remaining()).map(|bytes| {
            buffer.put_slice(&bytes);
            Ok(())
        })
    }
}

#[wasmtime_wasi::async_trait]
impl Pollable for MemberStdin {
    async fn ready(&mut self) {
        if let Some(stdin) = self.0.get() {
            poll_fn(|cx| stdin.poll_filled(cx).map(drop)).await;
        }
    }
}

#[wasmtime_wasi::async_trait]
impl InputStream for MemberStdin {
    fn read(&mut self, size: usize) -> StreamResult<Bytes> {
        match self.poll_take(&mut Context::from_waker(Waker::noop()), size) {
            Poll::Ready(bytes) if bytes.is_empty() && size > 0 => Err(StreamError::Closed),
            Poll::Ready(bytes) => Ok(bytes),
            Poll::Pending => Ok(Bytes::new()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(stdin: &mut MemberStdin, size: usize) -> Option<Vec<u8>> {
        stdin.read(size).ok().map(|bytes| bytes.to_vec())
    }

    #[tokio::test]
    async fn what_one_reader_leaves_the_next_one_gets() {
        let (writer, pipe) = Stdin::pipe();
        let (mut first, mut second) = (MemberStdin::default(), MemberStdin::default());
        assert_eq!(read(&mut first, 8), None, "it is at its end until it is connected");
        first.connect(pipe.clone());
        second.connect(pipe);
        assert_eq!(read(&mut first, 8).as_deref(), Some(&b""[..]));
        assert!(writer.write("hello").await);
        first.ready().await;
        assert_eq!(read(&mut first, 2).as_deref(), Some(&b"he"[..]));
        assert_eq!(read(&mut second, 8).as_deref(), Some(&b"llo"[..]));
        drop(writer);
        second.ready().await;
        assert_eq!(read(&mut second, 8), None);
    }

    #[tokio::test]
    async fn the_writer_hears_that_nobody_reads_any_more() {
        let (writer, pipe) = Stdin::pipe();
        drop(pipe);
        assert!(!writer.write("hello").await);
    }
}
