//! `cargo xtask`: build, serve, test and tidy.
fn main() -> std::process::ExitCode {
    podyard_xtask::main()
}
