//! The engine as a wasm module in a Web Worker: JSON texts in, JSON texts out, a few milliseconds at a time.
//!
//! The worker's script gives the turns and measures real time (`www/src/engine.worker.js`); nothing here waits.

mod outbox;

use podyard_lab::Lab;
use podyard_lab::view::{Envelope, ToEngine, ToPage};
use wasm_bindgen::prelude::*;

use outbox::Outbox;

/// How many steps of the engine are done between two looks at the clock, which costs as much as a small step.
const STEPS_A_LOOK: u32 = 8;

/// The engine, as the worker's script sees it.
#[wasm_bindgen]
#[derive(Default)]
pub struct Engine {
    lab: Lab,
    outbox: Outbox,
}

#[wasm_bindgen]
impl Engine {
    /// An engine with nothing open. Panics of this module are told to the script from here on.
    #[wasm_bindgen(constructor)]
    pub fn new() -> Self {
        std::panic::set_hook(Box::new(|info| {
            let _ = js_sys::Reflect::set(&js_sys::global(), &"podyardPanic".into(), &info.to_string().into());
            console_error_panic_hook::hook(info);
        }));
        Self::default()
    }

    /// The first message: the module has loaded.
    pub fn ready(&mut self) -> Vec<String> {
        self.outbox.take(vec![Envelope::new(0, ToPage::Ready)])
    }

    /// Takes one message and answers what it brings about at once.
    pub fn handle(&mut self, json: &str) -> Vec<String> {
        let answers = match serde_json::from_str::<Envelope<ToEngine>>(json) {
            Ok(envelope) => self.lab.handle(envelope),
            Err(error) => {
                let message = format!("a message could not be read: {error}");
                vec![Envelope::new(0, ToPage::Failed { message })]
            }
        };
        self.outbox.take(answers)
    }

    /// Lets virtual time move on: real time has passed, in milliseconds.
    pub fn tick(&mut self, elapsed_ms: f64) -> Vec<String> {
        let answers = self.lab.handle(Envelope::new(0, ToEngine::Tick { elapsed_ms }));
        self.outbox.take(answers)
    }

    /// Works until nothing is due or the budget (milliseconds, as `now` counts them) is used up.
    pub fn turn(&mut self, now: &js_sys::Function, budget_ms: f64) -> Vec<String> {
        let clock = || now.call0(&JsValue::NULL).ok().and_then(|time| time.as_f64()).unwrap_or(f64::MAX);
        let end = clock() + budget_ms;
        let mut steps = 0;
        let answers = self.lab.turn(&mut || {
            steps += 1;
            steps % STEPS_A_LOOK != 0 || clock() < end
        });
        self.outbox.take(answers)
    }

    /// Whether a turn would find something to do.
    pub fn is_busy(&self) -> bool {
        self.lab.is_busy()
    }

    /// Whether virtual time runs.
    pub fn is_playing(&self) -> bool {
        self.outbox.is_playing()
    }

    /// How many characters of terminal output were sent so far, as JavaScript counts them.
    pub fn terminal_chars(&self) -> f64 {
        self.outbox.terminal_chars()
    }
}
