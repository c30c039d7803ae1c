//! What is observed of one workload, and what is done to its calls.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Instant,
};

use jackfield_component::Component;
use jackfield_protocol::{
    Action, ComponentName, Direction, Error, ErrorKind, HeldCall, HoldId, InterfaceName, Intervention,
    InterventionId, Link, LinkTarget, Plan, Port, ProbeLevel, ProbeSelection, ProbeSetting, ProbeSite,
    Probes, Release, SiteFigures, Unobserved, WorkloadId,
};

use super::{
    chance::ALWAYS,
    condition::Condition,
    holds::Desk,
    shape::Shape,
    site::{Armed, SiteState},
};
use crate::compose::reached;

/// What is observed of a workload for as long as it is open, whether it runs or not. Cheap to clone; clones are the
/// same board.
#[derive(Debug, Clone)]
pub struct ProbeBoard(Arc<Board>);

#[derive(Debug)]
pub(crate) struct Board {
    pub(super) workload: WorkloadId,
    sites: Mutex<BTreeMap<ProbeSite, Arc<SiteState>>>,
    interventions: Mutex<Vec<Arc<Armed>>>,
    pub(super) desk: Desk,
    /// Counts what was switched.
    changes: AtomicU64,
    known: Mutex<Known>,
}

/// What is observed below each entry, as of a plan and a number of changes.
#[derive(Debug, Default)]
struct Known {
    plan: Option<Arc<Plan>>,
    changes: u64,
    entries: HashMap<ComponentName, Observed>,
}

/// What of an entry is observed: links of its composition, or only the calls from outside.
#[derive(Debug, Clone, Default)]
pub(crate) struct Observed {
    links: Arc<BTreeMap<ProbeSite, Arc<SiteState>>>,
    are_calls: bool,
}

impl Observed {
    /// What is known about a link, if it is observed.
    pub(crate) fn get(&self, consumer: &ComponentName, import: &str) -> Option<&Arc<SiteState>> {
        if self.links.is_empty() {
            return None;
        }
        self.links.get(&ProbeSite::Link { consumer: consumer.clone(), import: import.to_owned() })
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.links.is_empty()
    }

    /// Whether anything is, so that what a call costs is counted.
    pub(crate) fn is_metered(&self) -> bool {
        self.are_calls || !self.links.is_empty()
    }

    /// The same without probes on links.
    pub(crate) fn without_links(&self) -> Self {
        Self { links: Arc::default(), are_calls: true }
    }

    /// Which links they are.
    pub(crate) fn sites(&self) -> Vec<ProbeSite> {
        self.links.keys().cloned().collect()
    }

    /// All of them, as links that cannot be observed.
    pub(crate) fn unobserved(&self, reason: &str) -> Vec<Unobserved> {
        let links = self.links.keys().filter_map(|site| match site {
            ProbeSite::Link { consumer, import } => Some((consumer.clone(), import.clone())),
            ProbeSite::Entry(_) => None,
        });
        let unobserved = |(consumer, import)| Unobserved { consumer, import, reason: reason.to_owned() };
        links.map(unobserved).collect()
    }
}

/// Of links only: whether calls are observed changes no composition.
impl PartialEq for Observed {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.links, &other.links) || self.links.keys().eq(other.links.keys())
    }
}

impl Eq for Observed {}

impl ProbeBoard {
    /// A board on which nothing is observed.
    #[must_use]
    pub fn new(workload: WorkloadId) -> Self {
        Self(Arc::new(Board {
            workload,
            sites: Mutex::default(),
            interventions: Mutex::default(),
            desk: Desk::default(),
            changes: AtomicU64::new(1),
            known: Mutex::default(),
        }))
    }

    pub(crate) fn board(&self) -> &Arc<Board> {
        &self.0
    }

    /// Switches probes. What is observed of calls that begin afterwards is what is said here.
    ///
    /// # Errors
    /// If the plan has no such entry or link, or the link is a stub.
    pub fn set(&self, plan: &Plan, selection: &ProbeSelection, level: ProbeLevel) -> Result<(), Error> {
        let sites = match selection {
            ProbeSelection::All if level == ProbeLevel::Off => self.0.sites().keys().cloned().collect(),
            ProbeSelection::All => sites_of_interest(plan),
            ProbeSelection::One(site) => {
                check_site(plan, site)?;
                vec![site.clone()]
            }
        };
        for site in sites {
            let is_armed = self.0.interventions().iter().any(|armed| armed.counts_at(&site));
            // What holds calls has to see them.
            let level = if is_armed { level.max(ProbeLevel::Timing) } else { level };
            self.0.site(&site).set_level(level);
        }
        self.0.changed();
        Ok(())
    }

