//! The finished text, line by line.

/// What stands at the end of a text that is not all there is.
const NOTICE: &str =
    "// The text ends here, because it would be longer than 1 MiB. There is more in the component.\n";
const INDENT: &str = "    ";

/// A text that takes lines as long as there is room for them.
pub(super) struct Page {
    text: String,
    indent: usize,
    is_cut: bool,
}

impl Page {
    pub(super) fn new() -> Self {
        Self { text: String::new(), indent: 0, is_cut: false }
    }

    /// Adds text that is indented, line by line.
    pub(super) fn lines(&mut self, text: &str) {
        for line in text.lines() {
            let indent = if line.is_empty() { 0 } else { self.indent };
            let len = indent * INDENT.len() + line.len() + 1;
            if self.is_cut || self.text.len() + len + NOTICE.len() > super::MAX_WIT_IN_BYTES {
                self.is_cut = true;
                return;
            }
            self.text.extend(std::iter::repeat_n(INDENT, indent));
            self.text.push_str(line);
            self.text.push('\n');
        }
    }

    /// Adds `head { … }`.
    pub(super) fn block(&mut self, head: &str, inside: impl FnOnce(&mut Self)) {
        self.lines(&format!("{head} {{"));
        self.indent += 1;
        inside(self);
        self.indent -= 1;
        self.lines("}");
    }

    /// The text; with a notice if it, or what it was made of, was cut.
    pub(super) fn finish(mut self, is_cut: bool) -> String {
        if is_cut || self.is_cut {
            self.text.push_str(NOTICE);
        }
        self.text
    }
}
