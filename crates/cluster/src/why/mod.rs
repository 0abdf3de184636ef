//! Answers to `why`: the console's program, and the same questions for front ends.

mod access;
mod program;
mod question;
mod reach;

use podyard_api::{Explanation, Request, Response, Target, User, Value, value};
use podyard_apiserver::ResourceKey;
use podyard_kernel::ProcessId;

pub use program::Why;
use question::Question;

use crate::Cluster;
use crate::identity;

impl Cluster {
    /// Explains what the words ask for, as the program `why` reads them; `namespace` holds where they name none.
    ///
    /// # Errors
    /// The question cannot be read, or speaks of what is not there.
    pub fn why(&self, words: &[&str], namespace: &str) -> Result<Explanation, String> {
        match question::parse(words, namespace)? {
            Question::Help => Ok(Explanation::new(true, question::HELP)),
            Question::Pod { name, namespace } => self.why_pod(&namespace, &name),
            Question::CanI(asked) => Ok(self.why_can_i(&asked)),
            Question::Reach { from, to, protocol, namespace } => self.why_reach(&from, &to, &protocol, &namespace),
        }
    }

    /// The answer to a request that is the program's, from the workstation.
    pub(crate) fn answer_why(&self, process: ProcessId, request: &Request) -> Option<Response> {
        let is_asked = matches!(&request.target, Target::Path(path) if path == program::PATH);
        let machine = self.kernel.process(process)?.machine;
        if !is_asked || machine != self.workstation {
            return None;
        }
        let body = request.object();
        let words: Vec<&str> = body.get("words").items().iter().map(Value::str).collect();
        Some(match self.why(&words, body.get("namespace").str()) {
            Ok(why) => Response::ok(value!({"text": (why.to_string()), "holds": (why.holds)})),
            Err(error) => Response { code: 422, ..Response::ok(value!({"text": error})) },
        })
    }

    /// Whoever sits at the workstation.
    fn learner(&self) -> User {
        identity::of_machine(self.kernel.machine(self.workstation).map_or("", |machine| &machine.owner))
    }

    fn why_pod(&self, namespace: &str, name: &str) -> Result<Explanation, String> {
        let pod = self.find_pod(namespace, name)?;
        let mut why = self.scheduler.why(pod);
        if !podyard_api::kinds::Pod(pod).node_name().is_empty() && podyard_node::explain_containers(pod, &mut why) {
            why.holds = false;
            why.answer = format!("{} It does not run well, see the end.", why.answer);
        }
        Ok(why)
    }

    fn find_pod(&self, namespace: &str, name: &str) -> Result<&Value, String> {
        let pod = self.api.get(ResourceKey::PODS, namespace, name);
        pod.ok_or_else(|| format!("there is no pod {name:?} in the namespace {namespace:?}"))
    }
}
