//! Standard output and error of one component: bytes in, log lines out.
//!
//! A line is told as soon as its end is written. What has no end is told when the store goes, so
//! that nothing is lost.

use std::{
    io,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll},
    time::SystemTime,
};

use bytes::Bytes;
use jackfield_protocol::{CallId, ComponentName, LogStream};
use tokio::io::AsyncWrite;
use wasmtime_wasi::{
    cli::{IsTerminal, StdoutStream},
    p2::{OutputStream, Pollable, StreamResult},
};

use crate::{Line, Observer, calls::CurrentCall};

/// The longest line told at once, in bytes. A longer one is told in parts.
pub(crate) const MAX_LINE_IN_BYTES: usize = 64 * 1024;

/// Where one component's lines go.
#[derive(Clone)]
pub(crate) struct LineSink {
    pub(crate) observer: Arc<dyn Observer>,
    pub(crate) component: ComponentName,
    pub(crate) stream: LogStream,
    pub(crate) call: Option<CallId>,
    /// Whose trace has them, too.
    pub(crate) current: CurrentCall,
}

impl LineSink {
    fn tell(&self, line: &[u8]) {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let line = Line {
            time_unix_micros: now_unix_micros(),
            component: self.component.clone(),
            stream: self.stream,
            context: None,
            text: String::from_utf8_lossy(line).into_owned(),
            call: self.call,
        };
        self.current.line(&line);
        self.observer.line(line);
    }
}

/// Microseconds since 1970-01-01T00:00:00Z by this machine's clock.
pub(crate) fn now_unix_micros() -> i64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_micros()).unwrap_or(i64::MAX)
}

struct LineBuffer {
    sink: LineSink,
    pending: Vec<u8>,
}

impl LineBuffer {
    fn write(&mut self, bytes: &[u8]) {
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            match piece.strip_suffix(b"\n") {
                Some(end) if self.pending.is_empty() => self.tell_in_parts(end),
                Some(end) => {
                    self.pending.extend_from_slice(end);
                    let line = std::mem::take(&mut self.pending);
                    self.tell_in_parts(&line);
                }
                None => self.hold(piece),
            }
        }
    }

    fn hold(&mut self, piece: &[u8]) {
        self.pending.extend_from_slice(piece);
        if self.pending.len() >= MAX_LINE_IN_BYTES {
            let part = std::mem::take(&mut self.pending);
            self.tell_in_parts(&part);
        }
    }

    fn end_line(&mut self) {
        if !self.pending.is_empty() {
            let rest = std::mem::take(&mut self.pending);
            self.sink.tell(&rest);
        }
    }

    fn tell_in_parts(&self, line: &[u8]) {
        if line.is_empty() {
            return self.sink.tell(line);
        }
        line.chunks(MAX_LINE_IN_BYTES).for_each(|part| self.sink.tell(part));
    }
}

impl Drop for LineBuffer {
    fn drop(&mut self) {
        self.end_line();
    }
}

/// One stream of one component in one store. Clones share their place in the line.
#[derive(Clone)]
pub(crate) struct LineStream(Arc<Mutex<LineBuffer>>);

impl LineStream {
    pub(crate) fn new(sink: LineSink) -> Self {
        Self(Arc::new(Mutex::new(LineBuffer { sink, pending: Vec::new() })))
    }

    pub(crate) fn put(&self, bytes: &[u8]) {
        self.buffer().write(bytes);
    }

    /// What is written from now on belongs to `call`. A line that an earlier call did not end ends here.
    pub(crate) fn begin_call(&self, call: Option<CallId>) {
        let mut buffer = self.buffer();
        buffer.end_line();
        buffer.sink.call = call;
    }

    fn buffer(&self) -> MutexGuard<'_, LineBuffer> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[wasmtime_wasi::async_trait]
impl Pollable for LineStream {
    async fn ready(&mut self) {}
}

#[wasmtime_wasi::async_trait]
impl OutputStream for LineStream {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        self.put(&bytes);
        Ok(())
    }

    fn flush(&mut self) -> StreamResult<()> {
        Ok(())
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        Ok(MAX_LINE_IN_BYTES)
    }
}

impl AsyncWrite for LineStream {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.put(bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

impl IsTerminal for LineStream {
    fn is_terminal(&self) -> bool {
        false
    }
}

impl StdoutStream for LineStream {
    fn async_stream(&self) -> Box<dyn AsyncWrite + Send + Sync> {
        Box::new(self.clone())
    }

    fn p2_stream(&self) -> Box<dyn OutputStream> {
        Box::new(self.clone())
    }
}

#[cfg(test)]
mod tests {
    use jackfield_protocol::WorkloadState;

    use super::*;

    #[derive(Default)]
    struct Lines(Mutex<Vec<String>>);

    impl Observer for Lines {
        fn line(&self, line: Line) {
            self.0.lock().unwrap().push(line.text);
        }

        fn state(&self, _: WorkloadState) {}
    }

    fn told(writes: &[&[u8]]) -> (Vec<String>, Vec<String>) {
        let lines = Arc::new(Lines::default());
        let stream = LineStream::new(LineSink {
            observer: lines.clone(),
            component: "a".into(),
            stream: LogStream::Stdout,
            call: None,
            current: CurrentCall::default(),
        });
        writes.iter().for_each(|bytes| stream.put(bytes));
        let at_once = lines.0.lock().unwrap().clone();
        drop(stream);
        let in_the_end = lines.0.lock().unwrap().clone();
        (at_once, in_the_end)
    }

    #[test]
    fn a_line_is_told_when_its_end_is_written() {
        let (at_once, in_the_end) = told(&[b"hel", b"lo\nwor", b"ld\r\n", b"\n", b"rest"]);
        assert_eq!(at_once, ["hello", "world", ""]);
        assert_eq!(in_the_end, ["hello", "world", "", "rest"]);
    }

    #[test]
    fn what_is_not_utf8_is_replaced() {
        assert_eq!(told(&[b"a\xffb\n"]).0, ["a\u{fffd}b"]);
    }

    #[test]
    fn a_line_without_end_does_not_grow_without_end() {
        let block = vec![b'x'; MAX_LINE_IN_BYTES];
        let (at_once, in_the_end) = told(&[&block, &block, b"y"]);
        assert_eq!(at_once.len(), 2);
        assert_eq!(in_the_end.last().map(String::as_str), Some("y"));
    }
}
