//! What is known of the calls over a workload's links: figures, and those that are held.

use std::collections::BTreeMap;

use jackfield_protocol::{
    Action, ComponentName, EntryKind, HeldCall, HoldId, Intervention, LinkTarget, ProbeLevel, ProbeSite,
    SiteFigures, WorkloadState,
};

use super::held::Held;
use super::intervene::Draft;
use super::site::{entry_site, link_site};
use crate::model::OpenWorkload;

/// What is known of the calls over a workload's links.
#[derive(Debug, Default)]
pub struct Observed {
    /// What has gone over each site since the workload was started.
    pub figures: BTreeMap<ProbeSite, SiteFigures>,
    /// The calls that are held, oldest first.
    pub held: Vec<Held>,
    /// The form of an intervention.
    pub draft: Option<Draft>,
}

impl Observed {
    pub(in crate::model) fn hold(&mut self, call: HeldCall) {
        if self.held.iter().all(|held| held.call.id != call.id) {
            self.held.push(Held::new(call));
        }
    }

    pub(in crate::model) fn release(&mut self, id: HoldId) {
        self.held.retain(|held| held.call.id != id);
    }

    pub(in crate::model) fn put(&mut self, figures: Vec<SiteFigures>) {
        self.figures.extend(figures.into_iter().map(|figures| (figures.site.clone(), figures)));
    }

    /// A workload that begins again begins to count again, and one that does not run holds nothing.
    pub(in crate::model) fn set_state(&mut self, state: &WorkloadState) {
        if *state == WorkloadState::Starting {
            self.figures.clear();
        }
        if !state.is_active() {
            self.held.clear();
        }
    }

    /// The calls that are held on a link.
    pub fn held_at<'a>(
        &'a self,
        consumer: &'a ComponentName,
        import: &'a str,
    ) -> impl Iterator<Item = &'a Held> {
        self.held.iter().filter(move |held| held.call.consumer == *consumer && held.call.import == import)
    }
}

impl OpenWorkload {
    /// The sites that are switched together: the entries, and the links between components. Those to the host are
    /// the workbench's choice, and a service is not called but runs.
    pub fn common_sites(&self) -> impl Iterator<Item = ProbeSite> {
        let plan = &self.view.plan;
        let called = plan.entries.iter().filter(|entry| entry.kind != EntryKind::Run);
        let mut entries: Vec<_> = called.map(|entry| &entry.component).collect();
        entries.dedup();
        let links = plan.links.iter().filter(|link| matches!(link.target, LinkTarget::Component { .. }));
        entries.into_iter().map(entry_site).chain(links.map(link_site))
    }

    /// How much is observed, if it is the same everywhere.
    #[must_use]
    pub fn observed_level(&self) -> Option<ProbeLevel> {
        let mut levels = self.common_sites().map(|site| self.view.probes.level(&site));
        let Some(first) = levels.next() else {
            let settings = self.view.probes.settings.iter().map(|setting| setting.level);
            return Some(settings.max().unwrap_or_default());
        };
        levels.all(|level| level == first).then_some(first)
    }

    /// Whether anything is observed.
    #[must_use]
    pub fn is_observed(&self) -> bool {
        !self.view.probes.settings.is_empty()
    }

    /// What has gone over a site, if it is observed.
    #[must_use]
    pub fn figures(&self, site: &ProbeSite) -> Option<&SiteFigures> {
        self.observed.figures.get(site)
    }

    /// Whether a link is observed, could have been used, and never was.
    #[must_use]
    pub fn is_never_called(&self, site: &ProbeSite) -> bool {
        let has_run = matches!(self.view.state, WorkloadState::Running | WorkloadState::Completed);
        has_run
            && self.view.probes.level(site) != ProbeLevel::Off
            && self.figures(site).is_none_or(|figures| figures.calls == 0)
            && !self.is_held_at(site)
    }

    fn is_held_at(&self, site: &ProbeSite) -> bool {
        match site {
            ProbeSite::Link { consumer, import } => self.observed.held_at(consumer, import).next().is_some(),
            ProbeSite::Entry(_) => false,
        }
    }

    /// The breakpoint for every call over a site, if there is one.
    #[must_use]
    pub fn plain_breakpoint(&self, site: &ProbeSite) -> Option<&Intervention> {
        self.view.probes.interventions.iter().find(|intervention| {
            intervention.site == *site
                && intervention.action == Action::Hold
                && intervention.function.is_none()
                && intervention.condition.is_none()
        })
    }
}
