//! Lists, `&&` and `||`, pipelines, `set -e`, traps between commands.

use podyard_kernel::{Answer, Signal, Syscall};
use podyard_sim::Time;
use serde::{Deserialize, Serialize};

use super::launch::Launch;
use super::source::{From, Source};
use super::{Kind, Shell, Unwind};
use crate::replay::{Log, Reply};
use crate::syntax::ast::{Item, Link, List, Pipeline};

/// `a && b || c`
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Chain {
    item: Item,
    at: usize,
    /// Its status is looked at, so that failing is no reason to end.
    tested: bool,
    /// Whether the pipeline before `at` was run.
    ran: bool,
}

/// A pipeline being run.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Running {
    pipeline: Pipeline,
    tested: bool,
    started: bool,
    begun: Option<Time>,
}

impl Shell {
    pub(super) fn list(&mut self, list: List, at: usize, tested: bool) -> Option<Syscall> {
        if let Some(signal) = self.pending.pop() {
            self.push(Kind::List { list, at, tested });
            self.run_trap(signal);
            return None;
        }
        let item = list.get(at).cloned()?;
        self.push(Kind::List { list, at: at + 1, tested });
        if item.background {
            let text = item.text.clone();
            self.push(Kind::Launch(Launch::background(item, text)));
        } else {
            self.push(Kind::Chain(Chain { item, at: 0, tested, ran: false }));
        }
        None
    }

    pub(super) fn run_trap(&mut self, signal: Signal) {
        let Some(text) = self.state.traps.get(&signal).cloned() else { return };
        let status = self.state.status;
        self.push(Kind::KeepStatus(status));
        self.push(Kind::Source(Source::new(text, From::Trap, true)));
    }

    pub(super) fn chain(&mut self, mut chain: Chain) -> Option<Syscall> {
        let status = self.state.status;
        if chain.at > 0 && chain.ran && chain.at == chain.item.chain.len() {
            let negated = chain.item.chain.last().is_some_and(|(_, pipeline)| pipeline.negate);
            if status != 0 && !chain.tested && !negated && self.state.options.errexit {
                self.unwind = Some(Unwind::Exit);
            }
            return None;
        }
        let (link, pipeline) = chain.item.chain.get(chain.at).cloned()?;
        chain.at += 1;
        chain.ran = match link {
            Link::First => true,
            Link::And => status == 0,
            Link::Or => status != 0,
        };
        let is_last = chain.at == chain.item.chain.len();
        let ran = chain.ran;
        let tested = chain.tested || !is_last;
        self.push(Kind::Chain(chain));
        if ran {
            let tested = tested || pipeline.negate;
            self.push(Kind::Pipeline(Running { pipeline, tested, started: false, begun: None }));
        }
        None
    }

    pub(super) fn pipeline(&mut self, mut running: Running, log: Log) -> Option<Syscall> {
        if running.pipeline.timed && (running.begun.is_none() || running.started) {
            let Some(Reply::Answer(Answer::Time(now))) = log.last() else {
                return self.ask(Kind::Pipeline(running), log, Syscall::Now);
            };
            match running.begun {
                None => running.begun = Some(*now),
                Some(begun) => self.say_times(now.since(begun).as_millis()),
            }
        }
        if running.started {
            if running.pipeline.negate {
                self.state.status = u8::from(self.state.status == 0);
            }
            return None;
        }
        running.started = true;
        let (pipeline, tested) = (running.pipeline.clone(), running.tested);
        self.push(Kind::Pipeline(running));
        match pipeline.commands.as_slice() {
            [] => self.state.status = 0,
            [node] => self.push(Kind::Command { node: node.clone(), tested, tail: false, redirected: false }),
            _ => self.push(Kind::Launch(Launch::foreground(pipeline.commands, pipeline.text))),
        }
        None
    }

    fn say_times(&mut self, millis: u128) {
        let (seconds, rest) = (millis / 1000, millis % 1000);
        let real = format!("{}m{}.{rest:03}s", seconds / 60, seconds % 60);
        self.say(2, format!("\nreal\t{real}\nuser\t0m0.000s\nsys\t0m0.000s\n"));
    }
}
