//! What the page shows, and the one reducer that changes it.

use std::collections::BTreeMap;
use std::rc::Rc;

use podyard_view::{
    CheckReport, ClockView, ExplanationView, LabView, MAX_CONSOLES, MapDelta, NodeView, ObjectRef, ObjectView, PodView,
    ServiceView, TaskProgress, ToPage, WhyKind, WhyTable,
};
use yew::Reducible;

/// Everything a scenario page shows, but for what the terminal draws itself.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct LabState {
    pub(crate) phase: Phase,
    pub(crate) lab: Rc<LabView>,
    pub(crate) map: ByRef<MapState>,
    pub(crate) consoles: Consoles,
    pub(crate) clock: Rc<ClockView>,
    pub(crate) progress: Rc<Vec<TaskProgress>>,
    /// The last verdict on each task, by task id.
    pub(crate) report: Rc<CheckReport>,
    pub(crate) checking: Option<Checking>,
    pub(crate) inspector: Option<Inspector>,
    pub(crate) why: WhyState,
    pub(crate) notices: Rc<Vec<Notice>>,
    /// How many bytes of a paste the engine has not taken yet.
    pub(crate) pasting: usize,
    next_notice: u32,
}

/// A shared value that counts as changed when it is another one, without being compared bit by bit.
#[derive(Debug, Default)]
pub(crate) struct ByRef<T>(pub(crate) Rc<T>);

impl<T> Clone for ByRef<T> {
    fn clone(&self) -> Self {
        Self(Rc::clone(&self.0))
    }
}

impl<T> PartialEq for ByRef<T> {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl<T> std::ops::Deref for ByRef<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

/// The console tabs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Consoles {
    /// Their numbers, ascending; never empty.
    pub(crate) open: Rc<Vec<u32>>,
    /// The one that is shown.
    pub(crate) shown: u32,
}

impl Default for Consoles {
    fn default() -> Self {
        Self { open: Rc::new(vec![0]), shown: 0 }
    }
}

impl Consoles {
    /// The number that the next tab gets, if there may be one more.
    pub(crate) fn next(&self) -> Option<u32> {
        (0..).find(|number| !self.open.contains(number)).filter(|_| self.open.len() < MAX_CONSOLES)
    }

    /// These are open now. When the shown one is gone, the one before it is shown, or else the first.
    fn take(&mut self, open: Vec<u32>) {
        let before = open.iter().rev().find(|number| **number <= self.shown);
        if let Some(shown) = before.or(open.first()) {
            self.shown = *shown;
            self.open = Rc::new(open);
        }
    }

    fn opened(&mut self, number: u32) {
        let open = Rc::make_mut(&mut self.open);
        open.push(number);
        open.sort_unstable();
        open.dedup();
        self.shown = number;
    }
}

/// How far the page is with opening the exercise.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Phase {
    #[default]
    Loading,
    /// Another tab has this exercise open.
    Elsewhere,
    /// This tab had it open, until another one took it.
    TakenAway,
    Open,
    /// The engine died and is being brought back.
    Recovering,
    /// The exercise cannot be shown, for this reason.
    Broken(String),
}

/// Which check is being made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Checking {
    All,
    Task(String),
}

/// The map: nodes, pods and services by their keys. The values are shared, so that what did not change is not drawn again.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct MapState {
    pub(crate) nodes: BTreeMap<String, Rc<NodeView>>,
    pub(crate) pods: BTreeMap<String, Rc<PodView>>,
    pub(crate) services: BTreeMap<String, Rc<ServiceView>>,
}

/// The object looked at, and what is known of it so far.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Inspector {
    pub(crate) object: ObjectRef,
    pub(crate) view: Option<Rc<ObjectView>>,
    /// It could not be read, most often because it is gone.
    pub(crate) failed: Option<String>,
}

