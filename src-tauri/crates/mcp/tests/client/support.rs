//! What the tests share: a folder of sessions, a connection into it, and what came of it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use jackfield_mcp::{ConnectOptions, Connection, Failure, ProcessSpec, Recorder, Sessions, Target, UrlSpec};
use jackfield_protocol::{
    Frame, FrameKind, FrameWay, McpNotice, McpRequest, McpResponse, SessionId, SessionRole, ToolOutcome,
};
use serde_json::{Map, Value};
use tempfile::TempDir;
use tokio::sync::{Mutex, mpsc};

/// Longer than anything here takes: a test that waits so long has failed.
pub(crate) const LONG: Duration = Duration::from_secs(60);

/// For servers that never answer.
pub(crate) const SHORT: Duration = Duration::from_millis(400);

/// A session that is recorded, with what it needs.
pub(crate) struct Bench {
    pub(crate) folder: TempDir,
    pub(crate) sessions: Sessions,
    pub(crate) recorder: Recorder,
    notices: mpsc::UnboundedSender<McpNotice>,
    noticed: Mutex<mpsc::UnboundedReceiver<McpNotice>>,
    pub(crate) options: ConnectOptions,
}

impl Bench {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let sessions = Sessions::open(folder.path().join("sessions")).unwrap();
        let recorder = sessions.record("test", SessionRole::Client, Vec::new()).unwrap();
        let (notices, noticed) = mpsc::unbounded_channel();
        let options = ConnectOptions { handshake_timeout: LONG, answer_timeout: LONG, ..Default::default() };
        Self { folder, sessions, recorder, notices, noticed: Mutex::new(noticed), options }
    }

    pub(crate) fn with(mut self, change: impl FnOnce(&mut ConnectOptions)) -> Self {
        change(&mut self.options);
        self
    }

    pub(crate) async fn connect(&self, target: Target) -> Result<Connection, Failure> {
        let sender = self.notices.clone();
        let notices = std::sync::Arc::new(move |notice| sender.send(notice).unwrap_or_default());
        let connecting = Connection::connect(target, self.recorder.clone(), notices, self.options.clone());
        tokio::time::timeout(LONG * 2, connecting).await.unwrap()
    }

    pub(crate) async fn refusal(&self, target: Target) -> Failure {
        match self.connect(target).await {
            Ok(_) => panic!("it connected"),
            Err(failure) => failure,
        }
    }

    pub(crate) async fn next_notice(&self) -> McpNotice {
        tokio::time::timeout(LONG, self.noticed.lock().await.recv()).await.unwrap().unwrap()
    }

    pub(crate) fn id(&self) -> SessionId {
        self.recorder.session().unwrap().clone()
    }

    pub(crate) fn frames(&self) -> Vec<Frame> {
        self.sessions.page(&self.id(), 0, 10_000).unwrap().frames
    }

    pub(crate) fn raw(&self, frame: &Frame) -> Vec<u8> {
        self.sessions.raw(&self.id(), frame.number).unwrap()
    }

    /// What was recorded as going one way between the peers, as one stream of lines.
    pub(crate) fn lines(&self, way: FrameWay) -> Vec<u8> {
        let frames = self.frames();
        let on_the_wire = frames.iter().filter(|frame| {
            frame.way == way && !matches!(frame.kind, FrameKind::Stderr | FrameKind::Transport)
        });
        on_the_wire.flat_map(|frame| [self.raw(frame), b"\n".to_vec()].concat()).collect()
    }

    pub(crate) fn problems(&self) -> Vec<String> {
        self.frames().into_iter().filter_map(|frame| frame.problem).collect()
    }
}

/// One of the servers beside the tests.
pub(crate) fn server(name: &str, args: &[&str]) -> ProcessSpec {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/client/servers").join(name);
    let mut all = vec!["-u".to_owned(), script.display().to_string()];
    all.extend(args.iter().map(|arg| (*arg).to_owned()));
    ProcessSpec { command: "python3".to_owned(), args: all, env: Vec::new(), folder: None }
}

pub(crate) fn process(name: &str, args: &[&str]) -> Target {
    Target::Process(server(name, args))
}

pub(crate) fn url(url: impl Into<String>) -> Target {
    Target::Url(UrlSpec { url: url.into(), headers: Vec::new() })
}

pub(crate) fn call(name: &str, arguments: Value) -> McpRequest {
    let Value::Object(arguments) = arguments else { panic!("arguments are an object") };
    McpRequest::CallTool { name: name.to_owned(), arguments, timeout_millis: None }
}

pub(crate) fn call_plainly(name: &str) -> McpRequest {
    call(name, Value::Object(Map::new()))
}

pub(crate) async fn called(connection: &Connection, request: McpRequest) -> ToolOutcome {
    match ask(connection, request).await.unwrap() {
        McpResponse::Called(outcome) => outcome,
        other => panic!("not called: {other:?}"),
    }
}

pub(crate) async fn result(connection: &Connection, request: McpRequest) -> Value {
    match ask(connection, request).await.unwrap() {
        McpResponse::Result(value) => value,
        other => panic!("no plain result: {other:?}"),
    }
}

pub(crate) async fn ask(connection: &Connection, request: McpRequest) -> Result<McpResponse, Failure> {
    tokio::time::timeout(LONG, connection.ask(request, Default::default())).await.unwrap()
}

pub(crate) fn text_of(outcome: &ToolOutcome) -> &str {
    outcome.result["content"][0]["text"].as_str().unwrap()
}

/// Where a server of these tests writes what went over its pipes.
pub(crate) fn logs(folder: &TempDir) -> (PathBuf, PathBuf) {
    (folder.path().join("read"), folder.path().join("sent"))
}
