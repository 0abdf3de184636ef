//! Expressions and their values, as text.

use podyard_api::{Value, json, value};

use super::evaluate;

fn object() -> Value {
    value!({
        "metadata": {"name": "web", "labels": {"app": "web", "tier": "front"}, "creationTimestamp": "2026-11-22T15:17:44Z"},
        "spec": {
            "replicas": 3,
            "containers": [
                {"name": "a", "image": "nginx:1.25", "resources": {"limits": {"cpu": "500m", "memory": "1Gi"}}},
                {"name": "b", "image": "redis"},
            ],
        },
        "ratio": 0.5,
        "none": null,
    })
}

/// The value of an expression as JSON, or its error.
fn check(source: &str, expect: &str) {
    let variables = [("self", object()), ("n", Value::from(5_i64))];
    let text = match evaluate(source, &variables) {
        Ok(value) => json::to_string_plain(&value),
        Err(error) => format!("error: {error}"),
    };
    assert_eq!(text, expect, "{source}");
}

#[test]
fn literals_and_operators() {
    check("1 + 2 * 3 - 4 / 2 % 3", "5");
    check("-(1 + 2)", "-3");
    check("1.5 * 2.0", "3");
    check("'a' + \"b\" + r'\\n' + '''c''' + '\\x41\\u00e9'", "\"ab\\\\ncAé\"");
    check("[1, 2] + [3]", "[1,2,3]");
    check("{'a': 1, 'b': [true, null]}", "{\"a\":1,\"b\":[true,null]}");
    check("1 == 1.0 && 1u == 1 && 'a' != 'b' && [1] == [1.0]", "true");
    check("1 < 2 && 2.5 >= 2 && 'a' < 'b' && true > false", "true");
    check("2 in [1, 2] && 'app' in self.metadata.labels && !('x' in {})", "true");
    check("n > 3 ? 'big' : 'small'", "\"big\"");
    check("0x1F + -0x1", "30");
    check("-9223372036854775808", "-9223372036854775808");
    check("// comment\n1", "1");
    check("b'abc'", "\"YWJj\"");
    check("type(1) == int && type('a') == string && type(self) == map", "true");
}

#[test]
fn logic_passes_over_errors_that_do_not_matter() {
    check("true || self.nope", "true");
    check("self.nope || true", "true");
    check("self.nope == 1 && false", "false");
    check("self.nope == 1 && true", "error: no such key: nope");
    check("1 || true", "true");
    check("1 || false", "error: no such overload");
}

#[test]
fn selections() {
    check("self.spec.replicas", "3");
    check("self.spec.containers[1].name", "\"b\"");
    check("self['metadata']['name']", "\"web\"");
    check("has(self.spec.replicas) && !has(self.spec.nope) && has(self.none)", "true");
    check("self.?spec.?nope.orValue(7)", "7");
    check("self.spec.containers[?5].hasValue()", "false");
    check("self.?metadata.labels[?'app'].value()", "\"web\"");
    check("optional.of(2).optMap(x, x * 2).orValue(0)", "4");
    check("optional.none().or(optional.of(1)).value()", "1");
    check("[?optional.none(), ?optional.of(1), 2]", "[1,2]");
}

#[test]
fn macros() {
    check("self.spec.containers.all(c, c.name.size() == 1)", "true");
    check("self.spec.containers.exists(c, c.image.startsWith('nginx'))", "true");
    check("self.spec.containers.exists_one(c, has(c.resources))", "true");
    check("self.spec.containers.filter(c, !has(c.resources)).map(c, c.name)", "[\"b\"]");
    check("self.spec.containers.map(c, has(c.resources), c.resources.limits.cpu)", "[\"500m\"]");
    check("self.metadata.labels.all(k, self.metadata.labels[k] != '')", "true");
    check("[10, 20].exists(i, v, i == 1 && v == 20)", "true");
    check("{'a': 1}.transformMap(k, v, v + 1)", "{\"a\":2}");
    check("[1, 2, 3].transformList(i, v, i > 0, v * 10)", "[20,30]");
    check("cel.bind(x, self.spec.replicas, x * x)", "9");
    check("[0, 1].exists(x, 1 / x == 1)", "true");
    check("[0, 2].exists(x, 1 / x == 1)", "error: division by zero");
}

#[test]
fn functions_of_texts() {
    check("'tacocat'.contains('oca') && 'a'.endsWith('a') && 'v1.2'.matches('^v[0-9.]+$')", "true");
    check("'hello'.substring(1, 3) + 'héllo'.charAt(1) + 'AbC'.lowerAscii() + 'a'.upperAscii()", "\"eléabcA\"");
    check(
        "['a,b'.split(','), 'abc'.split(''), 'a-b-c'.split('-', 2)]",
        "[[\"a\",\"b\"],[\"a\",\"b\",\"c\"],[\"a\",\"b-c\"]]",
    );
    check("'a b a'.replace('a', 'x') + ' y '.trim() + ['p', 'q'].join('/')", "\"x b xyp/q\"");
    check("['hello'.indexOf('l'), 'hello'.lastIndexOf('l'), 'hello'.indexOf('z')]", "[2,3,-1]");
    check("'%s has %d at %.1f%%'.format(['web', 3, 2.55])", "\"web has 3 at 2.5%\"");
    check("'abc 123 45'.find('[0-9]+') + 'a1b2'.findAll('[0-9]').join('')", "\"12312\"");
    check("size('héllo') + size([1, 2]) + size({'a': 1})", "8");
}

