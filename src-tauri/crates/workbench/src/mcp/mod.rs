//! MCP, as the workbench uses it: the client's connections, recorded sessions, and workloads that are
//! served.

mod between;
mod connection;
mod http_tap;
mod tapped;
mod toolbox;

use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jackfield_mcp::{
    HttpOptions, HttpServer, ProcessSpec, Recorder, Sessions, Target, UrlSpec, serve_stream,
};
use jackfield_protocol::{
    ConnectionId, ConnectionState, ConnectionView, Endpoint, Error, ErrorKind, Event, Frame, FrameWay,
    Response, SessionId, SessionRole,
};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::blocking;
use crate::events::Hub;
use crate::open::OpenWorkload;
use connection::Line;
use http_tap::{Book, Recording, Tap};
use tapped::Tapped;
use toolbox::WorkloadToolbox;

/// How much of a message waits in a pipe within this process.
const PIPE_IN_BYTES: usize = 256 * 1024;

/// A workload that is served on HTTP.
pub(crate) struct Served {
    server: HttpServer,
    recording: Arc<Recording>,
    room: Arc<Room>,
}

impl Served {
    /// Where it is served.
    pub(crate) fn url(&self) -> String {
        self.server.url()
    }

    /// Ends all conversations and their sessions.
    pub(crate) async fn stop(self) {
        self.server.stop().await;
        for recorder in self.recording.take_open() {
            self.room.end(recorder).await;
        }
    }
}

/// The sessions of the clients that a workload is served to.
struct Clients {
    room: Arc<Room>,
    label: String,
}

impl Book for Clients {
    /// They are served also where they cannot be recorded.
    fn begin(&self) -> Recorder {
        self.room.record(&self.label, SessionRole::Server).unwrap_or_else(|_| Recorder::off())
    }

    fn end(&self, recorder: Recorder) {
        let room = Arc::clone(&self.room);
        self.room.tasks.spawn(async move { room.end(recorder).await });
    }
}

/// Everything of MCP that is going on.
pub(crate) struct Room {
    hub: Arc<Hub>,
    sessions: Sessions,
    /// In the order of their making.
    lines: Mutex<Vec<(ConnectionId, Arc<Line>)>>,
    next_id: AtomicU32,
    tasks: TaskTracker,
    is_recording: bool,
}

impl Room {
    pub(crate) fn new(folder: &Path, is_recording: bool, hub: Arc<Hub>) -> Result<Self, Error> {
        Ok(Self {
            hub,
            sessions: Sessions::open(folder)?,
            lines: Mutex::default(),
            next_id: AtomicU32::new(1),
            tasks: TaskTracker::new(),
            is_recording,
        })
    }

    pub(crate) fn views(&self) -> Vec<ConnectionView> {
        self.lines().iter().map(|(_, line)| line.view()).collect()
    }

    /// Begins to connect to a process or a URL.
    pub(crate) fn connect(self: &Arc<Self>, endpoint: Endpoint) -> Result<ConnectionView, Error> {
        let (label, target) = match &endpoint {
            Endpoint::Workload(_) => {
                return Err(Error::new(ErrorKind::Request, "there is no such workload"));
            }
            Endpoint::Process { command, args, env, folder } => {
                let label = std::iter::once(command).chain(args).cloned().collect::<Vec<_>>().join(" ");
                let spec = ProcessSpec {
                    command: command.clone(),
                    args: args.clone(),
                    env: env.clone(),
                    folder: folder.clone(),
                };
                (label, Target::Process(spec))
            }
            Endpoint::Url { url, headers } => {
                (url.clone(), Target::Url(UrlSpec { url: url.clone(), headers: headers.clone() }))
            }
        };
        let (line, recorder) = self.line(endpoint, label)?;
        let view = line.view();
        self.follow(line, target, recorder);
        Ok(view)
    }

    /// Begins to connect to a workload of this workbench.
    pub(crate) fn connect_to(self: &Arc<Self>, workload: Arc<OpenWorkload>) -> Result<ConnectionView, Error> {
        let open = workload.view();
        let (line, recorder) = self.line(Endpoint::Workload(open.id), open.name)?;
        let (client, server) = tokio::io::duplex(PIPE_IN_BYTES);
        let (read, write) = tokio::io::split(server);
        let toolbox = Arc::new(WorkloadToolbox { workload });
        let stop = line.stop_token();
        // What it says of a broken handshake, the client says as well, and that is shown.
        let serving = async move { drop(serve_stream(toolbox, read, write, stop).await) };
        self.tasks.spawn(serving);
        let view = line.view();
        self.follow(line, Target::stream(client), recorder);
        Ok(view)
    }

    /// A new line in the list, and what records it.
    fn line(&self, endpoint: Endpoint, label: String) -> Result<(Arc<Line>, Recorder), Error> {
        let recorder = self.record(&label, SessionRole::Client)?;
        let id = ConnectionId(self.next_id.fetch_add(1, Ordering::Relaxed));
        let view = ConnectionView {
            id,
            label,
            endpoint,
            session: recorder.session().cloned().unwrap_or_else(|| SessionId::new("")),
            state: ConnectionState::Connecting,
            server: None,
        };
        let line = Arc::new(Line::new(view.clone(), Arc::clone(&self.hub)));
        self.lines().push((id, Arc::clone(&line)));
        self.hub.announce(Event::Connection(view));
        Ok((line, recorder))
    }

