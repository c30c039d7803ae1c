//! The figure about observing: what share of the processor it costs to observe a workload that is called a thousand
//! times in a second.
//!
//! The calls go through the workbench, and somebody follows its events, so that all that observing is counts:
//! probes, the ring of traces, figures, what is told. What the calls themselves cost is measured with the probes off, and
//! taken away.

use std::time::Duration;

use anyhow::Context as _;
use jackfield_protocol::{ProbeLevel, ProbeSelection, Request, Response, WorkloadId};
use jackfield_workbench::{Config, Workbench};
use rustix::time::{ClockId, clock_gettime};
use tokio::runtime::Runtime;
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep};

use crate::files;

/// Calls from outside in a second.
const RATE: u32 = 1000;
/// Calls over a link below each.
const CALLS_BELOW: &str = "10";
/// More calls than this are not under way at once: a machine that is too slow makes fewer of them.
const AT_ONCE: usize = 64;
/// How long it is looked at each level, in each round.
const OBSERVED: Duration = Duration::from_secs(4);
/// Before that, at each level: until what switching it has set off is done.
const SETTLE: Duration = Duration::from_secs(1);
/// The levels take turns, so that a machine that gets slower does so for all of them.
const ROUNDS: usize = 3;

/// What one look saw.
#[derive(Debug, Clone, Copy)]
struct Look {
    /// Of processor time, for each call.
    micros_per_call: f64,
    /// The rate, unless the machine is too slow for it.
    calls_per_second: f64,
}

impl Look {
    /// Of one core, in per cent, at the rate.
    fn share(self) -> f64 {
        self.micros_per_call * f64::from(RATE) / 1e6 * 100.0
    }
}

/// Prints the figures.
///
/// # Errors
/// If the samples were not built, or do not run.
pub fn run() -> anyhow::Result<()> {
    Runtime::new()?.block_on(measure())
}

async fn measure() -> anyhow::Result<()> {
    let workbench = Workbench::new(Config::default())?;
    let mut events = workbench.subscribe();
    let reader = tokio::spawn(async move { while events.next().await.is_some() {} });
    let workload = start(&workbench).await?;
    let mut looks: [Vec<Look>; 3] = Default::default();
    for _ in 0..ROUNDS {
        for (level, looks) in ProbeLevel::ALL.into_iter().zip(&mut looks) {
            let sites = ProbeSelection::All;
            workbench.dispatch(Request::SetProbes { workload, sites, level }).await?;
            drive(&workbench, workload, SETTLE).await?;
            looks.push(look(&workbench, workload).await?);
        }
    }
    reader.abort();
    workbench.shutdown().await;
    print(looks)
}

/// The sample whose component calls another one as often as it is told.
async fn start(workbench: &Workbench) -> anyhow::Result<WorkloadId> {
    let path = files::root().join("samples/calls").display().to_string();
    let Response::Opened(view) = workbench.dispatch(Request::Open { path }).await? else {
        anyhow::bail!("it does not open")
    };
    workbench.dispatch(Request::Start(view.id)).await?;
    Ok(view.id)
}

async fn look(workbench: &Workbench, workload: WorkloadId) -> anyhow::Result<Look> {
    let (before, began) = (processor_seconds(), Instant::now());
    let calls = drive(workbench, workload, OBSERVED).await?;
    let (used, seconds) = (processor_seconds() - before, began.elapsed().as_secs_f64());
    let calls = f64::from(calls);
    Ok(Look { micros_per_call: used / calls * 1e6, calls_per_second: calls / seconds })
}

/// Calls at the rate for so long, and tells how many calls that were once all of them have ended.
async fn drive(workbench: &Workbench, workload: WorkloadId, duration: Duration) -> anyhow::Result<u32> {
    let mut ticks = interval(Duration::from_secs(1) / RATE);
    // One that comes late is made up for.
    ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let mut calls = JoinSet::new();
    let mut count = 0;
    let end = sleep(duration);
    tokio::pin!(end);
    loop {
        tokio::select! {
            biased;
            () = &mut end => break,
            _ = ticks.tick() => {
                count += 1;
                let workbench = workbench.clone();
                calls.spawn(async move { workbench.dispatch(call(workload)).await });
            }
        }
        while let Some(called) = calls.try_join_next() {
            called??;
        }
        if calls.len() >= AT_ONCE
            && let Some(called) = calls.join_next().await
        {
            called??;
        }
    }
    while let Some(called) = calls.join_next().await {
        called??;
    }
    Ok(count)
}

fn call(workload: WorkloadId) -> Request {
    let (component, function) = ("caller".into(), "add".to_owned());
    Request::Call { workload, component, function, args: vec![CALLS_BELOW.to_owned()], ticket: None }
}

/// What all threads of this process have used.
fn processor_seconds() -> f64 {
    let used = clock_gettime(ClockId::ProcessCPUTime);
    used.tv_sec as f64 + used.tv_nsec as f64 / 1e9
}

fn print(looks: [Vec<Look>; 3]) -> anyhow::Result<()> {
    println!("{RATE} calls per second, each with {CALLS_BELOW} calls over a link, in shares of one core:");
    let mut off = None;
    for (level, mut looks) in ProbeLevel::ALL.into_iter().zip(looks) {
        looks.sort_by(|one, other| one.micros_per_call.total_cmp(&other.micros_per_call));
        let look = *looks.get(looks.len() / 2).context("no look")?;
        let more = look.share() - *off.get_or_insert(look.share());
        print!("  {:<8}{:>7.2} %{more:>+9.2} %", level.label(), look.share());
        println!(
            "{:>9.1} µs for each call, measured at {:.0} calls/s",
            look.micros_per_call, look.calls_per_second
        );
    }
    Ok(())
}
