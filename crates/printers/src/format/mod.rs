//! Objects in the format of `-o`.

mod columns;
mod kyaml;

use std::fmt;

use podyard_api::kinds::reference;
use podyard_api::{Value, gostr, json, yaml};
use podyard_expr::jsonpath::Template;
use podyard_expr::{go, template};

use columns::Columns;

/// What else decides on a format.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// `--allow-missing-template-keys`, on by default in kubectl.
    pub allow_missing_keys: bool,
    /// `--no-headers`
    pub no_headers: bool,
    /// `--show-managed-fields`
    pub show_managed_fields: bool,
    /// The formats of `kubectl get`, which are more than those of other commands.
    pub tables: bool,
    /// The text of the file that [`file`] names, or why it cannot be read.
    pub file: Option<Result<String, String>>,
}

/// Why an object cannot be printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// What was printed before.
    pub output: String,
    pub message: String,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

impl From<String> for Error {
    fn from(message: String) -> Self {
        Self { output: String::new(), message }
    }
}

/// Prints objects one after another.
#[derive(Clone, Debug)]
pub struct Format {
    kind: Kind,
    show_managed_fields: bool,
    /// Objects printed so far.
    count: usize,
}

#[derive(Clone, Debug)]
enum Kind {
    Json,
    Yaml,
    Kyaml,
    Name,
    JsonPath { source: String, template: Template, as_json: bool },
    GoTemplate { source: String, template: template::Template },
    Columns(Columns),
}

const JSON_PATHS: [&str; 3] = ["jsonpath", "jsonpath-as-json", "jsonpath-file"];
const TEMPLATES: [&str; 4] = ["go-template", "go-template-file", "template", "templatefile"];
const COLUMNS: [&str; 2] = ["custom-columns", "custom-columns-file"];

/// `-o` and `--template` taken apart: the format's name and its template.
fn parts<'a>(output: &'a str, template: &'a str) -> (&'a str, &'a str) {
    if output.is_empty() && !template.is_empty() {
        return ("go-template", template);
    }
    let named = JSON_PATHS.iter().chain(&TEMPLATES).chain(&COLUMNS);
    let given = named.filter_map(|name| Some((*name, output.strip_prefix(name)?.strip_prefix('=')?))).next();
    match given {
        Some(parts) if template.is_empty() => parts,
        _ => (output, template),
    }
}

/// The file whose text the format needs.
pub fn file<'a>(output: &'a str, template: &'a str) -> Option<&'a str> {
    let (name, path) = parts(output, template);
    Some(path).filter(|path| !path.is_empty() && (name.ends_with("-file") || name == "templatefile"))
}

// Models staging/src/k8s.io/kubectl/pkg/cmd/get/get_flags.go
impl Format {
    /// By the values of `-o` (anything but `wide` and the empty text) and `--template`.
    ///
    /// # Errors
    /// In kubectl's words, without `error: `.
    pub fn parse(output: &str, template: &str, options: &Options) -> Result<Self, Error> {
        let kind = match output.to_lowercase().as_str() {
            "json" => Kind::Json,
            "yaml" => Kind::Yaml,
            "kyaml" => Kind::Kyaml,
            "name" => Kind::Name,
            _ => templated(output, template, options)?,
        };
        Ok(Self { kind, show_managed_fields: options.show_managed_fields, count: 0 })
    }

    /// The text of one object, or of a `List` of them.
    ///
    /// # Errors
    /// With what went to the output before.
    pub fn print(&mut self, object: &Value) -> Result<String, Error> {
        self.count += 1;
        match &mut self.kind {
            Kind::Json => Ok(json::to_string_pretty(&shown(object, self.show_managed_fields)) + "\n"),
            Kind::Yaml => {
                let separator = if self.count > 1 { "---\n" } else { "" };
                Ok(format!("{separator}{}", yaml::to_string(&shown(object, self.show_managed_fields))))
            }
            Kind::Kyaml => Ok(kyaml::document(&shown(object, self.show_managed_fields))),
            Kind::Name => Ok(names(object)),
            Kind::JsonPath { source, template, as_json } => {
                let text = if *as_json { template.execute_as_json(object) } else { template.execute(object) };
                text.map_err(|error| json_path_error(source, &error.to_string(), object).into())
            }
            Kind::GoTemplate { source, template } => {
                template.execute(object).map_err(|failure| template_error(source, failure, object))
            }
            Kind::Columns(columns) => Ok(columns.print(object)?),
        }
    }
}

