//! What is observed of an open workload: switching it, and telling what comes of it.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use jackfield_host::{ProbeBoard, Running};
use jackfield_protocol::{Event, ProbeSite, Probes, SiteFigures, WorkloadId};

use crate::events::Hub;

/// Figures are told no more often than this.
const PACE: Duration = Duration::from_millis(250);
/// While there is a rate that will be another one by itself, it is told so often.
const SLOW_PACE: Duration = Duration::from_secs(2);

/// Tells figures at a bearable pace, and nothing while nothing happens.
#[derive(Debug)]
pub(crate) struct Teller {
    workload: WorkloadId,
    board: ProbeBoard,
    hub: Arc<Hub>,
    is_telling: AtomicBool,
    /// Something went over a link since figures were told last.
    is_due: AtomicBool,
    told: Mutex<BTreeMap<ProbeSite, SiteFigures>>,
}

impl Teller {
    pub(crate) fn new(workload: WorkloadId, board: ProbeBoard, hub: Arc<Hub>) -> Self {
        let (is_telling, is_due) = (AtomicBool::new(false), AtomicBool::new(false));
        Self { workload, board, hub, is_telling, is_due, told: Mutex::default() }
    }

    /// Something went over a link.
    pub(crate) fn due(self: &Arc<Self>) {
        self.is_due.store(true, Ordering::Release);
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        if self.is_telling.swap(true, Ordering::AcqRel) {
            return;
        }
        let teller = Arc::downgrade(self);
        runtime.spawn(async move {
            let mut pace = PACE;
            loop {
                tokio::time::sleep(pace).await;
                let Some(teller) = teller.upgrade() else { return };
                let was_due = teller.is_due.swap(false, Ordering::AcqRel);
                let has_rate = teller.tell();
                pace = if was_due { PACE } else { SLOW_PACE };
                if !was_due && !has_rate {
                    teller.is_telling.store(false, Ordering::Release);
                    // What came in between began no teller of its own.
                    if !teller.is_due.load(Ordering::Acquire)
                        || teller.is_telling.swap(true, Ordering::AcqRel)
                    {
                        return;
                    }
                }
            }
        });
    }

    /// Tells what has changed. Gives whether there is a rate that falls if nothing more happens.
    fn tell(&self) -> bool {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let all = self.board.figures();
        let has_rate = all.iter().any(|figures| figures.window_calls > 0);
        let is_known = |figures: &SiteFigures| {
            told.get(&figures.site).is_some_and(|known| {
                SiteFigures { window_millis: figures.window_millis, ..known.clone() } == *figures
            })
        };
        let figures: Vec<SiteFigures> = all.into_iter().filter(|figures| !is_known(figures)).collect();
        told.extend(figures.iter().map(|figures| (figures.site.clone(), figures.clone())));
        if !figures.is_empty() {
            self.hub.announce(Event::Figures { workload: self.workload, figures });
        }
        has_rate
    }

    /// Forgets what was told of an earlier run.
    pub(crate) fn begin(&self) {
        self.board.forget_figures();
        self.told.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

/// What is observed now, of what runs if it runs.
pub(crate) fn probes(board: &ProbeBoard, running: Option<&Running>) -> Probes {
    let needs_restart = running.and_then(Running::service_to_restart).into_iter().collect();
    Probes { needs_restart, ..board.probes() }
}
