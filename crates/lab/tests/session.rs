//! A session as the page sees it: inputs in, the views' state out.
#![cfg(not(target_arch = "wasm32"))]

use std::collections::BTreeMap;

use podyard_lab::Lab;
use podyard_view::{
    ClockControl, Envelope, Input, LoggedInput, SavedSession, ScenarioSource, ServiceView, ToEngine, ToPage,
};

const SANDBOX: &str = r#"{"apiVersion": "podyard/v1", "kind": "Scenario",
    "metadata": {"name": "empty", "title": "Empty"},
    "spec": {"minutes": 0, "difficulty": 1, "story": "", "ideas": ["`ls`"]}}"#;

/// A page without a window: keeps what it is told.
#[derive(Default)]
struct Page {
    lab: Lab,
    sequence: u64,
    consoles: Vec<u32>,
    screens: BTreeMap<u32, String>,
    services: BTreeMap<String, ServiceView>,
    pods: BTreeMap<String, String>,
    log: Vec<LoggedInput>,
    checkpoint: Option<String>,
    now_ms: u64,
}

impl Page {
    fn open(saved: Option<SavedSession>) -> Self {
        let mut page = Self::default();
        let scenario = Box::new(ScenarioSource { path: "sandbox/empty".into(), json: SANDBOX.into() });
        page.send(ToEngine::Open { scenario, seed: 1, saved });
        page
    }

    /// The same session in a page that was loaded again.
    fn reloaded(&self) -> Self {
        let tail = self.log.clone();
        Self::open(Some(SavedSession { checkpoint: self.checkpoint.clone(), tail, until_ms: self.now_ms }))
    }

    fn send(&mut self, message: ToEngine) {
        let answers = self.lab.handle(Envelope::new(1, message));
        self.take(answers);
    }

    fn input(&mut self, input: Input) {
        self.sequence += 1;
        self.send(ToEngine::Input { sequence: self.sequence, input });
    }

    /// Types a line and lets some seconds pass.
    fn run(&mut self, console: u32, line: &str, seconds: u32) {
        self.input(Input::Terminal { console, text: format!("{line}\r") });
        self.wait(seconds);
    }

    fn wait(&mut self, seconds: u32) {
        for _ in 0..seconds {
            self.send(ToEngine::Tick { elapsed_ms: 1000.0 });
            let answers = self.lab.turn(&mut || true);
            self.take(answers);
        }
    }

    fn take(&mut self, answers: Vec<Envelope<ToPage>>) {
        for answer in answers {
            match answer.body {
                ToPage::Consoles { open } => self.consoles = open,
                ToPage::Terminal { console, text } => {
                    assert!(self.consoles.contains(&console), "output of a console that nobody told of");
                    match text.strip_prefix("\u{1b}c") {
                        Some(screen) => drop(self.screens.insert(console, screen.into())),
                        None => self.screens.entry(console).or_default().push_str(&text),
                    }
                }
                ToPage::Map { reset, delta } => {
                    if reset {
                        self.services.clear();
                        self.pods.clear();
                    }
                    self.services.retain(|uid, _| !delta.removed_services.contains(uid));
                    self.services.extend(delta.services.into_iter().map(|service| (service.uid.clone(), service)));
                    self.pods.extend(delta.pods.into_iter().map(|pod| (pod.uid, pod.name)));
                }
                ToPage::Accepted { logged } => self.log.push(logged),
                ToPage::Saved { checkpoint, .. } => {
                    self.checkpoint = Some(checkpoint);
                    self.log.clear();
                }
                ToPage::Clock { clock } => self.now_ms = clock.now_ms,
                ToPage::Failed { message } => panic!("{message}"),
                _ => {}
            }
        }
    }

    /// The last line of a console.
    fn last_line(&self, console: u32) -> &str {
        self.screens[&console].rsplit("\r\n").next().unwrap_or_default()
    }

    /// A service of the namespace default: its kind, ports, and the pods behind it; those not ready in brackets.
    fn service(&self, name: &str) -> String {
        let found = self.services.values().find(|service| service.name == name && service.namespace == "default");
        let Some(service) = found else { return "none".into() };
        let mut pods: Vec<_> = service
            .endpoints
            .iter()
            .map(|endpoint| {
                let pod = self.pods.get(&endpoint.pod).unwrap_or(&endpoint.address);
                if endpoint.ready { pod.clone() } else { format!("({pod})") }
            })
            .collect();
        pods.sort();
        format!("{} {} {}", service.kind, service.ports.join(","), pods.join(" ")).trim_end().to_string()
    }
}