/// What is shown in the place of the map: which table, and which cell's reasons.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct WhyState {
    /// None: the map.
    pub(crate) kind: Option<WhyKind>,
    pub(crate) table: Option<ByRef<WhyTable>>,
    pub(crate) asked: Option<Rc<Vec<String>>>,
    pub(crate) explained: Option<Rc<ExplanationView>>,
}

/// Something the learner should know.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Notice {
    pub(crate) id: u32,
    pub(crate) kind: NoticeKind,
}

/// What a notice says and offers.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum NoticeKind {
    /// The engine died and was brought back; the text was not run again.
    Recovered { shown_back: String },
    /// What was stored could not be used (all of it, or what came after its checkpoint) and was put aside.
    SetAside { other_version: bool, partly: bool },
    /// The browser has no more room, or no storage at all.
    NotStored { full: bool },
    /// A question could not be answered.
    Failed(String),
}

/// What changes the state.
#[derive(Clone, Debug)]
pub(crate) enum Action {
    Phase(Phase),
    Engine(ToPage),
    Checking(Option<Checking>),
    Inspect(Option<ObjectRef>),
    InspectFailed(String),
    /// Shows another table, or the map.
    ShowTable(Option<WhyKind>),
    /// The reasons of another cell are wanted.
    Ask(Vec<String>),
    Notify(NoticeKind),
    Dismiss(u32),
    Pasting(usize),
    ShowConsole(u32),
    /// A tab is opened or closed; the engine will say the same.
    OpenConsole(u32),
    CloseConsole(u32),
    /// Back to the beginning of the exercise.
    Restarted,
}

impl Reducible for LabState {
    type Action = Action;

    fn reduce(self: Rc<Self>, action: Action) -> Rc<Self> {
        let mut state = Rc::unwrap_or_clone(self);
        state.apply(action);
        Rc::new(state)
    }
}

impl LabState {
    fn apply(&mut self, action: Action) {
        match action {
            Action::Phase(phase) => self.phase = phase,
            Action::Engine(message) => self.take(message),
            Action::Checking(checking) => self.checking = checking,
            Action::Inspect(object) => self.inspect(object),
            Action::InspectFailed(message) => {
                if let Some(inspector) = &mut self.inspector {
                    inspector.failed = Some(message);
                }
            }
            Action::ShowTable(kind) => self.why = WhyState { kind, ..WhyState::default() },
            Action::Ask(question) => {
                self.why.asked = Some(Rc::new(question));
                self.why.explained = None;
            }
            Action::Notify(kind) => self.notify(kind),
            Action::Dismiss(id) => Rc::make_mut(&mut self.notices).retain(|notice| notice.id != id),
            Action::Pasting(bytes) => self.pasting = bytes,
            Action::ShowConsole(number) => {
                if self.consoles.open.contains(&number) {
                    self.consoles.shown = number;
                }
            }
            Action::OpenConsole(number) => self.consoles.opened(number),
            Action::CloseConsole(number) => {
                let left = self.consoles.open.iter().copied().filter(|other| *other != number).collect();
                self.consoles.take(left);
            }
            Action::Restarted => {
                self.report = Rc::default();
                self.progress = Rc::default();
                self.inspector = None;
                self.why = WhyState { kind: self.why.kind, ..WhyState::default() };
                self.checking = None;
                self.phase = Phase::Loading;
            }
        }
    }

