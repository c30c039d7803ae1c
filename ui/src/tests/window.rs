//! What is seen and what can be done with it.

use egui::{Key, Modifiers, Pos2};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use jackfield_protocol::{Error, ErrorKind, Event, Listening, Problem, Request, Response, WorkloadState};

use super::fixtures::{self, CRON, JOB, Window, calculator, cron, cron_without_job, line};
use crate::action::Selection;
use crate::command::Command;

fn click(window: &mut Window, label: &str) {
    window.get_by_label(label).click();
    window.run();
}

fn press(window: &mut Window, modifiers: Modifiers, key: Key) {
    window.key_press_modifiers(modifiers, key);
    window.run();
}

#[test]
fn cards_ports_and_links_are_found_by_their_labels() {
    let (window, _) = fixtures::window(vec![cron()]);
    for label in [
        "component ticker",
        "component job",
        "link ticker jackfield:cron/job → job",
        "import jackfield:cron/job of ticker",
        "export jackfield:cron/job of job",
        "host: wasi ×3 of ticker",
        "host: wasi ×3 of job",
    ] {
        window.get_by_label(label);
    }
    let (job, ticker) = (card(&window, "job"), card(&window, "ticker"));
    assert!(job.max.x < ticker.min.x, "the provider stands left of its consumer: {job} {ticker}");
    let link = window.get_by_label("link ticker jackfield:cron/job → job").rect().center();
    assert!(link.x > job.max.x && link.x < ticker.min.x, "the link's handle is between the cards: {link}");
}

fn card(window: &Window, name: &str) -> egui::Rect {
    window.get_by_label(&format!("component {name}")).rect()
}

#[test]
fn start_and_stop_ask_the_workbench_and_show_what_it_says() {
    let (mut window, recorded) = fixtures::window(vec![cron()]);
    assert!(window.get_by_label("Stop").accesskit_node().is_disabled());
    click(&mut window, "Start");
    assert_eq!(recorded.open_requests(), [Request::Start(CRON)]);
    assert!(window.get_by_label("Start").accesskit_node().is_disabled(), "it is being started already");
    window.get_by_label("Starting cron…");

    recorded.announce(fixtures::state(WorkloadState::Running));
    recorded.answer(&Request::Start(CRON), Ok(Response::Done));
    window.run();
    assert!(window.query_all_by_label("running").count() >= 2, "toolbar and status bar say it");

    click(&mut window, "Stop");
    assert_eq!(recorded.open_requests(), [Request::Stop(CRON)]);
    recorded.announce(fixtures::state(WorkloadState::Stopped));
    recorded.answer(&Request::Stop(CRON), Ok(Response::Done));
    window.run();
    assert!(!window.get_by_label("Start").accesskit_node().is_disabled());
}

#[test]
fn log_lines_appear_and_can_be_filtered() {
    let (mut window, recorded) = fixtures::window(vec![cron()]);
    let hello = "job stderr: hello from the cron component";
    recorded.announce(Event::Logs(vec![
        line(1, "job", "hello from the cron component"),
        line(2, "ticker", "\u{1b}[31mtick\u{1b}[0m"),
    ]));
    window.run();
    window.get_by_label(hello);
    window.get_by_label("ticker stderr: tick");
    window.get_by_label("2 lines");

    window.get_by_label("Filter log").focus();
    window.run();
    window.get_by_label("Filter log").type_text("HELLO");
    window.run();
    window.get_by_label(hello);
    assert!(window.query_by_label("ticker stderr: tick").is_none());
    window.get_by_label("1 of 2 lines");

    click(&mut window, "Clear filter");
    window.get_by_label("ticker stderr: tick");
}

#[test]
fn the_log_follows_its_tail_at_once_and_can_be_paused_and_copied() {
    let (mut window, recorded) = fixtures::window(vec![cron()]);
    recorded.announce(Event::Logs((1..=500).map(|seq| line(seq, "job", &format!("line {seq}"))).collect()));
    window.step();
    window.get_by_label("job stderr: line 500");
    assert!(window.query_by_label("job stderr: line 1").is_none(), "only rows in view are drawn");
    window.run();

    click(&mut window, "Pause log");
    recorded.announce(Event::Logs(vec![line(501, "job", "held")]));
    window.run();
    assert!(window.query_by_label("job stderr: held").is_none());
    window.get_by_label("500 lines, 1 held");
    click(&mut window, "Pause log");
    window.get_by_label("job stderr: held");

    click(&mut window, "job stderr: held");
    click(&mut window, "Copy log");
    assert_eq!(recorded.copied(), ["00:08:21.000 job stderr held\n"]);
    click(&mut window, "Clear log");
    window.get_by_label_contains("Nothing printed yet");
}

