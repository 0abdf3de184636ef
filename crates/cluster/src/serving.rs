//! What processes ask of the world outside their kernel.

use podyard_apiserver::Outcome;
use podyard_kernel::{Answer, Exit, Outcall, ProcessId};

use podyard_api::{Request, Response, Status};

use crate::cluster::{Cluster, Event};
use crate::identity;

impl Cluster {
    pub(crate) fn serve(&mut self, outcall: Outcall) {
        match outcall {
            Outcall::Api { pid, ticket, request } => {
                if let Some(response) = self.answer_why(pid, &request) {
                    return self.answer_later(pid, ticket, response);
                }
                let request = self.authenticated(pid, *request);
                let response = match self.api.handle(self.now, &request) {
                    Outcome::Done(response) => response,
                    _ => Status::bad_request("this request needs a stream").into(),
                };
                self.answer_later(pid, ticket, response);
            }
            Outcall::Watch { pid, ticket, request } => self.open_watch(pid, ticket, *request),
            Outcall::Stream { pid, ticket, request } => {
                let request = self.authenticated(pid, *request);
                match self.api.handle(self.now, &request) {
                    Outcome::Exchange(exchange) => self.open_stream(pid, ticket, exchange),
                    Outcome::Done(response) => self.answer_later(pid, ticket, response),
                    Outcome::Watch(_) => {
                        self.answer_later(pid, ticket, Status::bad_request("this request is a watch").into());
                    }
                }
            }
            Outcall::Resolve { pid, ticket, name } => self.resolve(pid, ticket, &name),
            Outcall::Connect { pid, ticket, address, port } => self.connect(pid, ticket, &address, port),
            Outcall::WatchClosed { file } => {
                self.watches.remove(&file);
            }
            Outcall::Exited { pid, exit } => self.exited(pid, exit),
            Outcall::Logged { sink } => self.feed_followers(sink),
        }
    }

    /// The request as the server's authenticators see it: the user is that of the machine it comes from.
    fn authenticated(&self, process: ProcessId, mut request: Request) -> Request {
        let machine = self.kernel.process(process).and_then(|process| self.kernel.machine(process.machine));
        request.user = identity::of_machine(machine.map_or("", |machine| &machine.owner));
        request
    }

    /// Answers after the time that a request takes.
    pub(crate) fn answer_later(&mut self, process: ProcessId, ticket: u32, response: Response) {
        let answer = Box::new(Answer::Response(Box::new(response)));
        self.queue.push(self.now + self.profile.api_latency, Event::Answer { process, ticket, answer });
    }

    fn open_watch(&mut self, process: ProcessId, ticket: u32, request: Request) {
        let request = self.authenticated(process, request);
        match self.api.handle(self.now, &request) {
            Outcome::Watch(watch) => {
                if let Some(file) = self.kernel.answer_watch(process, ticket, self.now) {
                    self.watches.insert(file, watch);
                    self.feed_watch(file);
                }
            }
            Outcome::Done(response) => self.answer_later(process, ticket, response),
            Outcome::Exchange(_) => {
                self.answer_later(process, ticket, Status::bad_request("this request cannot be watched").into());
            }
        }
    }

    fn exited(&mut self, process: ProcessId, exit: Exit) {
        if self.revive_console(process) || self.end_stream(process, exit) {
            return;
        }
        self.close_followers(process);
        let owners: Vec<_> = self.nodes.keys().cloned().collect();
        for node in owners {
            if self.with_node(&node, |kubelet, context| kubelet.exited(context, process, exit)) {
                return;
            }
        }
        self.ended.push_back((process, exit.status()));
    }
}
