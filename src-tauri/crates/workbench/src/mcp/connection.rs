//! One connection of the MCP client inside.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jackfield_mcp::{AskOptions, ConnectOptions, Connection, Failure, Notices, Recorder, Target};
use jackfield_protocol::{
    ConnectionState, ConnectionView, Error, ErrorKind, Event, McpRequest, McpResponse, Ticket,
};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::events::Hub;

/// A connection, from before its handshake until after its end.
pub(crate) struct Line {
    hub: Arc<Hub>,
    view: Mutex<ConnectionView>,
    open: watch::Sender<Option<Arc<Connection>>>,
    /// Requests that wait for their answers.
    asked: Mutex<HashMap<Ticket, CancellationToken>>,
    /// Fires when it is to end.
    stop: CancellationToken,
}

impl Line {
    pub(crate) fn new(view: ConnectionView, hub: Arc<Hub>) -> Self {
        Self {
            hub,
            view: Mutex::new(view),
            open: watch::Sender::new(None),
            asked: Mutex::default(),
            stop: CancellationToken::new(),
        }
    }

    pub(crate) fn view(&self) -> ConnectionView {
        lock(&self.view).clone()
    }

    /// Fires when the connection is to end.
    pub(crate) fn stop_token(&self) -> CancellationToken {
        self.stop.clone()
    }

    /// Connects, and stays until the connection is over.
    pub(crate) async fn run(self: Arc<Self>, target: Target, recorder: Recorder) {
        let id = self.view().id;
        let hub = Arc::clone(&self.hub);
        let notices: Notices = Arc::new(move |notice| hub.announce(Event::Notice { connection: id, notice }));
        let connect = Connection::connect(target, recorder, notices, ConnectOptions::default());
        match self.stop.run_until_cancelled(connect).await {
            None => self.set(ConnectionState::Closed),
            Some(Err(failure)) => self.set(failed(&failure)),
            Some(Ok(connection)) => self.converse(connection).await,
        }
    }

    async fn converse(&self, connection: Connection) {
        let connection = Arc::new(connection);
        lock(&self.view).server = Some(connection.server().clone());
        self.open.send_replace(Some(Arc::clone(&connection)));
        self.set(ConnectionState::Ready);
        let end = self.stop.run_until_cancelled(connection.ended()).await;
        self.open.send_replace(None);
        match end {
            None | Some(Failure::NotOpen) => {
                connection.close().await;
                self.set(ConnectionState::Closed);
            }
            Some(failure) => self.set(failed(&failure)),
        }
    }

    fn set(&self, state: ConnectionState) {
        let mut view = lock(&self.view);
        view.state = state;
        self.hub.announce(Event::Connection(view.clone()));
        drop(view);
        // Wakes those who wait for it to open.
        self.open.send_modify(|_| ());
    }

    /// The connection, as soon as it takes requests.
    async fn ready(&self) -> Result<Arc<Connection>, Error> {
        let mut open = self.open.subscribe();
        loop {
            if let Some(connection) = open.borrow_and_update().clone() {
                return Ok(connection);
            }
            let state = self.view().state;
            if !state.is_open() {
                return Err(not_open(&state));
            }
            // The end of a connection that never opened is told in the same way.
            if open.changed().await.is_err() {
                return Err(not_open(&self.view().state));
            }
        }
    }

    /// Asks the server.
    pub(crate) async fn ask(&self, ticket: Ticket, request: McpRequest) -> Result<McpResponse, Error> {
        let cancel = CancellationToken::new();
        lock(&self.asked).insert(ticket, cancel.clone());
        let answer = async {
            let connection = self.ready().await?;
            let options = AskOptions { ticket: Some(ticket), cancel: cancel.clone() };
            Ok(connection.ask(request, options).await?)
        };
        let answer = answer.await;
        lock(&self.asked).remove(&ticket);
        answer
    }

    /// Gives up a request. One that was answered already is none.
    pub(crate) fn cancel(&self, ticket: Ticket) {
        if let Some(cancel) = lock(&self.asked).get(&ticket) {
            cancel.cancel();
        }
    }

    /// Sends a message as it stands.
    pub(crate) async fn send(&self, text: &str) -> Result<u64, Error> {
        Ok(self.ready().await?.send_raw(text).await?)
    }

    /// Closes the connection.
    pub(crate) fn close(&self) {
        self.stop.cancel();
    }
}

fn failed(failure: &Failure) -> ConnectionState {
    ConnectionState::Failed { reason: failure.to_string(), help: failure.help() }
}

fn not_open(state: &ConnectionState) -> Error {
    let message = match state {
        ConnectionState::Failed { reason, .. } => format!("the connection has failed: {reason}"),
        _ => "the connection is closed".to_owned(),
    };
    Error::new(ErrorKind::Mcp, message).with_help("connect again")
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
