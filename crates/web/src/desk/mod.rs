//! The desk between the page and the engine: opens an exercise, sends what the learner does, keeps the session.
//!
//! It holds no borrow of its state across a call into the browser, since such a call may come back.

mod incoming;
mod keeping;
mod reasons;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use gloo::timers::callback::Interval;
use js_sys::{Array, Function};
use podyard_view::{ClockControl, Envelope, Input, ObjectRef, ScenarioSource, ToEngine};
use wasm_bindgen::prelude::*;
use yew::UseReducerDispatcher;

use crate::bridge;
use crate::session::Session;
use crate::state::{Action, Checking, LabState, NoticeKind, Phase};
use keeping::Keeping;
use reasons::Watched;

/// How long the engine may take to open an exercise or to judge it before it counts as dead, in milliseconds.
const OPENING: f64 = 60_000.0;
const JUDGING: f64 = 30_000.0;

/// The desk of one exercise. Clones are the same desk.
#[derive(Clone)]
pub(crate) struct Desk(Rc<Shared>);

struct Shared {
    path: String,
    wanted_seed: Option<u64>,
    dispatch: UseReducerDispatcher<LabState>,
    state: RefCell<State>,
    /// What the browser calls; dropped when the desk is closed.
    callbacks: RefCell<Option<Callbacks>>,
}

/// What the desk remembers between two events.
#[derive(Default)]
struct State {
    session: Session,
    scenario_json: String,
    /// The engine has opened the exercise and takes inputs.
    open: bool,
    /// The desk is closed, and whatever still arrives is late.
    closed: bool,
    last_question: u64,
    questions: BTreeMap<u64, Question>,
    inspected: Option<ObjectRef>,
    watched: Watched,
    sizes: BTreeMap<u32, (u16, u16)>,
    /// What the page says is left of a paste, in bytes.
    shown_waiting: usize,
    keeping: Keeping,
}

/// What was asked of the engine and is not answered yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Question {
    Open,
    Save,
    Check,
    Inspect,
    WhyTable,
    Why,
}

struct Callbacks {
    messages: Closure<dyn FnMut(Array)>,
    failure: Closure<dyn FnMut(String)>,
    lost: Closure<dyn FnMut()>,
    _leave: Closure<dyn FnMut()>,
    forget_leave: Function,
    _every_second: Interval,
}

impl PartialEq for Desk {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl Desk {
    /// A desk for the exercise at `path`; nothing happens before [`Desk::open`].
    pub(crate) fn new(path: &str, wanted_seed: Option<u64>, dispatch: UseReducerDispatcher<LabState>) -> Self {
        Self(Rc::new(Shared {
            path: path.to_owned(),
            wanted_seed,
            dispatch,
            state: RefCell::default(),
            callbacks: RefCell::default(),
        }))
    }

    /// Opens the exercise, as it was left if it was. With `take_over`, also when another tab has it open.
    pub(crate) fn open(&self, take_over: bool) {
        // The terminals may have told their sizes already.
        self.with(|state| *state = State { sizes: std::mem::take(&mut state.sizes), ..State::default() });
        self.listen();
        let desk = self.clone();
        wasm_bindgen_futures::spawn_local(async move {
            if let Err(why) = desk.try_open(take_over).await {
                desk.dispatch(Action::Phase(Phase::Broken(why)));
            }
        });
    }

    async fn try_open(&self, take_over: bool) -> Result<(), String> {
        let path = &self.0.path;
        let lost = self.with_callbacks(|callbacks| callbacks.lost.as_ref().unchecked_ref::<Function>().clone());
        let Some(lost) = lost else { return Ok(()) };
        if !bridge::lock_take(path, take_over, &lost).await {
            self.dispatch(Action::Phase(Phase::Elsewhere));
            return Ok(());
        }
        if self.is_closed() {
            bridge::lock_release(path);
            return Ok(());
        }
        self.dispatch(Action::Phase(Phase::Loading));
        let session = self.stored_session().await;
        let scenario_json = bridge::fetch_text(&format!("scenarios/{path}.json")).await?;
        if self.is_closed() {
            return Ok(());
        }
        self.with(|state| {
            state.scenario_json = scenario_json;
            state.session = session;
        });
        self.start_engine();
        self.send_open();
        Ok(())
    }

