//! Programs written as straight-line `async fn`s over a syscall handle.
//!
//! Their state, as data, is their arguments and the answers they have had. The live future is only a cache: a copy
//! of the process, or one that was loaded, makes it anew by giving it those answers once more.

use std::cell::RefCell;
use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use ecow::EcoString;
use podyard_api::{Request, Response, Value};
use podyard_sim::Time;
use serde::{Deserialize, Serialize};

use crate::{Answer, Args, Bytes, Errno, Fd, OpenMode, Syscall};

/// The entry of a straight-line program. It must depend on nothing but its arguments and the answers of `sys`.
pub trait Main: 'static {
    /// Runs the program; its output is the exit status.
    fn run(sys: Sys, args: Args) -> impl Future<Output = u8> + 'static;
}

/// A process that runs `M`.
#[derive(Serialize, Deserialize)]
#[serde(bound = "")]
pub struct Script<M> {
    args: Args,
    answers: Vec<Answer>,
    #[serde(skip, default = "no_future")]
    live: Option<Live>,
    #[serde(skip)]
    main: PhantomData<fn() -> M>,
}

/// How many answers a script may have had: beyond it is stopped, as its copy could not be made in reasonable time.
const MAX_ANSWERS: usize = 1 << 18;

struct Live {
    future: Pin<Box<dyn Future<Output = u8>>>,
    sys: Sys,
}

fn no_future() -> Option<Live> {
    None
}

/// The handle by which a script asks for things.
#[derive(Clone, Default)]
pub struct Sys(Rc<RefCell<Mailbox>>);

#[derive(Default)]
struct Mailbox {
    call: Option<Syscall>,
    answer: Option<Answer>,
    restart: Option<Value>,
}

impl<M: Main> Script<M> {
    pub fn new(args: Args) -> Self {
        Self { args, answers: Vec::new(), live: None, main: PhantomData }
    }

    /// One step of the kernel's [`Program`](crate::Program).
    pub fn step(&mut self, answer: Answer) -> Syscall {
        if self.answers.len() >= MAX_ANSWERS {
            return Syscall::Exit(137);
        }
        let mut live = self.live.take().unwrap_or_else(|| self.replay());
        let mut call = advance(&mut live, answer.clone());
        self.answers.push(answer);
        let restart = live.sys.0.borrow_mut().restart.take();
        if let Some(state) = restart {
            self.args.state = state;
            self.answers = vec![Answer::Started];
            live = self.start();
            call = advance(&mut live, Answer::Started);
        }
        self.live = Some(live);
        call
    }

    fn start(&self) -> Live {
        let sys = Sys::default();
        Live { future: Box::pin(M::run(sys.clone(), self.args.clone())), sys }
    }

    /// The future as it stands after all answers so far.
    fn replay(&self) -> Live {
        let mut live = self.start();
        for answer in &self.answers {
            advance(&mut live, answer.clone());
        }
        live
    }
}

/// Gives the future an answer and runs it to its next call.
fn advance(live: &mut Live, answer: Answer) -> Syscall {
    live.sys.0.borrow_mut().answer = Some(answer);
    let mut context = Context::from_waker(Waker::noop());
    match live.future.as_mut().poll(&mut context) {
        Poll::Ready(status) => Syscall::Exit(status),
        Poll::Pending => live.sys.0.borrow_mut().call.take().unwrap_or(Syscall::Yield),
    }
}

impl<M> Clone for Script<M> {
    fn clone(&self) -> Self {
        Self { args: self.args.clone(), answers: self.answers.clone(), live: None, main: PhantomData }
    }
}

impl<M> fmt::Debug for Script<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Script").field("argv", &self.args.argv).field("answers", &self.answers.len()).finish()
    }
}

/// Waits for the answer to the call just made.
struct Pending<'a>(&'a Sys, bool);

impl Future for Pending<'_> {
    type Output = Answer;
    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Answer> {
        // The first poll belongs to the step that made the call; its answer comes with the next one.
        if !std::mem::replace(&mut self.1, true) {
            return Poll::Pending;
        }
        self.0.0.borrow_mut().answer.take().map_or(Poll::Pending, Poll::Ready)
    }
}

