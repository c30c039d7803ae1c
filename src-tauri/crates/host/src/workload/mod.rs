//! Workload files: TOML that names components and says how they are wired.
//!
//! [`parse`] is pure: text in, a [`Workload`] or *all* problems of the text out, each with its line
//! and column. [`load`] adds the file system: it finds the file, parses it and reads every component
//! that it names. What a workload's components need and offer of one another is the business of
//! [`crate::plan`], which looks at a [`Workload`] and never at a file.
//!
//! | module | what it is for |
//! |---|---|
//! | `model` | what a workload file says, as data |
//! | `reader` | walks a spanned TOML document and collects problems |
//! | `parse` | the top of the file; `component`, `permission`, `wiring`, `surroundings` are its tables |
//! | `name`, `units` | what a component may be called; sizes and durations |
//! | `place` | from byte offsets to lines and columns |
//! | `plugin_settings` | compares `[host]` with what plugins understand |
//! | `edit` | changes to the text of a file, which leave alone what they do not name |
//! | `alike` | whether what runs of a workload has to be started anew to be like another |
//! | `load` | from a path to a workload with its components |

mod alike;
mod component;
mod edit;
mod load;
mod model;
mod name;
mod parse;
mod permission;
mod place;
mod plugin_settings;
mod reader;
mod surroundings;
mod units;
mod wiring;

pub use component::is_file;
pub use edit::{Edited, apply, empty, move_to};
pub use load::{Loaded, MAX_WORKLOAD_FILE_IN_BYTES, OnlyFiles, Sources, WORKLOAD_FILE_NAME, load, load_text};
pub use model::{
    Access, ComponentSpec, InstancePolicy, Limits, LinkEnd, LinkRow, Permissions, PlacedSetting,
    PluginSettings, ServiceSpec, Setting, Source, VolumeGrant, VolumeSpec, Workload,
};
pub use name::{component_name_problem, plain_name_problem};
pub use parse::parse;
pub use permission::is_origin;
pub use place::Place;
pub(crate) use units::bytes as size_in_bytes;
pub use wiring::DEFAULT_MAX_RESTARTS;
