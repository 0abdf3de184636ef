//! What fields the built-in kinds have, and how lists and maps among them are merged.

use std::sync::LazyLock;

/// A type with named fields, as `core.v1.Container`.
#[derive(Debug)]
pub struct TypeInfo {
    /// Group, version and name.
    pub name: &'static str,
    /// In alphabetical order.
    pub fields: Vec<FieldInfo>,
    /// Server-side apply takes a value of this type as a whole.
    pub atomic: bool,
}

/// A type of the table; a plain reference.
pub type TypeRef = &'static TypeInfo;

/// A field of a type.
#[derive(Debug)]
pub struct FieldInfo {
    pub name: &'static str,
    pub kind: Kind,
    /// Go's name of the type where JSON does not tell it, as `v1.Protocol`; else empty.
    pub go_type: &'static str,
    pub required: bool,
    pub list: ListType,
    /// By which field strategic merge patches tell items apart; empty where they do not.
    pub patch_key: &'static str,
    /// Strategic merge patches merge the list or map, rather than replacing it.
    pub patch_merge: bool,
    /// Strategic merge patches keep only the fields that `$retainKeys` names.
    pub patch_retain_keys: bool,
}

/// The type of a field.
#[derive(Debug)]
pub enum Kind {
    String,
    Int32,
    Int64,
    Bool,
    Number,
    Quantity,
    IntOrString,
    Time,
    MicroTime,
    /// Base64 text.
    Bytes,
    /// Any JSON value.
    Any,
    /// A JSON object with any fields.
    Object,
    Struct(StructRef),
    List(Box<Kind>),
    Map(Box<Kind>),
}

/// A reference to another type of the table, by its number there.
#[derive(Clone, Copy)]
pub struct StructRef(u16);

/// How server-side apply treats a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum ListType {
    /// As a whole.
    #[default]
    Atomic,
    /// By its items.
    Set,
    /// By the items' fields of these names.
    Map(Vec<&'static str>),
}

impl TypeInfo {
    /// The field `name`, if the type has it.
    pub fn field(&self, name: &str) -> Option<&FieldInfo> {
        self.fields.binary_search_by(|field| field.name.cmp(name)).ok().map(|index| &self.fields[index])
    }

    /// The name without group and version, as Go calls it: `Container`.
    pub fn go_name(&self) -> &'static str {
        self.name.rsplit('.').next().unwrap_or(self.name)
    }

    /// The type of the field that a path of names leads to, lists and maps of objects stepped into.
    pub fn at(&'static self, path: &[&str]) -> Option<TypeRef> {
        path.iter().try_fold(self, |found, name| found.field(name)?.kind.item_type())
    }
}

impl Kind {
    /// The type of the value itself if it has named fields.
    pub fn as_struct(&self) -> Option<TypeRef> {
        match self {
            Self::Struct(reference) => Some(reference.info()),
            _ => None,
        }
    }

    /// The type with named fields that this is, or a list or map of it.
    pub fn item_type(&self) -> Option<TypeRef> {
        match self {
            Self::List(item) | Self::Map(item) => item.item_type(),
            _ => self.as_struct(),
        }
    }

    /// Go's name of the type, as decoding errors give it.
    pub fn go_name(&self) -> String {
        match self {
            Self::String => "string".into(),
            Self::Int32 => "int32".into(),
            Self::Int64 => "int64".into(),
            Self::Bool => "bool".into(),
            Self::Number => "float64".into(),
            Self::Quantity => "resource.Quantity".into(),
            Self::IntOrString => "intstr.IntOrString".into(),
            Self::Time => "v1.Time".into(),
            Self::MicroTime => "v1.MicroTime".into(),
            Self::Bytes => "[]uint8".into(),
            Self::Any => "apiextensions.JSON".into(),
            Self::Object => "runtime.RawExtension".into(),
            Self::Struct(reference) => {
                let name = reference.info().name;
                name.split_once('.').map_or(name, |(_, name)| name).into()
            }
            Self::List(item) => format!("[]{}", item.go_name()),
            Self::Map(item) => format!("map[string]{}", item.go_name()),
        }
    }
}

impl StructRef {
    pub fn info(self) -> TypeRef {
        // The table has no reference that leads nowhere; a test holds it to that.
        TABLE.types.get(usize::from(self.0)).unwrap_or(&EMPTY)
    }
}

impl std::fmt::Debug for StructRef {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.info().name)
    }
}

/// The schema of a built-in kind, by its API group.
pub fn of(group: &str, version: &str, kind: &str) -> Option<TypeRef> {
    // `networking.k8s.io` is `networking` in the names of types.
    let group = group.split('.').next().filter(|group| !group.is_empty()).unwrap_or("core");
    named(&format!("{group}.{version}.{kind}"))
}

/// The schema of an object by its `apiVersion` and `kind`.
pub fn of_object(api_version: &str, kind: &str) -> Option<TypeRef> {
    let (group, version) = crate::kinds::reference::group_version(api_version);
    of(group, version, kind)
}

/// A type by its name, as `core.v1.Container`.
pub fn named(name: &str) -> Option<TypeRef> {
    TABLE.types.binary_search_by(|info| info.name.cmp(name)).ok().map(|index| &TABLE.types[index])
}

/// All types by name.
pub fn types() -> impl Iterator<Item = TypeRef> {
    TABLE.types.iter()
}