    fn take(&mut self, message: ToPage) {
        match message {
            ToPage::Opened { lab } => {
                self.lab = Rc::new(lab);
                self.phase = Phase::Open;
            }
            ToPage::Map { reset, delta } => Rc::make_mut(&mut self.map.0).take(reset, delta),
            ToPage::Clock { clock } => self.clock = Rc::new(clock),
            ToPage::Progress { tasks } => self.progress = Rc::new(tasks),
            ToPage::Checked { report } => {
                self.merge(report);
                self.checking = None;
            }
            ToPage::Inspected { object } => {
                if let Some(inspector) = self.inspector.as_mut().filter(|inspector| inspector.object == object.object) {
                    inspector.view = Some(Rc::new(object));
                    inspector.failed = None;
                }
            }
            ToPage::Consoles { open } => self.consoles.take(open),
            ToPage::WhyTable { table } => {
                // A late one of a view that was left, or none because nothing has changed.
                if let Some(table) = table.filter(|table| Some(table.kind) == self.why.kind) {
                    self.why.table = Some(ByRef(Rc::new(*table)));
                }
            }
            ToPage::Explained { explanation } => {
                if self.why.asked.as_deref() == Some(&explanation.question) {
                    self.why.explained = Some(Rc::new(explanation));
                }
            }
            // These concern the terminal, the session's log and whoever asked, not what is shown here.
            ToPage::Ready
            | ToPage::Terminal { .. }
            | ToPage::Accepted { .. }
            | ToPage::Saved { .. }
            | ToPage::Modelled { .. }
            | ToPage::Failed { .. } => {}
        }
    }

    /// Puts the verdicts of a check of some tasks beside those there are.
    fn merge(&mut self, report: CheckReport) {
        let mut tasks = std::mem::take(&mut Rc::make_mut(&mut self.report).tasks);
        tasks.retain(|task| report.tasks.iter().all(|new| new.id != task.id));
        tasks.extend(report.tasks);
        let debrief = report.debrief.or_else(|| self.report.debrief.clone());
        self.report = Rc::new(CheckReport { tasks, debrief, ..report });
    }

    fn inspect(&mut self, object: Option<ObjectRef>) {
        self.inspector = object.map(|object| Inspector { object, view: None, failed: None });
    }

    /// Adds a notice; a newer one of the same kind replaces the older.
    fn notify(&mut self, kind: NoticeKind) {
        self.next_notice += 1;
        let id = self.next_notice;
        let notices = Rc::make_mut(&mut self.notices);
        notices.retain(|notice| std::mem::discriminant(&notice.kind) != std::mem::discriminant(&kind));
        notices.push(Notice { id, kind });
    }
}

