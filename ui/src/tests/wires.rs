//! Wires pulled from port to port, and the menus of cards and links.

use std::time::Duration;

use egui::{Color32, Key, Pos2, Shape, vec2};
use egui_kittest::kittest::Queryable as _;
use jackfield_protocol::{
    Diagnostic, Direction, Edit, EditLinkEnd, LinkTarget, Request, Response, Rule, WorkloadId, WorkloadView,
};

use super::fixtures::{self, CRON, JOB, Window, cron};
use super::idle::next_frame;
use super::picture;
use crate::action::Selection;
use crate::theme;

const IMPORT: &str = "import jackfield:cron/job of ticker";
const EXPORT: &str = "export jackfield:cron/job of job";
const NEWER: &str = "export jackfield:cron/job@2.0.0 of newer";

/// `ticker` needs a job and has none; `job` has it, and `newer` has it in another version.
fn unlinked() -> WorkloadView {
    let mut view = cron();
    view.plan.links.retain(|link| !matches!(link.target, LinkTarget::Component { .. }));
    let mut newer = view.plan.nodes[1].clone();
    newer.name = "newer".into();
    newer.component.ports.retain(|port| port.direction == Direction::Export);
    newer.component.ports[0].name = format!("{JOB}@2.0.0");
    view.plan.nodes.push(newer);
    view
}

fn edit(to: Option<EditLinkEnd>) -> Request {
    let edit = Edit::SetLink { component: "ticker".into(), import: JOB.to_owned(), to };
    Request::Edit { workload: CRON, edit }
}

fn to_component(name: &str) -> Request {
    edit(Some(EditLinkEnd::Component(name.into())))
}

fn centre(window: &Window, label: &str) -> Pos2 {
    window.get_by_label(label).rect().center()
}

/// A point of the canvas without anything on it.
fn nowhere(window: &Window) -> Pos2 {
    window.get_by_label("canvas").rect().min + vec2(15.0, 15.0)
}

/// Takes a port and moves to a point, without letting go.
fn pull(window: &mut Window, from: &str, to: Pos2) {
    let from = centre(window, from);
    window.hover_at(from);
    window.run();
    window.drag_at(from);
    window.run();
    for step in 1..=4_u8 {
        window.hover_at(from.lerp(to, f32::from(step) / 4.0));
        window.run();
    }
}

fn drag(window: &mut Window, from: &str, to: Pos2) {
    pull(window, from, to);
    window.drop_at(to);
    window.run();
}

#[test]
fn a_wire_from_an_import_to_an_export_links_them_and_so_does_one_the_other_way() {
    for (from, to) in [(IMPORT, EXPORT), (EXPORT, IMPORT)] {
        let (mut window, recorded) = fixtures::window(vec![unlinked()]);
        let to = centre(&window, to);
        drag(&mut window, from, to);
        assert_eq!(recorded.open_requests(), [to_component("job")], "{from}");
        let edited = Response::Edited { before: 1, after: 2, component: None };
        recorded.answer(&to_component("job"), Ok(edited));
        window.run();
        assert_eq!(next_frame(&window), Duration::MAX, "nothing moves afterwards");
    }
}

#[test]
fn a_wire_let_go_on_a_card_takes_the_port_that_fits() {
    let (mut window, recorded) = fixtures::window(vec![unlinked()]);
    let head = window.get_by_label("component job").rect().center_top() + vec2(0.0, 8.0);
    drag(&mut window, IMPORT, head);
    assert_eq!(recorded.open_requests(), [to_component("job")]);
}

#[test]
fn another_version_can_be_linked_and_what_does_not_fit_cannot() {
    let (mut window, recorded) = fixtures::window(vec![unlinked()]);
    let newer = centre(&window, NEWER);
    drag(&mut window, IMPORT, newer);
    recorded.answer(&to_component("newer"), Ok(Response::Done));
    let job = centre(&window, EXPORT);
    drag(&mut window, NEWER, job);
    assert_eq!(recorded.open_requests(), [], "two exports");
}

/// The colours of the filled circles near a point.
fn dots(window: &Window, at: Pos2) -> Vec<Color32> {
    let shapes = window.output().shapes.iter();
    let circles = shapes.filter_map(|clipped| match &clipped.shape {
        Shape::Circle(circle) if circle.center.distance(at) < 2.0 => Some(circle.fill),
        _ => None,
    });
    circles.collect()
}

#[test]
fn the_ports_that_fit_light_up_while_the_wire_is_pulled() {
    let (mut window, recorded) = fixtures::window(vec![unlinked()]);
    let socket = |window: &Window, label: &str| window.get_by_label(label).rect().right_center();
    let (job, newer) = (socket(&window, EXPORT), socket(&window, NEWER));
    let t = theme::tokens(&window.ctx);
    assert!(!dots(&window, job).contains(&t.accent));
    let to = nowhere(&window);
    pull(&mut window, IMPORT, to);
    assert!(dots(&window, job).contains(&t.accent), "it fits");
    assert!(dots(&window, newer).contains(&t.warning), "another version might");

    window.key_press(Key::Escape);
    window.run();
    assert!(!dots(&window, job).contains(&t.accent), "Escape lets the wire go");
    window.drop_at(to);
    window.run();
    assert_eq!(recorded.open_requests(), []);
    assert!(window.query_by_label("Link to a stub").is_none());
}

