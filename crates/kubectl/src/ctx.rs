//! What a running command has at hand: the system, its flags, the kubeconfig, the API server.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::ops::Deref;
use std::rc::Rc;

use ecow::{EcoString, eco_format};
use podyard_api::{Request, Response, Target, User, Value, Verb, WatchEvent};
use podyard_kernel::{Answer, Args, Errno, Fd, Sys, Syscall};

use crate::command::Command;
use crate::discovery::Discovery;
use crate::failure::{Failure, Outcome};
use crate::flags::Flags;
use crate::kubeconfig::{self, Access};

/// A handle to all of it; a clone is another handle to the same.
#[derive(Clone)]
pub(crate) struct Ctx(Rc<Inner>);

pub(crate) struct Inner {
    pub sys: Sys,
    pub env: Args,
    pub flags: Flags,
    pub command: &'static Command,
    /// As `kubectl config view`.
    pub path: String,
    access: RefCell<Option<Rc<Access>>>,
    discovery: RefCell<Option<Rc<Discovery>>>,
    warned: RefCell<BTreeSet<EcoString>>,
    colours: Cell<Option<bool>>,
}

/// The four descriptors of a stream to a container.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Streams {
    pub input: Fd,
    pub output: Fd,
    pub error: Fd,
    pub status: Fd,
}

