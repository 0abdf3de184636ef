//! What curl says of a transfer: `-w`, the progress meter.

use std::time::Duration;

/// A transfer that has ended.
#[derive(Clone, Debug, Default)]
pub(super) struct Done {
    pub url: String,
    pub redirect: String,
    pub code: u16,
    pub content_type: String,
    pub remote: Option<(String, u16)>,
    /// Bytes of the body.
    pub size: usize,
    pub redirects: u32,
    /// When there was a connection, from the beginning.
    pub connected: Duration,
    pub elapsed: Duration,
    /// The exit status.
    pub status: u8,
    pub error: String,
    /// Whether the progress meter has been shown.
    pub saved: bool,
}

pub(super) const SSL_HINT: &str = "More details here: https://curl.se/docs/sslcerts.html\n\ncurl failed to verify the legitimacy of the server and therefore could not\nestablish a secure connection to it. To learn more about this situation and\nhow to fix it, please visit the web page mentioned above.\n";

pub(super) const PROGRESS: &str = "  % Total    % Received % Xferd  Average Speed   Time    Time     Time  Current\n                                 Dload  Upload   Total   Spent    Left  Speed\n";

/// A line of the progress meter.
pub(super) fn progress(size: usize, elapsed: Duration) -> String {
    let percent = if size > 0 { 100 } else { 0 };
    // What took no time took a millisecond.
    let speed = (size as u128 * 1000 / elapsed.as_millis().max(1)) as u64;
    let (size, speed) = (short(size as u64), short(speed));
    let speed = speed.trim_start();
    let current = if percent == 0 { "0" } else { speed };
    format!(
        "\r{percent:>3} {size}  {percent:>3} {size}    0     0  {speed:>5}      0 --:--:-- --:--:-- --:--:-- {current:>5}"
    )
}

/// A number in five columns.
// Models curl src/tool_progress.c max5data
fn short(number: u64) -> String {
    match number {
        0..100_000 => format!("{number:>5}"),
        100_000..10_240_000 => format!("{:>4}k", number >> 10),
        _ => format!("{:>4}M", number >> 20),
    }
}

/// The text of `-w`.
pub(super) fn write_out(format: &str, done: &Done) -> String {
    let mut out = String::new();
    let mut rest = format;
    while let Some(c) = rest.chars().next() {
        if let Some(inner) = rest.strip_prefix("%{")
            && let Some((name, behind)) = inner.split_once('}')
        {
            out.push_str(&variable(name, done).unwrap_or_default());
            rest = behind;
            continue;
        }
        let escape = ["%%", "\\n", "\\r", "\\t"].iter().position(|escape| rest.starts_with(escape));
        match escape {
            Some(which) => {
                out.push(['%', '\n', '\r', '\t'][which]);
                rest = &rest[2..];
            }
            None => {
                out.push(c);
                rest = &rest[c.len_utf8()..];
            }
        }
    }
    out
}

fn variable(name: &str, done: &Done) -> Option<String> {
    let seconds = |time: Duration| format!("{:.6}", time.as_secs_f64());
    let remote = done.remote.as_ref();
    Some(match name {
        "content_type" => done.content_type.clone(),
        "errormsg" => done.error.clone(),
        "exitcode" => done.status.to_string(),
        "http_code" | "response_code" => format!("{:03}", done.code),
        "http_version" => if done.code == 0 { "0" } else { "1.1" }.into(),
        "num_connects" => u32::from(done.code != 0).to_string(),
        "num_redirects" => done.redirects.to_string(),
        "redirect_url" => done.redirect.clone(),
        "remote_ip" => remote.map(|(address, _)| address.clone()).unwrap_or_default(),
        "remote_port" => remote.map_or(0, |(_, port)| *port).to_string(),
        "scheme" => if done.url.starts_with("https") { "HTTPS" } else { "HTTP" }.into(),
        "size_download" => done.size.to_string(),
        "time_appconnect" | "time_redirect" => seconds(Duration::ZERO),
        "time_connect" | "time_pretransfer" => seconds(done.connected),
        "time_namelookup" => seconds(Duration::ZERO),
        "time_starttransfer" | "time_total" => seconds(done.elapsed),
        "url" | "url_effective" if done.url.contains("://") => done.url.clone(),
        "url" => done.url.clone(),
        "url_effective" => {
            let slash = if done.url.contains('/') { "" } else { "/" };
            format!("http://{}{slash}", done.url)
        }
        _ => return None,
    })
}

/// For `Authorization: Basic`.
pub(super) fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let bits = chunk.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for place in 0..4 {
            let digit = DIGITS[(bits >> (18 - 6 * place) & 63) as usize];
            out.push(if place > chunk.len() { '=' } else { char::from(digit) });
        }
    }
    out
}
