//! Standing between a client and a server on standard input and output.
//!
//! Nothing is understood, held back or changed on the way: whatever the two say goes through byte by byte,
//! also what is no MCP.

use std::process::Stdio;

use bytes::Bytes;
use jackfield_mcp::{Line, LineSplitter, MAX_FRAME_BYTES, Recorder};
use jackfield_protocol::{Error, ErrorKind, FrameWay};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::process::Command;

use super::tapped::Tapped;

/// How much is passed on at once.
const CHUNK_IN_BYTES: usize = 64 * 1024;

/// Runs the server until it ends, and gives its exit code.
pub(super) async fn run<I, O, E>(
    command: &[String],
    (input, mut output, errors): (I, O, E),
    recorder: &Recorder,
) -> Result<Option<u8>, Error>
where
    I: AsyncRead + Send + Unpin + 'static,
    O: AsyncWrite + Send + Unpin + 'static,
    E: AsyncWrite + Send + Unpin + 'static,
{
    let (program, args) = command.split_first().ok_or_else(|| {
        Error::new(ErrorKind::Request, "there is no server to start").with_help("name its command")
    })?;
    let mut child = Command::new(program)
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| {
            Error::new(ErrorKind::Mcp, format!("`{program}` cannot be started: {error}"))
                .with_help("check that it is installed and in the PATH")
        })?;
    let (Some(to_server), Some(from_server), Some(server_errors)) =
        (child.stdin.take(), child.stdout.take(), child.stderr.take())
    else {
        return Err(Error::new(ErrorKind::Mcp, format!("`{program}` has no standard streams")));
    };
    // Ends with the client's input, or with the server, whichever is first.
    let there = tokio::spawn(pass(Tapped::new(input, FrameWay::ToServer, recorder.clone()), to_server));
    let errors = tokio::spawn(pass_errors(server_errors, errors, recorder.clone()));
    let mut from_server = Tapped::new(from_server, FrameWay::ToClient, recorder.clone());
    // A client that is gone does not keep the server from being recorded.
    let _ = copy(&mut from_server, &mut output).await;
    let status = child.wait().await;
    there.abort();
    // Fails only where the runtime goes down.
    let _ = errors.await;
    let status = status.map_err(|error| {
        Error::new(ErrorKind::Mcp, format!("the end of `{program}` cannot be learnt: {error}"))
    })?;
    recorder.transport(FrameWay::ToClient, format!("the server ended: {status}"), None, &Bytes::new());
    Ok(status.code().and_then(|code| u8::try_from(code).ok()))
}

/// Passes the client's bytes on, and closes the server's input with the client's.
async fn pass(mut from: impl AsyncRead + Unpin, mut to: impl AsyncWrite + Unpin) {
    // An error is the end of one of them, which shows by itself.
    let _ = copy(&mut from, &mut to).await;
    let _ = to.shutdown().await;
}

/// Passes on and flushes each piece, as people and programs wait for it.
async fn copy(
    from: &mut (impl AsyncRead + Unpin),
    to: &mut (impl AsyncWrite + Unpin),
) -> std::io::Result<()> {
    let mut chunk = vec![0; CHUNK_IN_BYTES];
    let mut is_open = true;
    loop {
        let read = from.read(&mut chunk).await?;
        if read == 0 {
            return Ok(());
        }
        let piece = chunk.get(..read).unwrap_or_default();
        if is_open && (to.write_all(piece).await.is_err() || to.flush().await.is_err()) {
            is_open = false;
        }
    }
}

async fn pass_errors(mut from: impl AsyncRead + Unpin, mut to: impl AsyncWrite + Unpin, recorder: Recorder) {
    let mut lines = LineSplitter::new(MAX_FRAME_BYTES);
    let mut chunk = vec![0; CHUNK_IN_BYTES];
    while let Ok(read) = from.read(&mut chunk).await
        && read > 0
    {
        let piece = chunk.get(..read).unwrap_or_default();
        lines.buffer().extend_from_slice(piece);
        while let Some(line) = lines.next_line() {
            record(&recorder, line);
        }
        // Where standard error is gone, it is still recorded.
        let _ = to.write_all(piece).await;
        let _ = to.flush().await;
    }
    if let Some(rest) = lines.rest() {
        record(&recorder, rest);
    }
}

fn record(recorder: &Recorder, line: Line) {
    let (Line::Whole(bytes) | Line::Cut(bytes) | Line::Half(bytes)) = line;
    recorder.stderr(&bytes);
}
