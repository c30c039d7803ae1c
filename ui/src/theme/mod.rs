//! Design tokens: every colour, size and word that more than one view uses. Views name what a
//! thing means, never how it looks; no colour is written down anywhere else.
//!
//! Text colours have a contrast of at least 4.5 to 1 against every ground that they are used on
//! (WCAG 2.2, AA); a test checks it.

pub mod space;
mod style;
pub mod words;

use egui::{Color32, Context, FontDefinitions, FontFamily, Theme, ThemePreference};

use crate::model::ThemeChoice;

/// The colours of one theme, by meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tokens {
    /// Behind menus, panels and bars.
    pub panel: Color32,
    /// Behind text fields and rows of data.
    pub sunken: Color32,
    /// Behind tooltips, menus and dialogs.
    pub raised: Color32,
    /// Behind the cards.
    pub canvas: Color32,
    /// The dots of the canvas.
    pub grid: Color32,
    /// A card.
    pub card: Color32,
    /// The head of a card.
    pub card_head: Color32,
    /// Around cards and between panels.
    pub outline: Color32,
    /// A widget at rest, under the pointer, and pressed.
    pub widget: [Color32; 3],
    /// Text.
    pub text: Color32,
    /// Text that may be overlooked.
    pub text_dim: Color32,
    /// The one accent: what is selected, focused, or to be done first.
    pub accent: Color32,
    /// Behind what is selected.
    pub accent_ground: Color32,
    /// A link between components.
    pub link: Color32,
    /// A port's socket without a link.
    pub socket: Color32,
    /// What runs well.
    pub good: Color32,
    /// What needs attention.
    pub warning: Color32,
    /// Behind a warning.
    pub warning_ground: Color32,
    /// What failed.
    pub error: Color32,
    /// Behind an error.
    pub error_ground: Color32,
    /// Around a dialog, over everything else.
    pub shade: Color32,
    /// One for each component of a workload, then from the start again.
    pub components: [Color32; 8],
    /// The sixteen colours of a terminal, so chosen that text in any of them can be read.
    pub ansi: [Color32; 16],
}

const fn rgb(hex: u32) -> Color32 {
    Color32::from_rgb((hex >> 16) as u8, (hex >> 8) as u8, hex as u8)
}

const DARK: Tokens = Tokens {
    panel: rgb(0x1b1e24),
    sunken: rgb(0x14161b),
    raised: rgb(0x252932),
    canvas: rgb(0x111317),
    grid: rgb(0x262a32),
    card: rgb(0x22262e),
    card_head: rgb(0x2b303a),
    outline: rgb(0x3c434f),
    widget: [rgb(0x2d323c), rgb(0x383f4b), rgb(0x444c5a)],
    text: rgb(0xe6e8ec),
    text_dim: rgb(0xa6aebb),
    accent: rgb(0x6cb2ff),
    accent_ground: rgb(0x1f3c5c),
    link: rgb(0x7d97b8),
    socket: rgb(0x8b95a5),
    good: rgb(0x58cf94),
    warning: rgb(0xf2b63c),
    warning_ground: rgb(0x3a2f16),
    error: rgb(0xff8080),
    error_ground: rgb(0x43201f),
    shade: Color32::from_black_alpha(120),
    components: [
        rgb(0x7cc4ff),
        rgb(0xf6b26b),
        rgb(0x8fd694),
        rgb(0xe7a1e0),
        rgb(0xf2d16b),
        rgb(0x6fd6cf),
        rgb(0xff9e9e),
        rgb(0xb9b0ff),
    ],
    ansi: [
        rgb(0xa6aebb),
        rgb(0xff8080),
        rgb(0x58cf94),
        rgb(0xf2d16b),
        rgb(0x7cc4ff),
        rgb(0xe7a1e0),
        rgb(0x6fd6cf),
        rgb(0xd5d9e0),
        rgb(0x8f98a8),
        rgb(0xffa3a3),
        rgb(0x8fe3b4),
        rgb(0xffe39a),
        rgb(0xa6d6ff),
        rgb(0xf3c2ee),
        rgb(0x9be8e2),
        rgb(0xffffff),
    ],
};

const LIGHT: Tokens = Tokens {
    panel: rgb(0xf3f4f7),
    sunken: rgb(0xffffff),
    raised: rgb(0xffffff),
    canvas: rgb(0xe9ecf1),
    grid: rgb(0xd3d8e0),
    card: rgb(0xffffff),
    card_head: rgb(0xf1f3f7),
    outline: rgb(0xbcc3cf),
    widget: [rgb(0xe4e7ed), rgb(0xd7dce5), rgb(0xc7cedb)],
    text: rgb(0x1a1e26),
    text_dim: rgb(0x4f5766),
    accent: rgb(0x0b57b0),
    accent_ground: rgb(0xd2e4fa),
    link: rgb(0x51698a),
    socket: rgb(0x66707f),
    good: rgb(0x11693c),
    warning: rgb(0x7a4d00),
    warning_ground: rgb(0xfdf0d0),
    error: rgb(0xa81c1c),
    error_ground: rgb(0xfde4e2),
    shade: Color32::from_black_alpha(70),
    components: [
        rgb(0x0a5a9c),
        rgb(0x8a4a00),
        rgb(0x1f6b2a),
        rgb(0x8a2387),
        rgb(0x6b5600),
        rgb(0x00655e),
        rgb(0xa52a2a),
        rgb(0x5443b8),
    ],
    ansi: [
        rgb(0x1a1e26),
        rgb(0xa81c1c),
        rgb(0x11693c),
        rgb(0x6b5600),
        rgb(0x0b57b0),
        rgb(0x8a2387),
        rgb(0x00655e),
        rgb(0x4f5766),
        rgb(0x3f4653),
        rgb(0xc22020),
        rgb(0x0d6e3d),
        rgb(0x7a4d00),
        rgb(0x0a5a9c),
        rgb(0x9a2f97),
        rgb(0x006b64),
        rgb(0x30353f),
    ],
};

