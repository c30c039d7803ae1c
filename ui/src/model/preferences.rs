//! What the user likes, kept from one run to the next.

use serde::{Deserialize, Serialize};

use super::McpPreferences;
use super::places::Places;

/// Which theme to use.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ThemeChoice {
    /// As the system is.
    #[default]
    System,
    /// Always dark.
    Dark,
    /// Always light.
    Light,
}

/// What the dock shows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DockTab {
    /// What components print.
    #[default]
    Logs,
    /// What is wrong with the workload.
    Problems,
    /// Connections to MCP servers.
    Mcp,
    /// A recorded conversation.
    Session,
    /// What calls caused.
    Traces,
}

impl DockTab {
    /// Whether there is something to show before a workload is open.
    #[must_use]
    pub fn needs_no_workload(self) -> bool {
        matches!(self, Self::Mcp | Self::Session | Self::Traces)
    }
}

/// The user's choices about the window.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct Preferences {
    /// Dark, light, or as the system is.
    pub theme: ThemeChoice,
    /// Whether the list of components is shown.
    pub components_open: bool,
    /// Whether the inspector is shown.
    pub inspector_open: bool,
    /// Whether the dock is shown.
    pub dock_open: bool,
    /// What the dock shows.
    pub dock_tab: DockTab,
    /// Whether the dock takes most of the window.
    pub dock_large: bool,
    /// What the MCP tab remembers.
    pub mcp: McpPreferences,
    /// Where the cards of workloads are.
    pub places: Places,
    /// The collector to which traces were sent last.
    pub collector: String,
}

impl Default for Preferences {
    fn default() -> Self {
        Self {
            theme: ThemeChoice::System,
            components_open: true,
            inspector_open: true,
            dock_open: true,
            dock_tab: DockTab::Logs,
            dock_large: false,
            mcp: McpPreferences::default(),
            places: Places::default(),
            collector: super::traces::DEFAULT_COLLECTOR.to_owned(),
        }
    }
}

impl Preferences {
    /// Reads what [`to_text`](Self::to_text) wrote; whatever cannot be read is at its default.
    #[must_use]
    pub fn from_text(text: &str) -> Self {
        serde_json::from_str(text).unwrap_or_default()
    }

    /// The preferences as text.
    #[must_use]
    pub fn to_text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn preferences_survive_and_nonsense_gives_the_defaults() {
        let liked = Preferences { theme: ThemeChoice::Light, dock_open: false, ..Preferences::default() };
        assert_eq!(Preferences::from_text(&liked.to_text()), liked);
        assert_eq!(Preferences::from_text("nonsense"), Preferences::default());
        assert_eq!(Preferences::from_text(r#"{"theme":"dark"}"#).theme, ThemeChoice::Dark);
    }
}