    /// Leaves the exercise: keeps the session and ends the engine.
    pub(crate) fn close(&self) {
        self.keep_late();
        let was_closed = self.with(|state| std::mem::replace(&mut state.closed, true));
        if was_closed {
            return;
        }
        bridge::engine_stop();
        bridge::lock_release(&self.0.path);
        if let Some(callbacks) = self.0.callbacks.borrow_mut().take() {
            let _ = callbacks.forget_leave.call0(&JsValue::NULL);
            // A callback may be what is running now, so that the closures have to outlive it.
            gloo::timers::callback::Timeout::new(0, move || drop(callbacks)).forget();
        }
    }

    /// Sends what the learner did, as soon as there is room for it.
    pub(crate) fn input(&self, input: Input) {
        self.with(|state| state.session.push(input));
        self.pump();
    }

    /// Text typed or pasted into a console.
    pub(crate) fn type_text(&self, console: u32, text: String) {
        self.input(Input::Terminal { console, text });
    }

    /// Opens a console tab.
    pub(crate) fn open_console(&self, console: u32) {
        self.dispatch(Action::OpenConsole(console));
        self.input(Input::OpenConsole { console });
    }

    /// Closes a console tab.
    pub(crate) fn close_console(&self, console: u32) {
        self.with(|state| state.sizes.remove(&console));
        self.dispatch(Action::CloseConsole(console));
        self.input(Input::CloseConsole { console });
    }

    /// Shows a console tab.
    pub(crate) fn show_console(&self, console: u32) {
        self.dispatch(Action::ShowConsole(console));
    }

    /// A control of the clock bar was used.
    pub(crate) fn clock(&self, control: ClockControl) {
        self.input(Input::Clock { control });
    }

    /// A console's terminal has a new size, which the engine hears once it is open.
    pub(crate) fn resize(&self, console: u32, columns: u16, rows: u16) {
        let changed = self.with(|state| state.sizes.insert(console, (columns, rows)) != Some((columns, rows)));
        if changed && self.with(|state| state.open) {
            self.input(Input::Resize { console, columns, rows });
        }
    }

    /// Judges a task, or all of them.
    pub(crate) fn check(&self, task: Option<String>) {
        if self.with(|state| !state.open || state.asks(Question::Check)) {
            return;
        }
        self.dispatch(Action::Checking(Some(task.clone().map_or(Checking::All, Checking::Task))));
        self.ask(Question::Check, ToEngine::Check { task }, JUDGING);
    }

    /// Opens the inspector on an object, or closes it.
    pub(crate) fn inspect(&self, object: Option<ObjectRef>) {
        self.with(|state| state.inspected = object.clone());
        self.dispatch(Action::Inspect(object));
        self.cancel(Question::Inspect);
        self.refresh_inspector();
    }

    /// Starts the exercise again from its beginning and forgets the session so far.
    pub(crate) fn restart(&self) {
        let desk = self.clone();
        wasm_bindgen_futures::spawn_local(async move {
            bridge::record_remove(&desk.0.path).await;
            let seed = desk.fresh_seed();
            desk.with(|state| {
                state.session = Session::fresh(seed);
                state.questions.clear();
                state.inspected = None;
                state.watched.known = 0;
                state.watched.asked = None;
            });
            desk.dispatch(Action::Restarted);
            desk.send_open();
        });
    }

    /// Takes a notice away.
    pub(crate) fn dismiss(&self, notice: u32) {
        self.dispatch(Action::Dismiss(notice));
    }

    fn listen(&self) {
        if self.0.callbacks.borrow().is_some() {
            return;
        }
        let desk = self.clone();
        let messages = Closure::new(move |messages: Array| desk.take_all(&messages));
        let desk = self.clone();
        let failure = Closure::new(move |reason: String| desk.engine_died(&reason));
        let desk = self.clone();
        let lost = Closure::new(move || desk.taken_away());
        let desk = self.clone();
        let leave: Closure<dyn FnMut()> = Closure::new(move || desk.keep_late());
        let forget_leave = bridge::on_leave(leave.as_ref().unchecked_ref());
        let desk = self.clone();
        let every_second = Interval::new(1000, move || desk.every_second());
        *self.0.callbacks.borrow_mut() =
            Some(Callbacks { messages, failure, lost, _leave: leave, forget_leave, _every_second: every_second });
    }

