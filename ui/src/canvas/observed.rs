//! What is drawn over wires and cards of what is known of their calls: how much is observed, what is done to them,
//! what has gone by, and where calls are held.

use egui::epaint::{CircleShape, RectShape};
use egui::text::{LayoutJob, TextFormat, TextWrapping};
use egui::{
    Align, Color32, CornerRadius, FontFamily, FontId, Pos2, Rect, RichText, Sense, Shape, Stroke, StrokeKind,
    Ui, pos2, vec2,
};
use jackfield_protocol::{Action as Done, ComponentName, Link, ProbeLevel, ProbeSite, SiteFigures};
use petgraph::stable_graph::EdgeIndex;

use super::view::Frame;
use crate::action::{Action, Selection};
use crate::model::OpenWorkload;
use crate::model::traces::{entry_site, has_entry, link_site, nanos, summary};
use crate::text::{count, grouped};
use crate::theme::{self, Tokens, space};

/// Below this zoom there is no room for figures.
const FIGURES_FROM: f32 = 0.62;
/// Figures are never wider, at natural size: the gap between two columns of cards.
const MAX_WIDTH: f32 = 112.0;
const TEXT_SIZE: f32 = 10.0;
/// Around what is done to calls.
const BADGE: f32 = 5.0;

/// The figures of a site as they stand on the canvas.
struct Label {
    lines: Vec<(String, Color32)>,
}

impl Label {
    fn new(open: &OpenWorkload, site: &ProbeSite, t: &Tokens) -> Option<Self> {
        if open.view.probes.level(site) == ProbeLevel::Off {
            return None;
        }
        if open.is_never_called(site) && matches!(site, ProbeSite::Link { .. }) {
            return Some(Self { lines: vec![("never called".to_owned(), t.text_dim)] });
        }
        let figures = open.figures(site).filter(|figures| figures.calls > 0)?;
        let mut lines = vec![(calls_text(figures), t.text), (latency_text(figures), t.text_dim)];
        if figures.errors > 0 {
            lines.push((errors_text(figures.errors), t.error));
        }
        Some(Self { lines })
    }

    fn text(&self) -> String {
        self.lines.iter().map(|(line, _)| line.as_str()).collect::<Vec<_>>().join(", ")
    }

    fn job(&self, zoom: f32) -> LayoutJob {
        let mut job = LayoutJob { halign: Align::Center, ..LayoutJob::default() };
        job.wrap = TextWrapping {
            max_width: MAX_WIDTH * zoom,
            max_rows: self.lines.len(),
            break_anywhere: true,
            ..TextWrapping::default()
        };
        let size = ((TEXT_SIZE * zoom.min(1.6) * 2.0).round() / 2.0).max(7.0);
        for (at, (line, color)) in self.lines.iter().enumerate() {
            let end = if at + 1 < self.lines.len() { "\n" } else { "" };
            let font = FontId::new(size, FontFamily::Proportional);
            job.append(&format!("{line}{end}"), 0.0, TextFormat::simple(font, *color));
        }
        job
    }
}

/// `1 234 calls · 12.5/s`.
fn calls_text(figures: &SiteFigures) -> String {
    let calls = calls_word(figures.calls);
    match figures.rate() {
        rate if rate <= 0.0 => calls,
        rate if rate < 10.0 => format!("{calls} · {rate:.1}/s"),
        rate => format!("{calls} · {rate:.0}/s"),
    }
}

fn calls_word(calls: u64) -> String {
    match calls {
        1 => "1 call".to_owned(),
        10_000_000.. => format!("{:.1} M calls", calls as f64 / 1e6),
        calls => format!("{} calls", grouped(calls)),
    }
}

/// `2.1 µs · p95 9.0 µs`.
fn latency_text(figures: &SiteFigures) -> String {
    format!("{} · p95 {}", nanos(figures.p50_nanos), nanos(figures.p95_nanos))
}

fn errors_text(errors: u64) -> String {
    count(usize::try_from(errors).unwrap_or(usize::MAX), "error")
}

/// What a tooltip says of the calls over a site.
pub(super) fn tooltip(ui: &mut Ui, open: &OpenWorkload, site: &ProbeSite) {
    let t = theme::tokens(ui.ctx());
    let level = open.view.probes.level(site);
    let mut interventions = open.view.probes.interventions(site).peekable();
    if level == ProbeLevel::Off && interventions.peek().is_none() {
        return;
    }
    ui.separator();
    ui.label(RichText::new(format!("observed: {}", level.label())).color(t.text_dim));
    if let Some(label) = Label::new(open, site, t) {
        for (line, color) in label.lines {
            ui.label(RichText::new(line).color(color));
        }
    }
    for intervention in interventions {
        let state = if intervention.is_enabled { "" } else { " (switched off)" };
        ui.label(RichText::new(format!("{}{state}", summary(intervention))).color(t.warning));
    }
}

