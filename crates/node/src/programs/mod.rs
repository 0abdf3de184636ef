//! What container images run besides shells and text tools.

mod http_get;
mod kinds;
mod perl;
mod say;
mod server;
mod stress;

use podyard_kernel::{Answer, Args, Syscall};
use serde::{Deserialize, Serialize};

use http_get::HttpGet;
use perl::Perl;
use say::Say;
use server::Server;
use stress::Stress;

/// A program of an image.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum ContainerProgram {
    HttpGet(HttpGet),
    Perl(Perl),
    Say(Say),
    Server(Server),
    Stress(Stress),
}

/// The program that an executable file of an image names.
pub fn load(id: &str, args: &Args) -> Option<ContainerProgram> {
    match id.split_once(':').unwrap_or((id, "")) {
        ("http-get", _) => Some(ContainerProgram::HttpGet(HttpGet::new(args))),
        ("perl", _) => Some(ContainerProgram::Perl(Perl::new(args))),
        ("say", what) => Say::new(what).map(ContainerProgram::Say),
        ("server", kind) => Server::new(kind, args).map(ContainerProgram::Server),
        ("stress", _) => Some(ContainerProgram::Stress(Stress::new(args))),
        _ => None,
    }
}

impl ContainerProgram {
    pub fn step(&mut self, answer: Answer) -> Syscall {
        match self {
            Self::HttpGet(program) => program.step(answer),
            Self::Perl(program) => program.step(answer),
            Self::Say(program) => program.step(answer),
            Self::Server(program) => program.step(answer),
            Self::Stress(program) => program.step(answer),
        }
    }
}
