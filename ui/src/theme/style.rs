//! egui's style, made of the tokens.

use egui::epaint::Shadow;
use egui::style::{ScrollStyle, Selection, WidgetVisuals};
use egui::{
    Color32, CornerRadius, FontFamily, FontId, Margin, Stroke, Style, TextStyle, Theme, Visuals, vec2,
};

use super::{Tokens, space};

/// The style of a theme.
pub(super) fn of(theme: Theme) -> Style {
    let tokens = super::of(theme);
    let mut style = Style { visuals: visuals(theme, tokens), ..Style::default() };
    let font = |size| FontId::new(size, FontFamily::Proportional);
    style.text_styles = [
        (TextStyle::Small, font(space::TEXT_SMALL)),
        (TextStyle::Body, font(space::TEXT)),
        (TextStyle::Button, font(space::TEXT)),
        (TextStyle::Heading, font(space::TEXT_LARGE)),
        (TextStyle::Monospace, FontId::new(12.0, FontFamily::Monospace)),
    ]
    .into();
    style.spacing.item_spacing = vec2(space::MEDIUM, 5.0);
    style.spacing.button_padding = vec2(9.0, 4.0);
    style.spacing.menu_margin = Margin::same(6);
    style.spacing.interact_size.y = 24.0;
    style.spacing.tooltip_width = 420.0;
    style.spacing.scroll = ScrollStyle::solid();
    style.interaction.selectable_labels = false;
    style.interaction.tooltip_delay = 0.35;
    // Every step of an animation is a frame, which is dear where there is no GPU.
    style.animation_time = 0.0;
    style.scroll_animation = egui::style::ScrollAnimation::none();
    style
}

fn visuals(theme: Theme, t: &Tokens) -> Visuals {
    let mut visuals = if theme == Theme::Dark { Visuals::dark() } else { Visuals::light() };
    visuals.panel_fill = t.panel;
    visuals.window_fill = t.raised;
    visuals.window_stroke = Stroke::new(1.0, t.outline);
    visuals.window_corner_radius = CornerRadius::same(space::CORNER_LARGE);
    visuals.menu_corner_radius = CornerRadius::same(space::CORNER_LARGE);
    visuals.window_shadow = Shadow { offset: [0, 6], blur: 18, spread: 0, color: t.shade };
    visuals.popup_shadow = Shadow { offset: [0, 4], blur: 10, spread: 0, color: t.shade };
    visuals.extreme_bg_color = t.sunken;
    visuals.faint_bg_color = t.card;
    visuals.code_bg_color = t.sunken;
    visuals.weak_text_color = Some(t.text_dim);
    visuals.hyperlink_color = t.accent;
    visuals.warn_fg_color = t.warning;
    visuals.error_fg_color = t.error;
    visuals.selection = Selection { bg_fill: t.accent_ground, stroke: Stroke::new(1.0, t.text) };
    // A blinking cursor would wake a window in which nothing happens twice a second.
    visuals.text_cursor.blink = false;
    visuals.text_cursor.stroke = Stroke::new(2.0, t.accent);
    visuals.widgets.noninteractive = widget(t.panel, t.outline, t.text);
    visuals.widgets.inactive = widget(t.widget[0], Color32::TRANSPARENT, t.text);
    visuals.widgets.hovered = widget(t.widget[1], t.outline, t.text);
    visuals.widgets.active = widget(t.widget[2], t.accent, t.text);
    visuals.widgets.open = widget(t.widget[1], t.outline, t.text);
    visuals
}

fn widget(fill: Color32, outline: Color32, ink: Color32) -> WidgetVisuals {
    WidgetVisuals {
        bg_fill: fill,
        weak_bg_fill: fill,
        bg_stroke: Stroke::new(1.0, outline),
        corner_radius: CornerRadius::same(space::CORNER),
        fg_stroke: Stroke::new(1.0, ink),
        expansion: 0.0,
    }
}
