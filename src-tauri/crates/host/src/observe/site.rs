//! One thing that can be observed: its level, its figures, and what is done to its calls.

use std::{
    fmt,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, RwLock,
        atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering},
    },
    time::Instant,
};

use jackfield_component::Component;
use jackfield_protocol::{Intervention, ProbeLevel, ProbeSite, SiteFigures};

use super::{condition::Condition, figures::Figures, shape::Shape};

/// What is known about a site. Lives as long as its workload is open; probes ask it at every call.
pub(crate) struct SiteState {
    pub(crate) site: ProbeSite,
    level: AtomicU8,
    /// Whether anything is done to its calls, so that most calls need not look.
    is_armed: AtomicBool,
    armed: RwLock<Arc<[Arc<Armed>]>>,
    figures: Mutex<Figures>,
    /// The component that imports, for the types of its functions.
    consumer: RwLock<Option<Component>>,
}

/// An intervention that is enabled.
#[derive(Debug)]
pub(super) struct Armed {
    pub(super) intervention: Intervention,
    pub(super) condition: Option<Condition>,
    /// How many calls it was asked about for which its condition holds.
    pub(super) matched: AtomicU64,
    /// Whether it was told that its condition cannot be asked.
    pub(super) has_complained: AtomicBool,
}

impl Armed {
    /// Whether it concerns calls of this function.
    fn concerns(&self, function: &str) -> bool {
        self.intervention.function.as_deref().is_none_or(|named| named == function)
    }
}

impl SiteState {
    pub(super) fn new(site: ProbeSite) -> Self {
        Self {
            site,
            level: AtomicU8::new(0),
            is_armed: AtomicBool::new(false),
            armed: RwLock::new(Arc::new([])),
            figures: Mutex::default(),
            consumer: RwLock::default(),
        }
    }

    pub(crate) fn level(&self) -> ProbeLevel {
        let level = usize::from(self.level.load(Ordering::Relaxed));
        ProbeLevel::ALL.get(level).copied().unwrap_or_default()
    }

    pub(super) fn set_level(&self, level: ProbeLevel) {
        self.level.store(level as u8, Ordering::Relaxed);
    }

    /// What is done to calls of a function.
    pub(super) fn armed(&self, function: &str) -> Vec<Arc<Armed>> {
        let armed = self.armed.read().unwrap_or_else(PoisonError::into_inner).clone();
        armed.iter().filter(|armed| armed.concerns(function)).cloned().collect()
    }

    /// Whether anything is done to calls of a function.
    pub(super) fn is_armed(&self, function: &str) -> bool {
        self.is_armed.load(Ordering::Relaxed)
            && self
                .armed
                .read()
                .unwrap_or_else(PoisonError::into_inner)
                .iter()
                .any(|armed| armed.concerns(function))
    }

    pub(super) fn arm(&self, all: Vec<Arc<Armed>>) {
        self.is_armed.store(!all.is_empty(), Ordering::Relaxed);
        *self.armed.write().unwrap_or_else(PoisonError::into_inner) = all.into();
    }

    /// Says whose import it is from now on.
    pub(crate) fn bind(&self, consumer: &Component) {
        self.consumer.write().unwrap_or_else(PoisonError::into_inner).replace(consumer.clone());
    }

    /// Does something with the types of a function; nothing if they are not known.
    pub(super) fn with_shape<T>(&self, function: &str, work: impl FnOnce(Shape<'_>) -> T) -> Option<T> {
        let ProbeSite::Link { import, .. } = &self.site else { return None };
        let consumer = self.consumer.read().unwrap_or_else(PoisonError::into_inner).clone()?;
        Shape::of(&consumer, import, function).map(work)
    }

    /// The names of a function's parameters.
    pub(super) fn params(&self, function: &str) -> Vec<String> {
        let names = |shape: Shape<'_>| {
            shape.function.params.iter().map(|param| param.name.clone()).collect::<Vec<_>>()
        };
        self.with_shape(function, names).unwrap_or_default()
    }

    pub(crate) fn record(&self, now: Instant, duration_nanos: u64, bytes: u64) {
        self.figures().record(now, duration_nanos, bytes);
    }

    pub(crate) fn error(&self) {
        self.figures().error();
    }

    /// Its figures, if anything was observed or is to be.
    pub(super) fn told(&self, now: Instant) -> Option<SiteFigures> {
        let mut figures = self.figures();
        let is_of_interest = figures.calls() > 0 || self.level() > ProbeLevel::Off;
        is_of_interest.then(|| figures.told(self.site.clone(), now))
    }

    /// Begins to count anew.
    pub(super) fn forget_figures(&self) {
        *self.figures() = Figures::default();
    }

    fn figures(&self) -> MutexGuard<'_, Figures> {
        self.figures.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for SiteState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SiteState")
            .field("site", &self.site)
            .field("level", &self.level())
            .finish_non_exhaustive()
    }
}
