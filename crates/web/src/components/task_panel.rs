//! The exercise: its story, its tasks, and what is to be had when they are done.

use std::rc::Rc;

use podyard_view::{CheckReport, LabView, TaskProgress};
use yew::prelude::*;

use super::confirm_button::ConfirmButton;
use super::task_card::TaskCard;
use crate::markdown::markdown;
use crate::state::Checking;
use crate::words;

#[derive(PartialEq, Properties)]
pub(crate) struct TaskPanelProps {
    pub(crate) lab: Rc<LabView>,
    pub(crate) progress: Rc<Vec<TaskProgress>>,
    pub(crate) report: Rc<CheckReport>,
    pub(crate) checking: Option<Checking>,
    /// Checks one task, or all.
    pub(crate) on_check: Callback<Option<String>>,
    pub(crate) on_hint: Callback<String>,
    pub(crate) on_solution: Callback<()>,
    pub(crate) on_restart: Callback<()>,
    /// Puts a text at the console's prompt; lines that end are run.
    pub(crate) on_insert: Callback<String>,
}

#[component(TaskPanel)]
pub(crate) fn task_panel(props: &TaskPanelProps) -> Html {
    let lab = &props.lab;
    let passed = props.progress.iter().filter(|task| task.passed).count();
    let all = passed == lab.tasks.len() && passed > 0;
    let tasks = lab.tasks.iter().enumerate().map(|(index, task)| {
        let progress = props.progress.iter().find(|progress| progress.id == task.id).cloned().unwrap_or_default();
        let report = props.report.tasks.iter().find(|report| report.id == task.id).cloned();
        let checking = match &props.checking {
            Some(Checking::All) => true,
            Some(Checking::Task(id)) => *id == task.id,
            None => false,
        };
        html! {
            <TaskCard key={task.id.clone()} number={index + 1} task={task.clone()} {progress} {report} {checking}
                on_check={props.on_check.reform(Some)} on_hint={props.on_hint.clone()} />
        }
    });
    html! {
        <section class="task-panel panel" id="panel-task" tabindex="-1" aria-labelledby="exercise-title">
            <header class="task-panel__head">
                <h1 id="exercise-title">{ &lab.title }</h1>
                <p class="meta">
                    if lab.minutes > 0 { <span>{ format!("about {}", words::count(lab.minutes as usize, "minute")) }</span> }
                    { difficulty(lab.difficulty) }
                    <span class="meta__done">{ format!("{passed} of {} done", words::count(lab.tasks.len(), "task")) }</span>
                </p>
            </header>
            <div class="prose story">{ markdown(&lab.story) }</div>
            <ol class="tasks" aria-label="Tasks">{ for tasks }</ol>
            <p class="sr-only" role="status">{ announcement(&props.report, props.checking.is_some()) }</p>
            if all {
                <div class="debrief">
                    <h2>{ "Done" }</h2>
                    <div class="prose">{ markdown(props.report.debrief.as_deref().unwrap_or("Every task has passed.")) }</div>
                    <a class="button" href="#/">{ "Choose the next exercise" }</a>
                </div>
            }
            { solution(props) }
            <footer class="task-panel__foot">
                if lab.tasks.len() > 1 {
                    <button type="button" class="button" aria-disabled={props.checking.is_some().to_string()} onclick={props.on_check.reform(|_| None)}>
                        { "Check all" }
                    </button>
                }
                if lab.has_solution && solution_of(props).is_none() {
                    <ConfirmButton label="Show the solution" question="Really show it?" on_confirm={props.on_solution.clone()} />
                }
                <ConfirmButton label="Start over" question="Start over? This session is deleted" on_confirm={props.on_restart.clone()} />
            </footer>
        </section>
    }
}

fn difficulty(level: u8) -> Html {
    if level == 0 {
        return Html::default();
    }
    let level = level.min(5);
    html! {
        <span class="difficulty" role="img" aria-label={format!("difficulty {level} of 5")}>
            { for (1..=5).map(|step| html! { <i class={classes!((step <= level).then_some("on"))}></i> }) }
        </span>
    }
}

fn solution_of(props: &TaskPanelProps) -> Option<&String> {
    props.progress.iter().find_map(|task| task.solution.as_ref())
}

fn solution(props: &TaskPanelProps) -> Html {
    let Some(text) = solution_of(props) else { return Html::default() };
    let lines = text.trim_end().to_owned();
    let (label, lines) =
        if lines.contains('\n') { ("Run these lines", format!("{lines}\n")) } else { ("Put it at the prompt", lines) };
    let onclick = props.on_insert.reform(move |_| lines.clone());
    html! {
        <section class="solution" aria-labelledby="solution-title">
            <h2 id="solution-title">{ "One solution" }</h2>
            <pre tabindex="0">{ text.trim_end() }</pre>
            <button type="button" class="button" {onclick}>{ label }</button>
        </section>
    }
}

/// What a screen reader says after a check.
fn announcement(report: &CheckReport, checking: bool) -> String {
    if checking {
        return "Checking".to_owned();
    }
    if report.tasks.is_empty() {
        return String::new();
    }
    let failed: Vec<&str> = report
        .tasks
        .iter()
        .flat_map(|task| &task.checks)
        .filter(|check| !check.passed)
        .map(|check| check.name.as_str())
        .collect();
    let passed = report.tasks.iter().filter(|task| task.passed).count();
    let verdict = format!("{passed} of {} passed.", words::count(report.tasks.len(), "checked task"));
    if failed.is_empty() { verdict } else { format!("{verdict} Not yet: {}.", failed.join("; ")) }
}
