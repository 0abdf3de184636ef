//! What comes from the engine: answers, news, and its death.

use js_sys::Array;
use podyard_view::{Envelope, Input, PROTOCOL, ToPage};

use super::{Desk, Question};
use crate::bridge;
use crate::session::Session;
use crate::state::{Action, NoticeKind, Phase};

impl Desk {
    /// Takes a batch of messages, as JSON texts.
    pub(super) fn take_all(&self, messages: &Array) {
        for message in messages.iter() {
            if self.is_closed() {
                return;
            }
            let text = message.as_string().unwrap_or_default();
            match serde_json::from_str::<Envelope<ToPage>>(&text) {
                Ok(envelope) if envelope.protocol == PROTOCOL => self.take(envelope.id, envelope.body),
                _ => self.dispatch(Action::Phase(Phase::Broken(
                    "The page and the simulator are of different releases. Load the page again.".to_owned(),
                ))),
            }
        }
    }

    fn take(&self, id: u64, message: ToPage) {
        let question = self.with(|state| state.questions.remove(&id));
        // Until the exercise is open, whatever arrives belongs to the session before.
        let open = self.with(|state| state.open);
        match message {
            ToPage::Ready | ToPage::Modelled { .. } => {}
            ToPage::Opened { .. } if question == Some(Question::Open) => self.opened(message),
            ToPage::Failed { message } => self.failed(question, message),
            _ if !open => {}
            ToPage::Opened { .. } => {}
            ToPage::Terminal { console, text } => bridge::terminal_write(console, &text),
            ToPage::Accepted { logged } => {
                self.with(|state| {
                    state.session.accepted(logged);
                    state.keeping.input_taken();
                });
                self.pump();
            }
            ToPage::Saved { checkpoint, sequence } => self.checkpointed(checkpoint, sequence),
            ToPage::Clock { clock } => {
                self.with(|state| state.session.clock(clock.now_ms));
                self.dispatch(Action::Engine(ToPage::Clock { clock }));
            }
            ToPage::Checked { .. } => {
                bridge::engine_calm();
                self.dispatch(Action::Engine(message));
            }
            ToPage::WhyTable { ref table } => {
                if let Some(table) = table {
                    self.with(|state| state.watched.seen(table));
                    self.dispatch(Action::Engine(message));
                    self.ask_why();
                }
            }
            ToPage::Consoles { .. }
            | ToPage::Map { .. }
            | ToPage::Progress { .. }
            | ToPage::Inspected { .. }
            | ToPage::Explained { .. } => {
                self.dispatch(Action::Engine(message));
            }
        }
    }

    fn opened(&self, message: ToPage) {
        bridge::engine_calm();
        let sizes = self.with(|state| {
            state.open = true;
            state.sizes.clone()
        });
        for &console in sizes.keys() {
            bridge::terminal_reset(console);
        }
        self.dispatch(Action::Engine(message));
        for (console, (columns, rows)) in sizes {
            self.input(Input::Resize { console, columns, rows });
        }
        self.pump();
        self.refresh_inspector();
    }

    fn failed(&self, question: Option<Question>, message: String) {
        match question {
            Some(Question::Open) => self.could_not_open(message),
            Some(Question::Inspect) => self.dispatch(Action::InspectFailed(message)),
            Some(Question::Check) => {
                bridge::engine_calm();
                self.dispatch(Action::Checking(None));
                self.notify(NoticeKind::Failed(message));
            }
            Some(Question::Save | Question::WhyTable | Question::Why) => {}
            None => self.notify(NoticeKind::Failed(message)),
        }
    }

    /// The engine refused to open the exercise: because of what was stored, or because of the exercise itself.
    fn could_not_open(&self, message: String) {
        if self.with(|state| state.session.saved().is_none()) {
            self.dispatch(Action::Phase(Phase::Broken(message)));
            return;
        }
        let desk = self.clone();
        wasm_bindgen_futures::spawn_local(async move {
            desk.set_aside(true, false).await;
            let seed = desk.fresh_seed();
            desk.with(|state| state.session = Session::fresh(seed));
            desk.send_open();
        });
    }

    /// The engine died: starts another one from where the session can go on, and shows back what it will not run again.
    pub(super) fn engine_died(&self, reason: &str) {
        if self.is_closed() {
            return;
        }
        let (recovery, hopeless, give_up_record) = self.with(|state| {
            let asked = state.asks(Question::Check)
                || state.asks(Question::Inspect)
                || state.asks(Question::WhyTable)
                || state.asks(Question::Why);
            state.watched.known = 0;
            state.questions.clear();
            state.open = false;
            state.keeping.failed();
            let recovery = state.session.recover(asked);
            (recovery, state.session.is_hopeless(), state.session.gave_up_record())
        });
        self.dispatch(Action::Checking(None));
        if hopeless {
            self.dispatch(Action::Phase(Phase::Broken(reason.to_owned())));
            return;
        }
        self.dispatch(Action::Phase(Phase::Recovering));
        self.notify(NoticeKind::Recovered { shown_back: recovery.shown_back });
        let desk = self.clone();
        wasm_bindgen_futures::spawn_local(async move {
            if give_up_record {
                desk.set_aside(false, false).await;
            }
            desk.start_engine();
            desk.send_open();
        });
    }
}
