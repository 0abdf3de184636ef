//! One open session: its inputs, its clock, and what the page must be told.

use std::time::Duration;

use podyard_cluster::{State as _, Time, Timeline, presets};
use podyard_scenario::Scenario;
use podyard_view::{
    ClockControl, ClockView, Input, LabView, LoggedInput, MAX_CONSOLES, RewindPoint, SavedSession, ScenarioSource,
    TaskView, ToEngine, ToPage,
};

use crate::checking;
use crate::map::MapFeed;
use crate::probe;
use crate::state::{Progress, State};
use crate::why;

/// A scenario with its cluster, and where the page's views of it stand.
pub(crate) struct Session {
    path: String,
    scenario: Scenario,
    state: State,
    timeline: Timeline<State>,
    /// How far virtual time may run.
    target: Time,
    playing: bool,
    speed: f64,
    /// Real time below a millisecond, carried over.
    fraction_ms: f64,
    last_sequence: u64,
    /// What is being typed into each console, for the labels of rewind points.
    typed: Vec<(u32, String)>,
    map: MapFeed,
    shown_consoles: Vec<u32>,
    shown_clock: Option<ClockView>,
}

const COLUMNS: u16 = 80;
const ROWS: u16 = 24;
/// The speeds that can be set, in virtual seconds a second.
const SPEEDS: (f64, f64) = (0.1, 1000.0);
/// How far virtual time may lag behind what was asked before it is let go of.
const MAX_LAG: Duration = Duration::from_secs(10);
/// What one types in a test build to see how the page brings back a dead engine; unknown to the shell.
const PANIC_COMMAND: &str = "podyard-panic";
/// How far time runs for a line typed while it stands still, and for any other key.
const ANSWER: Duration = Duration::from_millis(300);
const ECHO: Duration = Duration::from_millis(2);
/// How far one step of the clock looks for something that happens.
const MAX_STEP: Duration = Duration::from_secs(3600);

impl Session {
    /// Opens a scenario from its beginning or from a saved session; answers the messages that set up the page.
    pub(crate) fn open(
        source: &ScenarioSource,
        seed: u64,
        saved: Option<SavedSession>,
    ) -> Result<(Self, Vec<ToPage>), String> {
        let scenario = Scenario::from_json(&source.json)?;
        let checkpoint = saved.as_ref().and_then(|saved| saved.checkpoint.as_deref());
        let state = match checkpoint {
            Some(text) => State::load(text)?,
            None => State { cluster: fresh(&scenario, seed)?, progress: Progress::default() },
        };
        let mut session = Self {
            path: source.path.clone(),
            target: state.now(),
            state,
            scenario,
            timeline: Timeline::default(),
            playing: true,
            speed: 1.0,
            fraction_ms: 0.0,
            last_sequence: 0,
            typed: Vec::new(),
            map: MapFeed::default(),
            shown_consoles: Vec::new(),
            shown_clock: None,
        };
        session.timeline.mark(&session.state, "the beginning");
        if let Some(saved) = saved {
            session.replay(saved);
        }
        let mut messages = vec![ToPage::Opened { lab: session.lab_view() }];
        messages.extend(session.everything());
        Ok((session, messages))
    }

    fn replay(&mut self, saved: SavedSession) {
        for logged in saved.tail {
            self.state.run_to(self.moment(logged.at_ms));
            self.target = self.state.now();
            self.last_sequence = logged.sequence;
            self.apply(logged.input);
        }
        self.state.run_to(self.moment(saved.until_ms));
        self.target = self.state.now();
    }

    fn moment(&self, ms: u64) -> Time {
        self.state.cluster.began() + Duration::from_millis(ms)
    }

    fn ms(&self, at: Time) -> u64 {
        u64::try_from(at.since(self.state.cluster.began()).as_micros().div_ceil(1000)).unwrap_or(u64::MAX)
    }

    /// The messages that bring every view up to date from nothing.
    fn everything(&mut self) -> Vec<ToPage> {
        self.shown_consoles.clear();
        let mut messages: Vec<_> = self.consoles().into_iter().collect();
        messages.extend(self.screens());
        self.map = MapFeed::default();
        messages.push(ToPage::Map { reset: true, delta: self.map.all(&self.state.cluster) });
        messages.push(ToPage::Progress { tasks: self.state.progress.view(&self.scenario) });
        self.shown_clock = None;
        messages.extend(self.clock());
        messages
    }

    /// Which consoles there are, if that has changed.
    fn consoles(&mut self) -> Option<ToPage> {
        let open: Vec<u32> = self.state.cluster.consoles().collect();
        (open != self.shown_consoles).then(|| {
            self.shown_consoles.clone_from(&open);
            ToPage::Consoles { open }
        })
    }

    /// The whole screen of every console.
    fn screens(&mut self) -> Vec<ToPage> {
        let consoles: Vec<_> = self.state.cluster.consoles().collect();
        let screen = |console: u32| {
            let text = format!("\x1bc{}", self.state.cluster.screen(console));
            ToPage::Terminal { console, text }
        };
        consoles.into_iter().map(screen).collect()
    }

