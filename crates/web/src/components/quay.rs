//! The picture on the catalogue: containers stacked on a quay, one of them on its way.

use yew::prelude::*;

/// Size of one container, in the picture's units.
const BOX: (u32, u32) = (56, 26);
/// Where the containers stand, and in which colour.
const STACKS: [(u32, u32, &str); 9] = [
    (0, 0, "tone-done"),
    (1, 0, "tone-good"),
    (2, 0, "tone-done"),
    (4, 0, "tone-good"),
    (5, 0, "tone-pending"),
    (0, 1, "tone-good"),
    (1, 1, "tone-good"),
    (5, 1, "tone-good"),
    (0, 2, "tone-bad"),
];
const GROUND: u32 = 190;

#[component(Quay)]
pub(crate) fn quay() -> Html {
    let stacked = STACKS
        .iter()
        .map(|&(column, level, class)| container(20 + column * (BOX.0 + 4), GROUND - (level + 1) * (BOX.1 + 2), class));
    html! {
        <svg class="quay" viewBox="0 0 400 200" aria-hidden="true" focusable="false">
            <path class="quay__crane" d="M120 190V42M232 190V42M60 42H372M120 42L176 12L232 42M176 12V42" />
            <g class="quay__lifted">
                <path class="quay__rope" d="M310 42V84M328 42V84" />
                { container(291, 84, "tone-pending") }
            </g>
            { for stacked }
            <path class="quay__ground" d="M0 191.5H400" />
        </svg>
    }
}

fn container(x: u32, y: u32, class: &'static str) -> Html {
    let ribs: String = (1..7).map(|rib| format!("M{} {}v{}", x + rib * 8, y + 4, BOX.1 - 8)).collect();
    html! {
        <g {class}>
            <rect class="quay__box" x={x.to_string()} y={y.to_string()} width={BOX.0.to_string()} height={BOX.1.to_string()} rx="2" />
            <path class="quay__ribs" d={ribs} />
        </g>
    }
}
