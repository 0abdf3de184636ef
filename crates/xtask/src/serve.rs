//! Serves the built site on this machine: a small HTTP server for development and the browser tests.

use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};

use crate::run::root;
use crate::site;

/// Builds the site and serves it until the process is ended.
pub(crate) fn run(port: u16, options: &site::Options, dist: &Path) -> Result<()> {
    site::build(options, dist)?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))
        .with_context(|| format!("port {port} is taken: choose another with --port"))?;
    println!("serving http://{}/", listener.local_addr()?);
    serve(&listener, &Arc::new(Site::new(dist)?));
    Ok(())
}

/// Serves a folder on a free port, in the background, for as long as the process runs.
pub(crate) fn in_background(dist: &Path) -> Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let address = listener.local_addr()?;
    let site = Arc::new(Site::new(dist)?);
    std::thread::spawn(move || serve(&listener, &site));
    Ok(address)
}

struct Site {
    folder: PathBuf,
    policy: String,
}

impl Site {
    fn new(folder: &Path) -> Result<Self> {
        let file = root().join("www/csp.txt");
        let text = std::fs::read_to_string(&file).with_context(|| file.display().to_string())?;
        let lines: Vec<&str> = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
        Ok(Self { folder: folder.to_path_buf(), policy: lines.join("; ") })
    }
}

fn serve(listener: &TcpListener, site: &Arc<Site>) {
    for stream in listener.incoming().flatten() {
        let site = Arc::clone(site);
        // A browser that hangs up mid-answer is no failure of the server.
        std::thread::spawn(move || drop(converse(stream, &site)));
    }
}

/// Answers the requests of one connection, one after another.
fn converse(mut stream: TcpStream, site: &Site) -> Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(60)))?;
    stream.set_nodelay(true)?;
    let mut reader = BufReader::new(stream.try_clone()?);
    loop {
        let mut request = String::new();
        if reader.read_line(&mut request)? == 0 {
            return Ok(());
        }
        let mut header = String::from("-");
        while !header.trim().is_empty() {
            header.clear();
            reader.read_line(&mut header)?;
        }
        let answer = answer(site, &request);
        stream.write_all(&answer)?;
    }
}

fn answer(site: &Site, request: &str) -> Vec<u8> {
    let mut words = request.split_whitespace();
    let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or("/"));
    if !matches!(method, "GET" | "HEAD") {
        return response(site, "405 Method Not Allowed", "text/plain", "no-store", b"only GET and HEAD", true);
    }
    let path = target.split(['?', '#']).next().unwrap_or("/");
    let file = local_file(&site.folder, path);
    let Some((file, body)) = file.and_then(|file| Some((file.clone(), std::fs::read(file).ok()?))) else {
        return response(site, "404 Not Found", "text/plain", "no-store", b"not found", method == "GET");
    };
    // Names under assets/ carry a hash of their content.
    let cache = if path.starts_with("/assets/") { "public, max-age=31536000, immutable" } else { "no-cache" };
    response(site, "200 OK", content_type(&file), cache, &body, method == "GET")
}

/// The file a URL's path names, if it stays inside the folder.
fn local_file(folder: &Path, path: &str) -> Option<PathBuf> {
    let relative = Path::new(path.trim_start_matches('/'));
    if !relative.components().all(|part| matches!(part, Component::Normal(_))) {
        return None;
    }
    let file = folder.join(relative);
    Some(if file.is_dir() { file.join("index.html") } else { file })
}

fn response(site: &Site, status: &str, kind: &str, cache: &str, body: &[u8], with_body: bool) -> Vec<u8> {
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nCache-Control: {cache}\r\n\
         Content-Security-Policy: {}\r\nX-Content-Type-Options: nosniff\r\n\r\n",
        body.len(),
        site.policy
    );
    let mut bytes = head.into_bytes();
    if with_body {
        bytes.extend_from_slice(body);
    }
    bytes
}

fn content_type(file: &Path) -> &'static str {
    match file.extension().and_then(|extension| extension.to_str()).unwrap_or_default() {
        "css" => "text/css; charset=utf-8",
        "html" => "text/html; charset=utf-8",
        "ico" => "image/x-icon",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "json" | "map" => "application/json; charset=utf-8",
        "png" => "image/png",
        "svg" => "image/svg+xml",
        "txt" => "text/plain; charset=utf-8",
        "wasm" => "application/wasm",
        "webmanifest" => "application/manifest+json",
        "woff2" => "font/woff2",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_cannot_leave_the_folder() {
        let folder = Path::new("/site");
        assert_eq!(local_file(folder, "/assets/a.js"), Some(PathBuf::from("/site/assets/a.js")));
        assert_eq!(local_file(folder, "/"), Some(PathBuf::from("/site")));
        for outside in ["/../etc/passwd", "/a/../../b", "//../x"] {
            assert_eq!(local_file(folder, outside), None, "{outside}");
        }
    }
}
