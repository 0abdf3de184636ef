//! What is known of the fields of kinds, built-in or custom.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use podyard_api::Value;
use podyard_api::schema::{self, Kind, TypeRef};

static TEXTS: &str = include_str!("texts.txt");
static ENUMS: &str = include_str!("enums.txt");

/// Where the text of a type or field is: `core.v1.Pod`, `core.v1.Pod.spec`.
static INDEX: LazyLock<BTreeMap<String, &'static str>> = LazyLock::new(|| {
    let mut index = BTreeMap::new();
    let mut owner = "";
    for line in TEXTS.lines().filter(|line| !line.starts_with('#')) {
        let (name, text) = line.split_once('\t').unwrap_or((line, ""));
        match name.strip_prefix(' ') {
            Some(field) => index.insert(format!("{owner}.{field}"), text),
            None => {
                owner = name;
                index.insert(name.to_owned(), text)
            }
        };
    }
    index
});

/// The values that a field may have, each with its text.
type Values = Vec<(&'static str, &'static str)>;

static VALUES: LazyLock<BTreeMap<&'static str, Values>> = LazyLock::new(|| {
    let mut all: BTreeMap<&str, Values> = BTreeMap::new();
    let mut places: Vec<&str> = Vec::new();
    for line in ENUMS.lines().filter(|line| !line.starts_with('#')) {
        match line.strip_prefix(' ') {
            Some(value) => places.iter().for_each(|place| {
                all.entry(place).or_default().push(value.split_once('\t').unwrap_or((value, "")));
            }),
            None => places = line.split(' ').collect(),
        }
    }
    all
});

/// The schema of a field, or of a whole kind.
#[derive(Clone, Debug)]
pub(super) struct Schema {
    /// What the place where it stands says.
    pub description: String,
    pub values: Vec<String>,
    pub shape: Shape,
}

#[derive(Clone, Debug)]
pub(super) enum Shape {
    /// A type of JSON.
    Plain(&'static str),
    /// A named type without fields.
    Opaque(&'static str),
    Named(TypeRef),
    List(Box<Schema>),
    Map(Box<Schema>),
    /// The schema of a custom resource, as OpenAPI.
    Custom(Value),
}

/// A field of a schema.
pub(super) struct Field {
    pub name: String,
    pub required: bool,
    pub schema: Schema,
}

/// The schema of a built-in kind.
pub(super) fn built_in(group: &str, version: &str, kind: &str) -> Option<Schema> {
    let info = schema::of(group, version, kind)?;
    Some(Schema { description: String::new(), values: Vec::new(), shape: Shape::Named(info) })
}

/// The schema of a custom kind, given its `openAPIV3Schema`.
pub(super) fn custom(schema: &Value) -> Schema {
    let mut whole = schema.clone();
    for field in ["apiVersion", "kind"] {
        let text = text(&format!("core.v1.Pod.{field}"));
        whole.at_mut(&["properties", field]).set("type", "string");
        whole.at_mut(&["properties", field]).set("description", text);
    }
    whole.at_mut(&["properties"]).set("metadata", podyard_api::value!({"x-named": "ObjectMeta"}));
    of_custom(&whole)
}

fn text(place: &str) -> String {
    INDEX.get(place).map_or_else(String::new, |text| text.replace("\\n", "\n").replace("\\\\", "\\"))
}

fn of_custom(value: &Value) -> Schema {
    let description = value.get("description").str().to_owned();
    let values = value.get("enum").items().iter().map(|value| value.text().to_string()).collect();
    let shape = if value.get("x-named") == "ObjectMeta" {
        let description = text("core.v1.Pod.metadata");
        let info = schema::named("meta.v1.ObjectMeta");
        let shape = info.map_or(Shape::Opaque("ObjectMeta"), Shape::Named);
        return Schema { description, values, shape };
    } else if !value.get("items").is_null() {
        Shape::List(Box::new(of_custom(value.get("items"))))
    } else if value.get("additionalProperties").is_object() {
        Shape::Map(Box::new(of_custom(value.get("additionalProperties"))))
    } else {
        match value.get("type").str() {
            "string" => Shape::Plain("string"),
            "integer" => Shape::Plain("integer"),
            "number" => Shape::Plain("number"),
            "boolean" => Shape::Plain("boolean"),
            _ => Shape::Custom(value.clone()),
        }
    };
    Schema { description, values, shape }
}

fn of_kind(kind: &'static Kind, field: &str) -> Shape {
    let below = |item: &'static Kind| {
        Box::new(Schema { description: String::new(), values: Vec::new(), shape: of_kind(item, field) })
    };
    match kind {
        Kind::String | Kind::Bytes | Kind::Time | Kind::MicroTime => Shape::Plain("string"),
        Kind::Int32 | Kind::Int64 => Shape::Plain("integer"),
        Kind::Bool => Shape::Plain("boolean"),
        Kind::Number => Shape::Plain("number"),
        Kind::Quantity => Shape::Opaque("Quantity"),
        Kind::IntOrString => Shape::Opaque("IntOrString"),
        Kind::Any => Shape::Opaque("JSON"),
        Kind::Object if field == "fieldsV1" => Shape::Opaque("FieldsV1"),
        Kind::Object => Shape::Opaque("RawExtension"),
        Kind::Struct(reference) => Shape::Named(reference.info()),
        Kind::List(item) => Shape::List(below(item)),
        Kind::Map(item) => Shape::Map(below(item)),
    }
}

impl Schema {
    /// The fields by name; those of the items of a list or map.
    pub(super) fn fields(&self) -> Vec<Field> {
        match &self.shape {
            Shape::Plain(_) | Shape::Opaque(_) => Vec::new(),
            Shape::List(item) | Shape::Map(item) => item.fields(),
            Shape::Named(info) => info.fields.iter().map(|field| built_in_field(info, field)).collect(),
            Shape::Custom(value) => {
                let required: Vec<&str> = value.get("required").items().iter().map(Value::str).collect();
                let field = |(name, property): &(podyard_api::Key, Value)| Field {
                    name: name.as_str().to_owned(),
                    required: required.contains(&name.as_str()),
                    schema: of_custom(property),
                };
                value.get("properties").fields().iter().map(field).collect()
            }
        }
    }

