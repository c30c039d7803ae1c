//! What is said while something is compiled: that can take tens of seconds, in which nothing else is to be seen.

use std::time::Duration;

use jackfield_protocol::{ComponentName, LogStream};

use crate::{Line, stdio::now_unix_micros};

/// Compiling that takes longer is told of. A compiler that is not optimised itself takes ten times as long.
pub(crate) const TELLS_AFTER: Duration = Duration::from_secs(if cfg!(debug_assertions) { 20 } else { 2 });

/// Waits for work, and calls `tell` once if that takes longer.
pub(crate) async fn telling_after<T>(
    patience: Duration,
    work: impl Future<Output = T>,
    tell: impl FnOnce(),
) -> T {
    let mut work = std::pin::pin!(work);
    match tokio::time::timeout(patience, &mut work).await {
        Ok(done) => done,
        Err(_) => {
            tell();
            work.await
        }
    }
}

/// Says what is waited for: whoever sees nothing might take it for hung.
pub(crate) fn takes_long(component: ComponentName, size_in_bytes: u64) -> Line {
    let size = size_in_bytes.div_ceil(1 << 20);
    Line {
        time_unix_micros: now_unix_micros(),
        component,
        stream: LogStream::Host,
        context: None,
        text: format!("is being compiled, with what it reaches ({size} MiB); a next start is quicker"),
        call: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_what_takes_long_is_told_of_and_once() {
        let told = std::cell::Cell::new(0);
        let tell = || told.set(told.get() + 1);
        assert_eq!(telling_after(Duration::from_secs(60), async { 1 }, tell).await, 1);
        assert_eq!(told.get(), 0);
        let slow = tokio::time::sleep(Duration::from_millis(20));
        telling_after(Duration::from_millis(1), slow, tell).await;
        assert_eq!(told.get(), 1);
        let line = takes_long("front".into(), 48 << 20);
        assert!(line.text.contains("(48 MiB)") && line.stream == LogStream::Host, "{line:?}");
    }
}