/// The value that an item of a list has where it leaves out one of the fields that tell items apart.
pub fn list_key_default(list: &FieldInfo, key: &str) -> Option<&'static str> {
    (list.name == "ports" && key == "protocol").then_some("TCP")
}

static TEXT: &str = include_str!("generated/schema.txt");
static TABLE: LazyLock<Table> = LazyLock::new(Table::read);
static EMPTY: TypeInfo = TypeInfo { name: "", fields: Vec::new(), atomic: false };

struct Table {
    /// In alphabetical order, as the text has them.
    types: Vec<TypeInfo>,
}

impl Table {
    fn read() -> Self {
        let lines = || TEXT.lines().filter(|line| !line.starts_with('#'));
        let names: Vec<&str> = lines().filter(|line| !line.starts_with(' ')).map(|line| words(line)[0]).collect();
        let mut types: Vec<TypeInfo> = Vec::with_capacity(names.len());
        for line in lines() {
            match (line.strip_prefix(' '), types.last_mut()) {
                (Some(line), Some(info)) => info.fields.push(field(line, &names)),
                _ => {
                    let [name, mark, _] = words(line);
                    types.push(TypeInfo { name, fields: Vec::new(), atomic: mark == "@atomic" });
                }
            }
        }
        Self { types }
    }
}

fn words(line: &'static str) -> [&'static str; 3] {
    let mut words = line.split(' ');
    std::array::from_fn(|_| words.next().unwrap_or_default())
}

fn field(line: &'static str, types: &[&str]) -> FieldInfo {
    let [name, kind, marks] = words(line);
    let (letters, go_type) = kind.split_once('/').unwrap_or((kind, ""));
    let (required, marks) = marks.strip_prefix('!').map_or((false, marks), |rest| (true, rest));
    let (list, patches) = marks.split_at(marks.find('~').unwrap_or(marks.len()));
    let list = match list.trim_start_matches('@') {
        "" | "atomic" => ListType::Atomic,
        "set" => ListType::Set,
        keys => ListType::Map(keys.split(',').collect()),
    };
    let mut info = FieldInfo {
        name,
        kind: kind_of(letters, types),
        go_type,
        required,
        list,
        patch_key: "",
        patch_merge: false,
        patch_retain_keys: false,
    };
    for patch in patches.split('~').filter(|patch| !patch.is_empty()) {
        match patch {
            "merge" => info.patch_merge = true,
            "retainKeys" => info.patch_retain_keys = true,
            "replace" => {}
            key => (info.patch_key, info.patch_merge) = (key, true),
        }
    }
    info
}

fn kind_of(letters: &str, types: &[&str]) -> Kind {
    if let Some(item) = letters.strip_prefix("[]") {
        return Kind::List(Box::new(kind_of(item, types)));
    }
    if let Some(item) = letters.strip_prefix("{}") {
        return Kind::Map(Box::new(kind_of(item, types)));
    }
    match letters {
        "s" => Kind::String,
        "i" => Kind::Int32,
        "l" => Kind::Int64,
        "b" => Kind::Bool,
        "n" => Kind::Number,
        "q" => Kind::Quantity,
        "x" => Kind::IntOrString,
        "t" => Kind::Time,
        "T" => Kind::MicroTime,
        "y" => Kind::Bytes,
        "a" => Kind::Any,
        "o" => Kind::Object,
        name => Kind::Struct(StructRef(types.binary_search(&name).map_or(u16::MAX, |index| index as u16))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry;

    #[test]
    fn every_resource_has_its_type_and_every_reference_leads_somewhere() {
        for resource in registry::all() {
            assert!(of(&resource.group, &resource.version, &resource.kind).is_some(), "{resource:?}");
        }
        assert!(types().is_sorted_by_key(|info| info.name));
        for info in types() {
            assert!(info.fields.is_sorted_by_key(|field| field.name), "{}", info.name);
            for field in &info.fields {
                let mut kind = &field.kind;
                while let Kind::List(item) | Kind::Map(item) = kind {
                    kind = item;
                }
                if let Kind::Struct(reference) = kind {
                    assert!(!reference.info().name.is_empty(), "{} {}", info.name, field.name);
                }
            }
        }
    }

    #[test]
    fn fields_know_how_they_are_merged() {
        let pod = of_object("v1", "Pod").unwrap();
        let containers = pod.at(&["spec"]).unwrap().field("containers").unwrap();
        assert!(containers.required && containers.patch_merge);
        assert_eq!((containers.patch_key, &containers.list), ("name", &ListType::Map(vec!["name"])));
        let ports = pod.at(&["spec", "containers"]).unwrap().field("ports").unwrap();
        assert_eq!(
            (ports.patch_key, &ports.list),
            ("containerPort", &ListType::Map(vec!["containerPort", "protocol"]))
        );
        assert_eq!(list_key_default(ports, "protocol"), Some("TCP"));
        let volumes = pod.at(&["spec"]).unwrap().field("volumes").unwrap();
        assert!(volumes.patch_merge && volumes.patch_retain_keys);
        let finalizers = pod.at(&["metadata"]).unwrap().field("finalizers").unwrap();
        assert_eq!((finalizers.patch_merge, &finalizers.list), (true, &ListType::Set));
        assert_eq!(containers.kind.go_name(), "[]v1.Container");
        assert!(of("networking.k8s.io", "v1", "NetworkPolicy").unwrap().at(&["spec", "podSelector"]).unwrap().atomic);
    }
}
