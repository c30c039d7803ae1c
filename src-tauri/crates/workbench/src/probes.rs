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
use jackfield_protocol::{
    Event, LogRecord, ProbeSite, Probes, SiteFigures, Span, Trace, TraceLine, WorkloadId,
};

use crate::events::Hub;

/// Figures are told no more often than this.
const PACE: Duration = Duration::from_millis(250);
/// While there is a rate that will be another one by itself, it is told so often.
const SLOW_PACE: Duration = Duration::from_secs(2);
/// So many lines of a call are shown in its trace; its log has all of them.
const MAX_LINES: usize = 1000;

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

/// Where a trace begins and ends: microseconds since 1970-01-01T00:00:00Z.
pub(crate) fn time_of(trace: &Trace) -> (i64, i64) {
    let end = trace.spans.iter().map(|span| end_nanos(span).unwrap_or(span.start_nanos)).max();
    let is_open = trace.root().is_some_and(|root| root.duration_nanos.is_none());
    let micros = i64::try_from(end.unwrap_or(0) / 1000 + 1).unwrap_or(i64::MAX);
    let end = if is_open { i64::MAX } else { trace.start_unix_micros.saturating_add(micros) };
    (trace.start_unix_micros, end)
}

/// Puts the lines that were printed during a trace into their places; the first of them if there are very many.
pub(crate) fn put_lines(trace: &mut Trace, records: impl Iterator<Item = LogRecord>) {
    let lines = records.take(MAX_LINES).map(|record| {
        let micros = record.time_unix_micros.saturating_sub(trace.start_unix_micros);
        // The clock of the log counts whole microseconds.
        let at_nanos = u64::try_from(micros).unwrap_or(0).saturating_mul(1000);
        let text = record.text_in_context().into_owned();
        let LogRecord { component, stream, .. } = record;
        let span = printing(&trace.spans, &component, at_nanos + 999);
        TraceLine { span, at_nanos, component, stream, text }
    });
    let lines = lines.collect();
    trace.lines = lines;
}

/// The span that went on in a component at a time: the one that began last.
fn printing(spans: &[Span], component: &jackfield_protocol::ComponentName, at_nanos: u64) -> u32 {
    let goes_on = |span: &Span| {
        span.provider.component() == Some(component)
            && span.start_nanos <= at_nanos
            && end_nanos(span).is_none_or(|end| end + 1000 >= at_nanos)
    };
    u32::try_from(spans.iter().rposition(goes_on).unwrap_or(0)).unwrap_or(0)
}

fn end_nanos(span: &Span) -> Option<u64> {
    Some(span.start_nanos.saturating_add(span.duration_nanos?).saturating_add(span.held_nanos))
}
