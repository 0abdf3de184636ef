//! One task: what to do, its check and hints.

use podyard_view::{TaskProgress, TaskReport, TaskView};
use yew::prelude::*;

use super::icon::{Glyph, Icon};
use super::verdicts::Verdicts;
use crate::markdown::markdown;

#[derive(PartialEq, Properties)]
pub(crate) struct TaskCardProps {
    /// Counted from 1.
    pub(crate) number: usize,
    pub(crate) task: TaskView,
    pub(crate) progress: TaskProgress,
    /// The last verdict, if it was checked.
    pub(crate) report: Option<TaskReport>,
    /// This task is being checked.
    pub(crate) checking: bool,
    pub(crate) on_check: Callback<String>,
    pub(crate) on_hint: Callback<String>,
}

#[component(TaskCard)]
pub(crate) fn task_card(props: &TaskCardProps) -> Html {
    let task = &props.task;
    let passed = props.progress.passed;
    let failed = !passed && props.report.as_ref().is_some_and(|report| !report.passed);
    let shown = props.progress.hints.len();
    let with_id = |callback: &Callback<String>| {
        let id = task.id.clone();
        callback.reform(move |_| id.clone())
    };
    let class = classes!("task", passed.then_some("task--passed"), failed.then_some("task--failed"));
    html! {
        <li {class} aria-label={format!("Task {}{}", props.number, if passed { ", passed" } else { "" })}>
            <div class="task__mark" aria-hidden="true">
                if passed { <Glyph icon={Icon::Check} /> } else { { props.number } }
            </div>
            <div class="task__body">
                <div class="prose">{ markdown(&task.text) }</div>
                if shown > 0 {
                    <ol class="hints" aria-label="Hints">
                        { for props.progress.hints.iter().map(|hint| html! { <li class="hint prose">{ markdown(hint) }</li> }) }
                    </ol>
                }
                if let Some(report) = &props.report {
                    <Verdicts report={report.clone()} />
                }
                <div class="task__actions">
                    <button type="button" class="button button--primary" aria-disabled={props.checking.to_string()} onclick={with_id(&props.on_check)}>
                        { if props.checking { "Checking" } else { "Check" } }
                        <span class="sr-only">{ format!(" task {}", props.number) }</span>
                    </button>
                    if shown < task.hints {
                        <button type="button" class="button button--quiet" onclick={with_id(&props.on_hint)}>
                            <Glyph icon={Icon::Hint} />
                            { format!("Hint {} of {}", shown + 1, task.hints) }
                        </button>
                    }
                </div>
            </div>
        </li>
    }
}
