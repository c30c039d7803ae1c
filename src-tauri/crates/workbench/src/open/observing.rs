//! What is observed of an open workload, and what the host tells of it while it runs.

use std::sync::Arc;
use std::time::SystemTime;

use jackfield_host::{Line, NotReloaded, Observer, ProbeBoard, Reloaded, Running};
use jackfield_protocol::{
    ComponentName, Denial, Error, ErrorKind, Event, HeldCall, HoldId, Intervention, InterventionId,
    LogRecord, LogStream, Plan, ProbeLevel, ProbeSelection, Probes, Trace, TraceId, WorkloadState,
};

use super::{OpenWorkload, Record, lock};
use crate::probes::probes;

impl OpenWorkload {
    /// What is observed of it.
    pub(crate) fn board(&self) -> &ProbeBoard {
        &self.record.board
    }

    /// Switches probes.
    pub(crate) async fn set_probes(
        &self,
        sites: &ProbeSelection,
        level: ProbeLevel,
    ) -> Result<Probes, Error> {
        self.record.board.set(&*self.plan().await, sites, level)?;
        lock(&self.record.follows).take();
        Ok(self.show_probes().await)
    }

    /// Its probes are at the level at which all are, until something else is said of them.
    pub(crate) async fn follow_probes(&self, level: ProbeLevel) {
        lock(&self.record.follows).replace(level);
        let (now, edited) = (self.plan().await, self.view().plan);
        for plan in [&*now, &edited] {
            self.record.set_all(plan, level);
        }
        self.show_probes().await;
    }

    /// Does something to calls over a link from now on.
    pub(crate) async fn intervene(&self, intervention: Intervention) -> Result<Probes, Error> {
        let loaded = Arc::clone(lock(&self.document).loaded());
        self.record.board.intervene(&*self.plan().await, &loaded.components, intervention)?;
        Ok(self.show_probes().await)
    }

    /// Does it no longer.
    pub(crate) async fn remove_intervention(&self, id: InterventionId) -> Result<Probes, Error> {
        if !self.record.board.remove(id) {
            return Err(Error::new(ErrorKind::Request, "there is no such breakpoint, delay or failure"));
        }
        Ok(self.show_probes().await)
    }

    /// Lets everything go on that is held.
    pub(crate) async fn release_all(&self) -> Probes {
        self.record.board.release_all();
        self.show_probes().await
    }

    /// How it is linked: what runs, if it runs.
    async fn plan(&self) -> Arc<Plan> {
        match &*self.running.read().await {
            Some(running) => running.plan(),
            None => Arc::new(self.view().plan),
        }
    }

    async fn show_probes(&self) -> Probes {
        let running = self.running.read().await.clone();
        self.record.probe(running.as_deref())
    }
}

impl Record {
    /// Observes what a plan has and no earlier one had, if all is observed.
    pub(super) fn follow(&self, plan: &Plan) {
        let level = *lock(&self.follows);
        if let Some(level) = level.filter(|level| *level != ProbeLevel::Off) {
            self.set_all(plan, level);
        }
    }

    fn set_all(&self, plan: &Plan, level: ProbeLevel) {
        // An error would say that a plan has no such link, and none is named here.
        let _ = self.board.set(plan, &ProbeSelection::All, level);
    }

    /// Shows what is observed now.
    pub(super) fn probe(&self, running: Option<&Running>) -> Probes {
        self.show_probes(probes(&self.board, running))
    }

    fn show_probes(&self, probes: Probes) -> Probes {
        let mut view = lock(&self.view);
        if view.probes != probes {
            view.probes.clone_from(&probes);
            self.hub.announce(Event::Probes { workload: self.id, probes: probes.clone() });
        }
        probes
    }
}

impl Observer for Record {
    fn line(&self, line: Line) {
        // Announced under the lock, so that all readers see the records in the order of `seq`.
        let mut log = lock(&self.log);
        let record = log.push(|seq| LogRecord {
            workload: self.id,
            seq,
            time_unix_micros: line.time_unix_micros,
            component: line.component,
            stream: line.stream,
            context: line.context,
            text: line.text,
            call: line.call,
        });
        self.hub.announce(Event::Logs(vec![record]));
    }

    fn denied(&self, denial: Denial) {
        self.hub.announce(Event::Denied { workload: self.id, denial });
    }

    fn traced(&self, mut trace: Trace) -> TraceId {
        trace.workload_name.clone_from(&lock(&self.view).name);
        self.teller.due();
        self.traces.add(self.id, trace)
    }

    fn held(&self, call: HeldCall) {
        self.hub.announce(Event::Held(call));
    }

    fn released(&self, hold: HoldId) {
        self.hub.announce(Event::Released(hold));
    }

    fn state(&self, state: WorkloadState) {
        let mut view = lock(&self.view);
        if view.state != state {
            view.state.clone_from(&state);
            // A service that is started again, after a failure too, begins with what is in the files.
            let begins_anew = state != WorkloadState::Running && view.outdated_service.take().is_some();
            let is_outdated = view.needs_restart && !state.is_active();
            self.hub.announce(Event::State { workload: self.id, state });
            if is_outdated || begins_anew {
                view.needs_restart &= !is_outdated;
                self.hub.announce(Event::Opened(view.clone()));
            }
        }
    }

    fn reloaded(&self, reloaded: Reloaded) {
        self.follow(&reloaded.plan);
        self.offer.set(&reloaded.loaded, &reloaded.plan);
        let needs_restart = lock(&self.view).probes.needs_restart.clone();
        self.show_probes(Probes { needs_restart, ..self.board.probes() });
        let again = match reloaded.entries.as_slice() {
            [] => "nothing in use reaches it".to_owned(),
            entries => format!("composed again: {}", join(entries)),
        };
        let millis = reloaded.duration.as_millis();
        for component in &reloaded.components {
            self.say(component, format!("its file changed; reloaded in {millis} ms ({again})"));
        }
        let mut view = lock(&self.view);
        if let Some(service) = reloaded.outdated_service.filter(|_| view.state.is_active()) {
            drop(view);
            self.say(&service, "runs the code from before until the workload is restarted".to_owned());
            view = lock(&self.view);
            view.outdated_service = Some(service);
            self.hub.announce(Event::Opened(view.clone()));
        }
        self.hub.announce(Event::Reloaded {
            workload: self.id,
            components: reloaded.components,
            entries: reloaded.entries,
            duration_micros: u64::try_from(reloaded.duration.as_micros()).unwrap_or(u64::MAX),
        });
        // What was edited since it was started is linked as the edits say.
        if self.started_revision() == Some(view.revision) {
            view.plan.clone_from(&reloaded.plan);
            self.hub.announce(Event::Opened(view.clone()));
        }
    }

    fn not_reloaded(&self, problem: NotReloaded) {
        for component in &problem.components {
            let text = format!("its file changed, but what ran before runs on: {}", problem.error);
            text.lines().for_each(|line| self.say(component, line.to_owned()));
        }
        let NotReloaded { components, error } = problem;
        self.hub.announce(Event::NotReloaded { workload: self.id, components, error });
    }
}

impl Record {
    /// Says something in the log in the host's name.
    fn say(&self, component: &ComponentName, text: String) {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let time_unix_micros = i64::try_from(now.as_micros()).unwrap_or(i64::MAX);
        let (component, stream) = (component.clone(), LogStream::Host);
        self.line(Line { time_unix_micros, component, stream, context: None, text, call: None });
    }
}

fn join(names: &[ComponentName]) -> String {
    names.iter().map(ComponentName::as_str).collect::<Vec<_>>().join(", ")
}