    pub(crate) fn handle(&mut self, message: ToEngine) -> Vec<ToPage> {
        match message {
            ToEngine::Input { sequence, input } => self.input(sequence, input),
            ToEngine::Tick { elapsed_ms } => {
                self.tick(elapsed_ms);
                Vec::new()
            }
            ToEngine::Save => vec![self.saved()],
            ToEngine::Check { task } => self.check(task.as_deref()),
            ToEngine::Inspect { object } => vec![checking::inspect(&self.state.cluster, object)],
            ToEngine::WhyTable { table, choice, known } => vec![why::table(&self.state.cluster, table, &choice, known)],
            ToEngine::Why { question } => vec![why::explain(&self.state.cluster, question)],
            ToEngine::Open { .. } | ToEngine::Cancel { .. } | ToEngine::Modelled => Vec::new(),
        }
    }

    fn saved(&self) -> ToPage {
        ToPage::Saved { checkpoint: self.state.save(), sequence: self.last_sequence }
    }

    /// Takes what the learner did, at the next whole millisecond of virtual time, so that a replay can take it then.
    fn input(&mut self, sequence: u64, input: Input) -> Vec<ToPage> {
        let at = self.moment(self.ms(self.state.now()));
        self.state.run_to(at);
        self.target = self.target.max(at);
        self.last_sequence = sequence;
        let logged = LoggedInput { sequence, at_ms: self.ms(at), input: input.clone() };
        let mut messages = vec![ToPage::Accepted { logged }];
        let goes_back = matches!(input, Input::Clock { control: ClockControl::Undo | ClockControl::Rewind { .. } });
        let progress = self.state.progress.clone();
        // What is typed while time stands still is answered all the same.
        let answered = match &input {
            _ if self.playing => Duration::ZERO,
            Input::Terminal { text, .. } if text.chars().count() == 1 && !text.starts_with(char::is_control) => ECHO,
            Input::Terminal { .. } | Input::OpenConsole { .. } => ANSWER,
            _ => Duration::ZERO,
        };
        self.target = self.target.max(at + answered);
        self.apply(input);
        if goes_back {
            // Going back cannot be replayed from what was typed: the page's log begins anew here.
            messages.extend(self.everything());
            messages.push(self.saved());
        } else {
            if progress != self.state.progress {
                messages.push(ToPage::Progress { tasks: self.state.progress.view(&self.scenario) });
            }
            messages.extend(self.changes());
        }
        messages
    }

    fn apply(&mut self, input: Input) {
        match input {
            Input::Terminal { console, text } => self.typed(console, &text),
            Input::Resize { console, columns, rows } => self.state.cluster.resize(console, columns, rows),
            Input::OpenConsole { console } => {
                if self.state.cluster.consoles().count() < MAX_CONSOLES {
                    self.state.cluster.open_console(console, COLUMNS, ROWS);
                }
            }
            Input::CloseConsole { console } => {
                self.state.cluster.close_console(console);
                self.typed.retain(|(number, _)| *number != console);
            }
            Input::Clock { control } => self.control(control),
            Input::Hint { task } => self.state.progress.show_hint(&self.scenario, &task),
            Input::RevealSolution => self.state.progress.show_solution(),
            Input::Panic => panic_in_test_builds(),
        }
    }

    fn typed(&mut self, console: u32, text: &str) {
        if !self.typed.iter().any(|(number, _)| *number == console) {
            self.typed.push((console, String::new()));
        }
        let Some((_, line)) = self.typed.iter_mut().find(|(number, _)| *number == console) else { return };
        let enters = text.contains(['\r', '\n']);
        for letter in text.chars().take(200) {
            match letter {
                '\x7f' | '\x08' => {
                    line.pop();
                }
                '\r' | '\n' => break,
                // Ctrl-C and Ctrl-U give the line up.
                '\x03' | '\x15' => line.clear(),
                letter if letter.is_control() => {}
                letter if line.len() < 200 => line.push(letter),
                _ => {}
            }
        }
        if enters {
            let label = std::mem::take(line);
            if label.trim() == PANIC_COMMAND {
                panic_in_test_builds();
            }
            if !label.trim().is_empty() {
                self.timeline.mark(&self.state, label);
            }
        }
        self.state.cluster.type_text(console, text);
    }

    fn control(&mut self, control: ClockControl) {
        match control {
            ClockControl::Play => self.playing = true,
            ClockControl::Pause => self.playing = false,
            ClockControl::Speed { factor } if factor.is_finite() => self.speed = factor.clamp(SPEEDS.0, SPEEDS.1),
            ClockControl::Speed { .. } => {}
            ClockControl::Step => self.step(),
            ClockControl::Undo => {
                if let Some(state) = self.timeline.undo() {
                    self.go_to(state);
                }
            }
            ClockControl::Rewind { at_ms } => {
                if let Some(state) = self.timeline.rewind(self.moment(at_ms).min(self.state.now())) {
                    self.go_to(state);
                }
            }
        }
    }

