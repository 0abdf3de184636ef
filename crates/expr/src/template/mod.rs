//! Go templates (`text/template`) as `kubectl -o go-template` takes them, without `define`, `block` and `template`.

mod compare;
mod exec;
mod funcs;
mod lex;
mod parse;
mod printf;
mod tree;

use podyard_api::Value;

use crate::Error;
use tree::List;

/// The name that kubectl gives its templates; it shows in errors.
const NAME: &str = "output";

/// A parsed template.
#[derive(Clone, Debug)]
pub struct Template {
    source: String,
    list: List,
    allow_missing: bool,
}

/// Why a template ended early.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The text up to there.
    pub output: String,
    pub message: String,
}

impl Template {
    /// Reads a template; `allow_missing` prints `<no value>` for missing fields, else they are errors.
    pub fn parse(source: &str, allow_missing: bool) -> Result<Self, Error> {
        Ok(Self { source: source.into(), list: parse::parse(source)?, allow_missing })
    }

    /// The text for an object.
    pub fn execute(&self, data: &Value) -> Result<String, Failure> {
        exec::execute(&self.source, &self.list, self.allow_missing, data)
    }
}

/// A value as a template sees and prints it: JSON numbers are floats there.
pub fn print(value: &Value) -> String {
    printf::print(&exec::Val::json(value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use podyard_api::value;

    fn data() -> Value {
        value!({
            "kind": "List",
            "items": [
                {"name": "a", "n": 1, "tags": ["x", "y"], "ok": true, "labels": {"b": "2", "a": "1"}},
                {"name": "b", "n": 1500000, "tags": [], "nothing": null},
            ],
            "secret": "aGVsbG8=",
            "html": "<a href='x'>&\"",
        })
    }

    /// The text of a template for `data`, what was printed before an error included.
    fn check(source: &str, expect: &str) {
        let text = match Template::parse(source, true) {
            Err(error) => format!("error: {error}"),
            Ok(template) => {
                let done = template.execute(&data());
                done.unwrap_or_else(|failure| format!("{}error: {}", failure.output, failure.message))
            }
        };
        assert_eq!(text, expect, "{source}");
    }

    #[test]
    fn fields_and_ranges() {
        check("{{.kind}}", "List");
        check("a{{range .items}}{{.name}},{{end}}z", "aa,b,z");
        check("{{range $i, $x := .items}}{{$i}}={{$x.name}} {{end}}", "0=a 1=b ");
        check("{{range $k, $v := (index .items 0).labels}}{{$k}}{{$v}}{{end}}", "a1b2");
        check("{{range .items}}{{range .tags}}{{.}}{{else}}none{{end}};{{end}}", "xy;none;");
        check("{{range .items}}{{if eq .name \"b\"}}{{break}}{{end}}{{.name}}{{end}}", "a");
        check("{{range .items}}{{if eq .name \"a\"}}{{continue}}{{end}}{{.name}}{{end}}", "b");
        check("{{with .kind}}{{.}} {{$.kind}}{{end}}{{with .nope}}x{{else}}y{{end}}", "List Listy");
        check("{{.nope}} {{.nope.deep}} {{(index .items 1).nothing}}", "<no value> <no value> <no value>");
        check("{{range .nope}}x{{else}}empty{{end}}", "empty");
        check("{{(index .items 0).labels}} {{(index .items 0).tags}}", "map[a:1 b:2] [x y]");
        check("{{range .items}}{{.n}} {{end}}", "1 1.5e+06 ");
        check("{{$x := .kind}}{{$x}}{{$x = \"new\"}}{{$x}}", "Listnew");
        check("x {{- /* a comment */ -}} y{{- \" z \" -}} !", "xy z !");
        check("{{`raw\\n`}}{{'a'}}{{0x10}}{{1.50}}{{true}}", "raw\\n97161.5true");
        check("{{range 3}}{{.}}{{end}}", "012");
    }

    #[test]
    fn conditions() {
        check("{{if .nope}}a{{else if .kind}}b{{else}}c{{end}}", "b");
        check("{{if and .kind (not .nope)}}y{{end}}{{or .nope \"default\"}}", "ydefault");
        check(
            "{{eq .kind \"x\" \"List\"}} {{ne 1 2}} {{lt 1 2}} {{le 2 2}} {{gt 1.5 1.0}} {{ge \"b\" \"a\"}}",
            "true true true true true true",
        );
        check("{{eq .nope nil}} {{eq .nope \"x\"}}", "true false");
        check("{{if eq (index .items 0).n 1.0}}one{{end}}", "one");
        check("{{len .items}} {{len .kind}}", "2 4");
    }

    #[test]
    fn functions() {
        check(
            "{{printf \"%s|%5s|%-5s|%q|%v|%d|%05d|%.2f|%x|%t|%%\" .kind \"a\" \"b\" \"c\" 1 2 3 1.5 255 true}}",
            "List|    a|b    |\"c\"|1|2|00003|1.50|ff|true|%",
        );
        check("{{printf \"%d %s %z\" \"a\" 1 2}}", "%!d(string=a) %!s(int=1) %!z(int=2)");
        check("{{printf \"%d\" (index .items 0).n}}", "%!d(float64=1)");
        check("{{printf \"%s %s\" \"a\"}}{{printf \"x\" 1}}", "a %!s(MISSING)x%!(EXTRA int=1)");
        check("{{print 1 2 \"a\" \"b\" 3}}|{{println \"a\" 1}}", "1 2ab3|a 1\n");
        check("{{.secret | base64decode}}", "hello");
        check(
            "{{html .html}} {{js .html}} {{urlquery \"a b&c\"}}",
            "&lt;a href=&#39;x&#39;&gt;&amp;&#34; \\u003Ca href\\u003D\\'x\\'\\u003E\\u0026\\\" a+b%26c",
        );
        check("{{slice .kind 1 3}} {{slice (index .items 0).tags 1}}", "is [y]");
        check("{{index .items 0 \"labels\" \"a\"}} {{index .items 0 \"labels\" \"zz\"}}", "1 <no value>");
        check("{{exists . \"kind\"}} {{exists .items 7}}", "true false");
        check("{{.kind | printf \"%s-%s\" \"x\"}}", "x-List");
    }

    #[test]
    fn parse_errors() {
        check("{{.bad", "error: template: output:1: unclosed action");
        check("{{foo}}", "error: template: output:1: function \"foo\" not defined");
        check("{{$x}}", "error: template: output:1: undefined variable \"$x\"");
        check("{{if .x}}", "error: template: output:1: unexpected EOF");
        check("{{end}}", "error: template: output:1: unexpected {{end}}");
        check("{{}}", "error: template: output:1: missing value for command");
        check("{{range}}x{{end}}", "error: template: output:1: missing value for range");
        check("{{.a | 1}}", "error: template: output:1: non executable command in pipeline stage 2");
        check("a\n{{\"x}}", "error: template: output:2: unterminated quoted string");
        check("{{.a}", "error: template: output:1: bad character U+007D '}'");
        check("{{(.a}}", "error: template: output:1: unclosed left paren");
        check("{{.a)}}", "error: template: output:1: unexpected right paren");
        check("{{break}}", "error: template: output:1: {{break}} outside {{range}}");
        check("{{if .a}}{{else}}{{else}}{{end}}", "error: template: output:1: expected end; found {{else}}");
        check("{{1a}}", "error: template: output:1: bad number syntax: \"1a\"");
        check("{{.a ! }}", "error: template: output:1: unexpected \"!\" in operand");
        check("{{/* open }}", "error: template: output:1: unclosed comment");
    }

    #[test]
    fn execution_errors() {
        check(
            "x{{.kind.name}}",
            "xerror: template: output:1:8: executing \"output\" at <.kind.name>: can't evaluate field name in type interface {}",
        );
        check(
            "{{index .items 5}}",
            "error: template: output:1:2: executing \"output\" at <index .items 5>: error calling index: index out of range: 5",
        );
        check(
            "{{len 3}}",
            "error: template: output:1:2: executing \"output\" at <len 3>: error calling len: len of type int",
        );
        check(
            "{{range .kind}}{{end}}",
            "error: template: output:1:8: executing \"output\" at <.kind>: range can't iterate over List",
        );
        check(
            "{{eq 1 \"a\"}}",
            "error: template: output:1:2: executing \"output\" at <eq 1 \"a\">: error calling eq: incompatible types for comparison",
        );
        check(
            "{{lt .items 1}}",
            "error: template: output:1:2: executing \"output\" at <lt .items 1>: error calling lt: invalid type for comparison",
        );
        check(
            "{{\"a-\" | base64decode}}",
            "error: template: output:1:9: executing \"output\" at <base64decode>: error calling base64decode: base64 decode failed: illegal base64 data at input byte 1",
        );
        let strict = Template::parse("{{.nope}}", false).unwrap();
        assert_eq!(
            strict.execute(&data()).unwrap_err().message,
            "template: output:1:2: executing \"output\" at <.nope>: map has no entry for key \"nope\""
        );
    }

    #[test]
    fn work_is_bounded() {
        let deep = format!("{}1{}", "{{if ".to_owned() + &"(".repeat(5000), ")".repeat(5000) + "}}{{end}}");
        assert!(Template::parse(&deep, true).is_err());
        let nested = "{{range 1000000}}".repeat(3) + "x" + &"{{end}}".repeat(3);
        assert!(Template::parse(&nested, true).unwrap().execute(&data()).is_err());
    }
}
