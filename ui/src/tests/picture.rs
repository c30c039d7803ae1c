//! Pictures of the window for people to look at, drawn by a few lines of arithmetic, because where tests run there
//! may be no GPU. Set `JACKFIELD_PICTURES` to a folder to have them written there; nothing depends on them.

use std::path::Path;

use egui::epaint::{Mesh, Primitive, Vertex};
use egui::{Color32, ColorImage, Pos2, Rect, Theme, pos2};

use super::fixtures::Window;
use crate::action::Action;
use crate::command::Command;
use crate::theme;

/// Points are this many pixels wide.
const SCALE: f32 = 1.0;

/// Writes the window as it is now, dark and light, if anybody wants to see it.
pub(super) fn take(window: &mut Window, name: &str) {
    let Some(folder) = std::env::var_os("JACKFIELD_PICTURES") else { return };
    for (command, theme, word) in
        [(Command::ThemeLight, Theme::Light, "light"), (Command::ThemeDark, Theme::Dark, "dark")]
    {
        let ctx = window.ctx.clone();
        window.state_mut().act(&ctx, Action::Run(command));
        window.run();
        let path = Path::new(&folder).join(format!("{name}-{word}.png"));
        std::fs::create_dir_all(&folder)
            .and_then(|()| std::fs::write(path, png(&draw(window, theme))))
            .unwrap();
    }
}

fn draw(window: &Window, theme: Theme) -> ColorImage {
    let ctx = &window.ctx;
    let size = ctx.content_rect().size() * SCALE;
    let ground = theme::of(theme).panel;
    let mut image = ColorImage::filled([size.x as usize, size.y as usize], ground);
    #[expect(clippy::redundant_closure_for_method_calls, reason = "the method is of one lifetime only")]
    let font = ctx.fonts(|fonts| fonts.image());
    let shapes = window.output().shapes.clone();
    for clipped in ctx.tessellate(shapes, SCALE) {
        if let Primitive::Mesh(mesh) = &clipped.primitive {
            let clip = Rect::from_min_max(clipped.clip_rect.min * SCALE, clipped.clip_rect.max * SCALE);
            paint(&mut image, mesh, clip, &font);
        }
    }
    image
}

fn paint(image: &mut ColorImage, mesh: &Mesh, clip: Rect, font: &ColorImage) {
    for corners in mesh.indices.chunks_exact(3) {
        let [a, b, c] = [corners[0], corners[1], corners[2]].map(|at| mesh.vertices[at as usize]);
        triangle(image, [a, b, c], clip, font);
    }
}

fn triangle(image: &mut ColorImage, [a, b, c]: [Vertex; 3], clip: Rect, font: &ColorImage) {
    let points = [a.pos * SCALE, b.pos * SCALE, c.pos * SCALE];
    let area = edge(points[0], points[1], points[2]);
    if area == 0.0 {
        return;
    }
    let bounds = Rect::from_points(&points).intersect(clip);
    let [width, height] = image.size;
    let columns =
        (bounds.min.x.floor().max(0.0) as usize)..(bounds.max.x.ceil().max(0.0) as usize).min(width);
    for y in (bounds.min.y.floor().max(0.0) as usize)..(bounds.max.y.ceil().max(0.0) as usize).min(height) {
        for x in columns.clone() {
            let at = pos2(x as f32 + 0.5, y as f32 + 0.5);
            let share = [
                edge(points[1], points[2], at) / area,
                edge(points[2], points[0], at) / area,
                edge(points[0], points[1], at) / area,
            ];
            if !clip.contains(at) || share.iter().any(|share| *share < 0.0) {
                continue;
            }
            let mix = |of: fn(&Vertex) -> f32| of(&a) * share[0] + of(&b) * share[1] + of(&c) * share[2];
            let texel = sample(font, mix(|vertex| vertex.uv.x), mix(|vertex| vertex.uv.y));
            let channel = |channel: fn(&Color32) -> u8, texel: u8| {
                let color = f32::from(channel(&a.color)) * share[0]
                    + f32::from(channel(&b.color)) * share[1]
                    + f32::from(channel(&c.color)) * share[2];
                (color * f32::from(texel) / 255.0).round().clamp(0.0, 255.0) as u8
            };
            let ink = Color32::from_rgba_premultiplied(
                channel(Color32::r, texel.r()),
                channel(Color32::g, texel.g()),
                channel(Color32::b, texel.b()),
                channel(Color32::a, texel.a()),
            );
            let pixel = &mut image.pixels[y * width + x];
            *pixel = pixel.blend(ink);
        }
    }
}

