//! The versioned messages between page and engine, and the plain view types in them.
//!
//! The page sends [`ToEngine`], the engine answers with [`ToPage`]; both travel as JSON inside an [`Envelope`].
//! Nothing here computes: every field is ready to be shown. A message is written as `{"kind": {its fields}}`, which
//! costs the page a third of the code that an inner tag would.

use serde::{Deserialize, Serialize};

/// Version of the messages. An engine refuses envelopes of another version, so that a page never talks to
/// a module of another release.
pub const PROTOCOL: u32 = 1;

/// How many console tabs there may be at once.
pub const MAX_CONSOLES: usize = 8;

/// A message with its protocol version and an id that its answers repeat.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Envelope<T> {
    pub protocol: u32,
    /// Chosen by the sender; 0 where no answer belongs to a question.
    pub id: u64,
    pub body: T,
}

impl<T> Envelope<T> {
    /// Wraps `body` in the current protocol version.
    pub fn new(id: u64, body: T) -> Self {
        Self { protocol: PROTOCOL, id, body }
    }
}

/// What the page asks of the engine.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ToEngine {
    /// Starts a lab: a scenario from the beginning, or a saved session of it.
    Open { scenario: Box<ScenarioSource>, seed: u64, saved: Option<SavedSession> },
    /// Something the learner did; recorded in the input log and replayed after a panic or a reload.
    Input { sequence: u64, input: Input },
    /// Real time has passed: the engine moves virtual time on by `elapsed_ms` times its speed.
    Tick { elapsed_ms: f64 },
    /// Asks for a checkpoint now; answered by [`ToPage::Saved`].
    Save,
    /// Judges one task, or all; runs on a fork, so it changes nothing.
    Check { task: Option<String> },
    /// Asks for one object's summary, YAML and events.
    Inspect { object: ObjectRef },
    /// Asks what is modelled; needs no open lab.
    Modelled,
    /// Asks for a table of verdicts; answered by [`ToPage::WhyTable`], with no table if it is still that of `known`.
    WhyTable { table: WhyKind, choice: String, known: u64 },
    /// Asks what the console's `why` asks with these words; answered by [`ToPage::Explained`].
    Why { question: Vec<String> },
    /// The question with this id need not be answered any more.
    Cancel { question: u64 },
}

/// Everything that changes the lab. The log of these, with a checkpoint, is the whole session.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Input {
    /// Bytes typed or pasted into a console.
    Terminal { console: u32, text: String },
    /// The console's window has a new size.
    Resize { console: u32, columns: u16, rows: u16 },
    /// A new console tab was opened. Console 0 is there from the beginning.
    OpenConsole { console: u32 },
    /// A console tab was closed; the last one stays.
    CloseConsole { console: u32 },
    /// A control of the clock was used.
    Clock { control: ClockControl },
    /// The next hint of a task was revealed.
    Hint { task: String },
    /// The learner asked to be shown the solution.
    RevealSolution,
    /// Makes the engine panic: offered only by test builds.
    Panic,
}

/// The clock bar's controls.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ClockControl {
    Play,
    Pause,
    /// Virtual seconds per real second, 0.1 to 1000.
    Speed {
        factor: f64,
    },
    /// Runs up to and through the next thing that happens.
    Step,
    /// Goes back to the last rewind point before now.
    Undo,
    /// Goes back to virtual time `at_ms` (milliseconds since the lab began).
    Rewind {
        at_ms: u64,
    },
}

/// A scenario as shipped to the page, and where it came from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ScenarioSource {
    /// `<track>/<slug>`, the key under which progress is kept.
    pub path: String,
    /// The scenario file as JSON text.
    pub json: String,
}

/// A session as the page keeps it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SavedSession {
    /// Base64 of a checkpoint; `None` replays from the beginning.
    pub checkpoint: Option<String>,
    /// What was typed after the checkpoint, in order. Replaying it accepts nothing a second time.
    pub tail: Vec<LoggedInput>,
    /// The virtual moment at which the session stood after the last input: the replay ends there.
    #[serde(default)]
    pub until_ms: u64,
}

/// One input with the virtual moment at which the engine took it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LoggedInput {
    pub sequence: u64,
    /// Milliseconds of virtual time since the lab began.
    pub at_ms: u64,
    pub input: Input,
}

