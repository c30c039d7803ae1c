//! When commands can be done, and which switches are on.

use jackfield_protocol::{Link, LinkTarget, ProbeLevel, Rule};

use super::Command;
use crate::model::compose::may_be_host;
use crate::model::traces::link_site;
use crate::model::{Model, OpenWorkload};

impl Command {
    /// Whether it can be done now.
    #[must_use]
    pub fn is_enabled(self, model: &Model) -> bool {
        let current = model.current();
        match self {
            Self::Start => current.is_some_and(OpenWorkload::can_start),
            Self::Stop => current.is_some_and(OpenWorkload::can_stop),
            Self::Restart => {
                current.is_some_and(|workload| workload.view.state.is_active() && workload.can_stop())
            }
            Self::Undo => current.is_some_and(|workload| workload.undo.can_undo()),
            Self::Redo => current.is_some_and(|workload| workload.undo.can_redo()),
            Self::Deselect => current.is_some_and(|workload| {
                workload.selection.is_some()
                    || workload.compose.pull.is_some()
                    || workload.compose.choice.is_some()
            }),
            Self::Delete => {
                let is_explicit = |link: &Link| link.why.rule == Rule::Explicit;
                current.is_some_and(|workload| {
                    workload.selected_component().is_some()
                        || workload.selected_link().is_some_and(is_explicit)
                })
            }
            Self::Rename => current.is_some_and(|workload| workload.selected_link().is_none()),
            Self::ToggleService => current.is_some_and(|workload| workload.is_service_selected().is_some()),
            Self::LinkToRules | Self::LinkToHost | Self::LinkToStub => {
                current.and_then(OpenWorkload::selected_link).is_some_and(|link| match self {
                    Self::LinkToRules => link.why.rule == Rule::Explicit,
                    Self::LinkToHost => {
                        let plan = current.map(|open| &open.view.plan);
                        !matches!(link.target, LinkTarget::Host { .. })
                            && plan.is_some_and(|plan| may_be_host(plan, &link.consumer, &link.import))
                    }
                    _ => link.target != LinkTarget::Stub,
                })
            }
            Self::ClearLog | Self::CopyLog => current.is_some_and(|workload| !workload.log.is_empty()),
            Self::ToggleDock => current.is_some() || model.preferences.dock_tab.needs_no_workload(),
            Self::NextWorkload | Self::PreviousWorkload => model.workloads.len() > 1,
            command if command.is_of_mcp() => command.is_mcp_enabled(model),
            command if command.is_of_traces() => command.is_trace_enabled(model),
            Self::Save
            | Self::SaveAs
            | Self::ExportWorkload
            | Self::Close
            | Self::Fit
            | Self::ZoomIn
            | Self::ZoomOut
            | Self::ZoomReset
            | Self::Arrange
            | Self::PauseLog
            | Self::FollowLog
            | Self::ToggleInspector
            | Self::ShowLogs
            | Self::ShowProblems => current.is_some(),
            _ => true,
        }
    }

    /// Whether it is a switch that is on; none if it is no switch.
    #[must_use]
    pub fn is_on(self, model: &Model) -> Option<bool> {
        use crate::model::ThemeChoice;
        let preferences = &model.preferences;
        match self {
            Self::ThemeSystem => Some(preferences.theme == ThemeChoice::System),
            Self::ThemeDark => Some(preferences.theme == ThemeChoice::Dark),
            Self::ThemeLight => Some(preferences.theme == ThemeChoice::Light),
            Self::ToggleComponents => Some(preferences.components_open),
            Self::ToggleInspector => Some(preferences.inspector_open),
            Self::ToggleDock => Some(preferences.dock_open),
            Self::ToggleService => model.current().and_then(OpenWorkload::is_service_selected),
            Self::PauseLog => model.current().map(|workload| workload.log.is_paused()),
            Self::FollowLog => model.current().map(|workload| workload.log.follows()),
            Self::LargeDock => Some(preferences.dock_large),
            Self::FollowFrames => model.session.open.as_ref().map(|open| open.follows),
            Self::FollowTraces => Some(model.traces.list.follows()),
            Self::ObserveOff => Some(model.observe_level() == Some(ProbeLevel::Off)),
            Self::ObserveTiming => Some(model.observe_level() == Some(ProbeLevel::Timing)),
            Self::ObserveValues => Some(model.observe_level() == Some(ProbeLevel::Values)),
            Self::ObserveAllOff => Some(model.traces.observe_all == ProbeLevel::Off),
            Self::ObserveAllTiming => Some(model.traces.observe_all == ProbeLevel::Timing),
            Self::ObserveAllValues => Some(model.traces.observe_all == ProbeLevel::Values),
            Self::ToggleBreakpoint => {
                let current = model.current();
                let site = current.and_then(OpenWorkload::selected_link).map(link_site);
                site.map(|site| current.is_some_and(|open| open.plain_breakpoint(&site).is_some()))
            }
            _ => None,
        }
    }
}
