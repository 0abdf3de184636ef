//! Kubernetes' jsonpath templates: text with `{…}` expressions.

mod eval;
mod parse;

use podyard_api::{Value, json};

use crate::{Error, go};

/// A parsed template.
#[derive(Clone, Debug)]
pub struct Template {
    nodes: Vec<Node>,
    allow_missing: bool,
}

#[derive(Clone, Debug)]
enum Node {
    List(Vec<Node>),
    Text(String),
    Field(String),
    Identifier(String),
    Int(i64),
    Float(f64),
    Bool(bool),
    Slice(Slice),
    Filter { left: Vec<Node>, operator: String, right: Vec<Node> },
    Wildcard,
    Recursive,
    Union(Vec<Vec<Node>>),
}

/// `[start:end:step]`. An index alone has an end that follows from it.
#[derive(Clone, Debug)]
struct Slice {
    start: Option<i64>,
    end: Option<i64>,
    derived: bool,
    step: Option<i64>,
}

impl Template {
    /// Reads a template. A missing field then is an error; see [`Template::allow_missing`].
    pub fn parse(text: &str) -> Result<Self, Error> {
        Ok(Self { nodes: parse::parse(text)?, allow_missing: false })
    }

    /// A missing field yields nothing, as kubectl has it.
    pub fn allow_missing(mut self) -> Self {
        self.allow_missing = true;
        self
    }

    /// The results of each part of the template, literal texts included.
    pub fn find(&self, data: &Value) -> Result<Vec<Vec<Value>>, Error> {
        eval::find(&self.nodes, self.allow_missing, data)
    }

    /// The template's text for an object.
    pub fn execute(&self, data: &Value) -> Result<String, Error> {
        Ok(self.find(data)?.iter().map(|results| print(results)).collect())
    }

    /// The results as indented JSON arrays, one for each part: `-o jsonpath-as-json`.
    pub fn execute_as_json(&self, data: &Value) -> Result<String, Error> {
        let parts = self.find(data)?;
        Ok(parts.iter().map(|part| json::to_string_pretty(&part.iter().collect::<Value>()) + "\n").collect())
    }
}

/// The results of one part, separated by blanks; arrays and objects as JSON.
pub fn print(results: &[Value]) -> String {
    let texts: Vec<_> = results
        .iter()
        .map(|result| match result {
            Value::Array(_) | Value::Object(_) => json::to_string(result),
            Value::Null => "null".into(),
            other => go::print(other),
        })
        .collect();
    texts.join(" ")
}