/// What the engine tells the page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ToPage {
    /// The module has loaded and understands `protocol`.
    Ready,
    /// The lab is open; the whole state of every view follows in further messages.
    Opened {
        lab: LabView,
    },
    /// Output for a console's terminal. After [`ToPage::Opened`] and after going back in time it is the whole
    /// screen and begins with `ESC c`.
    Terminal {
        console: u32,
        text: String,
    },
    /// Which consoles there are, ascending. Comes before their first output, and whenever one is opened or closed.
    Consoles {
        open: Vec<u32>,
    },
    /// An input was taken at this moment; the page appends it to its log.
    Accepted {
        logged: LoggedInput,
    },
    /// What changed on the map since the last message (`reset` starts from an empty map).
    Map {
        reset: bool,
        delta: MapDelta,
    },
    Clock {
        clock: ClockView,
    },
    Progress {
        tasks: Vec<TaskProgress>,
    },
    Checked {
        report: CheckReport,
    },
    Inspected {
        object: ObjectView,
    },
    Modelled {
        parts: Vec<ModelledPart>,
    },
    WhyTable {
        table: Option<Box<WhyTable>>,
    },
    Explained {
        explanation: ExplanationView,
    },
    /// A checkpoint that contains every input up to `sequence`.
    Saved {
        checkpoint: String,
        sequence: u64,
    },
    /// A question or message could not be served.
    Failed {
        message: String,
    },
}

/// The exercise as the page shows it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct LabView {
    pub path: String,
    pub title: String,
    /// Markdown.
    pub story: String,
    pub minutes: u32,
    /// 1 to 5.
    pub difficulty: u8,
    /// None in a sandbox.
    pub tasks: Vec<TaskView>,
    pub has_solution: bool,
    /// What a sandbox suggests to try, as Markdown.
    pub ideas: Vec<String>,
}

/// One task of an exercise.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TaskView {
    pub id: String,
    /// Markdown.
    pub text: String,
    pub weight: u32,
    /// How many hints there are in all.
    pub hints: usize,
}

/// How far the learner is with a task.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TaskProgress {
    pub id: String,
    pub passed: bool,
    /// The hints revealed so far, as Markdown.
    pub hints: Vec<String>,
    /// The solution, once revealed, as console lines.
    pub solution: Option<String>,
}

/// The outcome of pressing *Check*.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CheckReport {
    pub tasks: Vec<TaskReport>,
    pub score: u32,
    pub out_of: u32,
    /// Markdown shown once everything has passed.
    pub debrief: Option<String>,
}

/// One task's verdict.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TaskReport {
    pub id: String,
    pub passed: bool,
    pub checks: Vec<CheckVerdict>,
}

/// One check's verdict with what decided it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CheckVerdict {
    pub name: String,
    pub passed: bool,
    pub expected: String,
    pub found: String,
    /// What causes the difference, in a sentence; empty where it passed.
    pub why: String,
}

/// Where virtual time stands.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ClockView {
    /// Milliseconds since the lab began.
    pub now_ms: u64,
    /// The same moment as a date, RFC 3339.
    pub date: String,
    pub playing: bool,
    pub speed: f64,
    /// Moments to which one can rewind, ascending.
    pub points: Vec<RewindPoint>,
}

/// A moment to which one can go back.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RewindPoint {
    pub at_ms: u64,
    /// What happened there, such as the command line entered.
    pub label: String,
}

/// Names one object of the cluster.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ObjectRef {
    pub kind: String,
    /// Empty for cluster-scoped kinds.
    pub namespace: String,
    pub name: String,
}

/// What the inspector shows of an object.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ObjectView {
    pub object: ObjectRef,
    /// As `kubectl describe` prints it.
    pub summary: String,
    pub yaml: String,
    pub events: Vec<EventView>,
    /// What owns it, and the node on which it runs.
    pub related: Vec<ObjectRef>,
}

/// One event of an object.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct EventView {
    pub warning: bool,
    pub reason: String,
    pub message: String,
    pub count: u32,
    /// Milliseconds since the lab began.
    pub at_ms: u64,
}