impl Tokens {
    /// The colour of the component with this index in its workload.
    #[must_use]
    pub fn component(&self, index: usize) -> Color32 {
        self.components.get(index % self.components.len()).copied().unwrap_or(self.text)
    }
}

/// A colour that somebody else chose, moved towards the theme's text until it can be read on its panels.
#[must_use]
pub fn readable(color: Color32, t: &Tokens) -> Color32 {
    let steps = (0..=10_u8).map(|step| color.lerp_to_gamma(t.text, f32::from(step) / 10.0));
    let is_readable = |ink: &Color32| [t.panel, t.sunken].iter().all(|ground| contrast(*ink, *ground) >= 4.5);
    steps.into_iter().find(is_readable).unwrap_or(t.text)
}

/// How well two colours can be told apart, from 1 to 21:
/// <https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio>
fn contrast(a: Color32, b: Color32) -> f32 {
    let luminance = |color: Color32| {
        let [r, g, b, _] = egui::Rgba::from(color).to_array();
        0.2126 * r + 0.7152 * g + 0.0722 * b
    };
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

/// The tokens of the theme that is in use.
#[must_use]
pub fn tokens(ctx: &Context) -> &'static Tokens {
    of(ctx.theme())
}

/// The tokens of a theme.
#[must_use]
pub fn of(theme: Theme) -> &'static Tokens {
    match theme {
        Theme::Dark => &DARK,
        Theme::Light => &LIGHT,
    }
}

/// Gives egui our looks.
pub(crate) fn install(ctx: &Context) {
    for theme in [Theme::Dark, Theme::Light] {
        ctx.set_style_of(theme, style::of(theme));
    }
    ctx.options_mut(|options| options.zoom_with_keyboard = false);
    ctx.set_fonts(fonts());
}

/// egui's fonts. The proportional one has no arrows, which the monospaced one has.
fn fonts() -> FontDefinitions {
    let mut fonts = FontDefinitions::default();
    let monospaced = fonts.families.get(&FontFamily::Monospace).cloned().unwrap_or_default();
    let proportional = fonts.families.entry(FontFamily::Proportional).or_default();
    for font in monospaced {
        if !proportional.contains(&font) {
            proportional.push(font);
        }
    }
    fonts
}

/// Uses the theme that the user chose.
pub(crate) fn follow(ctx: &Context, choice: ThemeChoice) {
    let preference = match choice {
        ThemeChoice::System => ThemePreference::System,
        ThemeChoice::Dark => ThemePreference::Dark,
        ThemeChoice::Light => ThemePreference::Light,
    };
    if ctx.options(|options| options.theme_preference) != preference {
        ctx.set_theme(preference);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fonts_have_every_sign_that_the_window_uses() {
        let ctx = Context::default();
        install(&ctx);
        ctx.run_ui(egui::RawInput::default(), |_| {}).textures_delta.clear();
        let font = egui::FontId::new(space::TEXT, FontFamily::Proportional);
        for sign in "→×·…⏵⏷●".chars() {
            assert!(ctx.fonts_mut(|fonts| fonts.has_glyph(&font, sign)), "{sign}");
        }
    }

    #[test]
    fn any_colour_is_made_readable() {
        for theme in [Theme::Dark, Theme::Light] {
            for hex in [0x000000, 0xffffff, 0x0000ff, 0xffff00, 0x808080, 0x00ff00] {
                let ink = readable(rgb(hex), of(theme));
                assert!(contrast(ink, of(theme).panel) >= 4.5, "{theme:?} {hex:06x}");
            }
        }
    }

    #[test]
    fn text_can_be_read_on_every_ground_that_it_is_used_on() {
        for theme in [Theme::Dark, Theme::Light] {
            let t = of(theme);
            let grounds = [t.panel, t.sunken, t.raised, t.card, t.card_head];
            let inks = [t.text, t.text_dim, t.accent, t.good, t.warning, t.error];
            let mut pairs: Vec<_> =
                grounds.iter().flat_map(|ground| inks.iter().map(move |ink| (*ink, *ground))).collect();
            pairs.extend(t.components.map(|ink| (ink, t.sunken)));
            pairs.extend(t.components.map(|ink| (ink, t.panel)));
            pairs.extend(t.ansi.map(|ink| (ink, t.sunken)));
            pairs.extend(t.ansi.map(|ink| (ink, t.panel)));
            pairs.extend(t.widget.map(|ground| (t.text, ground)));
            pairs.extend([
                (t.text, t.accent_ground),
                (t.text, t.warning_ground),
                (t.text, t.error_ground),
                (t.text_dim, t.warning_ground),
                (t.text_dim, t.error_ground),
                (t.warning, t.warning_ground),
                (t.error, t.error_ground),
                (t.text_dim, t.canvas),
            ]);
            for (ink, ground) in pairs {
                let ratio = contrast(ink, ground);
                assert!(ratio >= 4.5, "{theme:?}: {ink:?} on {ground:?} is {ratio:.2}");
            }
            for drawing in [t.link, t.socket, t.accent, t.warning] {
                assert!(contrast(drawing, t.canvas) >= 3.0, "{theme:?}: {drawing:?} on the canvas");
            }
        }
    }
}