    /// Does something to calls over a link from now on. Gives its name; one with a name that there is takes its place.
    ///
    /// # Errors
    /// If there is no such link or function, the condition cannot be read, or what it is to fail with does not
    /// fit.
    pub fn intervene(
        &self,
        plan: &Plan,
        components: &indexmap::IndexMap<ComponentName, Component>,
        mut intervention: Intervention,
    ) -> Result<InterventionId, Error> {
        check_site(plan, &intervention.site)?;
        let ProbeSite::Link { consumer, import } = &intervention.site else {
            return Err(refused("calls from outside are not held")
                .with_help("put it on a link between components, or to the host"));
        };
        let consumer =
            components.get(consumer).ok_or_else(|| refused(format!("there is no `{consumer}`")))?;
        let condition = check(&intervention, consumer, import)?;
        let mut all = self.0.interventions();
        if intervention.id == InterventionId::default() {
            let last = all.iter().map(|armed| armed.intervention.id.0).max().unwrap_or(0);
            intervention.id = InterventionId(last.max(self.0.changes.load(Ordering::Relaxed)) + 1);
        }
        let id = intervention.id;
        let state = self.0.site(&intervention.site);
        if intervention.is_enabled && state.level() == ProbeLevel::Off {
            state.set_level(ProbeLevel::Timing);
        }
        let is_hold = intervention.is_enabled && intervention.action == Action::Hold;
        let armed = Arc::new(Armed::new(intervention, condition));
        match all.iter_mut().find(|known| known.intervention.id == id) {
            Some(known) => *known = armed,
            None => all.push(armed),
        }
        self.0.arm(&all);
        drop(all);
        if !is_hold {
            self.0.desk.release_held_by(|by| by == id);
        }
        self.0.changed();
        Ok(id)
    }

    /// Does it no longer; what it holds goes on. False if there is none of that name.
    pub fn remove(&self, id: InterventionId) -> bool {
        let mut all = self.0.interventions();
        let before = all.len();
        all.retain(|armed| armed.intervention.id != id);
        let is_removed = all.len() != before;
        self.0.arm(&all);
        drop(all);
        self.0.desk.release_held_by(|by| by == id);
        self.0.changed();
        is_removed
    }

    /// Lets a held call go on. None if no call of that name is held here.
    ///
    /// # Errors
    /// If what it is to go on with does not fit; it is held still.
    pub fn release(&self, hold: HoldId, how: Release) -> Option<Result<(), Error>> {
        self.0.desk.release(hold, how).map(|released| released.map_err(refused))
    }

    /// Lets all held calls go on as they came, and disables what holds.
    pub fn release_all(&self) {
        let mut all = self.0.interventions();
        for armed in all.iter_mut().filter(|armed| armed.intervention.action == Action::Hold) {
            let intervention = Intervention { is_enabled: false, ..armed.intervention.clone() };
            // Its condition is read again when it is enabled.
            *armed = Arc::new(Armed::new(intervention, None));
        }
        self.0.arm(&all);
        drop(all);
        self.0.desk.release_held_by(|_| true);
    }

    /// What is held, oldest first.
    #[must_use]
    pub fn held(&self) -> Vec<HeldCall> {
        self.0.desk.held()
    }

    /// What is observed, and what is done.
    #[must_use]
    pub fn probes(&self) -> Probes {
        let setting =
            |state: &Arc<SiteState>| ProbeSetting { site: state.site.clone(), level: state.level() };
        let sites = self.0.sites();
        let settings =
            sites.values().map(setting).filter(|setting| setting.level > ProbeLevel::Off).collect();
        let interventions = self.0.interventions().iter().map(|armed| armed.intervention.clone()).collect();
        Probes { settings, interventions, needs_restart: Vec::new() }
    }

    /// What has gone over the sites that are observed, or were.
    #[must_use]
    pub fn figures(&self) -> Vec<SiteFigures> {
        let now = Instant::now();
        self.0.sites().values().filter_map(|state| state.told(now)).collect()
    }

    /// Begins to count anew.
    pub fn forget_figures(&self) {
        self.0.sites().values().for_each(|state| state.forget_figures());
    }
}