#[test]
fn console_tabs_open_close_and_come_back() {
    let mut page = Page::open(None);
    assert_eq!(page.consoles, [0]);
    page.input(Input::OpenConsole { console: 1 });
    page.wait(1);
    assert_eq!(page.consoles, [0, 1]);
    page.run(1, "echo in-two; pwd", 1);
    assert!(page.screens[&1].contains("in-two\r\n/root\r\n"), "{:?}", page.screens[&1]);
    assert!(!page.screens[&0].contains("in-two"));

    let again = page.reloaded();
    assert_eq!(again.consoles, [0, 1]);
    assert_eq!(again.screens[&1], page.screens[&1]);

    page.input(Input::CloseConsole { console: 0 });
    assert_eq!(page.consoles, [1]);
    page.input(Input::CloseConsole { console: 1 });
    assert_eq!(page.consoles, [1], "the last one stays");
    assert_eq!(page.reloaded().consoles, [1]);
}

#[test]
fn a_closed_tab_ends_what_runs_in_it() {
    let mut page = Page::open(None);
    page.input(Input::OpenConsole { console: 1 });
    page.wait(1);
    page.run(1, "sleep 1000", 1);
    page.run(0, "echo there: $(ps -ef | grep -c '[s]leep 1000')", 1);
    assert!(page.screens[&0].contains("there: 1\r\n"), "{:?}", page.screens[&0]);
    page.input(Input::CloseConsole { console: 1 });
    page.wait(2);
    page.run(0, "echo left: $(ps -ef | grep -c '[s]leep 1000')", 1);
    assert!(page.screens[&0].contains("left: 0\r\n"), "{:?}", page.screens[&0]);
}

#[test]
fn going_back_keeps_the_tabs_and_takes_back_what_they_held() {
    let mut page = Page::open(None);
    page.run(0, "echo before", 2);
    page.input(Input::OpenConsole { console: 1 });
    page.wait(1);
    let prompt = page.last_line(1).to_string();
    page.run(1, "echo after", 1);
    page.input(Input::Clock { control: ClockControl::Rewind { at_ms: 500 } });
    let answers = page.lab.turn(&mut || true);
    page.take(answers);
    assert_eq!(page.consoles, [0, 1]);
    assert!(!page.screens[&1].contains("after"));
    assert_eq!(page.last_line(1), prompt, "a fresh prompt, although time stands still");
    assert_eq!(page.reloaded().consoles, [0, 1]);
}

#[test]
fn a_tab_opened_while_time_stands_still_has_its_prompt() {
    let mut page = Page::open(None);
    page.input(Input::Clock { control: ClockControl::Pause });
    page.input(Input::OpenConsole { console: 1 });
    let answers = page.lab.turn(&mut || true);
    page.take(answers);
    assert!(page.last_line(1).ends_with("# ") || page.last_line(1).ends_with("$ "), "{:?}", page.last_line(1));
}

#[test]
fn there_is_a_bound_on_tabs() {
    let mut page = Page::open(None);
    for console in 1..20 {
        page.input(Input::OpenConsole { console });
    }
    assert_eq!(page.consoles, (0..8).collect::<Vec<_>>());
}

#[test]
fn services_follow_the_pods_behind_them() {
    let mut page = Page::open(None);
    assert_eq!(page.service("kubernetes").split(' ').take(2).collect::<Vec<_>>(), ["ClusterIP", "443/TCP"]);
    page.run(0, "kubectl run a --image=nginx --labels=app=web; kubectl expose pod a --name=web --port=80", 10);
    assert_eq!(page.service("web"), "ClusterIP 80/TCP a");
    page.run(0, "kubectl run b --image=nginx:1.99-nope --labels=app=web", 10);
    assert_eq!(page.service("web"), "ClusterIP 80/TCP (b) a");
    page.run(0, "kubectl label pod a app-", 2);
    page.run(0, "kubectl label pod a app=", 5);
    assert_eq!(page.service("web"), "ClusterIP 80/TCP (b)");
    page.run(0, "kubectl delete service web", 2);
    assert_eq!(page.service("web"), "none");
}

#[test]
fn what_is_modelled_is_told_without_a_lab() {
    let answers = Lab::new().handle(Envelope::new(7, ToEngine::Modelled));
    let [Envelope { id: 7, body: ToPage::Modelled { parts }, .. }] = answers.as_slice() else { panic!("{answers:?}") };
    let ids: Vec<&str> = parts.iter().map(|part| part.id.as_str()).collect();
    assert_eq!(ids, ["kinds", "controllers", "scheduler", "admission", "kubectl", "builtins", "tools", "images"]);
    assert!(parts.iter().all(|part| !part.present.is_empty()));
}
