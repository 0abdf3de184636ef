//! Holds every view's fields against the schemas: their names, and what the getters read.
#![expect(clippy::disallowed_methods, reason = "a test reads the sources")]

use podyard_api::schema::{self, FieldInfo, Kind};

/// Whether a getter of this kind reads fields of this type.
fn fits(getter: &str, field: &FieldInfo) -> bool {
    let words: Vec<&str> = getter.split_whitespace().filter(|word| *word != "opt").collect();
    match (words[0], &field.kind) {
        ("value", _) => true,
        ("str", kind) => matches!(kind, Kind::String | Kind::Time | Kind::MicroTime | Kind::Bytes),
        ("bool", Kind::Bool) | ("i64", Kind::Int32 | Kind::Int64) => true,
        ("map", Kind::Map(_)) => true,
        ("strs", Kind::List(item)) => matches!(**item, Kind::String),
        ("view", kind) => kind.as_struct().is_some(),
        ("list", Kind::List(item)) => item.as_struct().is_some(),
        _ => false,
    }
}

/// The fields of the views declared in one source file that the schemas do not have so.
fn problems(source: &str) -> Vec<String> {
    let mut problems = Vec::new();
    let mut current = None;
    for line in source.lines().map(str::trim) {
        if let Some((name, rest)) = line.split_once(": \"").filter(|(name, _)| name.chars().all(char::is_alphanumeric))
        {
            let Some(type_name) = rest.strip_suffix("\" {") else { continue };
            current = schema::named(type_name);
            if current.is_none() {
                problems.push(format!("{name}: there is no type {type_name}"));
            }
            continue;
        }
        if line == "}" {
            current = None;
        }
        let (Some(info), Some(field)) = (current, field(line)) else { continue };
        match info.field(field.0) {
            None => problems.push(format!("{} has no {}", info.name, field.0)),
            Some(found) if !fits(field.1, found) => {
                problems.push(format!("{}.{} is {:?}, not {}", info.name, field.0, found.kind, field.1));
            }
            Some(_) => {}
        }
    }
    problems
}

/// JSON name and kind of a line such as `host_ip "hostIP": str;`.
fn field(line: &str) -> Option<(&str, &str)> {
    let (_, rest) = line.strip_suffix(';')?.split_once(" \"")?;
    let (name, kind) = rest.split_once("\": ")?;
    Some((name, kind.split(" = ").next()?))
}

#[test]
fn views_read_what_the_schemas_have() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/kinds");
    let mut all = Vec::new();
    let mut files = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let source = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        files += usize::from(source.contains("view! {"));
        all.extend(problems(&source));
    }
    assert!(files > 10, "the sources were not found");
    assert!(all.is_empty(), "{all:#?}");
}

#[test]
fn a_view_that_is_wrong_is_found() {
    let source = "view! {\n  X: \"core.v1.ContainerPort\" {\n  a \"hostPort\": str;\n  b \"nope\": i64 = 1;\n  c \"protocol\": str = \"TCP\";\n}";
    assert_eq!(
        problems(source),
        ["core.v1.ContainerPort.hostPort is Int32, not str", "core.v1.ContainerPort has no nope"]
    );
}