impl Board {
    fn sites(&self) -> MutexGuard<'_, BTreeMap<ProbeSite, Arc<SiteState>>> {
        self.sites.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn interventions(&self) -> MutexGuard<'_, Vec<Arc<Armed>>> {
        self.interventions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is known about a site.
    pub(crate) fn site(&self, site: &ProbeSite) -> Arc<SiteState> {
        let mut sites = self.sites();
        if let Some(state) = sites.get(site) {
            return Arc::clone(state);
        }
        let state = Arc::new(SiteState::new(site.clone()));
        sites.insert(site.clone(), Arc::clone(&state));
        state
    }

    fn changed(&self) {
        self.changes.fetch_add(1, Ordering::Relaxed);
    }

    fn arm(&self, all: &[Arc<Armed>]) {
        for (site, state) in self.sites().iter() {
            state.arm(all.iter().filter(|armed| armed.counts_at(site)).cloned().collect());
        }
    }

    /// The links below an entry that are observed now.
    pub(crate) fn observed(&self, plan: &Arc<Plan>, entry: &ComponentName) -> Observed {
        let changes = self.changes.load(Ordering::Relaxed);
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let is_same = known.plan.as_ref().is_some_and(|known| Arc::ptr_eq(known, plan));
        if !is_same || known.changes != changes {
            *known = Known { plan: Some(Arc::clone(plan)), changes, entries: HashMap::new() };
        }
        if let Some(observed) = known.entries.get(entry) {
            return observed.clone();
        }
        let is_observed = |site: &ProbeSite| {
            self.sites().get(site).filter(|state| state.level() > ProbeLevel::Off).cloned()
        };
        let are_calls = is_observed(&ProbeSite::Entry(entry.clone())).is_some();
        let observed = Observed { links: Arc::new(below(plan, entry, is_observed)), are_calls };
        known.entries.insert(entry.clone(), observed.clone());
        observed
    }

    /// All links below an entry that are of interest.
    pub(crate) fn all_of_interest(&self, plan: &Plan, entry: &ComponentName) -> Observed {
        let of_interest: BTreeSet<ProbeSite> = sites_of_interest(plan).into_iter().collect();
        let links = below(plan, entry, |site| of_interest.contains(site).then(|| self.site(site)));
        Observed { links: Arc::new(links), are_calls: true }
    }
}

impl Armed {
    fn new(intervention: Intervention, condition: Option<Condition>) -> Self {
        Self { intervention, condition, matched: AtomicU64::new(0), has_complained: false.into() }
    }

    fn counts_at(&self, site: &ProbeSite) -> bool {
        self.intervention.is_enabled && self.intervention.site == *site
    }
}

/// The links of what an entry reaches for which `state` has something.
fn below(
    plan: &Plan,
    entry: &ComponentName,
    state: impl Fn(&ProbeSite) -> Option<Arc<SiteState>>,
) -> BTreeMap<ProbeSite, Arc<SiteState>> {
    let members = reached(plan, entry);
    let has_calls = |link: &&Link| !matches!(link.target, LinkTarget::Stub | LinkTarget::Types);
    let links = plan.links.iter().filter(|link| has_calls(link) && members.contains(&link.consumer));
    let sites =
        links.map(|link| ProbeSite::Link { consumer: link.consumer.clone(), import: link.import.clone() });
    sites.filter_map(|site| state(&site).map(|state| (site, state))).collect()
}

/// The sites that are switched together.
fn sites_of_interest(plan: &Plan) -> Vec<ProbeSite> {
    let links = plan.links.iter().filter(|link| match &link.target {
        LinkTarget::Component { .. } => true,
        LinkTarget::Host { .. } => is_of_interest(&link.import),
        LinkTarget::Stub | LinkTarget::Types => false,
    });
    let links =
        links.map(|link| ProbeSite::Link { consumer: link.consumer.clone(), import: link.import.clone() });
    let entries = plan.entries.iter().map(|entry| ProbeSite::Entry(entry.component.clone()));
    links.chain(entries).collect()
}

/// Whether calls of a host's interface matter to who reads a trace: not those that every program makes all the
/// time.
fn is_of_interest(import: &str) -> bool {
    let Some(InterfaceName { namespace, package, interface, .. }) = InterfaceName::parse(import) else {
        return true;
    };
    match (namespace.as_str(), package.as_str(), interface.as_str()) {
        ("wasi", "io" | "clocks" | "random" | "cli" | "logging", _) => false,
        ("wasi", "http", interface) => interface != "types",
        _ => true,
    }
}

