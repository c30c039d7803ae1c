//! What the user asks for about traces, carried out on the model.

use jackfield_protocol::{
    Action, HoldId, Intervention, InterventionId, ProbeLevel, ProbeSelection, ProbeSite, Provider, Release,
    Request, TraceFormat, TraceId, TraceSelection, WorkloadId,
};

use super::super::{DockTab, Effect, Model, PathWish};
use super::{
    Draft, Held, OpenTrace, ReleaseKind, SendDraft, TraceAction, TraceFilter, TracePurpose, condition_field,
    effect, link_of_span, link_site,
};
use crate::action::Selection;
use crate::command::Command;

impl Model {
    /// Carries out what was asked for.
    pub(in crate::model) fn apply_to_traces(&mut self, action: TraceAction) -> Vec<Effect> {
        match action {
            TraceAction::Filter(filter) => self.traces.list.set_filter(filter),
            TraceAction::Follow(follow) => self.traces.list.set_follow(follow),
            TraceAction::Select(id) => return self.show_trace(id),
            TraceAction::Open(id) => return self.open_trace(id),
            TraceAction::Step(rows) => return self.step_trace(rows),
            TraceAction::ToEnd(is_newest) => {
                return self.step_trace(if is_newest { i64::MIN } else { i64::MAX });
            }
            TraceAction::ShowComponent(name) => self.reveal(Selection::Component(name)),
            TraceAction::Observe(sites, level) => return self.observe_sites(sites, level),
            TraceAction::Draft(draft) => {
                let Some(open) = self.current_mut() else { return Vec::new() };
                let form = |draft: &Draft| (draft.id, draft.site.clone());
                let is_new = draft.as_ref().map(form) != open.observed.draft.as_ref().map(form);
                open.observed.draft = draft;
                if is_new && open.observed.draft.is_some() {
                    return vec![Effect::Focus(condition_field())];
                }
            }
            TraceAction::Intervene => return self.intervene_as_typed(),
            TraceAction::Put(intervention) => return self.put_intervention(intervention),
            TraceAction::Remove(id) => return self.remove_intervention(id),
            TraceAction::ShowHold(id) => return self.show_hold(id),
            TraceAction::FoldHolds(is_folded) => self.traces.is_hold_form_folded = is_folded,
            TraceAction::EditHold(id, edit) => {
                if let Some(held) = self.held_mut(id) {
                    held.edit(edit);
                }
            }
            TraceAction::Release(id, kind, how) => return self.release(id, kind, how),
            TraceAction::ReleaseAll(id) => {
                return vec![effect(Request::ReleaseAll(id), TracePurpose::ReleaseAll(id))];
            }
            TraceAction::ExportOne(id, format) => {
                return vec![Effect::PickPath(PathWish::Export(TraceSelection::These(vec![id]), format))];
            }
            TraceAction::PathChosen(wish, path) => return self.path_chosen(wish, path),
            TraceAction::SendOne(id) => self.ask_where_to_send(TraceSelection::These(vec![id])),
            TraceAction::Endpoint(None) => self.traces.sending = None,
            TraceAction::Endpoint(Some(endpoint)) => {
                if let Some(draft) = &mut self.traces.sending {
                    (draft.endpoint, draft.error) = (endpoint, None);
                }
            }
            TraceAction::Send => return self.send_traces(),
            other => return self.apply_to_open_trace(&other),
        }
        Vec::new()
    }

    fn apply_to_open_trace(&mut self, action: &TraceAction) -> Vec<Effect> {
        let Some(open) = &mut self.traces.open else { return Vec::new() };
        match *action {
            TraceAction::SelectRow(row) => open.select(row),
            TraceAction::StepRow(rows) => open.step(rows),
            TraceAction::RowToEnd(is_last) => open.step(if is_last { i64::MAX } else { i64::MIN }),
            TraceAction::Toggle(row) => {
                if let Some(is_folded) = open.is_folded(row) {
                    open.fold(row, !is_folded);
                }
                return Vec::new();
            }
            TraceAction::Fold => match open.selected {
                Some(row) if open.is_folded(row) == Some(false) => {
                    open.fold(row, true);
                    return Vec::new();
                }
                Some(row) => {
                    if let Some(parent) = open.rows.parent(row) {
                        open.select(parent);
                    }
                }
                None => open.select(0),
            },
            TraceAction::Unfold => match open.selected {
                Some(row) if open.is_folded(row) == Some(true) => {
                    open.fold(row, false);
                    return Vec::new();
                }
                Some(row) if open.is_folded(row).is_some() => open.select(row + 1),
                Some(_) => {}
                None => open.select(0),
            },
            TraceAction::FoldAll(is_folded) => {
                open.fold_all(is_folded);
                return Vec::new();
            }
            TraceAction::Details(has_details) => {
                open.has_details = has_details;
                return Vec::new();
            }
            _ => return Vec::new(),
        }
        self.select_link_of_span()
    }

