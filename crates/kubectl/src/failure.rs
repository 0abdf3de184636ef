//! Why a command fails, and how kubectl says so.

// Models staging/src/k8s.io/kubectl/pkg/cmd/util/helpers.go (CheckErr and its kin)

use ecow::EcoString;
use podyard_api::{Cause, Status};

/// What the steps of a command return.
pub(crate) type Outcome<T = ()> = Result<T, Failure>;

/// A failed command.
#[derive(Clone, Debug)]
pub(crate) enum Failure {
    /// An error of kubectl's own; printed after `error: `.
    Text(String),
    /// The server's refusal.
    Server(Box<Status>),
    /// The server cannot be reached: host and port, and why.
    Unreachable { host: EcoString, why: EcoString },
    /// The kubeconfig is wrong; printed after `Error in configuration: `.
    Config(String),
    /// Several at once.
    Many(Vec<Failure>),
    /// All has been said; ends with this status.
    Exit(u8),
    /// Printed as it is; ends with this status.
    Said { code: u8, text: String },
}

impl Failure {
    /// Several failures as one, without nesting.
    pub(crate) fn many(failures: Vec<Self>) -> Self {
        let mut flat = Vec::new();
        for failure in failures {
            match failure {
                Self::Many(inner) => flat.extend(inner),
                other => flat.push(other),
            }
        }
        if flat.len() == 1 { flat.remove(0) } else { Self::Many(flat) }
    }

    /// Success if there is none.
    pub(crate) fn collect(failures: Vec<Self>) -> Outcome {
        if failures.is_empty() { Ok(()) } else { Err(Self::many(failures)) }
    }

    /// Whether it is the server's refusal for this reason.
    pub(crate) fn is(&self, reason: &str) -> bool {
        matches!(self, Self::Server(status) if status.is(reason))
    }

    /// Says which file or step the failure came from: `error when creating "x.yaml": …`.
    pub(crate) fn when(self, doing: &str, source: &str) -> Self {
        if source.is_empty() {
            return self;
        }
        match self {
            Self::Server(mut status) => {
                status.message = format!("error when {doing} {source:?}: {}", status.message).into();
                Self::Server(status)
            }
            other => Self::Text(format!("error when {doing} {source:?}: {}", other.message())),
        }
    }

    /// The failure without prefix, as Go's `Error()`.
    pub(crate) fn message(&self) -> String {
        match self {
            Self::Text(text) | Self::Config(text) | Self::Said { text, .. } => text.clone(),
            Self::Server(status) => status.message.to_string(),
            Self::Unreachable { host, why } => format!("dial tcp {host}: {why}"),
            Self::Many(all) => {
                let mut messages: Vec<String> = Vec::new();
                for message in all.iter().map(Self::message) {
                    if !messages.contains(&message) {
                        messages.push(message);
                    }
                }
                match messages.as_slice() {
                    [one] => one.clone(),
                    many => format!("[{}]", many.join(", ")),
                }
            }
            Self::Exit(_) => String::new(),
        }
    }

    /// What goes to standard error, and the exit status.
    pub(crate) fn report(&self) -> (String, u8) {
        match self {
            Self::Exit(code) => (String::new(), *code),
            Self::Said { code, text } => (lined(text.clone()), *code),
            Self::Config(text) => (format!("Error in configuration: {text}\n"), 1),
            Self::Server(status) if status.is("Invalid") => (lined(invalid(status)), 1),
            Self::Many(all) => (all.iter().map(|failure| lined(failure.line())).collect(), 1),
            Self::Text(text) if text.starts_with("error: ") => (lined(text.clone()), 1),
            Self::Text(text) => (lined(format!("error: {text}")), 1),
            Self::Server(_) | Self::Unreachable { .. } => (lined(self.line()), 1),
        }
    }

    /// As one of several: without `error: ` before kubectl's own.
    fn line(&self) -> String {
        match self {
            Self::Server(status) if status.is("Unauthorized") => {
                format!("error: You must be logged in to the server ({})", status.message)
            }
            Self::Server(status) if status.reason.is_empty() => format!("Error from server: {}", status.message),
            Self::Server(status) => format!("Error from server ({}): {}", status.reason, status.message),
            Self::Unreachable { host, why } if why.contains("connection refused") => {
                format!("The connection to the server {host} was refused - did you specify the right host or port?")
            }
            Self::Unreachable { host, why } => format!("Unable to connect to the server: dial tcp {host}: {why}"),
            other => other.message(),
        }
    }
}

fn lined(mut text: String) -> String {
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    text
}

fn invalid(status: &Status) -> String {
    let mut text = match (status.kind.is_empty() && status.name.is_empty(), status.causes.is_empty()) {
        (true, true) if !status.message.is_empty() => format!("The request is invalid: {}", status.message),
        (true, _) => "The request is invalid".to_owned(),
        (false, _) => format!("The {} {:?} is invalid", status.kind, status.name.as_str()),
    };
    let mut causes: Vec<String> = Vec::new();
    for Cause { field, message, .. } in &status.causes {
        let cause = format!("{field}: {message}");
        if !causes.contains(&cause) {
            causes.push(cause);
        }
    }
    match causes.as_slice() {
        [] => {}
        // Whose own last line end stays.
        [one] => text.push_str(&format!(": {one}\n")),
        many => {
            text.push_str(": \n");
            many.iter().for_each(|cause| text.push_str(&format!("* {cause}\n")));
        }
    }
    text
}

impl From<Status> for Failure {
    fn from(status: Status) -> Self {
        Self::Server(Box::new(status))
    }
}

impl From<String> for Failure {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&str> for Failure {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(failure: Failure, expect: &str) {
        assert_eq!(failure.report().0, expect);
    }

    #[test]
    fn errors_of_the_server() {
        check(Status::not_found("", "pods", "x").into(), "Error from server (NotFound): pods \"x\" not found\n");
        check(
            Failure::from(Status::already_exists("", "pods", "x")).when("creating", "a.yaml"),
            "Error from server (AlreadyExists): error when creating \"a.yaml\": pods \"x\" already exists\n",
        );
        check(Status::unauthorized().into(), "error: You must be logged in to the server (Unauthorized)\n");
    }

    #[test]
    fn invalid_objects() {
        let cause = |field: &str| Cause { reason: EcoString::new(), message: "bad".into(), field: field.into() };
        check(Status::invalid("", "Pod", "x", vec![cause("a")]).into(), "The Pod \"x\" is invalid: a: bad\n");
        check(
            Status::invalid("", "Pod", "x", vec![cause("a"), cause("b")]).into(),
            "The Pod \"x\" is invalid: \n* a: bad\n* b: bad\n",
        );
    }

    #[test]
    fn several() {
        check(
            Failure::many(vec![Status::not_found("", "pods", "x").into(), "other".into()]),
            "Error from server (NotFound): pods \"x\" not found\nother\n",
        );
    }
}