impl Frame<'_> {
    /// What is known of the calls over every wire, and into every entry.
    pub(super) fn observed(&mut self) {
        let mut taken = Vec::new();
        let indices: Vec<EdgeIndex<u32>> = self.canvas().graph.edges_iter().map(|(index, _)| index).collect();
        for index in indices {
            let workload = self.workload;
            let Some((edge, provider, consumer)) = super::view::wire_with_ends(&workload.canvas, index)
            else {
                continue;
            };
            let Some(link) = super::view::link_of(&workload.view.plan, edge.payload()) else { continue };
            let middle = self.meta().canvas_to_screen_pos(edge.display().middle(provider, consumer));
            if self.rect.expand(80.0).contains(middle) {
                self.marks(link, middle);
                self.figures(&link_site(link), middle + vec2(0.0, 9.0), &mut taken);
            }
        }
        if self.workload.is_observed() {
            self.entries(&mut taken);
        }
    }

    fn entries(&mut self, taken: &mut Vec<Rect>) {
        let workload = self.workload;
        for name in workload.view.plan.nodes.iter().map(|node| &node.name) {
            if has_entry(&workload.view.plan, name)
                && let Some(card) = workload.canvas.card_rect(name)
            {
                let below = self.on_screen(card).center_bottom() + vec2(0.0, 4.0);
                self.figures(&entry_site(name), below, taken);
            }
        }
    }

    /// Around a wire's handle: a ring for what is observed, badges for what is done to calls, and how many are held.
    fn marks(&mut self, link: &Link, middle: Pos2) {
        let (t, zoom) = (theme::tokens(self.ui.ctx()), self.meta().zoom.clamp(0.5, 1.5));
        let site = link_site(link);
        let open = self.workload;
        let painter = self.ui.painter_at(self.rect);
        let ring = |radius: f32, color: Color32| {
            painter.circle_stroke(middle, radius * zoom, Stroke::new(1.5, color));
        };
        match open.view.probes.level(&site) {
            ProbeLevel::Off => {}
            ProbeLevel::Timing => ring(7.5, t.text_dim),
            ProbeLevel::Values => ring(7.5, t.accent),
        }
        let held = open.observed.held_at(&link.consumer, &link.import).count();
        if held > 0 {
            ring(10.0, t.error);
            self.held(link, held, middle - vec2(0.0, 14.0 * zoom));
            return;
        }
        let done: Vec<_> = open.view.probes.interventions(&site).collect();
        let step = 2.0 * BADGE * zoom + 3.0;
        let left = middle.x - step * (done.len().saturating_sub(1) as f32) / 2.0;
        for (at, intervention) in done.iter().enumerate() {
            let centre = pos2(left + step * at as f32, middle.y - 15.0 * zoom);
            painter.extend(badge(&intervention.action, intervention.is_enabled, centre, BADGE * zoom, t));
        }
    }

    /// `2 held`, which leads to the first of them.
    fn held(&mut self, link: &Link, held: usize, bottom: Pos2) {
        let t = theme::tokens(self.ui.ctx());
        let painter = self.ui.painter_at(self.rect);
        let font = FontId::new(space::TEXT_SMALL, FontFamily::Proportional);
        let galley = painter.layout_no_wrap(format!("{held} held"), font, t.error);
        let size = galley.size() + vec2(12.0, 4.0);
        let pill = Rect::from_min_size(bottom - vec2(size.x / 2.0, size.y), size);
        painter.add(RectShape::new(
            pill,
            CornerRadius::same(8),
            t.error_ground,
            Stroke::new(1.5, t.error),
            StrokeKind::Inside,
        ));
        painter.galley(pill.center() - galley.size() / 2.0, galley, t.error);
        let id = ("held", link.consumer.as_str(), link.import.as_str());
        let response = self.widget(pill, id, Sense::CLICK, || {
            format!("{held} held on {}", super::tooltip::link_label(link))
        });
        let first = self.workload.observed.held_at(&link.consumer, &link.import).next();
        if let Some(first) = first.filter(|_| response.clicked()) {
            let id = first.call.id;
            self.actions.push(Action::Trace(crate::action::TraceAction::ShowHold(id)));
        }
    }

    /// At the right end of what stands for links to the host: a ring if they are observed, and how many calls.
    pub(super) fn chip_figures(&self, chip: Rect, consumer: &ComponentName, imports: &[String]) {
        let (t, zoom) = (theme::tokens(self.ui.ctx()), self.meta().zoom);
        let site = |import: &String| ProbeSite::Link { consumer: consumer.clone(), import: import.clone() };
        let probes = &self.workload.view.probes;
        let sites: Vec<ProbeSite> = imports.iter().map(site).collect();
        let Some(level) =
            sites.iter().map(|site| probes.level(site)).max().filter(|level| *level != ProbeLevel::Off)
        else {
            return;
        };
        let figures = sites.iter().filter_map(|site| self.workload.figures(site));
        let (calls, errors) = figures.fold((0_u64, 0_u64), |(calls, errors), figures| {
            (calls + figures.calls, errors + figures.errors)
        });
        let painter = self.ui.painter_at(self.rect);
        let centre = chip.right_center() - vec2(10.0 * zoom, 0.0);
        let color = if level == ProbeLevel::Values { t.accent } else { t.text_dim };
        painter.circle_stroke(centre, 3.5 * zoom, Stroke::new(1.5, color));
        if calls > 0 && zoom >= FIGURES_FROM {
            let text = match errors {
                0 => calls_word(calls),
                errors => format!("{}, {}", calls_word(calls), errors_text(errors)),
            };
            let font = FontId::new((TEXT_SIZE * zoom.min(1.6) * 2.0).round() / 2.0, FontFamily::Proportional);
            let ink = if errors > 0 { t.error } else { t.text };
            painter.text(centre - vec2(8.0 * zoom, 0.0), egui::Align2::RIGHT_CENTER, text, font, ink);
        }
    }

    fn figures(&mut self, site: &ProbeSite, top: Pos2, taken: &mut Vec<Rect>) {
        let (t, zoom) = (theme::tokens(self.ui.ctx()), self.meta().zoom);
        let Some(label) = Label::new(self.workload, site, t).filter(|_| zoom >= FIGURES_FROM) else { return };
        let painter = self.ui.painter_at(self.rect);
        let galley = painter.layout_job(label.job(zoom));
        let size = galley.size() + vec2(8.0, 3.0);
        let mut place = Rect::from_min_size(top - vec2(size.x / 2.0, 0.0), size);
        // Where two wires are close, the one below makes room.
        while let Some(other) = taken.iter().find(|other| other.intersects(place)) {
            place = place.translate(vec2(0.0, other.bottom() - place.top() + 1.0));
        }
        taken.push(place);
        let ground = t.canvas.gamma_multiply(0.92);
        painter.add(RectShape::new(
            place,
            CornerRadius::same(space::CORNER),
            ground,
            Stroke::new(1.0, t.grid),
            StrokeKind::Inside,
        ));
        let origin = pos2(place.center().x, place.top() + 1.5);
        painter.galley(origin, galley, t.text);
        let text = label.text();
        let response = self.widget(place, ("figures", site), Sense::CLICK, || match site {
            ProbeSite::Link { consumer, import } => format!("figures of {consumer} {import}: {text}"),
            ProbeSite::Entry(component) => format!("figures of entry {component}: {text}"),
        });
        if response.clicked() {
            let selection = match site {
                ProbeSite::Link { consumer, import } => {
                    Selection::Link { consumer: consumer.clone(), import: import.clone() }
                }
                ProbeSite::Entry(component) => Selection::Component(component.clone()),
            };
            self.actions.push(Action::Select(Some(selection)));
        }
    }
}

