//! Texts in, texts out.

use super::*;
use crate::{json, value};

/// YAML to JSON, or the error.
fn check(text: &str, expect: &str) {
    let got = match parse(text) {
        Ok(value) => json::to_string_plain(&value),
        Err(error) => error.to_string(),
    };
    assert_eq!(got, expect, "{text}");
}

/// A value's YAML, which reads back as the value.
fn check_written(value: Value, expect: &str) {
    let text = to_string(&value);
    assert_eq!(text, expect);
    assert_eq!(parse(&text).as_ref(), Ok(&value), "{text}");
}

#[test]
fn collections_and_scalars() {
    check("", "null");
    check("# nothing\n", "null");
    check(
        "a: 1\nb:\n- x\n- v: z\n  w: [1, {q: r}, ]\nc:\n  - - 1\n    - 2\n",
        r#"{"a":1,"b":["x",{"v":"z","w":[1,{"q":"r"}]}],"c":[[1,2]]}"#,
    );
    check(
        "a: yes\nb: 0644\nc: 1e3\nd: ~\ne:\nf: 'x''y'\ng: \"\\u00e4\\n\\x41\\\n  b\"\n",
        r#"{"a":true,"b":420,"c":1000,"d":null,"e":null,"f":"x'y","g":"ä\nAb"}"#,
    );
    check("y: 1\n1: 2\n1.5: 3\nnull_: 4\n", r#"{"1":2,"1.5":3,"null_":4,"true":1}"#);
    check(
        "a: |\n  one\n   two\n\n  three\n\nb: >-\n  f\n  g\n\n  h\n   i\nc: |+\n  x\n\n",
        r#"{"a":"one\n two\n\nthree\n","b":"f g\nh\n i","c":"x\n\n"}"#,
    );
    check("a: one\n  two\n\n  three # c\nb: \"x\n  y\"\n", r#"{"a":"one two\nthree","b":"x y"}"#);
    check("? a\n: b\n? [c]\n", "yaml: invalid map key: \"[\\\"c\\\"]\"");
    check("a: !!str 1\nb: !!int \"2\"\nc: ! 3\nd: !x y\ne: !!float 1\n", r#"{"a":"1","b":2,"c":"3","d":"y","e":1}"#);
    check("when: 2026-01-02\n", r#"{"when":"2026-01-02"}"#);
    check("---\na: 1\n---\nb: 2\n", r#"{"a":1}"#);
    check("{a: 1, b: [c, d: e], \"f\":g}", r#"{"a":1,"b":["c",{"d":"e"}],"f":"g"}"#);
}

#[test]
fn anchors_and_merges() {
    check(
        "a: &x {p: 1, q: 2}\nb: *x\nc:\n  <<: *x\n  q: 3\n",
        r#"{"a":{"p":1,"q":2},"b":{"p":1,"q":2},"c":{"p":1,"q":3}}"#,
    );
    check(
        "a: &x {p: 1}\nb: &y {p: 2, r: 3}\nc:\n  <<: [*x, *y]\n",
        r#"{"a":{"p":1},"b":{"p":2,"r":3},"c":{"p":1,"r":3}}"#,
    );
    check("a: *x\n", "yaml: unknown anchor 'x' referenced");
    check("a: &x [*x]\n", "yaml: anchor 'x' value contains itself");
    check("a: &x [1]\n<<: *x\n", "yaml: map merge requires map or sequence of maps as the value");
    let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
    for level in 1..12 {
        let all = vec![format!("*a{}", level - 1); 9].join(", ");
        bomb += &format!("a{level}: &a{level} [{all}]\n");
    }
    check(&bomb, "yaml: document contains excessive aliasing");
}

#[test]
fn errors_are_those_of_kubectl() {
    check("a: 1\nb\nc: 2\n", "yaml: line 3: could not find expected ':'");
    check("a: b: c\n", "yaml: mapping values are not allowed in this context");
    check("x: 1\na: b: c\n", "yaml: line 2: mapping values are not allowed in this context");
    check("a:\n\tb: 1\n", "yaml: line 2: found character that cannot start any token");
    check("a:\n  b: 1\n c: 2\n", "yaml: line 2: did not find expected key");
    check("a:\n- b\n c: d\n", "yaml: line 3: mapping values are not allowed in this context");
    check("a:\n- b\nc\n", "yaml: line 4: could not find expected ':'");
    check("a: [1, 2\nb: 3\n", "yaml: line 1: did not find expected ',' or ']'");
    check("a: \"x\nb: 1\n", "yaml: line 3: found unexpected end of stream");
    check("a: 'x' y\n", "yaml: did not find expected key");
    check("a: {b: 1\n", "yaml: line 1: did not find expected ',' or '}'");
    check("a: @x\n", "yaml: found character that cannot start any token");
    check("a: \"\\q\"\n", "yaml: found unknown escape character");
    check("a: \u{1}\n", "yaml: control characters are not allowed");
    check(": a\n", "yaml: did not find expected key");
    check("...\na: 1\n", "yaml: did not find expected node content");
    check("- i\n[: ", "yaml: line 3: could not find expected ':'");
    check("a: 1\n---\nb: [\n", r#"{"a":1}"#);
    check("%YAML 1.2\n---\na: 1\n", "yaml: found incompatible YAML document");
    check("a: - b\n", "yaml: block sequence entries are not allowed in this context");
    check(&"[".repeat(20_000), "yaml: exceeded max depth of 1000");
    check(&"- ".repeat(20_000), "yaml: exceeded max depth of 1000");
}

#[test]
fn keys_given_twice() {
    let text = "a: 1\nb:\n  c: 1\n  c: 2\na: 3\n";
    check(text, r#"{"a":3,"b":{"c":2}}"#);
    let expect =
        "yaml: unmarshal errors:\n  line 4: key \"c\" already set in map\n  line 5: key \"a\" already set in map";
    assert_eq!(parse_strict(text).unwrap_err().to_string(), expect);
}

#[test]
fn places_are_known_by_path() {
    let read =
        parse_located("kind: Pod\nspec:\n  containers:\n  - name: a\n    ports: [{containerPort: 80}]\n").unwrap();
    let place = |path: &str| read.places.get(path).map(|place| (place.line, place.column));
    assert_eq!(place(""), Some((1, 1)));
    assert_eq!(place("kind"), Some((1, 7)));
    assert_eq!(place("spec.containers[0]"), Some((4, 5)));
    assert_eq!(place("spec.containers[0].ports[0].containerPort"), Some((5, 29)));
}

#[test]
fn a_manifest_is_split_into_documents() {
    let texts = |text| documents(text).iter().map(|d| (d.text, d.first_line)).collect::<Vec<_>>();
    assert_eq!(texts("a: 1\n---\nb: 2\n--- # c\n\nc: 3"), [("a: 1\n", 0), ("b: 2\n", 2), ("\nc: 3", 4)]);
    assert_eq!(texts("---\na: 1\n"), [("---\na: 1\n", 0)]);
    assert_eq!(texts("a: |\n  ---\n--- x\n"), [("a: |\n  ---\n--- x\n", 0)]);
    assert!(texts("").is_empty());
}

#[test]
fn objects_are_written_as_kubectl_writes_them() {
    check_written(
        value!({
            "apiVersion": "v1",
            "metadata": {"labels": {"app": "web"}, "creationTimestamp": null, "generation": 3},
            "spec": {
                "containers": [{"args": ["a", "b c"], "name": "x", "resources": {}}, {"name": "y", "env": []}],
                "nested": [[1, 2], [{"a": 1}], []],
            },
        }),
        "apiVersion: v1\nmetadata:\n  creationTimestamp: null\n  generation: 3\n  labels:\n    app: web\nspec:\n  containers:\n  - args:\n    - a\n    - b c\n    name: x\n    resources: {}\n  - env: []\n    name: \"y\"\n  nested:\n  - - 1\n    - 2\n  - - a: 1\n  - []\n",
    );
    check_written(value!({}), "{}\n");
    check_written(value!(["a", {"b": 1}]), "- a\n- b: 1\n");
    check_written(value!("x"), "x\n");
}

#[test]
fn scalars_are_quoted_as_kubectl_quotes_them() {
    check_written(
        value!({
            "a1": "yes", "a2": "1", "a3": "", "a4": "2026-01-01T00:00:00Z", "a5": "1:30", "a6": "null", "a7": "0x1f",
            "b1": "a: b", "b2": "- x", "b3": "#x", "b4": " x", "b5": "x ", "b6": "*", "b7": "it's: ", "b8": "@x", "b9": "-",
            "c1": "a\tb", "c2": "ä", "c3": "😀", "c4": "a\"b", "c5": "a\\b", "c6": "\u{feff}",
            "d1": "line\n", "d2": "one\ntwo", "d3": "two\n\n", "d4": " lead\n", "d5": "tail \n", "d6": "x \n", "d7": "\n",
            "e1": 1.5, "e2": 1e21, "e3": 1234567.5, "e4": 100000000.0, "e5": -0.00001,
        }),
        "a1: \"yes\"\na2: \"1\"\na3: \"\"\na4: \"2026-01-01T00:00:00Z\"\na5: \"1:30\"\na6: \"null\"\na7: \"0x1f\"\n\
         b1: 'a: b'\nb2: '- x'\nb3: '#x'\nb4: ' x'\nb5: 'x '\nb6: '*'\nb7: 'it''s: '\nb8: '@x'\nb9: '-'\n\
         c1: \"a\\tb\"\nc2: ä\nc3: \"\\U0001F600\"\nc4: a\"b\nc5: a\\b\nc6: \"\\uFEFF\"\n\
         d1: |\n  line\nd2: |-\n  one\n  two\nd3: |+\n  two\n\nd4: |2\n   lead\nd5: \"tail \\n\"\nd6: \"x \\n\"\nd7: |2+\n\n\
         e1: 1.5\ne2: 1e+21\ne3: 1.2345675e+06\ne4: 100000000\ne5: -1e-05\n",
    );
}

#[test]
fn keys_are_in_natural_order_and_long_texts_folded() {
    let key = "k".repeat(130);
    let keys =
        value!({"k10": 1, "k2": 2, "a.b": 3, "a/b": 4, "aB": 5, "ab": 6, "1x": 7, "x01": 8, "x1": 9, (&key): 10});
    let expect = format!("1x: 7\na.b: 3\na/b: 4\naB: 5\nab: 6\nk2: 2\nk10: 1\n? {key}\n: 10\nx1: 9\nx01: 8\n");
    check_written(keys, &expect);
    let words = vec!["word"; 20].join(" ");
    let folded = "text: word word word word word word word word word word word word word word word word\n  word word word word\n";
    check_written(value!({"text": &words}), folded);
    let quoted = value!({"text": format!("{words}:  {words}")});
    check_written(
        quoted,
        "text: 'word word word word word word word word word word word word word word word\n  word word word word word:  word word word word word word word word word word word\n  word word word word word word word word word'\n",
    );
}