impl Sys {
    /// Makes a call and waits for its answer.
    pub async fn call(&self, call: Syscall) -> Answer {
        {
            let mut mailbox = self.0.borrow_mut();
            mailbox.answer = None;
            mailbox.call = Some(call);
        }
        Pending(self, false).await
    }

    /// Begins the program anew with `state` in its [`Args`], forgetting the answers so far: for programs that run
    /// for long. Open descriptors stay.
    pub async fn restart(&self, state: Value) -> ! {
        self.0.borrow_mut().restart = Some(state);
        loop {
            Pending(self, false).await;
        }
    }

    async fn done(&self, call: Syscall) -> Result<(), Errno> {
        match self.call(call).await {
            Answer::Error(errno) => Err(errno),
            _ => Ok(()),
        }
    }

    /// Writes bytes; a broken pipe has already killed most programs before this returns.
    pub async fn write(&self, fd: Fd, bytes: impl AsRef<[u8]>) -> Result<(), Errno> {
        let bytes = bytes.as_ref();
        if bytes.is_empty() {
            return Ok(());
        }
        self.done(Syscall::Write { fd, bytes: Bytes::from(bytes) }).await
    }

    /// Writes to standard output.
    pub async fn print(&self, text: impl AsRef<str>) {
        // A program whose output is gone is told so by its signal.
        let _ = self.write(1, text.as_ref()).await;
    }

    /// Writes to standard error.
    pub async fn eprint(&self, text: impl AsRef<str>) {
        let _ = self.write(2, text.as_ref()).await;
    }

    /// The next bytes of a descriptor; empty at the end.
    pub async fn read(&self, fd: Fd, max: usize) -> Result<Bytes, Errno> {
        match self.call(Syscall::Read { fd, max }).await {
            Answer::Bytes(bytes) => Ok(bytes),
            Answer::Error(errno) => Err(errno),
            _ => Ok(Bytes::new()),
        }
    }

    /// All that is left in a descriptor.
    pub async fn read_all(&self, fd: Fd) -> Result<Vec<u8>, Errno> {
        let mut all = Vec::new();
        loop {
            let bytes = self.read(fd, 1 << 16).await?;
            if bytes.is_empty() {
                return Ok(all);
            }
            all.extend_from_slice(&bytes);
        }
    }

    pub async fn open(&self, path: &str, mode: OpenMode) -> Result<Fd, Errno> {
        match self.call(Syscall::Open { path: path.into(), mode }).await {
            Answer::Fd(fd) => Ok(fd),
            Answer::Error(errno) => Err(errno),
            _ => Err(Errno::Io),
        }
    }

    pub async fn close(&self, fd: Fd) {
        let _ = self.call(Syscall::Close(fd)).await;
    }

    /// A whole file.
    pub async fn read_file(&self, path: &str) -> Result<Vec<u8>, Errno> {
        let fd = self.open(path, OpenMode::READ).await?;
        let bytes = self.read_all(fd).await;
        self.close(fd).await;
        bytes
    }

    /// Replaces a whole file.
    pub async fn write_file(&self, path: &str, bytes: impl AsRef<[u8]>) -> Result<(), Errno> {
        let fd = self.open(path, OpenMode::WRITE).await?;
        let written = self.write(fd, bytes).await;
        self.close(fd).await;
        written
    }

    pub async fn now(&self) -> Time {
        match self.call(Syscall::Now).await {
            Answer::Time(time) => time,
            _ => Time::default(),
        }
    }

    /// Waits; `false` if a caught signal ended the wait.
    pub async fn sleep_until(&self, time: Time) -> bool {
        !matches!(self.call(Syscall::SleepUntil(time)).await, Answer::Interrupted(_))
    }

    /// One API request.
    pub async fn api(&self, request: Request) -> Response {
        match self.call(Syscall::Api(Box::new(request))).await {
            Answer::Response(response) => *response,
            _ => Response { code: 0, body: Value::Null, warnings: ecow::EcoVec::new() },
        }
    }

    pub async fn is_terminal(&self, fd: Fd) -> bool {
        matches!(self.call(Syscall::IsTerminal(fd)).await, Answer::Flag(true))
    }

    /// The working directory.
    pub async fn working_dir(&self) -> EcoString {
        match self.call(Syscall::WorkingDir).await {
            Answer::Text(path) => path,
            _ => "/".into(),
        }
    }
}
