//! What the window knows of the library.

use jackfield_protocol::{Event, LibraryResponse};

use super::{Effect, Model, Purpose};

impl Model {
    pub(super) fn library_answered(&mut self, _purpose: &Purpose, _response: LibraryResponse) {}

    pub(super) fn library_event(&mut self, _event: Event) -> Vec<Effect> {
        Vec::new()
    }
}
