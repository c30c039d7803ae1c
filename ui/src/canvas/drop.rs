//! Cards that are dragged here from the library.

use egui::Pos2;
use jackfield_protocol::ComponentName;

use super::Canvas;

impl Canvas {
    /// Gives a card its place: at once if it is there, else when it comes.
    pub(crate) fn reserve(&mut self, name: &ComponentName, at: Pos2) {
        self.kept.insert(name.clone(), at);
        self.unplaced.remove(name);
        self.place(name, at);
    }

    /// What is seen stays as it is from now on, whatever comes and goes.
    pub(crate) fn release_camera(&mut self) {
        self.camera.release();
    }
}
