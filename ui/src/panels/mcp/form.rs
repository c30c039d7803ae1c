//! A form made from a JSON Schema. It shows the value as it is: where that has not the shape that the
//! schema asks for, a field for JSON stands in its place, so that nothing is hidden or lost.

use egui::{Align, Checkbox, ComboBox, Layout, RichText, TextEdit, Ui};
use serde_json::Value;

use super::super::logs::name_combo;
use super::super::widgets::{dim, name_button, name_field};
use crate::action::{Action, McpAction};
use crate::model::mcp::{
    Arguments, Branch, FieldKind, FormEdit, ObjectShape, Schema, Shape, fits, label_of, step,
};
use crate::text::shortened;
use crate::theme::{self, space};

/// So many items of a list have fields; the raw view has all of them.
const MAX_ITEMS: usize = 200;
/// Forms are nested so deep; schemas may contain themselves.
const MAX_DEPTH: usize = 24;
const NAME_WIDTH: f32 = 110.0;
const FIELD_WIDTH: f32 = 240.0;
const MIN_WIDTH: f32 = 60.0;
/// Right of a field.
const ROOM_FOR_BUTTON: f32 = 40.0;

/// The form of some arguments.
pub(super) struct Form<'a> {
    pub(super) arguments: &'a Arguments,
    pub(super) actions: &'a mut Vec<Action>,
}

/// One place of the form.
#[derive(Clone, Copy)]
struct Place<'p> {
    /// A JSON pointer.
    at: &'p str,
    depth: usize,
}

impl Place<'_> {
    /// How tests and screen readers know it: `argument person.name`.
    fn label(self) -> String {
        let path: Vec<String> =
            self.at.split('/').skip(1).map(|key| key.replace("~1", "/").replace("~0", "~")).collect();
        if path.is_empty() { "arguments".to_owned() } else { format!("argument {}", path.join(".")) }
    }
}