fn edge(a: Pos2, b: Pos2, c: Pos2) -> f32 {
    (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x)
}

/// Between four texels, as a GPU would.
fn sample(font: &ColorImage, u: f32, v: f32) -> Color32 {
    let [width, height] = font.size;
    let (x, y) = (u * width as f32 - 0.5, v * height as f32 - 0.5);
    let texel = |dx: f32, dy: f32| {
        let x = ((x.floor() + dx).max(0.0) as usize).min(width - 1);
        let y = ((y.floor() + dy).max(0.0) as usize).min(height - 1);
        font.pixels[y * width + x]
    };
    let (along, down) = (x - x.floor(), y - y.floor());
    let top = mixed(texel(0.0, 0.0), texel(1.0, 0.0), along);
    let bottom = mixed(texel(0.0, 1.0), texel(1.0, 1.0), along);
    mixed(top, bottom, down)
}

fn mixed(a: Color32, b: Color32, t: f32) -> Color32 {
    let mix = |a: u8, b: u8| (f32::from(a) + (f32::from(b) - f32::from(a)) * t).round() as u8;
    let ([ar, ag, ab, aa], [br, bg, bb, ba]) = (a.to_array(), b.to_array());
    Color32::from_rgba_premultiplied(mix(ar, br), mix(ag, bg), mix(ab, bb), mix(aa, ba))
}

/// A PNG file without compression: <https://www.w3.org/TR/png-3/>
fn png(image: &ColorImage) -> Vec<u8> {
    let [width, height] = image.size.map(|length| u32::try_from(length).unwrap());
    let mut rows = Vec::new();
    for row in image.pixels.chunks(image.size[0]) {
        rows.push(0);
        rows.extend(row.iter().flat_map(|pixel| [pixel.r(), pixel.g(), pixel.b()]));
    }
    let header = [&width.to_be_bytes()[..], &height.to_be_bytes()[..], &[8, 2, 0, 0, 0]].concat();
    let mut out = b"\x89PNG\r\n\x1a\n".to_vec();
    for (kind, data) in [(b"IHDR", header), (b"IDAT", stored(&rows)), (b"IEND", Vec::new())] {
        out.extend(u32::try_from(data.len()).unwrap().to_be_bytes());
        let body = [&kind[..], &data].concat();
        out.extend(&body);
        out.extend(crc(&body).to_be_bytes());
    }
    out
}

/// A zlib stream whose blocks are stored as they are.
fn stored(data: &[u8]) -> Vec<u8> {
    let mut out = vec![0x78, 0x01];
    let blocks: Vec<&[u8]> = data.chunks(65_535).collect();
    for (at, block) in blocks.iter().enumerate() {
        let length = u16::try_from(block.len()).unwrap();
        out.push(u8::from(at + 1 == blocks.len()));
        out.extend(length.to_le_bytes());
        out.extend((!length).to_le_bytes());
        out.extend(*block);
    }
    let (mut a, mut b) = (1_u32, 0_u32);
    for byte in data {
        a = (a + u32::from(*byte)) % 65_521;
        b = (b + a) % 65_521;
    }
    out.extend((b << 16 | a).to_be_bytes());
    out
}

fn crc(data: &[u8]) -> u32 {
    let step = |crc: u32, byte: &u8| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| crc >> 1 ^ if crc & 1 == 1 { 0xedb8_8320 } else { 0 })
    };
    !data.iter().fold(!0, step)
}
