//! `sed -i`: the same script, on whole files.

use super::super::stream::{Filter, Next, Out, sed};
use super::Env;

pub(super) async fn in_place(env: &Env) -> u8 {
    let call = match sed::read(&env.args, env.flavour) {
        Ok(call) => call,
        Err(usage) => return env.usage(usage).await,
    };
    let suffix = call.in_place.unwrap_or_default();
    let mut status = 0;
    for path in &call.files {
        let bytes = match env.sys.read_file(path).await {
            Ok(bytes) => bytes,
            Err(errno) => {
                env.complain(format!("can't read {path}: {errno}")).await;
                status = 2;
                continue;
            }
        };
        let mut sed = call.sed.clone();
        let mut out = Out::default();
        let text = bytes.split_inclusive(|byte| *byte == b'\n');
        for line in text {
            let ended = line.ends_with(b"\n");
            if sed.line(line.strip_suffix(b"\n").unwrap_or(line), ended, &mut out) == Next::Stop {
                break;
            }
        }
        status = status.max(sed.finish(&mut out));
        env.sys.eprint(String::from_utf8_lossy(&out.errors)).await;
        if !suffix.is_empty() {
            let copy = if suffix.contains('*') { suffix.replace('*', path) } else { format!("{path}{suffix}") };
            if env.sys.write_file(&copy, &bytes).await.is_err() {
                status = 4;
            }
        }
        if let Err(errno) = env.sys.write_file(path, &out.text).await {
            env.complain(format!("couldn't open file {path}: {errno}")).await;
            status = 4;
        }
    }
    status
}
