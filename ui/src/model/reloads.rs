//! What cards are marked with after component files have changed: for a moment what was reloaded, and for as
//! long as it is so what was not.

use std::collections::BTreeMap;
use std::time::Duration;

use jackfield_protocol::ComponentName;

/// How long a card shows that it was reloaded.
const SHOWN_SECONDS: f64 = 6.0;

/// A mark on a card.
#[derive(Debug, Clone, PartialEq)]
pub struct ReloadMark {
    /// What it says.
    pub text: &'static str,
    /// The same at length.
    pub details: String,
    /// Whether it is good news.
    pub is_good: bool,
    /// On egui's clock; none for what stays.
    until_seconds: Option<f64>,
}

/// The marks of one workload's cards.
#[derive(Debug, Clone, Default)]
pub struct Reloads(BTreeMap<ComponentName, ReloadMark>);

impl Reloads {
    /// The mark of a card.
    #[must_use]
    pub fn mark(&self, component: &ComponentName) -> Option<&ReloadMark> {
        self.0.get(component)
    }

    /// Files changed, and what is in them runs.
    pub(super) fn reloaded(
        &mut self,
        (components, entries): (Vec<ComponentName>, Vec<ComponentName>),
        duration_micros: u64,
        now_seconds: f64,
    ) {
        let took = format!("in {:.1} ms", duration_micros as f64 / 1000.0);
        let mut put = |name: ComponentName, text: &'static str, details: String| {
            let until_seconds = Some(now_seconds + SHOWN_SECONDS);
            self.0.insert(name, ReloadMark { text, details, is_good: true, until_seconds });
        };
        for entry in entries {
            put(entry, "composed again", format!("What it reaches has changed: composed again {took}"));
        }
        for component in components {
            put(component, "reloaded", format!("Its file has changed: reloaded {took}"));
        }
    }

    /// Files changed, and what is in them cannot run.
    pub(super) fn not_reloaded(&mut self, components: Vec<ComponentName>, reason: &str) {
        for component in components {
            let details = format!("Its file has changed, but what ran before runs on: {reason}");
            let mark = ReloadMark { text: "not reloaded", details, is_good: false, until_seconds: None };
            self.0.insert(component, mark);
        }
    }

    /// Nothing runs any more that a file could differ from.
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    /// Takes away what was shown long enough.
    pub(super) fn pass(&mut self, now_seconds: f64) {
        self.0.retain(|_, mark| mark.until_seconds.is_none_or(|until| now_seconds < until));
    }

    /// When the next mark is to be taken away.
    pub(super) fn next_change(&self, now_seconds: f64) -> Option<Duration> {
        let left = self.0.values().filter_map(|mark| mark.until_seconds).map(|until| until - now_seconds);
        left.reduce(f64::min).map(|left| Duration::from_secs_f64(left.max(0.0)))
    }
}
