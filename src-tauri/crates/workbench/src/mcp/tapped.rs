//! Recording what passes through a stream that carries a message a line.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use jackfield_mcp::{Line, LineSplitter, MAX_FRAME_BYTES, Recorder};
use jackfield_protocol::FrameWay;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// A stream of which one direction is recorded, line by line.
pub(crate) struct Tapped<S> {
    stream: S,
    way: FrameWay,
    lines: LineSplitter,
    recorder: Recorder,
}

impl<S> Tapped<S> {
    /// Records what is read from, or written to, `stream`.
    pub(crate) fn new(stream: S, way: FrameWay, recorder: Recorder) -> Self {
        Self { stream, way, lines: LineSplitter::new(MAX_FRAME_BYTES), recorder }
    }

    fn saw(&mut self, bytes: &[u8]) {
        self.lines.buffer().extend_from_slice(bytes);
        while let Some(line) = self.lines.next_line() {
            record(&self.recorder, self.way, &line);
        }
    }

    fn ended(&mut self) {
        if let Some(rest) = self.lines.rest() {
            record(&self.recorder, self.way, &rest);
        }
    }
}

/// Records a line; an empty one is no frame.
fn record(recorder: &Recorder, way: FrameWay, line: &Line) {
    match line {
        Line::Whole(bytes) if bytes.trim_ascii().is_empty() => {}
        Line::Whole(bytes) => {
            recorder.message(way, bytes);
        }
        Line::Cut(bytes) => {
            recorder.broken(way, bytes, format!("longer than {MAX_FRAME_BYTES} bytes; the rest is not kept"));
        }
        Line::Half(bytes) => {
            recorder.broken(way, bytes, "the stream ended in the middle of the line");
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Tapped<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let read = ready!(Pin::new(&mut self.stream).poll_read(cx, buf));
        match buf.filled().get(before..) {
            Some(new) if !new.is_empty() => self.saw(new),
            _ => self.ended(),
        }
        Poll::Ready(read)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Tapped<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let written = ready!(Pin::new(&mut self.stream).poll_write(cx, buf))?;
        self.saw(buf.get(..written).unwrap_or_default());
        Poll::Ready(Ok(written))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.ended();
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
