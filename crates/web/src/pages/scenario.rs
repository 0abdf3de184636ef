//! One exercise: task, map, terminal, clock and inspector.

use std::rc::Rc;

use podyard_view::{ClockControl, Input, ObjectRef, WhyKind};
use yew::prelude::*;

use crate::bridge::{self, focus_soon};
use crate::components::clock_bar::ClockBar;
use crate::components::inspector::InspectorDrawer;
use crate::components::notices::Notices;
use crate::components::panel_tabs::{Panel, PanelTabs};
use crate::components::sandbox_panel::SandboxPanel;
use crate::components::split_handle::SplitHandle;
use crate::components::status_page::StatusPage;
use crate::components::task_panel::TaskPanel;
use crate::components::terminal_pane::TerminalPane;
use crate::components::terminal_tabs::Tab;
use crate::components::why_board::WhyBoard;
use crate::components::yard_map::YardMap;
use crate::desk::Desk;
use crate::hooks::{use_desk, use_keys};
use crate::state::{LabState, Phase};

/// The map's share of the height beside the terminal, in percent, until the learner changes it.
const MAP_SHARE: f64 = 45.0;

#[derive(PartialEq, Properties)]
pub(crate) struct ScenarioPageProps {
    /// `<track>/<slug>`.
    pub(crate) path: AttrValue,
    pub(crate) seed: Option<u64>,
    pub(crate) on_title: Callback<AttrValue>,
    pub(crate) on_help: Callback<bool>,
}

#[component(ScenarioPage)]
pub(crate) fn scenario_page(props: &ScenarioPageProps) -> Html {
    let (state, desk) = use_desk(&props.path, props.seed);
    let panel = use_state(|| Panel::Task);
    let on_panel = use_callback((), {
        let panel = panel.clone();
        move |shown: Panel, ()| panel.set(shown)
    });

    use_effect_with(state.lab.title.clone(), {
        let on_title = props.on_title.clone();
        move |title| on_title.emit(title.clone().into())
    });
    use_effect_with((props.path.clone(), state.progress.clone()), |(path, progress)| note_progress(path, progress));
    use_effect_with(state.phase == Phase::Open, |open| {
        if *open && nothing_has_focus() && is_wide() {
            bridge::focus_on(Panel::Terminal.focus_target());
        }
    });
    let on_keys = use_callback((desk.clone(), *panel, state.clock.playing, state.consoles.next()), {
        let (on_panel, on_help) = (on_panel.clone(), props.on_help.clone());
        move |event: KeyboardEvent, (desk, panel, playing, next_console)| {
            let keys = Keys { desk, panel: *panel, playing: *playing, next_console: *next_console };
            keys.on_key(&event, &on_panel, &on_help);
        }
    });
    use_keys(on_keys);

    match &state.phase {
        Phase::Elsewhere => {
            elsewhere(&desk, "This exercise is open in another tab", "Two tabs would overwrite each other's work.")
        }
        Phase::TakenAway => {
            elsewhere(&desk, "Another tab has taken this exercise over", "Your work is there; this tab has stopped.")
        }
        Phase::Broken(why) => html! {
            <StatusPage heading="This exercise cannot be shown" text={why.clone()}>
                <a class="button button--primary" href="#/">{ "All exercises" }</a>
            </StatusPage>
        },
        Phase::Loading | Phase::Open | Phase::Recovering => {
            html! { <Bench {state} {desk} panel={*panel} {on_panel} /> }
        }
    }
}

#[derive(PartialEq, Properties)]
struct BenchProps {
    state: Rc<LabState>,
    desk: Desk,
    panel: Panel,
    on_panel: Callback<Panel>,
}

