//! Calls that can be ended from outside, and sessions of calls.
//!
//! What always holds: a call that is given up is ended by the host, and not only waited for no longer; a
//! session ends when a call in it fails or is given up while it goes on, and with the workload at the latest.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jackfield_host::{CallSession, HostError, Running, next_call};
use jackfield_protocol::{
    CallId, CallOutcome, CallSessionId, ComponentName, Error, ErrorKind, Response, Ticket,
};
use tokio_util::sync::CancellationToken;

use crate::open::OpenWorkload;

/// An instance is memory that nobody else can have, so a workload has at most this many sessions.
const MAX_SESSIONS: usize = 16;

/// The calls of one workload that were given a ticket.
#[derive(Debug, Default)]
pub(crate) struct Tickets(Mutex<HashMap<Ticket, CancellationToken>>);

impl Tickets {
    /// Gives up the call with this ticket, if there is one.
    pub(crate) fn cancel(&self, ticket: Ticket) {
        if let Some(token) = self.lock().get(&ticket) {
            token.cancel();
        }
    }

    /// Makes a call that can be given up.
    pub(crate) async fn run<T>(
        &self,
        (call, ticket): (CallId, Option<Ticket>),
        running: &Running,
        (component, function): (&ComponentName, &str),
        work: impl Future<Output = Result<T, HostError>>,
    ) -> Result<T, Error> {
        let Some(ticket) = ticket else { return work.await.map_err(Error::from) };
        let taken = Taken { tickets: self, ticket };
        let token = CancellationToken::new();
        self.lock().insert(ticket, token.clone());
        tokio::pin!(work);
        let done = tokio::select! {
            done = &mut work => done,
            () = token.cancelled() => match running.cancel(call) {
                // The host ends it, and says so.
                true => work.await,
                // It has not begun: it waits for code that is being compiled.
                false => Err(HostError::Cancelled { component: component.clone(), function: function.to_owned() }),
            },
        };
        drop(taken);
        done.map_err(Error::from)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Ticket, CancellationToken>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A ticket, for as long as its call goes on.
struct Taken<'a> {
    tickets: &'a Tickets,
    ticket: Ticket,
}

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        self.tickets.lock().remove(&self.ticket);
    }
}

/// The sessions of one workload.
#[derive(Debug, Default)]
pub(crate) struct CallSessions(Mutex<HashMap<CallSessionId, Open>>);

/// A session, and whose it is.
#[derive(Debug, Clone)]
struct Open {
    component: ComponentName,
    session: Arc<CallSession>,
}

impl CallSessions {
    fn lock(&self) -> MutexGuard<'_, HashMap<CallSessionId, Open>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends all of them.
    pub(crate) fn clear(&self) {
        let all = std::mem::take(&mut *self.lock());
        drop(all);
    }

    fn add(&self, open: Open) -> Result<CallSessionId, Error> {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let mut sessions = self.lock();
        check_room(sessions.len())?;
        let id = CallSessionId(NEXT.fetch_add(1, Ordering::Relaxed));
        sessions.insert(id, open);
        Ok(id)
    }

    fn get(&self, id: CallSessionId) -> Result<Open, Error> {
        self.lock().get(&id).cloned().ok_or_else(|| {
            Error::new(ErrorKind::Request, format!("there is no session {} in this workload", id.0))
                .with_help("it ended when a call in it failed, or with the workload; open another one")
        })
    }
}

fn check_room(open: usize) -> Result<(), Error> {
    if open < MAX_SESSIONS {
        return Ok(());
    }
    let message = format!("the workload has {MAX_SESSIONS} open sessions, and can have no more");
    Err(Error::new(ErrorKind::Request, message).with_help("close one of them"))
}

impl OpenWorkload {
    /// Makes an instance for a session.
    pub(crate) async fn open_session(&self, component: ComponentName) -> Result<CallSessionId, Error> {
        let running = self.taking_calls().await?;
        check_room(self.sessions().lock().len())?;
        let session = running.open_session(next_call(), &component).await?;
        let id = self.sessions().add(Open { component, session: Arc::new(session) })?;
        // It may have stopped meanwhile, and has then forgotten its sessions already.
        if let Err(error) = self.taking_calls().await {
            self.sessions().lock().remove(&id);
            return Err(error);
        }
        Ok(id)
    }

    /// Calls in a session; a call that fails ends it.
    pub(crate) async fn call_in_session(
        &self,
        id: CallSessionId,
        function: &str,
        args: &[String],
        ticket: Option<Ticket>,
    ) -> Result<(CallOutcome, Vec<String>), Error> {
        let running = self.taking_calls().await?;
        let Open { component, session } = self.sessions().get(id)?;
        let call = next_call();
        let work = session.call(call, function, args);
        let called = self.tickets().run((call, ticket), &running, (&component, function), work).await;
        self.forget_ended(id, &session);
        Ok((called?, session.handles().await))
    }

    /// The handles of a session.
    pub(crate) async fn handles(&self, id: CallSessionId) -> Result<Response, Error> {
        let Open { session, .. } = self.sessions().get(id)?;
        Ok(Response::Handles(session.handles().await))
    }

    /// Drops a handle.
    pub(crate) async fn drop_handle(&self, id: CallSessionId, handle: u64) -> Result<Response, Error> {
        let Open { session, .. } = self.sessions().get(id)?;
        let dropped = session.release(next_call(), handle).await.map_err(Error::from);
        self.forget_ended(id, &session);
        dropped?;
        Ok(Response::Handles(session.handles().await))
    }

    fn forget_ended(&self, id: CallSessionId, session: &CallSession) {
        if session.has_ended() {
            self.sessions().lock().remove(&id);
        }
    }

    /// Ends a session. A call in it that goes on ends by itself.
    pub(crate) fn close_session(&self, id: CallSessionId) -> Result<(), Error> {
        let open = self.sessions().get(id)?;
        self.sessions().lock().remove(&id);
        drop(open);
        Ok(())
    }
}