/// What appeared, changed or went away on the map.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct MapDelta {
    pub nodes: Vec<NodeView>,
    pub removed_nodes: Vec<String>,
    pub pods: Vec<PodView>,
    /// Uids of pods that are gone.
    pub removed_pods: Vec<String>,
    pub services: Vec<ServiceView>,
    /// Uids of services that are gone.
    pub removed_services: Vec<String>,
}

/// A node on the map.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct NodeView {
    pub name: String,
    pub ready: bool,
    pub schedulable: bool,
    /// As `kubectl get nodes` shows them.
    pub roles: String,
    pub taints: Vec<String>,
}

/// A pod on the map.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PodView {
    pub uid: String,
    pub namespace: String,
    pub name: String,
    /// Empty until it is bound.
    pub node: String,
    /// The STATUS column of `kubectl get pods`.
    pub status: String,
    pub tone: Tone,
    /// As `1/1`.
    pub ready: String,
    pub restarts: u32,
    pub labels: Vec<(String, String)>,
    pub ip: String,
    pub images: Vec<String>,
}

/// A service on the map.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ServiceView {
    pub uid: String,
    pub namespace: String,
    pub name: String,
    /// As `ClusterIP`.
    pub kind: String,
    /// Its cluster IP, `None` for a headless one, or the name that it stands for.
    pub address: String,
    /// As `80/TCP`, or `80:30080/TCP` with a node port.
    pub ports: Vec<String>,
    pub endpoints: Vec<EndpointView>,
}

/// An address behind a service.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct EndpointView {
    /// Uid of the pod; empty where the address is of no pod.
    pub pod: String,
    pub address: String,
    pub ready: bool,
}

/// One part of what the engine models, such as the controllers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ModelledPart {
    /// `kinds`, `controllers`, `scheduler`, `admission`, `kubectl`, `builtins`, `tools` or `images`.
    pub id: String,
    pub present: Vec<ModelledItem>,
    /// What the real one has besides.
    pub absent: Vec<String>,
}

/// A thing that is modelled.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ModelledItem {
    pub name: String,
    /// A few words about it, or none.
    pub about: String,
}

/// How a state is coloured and announced.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Tone {
    /// On its way.
    #[default]
    Pending,
    Good,
    /// Finished as it should.
    Done,
    Bad,
    /// Being taken away.
    Leaving,
}

/// A table of who decides what, with a cell for each pair; one of [`WhyKind`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct WhyTable {
    pub kind: WhyKind,
    /// The store's revision that the table shows.
    pub revision: u64,
    /// What it is, in a sentence.
    pub caption: String,
    /// What else can be shown: pods of the scheduler, namespaces.
    pub choices: Vec<String>,
    /// The one of them that is shown.
    pub choice: String,
    /// The head of the rows' heads.
    pub corner: String,
    pub columns: Vec<WhyHead>,
    pub rows: Vec<WhyRow>,
    /// What is left out; empty if nothing is.
    pub omitted: String,
}

/// Which table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum WhyKind {
    /// Nodes and scheduler plugins, of one pod.
    #[default]
    Scheduling,
    /// Subjects and resources, in one namespace.
    Access,
    /// Sources and destinations.
    Network,
}

/// The head of a row or column.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct WhyHead {
    pub text: String,
    /// A few more words, such as how many pods are meant.
    pub note: String,
    /// What the inspector shows of it.
    pub object: Option<ObjectRef>,
}

/// One row, with a cell for each column.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct WhyRow {
    pub head: WhyHead,
    pub cells: Vec<WhyCell>,
}

/// One verdict.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct WhyCell {
    /// Empty where nothing was asked.
    pub text: String,
    pub tone: Tone,
    /// The words after `why` that ask for the reasons.
    pub question: Vec<String>,
}

/// Why something is as it is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ExplanationView {
    /// The question that it answers.
    pub question: Vec<String>,
    pub holds: bool,
    pub answer: String,
    pub lines: Vec<ExplanationLine>,
    /// The smallest changes that would turn the answer.
    pub changes: Vec<String>,
}

/// One thing that led to the answer.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ExplanationLine {
    /// 0, or more for what belongs to the line above.
    pub depth: u8,
    pub text: String,
    pub object: Option<ObjectRef>,
}