#[test]
fn functions_of_lists_and_numbers() {
    check("[3, 1, 2].sort() + [1, 2].reverse() + [1, 1, 2].distinct()", "[1,2,3,2,1,1,2]");
    check("[[1, 2].sum(), [3, 1].min(), [3, 1].max(), [1, 2].indexOf(2)]", "[3,1,3,1]");
    check("[1, 2].isSorted() && sets.contains([1, 2], [2]) && sets.equivalent([1, 2], [2, 1])", "true");
    check("[math.greatest(1, 5, 3), math.least([4, 2])]", "[5,2]");
    check("[int('5'), int(2.9), int('x')]", "error: type conversion error from 'string' to 'int': x");
    check("[string(1), string(true), string(1.5), string(1u)]", "[\"1\",\"true\",\"1.5\",\"1\"]");
    check("[[1], [2, 3]].flatten().slice(1, 3)", "[2,3]");
}

#[test]
fn quantities_times_and_addresses() {
    check("quantity('500m').isLessThan(quantity('1')) && quantity('1Gi').isGreaterThan(quantity('1G'))", "true");
    check("quantity(self.spec.containers[0].resources.limits.memory).asInteger()", "1073741824");
    check(
        "[isQuantity('1.5Gi'), isQuantity('x'), quantity('1').add(quantity('500m')) == quantity('1500m')]",
        "[true,false,true]",
    );
    check(
        "timestamp(self.metadata.creationTimestamp) + duration('1h30m') == timestamp('2026-11-22T16:47:44Z')",
        "true",
    );
    check("timestamp('2026-11-22T15:17:44Z') - timestamp('2026-11-22T15:16:44Z') > duration('59s')", "true");
    check("string(duration('90m')) + string(timestamp('2026-01-01T00:00:00Z'))", "\"5400s2026-01-01T00:00:00Z\"");
    check(
        "cel.bind(t, timestamp('2026-11-22T15:17:44Z'), [t.getFullYear(), t.getMonth(), t.getDate(), t.getDayOfWeek(), t.getDayOfYear(), t.getHours('+02:00')])",
        "[2026,10,22,0,325,17]",
    );
    check(
        "[isIP('10.0.0.1'), isIP('x'), cidr('10.0.0.0/8').containsIP('10.1.2.3'), ip('::1').family()]",
        "[true,false,true,6]",
    );
}

#[test]
fn errors() {
    check("nope", "error: undeclared reference to 'nope' (in container '')");
    check("nope(1)", "error: undeclared reference to 'nope' (in container '')");
    check("self.nope", "error: no such key: nope");
    check("[1][3]", "error: index out of bounds: 3");
    check("1 + 'a'", "error: no such overload");
    check("1 / 0", "error: division by zero");
    check("9223372036854775807 + 1", "error: integer overflow");
    check("{'a': 1, 'a': 2}", "error: Failed with repeated key");
    check("1 +", "error: ERROR: <input>:1:4: Syntax error: mismatched input '<EOF>'");
    check("(1", "error: ERROR: <input>:1:3: Syntax error: mismatched input '<EOF>'");
    check("a.b c", "error: ERROR: <input>:1:5: Syntax error: mismatched input 'c'");
    check("has(1)", "error: ERROR: <input>:1:1: invalid argument to has() macro");
    check("'abc", "error: ERROR: <input>:1:1: Syntax error: unterminated text");
    check("#", "error: ERROR: <input>:1:1: Syntax error: token recognition error at: '#'");
}

#[test]
fn work_is_bounded() {
    let nested = "lists.range(1000).all(a, ".repeat(4) + "true" + &")".repeat(4);
    check(&nested, "error: operation cancelled: actual cost limit exceeded");
    check("lists.range(1000000000)", "error: operation cancelled: actual cost limit exceeded");
    for deep in [
        "(".repeat(3000) + "1" + &")".repeat(3000),
        "[".repeat(3000),
        "-".repeat(300_000) + "1",
        "!".repeat(9) + "true",
    ] {
        let _ = evaluate(&deep, &[]);
    }
    let long = vec!["true"; 2_000].join(" && ");
    check(&long, "true");
    let doubling = "cel.bind(a, a + a, ".repeat(60) + "size(a)" + &")".repeat(60);
    assert!(evaluate(&format!("cel.bind(a, 'xxxxxxxx', {doubling})"), &[]).is_err());
    let wide = "cel.bind(a, [a, a], ".repeat(60) + "a == a || size(a) == 2" + &")".repeat(60);
    check(&format!("cel.bind(a, 1, {wide})"), "error: operation cancelled: actual cost limit exceeded");
    for part in ["+1", ".a", "[0]", ".map(a, [a])", " == 1", "?1:2"] {
        let deep = "(".repeat(90) + "1" + &(part.repeat(20) + ")").repeat(90);
        let error = evaluate(&deep, &[]).map_err(|error| error.to_string());
        assert!(error.is_err_and(|error| error.contains("recursion limit") || error.contains("too long")), "{part}");
    }
    for broken in
        ["'\\", "'\\u12'", "1e", "0x", ".", "a.", "a[", "{", "[1,", "{1:", "`x", "b'\\400'", "é", "1.e5", "a.?b("]
    {
        let _ = evaluate(broken, &[]);
    }
}