/// A red dot holds, an amber clock delays, a red cross fails; hollow is switched off.
fn badge(action: &Done, is_enabled: bool, centre: Pos2, radius: f32, t: &Tokens) -> Vec<Shape> {
    let color = if matches!(action, Done::Delay { .. }) { t.warning } else { t.error };
    let is_filled = is_enabled && *action == Done::Hold;
    let circle = CircleShape {
        center: centre,
        radius,
        fill: if is_filled { color } else { t.canvas },
        stroke: Stroke::new(1.5, if is_enabled { color } else { color.gamma_multiply(0.6) }),
    };
    let line = |from: egui::Vec2, to: egui::Vec2| {
        Shape::line_segment([centre + from * radius, centre + to * radius], circle.stroke)
    };
    let mut shapes: Vec<Shape> = vec![circle.into()];
    match action {
        Done::Hold => {}
        Done::Delay { .. } => {
            shapes.push(line(vec2(0.0, 0.0), vec2(0.0, -0.65)));
            shapes.push(line(vec2(0.0, 0.0), vec2(0.5, 0.0)));
        }
        Done::Fail { .. } => {
            shapes.push(line(vec2(-0.45, -0.45), vec2(0.45, 0.45)));
            shapes.push(line(vec2(-0.45, 0.45), vec2(0.45, -0.45)));
        }
    }
    shapes
}
