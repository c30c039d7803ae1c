//! Runs a workload's service for as long as it lives, and again when it fails.

use std::{sync::Arc, time::Duration};

use jackfield_protocol::{ComponentName, LogStream, WorkloadState};
use tokio::sync::oneshot;

use crate::{
    HostError, Observer,
    calls::CurrentCall,
    entry::{Entry, export},
    failure::Failure,
    running::{Context, Inner},
    stdin::Stdin,
    stdio::{LineSink, LineStream},
};

/// The wait before the first restart; doubled with each further one.
const FIRST_BACK_OFF: Duration = Duration::from_millis(100);
/// The longest wait before a restart.
const MAX_BACK_OFF: Duration = Duration::from_secs(10);

/// Which function a service runs.
#[derive(Clone)]
pub(crate) struct Service {
    /// The export that holds `run`: `wasi:cli/run` in some version.
    pub(crate) run: String,
    /// How often it is started again after a failure.
    pub(crate) max_restarts: u32,
    /// Its standard input, which goes on over restarts.
    pub(crate) stdin: Stdin,
}

/// How one run of a service ended, if it was not stopped.
enum Ended {
    Completed,
    /// Why, and what it exited with, if it came to its end by itself.
    Failed(Failure, Option<u8>),
}

/// What `wasi:cli/run` returning an error means to who started the program.
const RETURNED_AN_ERROR: u8 = 1;

/// Runs until the service completes or has failed too often, and gives the state that this leaves
/// the workload in; none if the first instance could not be made, which fails the start. `started` hears when the first instance is there, or why there is none.
pub(crate) async fn run(
    service: Service,
    mut entry: Arc<Entry>,
    inner: Arc<Inner>,
    started: oneshot::Sender<Result<(), HostError>>,
) -> Option<WorkloadState> {
    let context = Arc::clone(inner.context());
    let Context { shared, observer, .. } = &*context;
    let mut started = Some(started);
    let mut restarts = 0;
    loop {
        inner.service_starts(&entry);
        let (failure, exit_code) =
            match shared.engines.ticker().drive(run_once(&service, &entry, &context, &mut started)).await {
                Ok(Ended::Completed) => return Some(WorkloadState::Completed),
                Ok(Ended::Failed(failure, exit_code)) => (failure, exit_code),
                Err(error) => {
                    if let Some(started) = started.take() {
                        // The receiver is gone only if the start was given up.
                        let _ = started.send(Err(error));
                        return None;
                    }
                    (Failure::new(error.to_string()), None)
                }
            };
        if restarts == service.max_restarts {
            announce(observer, entry.component(), &failure, &given_up(restarts));
            let (component, reason) = (Some(entry.component().clone()), told(&failure, restarts));
            return Some(WorkloadState::Failed { component, reason, exit_code });
        }
        restarts += 1;
        let next = format!("restart {restarts} of {}", service.max_restarts);
        announce(observer, entry.component(), &failure, &next);
        // A file that was mended meanwhile is what starts now. What cannot be compiled starts nothing.
        let name = entry.component().clone();
        entry = inner.current_entry(&name).await.unwrap_or(entry);
        observer.state(WorkloadState::Starting);
        tokio::time::sleep(back_off(restarts)).await;
    }
}

async fn run_once(
    service: &Service,
    entry: &Entry,
    context: &Context,
    started: &mut Option<oneshot::Sender<Result<(), HostError>>>,
) -> Result<Ended, HostError> {
    let Context { shared, observer, .. } = context;
    let (mut store, instance) = entry.instantiate(shared, observer, None).await?;
    store.data_mut().trace_to(entry.service_tracer(context));
    // Of the service itself, which is the last; what it reaches has an empty input.
    if let Some(stdio) = store.data().stdio().last() {
        stdio.stdin.connect(service.stdin.clone());
    }
    let broken = |reason: &str| HostError::Failed {
        component: entry.component().clone(),
        failure: Failure::new(reason),
    };
    let run = export(&mut store, instance, Some(&service.run), "run")
        .ok_or_else(|| broken("its `run` cannot be found"))?;
    let run = run
        .typed::<(), (Result<(), ()>,)>(&store)
        .map_err(|error| broken(&format!("its `run` is of another type: {error:#}")))?;
    observer.state(WorkloadState::Running);
    if let Some(started) = started.take() {
        // The receiver is gone only if the start was given up.
        let _ = started.send(Ok(()));
    }
    Ok(match run.call_async(&mut store, ()).await {
        Ok((Ok(()),)) => Ended::Completed,
        Ok((Err(()),)) => Ended::Failed(Failure::new("its `run` returned an error"), Some(RETURNED_AN_ERROR)),
        Err(error) => match Failure::exit_code(&error) {
            Some(0) => Ended::Completed,
            code => Ended::Failed(
                Failure::from_error(entry.component(), &error, &store.data().limiter),
                code.and_then(|code| u8::try_from(code).ok()),
            ),
        },
    })
}

fn told(failure: &Failure, restarts: u32) -> String {
    match restarts {
        0 => failure.to_string(),
        1 => format!("after 1 restart: {failure}"),
        _ => format!("after {restarts} restarts: {failure}"),
    }
}

fn given_up(restarts: u32) -> String {
    match restarts {
        0 => "it is not started again: max_restarts is 0".to_owned(),
        1 => "given up after 1 restart".to_owned(),
        _ => format!("given up after {restarts} restarts"),
    }
}

/// Says in the log why the service failed, and what is done about it; its state alone would not tell.
fn announce(observer: &Arc<dyn Observer>, component: &ComponentName, failure: &Failure, next: &str) {
    let sink = LineSink {
        observer: Arc::clone(observer),
        component: component.clone(),
        stream: LogStream::Host,
        call: None,
        current: CurrentCall::default(),
    };
    let text = format!("failed: {failure}\n{next}\n");
    LineStream::new(sink).put(text.as_bytes());
}

fn back_off(restart: u32) -> Duration {
    FIRST_BACK_OFF.saturating_mul(1 << restart.saturating_sub(1).min(16)).min(MAX_BACK_OFF)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_doubles_up_to_a_bound() {
        assert_eq!(back_off(1), Duration::from_millis(100));
        assert_eq!(back_off(4), Duration::from_millis(800));
        assert_eq!(back_off(u32::MAX), MAX_BACK_OFF);
    }
}