    fn go_to(&mut self, state: State) {
        self.target = state.now();
        let before: Vec<u32> = self.state.cluster.consoles().collect();
        self.state = state;
        // A tab opened since then stays, with a fresh shell: what goes back is its contents.
        for console in before {
            if !self.state.cluster.consoles().any(|open| open == console) {
                self.state.cluster.open_console(console, COLUMNS, ROWS);
                self.target = self.state.now() + ANSWER;
            }
        }
        self.typed.clear();
        self.playing = false;
    }

    /// Runs up to and through the next thing that is written, leases and heartbeats aside.
    fn step(&mut self) {
        let end = self.state.now() + MAX_STEP;
        self.state.cluster.run_to_next_write(end);
        let at = self.moment(self.ms(self.state.now()));
        self.state.run_to(at);
        self.target = self.state.now();
    }

    fn tick(&mut self, elapsed_ms: f64) {
        if !self.playing || !elapsed_ms.is_finite() {
            return;
        }
        self.fraction_ms += elapsed_ms.clamp(0.0, 60_000.0) * self.speed;
        let whole = self.fraction_ms.floor();
        self.fraction_ms -= whole;
        let step = Duration::from_millis(whole as u64);
        // A cluster too busy for its speed falls behind; it is not asked to catch up for ever.
        let latest = self.state.now() + step + MAX_LAG.mul_f64(self.speed.max(1.0));
        self.target = (self.target + step).min(latest);
    }

    pub(crate) fn is_busy(&self) -> bool {
        self.state.cluster.next_time().is_some_and(|next| next <= self.target)
    }

    pub(crate) fn turn(&mut self, may_go_on: &mut dyn FnMut() -> bool) -> Vec<ToPage> {
        self.state.cluster.run_while(self.target, may_go_on);
        self.changes()
    }

    /// What has changed in the views since they were last told.
    fn changes(&mut self) -> Vec<ToPage> {
        let mut messages: Vec<_> = self.consoles().into_iter().collect();
        let consoles: Vec<_> = self.state.cluster.consoles().collect();
        for console in consoles {
            let text = self.state.cluster.take_output(console);
            if !text.is_empty() {
                messages.push(ToPage::Terminal { console, text });
            }
        }
        if let Some(delta) = self.map.changes(&self.state.cluster) {
            messages.push(ToPage::Map { reset: false, delta });
        }
        messages.extend(self.clock());
        messages
    }

    fn clock(&mut self) -> Option<ToPage> {
        let cluster = &self.state.cluster;
        let points = self.timeline.points().iter();
        let clock = ClockView {
            now_ms: self.ms(cluster.now()),
            date: cluster.now().rfc3339(),
            playing: self.playing,
            speed: self.speed,
            points: points.map(|point| RewindPoint { at_ms: self.ms(point.at), label: point.label.clone() }).collect(),
        };
        // Ten times a second of the page's time is enough for a clock.
        let step = (100.0 * self.speed) as u64;
        let is_new = self.shown_clock.as_ref().is_none_or(|shown| {
            clock.now_ms >= shown.now_ms + step
                || clock.now_ms < shown.now_ms
                || (clock.playing, clock.speed, clock.points.len()) != (shown.playing, shown.speed, shown.points.len())
        });
        is_new.then(|| {
            self.shown_clock = Some(clock.clone());
            ToPage::Clock { clock }
        })
    }

    fn check(&mut self, task: Option<&str>) -> Vec<ToPage> {
        let before = self.state.progress.clone();
        let report = checking::check(&self.scenario, &self.state.cluster, task);
        for task in &report.tasks {
            self.state.progress.set_passed(&task.id, task.passed);
        }
        let mut messages = vec![ToPage::Checked { report }];
        if before != self.state.progress {
            messages.push(ToPage::Progress { tasks: self.state.progress.view(&self.scenario) });
            messages.push(self.saved());
        }
        messages
    }

    fn lab_view(&self) -> LabView {
        let spec = &self.scenario.spec;
        LabView {
            path: self.path.clone(),
            title: self.scenario.metadata.title.clone(),
            story: spec.story.clone(),
            minutes: spec.minutes,
            difficulty: spec.difficulty.get(),
            tasks: spec
                .tasks
                .iter()
                .map(|task| TaskView {
                    id: task.id.clone(),
                    text: task.text.clone(),
                    weight: task.weight,
                    hints: task.hints.len(),
                })
                .collect(),
            has_solution: !spec.solution.trim().is_empty(),
            ideas: spec.ideas.clone(),
        }
    }
}

/// A scenario's cluster as the learner finds it, with one console.
fn fresh(scenario: &Scenario, seed: u64) -> Result<podyard_cluster::Cluster, String> {
    let name = &scenario.spec.cluster.preset;
    let preset = presets::find(name).ok_or_else(|| format!("there is no preset {name:?}"))?;
    let mut cluster = probe::start(preset, seed, &scenario.spec.setup);
    cluster.open_console(0, COLUMNS, ROWS);
    // Until its prompt is there: whoever goes back to the beginning finds it too.
    cluster.advance(ANSWER);
    cluster.begin();
    Ok(cluster)
}

#[cfg(feature = "test-commands")]
fn panic_in_test_builds() {
    panic!("a panic was asked for");
}

#[cfg(not(feature = "test-commands"))]
fn panic_in_test_builds() {}
