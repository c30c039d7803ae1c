//! The workloads that come with Jackfield.

use std::path::Path;

use jackfield_protocol::Sample;

/// Names and descriptions, in the order in which a newcomer should try them.
const SAMPLES: [(&str, &str); 5] = [
    ("cron", "A service that calls a component every second: two components, linked by their types"),
    ("calculator", "Three typed components: hypotenuse calls square and square-root"),
    ("clock-http", "A component that answers HTTP requests with the time"),
    (
        "plugins",
        "Configuration, messages and kept values: what the host's plugins have, to be called by hand",
    ),
    ("blobby", "Objects over HTTP, kept by a component that takes the place of one of the host's plugins"),
];

/// The samples whose workload files are there.
pub(crate) fn in_folder(dir: &Path) -> Vec<Sample> {
    SAMPLES
        .iter()
        .map(|(name, description)| (name, description, dir.join(name).join("workload.toml")))
        .filter(|(_, _, path)| path.is_file())
        .map(|(name, description, path)| Sample {
            name: (*name).to_owned(),
            description: (*description).to_owned(),
            path: path.display().to_string(),
        })
        .collect()
}
