//! The desk at which held calls wait.
//!
//! What always holds: whoever gives up waiting (its call was cancelled, its workload stopped) is gone from the
//! desk, and who watches has been told.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use jackfield_protocol::{HeldCall, HeldParam, HoldId, InterventionId, Release};
use tokio::sync::oneshot;
use wasmtime::component::Val;

use super::site::SiteState;
use crate::{
    Observer,
    probe::{Decision, is_edited_where_cut},
};

/// A name for a held call. Unique in the process.
pub(super) fn next_hold() -> HoldId {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    HoldId(NEXT.fetch_add(1, Ordering::Relaxed))
}

/// The calls of a workload that are held.
#[derive(Debug, Default)]
pub(super) struct Desk(Mutex<BTreeMap<HoldId, Waiting>>);

#[derive(Debug)]
struct Waiting {
    call: HeldCall,
    /// The arguments as they came.
    args: Vec<Val>,
    state: Arc<SiteState>,
    go_on: oneshot::Sender<Decision>,
}

impl Desk {
    /// Holds a call until it is released.
    pub(super) async fn hold(
        &self,
        call: HeldCall,
        args: Vec<Val>,
        state: &Arc<SiteState>,
        observer: &dyn Observer,
    ) -> Decision {
        let id = call.id;
        let (go_on, released) = oneshot::channel();
        let waiting = Waiting { call: call.clone(), args, state: Arc::clone(state), go_on };
        self.waiting().insert(id, waiting);
        let _place = Place { desk: self, id, observer };
        observer.held(call);
        released.await.unwrap_or(Decision::Continue)
    }

    /// Lets a call go on. None if there is none of that name.
    ///
    /// # Errors
    /// If what it is to go on with does not fit; it is held still.
    pub(super) fn release(&self, hold: HoldId, how: Release) -> Option<Result<(), String>> {
        let mut all = self.waiting();
        let waiting = all.get(&hold)?;
        let decision = match waiting.decision(how) {
            Ok(decision) => decision,
            Err(reason) => return Some(Err(reason)),
        };
        if let Some(waiting) = all.remove(&hold) {
            // Who waited may just have given up.
            let _ = waiting.go_on.send(decision);
        }
        Some(Ok(()))
    }

    /// Lets all calls go on as they came that are held by one of these.
    pub(super) fn release_held_by(&self, is_meant: impl Fn(InterventionId) -> bool) {
        let mut all = self.waiting();
        let ids: Vec<HoldId> =
            all.values().filter(|held| is_meant(held.call.intervention)).map(|held| held.call.id).collect();
        for id in ids {
            if let Some(waiting) = all.remove(&id) {
                let _ = waiting.go_on.send(Decision::Continue);
            }
        }
    }

    /// What is held, oldest first.
    pub(super) fn held(&self) -> Vec<HeldCall> {
        self.waiting().values().map(|waiting| waiting.call.clone()).collect()
    }

    fn waiting(&self) -> MutexGuard<'_, BTreeMap<HoldId, Waiting>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Waiting {
    fn decision(&self, how: Release) -> Result<Decision, String> {
        let function = &self.call.function;
        let unknown = || format!("the types of `{function}` are not known");
        match how {
            Release::Continue => Ok(Decision::Continue),
            // Whoever reads it later should not look for a fault in a component.
            Release::Fail(message) => Ok(Decision::Fail(format!(
                "{message} (a failure given at a breakpoint to `{function}` of `{}`, called by `{}`)",
                self.call.import, self.call.consumer
            ))),
            Release::Answer(text) => {
                let answer = self.state.with_shape(function, |shape| shape.answer(text.as_deref()));
                answer.ok_or_else(unknown)?.map(Decision::Answer)
            }
            Release::Change(texts) => {
                self.check_whole(&texts)?;
                let args = self.state.with_shape(function, |shape| shape.arguments(&texts, &self.args));
                args.ok_or_else(unknown)?.map(Decision::Change)
            }
        }
    }
}

impl Waiting {
    /// What was shown of a value is not the value where it was cut.
    fn check_whole(&self, texts: &BTreeMap<String, String>) -> Result<(), String> {
        for HeldParam { name, value, .. } in &self.call.params {
            if texts.get(name).is_some_and(|text| is_edited_where_cut(value, text)) {
                return Err(format!(
                    "`{name}` is so long that only its beginning was shown: give it whole, or leave it as it came"
                ));
            }
        }
        Ok(())
    }
}

/// A place at the desk, for as long as somebody waits there.
struct Place<'a> {
    desk: &'a Desk,
    id: HoldId,
    observer: &'a dyn Observer,
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.desk.waiting().remove(&self.id);
        self.observer.released(self.id);
    }
}
