//! The image catalogue: which images there are and what is in them, from data files.

mod reference;

use std::sync::OnceLock;

use ecow::EcoString;
use podyard_api::{Value, yaml};
use podyard_kernel::Vfs;
use podyard_kernel::fs::{Device, Inode, Node};
use podyard_shell::tools;
use podyard_sim::Time;

pub use reference::{Reference, parse};

/// One image as a registry has it.
#[derive(Clone, Debug)]
pub struct Image {
    /// The repository, as `docker.io/library/nginx`.
    pub repository: EcoString,
    pub size: u64,
    pub entrypoint: Vec<EcoString>,
    pub command: Vec<EcoString>,
    pub env: Vec<(EcoString, EcoString)>,
    pub working_dir: EcoString,
    /// As its configuration names the user; empty for root.
    pub user: EcoString,
    pub uid: u32,
    /// Its files, ready to be copied.
    pub files: Vfs,
}

/// The data files, one a family of images.
const DATA: &[&str] = &[
    include_str!("../../images/alpine.yaml"),
    include_str!("../../images/busybox.yaml"),
    include_str!("../../images/databases.yaml"),
    include_str!("../../images/debian.yaml"),
    include_str!("../../images/examples.yaml"),
    include_str!("../../images/httpd.yaml"),
    include_str!("../../images/languages.yaml"),
    include_str!("../../images/nginx.yaml"),
    include_str!("../../images/redis.yaml"),
    include_str!("../../images/system.yaml"),
];

/// All images, in the order of their files.
pub fn catalogue() -> &'static [Image] {
    static IMAGES: OnceLock<Vec<Image>> = OnceLock::new();
    IMAGES.get_or_init(|| {
        let documents = DATA.iter().flat_map(|text| yaml::documents(text));
        documents.filter_map(|document| yaml::parse(document.text).ok()).map(|data| image(&data)).collect()
    })
}

/// What stands for an image that is not in the catalogue, where an environment has all images.
pub const ANY: &str = "any";

/// The image of this repository.
pub fn find(repository: &str) -> Option<&'static Image> {
    catalogue().iter().find(|image| image.repository == repository)
}

/// Whether a registry has this tag of an image: it has those that look like a version, and `latest`.
pub fn has_tag(tag: &str) -> bool {
    let version = tag.split('-').next().unwrap_or_default().trim_start_matches('v');
    let is_version = !version.is_empty()
        && version
            .split('.')
            .all(|part| !part.is_empty() && part.len() < 4 && part.bytes().all(|b| b.is_ascii_digit()))
        && version.split('.').all(|part| part.parse::<u32>().is_ok_and(|number| number != 99));
    let known = ["latest", "stable", "mainline", "alpine", "slim", "perl", "bookworm", "trixie", "musl", "glibc"];
    is_version && !tag.contains("99") && !tag.contains("typo") || known.contains(&tag)
}

fn image(data: &Value) -> Image {
    let texts = |name: &str| data.get(name).items().iter().map(Value::text).collect();
    let pairs = data.get("env").fields().iter().map(|(key, value)| (key.text(), value.text()));
    Image {
        repository: data.get("repository").text(),
        size: data.get("size").as_i64().and_then(|size| u64::try_from(size).ok()).unwrap_or(10 << 20),
        entrypoint: texts("entrypoint"),
        command: texts("command"),
        env: pairs.collect(),
        working_dir: data.get("workingDir").text(),
        user: data.get("user").text(),
        uid: uid(data),
        files: files(data),
    }
}

/// The number of an image's user.
fn uid(data: &Value) -> u32 {
    let number = data.get("user").as_i64().or(data.get("userNumber").as_i64());
    number.and_then(|uid| u32::try_from(uid).ok()).unwrap_or(0)
}

/// An image's tree: its base, its tools, its programs and its files.
fn files(data: &Value) -> Vfs {
    let built = Time::from_secs(1_790_000_000);
    let mut vfs = Vfs::new();
    for directory in ["/bin", "/etc", "/root", "/tmp", "/usr/bin", "/usr/sbin", "/var/run", "/proc", "/sys", "/dev"] {
        vfs.put_dir(directory, built);
    }
    for (name, device) in [
        ("null", Device::Null),
        ("zero", Device::Zero),
        ("full", Device::Full),
        ("random", Device::Random),
        ("urandom", Device::Random),
        ("tty", Device::Terminal),
        ("stdin", Device::Stdin),
        ("stdout", Device::Stdout),
        ("stderr", Device::Stderr),
    ] {
        vfs.put(&format!("/dev/{name}"), Inode::new(Node::Device(device), 0o666, built));
    }
    vfs.put_file(
        "/etc/passwd",
        "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/nonexistent:/bin/false\n",
        built,
    );
    vfs.put_file("/etc/group", "root:x:0:\nnogroup:x:65534:\n", built);
    let flavour = data.get("tools").str();
    if !flavour.is_empty() {
        let shell = if flavour == "busybox" { "busybox:sh" } else { "dash" };
        vfs.put_program("/bin/sh", shell, built);
        let more = if flavour == "busybox" { tools::BUSYBOX_IDS } else { &["getent"] };
        for id in tools::IDS.iter().chain(more) {
            let program = if flavour == "busybox" { format!("busybox:{id}") } else { (*id).to_string() };
            vfs.put_program(&format!("/bin/{id}"), &program, built);
        }
    }
    if flavour == "gnu" {
        vfs.put_program("/bin/bash", "bash", built);
    }
    for (path, id) in data.get("programs").fields() {
        vfs.put_program(path, id.str(), built);
    }
    for (path, text) in data.get("files").fields() {
        vfs.put_file(path, text.str(), built);
    }
    vfs
}
