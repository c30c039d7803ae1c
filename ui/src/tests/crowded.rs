//! A small window with much in it: many components with long names, a held call, a refused wish, a failed service.

use egui::{Rect, Vec2, vec2};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use jackfield_protocol::{
    CallId, Denial, Direction, Event, HeldCall, LinkTarget, Permitted, Provider, Rule, Wanted, WorkloadState,
    WorkloadView,
};

use super::fixtures::{self, CRON, Window, cron, function, line, link, node, port};
use super::mcp::run;
use super::picture;
use super::probes::held;
use super::recorded::Recorded;
use crate::action::{Action, Selection};
use crate::command::Command;

const NAMES: [&str; 12] = [
    "payments-authorisation-gateway-eu-central",
    "payments-settlement-and-reconciliation",
    "currency-conversion-with-daily-rates",
    "customer-address-normalisation",
    "fraud-scoring-by-transaction-history",
    "ledger",
    "ledger-archive-to-object-storage",
    "notification-templates-and-rendering",
    "notification-delivery-by-mail-and-push",
    "audit",
    "audit-log-shipper",
    "scheduler-of-nightly-reconciliation-runs",
];

fn import(at: usize) -> String {
    format!("acme-financial-services:settlement/{}-operations@2.10.{at}", NAMES[at])
}

/// Each component uses the next; the first is a service that has failed.
fn crowd() -> WorkloadView {
    let mut view = cron();
    view.plan.nodes.clear();
    view.plan.links.clear();
    for at in 0..NAMES.len() {
        let functions = || vec![function("authorise-and-capture"), function("void")];
        let mut ports = vec![port(Direction::Export, &import(at), functions())];
        if at + 1 < NAMES.len() {
            ports.push(port(Direction::Import, &import(at + 1), functions()));
            let to = LinkTarget::Component { name: NAMES[at + 1].into(), export: import(at + 1) };
            view.plan.links.push(link(NAMES[at], &import(at + 1), to, Rule::SameName));
        }
        view.plan.nodes.push(node(NAMES[at], at == 0, ports));
    }
    let reason = "wasm trap: wasm `unreachable` instruction executed in \
                  payments::gateway::settle::reconcile_all_open_positions (after 3 restarts)";
    let component = Some(NAMES[0].into());
    let state = WorkloadState::Failed { component, reason: reason.to_owned(), exit_code: None };
    let name = "payments-platform-eu-central-staging".to_owned();
    let path =
        Some("/home/somebody/projects/acme/payments/workloads/eu-central/staging/workload.toml".to_owned());
    WorkloadView { name, path, state, is_modified: true, ..view }
}

fn crowded(size: Vec2) -> (Window, Recorded) {
    let (mut window, recorded) = fixtures::window(vec![crowd()]);
    window.set_size(size);
    let call = HeldCall {
        workload: CRON,
        consumer: NAMES[0].into(),
        provider: Provider::Component(NAMES[1].into()),
        import: import(1),
        function: "authorise-and-capture".to_owned(),
        ..held(1)
    };
    recorded.announce(Event::Held(call));
    let wanted = Wanted::Connect { origin: "https://sandbox.api.payments.example.com:8443".to_owned() };
    let grant = Some("https://sandbox.api.payments.example.com:8443".to_owned());
    let denial = Denial {
        component: NAMES[2].into(),
        wanted,
        grant,
        permitted: Permitted::default(),
        call: Some(CallId(4)),
    };
    recorded.announce(Event::Denied { workload: CRON, denial });
    let records =
        (1..30).map(|seq| line(seq, NAMES[(seq % 12) as usize], "authorised 12.50 EUR for order 4711"));
    recorded.announce(Event::Logs(records.collect()));
    window.run();
    (window, recorded)
}

fn select(window: &mut Window, selection: Selection) {
    let ctx = window.ctx.clone();
    window.state_mut().act(&ctx, Action::Select(Some(selection)));
    window.run();
}

