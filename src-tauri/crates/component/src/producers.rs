//! The `producers` custom section: which tools made the component.
//!
//! Follows the tool conventions' `ProducersSection.md`. The section is a hint and nothing depends on
//! it, so what cannot be read of it is passed over.

use std::collections::HashSet;

use jackfield_protocol::Producer;
use wasmparser::{BinaryReader, ProducersSectionReader};

/// Collects the sections of a component and of what is inside it.
#[derive(Default)]
pub(crate) struct Producers {
    /// How deep inside the component each was found, and what it says.
    found: Vec<(usize, Producer)>,
}

impl Producers {
    /// Adds a section found `depth` levels deep.
    pub(crate) fn read(&mut self, section: BinaryReader<'_>, depth: usize) {
        let Ok(fields) = ProducersSectionReader::new(section) else { return };
        for field in fields.into_iter().map_while(Result::ok) {
            for value in field.values.into_iter().map_while(Result::ok) {
                let producer = Producer {
                    role: field.name.to_owned(),
                    name: value.name.to_owned(),
                    version: value.version.to_owned(),
                };
                self.found.push((depth, producer));
            }
        }
    }

    /// All producers, each once; those of the component itself before those of what is inside it.
    pub(crate) fn finish(mut self) -> Vec<Producer> {
        self.found.sort_by_key(|(depth, _)| *depth);
        let mut seen = HashSet::new();
        self.found
            .into_iter()
            .map(|(_, producer)| producer)
            .filter(|Producer { role, name, version }| {
                seen.insert((role.clone(), name.clone(), version.clone()))
            })
            .collect()
    }
}
