//! The words of busybox and dash, as containers' shells have them.

use crate::harness::{Done, World};

/// Runs a script; holds output, errors and status against what is expected.
fn check(shell: &str, script: &str, out: &str, err: &str, status: u8) {
    let done = World::new().run(&[shell, "-c", script], 100_000);
    assert_eq!(done, Done { out: out.into(), err: err.into(), status: Some(status) }, "{script}");
}

#[test]
fn busybox_has_its_own_words() {
    let sh = "busybox:sh";
    check(sh, "ls /doesnotexist", "", "ls: /doesnotexist: No such file or directory\n", 1);
    check(sh, "cat /nope", "", "cat: can't open '/nope': No such file or directory\n", 1);
    check(sh, "nosuch", "", "sh: nosuch: not found\n", 127);
    check(sh, "mkdir /a/b", "", "mkdir: can't create directory '/a/b': No such file or directory\n", 1);
    check(sh, "rm /nope", "", "rm: can't remove '/nope': No such file or directory\n", 1);
    check(sh, "touch /a/b", "", "touch: /a/b: No such file or directory\n", 1);
    check(sh, "cd /nope", "", "sh: cd: can't cd to /nope: No such file or directory\n", 1);
    check(sh, "sleep x", "", "sleep: invalid number 'x'\n", 1);
    check(sh, "echo x > /a/b", "", "sh: can't create /a/b: nonexistent directory\n", 1);
    check(sh, "echo $((6*7)); hostname", "42\nworkstation\n", "", 0);
    check(sh, "echo 'out'; echo err >&2; exit 3", "out\n", "err\n", 3);
}

#[test]
fn dash_has_its_own_words() {
    check("dash", "nosuch", "", "dash: 1: nosuch: not found\n", 127);
    check("dash", "cd /nope", "", "dash: 1: cd: can't cd to /nope\n", 2);
    check("dash", "echo )", "", "dash: 1: Syntax error: \")\" unexpected\n", 2);
    check("dash", "echo 'a\\tb'", "a\tb\n", "", 0);
    check("dash", "cat < /nope", "", "dash: 1: cannot open /nope: No such file\n", 2);
}

#[test]
fn endless_streams_cost_nothing() {
    check("bash", "yes | head -3 | wc -l; echo ${PIPESTATUS[@]}", "3\n141 0 0\n", "", 0);
    check("bash", "seq 1000000 | tail -1", "1000000\n", "", 0);
    check("bash", "yes a | tr a b | sed s/b/c/ | grep c | awk '{print NR, $1}' | head -2", "1 c\n2 c\n", "", 0);
}

#[test]
fn a_script_comes_through_standard_input() {
    check(
        "bash",
        "printf 'x=5\\nif [ $x = 5 ]; then\\necho five\\nfi\\ncat <<E\\nin $x\\nE\\necho last' | bash",
        "five\nin 5\nlast\n",
        "",
        0,
    );
    check("bash", "printf 'read x\\nline\\necho got $x' | sh", "got line\n", "", 0);
}
