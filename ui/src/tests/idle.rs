//! An idle window draws nothing.

use std::time::Duration;

use egui::{Key, Modifiers, ViewportId};
use jackfield_protocol::{Event, WorkloadState};

use super::fixtures::{self, Window, cron, line};

/// What the window asks for after its last frame: a runner sleeps for so long.
pub(super) fn next_frame(window: &Window) -> Duration {
    window.output().viewport_output[&ViewportId::ROOT].repaint_delay
}

#[test]
fn nothing_asks_for_a_frame_while_nothing_happens() {
    let (mut window, recorded) = fixtures::window(vec![cron()]);
    assert_eq!(next_frame(&window), Duration::MAX, "stopped");

    recorded.announce(fixtures::state(WorkloadState::Running));
    window.run();
    assert_eq!(next_frame(&window), Duration::MAX, "running");

    for key in [Key::F1, Key::Escape] {
        window.key_press_modifiers(Modifiers::NONE, key);
        window.run();
        assert_eq!(next_frame(&window), Duration::MAX, "help, {key:?}");
    }
    window.key_press_modifiers(Modifiers::COMMAND, Key::K);
    window.run();
    assert_eq!(next_frame(&window), Duration::MAX, "a text field with the cursor in it");
}

#[test]
fn the_welcome_page_is_idle_too() {
    let (window, _) = fixtures::window(Vec::new());
    assert_eq!(next_frame(&window), Duration::MAX);
}

#[test]
fn what_arrives_costs_one_frame() {
    let (mut window, recorded) = fixtures::window(vec![cron()]);
    recorded.announce(Event::Logs(vec![line(1, "job", "the first one makes the list")]));
    window.run();
    for seq in 2..=40 {
        recorded.announce(Event::Logs(vec![line(seq, "job", "hello")]));
        window.step();
        let delay = next_frame(&window);
        assert_eq!(delay, Duration::MAX, "line {seq}");
    }
}

#[test]
fn while_the_user_waits_the_window_counts_seconds_and_no_faster() {
    let (mut window, recorded) = fixtures::window(vec![cron()]);
    window.key_press_modifiers(Modifiers::NONE, Key::F5);
    window.step();
    window.step();
    window.step();
    window.step();
    assert!(!recorded.open_requests().is_empty());
    let delay = next_frame(&window);
    // egui takes off what it expects a frame to take.
    assert!(delay > Duration::from_millis(700) && delay <= Duration::from_secs(1), "{delay:?}");
}
