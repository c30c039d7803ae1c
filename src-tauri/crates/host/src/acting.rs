//! On whose behalf Wasmtime's own implementations work.
//!
//! They are given a store and no more, and a store has several members. So a scoped import says who
//! acts right before it calls one, and the implementation asks before it waits for anything. What it
//! got then (a stream, a request under way) stays that member's.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use tokio::io::{AsyncRead, AsyncWrite};
use wasmtime_wasi::{
    WasiCtxBuilder,
    cli::{IsTerminal, StdinStream, StdoutStream},
};

use crate::store::MemberStdio;

/// The place of the member that acts.
#[derive(Debug, Clone)]
pub(crate) struct Acting(Arc<AtomicUsize>);

impl Acting {
    pub(crate) fn nobody() -> Self {
        Self(Arc::new(AtomicUsize::new(usize::MAX)))
    }

    pub(crate) fn set(&self, place: usize) {
        self.0.store(place, Ordering::Relaxed);
    }

    pub(crate) fn get(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

/// Gives `wasi` the standard streams of whoever acts.
pub(crate) fn standard_streams(wasi: &mut WasiCtxBuilder, acting: &Acting, stdio: &Arc<[MemberStdio]>) {
    let streams = || Streams { acting: acting.clone(), stdio: Arc::clone(stdio) };
    wasi.stdin(streams());
    wasi.stdout(Output { streams: streams(), of: |stdio| &stdio.stdout });
    wasi.stderr(Output { streams: streams(), of: |stdio| &stdio.stderr });
}

struct Streams {
    acting: Acting,
    stdio: Arc<[MemberStdio]>,
}

impl Streams {
    fn member(&self) -> Option<&MemberStdio> {
        self.stdio.get(self.acting.get())
    }
}

impl IsTerminal for Streams {
    fn is_terminal(&self) -> bool {
        false
    }
}

impl StdinStream for Streams {
    fn async_stream(&self) -> Box<dyn AsyncRead + Send + Sync> {
        self.member().map(|stdio| stdio.stdin.clone()).unwrap_or_default().async_stream()
    }
}

struct Output {
    streams: Streams,
    of: fn(&MemberStdio) -> &crate::stdio::LineStream,
}

impl IsTerminal for Output {
    fn is_terminal(&self) -> bool {
        false
    }
}

impl StdoutStream for Output {
    fn async_stream(&self) -> Box<dyn AsyncWrite + Send + Sync> {
        match self.streams.member() {
            Some(stdio) => (self.of)(stdio).async_stream(),
            // Nobody acts unless a scoped import says so.
            None => wasmtime_wasi::p2::pipe::SinkOutputStream.async_stream(),
        }
    }
}