/// The buttons of the bars at the top of the window and at its bottom are all inside of it and beside one another.
fn assert_bars_fit(window: &Window, size: Vec2) {
    let screen = Rect::from_min_size(egui::Pos2::ZERO, size);
    let labels = ["New workload", "Open…", "Save", "Start", "Stop", "observe off", "observe timing"];
    let more = ["observe values", "observe all workloads", "Command palette…"];
    let mut rects: Vec<(&str, Rect)> =
        labels.into_iter().chain(more).map(|label| (label, window.get_by_label(label).rect())).collect();
    let in_toolbar = |rect: &Rect| rect.top() < 72.0;
    for label in ["payments-platform-eu-central-staging *", "failed"] {
        let found = window.query_all_by_label(label).map(|node| node.rect()).find(in_toolbar);
        rects.push((label, found.unwrap_or_else(|| panic!("{label} is not in the toolbar"))));
    }
    for (at, (label, rect)) in rects.iter().enumerate() {
        assert!(screen.contains_rect(*rect), "{label} is cut off: {rect:?}");
        for (other, taken) in &rects[..at] {
            assert!(!taken.shrink(1.0).intersects(rect.shrink(1.0)), "{label} is over {other}");
        }
    }
}

#[test]
fn the_bars_fit_into_small_windows_whatever_is_called_how() {
    for size in [vec2(1280.0, 800.0), vec2(1024.0, 700.0)] {
        let (window, _recorded) = crowded(size);
        assert_bars_fit(&window, size);
    }
}

#[test]
fn a_narrow_window_keeps_what_only_the_toolbar_has() {
    for width in [900.0, 800.0, 640.0] {
        let (mut window, _recorded) = crowded(vec2(width, 600.0));
        window.run();
        let screen = Rect::from_min_size(egui::Pos2::ZERO, vec2(width, 600.0));
        for label in
            ["Start", "Stop", "observe off", "observe timing", "observe values", "observe all workloads"]
        {
            let rect = window.get_by_label(label).rect();
            assert!(screen.contains_rect(rect), "{width}: {label} is cut off: {rect:?}");
        }
        let title = window.query_all_by_label("payments-platform-eu-central-staging *");
        let title = title.map(|node| node.rect()).find(|rect| rect.top() < 72.0).unwrap();
        assert!(screen.contains_rect(title) && title.width() > 60.0, "{width}: {title:?}");
        let problems = window.get_by_label("2 problems").rect();
        let versions = window.query_by_label_contains("Wasmtime").map(|label| label.rect());
        assert!(!versions.is_some_and(|versions| versions.intersects(problems)), "{width}: {versions:?}");
        picture::take(&mut window, &format!("narrow-{width}"));
    }
}

#[test]
fn a_crowded_workload_can_be_read_in_a_small_window() {
    let (mut window, _recorded) = crowded(vec2(1024.0, 700.0));
    picture::take(&mut window, "crowded-logs");
    run(&mut window, Command::ShowProblems);
    assert!(window.query_all_by_label_contains("sandbox.api.payments.example.com:8443").next().is_some());
    select(&mut window, Selection::Component(NAMES[2].into()));
    picture::take(&mut window, "crowded-problems");
    let canvas = window.state().model().current().unwrap().canvas.viewport();
    assert!(canvas.width() > 400.0, "the inspector leaves the canvas its room: {canvas:?}");
    run(&mut window, Command::ShowTraces);
    select(&mut window, Selection::Link { consumer: NAMES[0].into(), import: import(1) });
    picture::take(&mut window, "crowded-link");
    run(&mut window, Command::ShowMcp);
    picture::take(&mut window, "crowded-mcp");
    run(&mut window, Command::ShowSession);
    picture::take(&mut window, "crowded-session");
    run(&mut window, Command::ExportWorkload);
    picture::take(&mut window, "crowded-export");
    // However low the window is, what a dialog is closed with is in it.
    let close = window.get_by_label("close export").rect();
    assert!(close.bottom() < 700.0 && close.right() < 1024.0, "{close:?}");
    assert!(!window.get_by_label("close export").accesskit_node().is_disabled());
}
