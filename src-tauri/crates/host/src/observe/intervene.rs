//! What is done to a call before it is passed on.

use std::{
    sync::{Arc, Mutex, PoisonError, atomic::Ordering},
    time::Duration,
};

use jackfield_protocol::{Action, HeldCall, HeldParam, LogStream, ProbeSite};

use super::{
    chance::{between, is_chosen},
    holds::next_hold,
    shape::{INJECTED, Shape},
    site::Armed,
    tracer::{Stopped, Tracer},
};
use crate::{
    Line,
    probe::{Decision, shown_to_edit},
    stdio::now_unix_micros,
};

/// Asks, in their order, all that are to do something to the call that a span stands for. The first that ends it is
/// the last that is asked.
pub(crate) async fn decide(tracer: &Arc<Mutex<Tracer>>, span: u32) -> Decision {
    let Some(mut stopped) = lock(tracer).stop(span) else { return Decision::Continue };
    let mut decision = Decision::Continue;
    for armed in stopped.state.armed(&stopped.function) {
        if let Decision::Change(args) = &decision {
            stopped.args.clone_from(args);
        }
        if !is_meant(tracer, &armed, &stopped) {
            continue;
        }
        // Only who waits is held: looking at a condition is not waiting.
        if matches!(armed.intervention.action, Action::Hold | Action::Delay { .. }) {
            lock(tracer).waits(span);
        }
        let nth = armed.matched.fetch_add(1, Ordering::Relaxed);
        match act(&armed, nth, &stopped).await {
            Decision::Continue => {}
            change @ Decision::Change(_) => decision = change,
            end => {
                decision = end;
                break;
            }
        }
    }
    lock(tracer).go_on(span, &decision);
    decision
}

/// Whether the condition holds. One that cannot be asked of these arguments does not, and says so once.
fn is_meant(tracer: &Arc<Mutex<Tracer>>, armed: &Armed, stopped: &Stopped) -> bool {
    let Some(condition) = &armed.condition else { return true };
    let params = stopped.state.params(&stopped.function);
    match condition.holds(&params, &stopped.args) {
        Ok(holds) => holds,
        Err(reason) => {
            if !armed.has_complained.swap(true, Ordering::Relaxed) {
                complain(tracer, armed, stopped, &reason);
            }
            false
        }
    }
}

fn complain(tracer: &Arc<Mutex<Tracer>>, armed: &Armed, stopped: &Stopped, reason: &str) {
    let condition = armed.intervention.condition.as_deref().unwrap_or_default();
    let line = Line {
        time_unix_micros: now_unix_micros(),
        component: stopped.consumer().clone(),
        stream: LogStream::Host,
        context: None,
        text: format!("the condition `{condition}` cannot be asked of `{}`: {reason}", stopped.function),
        call: stopped.call,
    };
    lock(tracer).line(&line);
    stopped.observer.line(line);
}

async fn act(armed: &Armed, nth: u64, stopped: &Stopped) -> Decision {
    match &armed.intervention.action {
        Action::Hold => hold(armed, stopped).await,
        Action::Delay { min_millis, max_millis, seed } => {
            tokio::time::sleep(Duration::from_millis(between(*seed, nth, *min_millis, *max_millis))).await;
            Decision::Continue
        }
        Action::Fail { value, parts_per_million, seed } => match is_chosen(*seed, nth, *parts_per_million) {
            true => fail(value.as_deref(), stopped),
            false => Decision::Continue,
        },
    }
}

fn fail(value: Option<&str>, stopped: &Stopped) -> Decision {
    let answer = |shape: Shape<'_>| match value {
        Some(value) => shape.failure(value),
        None => shape.simplest_error().map(Some).ok_or_else(|| INJECTED.to_owned()),
    };
    match stopped.state.with_shape(&stopped.function, answer) {
        Some(Ok(answer)) => Decision::Answer(answer),
        Some(Err(reason)) => Decision::Fail(reason),
        None => Decision::Fail(INJECTED.to_owned()),
    }
}

async fn hold(armed: &Armed, stopped: &Stopped) -> Decision {
    let ProbeSite::Link { consumer, import } = &stopped.state.site else { return Decision::Continue };
    let shown = |shape: Shape<'_>| {
        let params = shape.function.params.iter().zip(&stopped.args).enumerate();
        let param = params.map(|(place, (param, value))| HeldParam {
            name: param.name.clone(),
            ty: param.ty.clone(),
            value: shown_to_edit(value),
            can_change: shape.can_change(place),
        });
        (param.collect(), shape.function.result.clone(), shape.cannot_answer())
    };
    let shown = stopped.state.with_shape(&stopped.function, shown);
    let (params, result_type, cannot_answer) = shown.unwrap_or_default();
    let call = HeldCall {
        id: next_hold(),
        workload: stopped.board.workload,
        intervention: armed.intervention.id,
        call: stopped.call,
        consumer: consumer.clone(),
        provider: stopped.provider.clone(),
        import: import.clone(),
        function: stopped.function.clone(),
        params,
        result_type,
        cannot_answer,
        since_unix_micros: now_unix_micros(),
    };
    // The call's time does not run meanwhile.
    let _pause = stopped.clock.pause();
    stopped.board.desk.hold(call, stopped.args.clone(), &stopped.state, &*stopped.observer).await
}

impl Stopped {
    fn consumer(&self) -> &jackfield_protocol::ComponentName {
        match &self.state.site {
            ProbeSite::Link { consumer, .. } | ProbeSite::Entry(consumer) => consumer,
        }
    }
}

fn lock(tracer: &Arc<Mutex<Tracer>>) -> std::sync::MutexGuard<'_, Tracer> {
    tracer.lock().unwrap_or_else(PoisonError::into_inner)
}
