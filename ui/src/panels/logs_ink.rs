//! A printed line in the colours that it asks for, as far as they can be read.

use egui::text::{LayoutJob, TextFormat, TextWrapping};
use egui::{Color32, FontId, Stroke};

use crate::model::log_ansi::{Ink, Look, runs};
use crate::theme::{self, Tokens};

/// One row of text, cut with an ellipsis at `width`.
pub(super) fn job(line: &str, max_chars: usize, font: &FontId, t: &Tokens, width: f32) -> LayoutJob {
    let mut job = LayoutJob { break_on_newline: false, ..LayoutJob::default() };
    job.wrap = TextWrapping { break_anywhere: true, ..TextWrapping::truncate_at_width(width) };
    for run in runs(line, max_chars) {
        job.append(&run.text, 0.0, format(run.look, font, t));
    }
    job
}

fn format(look: Look, font: &FontId, t: &Tokens) -> TextFormat {
    let color = color(look, t);
    let mut format = TextFormat::simple(font.clone(), color);
    format.italics = look.is_italic;
    if look.is_underlined {
        format.underline = Stroke::new(1.0, color);
    }
    if look.is_struck {
        format.strikethrough = Stroke::new(1.0, color);
    }
    if look.is_reversed {
        format.color = t.text;
        format.background = t.accent_ground;
    }
    format
}

/// Bold text takes the brighter of a pair of colours, as terminals do: there is no bold font.
fn color(look: Look, t: &Tokens) -> Color32 {
    match look.ink {
        Some(Ink::Named(index)) => {
            let index = if look.is_bold && index < 8 { index + 8 } else { index };
            t.ansi.get(usize::from(index)).copied().unwrap_or(t.text)
        }
        Some(Ink::Rgb(red, green, blue)) => theme::readable(Color32::from_rgb(red, green, blue), t),
        None if look.is_dim => t.text_dim,
        None if look.is_bold => t.ansi.last().copied().unwrap_or(t.text),
        None => t.text,
    }
}
