//! What has gone over a link, in numbers.

use std::time::{Duration, Instant};

use hdrhistogram::Histogram;
use jackfield_protocol::{ProbeSite, SiteFigures};

/// Longer calls count as long as this: an hour.
const LONGEST_IN_NANOS: u64 = 3_600_000_000_000;
/// Digits that a quantile has right.
const PRECISION: u8 = 2;
/// Over how long a rate is counted at least.
const LEAST: Duration = Duration::from_secs(1);
/// Over how long a rate is counted.
const WINDOW: Duration = Duration::from_secs(2);

/// The figures of one site since its workload was started.
#[derive(Debug, Default)]
pub(super) struct Figures {
    calls: u64,
    errors: u64,
    bytes: u64,
    /// Made at the first call: most links are never observed.
    durations: Option<Histogram<u64>>,
    window: Window,
}

/// Calls within the last full window, and within the one that goes on.
#[derive(Debug, Default)]
struct Window {
    since: Option<Instant>,
    calls: u64,
    last_calls: u64,
    last: Duration,
}

impl Window {
    fn count(&mut self, now: Instant) {
        self.turn(now);
        self.since.get_or_insert(now);
        self.calls += 1;
    }

    /// Begins another window where one is over.
    fn turn(&mut self, now: Instant) {
        let Some(since) = self.since else { return };
        let length = now.saturating_duration_since(since);
        if length >= WINDOW {
            (self.last_calls, self.last) = (self.calls, length);
            (self.calls, self.since) = (0, Some(now));
        }
    }

    fn figures(&mut self, now: Instant) -> (u64, u64) {
        self.turn(now);
        let (calls, length) = match (self.last.is_zero(), self.since) {
            // A first call alone makes no rate of a thousand.
            (true, Some(since)) => (self.calls, now.saturating_duration_since(since).max(LEAST)),
            _ => (self.last_calls, self.last),
        };
        (calls, u64::try_from(length.as_millis()).unwrap_or(u64::MAX))
    }
}

impl Figures {
    /// A call has ended.
    pub(super) fn record(&mut self, now: Instant, duration_nanos: u64, bytes: u64) {
        self.calls += 1;
        self.bytes = self.bytes.saturating_add(bytes);
        self.window.count(now);
        if self.durations.is_none() {
            self.durations = Histogram::new_with_bounds(1, LONGEST_IN_NANOS, PRECISION).ok();
        }
        if let Some(durations) = &mut self.durations {
            durations.saturating_record(duration_nanos.max(1));
        }
    }

    /// A call that was recorded did not end well.
    pub(super) fn error(&mut self) {
        self.errors += 1;
    }

    pub(super) fn calls(&self) -> u64 {
        self.calls
    }

    pub(super) fn told(&mut self, site: ProbeSite, now: Instant) -> SiteFigures {
        let quantile = |quantile: f64| {
            let durations = self.durations.as_ref();
            durations.map_or(0, |durations| durations.value_at_quantile(quantile))
        };
        let (p50_nanos, p95_nanos, p99_nanos) = (quantile(0.5), quantile(0.95), quantile(0.99));
        let (window_calls, window_millis) = self.window.figures(now);
        SiteFigures {
            site,
            calls: self.calls,
            errors: self.errors,
            bytes: self.bytes,
            p50_nanos,
            p95_nanos,
            p99_nanos,
            window_calls,
            window_millis,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(figures: &mut Figures, now: Instant) -> SiteFigures {
        figures.told(ProbeSite::Entry("a".into()), now)
    }

    #[test]
    fn quantiles_are_those_of_the_calls() {
        let (mut figures, now) = (Figures::default(), Instant::now());
        for nanos in 1..=1000 {
            figures.record(now, nanos * 1000, 8);
        }
        figures.error();
        let told = told(&mut figures, now);
        assert_eq!((told.calls, told.errors, told.bytes), (1000, 1, 8000));
        for (got, wanted) in [(told.p50_nanos, 500_000), (told.p95_nanos, 950_000), (told.p99_nanos, 990_000)]
        {
            assert!(got.abs_diff(wanted) <= wanted / 50, "{got} is not about {wanted}");
        }
    }

    #[test]
    fn a_rate_is_that_of_the_last_window_and_falls_to_nothing() {
        let (mut figures, start) = (Figures::default(), Instant::now());
        for call in 0..100 {
            figures.record(start + Duration::from_millis(call * 20), 1, 0);
        }
        let rate =
            |figures: &mut Figures, seconds| told(figures, start + Duration::from_secs(seconds)).rate();
        let busy = rate(&mut figures, 2);
        assert!((busy - 50.0).abs() < 1.0, "{busy}");
        assert!(rate(&mut figures, 5) < 1.0);
        assert!(rate(&mut figures, 8) < 0.001);
    }

    #[test]
    fn what_was_never_called_has_no_figures() {
        let told = told(&mut Figures::default(), Instant::now());
        assert_eq!((told.calls, told.p99_nanos, told.window_calls), (0, 0, 0));
    }
}