/// The full form of a path that may lack braces or its first dot, as `--sort-by` and custom columns take it.
// Models staging/src/k8s.io/kubectl/pkg/cmd/get/customcolumn.go
pub fn relaxed(path: &str) -> Result<String, Error> {
    if path.is_empty() {
        return Ok(String::new());
    }
    let inner = path.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')).unwrap_or(path);
    let dotless = match inner.strip_prefix('.') {
        Some("") | None => inner,
        Some(rest) => rest,
    };
    if dotless.is_empty() || dotless.contains(['{', '}']) {
        return crate::error(
            "unexpected path string, expected a 'name1.name2' or '.name1.name2' or '{name1.name2}' or \
             '{.name1.name2}'",
        );
    }
    Ok(format!("{{.{dotless}}}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use podyard_api::value;

    fn data() -> Value {
        value!({
            "kind": "List",
            "items": [
                {"metadata": {"name": "a", "labels": {"app.io/x": "1"}}, "n": 1, "tags": ["t1", "t2", "t3"], "ok": true},
                {"metadata": {"name": "b"}, "n": 20, "tags": [], "f": 2.5, "nothing": null},
                {"metadata": {"name": "c"}, "n": 3, "inner": {"list": [{"v": 1}, {"v": 2}]}},
            ],
        })
    }

    /// The text that a template makes of `data`, or its error.
    fn check(template: &str, expect: &str) {
        let text = match Template::parse(template).and_then(|t| t.allow_missing().execute(&data())) {
            Ok(text) => text,
            Err(error) => format!("error: {error}"),
        };
        assert_eq!(text, expect, "{template}");
    }

    #[test]
    fn paths() {
        check("{.kind}", "List");
        check("{$.kind}/{@.kind}", "List/List");
        check("{.items[*].metadata.name}", "a b c");
        check("{.items[0].metadata['name']}", "a");
        check("{.items[-1].metadata.name}", "c");
        check("{.items[0:2].metadata.name}", "a b");
        check("{.items[::2].metadata.name}", "a c");
        check("{.items[0,2].metadata.name}", "a c");
        check("{.items[0]['n','ok']}", "1 true");
        check(r"{.items[0].metadata.labels.app\.io/x}", "1");
        check(r"{.items[0].metadata.labels['app\.io/x']}", "1");
        check("{..v}", "1 2");
        check("{.items[2].inner.list[*].v}", "1 2");
        check("{.items[0].tags}", r#"["t1","t2","t3"]"#);
        check("{.items[0].metadata.labels}", r#"{"app.io/x":"1"}"#);
        check("{.items[1].f} {.items[1].nothing}", "2.5 null");
        check("{.items[0].tags.*}", "t1 t2 t3");
        check("{.nope}|{.items[*].nope}|{.kind.nope}", "||");
        check(".kind", ".kind");
        check("{'quoted'}{\"\\t\"}x", "quoted\tx");
    }

    #[test]
    fn filters() {
        check("{.items[?(@.n>2)].metadata.name}", "b c");
        check("{.items[?(@.n >= 3)].metadata.name}", "b c");
        check("{.items[?(@.metadata.name==\"b\")].n}", "20");
        check("{.items[?(@.metadata.name=='b')].n}", "20");
        check("{.items[?(@.metadata.name!='b')].n}", "1 3");
        check("{.items[?(@.ok)].n}", "1");
        check("{.items[?(@.ok==true)].n}", "1");
        check("{.items[?(@.metadata.name==')')].n}", "");
        check("{.items[?(@.n=='1')].n}", "error: incompatible types for comparison");
        check("{.items[?(@.tags=='1')].n}", "error: invalid type for comparison");
        check("{.items[?(@.n=~1)].n}", "error: unrecognized character in action: U+007E '~'");
        check("{.kind[?(@.n==1)].n}", "error: List is not array or slice and cannot be filtered");
    }

    #[test]
    fn ranges() {
        check("{range .items[*]}{.metadata.name}={.n}{\"\\n\"}{end}", "a=1\nb=20\nc=3\n");
        check("{range .items[*]}[{range .tags[*]}{@},{end}]{end}!", "[t1,t2,t3,][][]!");
        check("{range .nothing[*]}x{end}after", "after");
        check("{range .items[*]}{.n}", "1203");
        check("{end}", "error: not in range, nothing to end");
        check("{range .items}{end}x", "x");
    }

    #[test]
    fn errors() {
        check("{.items[*", "error: unterminated array");
        check("{.items[x]}", "error: invalid array index x");
        check("{.items", "error: unclosed action");
        check("{.items[?(@.n==1]}", "error: unterminated filter");
        check("{.items[?(@.n==1)}", "error: unclosed array expect ]");
        check("{'abc}", "error: unterminated quoted string");
        check("{!}", "error: unrecognized character in action: U+0021 '!'");
        check("{foo}", "error: unrecognized identifier foo");
        check("{....}", "error: invalid multiple recursive descent");
        check("{.items[9].n}", "error: array index out of bounds: index 9, length 3");
        check("{.items[-4].n}", "error: array index out of bounds: index -1, length 3");
        check("{.items[2:1].n}", "error: starting index 2 is greater than ending index 1");
        check("{.items[::0].n}", "error: step must be > 0");
        check("{.kind[0]}", "error: string is not array or slice");
        check("{.items[0].metadata[0]}", "error: map[string]interface {} is not array or slice");
        check("{-}", "error: cannot parse number -");
        let strict = Template::parse("{.nope}").unwrap();
        assert_eq!(strict.execute(&data()).unwrap_err().0, "nope is not found");
    }

    #[test]
    fn work_is_bounded() {
        let deep = "{range .items[*]}".repeat(2000);
        assert!(Template::parse(&deep).unwrap().allow_missing().execute(&data()).is_err());
        let wide = format!("{{{}}}", "..*.".repeat(40));
        let _ = Template::parse(&wide).and_then(|t| t.allow_missing().execute(&data()));
        let wide = format!("{{{}}}", "..['kind'],".repeat(40));
        let _ = Template::parse(&wide).and_then(|t| t.allow_missing().execute(&data()));
    }

    #[test]
    fn relaxed_paths() {
        for (given, expect) in [
            ("metadata.name", "{.metadata.name}"),
            (".metadata.name", "{.metadata.name}"),
            ("{metadata.name}", "{.metadata.name}"),
            ("{.metadata.name}", "{.metadata.name}"),
            ("", ""),
        ] {
            assert_eq!(relaxed(given).unwrap(), expect);
        }
        assert!(relaxed("{.a}{.b}").is_err());
        assert!(relaxed("{").is_err());
    }

    #[test]
    fn as_json() {
        let template = Template::parse("{.items[*].metadata.name}").unwrap();
        let expect = "[\n    \"a\",\n    \"b\",\n    \"c\"\n]\n";
        assert_eq!(template.execute_as_json(&data()).unwrap(), expect);
    }
}