impl Deref for Ctx {
    type Target = Inner;
    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl Ctx {
    pub(crate) fn new(sys: Sys, env: Args, flags: Flags, command: &'static Command, path: String) -> Self {
        Self(Rc::new(Inner {
            sys,
            env,
            flags,
            command,
            path,
            access: RefCell::default(),
            discovery: RefCell::default(),
            warned: RefCell::default(),
            colours: Cell::new(None),
        }))
    }

    pub(crate) fn args(&self) -> &[EcoString] {
        &self.flags.args
    }

    /// Prints to standard output.
    pub(crate) async fn out(&self, text: impl AsRef<str>) {
        self.sys.print(text).await;
    }

    /// Prints to standard error.
    pub(crate) async fn err(&self, text: impl AsRef<str>) {
        self.sys.eprint(text).await;
    }

    /// Prints a warning of kubectl's own.
    pub(crate) async fn warn(&self, text: &str) {
        self.err(format!("Warning: {text}\n")).await;
    }

    /// Prints a line of kubectl's own log: severity, `file.go:line`, message.
    // Models k8s.io/klog/v2 header
    pub(crate) async fn log(&self, severity: char, place: &str, message: &str) {
        let now = self.sys.now().await;
        let (_, month, day, hour, minute, second) = now.parts();
        let micros = now.as_micros() % 1_000_000;
        let pid = match self.sys.call(Syscall::GetPid).await {
            Answer::Pid(pid) => pid.0,
            _ => 1,
        };
        let time = format!("{month:02}{day:02} {hour:02}:{minute:02}:{second:02}.{micros:06}");
        self.err(format!("{severity}{time} {pid:>7} {place}] {message}\n")).await;
    }

    /// What kubectl says of a wrong use of the command.
    // Models staging/src/k8s.io/kubectl/pkg/cmd/util/helpers.go UsageErrorf
    pub(crate) fn usage(&self, text: impl AsRef<str>) -> Failure {
        Failure::Text(format!("{}\nSee '{} -h' for help and examples", text.as_ref(), self.path))
    }

    /// Where the API is and as whom to ask, from the kubeconfig and the flags.
    pub(crate) async fn access(&self) -> Outcome<Rc<Access>> {
        let known = self.access.borrow().clone();
        if let Some(access) = known {
            return Ok(access);
        }
        let access = Rc::new(kubeconfig::access(self).await?);
        *self.access.borrow_mut() = Some(access.clone());
        Ok(access)
    }

    /// The namespace to work in.
    pub(crate) async fn namespace(&self) -> Outcome<EcoString> {
        Ok(self.access().await?.namespace.clone())
    }

    /// The resources that the server knows.
    pub(crate) async fn discovery(&self) -> Outcome<Rc<Discovery>> {
        let known = self.discovery.borrow().clone();
        if let Some(discovery) = known {
            return Ok(discovery);
        }
        let discovery = Rc::new(Discovery::fetch(self).await?);
        *self.discovery.borrow_mut() = Some(discovery.clone());
        Ok(discovery)
    }

    /// A request as the flags and the kubeconfig say.
    pub(crate) fn request(&self, verb: Verb, target: Target) -> Request {
        let mut request = Request::new(User::default(), verb, target);
        request.field_manager = "kubectl".into();
        let name = self.flags.global("as");
        let groups = self.flags.list("as-group");
        if !name.is_empty() || !groups.is_empty() {
            request.impersonate =
                Some(User { name, groups: groups.into_iter().collect(), uid: self.flags.text("as-uid") });
        }
        request
    }

    /// Sends a request, prints the server's warnings, and gives the body of a success.
    pub(crate) async fn send(&self, request: Request) -> Outcome<Value> {
        Ok(self.exchange(request).await?.into_result()?)
    }

    /// Sends a request and prints the server's warnings.
    pub(crate) async fn exchange(&self, request: Request) -> Outcome<Response> {
        self.connect().await?;
        let response = match self.sys.call(Syscall::Api(Box::new(request))).await {
            Answer::Response(response) => *response,
            answer => return Err(self.unreachable(&answer).await),
        };
        self.print_warnings(&response).await;
        Ok(response)
    }

    /// Gets the text or object at a path of the server.
    pub(crate) async fn get_path(&self, path: &str) -> Outcome<Value> {
        self.send(self.request(Verb::Get, Target::Path(path.into()))).await
    }

    /// Begins to watch.
    pub(crate) async fn watch(&self, request: Request) -> Outcome<Fd> {
        self.connect().await?;
        match self.sys.call(Syscall::Watch(Box::new(request))).await {
            Answer::Fd(fd) => Ok(fd),
            Answer::Response(response) => match response.into_result() {
                Err(status) => Err(status.into()),
                Ok(_) => Err("the server did not begin a watch".into()),
            },
            answer => Err(self.unreachable(&answer).await),
        }
    }

    /// The next event of a watch; `None` when it has ended.
    pub(crate) async fn next_event(&self, watch: Fd) -> Option<WatchEvent> {
        match self.sys.call(Syscall::NextEvent(watch)).await {
            Answer::Event(event) => Some(*event),
            _ => None,
        }
    }

    /// Opens a stream to a container.
    pub(crate) async fn stream(&self, request: Request) -> Outcome<Streams> {
        self.connect().await?;
        match self.sys.call(Syscall::Stream(Box::new(request))).await {
            Answer::Streams { input, output, error, status } => Ok(Streams { input, output, error, status }),
            Answer::Response(response) => {
                self.print_warnings(&response).await;
                match response.into_result() {
                    Err(status) => Err(status.into()),
                    Ok(_) => Err("the server did not open a stream".into()),
                }
            }
            answer => Err(self.unreachable(&answer).await),
        }
    }

    /// Fails if the address that the kubeconfig names does not answer. A server at its usual address is not
    /// tried first: the request itself will tell.
    async fn connect(&self) -> Outcome {
        let access = self.access().await?;
        let Some((address, port)) = access.unusual_address() else {
            return Ok(());
        };
        match self.sys.call(Syscall::Connect { address, port }).await {
            Answer::Fd(fd) => {
                self.sys.close(fd).await;
                Ok(())
            }
            answer => Err(self.unreachable(&answer).await),
        }
    }

    async fn unreachable(&self, answer: &Answer) -> Failure {
        let host = match self.access().await {
            Ok(access) => access.host(),
            Err(failure) => return failure,
        };
        let why: EcoString = match answer {
            Answer::Error(Errno::NoName) => {
                let name = host.rsplit_once(':').map_or(host.as_str(), |(name, _)| name);
                eco_format!("lookup {name}: no such host")
            }
            Answer::Error(Errno::TimedOut) => "i/o timeout".into(),
            Answer::Error(Errno::Unreachable) => "connect: no route to host".into(),
            _ => "connect: connection refused".into(),
        };
        Failure::Unreachable { host, why }
    }

    async fn print_warnings(&self, response: &Response) {
        for warning in &response.warnings {
            if !self.warned.borrow_mut().insert(warning.clone()) {
                continue;
            }
            let label = if self.colours().await { "\u{1b}[33;1mWarning:\u{1b}[0m" } else { "Warning:" };
            self.err(format!("{label} {warning}\n")).await;
        }
    }

    /// Whether standard error shows colours.
    async fn colours(&self) -> bool {
        if let Some(known) = self.colours.get() {
            return known;
        }
        let plain = self.env.var("TERM") == Some("dumb") || self.env.var("NO_COLOR").is_some_and(|v| !v.is_empty());
        let colours = !plain && self.sys.is_terminal(2).await;
        self.colours.set(Some(colours));
        colours
    }
}