    /// Shows on the canvas where the selected call went.
    fn select_link_of_span(&mut self) -> Vec<Effect> {
        let Some(open) = &self.traces.open else { return Vec::new() };
        let (Some(trace), Some(span)) = (&open.trace, open.selected_span()) else { return Vec::new() };
        let Some(workload) = trace.workload.and_then(|id| self.workload(id)) else { return Vec::new() };
        let plan = &workload.view.plan;
        let link = link_of_span(plan, span)
            .map(|link| Selection::Link { consumer: link.consumer.clone(), import: link.import.clone() });
        let component = match &span.provider {
            Provider::Component(name) => Some(name),
            Provider::Host(_) => span.consumer.as_ref(),
        };
        let component = component.filter(|name| plan.node(name).is_some());
        let selection = link.or_else(|| component.map(|name| Selection::Component(name.clone())));
        let id = workload.view.id;
        let is_same = workload.selection == selection && self.current == Some(id);
        if selection.is_none() || is_same {
            return Vec::new();
        }
        let effects = self.commit_typed();
        self.current = Some(id);
        if let Some(workload) = self.current_mut() {
            workload.selection = selection;
        }
        effects
    }

    /// Shows a trace; it is asked for.
    pub(super) fn show_trace(&mut self, id: TraceId) -> Vec<Effect> {
        let is_shown = self.traces.open.as_ref().is_some_and(|open| open.id == id && open.error.is_none());
        if is_shown {
            return Vec::new();
        }
        let has_details = self.traces.open.as_ref().is_some_and(|open| open.has_details);
        self.traces.open = Some(OpenTrace { has_details, ..OpenTrace::new(id) });
        vec![effect(Request::TraceById(id), TracePurpose::Show(id))]
    }

    /// Shows a trace from anywhere in the window.
    fn open_trace(&mut self, id: TraceId) -> Vec<Effect> {
        self.show_dock(DockTab::Traces);
        if self.traces.list.row_of(id).is_none() {
            self.traces.list.set_filter(TraceFilter::default());
        }
        self.traces.list.set_follow(false);
        self.show_trace(id)
    }

    fn step_trace(&mut self, rows: i64) -> Vec<Effect> {
        let list = &mut self.traces.list;
        let Some(last) = list.shown().checked_sub(1) else { return Vec::new() };
        let at = self.traces.open.as_ref().and_then(|open| list.row_of(open.id));
        let at = at.map_or(0, |at| i64::try_from(at).unwrap_or(0).saturating_add(rows));
        let row = usize::try_from(at.max(0)).unwrap_or(usize::MAX).min(last);
        list.set_follow(row == 0);
        let id = list.row(row).map(|trace| trace.id);
        id.map(|id| self.show_trace(id)).unwrap_or_default()
    }

    fn observe_sites(&mut self, sites: ProbeSelection, level: ProbeLevel) -> Vec<Effect> {
        let Some(workload) = self.current else { return Vec::new() };
        let request = Request::SetProbes { workload, sites, level };
        vec![effect(request, TracePurpose::Observe(workload, level))]
    }

    fn intervene_as_typed(&mut self) -> Vec<Effect> {
        let Some(open) = self.current_mut() else { return Vec::new() };
        let workload = open.view.id;
        let Some(draft) = &mut open.observed.draft else { return Vec::new() };
        match draft.intervention() {
            Err(error) => {
                draft.error = Some(error);
                Vec::new()
            }
            Ok(intervention) => {
                draft.error = None;
                let request = Request::Intervene { workload, intervention };
                vec![effect(request, TracePurpose::Intervene(workload))]
            }
        }
    }