    fn follow(self: &Arc<Self>, line: Arc<Line>, target: Target, recorder: Recorder) {
        let room = Arc::clone(self);
        self.tasks.spawn(async move {
            line.run(target, recorder.clone()).await;
            room.end(recorder).await;
        });
    }

    /// Begins a session.
    fn record(&self, label: &str, role: SessionRole) -> Result<Recorder, Error> {
        if !self.is_recording {
            return Ok(Recorder::off());
        }
        let hub = Arc::clone(&self.hub);
        let sink = move |frame: &Frame| hub.announce(Event::Frames(vec![frame.clone()]));
        let recorder = self.sessions.record(label, role, vec![Arc::new(sink)])?;
        self.announce(&recorder);
        Ok(recorder)
    }

    async fn end(&self, recorder: Recorder) {
        let finishing = recorder.clone();
        // Only a runtime that goes down keeps it from running, and then nobody listens any more.
        let _ = blocking(move || finishing.finish()).await;
        self.announce(&recorder);
    }

    /// Tells how a session is doing.
    fn announce(&self, recorder: &Recorder) {
        if let Some(view) = recorder.session().and_then(|id| self.sessions.view(id).ok()) {
            self.hub.announce(Event::Session(view));
        }
    }

    pub(crate) fn get(&self, id: ConnectionId) -> Result<Arc<Line>, Error> {
        let lines = self.lines();
        let found = lines.iter().find(|(other, _)| *other == id);
        found.map(|(_, line)| Arc::clone(line)).ok_or_else(|| {
            Error::new(ErrorKind::Request, format!("there is no connection {}", id.0))
                .with_help("it may have been removed; ask for a snapshot")
        })
    }

    /// Closes a connection and takes it out of the list.
    pub(crate) fn forget(&self, id: ConnectionId) -> Result<(), Error> {
        self.get(id)?.close();
        self.lines().retain(|(other, _)| *other != id);
        self.hub.announce(Event::Forgotten(id));
        Ok(())
    }

    /// Closes all connections to a workload that is closed.
    pub(crate) fn forget_workload(&self, workload: &OpenWorkload) {
        let endpoint = Endpoint::Workload(workload.view().id);
        let lines = self.lines().clone();
        for (id, line) in lines {
            if line.view().endpoint == endpoint {
                // It was there a moment ago; if it is not, that is what is wanted.
                let _ = self.forget(id);
            }
        }
    }

    /// Serves a workload on HTTP.
    pub(crate) async fn serve(
        self: &Arc<Self>,
        workload: Arc<OpenWorkload>,
        port: Option<u16>,
    ) -> Result<Served, Error> {
        let room = Arc::clone(self);
        let clients = Clients { room: Arc::clone(&room), label: workload.view().name };
        let recording = Recording::new(Box::new(clients));
        let tap = Arc::new(Tap(Arc::clone(&recording)));
        let options = HttpOptions { port, tap: Some(tap), ..HttpOptions::default() };
        let server = HttpServer::start(Arc::new(WorkloadToolbox { workload }), options).await?;
        Ok(Served { server, recording, room })
    }

    /// Serves a workload to one client on a pair of streams, until the client or `stop` ends it.
    pub(crate) async fn serve_streams<R, W>(
        &self,
        workload: Arc<OpenWorkload>,
        (read, write): (R, W),
        stop: CancellationToken,
    ) -> Result<(), Error>
    where
        R: AsyncRead + Send + Unpin + 'static,
        W: AsyncWrite + Send + Unpin + 'static,
    {
        let recorder = self.record(&workload.view().name, SessionRole::Server)?;
        let read = Tapped::new(read, FrameWay::ToServer, recorder.clone());
        let write = Tapped::new(write, FrameWay::ToClient, recorder.clone());
        let served = serve_stream(Arc::new(WorkloadToolbox { workload }), read, write, stop).await;
        self.end(recorder).await;
        Ok(served?)
    }

    /// Stands between a client and a server that is started for it.
    pub(crate) async fn record_between<I, O, E>(
        &self,
        command: &[String],
        streams: (I, O, E),
    ) -> Result<Option<u8>, Error>
    where
        I: AsyncRead + Send + Unpin + 'static,
        O: AsyncWrite + Send + Unpin + 'static,
        E: AsyncWrite + Send + Unpin + 'static,
    {
        let recorder = self.record(&command.join(" "), SessionRole::Between)?;
        let code = between::run(command, streams, &recorder).await;
        self.end(recorder).await;
        code
    }

    /// Answers what is asked of recorded sessions.
    pub(crate) async fn sessions<T: Send + 'static>(
        &self,
        ask: impl FnOnce(&Sessions) -> Result<T, jackfield_mcp::SessionError> + Send + 'static,
        answer: impl FnOnce(T) -> Response,
    ) -> Result<Response, Error> {
        let sessions = self.sessions.clone();
        Ok(answer(blocking(move || ask(&sessions)).await??))
    }

    /// Closes all connections, and returns when nothing of them is left.
    pub(crate) async fn close(&self) {
        for (_, line) in self.lines().iter() {
            line.close();
        }
        self.tasks.close();
        self.tasks.wait().await;
    }

    fn lines(&self) -> MutexGuard<'_, Vec<(ConnectionId, Arc<Line>)>> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
