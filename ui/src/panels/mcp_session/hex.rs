//! Bytes as hexadecimal digits, sixteen a row. Only the rows in view are made.

use egui::{Label, RichText, ScrollArea, TextStyle, Ui};
use jackfield_protocol::FrameBytes;

const ROW_BYTES: usize = 16;

pub(super) fn show(ui: &mut Ui, bytes: &FrameBytes) {
    let len = match bytes {
        FrameBytes::Text(text) => text.len(),
        FrameBytes::Hex(digits) => digits.len() / 2,
    };
    let height = ui.text_style_height(&TextStyle::Monospace) + 2.0;
    ui.spacing_mut().item_spacing.y = 2.0;
    let area = ScrollArea::both().id_salt("hex").auto_shrink([false, false]);
    area.show_rows(ui, height - 2.0, len.div_ceil(ROW_BYTES), |ui, rows| {
        for row in rows {
            let text = line(bytes, row);
            ui.add(Label::new(RichText::new(text).monospace()).extend().selectable(true));
        }
    });
}

/// A row: where it begins, its digits, and its bytes as far as they are plain characters.
fn line(bytes: &FrameBytes, row: usize) -> String {
    let from = row * ROW_BYTES;
    let bytes: Vec<u8> = match bytes {
        FrameBytes::Text(text) => text.as_bytes().iter().skip(from).take(ROW_BYTES).copied().collect(),
        FrameBytes::Hex(digits) => (from..from + ROW_BYTES).map_while(|at| byte(digits, at)).collect(),
    };
    let digits: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let plain = |byte: &u8| if (b' '..=b'~').contains(byte) { char::from(*byte) } else { '.' };
    let text: String = bytes.iter().map(plain).collect();
    format!("{from:08x}  {:<47}  {text}", digits.join(" "))
}

fn byte(digits: &str, at: usize) -> Option<u8> {
    u8::from_str_radix(digits.get(at * 2..at * 2 + 2)?, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_shown_as_digits_and_characters() {
        let digits = "00ff41".to_owned() + &"20".repeat(14);
        let bytes = FrameBytes::Hex(digits);
        assert_eq!(
            line(&bytes, 0),
            "00000000  00 ff 41 20 20 20 20 20 20 20 20 20 20 20 20 20  ..A             "
        );
        assert_eq!(line(&bytes, 1).trim_end(), "00000010  20");
        assert!(line(&FrameBytes::Text("a\nb".to_owned()), 0).ends_with("a.b"));
        assert!(line(&FrameBytes::Hex("zz".to_owned()), 0).starts_with("00000000"));
    }
}
