//! Component files that change while their workload runs, as the window shows it.

use std::time::Duration;

use egui_kittest::kittest::Queryable as _;
use jackfield_protocol::{Error, ErrorKind, Event, Request, Response, WorkloadState, WorkloadView};

use super::fixtures::{self, CRON, Window, cron};
use super::idle::next_frame;
use super::recorded::Recorded;

fn running() -> (Window, Recorded) {
    fixtures::window(vec![WorkloadView { state: WorkloadState::Running, ..cron() }])
}

fn reloaded() -> Event {
    Event::Reloaded {
        workload: CRON,
        components: vec!["job".into()],
        entries: vec!["ticker".into()],
        duration_micros: 12_300,
    }
}

#[test]
fn what_was_reloaded_is_marked_for_a_moment_and_then_the_window_is_idle() {
    let (mut window, recorded) = running();
    recorded.announce(reloaded());
    window.step();
    window.step();
    window.get_by_label("job reloaded");
    window.get_by_label("ticker composed again");
    let delay = next_frame(&window);
    assert!(delay > Duration::from_secs(2) && delay <= Duration::from_secs(6), "one frame, then: {delay:?}");

    for _ in 0..100 {
        window.step();
    }
    assert!(window.query_by_label("job reloaded").is_none());
    assert_eq!(next_frame(&window), Duration::MAX);
}

#[test]
fn what_could_not_be_reloaded_stays_marked_until_it_is() {
    let (mut window, recorded) = running();
    let error = Error::new(ErrorKind::NotAComponent, "it is not a component");
    recorded.announce(Event::NotReloaded { workload: CRON, components: vec!["job".into()], error });
    window.run();
    window.get_by_label("job not reloaded");
    window.get_by_label_contains("Could not reload job");
    assert_eq!(next_frame(&window), Duration::MAX, "it costs nothing");
    recorded.announce(reloaded());
    window.step();
    window.step();
    window.get_by_label("job reloaded");
}

#[test]
fn a_service_with_old_code_says_so_and_can_be_restarted() {
    let outdated_service = Some("ticker".into());
    let view = WorkloadView { state: WorkloadState::Running, outdated_service, ..cron() };
    let (mut window, recorded) = fixtures::window(vec![view]);
    window.get_by_label("ticker runs the old code until restarted");
    window.get_by_label("ticker old code");
    window.get_by_label("Restart to apply").click();
    window.step();
    recorded.answer(&Request::Stop(CRON), Ok(Response::Done));
    window.step();
    assert_eq!(recorded.open_requests(), [Request::Start(CRON)]);
}

#[test]
fn when_the_window_gets_the_keyboard_back_files_are_looked_at() {
    let (mut window, recorded) = running();
    window.event(egui::Event::WindowFocused(true));
    window.step();
    assert_eq!(recorded.open_requests(), [Request::Refresh(CRON)]);
}