    fn put_intervention(&mut self, intervention: Intervention) -> Vec<Effect> {
        let Some(workload) = self.current else { return Vec::new() };
        vec![effect(Request::Intervene { workload, intervention }, TracePurpose::Switch(workload))]
    }

    fn remove_intervention(&mut self, id: InterventionId) -> Vec<Effect> {
        let Some(open) = self.current_mut() else { return Vec::new() };
        let workload = open.view.id;
        if open.observed.draft.as_ref().is_some_and(|draft| draft.id == id) {
            open.observed.draft = None;
        }
        let request = Request::RemoveIntervention { workload, intervention: id };
        vec![effect(request, TracePurpose::Remove(workload, id))]
    }

    /// Puts a breakpoint on the selected link, or takes it away.
    fn toggle_breakpoint(&mut self) -> Vec<Effect> {
        let Some(open) = self.current() else { return Vec::new() };
        let Some(site) = open.selected_link().map(link_site) else { return Vec::new() };
        match open.plain_breakpoint(&site).map(|known| known.id) {
            Some(id) => self.remove_intervention(id),
            None => self.put_intervention(breakpoint(site)),
        }
    }

    /// Shows a held call, and where it is.
    fn show_hold(&mut self, id: HoldId) -> Vec<Effect> {
        self.traces.shown_hold = Some(id);
        self.traces.is_hold_form_folded = false;
        let Some(call) = self.held().find(|held| held.call.id == id).map(|held| held.call.clone()) else {
            return Vec::new();
        };
        let effects = self.commit_typed();
        self.current = Some(call.workload);
        let has_link =
            self.current().is_some_and(|open| open.view.plan.link(&call.consumer, &call.import).is_some());
        if has_link {
            self.reveal(Selection::Link { consumer: call.consumer, import: call.import });
        }
        effects
    }

    fn release(&mut self, id: HoldId, kind: ReleaseKind, how: Release) -> Vec<Effect> {
        match self.held_mut(id) {
            Some(held) if !held.is_released => {
                (held.is_released, held.error) = (true, None);
                let request = Request::Release { hold: id, how };
                vec![effect(request, TracePurpose::Release(id, kind))]
            }
            _ => Vec::new(),
        }
    }

    /// Lets the held call go on that is shown.
    fn continue_held(&mut self) -> Vec<Effect> {
        let id = self.shown_held().map(|held| held.call.id);
        id.map(|id| self.release(id, ReleaseKind::Continue, Release::Continue)).unwrap_or_default()
    }

    fn release_all(&mut self) -> Vec<Effect> {
        let mut workloads: Vec<WorkloadId> = self.held().map(|held| held.call.workload).collect();
        workloads.sort();
        workloads.dedup();
        let release = |id| effect(Request::ReleaseAll(id), TracePurpose::ReleaseAll(id));
        workloads.into_iter().map(release).collect()
    }

    /// The traces that a command is about: those that the list shows.
    fn meant_traces(&self) -> TraceSelection {
        let filter = self.traces.list.filter();
        match filter.workload {
            _ if filter.is_empty() => TraceSelection::All,
            Some(id) if *filter == (TraceFilter { workload: Some(id), ..TraceFilter::default() }) => {
                TraceSelection::Workload(id)
            }
            _ => TraceSelection::These(self.traces.list.shown_ids().to_vec()),
        }
    }

    fn export(&self, format: TraceFormat) -> Vec<Effect> {
        vec![Effect::PickPath(PathWish::Export(self.meant_traces(), format))]
    }

    fn path_chosen(&mut self, wish: PathWish, path: String) -> Vec<Effect> {
        vec![match wish {
            PathWish::Record(workload) => {
                let request = Request::Record { workload, path: Some(path) };
                effect(request, TracePurpose::Record(workload))
            }
            PathWish::OpenRecording => {
                let purpose = TracePurpose::OpenRecording(path.clone());
                effect(Request::OpenRecording { path }, purpose)
            }
            PathWish::Export(traces, format) => {
                effect(Request::ExportTraces { traces, format, path }, TracePurpose::Export(format))
            }
            PathWish::ExportWorkload(..) | PathWish::Manifest => return Vec::new(),
        }]
    }