impl Form<'_> {
    /// Draws it.
    pub(super) fn show(&mut self, ui: &mut Ui) {
        let schema = self.arguments.schema();
        let place = Place { at: "", depth: 0 };
        match schema.shape() {
            Shape::Object(object) if self.arguments.value().is_object() => {
                if object.properties.is_empty() && object.others.is_none() {
                    ui.label(dim(ui, "It takes no arguments."));
                }
                self.object(ui, &object, place);
            }
            _ => self.json(ui, place),
        }
        self.problem(ui, "");
    }

    fn edit(&mut self, edit: FormEdit) {
        self.actions.push(Action::Mcp(McpAction::Form(edit)));
    }

    fn set(&mut self, at: &str, value: Value) {
        self.edit(FormEdit::Set { at: at.to_owned(), value });
    }

    fn object(&mut self, ui: &mut Ui, object: &ObjectShape<'_>, place: Place<'_>) {
        for property in &object.properties {
            let at = step(place.at, property.name);
            let place = Place { at: &at, ..place };
            let name =
                Name { text: property.name, is_required: property.is_required, schema: property.schema };
            self.property(ui, &name, place);
        }
        let known: Vec<&str> = object.properties.iter().map(|property| property.name).collect();
        self.others(ui, object.others, &known, place);
    }

    /// Properties that the schema has no names for: entries of a map, or what the tool does not know.
    fn others(&mut self, ui: &mut Ui, others: Option<Schema<'_>>, known: &[&str], place: Place<'_>) {
        let Some(Value::Object(object)) = self.arguments.value().pointer(place.at) else { return };
        let entries: Vec<String> =
            object.keys().filter(|key| !known.contains(&key.as_str())).cloned().collect();
        for (index, key) in entries.iter().enumerate().take(MAX_ITEMS) {
            let at = step(place.at, key);
            let entry = Place { at: &at, ..place };
            ui.horizontal_top(|ui| {
                // Named by its place in the list: its own name changes while it is typed.
                let mut text = key.clone();
                let field = TextEdit::singleline(&mut text)
                    .id_salt((place.at, "key", index))
                    .desired_width(NAME_WIDTH - space::MEDIUM);
                let response = ui.add(field);
                name_field(&response, &format!("key {} of {}", index + 1, place.label()));
                if response.changed() {
                    let (at, from) = (place.at.to_owned(), key.clone());
                    self.edit(FormEdit::Rename { at, from, to: text });
                }
                ui.vertical(|ui| match others {
                    Some(schema) => self.value(ui, schema, entry),
                    None => self.json(ui, entry),
                });
                self.remove_button(ui, entry);
            });
            self.problem(ui, &at);
        }
        if let Some(schema) = others
            && self.button(ui, "Add entry", &format!("add to {}", place.label()))
        {
            let taken = |name: &String| entries.contains(name) || known.contains(&name.as_str());
            let mut names = (1..).map(|number| format!("key-{number}"));
            let name = names.find(|name| !taken(name)).unwrap_or_default();
            self.set(&step(place.at, &name), schema.default_value());
        }
    }

    fn property(&mut self, ui: &mut Ui, name: &Name<'_>, place: Place<'_>) {
        let value = self.arguments.value().pointer(place.at).cloned();
        let (shape, is_optional) = match name.schema.shape() {
            Shape::Option(inner) => (inner.shape_of_some(), true),
            shape => (shape, !name.is_required),
        };
        let is_set = value.as_ref().is_some_and(|value| !is_optional || !value.is_null());
        if is_set && is_group(&shape) {
            ui.horizontal(|ui| {
                self.set_box(ui, name, is_optional, is_set, place);
                name.show(ui);
            });
            ui.indent(("group", place.at), |ui| self.inner(ui, name.schema, place));
        } else {
            ui.horizontal_top(|ui| {
                let row = egui::vec2(NAME_WIDTH, ui.spacing().interact_size.y);
                let (rect, _) = ui.allocate_exact_size(row, egui::Sense::hover());
                let mut place_of_name = ui.new_child(
                    egui::UiBuilder::new().max_rect(rect).layout(Layout::left_to_right(Align::Center)),
                );
                self.set_box(&mut place_of_name, name, is_optional, is_set, place);
                name.show(&mut place_of_name);
                ui.vertical(|ui| match (is_set, value.is_none()) {
                    (true, _) => self.inner(ui, name.schema, place),
                    (false, true) if !is_optional => {
                        if self.button(ui, "Add", &format!("add {}", place.label())) {
                            self.set(place.at, name.schema.default_of_some());
                        }
                    }
                    (false, _) => {
                        ui.label(dim(ui, "not set"));
                    }
                });
            });
        }
        if !is_set || !is_group(&shape) {
            self.description(ui, name.schema);
        }
        self.problem(ui, place.at);
    }

    /// Whether an optional property is there.
    fn set_box(&mut self, ui: &mut Ui, name: &Name<'_>, is_optional: bool, is_set: bool, place: Place<'_>) {
        if !is_optional {
            return;
        }
        let mut wanted = is_set;
        let response = ui.add(Checkbox::without_text(&mut wanted)).on_hover_text("Give it a value");
        name_checkbox(&response, wanted, &format!("set {}", place.label()));
        if wanted == is_set {
            return;
        }
        if wanted {
            let inner = match name.schema.shape() {
                Shape::Option(inner) => inner,
                _ => name.schema,
            };
            self.set(place.at, inner.default_of_some());
        } else if name.is_required {
            self.set(place.at, Value::Null);
        } else {
            self.edit(FormEdit::Remove { at: place.at.to_owned() });
        }
    }

    /// A value that is known to be there and not `null` where it may be.
    fn inner(&mut self, ui: &mut Ui, schema: Schema<'_>, place: Place<'_>) {
        match schema.shape() {
            Shape::Option(inner) => self.shape(ui, inner, &inner.shape_of_some(), place),
            shape => self.shape(ui, schema, &shape, place),
        }
    }

    /// A value in a list or a tuple.
    fn value(&mut self, ui: &mut Ui, schema: Schema<'_>, place: Place<'_>) {
        let Shape::Option(inner) = schema.shape() else {
            return self.shape(ui, schema, &schema.shape(), place);
        };
        let is_set = self.arguments.value().pointer(place.at).is_some_and(|value| !value.is_null());
        ui.horizontal_top(|ui| {
            let mut wanted = is_set;
            let response = ui.add(Checkbox::without_text(&mut wanted)).on_hover_text("Give it a value");
            name_checkbox(&response, wanted, &format!("set {}", place.label()));
            match (wanted, is_set) {
                (true, false) => self.set(place.at, inner.default_of_some()),
                (false, true) => self.set(place.at, Value::Null),
                _ => {}
            }
            if is_set {
                ui.vertical(|ui| self.shape(ui, inner, &inner.shape_of_some(), place));
            } else {
                ui.label(dim(ui, "null"));
            }
        });
    }

    fn shape(&mut self, ui: &mut Ui, schema: Schema<'_>, shape: &Shape<'_>, place: Place<'_>) {
        let Some(value) = self.arguments.value().pointer(place.at) else { return };
        let place = Place { depth: place.depth + 1, ..place };
        if place.depth > MAX_DEPTH {
            return self.json(ui, place);
        }
        match (shape, value) {
            (Shape::Object(object), Value::Object(_)) => self.object(ui, object, place),
            (Shape::List(items), Value::Array(list)) => self.list(ui, *items, list.len(), place),
            (Shape::Tuple(items), Value::Array(list)) => {
                for (index, schema) in items.iter().enumerate().take(list.len()) {
                    self.item(ui, *schema, index, false, place);
                }
                for index in items.len()..list.len().min(items.len() + MAX_ITEMS) {
                    self.item(ui, *schema_of_anything(), index, true, place);
                }
                if let Some(missing) = items.get(list.len())
                    && self.button(ui, "Add item", &format!("add to {}", place.label()))
                {
                    self.edit(FormEdit::Push { at: place.at.to_owned(), value: missing.default_value() });
                }
            }
            (Shape::Flags(names), Value::Array(list)) => self.flags(ui, names, list, place),
            (Shape::Boolean, Value::Bool(is_on)) => self.boolean(ui, *is_on, place),
            (Shape::Choice(values), value) => self.choice(ui, values, value, place),
            (Shape::OneOf(branches), value) => self.one_of(ui, branches, value, place),
            (Shape::Text, Value::String(text)) => {
                let is_tall = text.contains('\n') || self.arguments.is_tall(place.at);
                self.text(ui, is_tall, place);
            }
            (Shape::Integer { is_wide }, Value::Number(_) | Value::String(_)) => {
                self.typed(ui, FieldKind::Integer { is_wide: *is_wide }, &schema.hint(), place);
            }
            (Shape::Number { words }, Value::Number(_) | Value::String(_)) => {
                let hint = if words.is_empty() { schema.hint() } else { format!("or {}", words.join(", ")) };
                self.typed(ui, FieldKind::Number, &hint, place);
            }
            (Shape::Null, Value::Null) => {
                ui.label(dim(ui, "null"));
            }
            _ => self.json(ui, place),
        }
    }

    fn list(&mut self, ui: &mut Ui, items: Schema<'_>, len: usize, place: Place<'_>) {
        for index in 0..len.min(MAX_ITEMS) {
            self.item(ui, items, index, true, place);
        }
        if len > MAX_ITEMS {
            ui.label(dim(ui, format!("… {} more: see the raw view", len - MAX_ITEMS)));
        }
        if self.button(ui, "Add item", &format!("add to {}", place.label())) {
            self.edit(FormEdit::Push { at: place.at.to_owned(), value: items.default_value() });
        }
    }

    fn item(&mut self, ui: &mut Ui, schema: Schema<'_>, index: usize, is_removable: bool, place: Place<'_>) {
        let at = step(place.at, &index.to_string());
        let place = Place { at: &at, ..place };
        ui.horizontal_top(|ui| {
            ui.label(dim(ui, format!("{index}")));
            if is_removable {
                self.remove_button(ui, place);
            }
            ui.vertical(|ui| self.value(ui, schema, place));
        });
        self.problem(ui, &at);
    }

    fn flags(&mut self, ui: &mut Ui, names: &[&str], list: &[Value], place: Place<'_>) {
        ui.horizontal_wrapped(|ui| {
            for name in names {
                let mut is_on = list.iter().any(|value| value == name);
                let response = ui.checkbox(&mut is_on, *name);
                name_checkbox(&response, is_on, &format!("{}: {name}", place.label()));
                if response.changed() {
                    // In the schema's order; what the schema does not know stays.
                    let others = list.iter().filter(|value| !names.iter().any(|name| *value == name));
                    let is_wanted = |other: &&&str| {
                        if *other == name { is_on } else { list.iter().any(|value| value == **other) }
                    };
                    let wanted = names.iter().filter(is_wanted).map(|name| Value::from(*name));
                    let value = wanted.chain(others.cloned()).collect();
                    self.set(place.at, Value::Array(value));
                }
            }
        });
    }

    fn boolean(&mut self, ui: &mut Ui, is_on: bool, place: Place<'_>) {
        let mut wanted = is_on;
        let response = ui.checkbox(&mut wanted, if is_on { "true" } else { "false" });
        name_checkbox(&response, wanted, &place.label());
        if wanted != is_on {
            self.set(place.at, Value::Bool(wanted));
        }
    }

    fn choice(&mut self, ui: &mut Ui, values: &[&Value], value: &Value, place: Place<'_>) {
        if let ([only], true) = (values, values.contains(&value)) {
            ui.label(label_of(only));
            return;
        }
        let label = place.label();
        let response = ComboBox::from_id_salt(place.at)
            .selected_text(label_of(value))
            .width(FIELD_WIDTH)
            .show_ui(ui, |ui| {
                for option in values {
                    if ui.selectable_label(*option == value, label_of(option)).clicked() {
                        self.set(place.at, (*option).clone());
                    }
                }
            });
        name_combo(&response.response, &label, &label_of(value));
    }

    fn one_of(&mut self, ui: &mut Ui, branches: &[Branch<'_>], value: &Value, place: Place<'_>) {
        let chosen = branches.iter().find(|branch| is_meant(branch, value));
        let shown = chosen.map_or("?", |branch| branch.label.as_str());
        let response =
            ComboBox::from_id_salt(place.at).selected_text(shown).width(FIELD_WIDTH).show_ui(ui, |ui| {
                for branch in branches {
                    let is_chosen = chosen.is_some_and(|chosen| std::ptr::eq(chosen, branch));
                    if ui.selectable_label(is_chosen, &branch.label).clicked() && !is_chosen {
                        self.set(place.at, branch.default_value());
                    }
                }
            });
        name_combo(&response.response, &format!("variant of {}", place.label()), shown);
        match chosen {
            None => self.json(ui, place),
            Some(branch) if branch.constant.is_some() => {}
            Some(branch) => self.branch(ui, branch, place),
        }
    }

    /// A case that holds something is an object with the case as its only key: the key is shown above.
    fn branch(&mut self, ui: &mut Ui, branch: &Branch<'_>, place: Place<'_>) {
        let shape = branch.schema.shape();
        if let Shape::Object(object) = &shape
            && let [only] = object.properties.as_slice()
            && only.is_required
            && self
                .arguments
                .value()
                .pointer(place.at)
                .and_then(Value::as_object)
                .is_some_and(|map| map.len() == 1)
        {
            let at = step(place.at, only.name);
            let inside = Place { at: &at, ..place };
            self.value(ui, only.schema, inside);
            return self.problem(ui, &at);
        }
        self.shape(ui, branch.schema, &shape, place);
    }

    fn text(&mut self, ui: &mut Ui, is_tall: bool, place: Place<'_>) {
        ui.horizontal_top(|ui| {
            let mut text = self.arguments.field(place.at);
            let field = if is_tall {
                TextEdit::multiline(&mut text).desired_rows(4)
            } else {
                TextEdit::singleline(&mut text)
            };
            let width = (ui.available_width() - ROOM_FOR_BUTTON).clamp(MIN_WIDTH, FIELD_WIDTH);
            let response = ui.add(field.id_salt((place.at, is_tall)).desired_width(width));
            name_field(&response, &place.label());
            if response.changed() {
                self.edit(FormEdit::Type { at: place.at.to_owned(), kind: FieldKind::Text, text });
            }
            let lines = ui.small_button("¶").on_hover_text("One line, or several");
            name_button(&lines, &format!("lines of {}", place.label()));
            if lines.clicked() {
                self.edit(FormEdit::Lines { at: place.at.to_owned() });
            }
        });
    }

    fn typed(&mut self, ui: &mut Ui, kind: FieldKind, hint: &str, place: Place<'_>) {
        // As high as the name beside it, and centred like it.
        ui.horizontal(|ui| {
            let mut text = self.arguments.field(place.at);
            let width = FIELD_WIDTH / 2.0;
            let response = ui.add(TextEdit::singleline(&mut text).id_salt(place.at).desired_width(width));
            name_field(&response, &place.label());
            if response.changed() {
                self.edit(FormEdit::Type { at: place.at.to_owned(), kind, text });
            }
            ui.label(dim(ui, hint));
        });
    }

    /// A field for any value.
    fn json(&mut self, ui: &mut Ui, place: Place<'_>) {
        let mut text = match self.arguments.value().pointer(place.at) {
            // What is typed there must be JSON, so a text has its quotes.
            Some(Value::String(text)) if self.arguments.field(place.at) == *text => {
                Value::String(text.clone()).to_string()
            }
            _ => self.arguments.field(place.at),
        };
        let field = TextEdit::multiline(&mut text).id_salt((place.at, "json")).code_editor();
        let response = ui.add(field.desired_rows(2).desired_width(FIELD_WIDTH));
        name_field(&response, &place.label());
        if response.changed() {
            self.edit(FormEdit::Type { at: place.at.to_owned(), kind: FieldKind::Json, text });
        }
    }

    fn description(&self, ui: &mut Ui, schema: Schema<'_>) {
        if let Some(text) = schema.description() {
            let text = shortened(text, 600).into_owned();
            ui.horizontal_top(|ui| {
                ui.add_space(NAME_WIDTH + space::MEDIUM);
                ui.add(egui::Label::new(dim(ui, text).small()).wrap());
            });
        }
    }

    fn problem(&self, ui: &mut Ui, at: &str) {
        if let Some(problem) = self.arguments.problem(at) {
            let name = at.rsplit('/').next().filter(|name| !name.is_empty()).unwrap_or("The value");
            let text = RichText::new(format!("{name} {problem}")).color(theme::tokens(ui.ctx()).error);
            ui.add(egui::Label::new(text).wrap());
        }
    }

    fn button(&self, ui: &mut Ui, text: &str, label: &str) -> bool {
        let response = ui.button(text);
        name_button(&response, label);
        response.clicked()
    }

    fn remove_button(&mut self, ui: &mut Ui, place: Place<'_>) {
        let response = ui.small_button("×").on_hover_text("Remove");
        name_button(&response, &format!("remove {}", place.label()));
        if response.clicked() {
            self.edit(FormEdit::Remove { at: place.at.to_owned() });
        }
    }
}