fn templated(output: &str, template: &str, options: &Options) -> Result<Kind, String> {
    let (name, given) = parts(output, template);
    let known = |names: &[&str]| names.contains(&name);
    let is_columns = options.tables && known(&COLUMNS);
    if !known(&JSON_PATHS) && !known(&TEMPLATES) && !is_columns {
        return Err(unknown(output, options));
    }
    if given.is_empty() {
        return Err(match is_columns {
            true => "custom-columns format specified but no custom columns given".into(),
            false => "template format specified but no template given".into(),
        });
    }
    let source = match (file(output, template), &options.file) {
        (Some(_), Some(Ok(text))) => text.as_str(),
        (Some(path), Some(Err(why))) if is_columns => return Err(format!("error reading template {path}, {why}\n")),
        (Some(path), Some(Err(why))) => return Err(format!("error reading --template {path}, {why}\n")),
        _ => given,
    };
    match name {
        "custom-columns" => Columns::parse(source, options.no_headers).map(Kind::Columns),
        "custom-columns-file" => Columns::parse_file(source).map(Kind::Columns),
        name if JSON_PATHS.contains(&name) => {
            let template =
                Template::parse(source).map_err(|why| format!("error parsing jsonpath {source}, {why}\n"))?;
            let template = if options.allow_missing_keys { template.allow_missing() } else { template };
            Ok(Kind::JsonPath { source: source.into(), template, as_json: name == "jsonpath-as-json" })
        }
        _ => {
            let template = template::Template::parse(source, options.allow_missing_keys);
            let template = template.map_err(|why| format!("error parsing template {source}, {why}\n"))?;
            Ok(Kind::GoTemplate { source: source.into(), template })
        }
    }
}

fn unknown(output: &str, options: &Options) -> String {
    let mut allowed: Vec<&str> = vec!["json", "kyaml", "name", "yaml"];
    allowed.extend(JSON_PATHS.iter().chain(&TEMPLATES));
    if options.tables {
        allowed.extend(COLUMNS);
        allowed.push("wide");
    }
    allowed.sort_unstable();
    format!(
        "unable to match a printer suitable for the output format {}, allowed formats are: {}",
        gostr::quote(output),
        allowed.join(",")
    )
}

/// The object, or each item of a list, without `metadata.managedFields` unless they are to be shown.
fn shown(object: &Value, managed_fields: bool) -> Value {
    let mut shown = object.clone();
    if managed_fields {
        return shown;
    }
    let strip = |object: &mut Value| {
        if !object.get("metadata").get("managedFields").is_null() {
            object.meta_mut().remove("managedFields");
        }
    };
    strip(&mut shown);
    if let Some(items) = shown.get_mut("items") {
        items.items_mut().iter_mut().for_each(strip);
    }
    shown
}

/// `pod/web`, a line for each item of a list.
fn names(object: &Value) -> String {
    if object.get("items").is_array() {
        return object.get("items").items().iter().map(names).collect();
    }
    let kind = object.kind().to_lowercase();
    match reference::group_version(object.api_version()).0 {
        "" => format!("{kind}/{}\n", object.name()),
        group => format!("{kind}.{group}/{}\n", object.name()),
    }
}

// Models staging/src/k8s.io/cli-runtime/pkg/printers/jsonpath.go
fn json_path_error(source: &str, why: &str, object: &Value) -> String {
    format!(
        "error executing jsonpath {}: Error executing template: {why}. Printing more information for debugging the \
         template:\n\ttemplate was:\n\t\t{source}\n\tobject given to jsonpath engine was:\n\t\t{}\n\n\n",
        gostr::quote(source),
        go::syntax(object)
    )
}

