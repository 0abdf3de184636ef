//! The programs of this build.

use podyard_kernel::{Answer, Args, Program, Script, Syscall};
use podyard_kubectl::Kubectl;
use podyard_node::programs::ContainerProgram;
use podyard_shell::{Shell, tools};
use serde::{Deserialize, Serialize};

use crate::why::Why;

/// Every program that a process of a cluster can run.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Programs {
    Container(Box<ContainerProgram>),
    Kubectl(Script<Kubectl>),
    Shell(Box<Shell>),
    Tool(Box<tools::Tool>),
    Why(Script<Why>),
}

impl Program for Programs {
    fn load(id: &str, args: &Args) -> Option<Self> {
        match id {
            "kubectl" => Some(Self::Kubectl(Script::new(args.clone()))),
            "why" => Some(Self::Why(Script::new(args.clone()))),
            _ => Shell::load(id, args)
                .map(|shell| Self::Shell(Box::new(shell)))
                .or_else(|| tools::load(id, args).map(|tool| Self::Tool(Box::new(tool))))
                .or_else(|| podyard_node::programs::load(id, args).map(|program| Self::Container(Box::new(program)))),
        }
    }

    fn step(&mut self, answer: Answer) -> Syscall {
        match self {
            Self::Container(program) => program.step(answer),
            Self::Kubectl(script) => script.step(answer),
            Self::Shell(shell) => shell.step(answer),
            Self::Tool(tool) => tool.step(answer),
            Self::Why(script) => script.step(answer),
        }
    }
}