    fn ask_where_to_send(&mut self, traces: TraceSelection) {
        let endpoint = self.preferences.collector.clone();
        self.traces.sending = Some(SendDraft { traces, endpoint, error: None, is_sending: false });
    }

    fn send_traces(&mut self) -> Vec<Effect> {
        let Some(draft) = self.traces.sending.as_mut().filter(|draft| !draft.is_sending) else {
            return Vec::new();
        };
        let endpoint = draft.endpoint.trim().to_owned();
        if !(endpoint.starts_with("http://") || endpoint.starts_with("https://")) {
            draft.error = Some("Type an address that begins with http:// or https://".to_owned());
            return Vec::new();
        }
        (draft.is_sending, draft.error) = (true, None);
        let traces = draft.traces.clone();
        self.preferences.collector.clone_from(&endpoint);
        let remember = Effect::Remember(self.preferences.to_text());
        vec![effect(Request::SendTraces { traces, endpoint }, TracePurpose::Send), remember]
    }

    /// The commands about traces.
    pub(in crate::model) fn run_traces(&mut self, command: Command) -> Vec<Effect> {
        let current = self.current;
        match command {
            Command::ShowTraces => {
                self.show_dock(DockTab::Traces);
                return vec![Effect::Remember(self.preferences.to_text())];
            }
            Command::ObserveOff => return self.observe_sites(ProbeSelection::All, ProbeLevel::Off),
            Command::ObserveTiming => return self.observe_sites(ProbeSelection::All, ProbeLevel::Timing),
            Command::ObserveValues => return self.observe_sites(ProbeSelection::All, ProbeLevel::Values),
            Command::ObserveAllOff => return observe_all(ProbeLevel::Off),
            Command::ObserveAllTiming => return observe_all(ProbeLevel::Timing),
            Command::ObserveAllValues => return observe_all(ProbeLevel::Values),
            Command::ToggleBreakpoint => return self.toggle_breakpoint(),
            Command::ContinueHeld => return self.continue_held(),
            Command::ReleaseAll => return self.release_all(),
            Command::RecordTraces => {
                return current.map(|id| Effect::PickPath(PathWish::Record(id))).into_iter().collect();
            }
            Command::StopRecording => {
                let stop = |id| effect(Request::StopRecording(id), TracePurpose::StopRecording(id));
                return current.map(stop).into_iter().collect();
            }
            Command::OpenRecording => return vec![Effect::PickPath(PathWish::OpenRecording)],
            Command::ExportJson => return self.export(TraceFormat::Json),
            Command::ExportChrome => return self.export(TraceFormat::Chrome),
            Command::ExportOtlp => return self.export(TraceFormat::Otlp),
            Command::SendTraces => {
                let traces = self.meant_traces();
                self.ask_where_to_send(traces);
            }
            Command::ClearTraces => return vec![effect(Request::ClearTraces, TracePurpose::Clear)],
            Command::ClearTraceFilter => self.traces.list.set_filter(TraceFilter::default()),
            Command::FollowTraces => {
                let follows = self.traces.list.follows();
                self.traces.list.set_follow(!follows);
            }
            Command::CopyTrace => {
                let trace = self.traces.open.as_ref().and_then(|open| open.trace.as_ref());
                return trace.map(|trace| Effect::Copy(super::rows::to_text(trace))).into_iter().collect();
            }
            _ => {}
        }
        Vec::new()
    }
}

fn observe_all(level: ProbeLevel) -> Vec<Effect> {
    vec![effect(Request::SetAllProbes(level), TracePurpose::ObserveAll)]
}

/// The breakpoint for every call over a site.
fn breakpoint(site: ProbeSite) -> Intervention {
    Intervention {
        id: InterventionId(0),
        site,
        function: None,
        condition: None,
        action: Action::Hold,
        is_enabled: true,
    }
}

impl Held {
    /// Whether it can be answered with a value.
    #[must_use]
    pub fn can_answer(&self) -> bool {
        self.call.cannot_answer.is_none()
    }
}
