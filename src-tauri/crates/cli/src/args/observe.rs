//! What is observed of calls, and what is done to them on their way.

use std::path::PathBuf;

use jackfield_protocol::ProbeLevel;

/// Things that are done to calls over links.
#[derive(Debug, Default, clap::Args)]
pub(crate) struct Interventions {
    /// Hold calls over a link, and ask how they go on; only if the arguments fit: `square if args.x > 3`
    #[arg(long = "break", value_name = "LINK[:FUNCTION][ if CONDITION]")]
    pub(crate) breaks: Vec<String>,
    /// Pass calls over a link on later, by so many milliseconds
    #[arg(long = "delay", value_name = "LINK[:FUNCTION]=MS[..MS]")]
    pub(crate) delays: Vec<String>,
    /// Let calls over a link fail, with a value in WAVE, or the simplest error that there is
    #[arg(long = "fail", value_name = "LINK[:FUNCTION][=VALUE][@PERCENT]")]
    pub(crate) fails: Vec<String>,
    /// Make random delays and failures the same each time
    #[arg(long, value_name = "NUMBER", default_value_t = 0)]
    pub(crate) seed: u64,
    /// Keep each trace in a file, to which is appended
    #[arg(long, value_name = "FILE")]
    pub(crate) record: Option<PathBuf>,
}

/// How much `jack up --trace` shows of calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum TraceLevel {
    /// Names and times
    Timing,
    /// Arguments and results, too
    Values,
}

impl From<TraceLevel> for ProbeLevel {
    fn from(level: TraceLevel) -> Self {
        match level {
            TraceLevel::Timing => Self::Timing,
            TraceLevel::Values => Self::Values,
        }
    }
}
