//! Sizes, in points.

/// Between things that belong together.
pub const SMALL: f32 = 4.0;
/// Between things.
pub const MEDIUM: f32 = 8.0;
/// Between groups of things.
pub const LARGE: f32 = 16.0;
/// The corners of widgets.
pub const CORNER: u8 = 4;
/// The corners of cards and dialogs.
pub const CORNER_LARGE: u8 = 7;
/// Text.
pub const TEXT: f32 = 13.0;
/// Text that goes with other text.
pub const TEXT_SMALL: f32 = 11.0;
/// Headings.
pub const TEXT_LARGE: f32 = 17.0;
/// A row of the log.
pub const LOG_ROW: f32 = 18.0;
/// The panels at first.
pub const LEFT_PANEL: f32 = 260.0;
/// The panels at first.
pub const RIGHT_PANEL: f32 = 290.0;
/// The dock at first.
pub const DOCK: f32 = 220.0;
