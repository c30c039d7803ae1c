//! Requests that are worked on while other things are done.
//!
//! Who waits for an answer in one branch of a `select!` does not work on it while another branch does its own: and
//! that may wait for what the request holds, such as a workload that is being started. So what is asked for is a task
//! of its own.

use jackfield_protocol::{Error, ErrorKind, Request, Response};
use jackfield_workbench::Workbench;
use tokio::task::JoinHandle;

/// What was asked for. It goes on if nobody waits for it any more, because only it can clean up after itself.
#[derive(Debug)]
pub(crate) struct Asked<T = Response>(JoinHandle<Result<T, Error>>);

impl Asked {
    /// Asks the workbench.
    pub(crate) fn request(workbench: &Workbench, request: Request) -> Self {
        let workbench = workbench.clone();
        Self::work(async move { workbench.dispatch(request).await })
    }
}

impl<T: Send + 'static> Asked<T> {
    /// Begins the work at once.
    pub(crate) fn work(work: impl Future<Output = Result<T, Error>> + Send + 'static) -> Self {
        Self(tokio::spawn(work))
    }

    /// Waits for the answer, of which there is one. Safe to cancel.
    pub(crate) async fn answer(&mut self) -> Result<T, Error> {
        (&mut self.0).await.map_err(|error| {
            Error::new(ErrorKind::Host, format!("what was asked for came to an unexpected end: {error}"))
        })?
    }
}
