//! When the commands of the MCP and session tabs can be done.

use super::Command;
use crate::model::mcp::{Arguments, Connection, Offer};
use crate::model::{DockTab, Model};

impl Command {
    /// Whether it belongs to the MCP and session tabs.
    pub(super) fn is_of_mcp(self) -> bool {
        matches!(
            self,
            Self::ShowMcp
                | Self::ShowSession
                | Self::LargeDock
                | Self::ClearLogFilter
                | Self::ConnectWorkload
                | Self::ConnectCommand
                | Self::ConnectUrl
                | Self::Disconnect
                | Self::Reconnect
                | Self::ForgetConnection
                | Self::ServeWorkload
                | Self::StopServing
                | Self::ReloadOffers
                | Self::CallTool
                | Self::CancelCall
                | Self::ReplayFrame
                | Self::EditFrame
                | Self::PairedFrame
                | Self::ClearFrameFilter
                | Self::FollowFrames
        )
    }

    pub(super) fn is_mcp_enabled(self, model: &Model) -> bool {
        let current = model.current();
        let shown = model.mcp.shown();
        let session = model.session.open.as_ref();
        let is_open = shown.is_some_and(|connection| connection.view.state.is_open());
        let served = current.and_then(|workload| workload.view.mcp_url.as_ref());
        match self {
            Self::ClearLogFilter => current.is_some_and(|workload| !workload.log.filter().is_empty()),
            Self::ConnectWorkload => current.is_some(),
            Self::Disconnect => is_open,
            Self::Reconnect => shown.is_some() && !is_open,
            Self::ForgetConnection => shown.is_some(),
            Self::ServeWorkload => {
                served.is_none() && current.is_some_and(|workload| workload.view.state.is_active())
            }
            Self::StopServing => served.is_some(),
            Self::ReloadOffers => is_open,
            Self::CallTool => {
                let can_send = |(connection, _, arguments): (&Connection, &Offer, &Arguments)| {
                    arguments.to_send().is_ok() && connection.timeout_millis().is_ok()
                };
                is_open
                    && model.preferences.dock_open
                    && model.preferences.dock_tab == DockTab::Mcp
                    && model.mcp.running_selected().is_none()
                    && model.mcp.selected().is_some_and(can_send)
            }
            Self::CancelCall => model.mcp.running_selected().is_some_and(|running| !running.is_cancelled),
            Self::ReplayFrame => {
                session.is_some_and(|open| open.text().is_some()) && model.replay_connection().is_some()
            }
            Self::EditFrame => session.is_some_and(|open| open.text().is_some()),
            Self::PairedFrame => session.is_some_and(|open| open.pair().is_some()),
            Self::ClearFrameFilter => session.is_some_and(|open| !open.frames.filter().is_empty()),
            Self::FollowFrames => session.is_some(),
            _ => true,
        }
    }
}