fn check_site(plan: &Plan, site: &ProbeSite) -> Result<(), Error> {
    match site {
        ProbeSite::Entry(name) if plan.entries.iter().any(|entry| entry.component == *name) => Ok(()),
        ProbeSite::Entry(name) => {
            Err(refused(format!("`{name}` is no way in, so there are no calls to see")))
        }
        ProbeSite::Link { consumer, import } => match plan.link(consumer, import).map(|link| &link.target) {
            Some(LinkTarget::Stub) => Err(refused(format!("`{import}` of `{consumer}` is a stub"))
                .with_help("give the stub its answers instead")),
            Some(LinkTarget::Types) => Err(refused(format!(
                "`{consumer}` imports only types of `{import}`, so there are no calls to see"
            ))),
            Some(_) => Ok(()),
            None => {
                let known: Vec<&str> = plan
                    .links
                    .iter()
                    .filter(|link| link.consumer == *consumer)
                    .map(|link| link.import.as_str())
                    .collect();
                let error = refused(format!("`{consumer}` has no link for `{import}`"));
                Err(match known.is_empty() {
                    true => error,
                    false => error.with_help(format!("it has links for `{}`", known.join("`, `"))),
                })
            }
        },
    }
}

/// Sees to it that an intervention can be done, and reads its condition.
fn check(
    intervention: &Intervention,
    consumer: &Component,
    import: &str,
) -> Result<Option<Condition>, Error> {
    let ports = consumer.info().ports.iter();
    let mut ports = ports.filter(|port| port.direction == Direction::Import && port.name == import);
    let port = ports.next();
    let functions = port.map(Port::functions).unwrap_or_default();
    let meant: Vec<_> = functions
        .iter()
        .filter(|known| intervention.function.as_ref().is_none_or(|name| *name == known.name))
        .collect();
    if let (Some(name), true) = (&intervention.function, meant.is_empty()) {
        let known: Vec<&str> = functions.iter().map(|function| function.name.as_str()).collect();
        let error = refused(format!("`{import}` has no function `{name}`"));
        return Err(error.with_help(format!("it has `{}`", known.join("`, `"))));
    }
    match &intervention.action {
        Action::Hold => {}
        Action::Delay { min_millis, max_millis, .. } if min_millis > max_millis => {
            return Err(refused("the shortest delay is longer than the longest"));
        }
        Action::Delay { .. } => {}
        Action::Fail { parts_per_million, .. } if *parts_per_million > ALWAYS => {
            return Err(
                refused("more than all calls cannot fail").with_help("say at most 1000000 of a million")
            );
        }
        Action::Fail { value: None, .. } => {}
        Action::Fail { value: Some(value), .. } => {
            for function in &meant {
                let answer = Shape::of(consumer, import, &function.name).map(|shape| shape.failure(value));
                if let Some(Err(reason)) = answer {
                    let help = match &intervention.function {
                        Some(_) => "leave the value out for the simplest error",
                        None => "name one function, or leave the value out for the simplest error",
                    };
                    return Err(refused(format!("`{}` cannot give `{value}`: {reason}", function.name))
                        .with_help(help));
                }
            }
        }
    }
    let Some(text) = intervention.condition.as_deref().map(str::trim).filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    let params: BTreeSet<&str> =
        meant.iter().flat_map(|function| &function.params).map(|param| param.name.as_str()).collect();
    let params: Vec<String> = params.into_iter().map(str::to_owned).collect();
    let wrong = |reason| refused(format!("the condition `{text}` cannot be asked: {reason}"));
    let condition = Condition::new(text, &params).map_err(|reason| {
        wrong(reason).with_help("conditions are in CEL, for example `args.a > 3 && args.name == 'x'`")
    })?;
    let signatures = meant.iter().filter_map(|function| consumer.signature(port?, function));
    let checked: Vec<_> = signatures.map(|signature| condition.check(signature)).collect();
    // Meant for several functions, it need not suit all of them.
    if let (Some(Err(reason)), false) = (checked.first(), checked.iter().any(Result::is_ok)) {
        let names: Vec<_> = meant.iter().map(|function| format!("`{}`", function.signature())).collect();
        return Err(wrong(reason.clone()).with_help(format!("it is asked of {}", names.join(", "))));
    }
    Ok(Some(condition))
}

fn refused(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::Request, message)
}
