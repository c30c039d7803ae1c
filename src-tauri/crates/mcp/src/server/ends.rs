//! The two ends of a byte stream, watched and cut: a client that goes is noticed, and one that does not
//! read what it is sent cannot hold anything up.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};

/// What a client sends, and a token that fires when no more will come.
pub(super) struct Watched<R> {
    read: R,
    hung_up: CancellationToken,
}

impl<R> Watched<R> {
    pub(super) fn new(read: R) -> (Self, CancellationToken) {
        let hung_up = CancellationToken::new();
        (Self { read, hung_up: hung_up.clone() }, hung_up)
    }
}

impl<R: AsyncRead + Unpin> AsyncRead for Watched<R> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let result = ready!(Pin::new(&mut self.read).poll_read(context, buffer));
        let is_end = buffer.filled().len() == before && buffer.remaining() > 0;
        if is_end || result.is_err() {
            self.hung_up.cancel();
        }
        Poll::Ready(result)
    }
}

/// What a client is sent, until a token fires; nothing waits for the client any more then.
pub(super) struct Cut<W> {
    write: W,
    cut: Pin<Box<WaitForCancellationFutureOwned>>,
}

impl<W> Cut<W> {
    pub(super) fn new(write: W, cut: CancellationToken) -> Self {
        Self { write, cut: Box::pin(cut.cancelled_owned()) }
    }
}

impl<W: AsyncWrite + Unpin> Cut<W> {
    fn unless_cut<T>(
        &mut self,
        context: &mut Context<'_>,
        work: impl FnOnce(Pin<&mut W>, &mut Context<'_>) -> Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if self.cut.as_mut().poll(context).is_ready() {
            // Unlike most futures, this one may be asked again: it says the same.
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        }
        work(Pin::new(&mut self.write), context)
    }
}

impl<W: AsyncWrite + Unpin> AsyncWrite for Cut<W> {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.get_mut().unless_cut(context, |write, context| write.poll_write(context, bytes))
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.get_mut().unless_cut(context, W::poll_flush)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.get_mut().unless_cut(context, W::poll_shutdown)
    }
}
