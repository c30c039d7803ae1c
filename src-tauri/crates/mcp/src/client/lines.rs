//! A transport of lines: JSON-RPC over a pair of byte streams.
//!
//! The SDK has one, but that drops lines that it cannot read, answers some of them, and cannot be asked what it saw.

use std::io;
use std::sync::Arc;

use bytes::{BufMut, Bytes, BytesMut};
use jackfield_protocol::FrameWay;
use rmcp::RoleClient;
use rmcp::model::{ClientJsonRpcMessage, ServerJsonRpcMessage};
use rmcp::transport::Transport;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::sync::{Mutex, mpsc};
use tokio_util::sync::{CancellationToken, DropGuard};

use super::desk::{Desk, Sight};
use super::failure::Failure;
use crate::record::{Line, LineSplitter};

/// How many messages wait for the SDK. Then the reader waits, and the server with it.
const MAX_WAITING: usize = 64;

/// How much is read at once.
const CHUNK_BYTES: usize = 64 << 10;

type Output = Box<dyn AsyncWrite + Send + Unpin>;

/// Messages over lines. Clones are the same transport, so that a second handshake can follow a first.
#[derive(Clone)]
pub(super) struct LineTransport {
    writer: LineWriter,
    messages: Arc<Mutex<mpsc::Receiver<ServerJsonRpcMessage>>>,
    _reader: Arc<DropGuard>,
}

/// The way to the server. A line is recorded and written while nobody else does so: the record has the
/// order of the bytes.
#[derive(Clone)]
pub(super) struct LineWriter {
    desk: Arc<Desk>,
    output: Arc<Mutex<Option<Output>>>,
}

impl LineTransport {
    /// Begins to read. `stop` ends that, as does dropping the last clone.
    pub(super) fn new(
        input: impl AsyncRead + Send + Unpin + 'static,
        output: impl AsyncWrite + Send + Unpin + 'static,
        desk: &Arc<Desk>,
        max_frame_bytes: usize,
        stop: &CancellationToken,
    ) -> Self {
        let (sender, receiver) = mpsc::channel(MAX_WAITING);
        let stop = stop.child_token();
        let reader = Reader { desk: Arc::clone(desk), sender, limit: max_frame_bytes };
        let stopped = stop.clone();
        tokio::spawn(async move {
            tokio::select! {
                () = reader.run(input) => {}
                () = stopped.cancelled() => {}
            }
        });
        Self {
            writer: LineWriter {
                desk: Arc::clone(desk),
                output: Arc::new(Mutex::new(Some(Box::new(output)))),
            },
            messages: Arc::new(Mutex::new(receiver)),
            _reader: Arc::new(stop.drop_guard()),
        }
    }

    pub(super) fn writer(&self) -> LineWriter {
        self.writer.clone()
    }
}

impl LineWriter {
    async fn message(&self, message: ClientJsonRpcMessage) -> io::Result<()> {
        let mut line = BytesMut::with_capacity(256).writer();
        serde_json::to_writer(&mut line, &message)?;
        self.write(line.into_inner(), |desk, bytes| desk.outgoing(&message, bytes)).await
    }

    /// Writes a line as it stands, and returns the number of its frame.
    pub(super) async fn raw(&self, id: Option<String>, text: &str) -> io::Result<u64> {
        let mut number = 0;
        self.write(BytesMut::from(text), |desk, bytes| number = desk.outgoing_raw(id, bytes).number).await?;
        Ok(number)
    }

    async fn write(&self, mut line: BytesMut, record: impl FnOnce(&Desk, &Bytes)) -> io::Result<()> {
        let mut output = self.output.lock().await;
        let output = output.as_mut().ok_or(io::ErrorKind::NotConnected)?;
        line.put_u8(b'\n');
        let line = line.freeze();
        record(&self.desk, &line.slice(..line.len() - 1));
        let written = async {
            output.write_all(&line).await?;
            output.flush().await
        };
        written.await.inspect_err(|error| self.note(error))
    }

    fn note(&self, error: &io::Error) {
        let problem = Some(error.to_string());
        self.desk.recorder.transport(
            FrameWay::ToServer,
            "the frame before was not sent",
            problem,
            &Bytes::new(),
        );
    }

    /// Ends the way to the server. It sees the end of its input.
    pub(super) async fn close(&self) {
        if let Some(mut output) = self.output.lock().await.take() {
            // It may be gone already, which is as good.
            let _ = output.shutdown().await;
        }
    }
}

impl Transport<RoleClient> for LineTransport {
    type Error = io::Error;

    fn send(
        &mut self,
        item: ClientJsonRpcMessage,
    ) -> impl Future<Output = Result<(), Self::Error>> + Send + 'static {
        let writer = self.writer.clone();
        async move { writer.message(item).await }
    }

    async fn receive(&mut self) -> Option<ServerJsonRpcMessage> {
        self.messages.lock().await.recv().await
    }

    async fn close(&mut self) -> Result<(), Self::Error> {
        self.writer.close().await;
        Ok(())
    }
}

/// Reads lines until there are no more.
struct Reader {
    desk: Arc<Desk>,
    sender: mpsc::Sender<ServerJsonRpcMessage>,
    limit: usize,
}

impl Reader {
    async fn run(self, mut input: impl AsyncRead + Unpin) {
        let mut splitter = LineSplitter::new(self.limit);
        loop {
            let buffer = splitter.buffer();
            buffer.reserve(CHUNK_BYTES);
            match input.read_buf(buffer).await {
                Ok(0) => return self.end(splitter.rest(), String::new()),
                Ok(_) => {}
                Err(error) => return self.end(splitter.rest(), error.to_string()),
            }
            while let Some(line) = splitter.next_line() {
                if !self.take(line).await {
                    return;
                }
            }
        }
    }

    /// Takes a line. Whether more are wanted.
    async fn take(&self, line: Line) -> bool {
        match line {
            Line::Whole(bytes) => {
                for message in self.desk.incoming(&bytes, Sight::Arrival) {
                    // Nobody receives any more once the SDK is done. What comes is still recorded.
                    let _ = self.sender.send(message).await;
                }
                true
            }
            Line::Cut(bytes) => {
                let problem =
                    format!("it has more than {} bytes, and only its beginning was kept", self.limit);
                self.desk.recorder.broken(FrameWay::ToClient, &bytes, problem);
                self.desk.note_ending(Failure::TooLarge { limit: self.limit });
                false
            }
            Line::Half(bytes) => {
                self.end(Some(Line::Half(bytes)), String::new());
                false
            }
        }
    }

    fn end(&self, rest: Option<Line>, reason: String) {
        match rest {
            Some(Line::Half(bytes) | Line::Whole(bytes) | Line::Cut(bytes)) => {
                let problem = "it broke off before its end: no newline follows";
                self.desk.recorder.broken(FrameWay::ToClient, &bytes, problem);
                let received = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
                self.desk.note_ending(Failure::CutOff { received });
            }
            None => self.desk.note_ending(Failure::Closed { reason }),
        }
    }
}