/// The panels. They are there from the first moment, so that the terminal has its size when the engine opens.
#[component(Bench)]
fn bench(props: &BenchProps) -> Html {
    let BenchProps { state, desk, panel, on_panel } = props;
    let on = Handlers::new(desk, state.consoles.shown);
    let share = use_state(|| bridge::setting("mapShare").parse().unwrap_or(MAP_SHARE));
    let on_share = {
        let share = share.clone();
        Callback::from(move |new: f64| {
            bridge::setting_put("mapShare", &new.to_string());
            share.set(new);
        })
    };
    let style = format!("--map-share: {}fr; --terminal-share: {}fr", *share, 100.0 - *share);
    let busy = match state.phase {
        Phase::Loading => Some("Setting up the cluster"),
        Phase::Recovering => Some("Bringing your session back"),
        _ => None,
    };
    html! {
        <main class="bench" id="main" tabindex="-1" {style} data-panel={panel.id()} aria-busy={busy.is_some().to_string()}>
            <PanelTabs shown={*panel} sandbox={!state.lab.ideas.is_empty()} on_show={on_panel.clone()} />
            <Notices notices={state.notices.clone()} on_dismiss={on.dismiss} on_insert={on.insert.clone()}
                on_download_aside={on.download_aside} on_download_session={on.download_session} />
            if state.lab.ideas.is_empty() {
                <TaskPanel lab={state.lab.clone()} progress={state.progress.clone()} report={state.report.clone()}
                    checking={state.checking.clone()} on_check={on.check} on_hint={on.hint} on_solution={on.solution}
                    on_restart={on.restart} on_insert={on.insert} />
            } else {
                <SandboxPanel lab={state.lab.clone()} on_restart={on.restart} on_insert={on.insert} />
            }
            <TerminalPane consoles={state.consoles.clone()} pasting={state.pasting} on_data={on.data}
                on_resize={on.resize} on_tab={on.tab} />
            if state.why.kind.is_some() {
                <WhyBoard why={state.why.clone()} on_show={on.show_table} on_choose={on.choose} on_ask={on.ask}
                    on_inspect={on.inspect.clone()} />
            } else {
                <YardMap map={state.map.clone()} selected={state.inspector.as_ref().map(|inspector| inspector.object.clone())}
                    on_inspect={on.inspect.clone()} on_show={on.show_table} />
            }
            <SplitHandle share={*share} {on_share} />
            if let Some(inspector) = &state.inspector {
                <InspectorDrawer inspector={inspector.clone()} on_close={on.close_inspector} on_inspect={on.inspect} />
            }
            <ClockBar clock={state.clock.clone()} on_control={on.clock} />
            if let Some(busy) = busy {
                <p class="bench__busy" role="status">{ busy }{ " …" }</p>
            }
        </main>
    }
}

/// What the components call, all of it handed to the desk.
struct Handlers {
    dismiss: Callback<u32>,
    insert: Callback<String>,
    download_aside: Callback<()>,
    download_session: Callback<()>,
    check: Callback<Option<String>>,
    hint: Callback<String>,
    solution: Callback<()>,
    restart: Callback<()>,
    data: Callback<(u32, String)>,
    resize: Callback<(u32, u16, u16)>,
    tab: Callback<Tab>,
    inspect: Callback<ObjectRef>,
    show_table: Callback<Option<WhyKind>>,
    choose: Callback<String>,
    ask: Callback<Vec<String>>,
    close_inspector: Callback<()>,
    clock: Callback<ClockControl>,
}

impl Handlers {
    fn new(desk: &Desk, console: u32) -> Self {
        fn to<T: 'static>(desk: &Desk, body: impl Fn(&Desk, T) + 'static) -> Callback<T> {
            let desk = desk.clone();
            Callback::from(move |value| body(&desk, value))
        }
        Self {
            dismiss: to(desk, Desk::dismiss),
            insert: to(desk, move |desk, text: String| {
                // In place of what stands at the prompt already.
                desk.type_text(console, format!("\u{15}{}", text.replace('\n', "\r")));
                bridge::terminal_focus(console);
            }),
            download_aside: to(desk, |desk, ()| desk.download_aside()),
            download_session: to(desk, |desk, ()| desk.download_session()),
            check: to(desk, Desk::check),
            hint: to(desk, |desk, task| desk.input(Input::Hint { task })),
            solution: to(desk, |desk, ()| desk.input(Input::RevealSolution)),
            restart: to(desk, |desk, ()| desk.restart()),
            data: to(desk, |desk, (console, text)| desk.type_text(console, text)),
            resize: to(desk, |desk, (console, columns, rows)| desk.resize(console, columns, rows)),
            tab: to(desk, |desk, tab| match tab {
                Tab::Show(console) => desk.show_console(console),
                Tab::Open(console) => open_terminal(desk, console),
                Tab::Close(console) => desk.close_console(console),
            }),
            inspect: to(desk, |desk, object| desk.inspect(Some(object))),
            show_table: to(desk, Desk::show_table),
            choose: to(desk, Desk::choose),
            ask: to(desk, Desk::ask_reasons),
            close_inspector: to(desk, |desk, ()| {
                desk.inspect(None);
                bridge::focus_on("[data-map-stop][tabindex='0'], [data-why-stop][tabindex='0']");
            }),
            clock: to(desk, Desk::clock),
        }
    }
}