// Models staging/src/k8s.io/cli-runtime/pkg/printers/template.go
fn template_error(source: &str, failure: template::Failure, object: &Value) -> Error {
    let why = failure.message;
    let output = format!(
        "{}Error executing template: {why}. Printing more information for debugging the template:\n\ttemplate \
         was:\n\t\t{source}\n\traw data was:\n\t\t{}\n\tobject given to template engine was:\n\t\t{}\n\n",
        failure.output,
        json::to_string(object),
        template::print(object)
    );
    Error { output, message: format!("error executing template {}: {why}", gostr::quote(source)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use podyard_api::value;

    fn list() -> Value {
        let pod = |name: &str, images: Vec<&str>| {
            let containers: Value = images.into_iter().map(|image| value!({"image": image})).collect();
            value!({
                "apiVersion": "v1",
                "kind": "Pod",
                "metadata": {"name": name, "managedFields": [{"manager": "x"}]},
                "spec": {"containers": containers},
            })
        };
        let items = vec![pod("alpha", vec!["nginx:1.25"]), pod("beta", vec!["redis:7", "busybox"])];
        value!({"apiVersion": "v1", "kind": "List", "metadata": {"resourceVersion": ""}, "items": items})
    }

    fn check(output: &str, expect: &str) {
        let options = Options { allow_missing_keys: true, tables: true, ..Options::default() };
        let text = Format::parse(output, "", &options).and_then(|mut format| format.print(&list()));
        let text = text.unwrap_or_else(|error| format!("{}error: {error}", error.output));
        assert_eq!(text, expect, "{output}");
    }

    #[test]
    fn formats() {
        check("name", "pod/alpha\npod/beta\n");
        check("jsonpath={.items[*].metadata.name}", "alpha beta");
        check("jsonpath-as-json={.items[*].metadata.name}", "[\n    \"alpha\",\n    \"beta\"\n]\n");
        check(
            "custom-columns=NAME:.metadata.name,I:.spec.containers[*].image",
            "NAME    I\nalpha   nginx:1.25\nbeta    redis:7,busybox\n",
        );
        check("custom-columns=NAME:metadata.name,X:.spec.nope", "NAME    X\nalpha   <none>\nbeta    <none>\n");
        check(
            "go-template={{range .items}}{{.metadata.name}} {{len .spec.containers}}{{\"\\n\"}}{{end}}",
            "alpha 1\nbeta 2\n",
        );
        check("jsonpath={.items[1].metadata}", "{\"managedFields\":[{\"manager\":\"x\"}],\"name\":\"beta\"}");
        let mut json = Format::parse("json", "", &Options::default()).unwrap();
        assert!(!json.print(&list()).unwrap().contains("managedFields"));
    }

    #[test]
    fn errors() {
        check(
            "foo",
            "error: unable to match a printer suitable for the output format \"foo\", allowed formats are: \
             custom-columns,custom-columns-file,go-template,go-template-file,json,jsonpath,jsonpath-as-json,\
             jsonpath-file,kyaml,name,template,templatefile,wide,yaml",
        );
        check("jsonpath", "error: template format specified but no template given");
        check("custom-columns=", "error: custom-columns format specified but no custom columns given");
        check("custom-columns=NAME", "error: unexpected custom-columns spec: NAME, expected <header>:<json-path-expr>");
        check("jsonpath={.items[*", "error: error parsing jsonpath {.items[*, unterminated array\n");
        check("go-template={{.bad", "error: error parsing template {{.bad, template: output:1: unclosed action\n");
        let options = Options { allow_missing_keys: true, ..Options::default() };
        let error = Format::parse("jsonpath={.items[9]}", "", &options).unwrap().print(&value!({"items": [1]}));
        assert_eq!(
            error.unwrap_err().message,
            "error executing jsonpath \"{.items[9]}\": Error executing template: array index out of bounds: index 9, \
             length 1. Printing more information for debugging the template:\n\ttemplate was:\n\t\t{.items[9]}\n\tobject \
             given to jsonpath engine was:\n\t\tmap[string]interface {}{\"items\":[]interface {}{1}}\n\n\n"
        );
    }

    #[test]
    fn documents_are_separated() {
        let mut yaml = Format::parse("yaml", "", &Options::default()).unwrap();
        let object = value!({"a": 1});
        assert_eq!(yaml.print(&object).unwrap() + &yaml.print(&object).unwrap(), "a: 1\n---\na: 1\n");
    }

    #[test]
    fn templates_from_files() {
        let from = |output: &str, text: &str| {
            let file = Some(Ok(text.to_owned()));
            let options = Options { allow_missing_keys: true, tables: true, file, ..Options::default() };
            Format::parse(output, "", &options).and_then(|mut format| format.print(&list())).unwrap()
        };
        assert_eq!(file("jsonpath-file=x.txt", ""), Some("x.txt"));
        assert_eq!(file("jsonpath={.x}", ""), None);
        assert_eq!(from("jsonpath-file=x", "{.kind}"), "List");
        assert_eq!(
            from("custom-columns-file=x", "A B\n.metadata.name kind\n"),
            "A       B\nalpha   Pod\nbeta    Pod\n"
        );
    }
}