    /// The named type that this is, or a list or map of it.
    pub(super) fn reference(&self) -> Option<&'static str> {
        match &self.shape {
            Shape::Named(info) => Some(info.name),
            Shape::List(item) | Shape::Map(item) => item.reference(),
            _ => None,
        }
    }

    /// What is printed of its type: `string`, `[]Container`, `map[string]string`.
    pub(super) fn type_name(&self) -> String {
        match &self.shape {
            Shape::Plain(name) | Shape::Opaque(name) => (*name).to_owned(),
            Shape::Named(info) => info.go_name().to_owned(),
            Shape::Custom(_) => "Object".to_owned(),
            Shape::List(item) => format!("[]{}", item.type_name()),
            Shape::Map(item) => format!("map[string]{}", item.type_name()),
        }
    }

    /// What its place says, and what its type says, each as a line.
    pub(super) fn full_description(&self) -> String {
        let mut lines = String::new();
        if !self.description.is_empty() {
            lines.push_str(&self.description);
            lines.push('\n');
        }
        let own = match &self.shape {
            Shape::Named(info) => text(info.name),
            Shape::Opaque("Quantity") => text("api.resource.Quantity"),
            Shape::Opaque("IntOrString") => text("util.intstr.IntOrString"),
            Shape::Opaque("RawExtension") => text("pkg.runtime.RawExtension"),
            Shape::Opaque("FieldsV1") => text("meta.v1.FieldsV1"),
            Shape::Opaque("JSON") => text("apiextensions.v1.JSON"),
            Shape::List(item) | Shape::Map(item) => return lines + &item.full_description(),
            _ => String::new(),
        };
        if !own.is_empty() {
            lines.push_str(&own);
            lines.push('\n');
        }
        lines
    }
}

fn built_in_field(info: TypeRef, field: &'static schema::FieldInfo) -> Field {
    let place = format!("{}.{}", info.name, field.name);
    let mut description = text(&place);
    let values = VALUES.get(place.as_str());
    if let Some(values) = values {
        description.push_str("\n\nPossible enum values:");
        for (value, why) in values {
            description.push_str(format!("\n - `\"{value}\"` {why}").trim_end());
        }
    }
    let values = values.into_iter().flatten().map(|(value, _)| (*value).to_owned()).collect();
    let schema = Schema { description, values, shape: of_kind(&field.kind, field.name) };
    // The tables demand the metadata of whole objects; Kubernetes' own schema does not.
    let required = field.required && field.name != "metadata";
    Field { name: field.name.to_owned(), required, schema }
}
