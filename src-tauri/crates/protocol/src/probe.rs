//! Probes: what is observed of a workload while it runs, and what is done to its calls.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{CallId, ComponentName, Provider, WorkloadId};

/// What can be observed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", rename_all_fields = "kebab-case")]
pub enum ProbeSite {
    /// Calls from outside into a component.
    Entry(ComponentName),
    /// Calls over a link.
    Link {
        /// Who imports.
        consumer: ComponentName,
        /// The import's name in the consumer's binary.
        import: String,
    },
}

/// How much is observed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProbeLevel {
    /// Nothing: the link is as if there were no probes.
    #[default]
    Off,
    /// Names and times.
    Timing,
    /// Arguments and results, too.
    Values,
}

impl ProbeLevel {
    /// All of them, from nothing to everything.
    pub const ALL: [Self; 3] = [Self::Off, Self::Timing, Self::Values];

    /// One word for it.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Timing => "timing",
            Self::Values => "values",
        }
    }
}

/// Which sites are to be switched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProbeSelection {
    /// All entries, all links between components, and the links to the host over which something is done that
    /// matters to a reader: files, sockets, HTTP, keys, blobs, plugins. Not clocks, random numbers, standard
    /// streams and the like, which are only observed when they are named.
    All,
    /// One.
    One(ProbeSite),
}

/// The level of one site. What is not told of is off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct ProbeSetting {
    /// What is observed.
    pub site: ProbeSite,
    /// How much.
    pub level: ProbeLevel,
}

/// What is observed of a workload, and what is done to its calls.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Probes {
    /// Every site that is not off, sorted.
    pub settings: Vec<ProbeSetting>,
    /// In the order in which they were made.
    pub interventions: Vec<Intervention>,
    /// Components whose running service has to be restarted before what was switched on below it is seen.
    pub needs_restart: Vec<ComponentName>,
}

impl Probes {
    /// How much is observed of a site.
    #[must_use]
    pub fn level(&self, site: &ProbeSite) -> ProbeLevel {
        let setting = self.settings.iter().find(|setting| setting.site == *site);
        setting.map_or(ProbeLevel::Off, |setting| setting.level)
    }

    /// What is done to the calls over a site.
    pub fn interventions<'a>(&'a self, site: &'a ProbeSite) -> impl Iterator<Item = &'a Intervention> {
        self.interventions.iter().filter(move |intervention| intervention.site == *site)
    }
}

/// Names an intervention for as long as the workbench runs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct InterventionId(pub u64);

/// Something that is done to calls over a link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Intervention {
    /// Its name; 0 when it is to be added.
    pub id: InterventionId,
    /// Over which link; calls from outside are not held.
    pub site: ProbeSite,
    /// The function in the interface: `square`, `[method]counter.inc`; all of them if nothing is said.
    pub function: Option<String>,
    /// Only calls whose arguments make this true: `args.a > 3`. All of them if nothing is said.
    pub condition: Option<String>,
    /// What is done.
    pub action: Action,
    /// Whether it counts now.
    pub is_enabled: bool,
}

/// What is done to a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", rename_all_fields = "kebab-case")]
pub enum Action {
    /// It is held until somebody says how it goes on: a breakpoint.
    Hold,
    /// It is passed on later.
    Delay {
        /// At least so much later: milliseconds.
        min_millis: u64,
        /// At most so much later: milliseconds; the same for a fixed delay.
        max_millis: u64,
        /// Makes the delays the same each time.
        seed: u64,
    },
    /// It is not passed on, but fails.
    Fail {
        /// What it gives back, in WAVE, if it has a result: `err(not-found)`. Nothing: the simplest error that
        /// its type has, or a trap if it has none.
        value: Option<String>,
        /// How many of a million calls fail; a million for all of them.
        parts_per_million: u32,
        /// Makes the choice of calls the same each time.
        seed: u64,
    },
}

/// Names a held call for as long as the workbench runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct HoldId(pub u64);

/// A call that is held at a breakpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct HeldCall {
    /// Its name.
    pub id: HoldId,
    /// In which workload.
    pub workload: WorkloadId,
    /// By which breakpoint.
    pub intervention: InterventionId,
    /// The call from outside to which it belongs.
    pub call: Option<CallId>,
    /// Who calls.
    pub consumer: ComponentName,
    /// Whose function is called.
    pub provider: Provider,
    /// The import over which it goes.
    pub import: String,
    /// The function in the interface.
    pub function: String,
    /// The arguments.
    pub params: Vec<HeldParam>,
    /// The type of the result in WIT; nothing for a function without one.
    pub result_type: Option<String>,
    /// Why it cannot be answered with a value (each of its results holds a handle); nothing if it can.
    pub cannot_answer: Option<String>,
    /// Since when: microseconds since 1970-01-01T00:00:00Z.
    pub since_unix_micros: i64,
}

/// An argument of a held call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct HeldParam {
    /// The parameter's name.
    pub name: String,
    /// Its type in WIT.
    pub ty: String,
    /// Its value in WAVE; one that is longer than a mebibyte is cut, and ends with `…`.
    pub value: String,
    /// Whether it can be changed: it holds no handles.
    pub can_change: bool,
}

/// How a held call goes on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Release {
    /// As it came.
    Continue,
    /// It is not passed on, and its caller gets this, in WAVE; nothing for a function without a result.
    Answer(Option<String>),
    /// With other arguments, in WAVE, by the names of their parameters. Those that are not named stay as they came.
    Change(BTreeMap<String, String>),
    /// It is not passed on, and traps with this message.
    Fail(String),
}

/// What has gone over a site since its workload was started, as far as it was observed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct SiteFigures {
    /// What was observed.
    pub site: ProbeSite,
    /// Calls that have ended.
    pub calls: u64,
    /// How many of them ended in an error, a trap or otherwise not well.
    pub errors: u64,
    /// Bytes of arguments and results.
    pub bytes: u64,
    /// Half of the calls took no longer: nanoseconds.
    pub p50_nanos: u64,
    /// 95 of 100 calls took no longer: nanoseconds.
    pub p95_nanos: u64,
    /// 99 of 100 calls took no longer: nanoseconds.
    pub p99_nanos: u64,
    /// Calls within the last window.
    pub window_calls: u64,
    /// How long that window was: milliseconds.
    pub window_millis: u64,
}

impl SiteFigures {
    /// Calls per second within the last window.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a rate is read by people")]
    pub fn rate(&self) -> f64 {
        match self.window_millis {
            0 => 0.0,
            millis => self.window_calls as f64 * 1000.0 / millis as f64,
        }
    }
}
