//! Scripts with what the real bash 5.2 and GNU's tools answered, as recorded in `oracle.txt`.
//!
//! To record anew: `python3 crates/shell/tests/record.py`, where bash is at hand.

use crate::harness::{Done, World};

/// The file's form: `=== ` and a script, whose further lines begin with `| `; then `out:`, `err:` and `status:`.
fn cases(text: &str) -> Vec<(String, String)> {
    let mut cases: Vec<(String, String)> = Vec::new();
    for line in text.lines() {
        if let Some(script) = line.strip_prefix("=== ") {
            cases.push((script.into(), String::new()));
        } else if let Some((script, expect)) = cases.last_mut() {
            match line.strip_prefix("| ").or_else(|| (line == "|").then_some("")) {
                Some(more) if expect.is_empty() => {
                    script.push('\n');
                    script.push_str(more);
                }
                _ => {
                    expect.push_str(line);
                    expect.push('\n');
                }
            }
        }
    }
    cases
}

fn shown(done: &Done) -> String {
    let block = |text: &str| -> String {
        let mut out: String = text.lines().map(|line| format!("  {line}\n")).collect();
        if !text.is_empty() && !text.ends_with('\n') {
            out.push_str("  \\no newline\n");
        }
        out
    };
    let status = done.status.map_or("running".into(), |status| status.to_string());
    format!("out:\n{}err:\n{}status: {status}\n", block(&done.out), block(&done.err))
}

#[test]
fn answers_are_those_of_the_real_bash() {
    let cases = cases(include_str!("oracle.txt"));
    let mut wrong = String::new();
    let mut count = 0;
    for (script, expect) in &cases {
        let done = World::new().run(&["bash", "-c", script], 200_000);
        let found = shown(&done);
        if found != *expect {
            count += 1;
            wrong.push_str(&format!("=== {script}\n--- real\n{expect}--- ours\n{found}\n"));
        }
    }
    assert!(wrong.is_empty(), "{wrong}{count} of {} differ", cases.len());
}