#[test]
fn scrolling_up_lets_the_tail_go() {
    let (mut window, recorded) = fixtures::window(vec![cron()]);
    recorded.announce(Event::Logs((1..=500).map(|seq| line(seq, "job", &format!("line {seq}"))).collect()));
    window.run();
    let row = window.get_by_label("job stderr: line 500").rect().center();
    window.hover_at(row);
    window.run();
    scroll(&mut window, 200.0);
    assert!(window.query_by_label("job stderr: line 500").is_none());
    recorded.announce(Event::Logs(vec![line(501, "job", "newest")]));
    window.run();
    assert!(window.query_by_label("job stderr: newest").is_none(), "the log stands still");
    scroll(&mut window, -5000.0);
    window.get_by_label("job stderr: newest");
    recorded.announce(Event::Logs(vec![line(502, "job", "newer")]));
    window.run();
    window.get_by_label("job stderr: newer");
}

fn scroll(window: &mut Window, points: f32) {
    window.event(egui::Event::MouseWheel {
        unit: egui::MouseWheelUnit::Point,
        delta: egui::vec2(0.0, points),
        modifiers: Modifiers::NONE,
        phase: egui::TouchPhase::Move,
    });
    window.run();
}

#[test]
fn an_unresolved_import_is_listed_with_what_to_do_and_leads_to_its_card() {
    let (mut window, _) = fixtures::window(vec![cron_without_job()]);
    window.get_by_label(&format!("import {JOB} of ticker"));
    window.get_by_label("1 problem");
    click(&mut window, "Problems (1)");
    window.get_by_label_contains("add a component that exports");
    // The inspector says it, too.
    let messages = window.get_all_by_label_contains("nothing in the workload or the host has it");
    let buttons: Vec<_> =
        messages.filter(|node| node.accesskit_node().role() == egui::accesskit::Role::Button).collect();
    let [message] = buttons.as_slice() else { panic!("{} buttons", buttons.len()) };
    message.click();
    window.run();
    window.get_by_label("Copy digest");
}

#[test]
fn a_card_goes_where_it_is_dragged_and_back_with_undo() {
    let (mut window, _) = fixtures::window(vec![cron()]);
    let before = card(&window, "job");
    let grabbed = before.min + egui::vec2(20.0, 10.0);
    drag(&mut window, grabbed, grabbed + egui::vec2(60.0, 90.0));
    let after = card(&window, "job");
    assert!((after.min - before.min - egui::vec2(60.0, 90.0)).length() < 2.0, "{before} {after}");

    press(&mut window, Modifiers::COMMAND, Key::Z);
    assert!((card(&window, "job").min - before.min).length() < 0.1);
    press(&mut window, Modifiers::COMMAND | Modifiers::SHIFT, Key::Z);
    assert!((card(&window, "job").min - after.min).length() < 0.1);
}

fn drag(window: &mut Window, from: Pos2, to: Pos2) {
    window.hover_at(from);
    window.run();
    window.drag_at(from);
    window.run();
    for step in 1..=4_u8 {
        window.hover_at(from.lerp(to, f32::from(step) / 4.0));
        window.run();
    }
    window.drop_at(to);
    window.run();
}

#[test]
fn the_canvas_pans_zooms_around_the_pointer_and_fits() {
    let (mut window, _) = fixtures::window(vec![cron()]);
    let (before, canvas) = (card(&window, "job"), window.get_by_label("canvas").rect());
    let empty = canvas.min + egui::vec2(15.0, 15.0);
    drag(&mut window, empty, empty + egui::vec2(30.0, 40.0));
    assert!((card(&window, "job").min - before.min - egui::vec2(30.0, 40.0)).length() < 2.0);

    press(&mut window, Modifiers::NONE, Key::F);
    assert!((card(&window, "job").min - before.min).length() < 0.1, "fit shows the graph as at first");

    window.hover_at(before.min);
    window.run();
    window.event(egui::Event::Zoom(0.5));
    window.run();
    let zoomed = card(&window, "job");
    assert!((zoomed.min - before.min).length() < 1.0, "the point under the pointer stays");
    assert!((zoomed.width() - before.width() / 2.0).abs() < 1.0);
}

