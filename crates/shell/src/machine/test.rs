//! `[[ … ]]`: its words are expanded as they are needed.

use ecow::EcoString;
use podyard_kernel::Syscall;
use serde::{Deserialize, Serialize};

use super::{Kind, Shell};
use crate::builtins::test::{binary, unary};
use crate::expand::pattern::Pattern;
use crate::expand::{Expanded, Mode, Stop, arith, single};
use crate::replay::{Cx, Log};
use crate::syntax::ast::{Test, Word};
use crate::vars::Content;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Testing {
    test: Test,
}

impl Testing {
    pub(super) fn new(test: Test) -> Self {
        Self { test }
    }
}

impl Shell {
    pub(super) fn test(&mut self, testing: Testing, log: Log) -> Option<Syscall> {
        let evaluated = evaluate(&mut Cx::new(&mut self.state, &log), &testing.test);
        match evaluated {
            Ok(holds) => self.state.status = u8::from(!holds),
            Err(Stop::Suspend(suspend)) => return self.suspend(Kind::Test(testing), log, suspend),
            Err(Stop::Error(message)) => {
                self.state.status = if message.contains("syntax error") { 1 } else { 2 };
                self.complain(&format!("[[: {message}"));
            }
            Err(Stop::Fatal(message, status)) => self.fail(&message, status),
        }
        None
    }
}

fn evaluate(cx: &mut Cx<'_>, test: &Test) -> Expanded<bool> {
    Ok(match test {
        Test::Not(inner) => match inner.first() {
            Some(inner) => !evaluate(cx, inner)?,
            None => true,
        },
        Test::And(both) => {
            for one in both {
                if !evaluate(cx, one)? {
                    return Ok(false);
                }
            }
            true
        }
        Test::Or(both) => {
            for one in both {
                if evaluate(cx, one)? {
                    return Ok(true);
                }
            }
            false
        }
        Test::Unary(flag, word) => {
            let text = single(cx, word, Mode::Single)?;
            unary(cx, flag, &text)?
        }
        Test::Binary(left, operator, right) => {
            let left = single(cx, left, Mode::Single)?;
            compare(cx, &left, operator, right)?
        }
    })
}

fn compare(cx: &mut Cx<'_>, left: &str, operator: &str, right: &Word) -> Expanded<bool> {
    match operator {
        "=" | "==" | "!=" => {
            let pattern = single(cx, right, Mode::Pattern)?;
            let fold = cx.state.options.nocasematch;
            Ok(Pattern::new(&pattern).folded(fold).matches(left) == (operator != "!="))
        }
        "=~" => {
            let text = single(cx, right, Mode::Regex)?;
            let Ok(regex) = crate::regex::extended(&text, cx.state.options.nocasematch) else {
                return Err(Stop::Error(format!("{text}: invalid regular expression")));
            };
            let Some(found) = regex.captures(left) else { return Ok(false) };
            let groups = found.iter().map(|group| EcoString::from(group.map_or("", |group| group.as_str())));
            let content = Content::Array((0_i64..).zip(groups).collect());
            cx.state.set_content("BASH_REMATCH", content).map_err(Stop::Error)?;
            Ok(true)
        }
        "<" | ">" => {
            let right = single(cx, right, Mode::Single)?;
            Ok(if operator == "<" { left < right.as_str() } else { left > right.as_str() })
        }
        "-nt" | "-ot" | "-ef" => {
            let right = single(cx, right, Mode::Single)?;
            Ok(binary(cx, left, operator, &right)?.unwrap_or(false))
        }
        _ => {
            let right = single(cx, right, Mode::Single)?;
            let left = arith::evaluate(cx.state, left).map_err(Stop::Error)?;
            let right = arith::evaluate(cx.state, &right).map_err(Stop::Error)?;
            Ok(match operator {
                "-eq" => left == right,
                "-ne" => left != right,
                "-lt" => left < right,
                "-le" => left <= right,
                "-gt" => left > right,
                _ => left >= right,
            })
        }
    }
}