/// The name of a property.
struct Name<'a> {
    text: &'a str,
    is_required: bool,
    schema: Schema<'a>,
}

impl Name<'_> {
    fn show(&self, ui: &mut Ui) {
        let star = if self.is_required { "" } else { "?" };
        let label = egui::Label::new(format!("{}{star}", self.text)).truncate();
        let response = ui.add(label);
        if let Some(text) = self.schema.description() {
            response.on_hover_text(shortened(text, 1_000));
        }
    }
}

/// A schema that anything fits.
fn schema_of_anything() -> &'static Schema<'static> {
    static ANYTHING: Value = Value::Bool(true);
    static SCHEMA: std::sync::LazyLock<Schema<'static>> = std::sync::LazyLock::new(|| Schema::new(&ANYTHING));
    &SCHEMA
}

/// Whether it takes more than a row.
fn is_group(shape: &Shape<'_>) -> bool {
    matches!(shape, Shape::Object(_) | Shape::List(_) | Shape::Tuple(_) | Shape::OneOf(_))
}

/// Whether a value is of this alternative, or is meant to be and has mistakes inside.
fn is_meant(branch: &Branch<'_>, value: &Value) -> bool {
    if let Some(constant) = branch.constant {
        return constant == value;
    }
    if fits(branch.schema, value) {
        return true;
    }
    match (branch.schema.shape(), value) {
        (Shape::Object(object), Value::Object(map)) => {
            let mut required = object.properties.iter().filter(|property| property.is_required).peekable();
            required.peek().is_some() && required.all(|property| map.contains_key(property.name))
        }
        (Shape::List(_) | Shape::Tuple(_) | Shape::Flags(_), Value::Array(_)) => true,
        _ => false,
    }
}

fn name_checkbox(response: &egui::Response, is_on: bool, label: &str) {
    response.widget_info(|| {
        egui::WidgetInfo::selected(egui::WidgetType::Checkbox, response.enabled(), is_on, label)
    });
}