#[test]
fn a_wire_let_go_over_nothing_asks_what_provides_the_import() {
    let (mut window, recorded) = fixtures::window(vec![unlinked()]);
    let to = nowhere(&window);
    drag(&mut window, IMPORT, to);
    for label in ["Link to job", "Link to newer, another version", "Link to the host"] {
        window.get_by_label(label);
    }
    assert_eq!(next_frame(&window), Duration::MAX, "an open menu is idle");
    window.get_by_label("Link to a stub").click();
    window.run();
    assert_eq!(recorded.open_requests(), [edit(Some(EditLinkEnd::Stub))]);
    assert!(window.query_by_label("Link to a stub").is_none(), "the menu is closed");

    drag(&mut window, EXPORT, to);
    assert!(window.query_by_label("Link to job").is_none(), "an export needs nothing");
}

/// Each of two components needs the other.
fn circle() -> WorkloadView {
    let mut view = cron();
    let (there, back) = (JOB, "jackfield:cron/tick");
    let ports = |import: &str, export: &str| {
        vec![
            fixtures::port(Direction::Import, import, Vec::new()),
            fixtures::port(Direction::Export, export, Vec::new()),
        ]
    };
    view.plan.nodes =
        vec![fixtures::node("a", false, ports(there, back)), fixtures::node("b", false, ports(back, there))];
    let to =
        |name: &str, export: &str| LinkTarget::Component { name: name.into(), export: export.to_owned() };
    view.plan.links = vec![
        fixtures::link("a", there, to("b", there), Rule::SameName),
        fixtures::link("b", back, to("a", back), Rule::SameName),
    ];
    view.plan.diagnostics = vec![Diagnostic::Cycle {
        path: vec!["a".into(), "b".into()],
        imports: vec![there.to_owned(), back.to_owned()],
    }];
    view
}

#[test]
fn the_links_of_a_circle_are_seen_and_marked() {
    let (mut window, _recorded) = fixtures::window(vec![circle()]);
    picture::take(&mut window, "canvas-circle");
    let error = theme::tokens(&window.ctx).error;
    let shapes = || window.output().shapes.iter().map(|clipped| &clipped.shape);
    let is_line = |shape: &&Shape| matches!(shape, Shape::CubicBezier(curve) if curve.stroke.color == egui::epaint::ColorMode::Solid(error));
    assert_eq!(shapes().filter(is_line).count(), 4, "one link there, three parts of the one back");
    let is_port = |shape: &&Shape| matches!(shape, Shape::Circle(circle) if circle.fill == error);
    assert_eq!(shapes().filter(is_port).count(), 4, "two ports of each");
    // What is grabbed of the link back is beside the cards.
    let cards = ["component a", "component b"].map(|label| window.get_by_label(label).rect());
    let back = window.get_by_label_contains("link b jackfield:cron/tick").rect().center();
    assert!(cards.iter().all(|card| !card.contains(back)), "{back:?}");
}

#[test]
fn escape_and_a_click_elsewhere_close_the_question() {
    let (mut window, recorded) = fixtures::window(vec![unlinked()]);
    let to = nowhere(&window);
    drag(&mut window, IMPORT, to);
    window.key_press(Key::Escape);
    window.run();
    assert!(window.query_by_label("Link to a stub").is_none());
    drag(&mut window, IMPORT, to);
    window.get_by_label("component job").click();
    window.run();
    assert!(window.query_by_label("Link to a stub").is_none());
    assert_eq!(recorded.open_requests(), []);
}

#[test]
fn a_click_on_a_port_selects_its_card() {
    let (mut window, _) = fixtures::window(vec![cron()]);
    window.get_by_label(EXPORT).click();
    window.run();
    let selection = &window.state().model().workload(WorkloadId(1)).expect("cron").selection;
    assert_eq!(*selection, Some(Selection::Component("job".into())));
}

#[test]
fn links_and_cards_have_menus() {
    let (mut window, recorded) = fixtures::window(vec![cron()]);
    window.get_by_label("link ticker jackfield:cron/job → job").click_secondary();
    window.run();
    window.get_by_label("Link to a stub").click();
    window.run();
    recorded.answer(&edit(Some(EditLinkEnd::Stub)), Ok(Response::Done));
    window.run();

    let head = window.get_by_label("component job").rect().center_top() + vec2(0.0, 8.0);
    right_click(&mut window, head);
    window.get_by_label("Make it the service").click();
    window.run();
    let service = Request::Edit { workload: CRON, edit: Edit::SetService(Some("job".into())) };
    recorded.answer(&service, Ok(Response::Done));
    right_click(&mut window, head);
    window.get_by_label("Delete").click();
    window.run();
    let delete = Edit::RemoveComponents(vec!["job".into()]);
    assert_eq!(recorded.open_requests(), [Request::Edit { workload: CRON, edit: delete }]);
}

fn right_click(window: &mut Window, pos: Pos2) {
    window.hover_at(pos);
    window.run();
    for pressed in [true, false] {
        let button = egui::PointerButton::Secondary;
        window.event(egui::Event::PointerButton { pos, button, pressed, modifiers: egui::Modifiers::NONE });
        window.run();
    }
}
