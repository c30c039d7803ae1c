//! How much of a processor a program and all that it started have used, from Linux's `/proc`.

use std::collections::BTreeMap;
use std::fs;
use std::time::Duration;

use anyhow::Context as _;

/// How many of its ticks the kernel counts in a second, on every architecture that Rust's tier 1 has.
const TICKS_PER_SECOND: f64 = 100.0;

/// One process as `/proc/PID/stat` (proc(5)) tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Process {
    id: u32,
    parent: u32,
    name: String,
    ticks: u64,
}

/// A process and its descendants at one moment.
#[derive(Debug)]
pub struct Tree {
    processes: Vec<Process>,
}

impl Tree {
    /// The process named `name` among the descendants of `ancestor`, and its own descendants.
    ///
    /// # Errors
    /// If there is none.
    pub fn below(ancestor: u32, name: &str) -> anyhow::Result<Self> {
        let all = all_processes()?;
        let head = descendants(&all, ancestor)
            .into_iter()
            .find(|process| process.name == name)
            .with_context(|| format!("no process named {name} below {ancestor}"))?;
        Ok(Self { processes: descendants(&all, head.id) })
    }

    /// For each name of processes, and for `all`, the share of one processor in per cent that they
    /// used since `before`, which was `elapsed` ago.
    #[must_use]
    pub fn shares_since(&self, before: &Self, elapsed: Duration) -> Vec<(String, f64)> {
        let mut ticks: BTreeMap<&str, u64> = BTreeMap::new();
        for process in &self.processes {
            let old = before.processes.iter().find(|old| old.id == process.id);
            let used = process.ticks.saturating_sub(old.map_or(0, |old| old.ticks));
            *ticks.entry(&process.name).or_default() += used;
        }
        let share = |ticks: u64| ticks as f64 / TICKS_PER_SECOND / elapsed.as_secs_f64() * 100.0;
        let all = share(ticks.values().sum());
        let each = ticks.into_iter().map(|(name, ticks)| (name.to_owned(), share(ticks)));
        each.chain([("all".to_owned(), all)]).collect()
    }
}

fn all_processes() -> anyhow::Result<Vec<Process>> {
    let mut processes = Vec::new();
    for entry in fs::read_dir("/proc").context("this measures on Linux only")? {
        // Processes come and go while we look.
        let stat = fs::read_to_string(entry?.path().join("stat"));
        processes.extend(stat.ok().and_then(|stat| parse(&stat)));
    }
    Ok(processes)
}

/// The name is in parentheses and may itself hold parentheses and spaces.
fn parse(stat: &str) -> Option<Process> {
    let (id, rest) = stat.split_once(" (")?;
    let (name, rest) = rest.rsplit_once(") ")?;
    let fields: Vec<&str> = rest.split(' ').collect();
    // Fields 4, 14 and 15 of the manual, which counts the id as 1 and the name as 2.
    let number = |field: usize| fields.get(field - 3)?.parse::<u64>().ok();
    Some(Process {
        id: id.parse().ok()?,
        parent: u32::try_from(number(4)?).ok()?,
        name: name.to_owned(),
        ticks: number(14)? + number(15)?,
    })
}

/// A process with all that it started, directly or not.
fn descendants(all: &[Process], head: u32) -> Vec<Process> {
    let mut found: Vec<Process> = all.iter().filter(|process| process.id == head).cloned().collect();
    let mut position = 0;
    while let Some(parent) = found.get(position).map(|process| process.id) {
        found.extend(all.iter().filter(|process| process.parent == parent).cloned());
        position += 1;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_may_hold_anything() {
        let stat = "7 (a) (b c) S 3 7 7 0 -1 4194560 1 0 0 0 12 30 0 0 20 0 1 0 5 6 7";
        let process = Process { id: 7, parent: 3, name: "a) (b c".into(), ticks: 42 };
        assert_eq!(parse(stat), Some(process));
        assert_eq!(parse("nonsense"), None);
    }

    #[test]
    fn shares_are_of_one_processor_and_of_the_time_between() {
        let process = |id, parent, name: &str, ticks| Process { id, parent, name: name.into(), ticks };
        let before = vec![process(1, 0, "shell", 0), process(2, 1, "page", 10)];
        let after = vec![process(1, 0, "shell", 100), process(2, 1, "page", 10), process(3, 2, "page", 50)];
        let (before, after) = (Tree { processes: before }, Tree { processes: after });
        let shares = after.shares_since(&before, Duration::from_secs(10));
        assert_eq!(shares, [("page".into(), 5.0), ("shell".into(), 10.0), ("all".into(), 15.0)]);
    }

    #[test]
    fn a_tree_holds_grandchildren_and_no_strangers() {
        let process = |id, parent| Process { id, parent, name: String::new(), ticks: 0 };
        let all = [process(4, 3), process(1, 0), process(3, 1), process(9, 8)];
        let ids: Vec<u32> = descendants(&all, 1).iter().map(|process| process.id).collect();
        assert_eq!(ids, [1, 3, 4]);
    }
}