    fn start_engine(&self) {
        let functions = self.with_callbacks(|callbacks| {
            let messages: &Function = callbacks.messages.as_ref().unchecked_ref();
            let failure: &Function = callbacks.failure.as_ref().unchecked_ref();
            (messages.clone(), failure.clone())
        });
        if let Some((messages, failure)) = functions {
            bridge::engine_start(&messages, &failure);
        }
    }

    /// Sends `Open` for the session as it stands.
    fn send_open(&self) {
        let (scenario, seed, saved) = self.with(|state| {
            state.open = false;
            let scenario = ScenarioSource { path: self.0.path.clone(), json: state.scenario_json.clone() };
            (Box::new(scenario), state.session.seed, state.session.saved())
        });
        self.ask(Question::Open, ToEngine::Open { scenario, seed, saved }, OPENING);
    }

    /// Sends inputs while there is room for them.
    fn pump(&self) {
        while let Some((sequence, input)) = self.with(|state| state.next_input()) {
            post(0, ToEngine::Input { sequence, input }, 0.0);
        }
        let (waiting, shown) = self.with(|state| {
            let waiting = if state.open { state.session.waiting_bytes() } else { 0 };
            (waiting, std::mem::replace(&mut state.shown_waiting, waiting))
        });
        if waiting != shown {
            self.dispatch(Action::Pasting(waiting));
        }
    }

    fn ask(&self, question: Question, body: ToEngine, patience_ms: f64) {
        let id = self.with(|state| {
            state.last_question += 1;
            state.questions.insert(state.last_question, question);
            state.last_question
        });
        post(id, body, patience_ms);
    }

    fn cancel(&self, question: Question) {
        let cancelled = self.with(|state| {
            let ids: Vec<u64> = state.ids_of(question);
            ids.iter().for_each(|id| {
                state.questions.remove(id);
            });
            ids
        });
        for question in cancelled {
            post(0, ToEngine::Cancel { question }, 0.0);
        }
    }

    fn refresh_inspector(&self) {
        let wanted = self.with(|state| {
            let free = state.open && !state.asks(Question::Inspect);
            state.inspected.clone().filter(|_| free)
        });
        if let Some(object) = wanted {
            self.ask(Question::Inspect, ToEngine::Inspect { object }, 0.0);
        }
    }

    fn every_second(&self) {
        if self.is_closed() {
            return;
        }
        let seconds = self.with(|state| {
            state.keeping.seconds += 1;
            state.keeping.seconds
        });
        if seconds.is_multiple_of(2) {
            self.refresh_inspector();
        }
        self.refresh_why();
        self.keep();
    }

    /// Another tab has taken the exercise over.
    fn taken_away(&self) {
        if !self.is_closed() {
            self.dispatch(Action::Phase(Phase::TakenAway));
            self.close();
        }
    }

    fn fresh_seed(&self) -> u64 {
        self.0.wanted_seed.unwrap_or_else(|| (js_sys::Math::random() * f64::from(u32::MAX)) as u64)
    }

    fn notify(&self, kind: NoticeKind) {
        self.dispatch(Action::Notify(kind));
    }

    fn dispatch(&self, action: Action) {
        self.0.dispatch.dispatch(action);
    }

    fn is_closed(&self) -> bool {
        self.with(|state| state.closed)
    }

    /// Looks at or changes what the desk remembers. `body` must not call the browser.
    fn with<T>(&self, body: impl FnOnce(&mut State) -> T) -> T {
        body(&mut self.0.state.borrow_mut())
    }

    fn with_callbacks<T>(&self, body: impl FnOnce(&Callbacks) -> T) -> Option<T> {
        self.0.callbacks.borrow().as_ref().map(body)
    }
}

impl State {
    fn next_input(&mut self) -> Option<(u64, Input)> {
        if self.open { self.session.next_to_send() } else { None }
    }

    fn asks(&self, question: Question) -> bool {
        self.questions.values().any(|open| *open == question)
    }

    fn ids_of(&self, question: Question) -> Vec<u64> {
        self.questions.iter().filter(|(_, open)| **open == question).map(|(id, _)| *id).collect()
    }
}

fn post(id: u64, body: ToEngine, patience_ms: f64) {
    if let Ok(json) = serde_json::to_string(&Envelope::new(id, body)) {
        bridge::engine_post(&json, patience_ms);
    }
}
