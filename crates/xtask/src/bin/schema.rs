//! Generates the schema tables; `cargo xtask schema` runs it, so that no ordinary build compiles `k8s-openapi`.
fn main() -> anyhow::Result<()> {
    podyard_xtask::schema(std::env::args().any(|argument| argument == "--check"))
}
