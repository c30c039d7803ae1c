//! Lines that components printed.

use std::collections::HashMap;

use jackfield_protocol::{ComponentName, LogLevel, LogRecord, LogStream, Plan};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::column_width;
use crate::page::Page;
use crate::style::Role;

/// A name longer than this pushes its own line to the right, and no other.
const WIDEST_NAME: usize = 24;

/// How the lines of one workload are laid out: aligned, each component in its own colour, the time
/// of day in the time zone of the machine.
#[derive(Debug)]
pub(crate) struct Layout {
    roles: HashMap<ComponentName, Role>,
    name_width: usize,
    zone: TimeZone,
}

impl Layout {
    /// For the components of `plan`.
    pub(crate) fn of(plan: &Plan) -> Self {
        Self::in_zone(plan, TimeZone::system())
    }

    fn in_zone(plan: &Plan, zone: TimeZone) -> Self {
        let names = plan.nodes.iter().map(|node| node.name.as_str());
        let roles = plan.nodes.iter().enumerate();
        Self {
            name_width: column_width(names, WIDEST_NAME),
            roles: roles.map(|(position, node)| (node.name.clone(), Role::Component(position))).collect(),
            zone,
        }
    }

    /// One line for each record: time, component, stream and text.
    pub(crate) fn page(&self, records: &[LogRecord]) -> Page {
        let mut page = Page::default();
        for record in records {
            let width = self.name_width;
            let role = self.roles.get(&record.component).copied().unwrap_or(Role::Plain);
            let stream = match record.stream {
                LogStream::Stdout => Role::Faint,
                LogStream::Log(level) if level < LogLevel::Warn => Role::Faint,
                LogStream::Stderr | LogStream::Log(_) | LogStream::Host => Role::Warning,
            };
            let context = record.context.as_ref().map(|context| format!("{context}: "));
            page.line()
                .add(Role::Faint, self.time(record.time_unix_micros))
                .plain(" ")
                .add(role, format!("{:width$}", record.component))
                .plain(" ")
                .add(stream, record.stream)
                .plain(" ")
                .add(Role::Faint, context.unwrap_or_default())
                .plain(&record.text);
        }
        page
    }

    fn time(&self, unix_micros: i64) -> String {
        let time = Timestamp::from_microsecond(unix_micros).unwrap_or(Timestamp::UNIX_EPOCH);
        time.to_zoned(self.zone.clone()).strftime("%H:%M:%S%.3f").to_string()
    }
}

/// Says that lines are missing here.
pub(crate) fn lost(count: u64) -> Page {
    let mut page = Page::default();
    let lines = if count == 1 { "1 line is" } else { &format!("{count} lines are") };
    page.line()
        .add(Role::Warning, "warning: ")
        .plain(format!("{lines} lost: the components print faster than this output is read"));
    page
}

#[cfg(test)]
mod tests {
    use jackfield_protocol::{ComponentInfo, ComponentSettings, Digest, Node, WorkloadId};

    use super::*;

    fn plan_of(names: &[&str]) -> Plan {
        let node = |name: &&str| Node {
            name: (*name).into(),
            source: String::new(),
            is_service: false,
            settings: ComponentSettings::default(),
            component: ComponentInfo {
                digest: Digest::from_sha256([0; 32]),
                size_in_bytes: 0,
                ports: Vec::new(),
                producers: Vec::new(),
            },
        };
        Plan { nodes: names.iter().map(node).collect(), ..Plan::default() }
    }

    fn record(component: &str, stream: LogStream, text: &str) -> LogRecord {
        LogRecord {
            workload: WorkloadId(1),
            seq: 1,
            time_unix_micros: 43_384_123_456,
            component: component.into(),
            stream,
            context: None,
            text: text.into(),
            call: None,
        }
    }

    #[test]
    fn lines_are_aligned_and_tell_who_printed_them_and_where() {
        let layout = Layout::in_zone(&plan_of(&["job", "ticker"]), TimeZone::UTC);
        let records = [record("job", LogStream::Stderr, "hello"), record("ticker", LogStream::Stdout, "")];
        assert_eq!(
            layout.page(&records).render(false),
            "12:03:04.123 job    stderr hello\n12:03:04.123 ticker stdout\n"
        );
    }

    #[test]
    fn a_message_has_its_level_and_its_context() {
        let layout = Layout::in_zone(&plan_of(&["job"]), TimeZone::UTC);
        let message = record("job", LogStream::Log(LogLevel::Warn), "late");
        let message = LogRecord { context: Some("timer".into()), ..message };
        assert_eq!(layout.page(&[message]).render(false), "12:03:04.123 job warn timer: late\n");
    }

    #[test]
    fn a_line_cannot_act_on_the_terminal() {
        let layout = Layout::in_zone(&plan_of(&["job"]), TimeZone::UTC);
        let records = [record("job", LogStream::Stdout, "a\u{1b}[2J\rb")];
        assert!(layout.page(&records).render(true).ends_with(" a^[[2J^Mb\n"));
    }
}
