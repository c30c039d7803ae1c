//! Notices that a client has closed its side of a stream.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, ReadBuf};
use tokio_util::sync::CancellationToken;

/// What a client sends, and a token that fires when no more will come.
pub(super) struct HangUp<R> {
    read: R,
    hung_up: CancellationToken,
}

impl<R> HangUp<R> {
    pub(super) fn watch(read: R) -> (Self, CancellationToken) {
        let hung_up = CancellationToken::new();
        (Self { read, hung_up: hung_up.clone() }, hung_up)
    }
}

impl<R: AsyncRead + Unpin> AsyncRead for HangUp<R> {
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