fn elsewhere(desk: &Desk, heading: &'static str, text: &'static str) -> Html {
    let desk = desk.clone();
    let onclick = Callback::from(move |_| desk.open(true));
    html! {
        <StatusPage {heading} {text}>
            <button type="button" class="button button--primary" {onclick}>{ "Go on in this tab" }</button>
            <a class="button" href="#/">{ "All exercises" }</a>
        </StatusPage>
    }
}

/// What the page's own keys act on.
struct Keys<'a> {
    desk: &'a Desk,
    panel: Panel,
    playing: bool,
    next_console: Option<u32>,
}

impl Keys<'_> {
    /// The page's own keys. Everything else belongs to what has the focus, most often the terminal.
    fn on_key(&self, event: &KeyboardEvent, on_panel: &Callback<Panel>, on_help: &Callback<bool>) {
        if event.key() == "F6" {
            event.prevent_default();
            let next = next_panel(self.panel, event.shift_key());
            on_panel.emit(next);
            focus_soon(next.focus_target().to_owned());
            return;
        }
        if event.key() == "?" && !typing(event) {
            event.prevent_default();
            on_help.emit(true);
            return;
        }
        if !(event.alt_key() && event.shift_key()) || event.ctrl_key() {
            return;
        }
        let desk = self.desk;
        match (event.code().as_str(), self.next_console) {
            ("KeyC", _) => desk.check(None),
            ("KeyP", _) => desk.clock(if self.playing { ClockControl::Pause } else { ClockControl::Play }),
            ("KeyN", _) => desk.clock(ClockControl::Step),
            ("KeyZ", _) => desk.clock(ClockControl::Undo),
            ("KeyT", Some(console)) => {
                on_panel.emit(Panel::Terminal);
                open_terminal(desk, console);
            }
            _ => return,
        }
        event.prevent_default();
    }
}

/// Opens a terminal and goes there.
fn open_terminal(desk: &Desk, console: u32) {
    desk.open_console(console);
    focus_soon(Panel::Terminal.focus_target().to_owned());
}

/// The panel after (or before) the one that has the focus.
fn next_panel(shown: Panel, back: bool) -> Panel {
    let focused = document().and_then(|document| document.active_element());
    let inside = |panel: &Panel| {
        let selector = format!("#panel-{}", panel.id());
        focused.as_ref().is_some_and(|element| element.closest(&selector).ok().flatten().is_some())
    };
    let here = Panel::ALL.into_iter().find(inside);
    let index = Panel::ALL.iter().position(|panel| *panel == here.unwrap_or(shown)).unwrap_or(0);
    let step = match (here, back) {
        (None, _) => 0,
        (_, false) => 1,
        (_, true) => Panel::ALL.len() - 1,
    };
    Panel::ALL[(index + step) % Panel::ALL.len()]
}

/// Whether the key goes into a field.
fn typing(event: &KeyboardEvent) -> bool {
    event
        .target_dyn_into::<web_sys::Element>()
        .is_some_and(|element| matches!(element.tag_name().as_str(), "INPUT" | "TEXTAREA" | "SELECT"))
}

fn note_progress(path: &AttrValue, progress: &Rc<Vec<podyard_view::TaskProgress>>) {
    if !progress.is_empty() {
        let passed = progress.iter().filter(|task| task.passed).count();
        bridge::setting_put(&format!("progress.{path}"), &format!("{passed}/{}", progress.len()));
    }
}

fn nothing_has_focus() -> bool {
    document().and_then(|document| document.active_element()).is_none_or(|element| element.tag_name() == "BODY")
}

fn is_wide() -> bool {
    let width = web_sys::window().and_then(|window| window.inner_width().ok()).and_then(|width| width.as_f64());
    width.is_some_and(|width| width >= 900.0)
}

fn document() -> Option<web_sys::Document> {
    web_sys::window().and_then(|window| window.document())
}
