//! `-o custom-columns`.

use podyard_api::Value;
use podyard_expr::go;
use podyard_expr::jsonpath::{self, Template};

use crate::TabWriter;
use crate::text::escape;

/// Columns of one's own: a header and a path each.
#[derive(Clone, Debug)]
pub(super) struct Columns {
    headers: Vec<String>,
    paths: Vec<String>,
    no_headers: bool,
    /// What the headers were printed for last: a list or an object.
    printed: Option<bool>,
}

// Models staging/src/k8s.io/kubectl/pkg/cmd/get/customcolumn.go
impl Columns {
    /// `NAME:.metadata.name,IMAGE:.spec.image`
    pub(super) fn parse(spec: &str, no_headers: bool) -> Result<Self, String> {
        let mut columns = Self { headers: Vec::new(), paths: Vec::new(), no_headers, printed: None };
        for part in spec.split(',') {
            let (header, path) = part
                .split_once(':')
                .ok_or_else(|| format!("unexpected custom-columns spec: {part}, expected <header>:<json-path-expr>"))?;
            columns.headers.push(header.into());
            columns.paths.push(jsonpath::relaxed(path).map_err(|error| error.to_string())?);
        }
        Ok(columns)
    }

    /// A line of headers and one of paths.
    pub(super) fn parse_file(text: &str) -> Result<Self, String> {
        const FORM: &str = "Expected format is one line of space separated headers, one line of space separated column \
                            specs.";
        let mut lines = text.lines();
        let headers = lines.next().ok_or_else(|| format!("invalid template, missing header line. {FORM}"))?;
        let paths = lines.next().ok_or_else(|| format!("invalid template, missing spec line. {FORM}"))?;
        let headers: Vec<_> = headers.split_whitespace().map(str::to_owned).collect();
        let paths: Vec<_> = paths.split_whitespace().collect();
        if headers.len() != paths.len() {
            let (headers, paths) = (headers.len(), paths.len());
            return Err(format!("number of headers ({headers}) and field specifications ({paths}) don't match"));
        }
        let relaxed = |path: &&str| jsonpath::relaxed(path).map_err(|error| error.to_string());
        let paths = paths.iter().map(relaxed).collect::<Result<_, _>>()?;
        Ok(Self { headers, paths, no_headers: false, printed: None })
    }

    pub(super) fn print(&mut self, object: &Value) -> Result<String, String> {
        let is_list = object.get("items").is_array();
        let mut text = String::new();
        if !self.no_headers && self.printed != Some(is_list) {
            text = self.headers.join("\t") + "\n";
            self.printed = Some(is_list);
        }
        let template = |path: &String| Template::parse(path).map(Template::allow_missing);
        let templates = self.paths.iter().map(template).collect::<Result<Vec<_>, _>>();
        let templates = templates.map_err(|error| error.to_string())?;
        let single = std::slice::from_ref(object);
        for object in if is_list { object.get("items").items() } else { single } {
            let cells = templates.iter().map(|template| cell(template, object)).collect::<Result<Vec<_>, _>>()?;
            text.push_str(&cells.join("\t"));
            text.push('\n');
        }
        Ok(TabWriter::tables().format(&text))
    }
}

fn cell(template: &Template, object: &Value) -> Result<String, String> {
    let parts = template.find(object).map_err(|error| error.to_string())?;
    let none = parts.first().is_none_or(Vec::is_empty).then(|| "<none>".to_owned());
    let texts = parts.iter().flatten().map(|value| escape(&go::print(value)));
    Ok(none.into_iter().chain(texts).collect::<Vec<_>>().join(","))
}