impl MapState {
    fn take(&mut self, reset: bool, delta: MapDelta) {
        if reset {
            self.nodes.clear();
            self.pods.clear();
            self.services.clear();
        }
        for node in delta.nodes {
            self.nodes.insert(node.name.clone(), Rc::new(node));
        }
        for name in &delta.removed_nodes {
            self.nodes.remove(name);
        }
        for uid in &delta.removed_pods {
            self.pods.remove(uid);
        }
        for pod in delta.pods {
            self.pods.insert(pod.uid.clone(), Rc::new(pod));
        }
        for uid in &delta.removed_services {
            self.services.remove(uid);
        }
        for service in delta.services {
            self.services.insert(service.uid.clone(), Rc::new(service));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use podyard_view::TaskReport;

    fn pod(uid: &str, node: &str) -> PodView {
        PodView { uid: uid.into(), name: uid.into(), node: node.into(), ..PodView::default() }
    }

    fn map(state: &LabState) -> String {
        state.map.pods.values().map(|pod| format!("{}@{}", pod.name, pod.node)).collect::<Vec<_>>().join(" ")
    }

    fn after(actions: impl IntoIterator<Item = Action>) -> LabState {
        let mut state = LabState::default();
        for action in actions {
            state.apply(action);
        }
        state
    }

    fn delta(reset: bool, pods: Vec<PodView>, removed: &[&str]) -> Action {
        let removed_pods = removed.iter().map(|uid| uid.to_string()).collect();
        Action::Engine(ToPage::Map { reset, delta: MapDelta { pods, removed_pods, ..MapDelta::default() } })
    }

    #[test]
    fn the_map_follows_its_deltas() {
        let first = delta(true, vec![pod("a", ""), pod("b", "n1")], &[]);
        assert_eq!(map(&after([first.clone()])), "a@ b@n1");
        assert_eq!(map(&after([first.clone(), delta(false, vec![pod("a", "n2")], &["b"])])), "a@n2");
        assert_eq!(map(&after([first, delta(true, vec![], &[])])), "");
    }

    #[test]
    fn a_closed_tab_gives_way_to_the_one_before_it() {
        let check = |actions: Vec<Action>, open: &[u32], shown: u32| {
            let consoles = after(actions).consoles;
            assert_eq!((consoles.open.as_slice(), consoles.shown), (open, shown));
        };
        let told = |open: &[u32]| Action::Engine(ToPage::Consoles { open: open.to_vec() });
        check(vec![], &[0], 0);
        check(vec![Action::OpenConsole(1), Action::OpenConsole(2)], &[0, 1, 2], 2);
        check(vec![told(&[0, 1, 2]), Action::ShowConsole(1), Action::CloseConsole(1)], &[0, 2], 0);
        check(vec![told(&[0, 1, 2]), Action::CloseConsole(0)], &[1, 2], 1);
        check(vec![told(&[0, 1]), Action::ShowConsole(7)], &[0, 1], 0);
        check(vec![Action::CloseConsole(0)], &[0], 0);
        check(vec![Action::OpenConsole(1), told(&[0])], &[0], 0);
    }

    #[test]
    fn the_next_tab_takes_the_first_free_number() {
        let next = |open: &[u32]| after([Action::Engine(ToPage::Consoles { open: open.to_vec() })]).consoles.next();
        assert_eq!(next(&[0, 2]), Some(1));
        assert_eq!(next(&[1]), Some(0));
        assert_eq!(next(&(0..MAX_CONSOLES as u32).collect::<Vec<_>>()), None);
    }

    #[test]
    fn checking_one_task_keeps_the_verdicts_of_others() {
        let checked = |id: &str, passed| {
            let tasks = vec![TaskReport { id: id.into(), passed, checks: Vec::new() }];
            Action::Engine(ToPage::Checked { report: CheckReport { tasks, ..CheckReport::default() } })
        };
        let state = after([checked("a", false), checked("b", true), checked("a", true)]);
        let verdicts: Vec<_> = state.report.tasks.iter().map(|task| (task.id.as_str(), task.passed)).collect();
        assert_eq!(verdicts, [("b", true), ("a", true)]);
    }

    #[test]
    fn a_late_answer_does_not_show_in_another_objects_inspector() {
        let web = ObjectRef { kind: "Pod".into(), namespace: "default".into(), name: "web".into() };
        let db = ObjectRef { name: "db".into(), ..web.clone() };
        let late = Action::Engine(ToPage::Inspected { object: ObjectView { object: web, ..ObjectView::default() } });
        let state = after([Action::Inspect(Some(db)), late]);
        assert_eq!(state.inspector.and_then(|inspector| inspector.view), None);
    }

    #[test]
    fn a_late_table_or_answer_does_not_show_in_another_view() {
        let table = WhyTable { kind: WhyKind::Access, ..WhyTable::default() };
        let late = Action::Engine(ToPage::WhyTable { table: Some(Box::new(table)) });
        let question = vec!["pod/web".to_owned()];
        let explanation = ExplanationView { question: question.clone(), ..ExplanationView::default() };
        let answer = Action::Engine(ToPage::Explained { explanation });
        let state = after([Action::ShowTable(Some(WhyKind::Network)), late.clone(), answer.clone()]);
        assert_eq!((state.why.table, state.why.explained), (None, None));
        let state = after([Action::ShowTable(Some(WhyKind::Access)), late, Action::Ask(question), answer]);
        assert!(state.why.table.is_some() && state.why.explained.is_some());
    }

    #[test]
    fn a_notice_replaces_its_like() {
        let full = Action::Notify(NoticeKind::NotStored { full: true });
        let failed = Action::Notify(NoticeKind::Failed("x".into()));
        let state = after([full.clone(), failed, full]);
        let ids: Vec<u32> = state.notices.iter().map(|notice| notice.id).collect();
        assert_eq!(ids, [2, 3]);
    }
}
