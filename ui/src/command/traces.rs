//! When the commands of traces, probes and held calls can be done.

use super::Command;
use crate::model::{Model, OpenWorkload};

impl Command {
    /// Whether it belongs to traces, probes and held calls.
    pub(super) fn is_of_traces(self) -> bool {
        matches!(
            self,
            Self::ShowTraces
                | Self::ObserveOff
                | Self::ObserveTiming
                | Self::ObserveValues
                | Self::ObserveAllOff
                | Self::ObserveAllTiming
                | Self::ObserveAllValues
                | Self::ToggleBreakpoint
                | Self::ContinueHeld
                | Self::ReleaseAll
                | Self::RecordTraces
                | Self::StopRecording
                | Self::OpenRecording
                | Self::ExportJson
                | Self::ExportChrome
                | Self::ExportOtlp
                | Self::SendTraces
                | Self::ClearTraces
                | Self::ClearTraceFilter
                | Self::FollowTraces
                | Self::CopyTrace
        )
    }

    pub(super) fn is_trace_enabled(self, model: &Model) -> bool {
        let current = model.current();
        let list = &model.traces.list;
        match self {
            Self::ObserveOff => current.is_some_and(OpenWorkload::is_observed),
            Self::ObserveTiming | Self::ObserveValues => current.is_some(),
            Self::ToggleBreakpoint => current.is_some_and(|open| open.selected_link().is_some()),
            Self::ContinueHeld => model.shown_held().is_some_and(|held| !held.is_released),
            Self::ReleaseAll => model.held().next().is_some(),
            Self::RecordTraces => current.is_some_and(|open| open.view.recording.is_none()),
            Self::StopRecording => current.is_some_and(|open| open.view.recording.is_some()),
            Self::ExportJson | Self::ExportChrome | Self::ExportOtlp | Self::SendTraces => list.shown() > 0,
            Self::ClearTraces => !list.is_empty(),
            Self::ClearTraceFilter => !list.filter().is_empty(),
            Self::CopyTrace => model.traces.open.as_ref().is_some_and(|open| open.trace.is_some()),
            _ => true,
        }
    }
}