#[test]
fn selecting_shows_details_and_escape_selects_nothing() {
    let (mut window, recorded) = fixtures::window(vec![cron()]);
    click(&mut window, "component job");
    window.get_by_label("invoke: func()");
    click(&mut window, "Copy digest");
    assert_eq!(recorded.copied(), [cron().plan.nodes[1].component.digest.to_string()]);
    click(&mut window, "link ticker jackfield:cron/job → job");
    window.get_by_label_contains("exactly one component exports it under this name");
    press(&mut window, Modifiers::NONE, Key::Escape);
    window.get_by_label_contains("Select a card or a link");
}

#[test]
fn tab_goes_from_card_to_card() {
    let (mut window, _) = fixtures::window(vec![cron()]);
    window.get_by_label("component ticker").focus();
    window.run();
    assert!(window.get_by_label("component ticker").is_focused());
    // The chip for the host's imports lies between them.
    press(&mut window, Modifiers::NONE, Key::Tab);
    assert!(window.get_by_label("host: wasi ×3 of ticker").is_focused());
    press(&mut window, Modifiers::NONE, Key::Tab);
    assert!(window.get_by_label("component job").is_focused());
    let selected = window.state().model().current().and_then(|workload| workload.selection.clone());
    assert_eq!(selected, Some(Selection::Component("job".into())), "what has the focus is selected");
}

#[test]
fn imports_of_the_host_unfold() {
    let (mut window, _) = fixtures::window(vec![cron()]);
    let folded = card(&window, "job").height();
    assert!(window.query_by_label("import wasi:cli/stdout@0.2.6 of job").is_none());
    click(&mut window, "host: wasi ×3 of job");
    window.get_by_label("import wasi:cli/stdout@0.2.6 of job");
    assert!(card(&window, "job").height() > folded);
    click(&mut window, "host: wasi ×3 of job");
    assert!((card(&window, "job").height() - folded).abs() < 0.1);
}

#[test]
fn the_first_start_offers_the_samples() {
    let (mut window, recorded) = fixtures::window(Vec::new());
    window.get_by_label_contains("drop a workload.toml");
    click(&mut window, "Open sample cron");
    let request = Request::Open { path: fixtures::sample().path };
    assert_eq!(recorded.open_requests(), std::slice::from_ref(&request));
    window.get_by_label_contains("Opening /samples/cron");
    recorded.answer(&request, Ok(Response::Opened(cron())));
    window.run();
    window.get_by_label("component ticker");
}

#[test]
fn before_the_workbench_answers_the_window_says_that_it_waits() {
    let (window, recorded) = fixtures::unanswered();
    window.get_by_label_contains("Asking the workbench");
    let query = String::new();
    let library = Request::Library(jackfield_protocol::LibraryRequest::Search { query });
    assert_eq!(recorded.open_requests(), [Request::Snapshot, Request::Samples, Request::Heartbeat, library]);
}

#[test]
fn an_error_is_shown_whole_and_stays_until_dismissed() {
    let (mut window, recorded) = fixtures::window(Vec::new());
    click(&mut window, "Open sample cron");
    let problem = Problem {
        message: "unknown key `nmae`".to_owned(),
        help: Some("did you mean `name`?".to_owned()),
        path: "workload.toml".to_owned(),
        line: Some(3),
        column: Some(1),
        pull: None,
    };
    let error = Error::new(ErrorKind::WorkloadFile, "the workload file has 1 problem")
        .with_problems(vec![problem])
        .with_help("correct it and open it again");
    recorded.answer(&Request::Open { path: fixtures::sample().path }, Err(error));
    window.run();
    window.get_by_label("Could not open /samples/cron/workload.toml: the workload file has 1 problem");
    window.get_by_label("workload.toml:3:1: unknown key `nmae` (did you mean `name`?)");
    window.get_by_label("correct it and open it again");
    click(&mut window, "Copy notice");
    assert!(recorded.copied()[0].contains("unknown key `nmae`"));
    click(&mut window, "Dismiss");
    assert!(window.query_by_label_contains("Could not open").is_none());
}

#[test]
fn the_palette_finds_and_runs_commands() {
    let (mut window, recorded) = fixtures::window(vec![cron()]);
    press(&mut window, Modifiers::COMMAND, Key::K);
    window.get_by_label("Find a command").type_text("start");
    window.run();
    press(&mut window, Modifiers::NONE, Key::Enter);
    assert_eq!(recorded.open_requests(), [Request::Start(CRON)]);
    assert!(window.query_by_label("Find a command").is_none(), "it closes");

    press(&mut window, Modifiers::COMMAND, Key::K);
    press(&mut window, Modifiers::NONE, Key::Escape);
    assert!(window.query_by_label("Find a command").is_none());
}

