//! What part of the canvas is seen: zoom and pan, on egui_graphs' mapping.

use egui::{Pos2, Rect, Vec2};
use egui_graphs::MetadataFrame;

/// How far out and in one can zoom.
const ZOOM_RANGE: std::ops::RangeInclusive<f32> = 0.1..=4.0;
/// Kept free around the graph when it is fitted.
const MARGIN: f32 = 28.0;

/// Zoom and pan of one canvas.
#[derive(Debug, Clone)]
pub(crate) struct Camera {
    frame: MetadataFrame,
    viewport: Rect,
    bounds: Rect,
    /// The whole graph is shown, and stays so until the user looks at something else.
    is_fitted: bool,
}

impl Default for Camera {
    fn default() -> Self {
        Self { frame: MetadataFrame::default(), viewport: Rect::ZERO, bounds: Rect::NOTHING, is_fitted: true }
    }
}

impl Camera {
    /// The mapping between canvas and window.
    pub(crate) fn frame(&self) -> &MetadataFrame {
        &self.frame
    }

    pub(crate) fn viewport(&self) -> Rect {
        self.viewport
    }

    pub(crate) fn zoom_factor(&self) -> f32 {
        self.frame.zoom
    }

    /// Remembers where the canvas is in the window. A fitted graph is fitted anew; otherwise the middle
    /// of what is seen stays in the middle.
    pub(crate) fn set_viewport(&mut self, viewport: Rect) {
        let shift = viewport.center() - self.viewport.center();
        self.viewport = viewport;
        if self.is_fitted {
            self.fit();
        } else {
            self.frame.pan += shift;
        }
    }

    /// The camera as it will be with the canvas in this place.
    pub(crate) fn placed(&self, viewport: Rect) -> Self {
        let mut camera = self.clone();
        if viewport != self.viewport {
            camera.set_viewport(viewport);
        }
        camera
    }

    /// Remembers how far the graph reaches. It is not fitted anew: a card must not run away from the
    /// pointer that drags it.
    pub(crate) fn set_bounds(&mut self, bounds: Rect) {
        self.bounds = bounds;
    }

    /// Shows the whole graph, at its natural size if there is room.
    pub(crate) fn fit(&mut self) {
        self.is_fitted = true;
        if !self.bounds.is_finite() || !self.viewport.is_positive() {
            return;
        }
        let bounds = self.bounds.expand(MARGIN);
        let room = self.viewport.size() / bounds.size();
        self.frame.zoom = room.min_elem().clamp(*ZOOM_RANGE.start(), 1.0);
        self.centre_on(bounds.center());
    }

    /// Stops fitting the graph anew when the window changes.
    pub(crate) fn release(&mut self) {
        self.is_fitted = false;
    }

    fn centre_on(&mut self, pos: Pos2) {
        self.frame.pan = self.viewport.center().to_vec2() - pos.to_vec2() * self.frame.zoom;
    }

    pub(crate) fn pan(&mut self, delta: Vec2) {
        self.is_fitted = false;
        self.frame.pan += delta;
    }

    pub(crate) fn zoom(&mut self, factor: f32, around: Pos2) {
        let zoom = (self.frame.zoom * factor).clamp(*ZOOM_RANGE.start(), *ZOOM_RANGE.end());
        if zoom == self.frame.zoom || !zoom.is_finite() {
            return;
        }
        self.is_fitted = false;
        let fixed = self.frame.screen_to_canvas_pos(around);
        self.frame.zoom = zoom;
        self.frame.pan = around.to_vec2() - fixed.to_vec2() * zoom;
    }

    /// Shows something that has come: with all the rest while all is shown, else for itself.
    pub(crate) fn show_new(&mut self, rect: Rect) {
        if self.is_fitted {
            self.fit();
        } else {
            self.reveal(rect);
        }
    }

    /// Moves a part of the canvas into view if it is not in view.
    pub(crate) fn reveal(&mut self, rect: Rect) {
        let seen = Rect::from_min_max(
            self.frame.screen_to_canvas_pos(self.viewport.min),
            self.frame.screen_to_canvas_pos(self.viewport.max),
        );
        if !seen.contains_rect(rect) {
            self.is_fitted = false;
            self.centre_on(rect.center());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use egui::{pos2, vec2};

    fn camera() -> Camera {
        let mut camera = Camera::default();
        camera.set_bounds(Rect::from_min_size(Pos2::ZERO, vec2(1000.0, 400.0)));
        camera.set_viewport(Rect::from_min_size(pos2(100.0, 50.0), vec2(500.0, 500.0)));
        camera
    }

    #[test]
    fn fitting_shows_everything_and_never_enlarges() {
        let camera = camera();
        let frame = camera.frame();
        assert!(camera.viewport().contains(frame.canvas_to_screen_pos(Pos2::ZERO)));
        assert!(camera.viewport().contains(frame.canvas_to_screen_pos(pos2(1000.0, 400.0))));
        let mut small = camera.clone();
        small.set_bounds(Rect::from_min_size(Pos2::ZERO, vec2(10.0, 10.0)));
        small.fit();
        assert_eq!(small.zoom_factor(), 1.0);
    }

    #[test]
    fn zooming_keeps_the_point_under_the_pointer() {
        let mut camera = camera();
        let pointer = pos2(321.0, 234.0);
        let before = camera.frame().screen_to_canvas_pos(pointer);
        camera.zoom(1.7, pointer);
        assert!((camera.frame().screen_to_canvas_pos(pointer) - before).length() < 0.01);
        camera.zoom(1e9, pointer);
        assert_eq!(camera.zoom_factor(), *ZOOM_RANGE.end());
        camera.zoom(f32::NAN, pointer);
        assert_eq!(camera.zoom_factor(), *ZOOM_RANGE.end());
    }

    #[test]
    fn what_the_user_looks_at_stays_when_the_window_changes() {
        let mut camera = camera();
        camera.zoom(2.0, camera.viewport().center());
        let before = camera.frame().screen_to_canvas_pos(camera.viewport().center());
        camera.set_viewport(Rect::from_min_size(pos2(0.0, 0.0), vec2(900.0, 300.0)));
        let after = camera.frame().screen_to_canvas_pos(camera.viewport().center());
        assert!((after - before).length() < 0.01);
    }
}
