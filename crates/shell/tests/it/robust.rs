//! Nothing that can be typed panics or runs for ever.

use proptest::prelude::*;

use crate::harness::World;

/// Runs a script for so many turns of the kernel; it need not end, but each turn must.
fn survives(script: &str) {
    World::new().run(&["bash", "-c", script], 1_000);
}

#[test]
fn deep_nesting_ends_with_an_error() {
    for (open, close) in [
        ("(", ")"),
        ("((", "))"),
        ("$(", ")"),
        ("${x:-", "}"),
        ("{ ", "; }"),
        ("if true; then ", "; fi"),
        ("case x in x) ", ";; esac"),
        ("\"$(echo ", ")\""),
        ("`", "`"),
        ("[[ ( ", " ) ]]"),
        ("$((", "))"),
        ("f() { ", "; }"),
        ("! ", ""),
        ("{a,", "}"),
        ("while ", "; do :; done"),
        ("a=(", ")"),
        ("<(", ")"),
    ] {
        for depth in [30, 300, 20_000] {
            survives(&open.repeat(depth));
            survives(&format!("{}x{}", open.repeat(depth), close.repeat(depth)));
        }
    }
    survives(&format!("echo $(({}1))", "-".repeat(100_000)));
    survives(&format!("echo $(({}1{}))", "(".repeat(50_000), ")".repeat(50_000)));
    survives(&format!("[ {} x ]", "! ".repeat(50_000)));
    survives(&format!("awk 'BEGIN {{ print {}1 }}'", "(".repeat(50_000)));
    survives(&format!("awk 'BEGIN {{ {} }}'", "if (1) ".repeat(50_000)));
    survives(&format!("find . {}", "! ".repeat(10_000)));
    survives(&format!("echo x | grep -E '{}'", "(".repeat(20_000)));
    survives(&format!("sed '{}'", "{".repeat(20_000)));
}

#[test]
fn endless_recursion_and_loops_are_bounded() {
    for script in [
        "f() { f; }; f",
        "f() { g; }; g() { f; }; f",
        "x=x; echo $((x))",
        "a=b; b=a; echo $((a))",
        "eval 'eval \"$0\"'",
        "while :; do :; done",
        "while true; do x=$x$x$x; done",
        "for ((;;)); do :; done",
        "until false; do echo; done > /dev/null",
        "f() { f | f & }; f",
        "echo {1..1000000000} | wc -c",
        "echo {1..1000}{1..1000}{1..1000} | wc -c",
        "printf '%999999999d' 1 | wc -c",
        "x=$(yes); echo ${#x}",
        "awk 'BEGIN { while (1) i++ }'",
        "awk 'BEGIN { while (1) s = s s \"x\" }'",
        "awk 'function f(x) { return f(x) } BEGIN { f(1) }'",
        "echo a | sed ':x; s/a/aa/; tx'",
        "echo a | sed ':x; bx'",
        "alias a='a b'; a",
        "echo 'cat f' > f; . ./f; echo '. ./g' > g; . ./g",
        "trap 'kill -USR1 $$' USR1; kill -USR1 $$; echo",
        "trap 'exit' EXIT; exit",
        "exec 3<>f; while :; do echo x >&3; done",
        "99999999999999999999>x",
        "echo ${x:99999999999999999999} ${x: -9999999999999}",
        "echo $((9223372036854775807 + 1)) $((-9223372036854775808 / -1)) $((1 << 999)) $((2 ** 99999999))",
        "read -n 99999999999999999999 x < /dev/zero",
        "seq 1 0.0000001 2 | head -c 100 | wc -c; seq inf",
        "head -c 99999999999999999999 /dev/zero; tail -c 99999999999999 /dev/zero",
        "yes | sort",
        "yes '' | tr -d '\\n'",
    ] {
        survives(script);
    }
}

const PIECES: &[&str] = &[
    "$(",
    ")",
    "${",
    "}",
    "\"",
    "'",
    "`",
    "\\",
    "\n",
    "<<E",
    "E\n",
    "<<-",
    "<<<",
    " ",
    "|",
    "&&",
    "||",
    "&",
    ";",
    ";;",
    "(",
    "((",
    "))",
    "{",
    ">",
    "2>&1",
    "<",
    "if",
    "then",
    "fi",
    "else",
    "while",
    "do",
    "done",
    "for",
    "in",
    "case",
    "esac",
    "function",
    "f()",
    "[[",
    "]]",
    "=~",
    "[ ",
    " ]",
    "!",
    "echo",
    "x=",
    "$x",
    "a[1]=",
    "=(",
    "${x:-",
    "${x//",
    "/",
    "${#x",
    "${!x",
    "$((",
    "+",
    "1",
    "{1..3}",
    "{a,b}",
    "*",
    "?",
    "~",
    "#",
    "é",
    "日",
    "\t",
    "cat",
    "local",
    "declare",
    "eval",
    "set -e",
    "exit",
    "break",
    "read x",
    "sed s/a/b/",
    "awk",
    "$@",
    "$'\\x41'",
    "@",
    "%",
];

/// Pieces of scripts, put together at random.
fn pieces() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(PIECES), 0..30).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_survived(script in "\\PC{0,60}") {
        survives(&script);
    }

    #[test]
    fn any_mixture_of_syntax_is_survived(script in pieces()) {
        survives(&script);
    }

    #[test]
    fn any_program_of_a_tool_is_survived(script in pieces(), tool in prop_oneof![Just("awk"), Just("sed"), Just("grep -E"), Just("grep"), Just("printf"), Just("tr"), Just("cut -f"), Just("sort -k"), Just("find . -name"), Just("date -d"), Just("jobs"), Just("xargs -I")]) {
        let quoted = script.replace('\'', "");
        survives(&format!("echo 'a b c' | {tool} '{quoted}'"));
    }

    #[test]
    fn any_keys_are_survived(keys in prop::collection::vec(prop_oneof![
        any::<u8>().prop_map(|byte| vec![byte]),
        Just(b"\x1b[A".to_vec()), Just(b"\x1b[D".to_vec()), Just(b"\x12".to_vec()), Just(b"\t".to_vec()),
        Just(b"\x1b[200~".to_vec()), Just(b"\x1b[201~".to_vec()), Just(b"echo a\r".to_vec()), Just(b"\x03".to_vec()),
        Just("日".as_bytes().to_vec()), Just(b"!!".to_vec()), Just(b"\x1b.".to_vec()), Just(b"\x17".to_vec()),
    ], 0..40), columns in 1_u16..40) {
        let mut world = World::new();
        let tty = world.session(&["bash"], columns);
        for key in keys {
            world.kernel.type_bytes(tty, &key, world.now);
            world.settle(200);
            let now = world.now;
            world.kernel.take_output(tty, now);
        }
    }
}