#[test]
fn help_lists_every_command() {
    let (mut window, _) = fixtures::window(vec![cron()]);
    press(&mut window, Modifiers::NONE, Key::F1);
    for command in Command::ALL {
        assert!(window.query_all_by_label(command.tooltip()).next().is_some(), "{command:?}");
    }
    click(&mut window, "Close help");
    assert!(window.query_by_label("Close help").is_none());
}

#[test]
fn menus_offer_commands_and_samples() {
    let (mut window, recorded) = fixtures::window(vec![cron()]);
    click(&mut window, "File");
    window.get_by_label_contains("Close workload");
    click(&mut window, "Open sample");
    click(&mut window, "Open sample cron");
    assert_eq!(recorded.open_requests(), [Request::Open { path: fixtures::sample().path }]);
}

#[test]
fn several_workloads_have_tabs() {
    let (mut window, recorded) = fixtures::window(vec![cron(), calculator()]);
    window.get_by_label("component ticker");
    click(&mut window, "workload calculator");
    window.get_by_label("component square");
    assert!(window.query_by_label("component ticker").is_none());
    click(&mut window, "close calculator");
    let close = Request::Close(calculator().id);
    assert_eq!(recorded.open_requests(), std::slice::from_ref(&close));
    recorded.announce(Event::Closed(calculator().id));
    recorded.answer(&close, Ok(Response::Done));
    window.run();
    window.get_by_label("component ticker");
}

#[test]
fn the_theme_is_chosen_in_the_menu_and_remembered() {
    let (mut window, recorded) = fixtures::window(vec![cron()]);
    for (command, theme) in
        [(Command::ThemeLight, egui::Theme::Light), (Command::ThemeDark, egui::Theme::Dark)]
    {
        click(&mut window, "View");
        click(&mut window, command.text());
        assert_eq!(window.ctx.theme(), theme);
    }
    assert!(recorded.remembered().unwrap().contains("dark"));
}

#[test]
fn dialog_quit_and_dropped_files_go_where_they_belong() {
    let (mut window, recorded) = fixtures::window(vec![cron()]);
    press(&mut window, Modifiers::COMMAND, Key::O);
    press(&mut window, Modifiers::COMMAND, Key::Q);
    assert_eq!((recorded.picks(), recorded.quits()), (1, 1));
    recorded.drop_files(&["/a/workload.toml", "/a/square.wasm"]);
    window.run();
    let edit = jackfield_protocol::Edit::AddComponent { name: None, source: "/a/square.wasm".to_owned() };
    let open = Request::Open { path: "/a/workload.toml".to_owned() };
    assert_eq!(recorded.open_requests(), [open, Request::Edit { workload: CRON, edit }]);
}

#[test]
fn addresses_of_http_handlers_are_shown_and_copied() {
    let (mut window, recorded) = fixtures::window(vec![cron()]);
    let url = "http://127.0.0.1:41234/".to_owned();
    let listening = vec![Listening { component: "job".into(), url: url.clone() }];
    recorded.announce(Event::Listening { workload: CRON, listening });
    window.run();
    click(&mut window, "component job");
    window.get_by_label("Copy address");
    click(&mut window, "Copy address");
    assert_eq!(recorded.copied(), [url]);
    recorded.announce(Event::Listening { workload: CRON, listening: Vec::new() });
    window.run();
    assert!(window.query_by_label("Copy address").is_none());
}

#[test]
fn zoom_commands_answer_to_plus_and_to_its_key_without_shift() {
    let (mut window, _) = fixtures::window(vec![cron()]);
    // Of the width, a part may be outside of the canvas.
    let height = |window: &Window| card(window, "job").height();
    let natural = height(&window);
    press(&mut window, Modifiers::COMMAND, Key::Plus);
    assert!((height(&window) - natural * 1.2).abs() < 0.5);
    press(&mut window, Modifiers::COMMAND, Key::Equals);
    assert!((height(&window) - natural * 1.44).abs() < 0.5);
    press(&mut window, Modifiers::COMMAND, Key::Num0);
    assert!((height(&window) - natural).abs() < 0.5);
}

#[test]
fn far_out_only_names_are_left() {
    let (mut window, _) = fixtures::window(vec![cron()]);
    for _ in 0..6 {
        press(&mut window, Modifiers::COMMAND, Key::Minus);
    }
    window.get_by_label("component job");
    assert!(window.query_by_label("export jackfield:cron/job of job").is_none());
}
