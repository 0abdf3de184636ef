//! The network tools, against a server that is `nc`.

use crate::harness::{Done, World};

/// Runs a script; holds output, errors and status against what is expected.
fn check(shell: &str, script: &str, out: &str, err: &str, status: u8) {
    let done = World::new().run(&[shell, "-c", script], 100_000);
    assert_eq!(done, Done { out: out.into(), err: err.into(), status: Some(status) }, "{script}");
}

/// A server for one request, before the script.
fn serving(reply: &str, script: &str) -> String {
    format!("printf '{reply}' | nc -l -p 80 > /tmp/request & sleep 0.1; {script}")
}

const PAGE: &str = r"HTTP/1.1 200 OK\r\nServer: nginx/1.29.1\r\nContent-Type: text/html\r\nContent-Length: 6\r\nConnection: close\r\n\r\nhello\n";
const MISSING: &str = r"HTTP/1.1 404 Not Found\r\nContent-Length: 5\r\n\r\nnone\n";

#[test]
fn busybox_wget() {
    let sh = "busybox:sh";
    let bar = format!("\r{:<20} 100% |{}|     6  0:00:00 ETA\n", "-", "*".repeat(32));
    let said = format!("Connecting to web (10.96.1.2:80)\nwriting to stdout\n{bar}written to stdout\n");
    check(sh, &serving(PAGE, "wget -O- web"), "hello\n", &said, 0);
    check(sh, &serving(PAGE, "wget -qO- -T 2 http://web:80/a"), "hello\n", "", 0);
    check(
        sh,
        &serving(
            PAGE,
            "wget -q -O /dev/null --header 'X-A: b' --post-data c=d web/p; head -1 /tmp/request; grep X-A /tmp/request | tr -d '\\r'",
        ),
        "POST /p HTTP/1.1\r\nX-A: b\n",
        "",
        0,
    );
    check(sh, &serving(PAGE, "wget --spider web"), "", "Connecting to web (10.96.1.2:80)\nremote file exists\n", 0);
    check(
        sh,
        &serving(MISSING, "wget -O- web"),
        "",
        "Connecting to web (10.96.1.2:80)\nwget: server returned error: HTTP/1.1 404 Not Found\n",
        1,
    );
    check(
        sh,
        "wget -O- web",
        "",
        "Connecting to web (10.96.1.2:80)\nwget: can't connect to remote host (10.96.1.2): Connection refused\n",
        1,
    );
    check(sh, "wget -qO- nosuch:81", "", "wget: bad address 'nosuch:81'\n", 1);
    let timed = "a=$(date +%s); wget -qO- -T 3 lost; echo $? $(($(date +%s) - a))";
    check(sh, timed, "1 3\n", "wget: download timed out\n", 0);
    let timed = "a=$(date +%s); wget -qO- lost; echo $? $(($(date +%s) - a))";
    check(sh, timed, "1 127\n", "wget: can't connect to remote host (10.96.1.9): Connection timed out\n", 0);
}

#[test]
fn gnu_wget() {
    check("bash", &serving(PAGE, "wget -qO- web"), "hello\n", "", 0);
    check("bash", "wget -q nosuch", "", "wget: unable to resolve host address 'nosuch'\n", 4);
    check(
        "bash",
        "wget 10.96.1.2:81",
        "",
        "--2026-11-22 15:17:44--  http://10.96.1.2:81/\nConnecting to 10.96.1.2:81... failed: Connection refused.\n",
        4,
    );
    check("bash", &serving(MISSING, "wget -q web"), "", "", 8);
    check("bash", &serving(PAGE, "wget -nv web; cat index.html"), "hello\n", "", 0);
}

#[test]
fn curl() {
    check("bash", &serving(PAGE, "curl -s web"), "hello\n", "", 0);
    check(
        "bash",
        &serving(PAGE, "curl -sI web; head -1 /tmp/request"),
        "HTTP/1.1 200 OK\r\nServer: nginx/1.29.1\r\nContent-Type: text/html\r\nContent-Length: 6\r\nConnection: close\r\n\r\nHEAD / HTTP/1.1\r\n",
        "",
        0,
    );
    check("bash", &serving(PAGE, "curl -s -o /dev/null -w '%{http_code}\\n' web"), "200\n", "", 0);
    check("bash", "curl -s -o /dev/null -w '%{http_code}' web", "000", "", 7);
    check(
        "bash",
        "curl -sS web",
        "",
        "curl: (7) Failed to connect to web port 80 after 0 ms: Couldn't connect to server\n",
        7,
    );
    check("bash", "curl -sS nosuch", "", "curl: (6) Could not resolve host: nosuch\n", 6);
    check("bash", "curl -sS -m 3 lost", "", "curl: (28) Connection timed out after 3001 milliseconds\n", 28);
    check(
        "bash",
        "curl -sS --connect-timeout 1 lost",
        "",
        "curl: (28) Connection timed out after 1001 milliseconds\n",
        28,
    );
    check(
        "bash",
        "curl -sS lost",
        "",
        "curl: (28) Failed to connect to lost port 80 after 127000 ms: Couldn't connect to server\n",
        28,
    );
    check("bash", &serving(MISSING, "curl -sf web"), "", "", 22);
    check("bash", &serving(MISSING, "curl -sSf web"), "", "curl: (22) The requested URL returned error: 404\n", 22);
    check(
        "bash",
        &serving(PAGE, "curl -sd a=b -H 'X-A: c' -X PUT web/p >/dev/null; tr -d '\\r' < /tmp/request"),
        "PUT /p HTTP/1.1\nHost: web\nUser-Agent: curl/8.5.0\nAccept: */*\nContent-Length: 3\nContent-Type: application/x-www-form-urlencoded\nX-A: c\n\na=b",
        "",
        0,
    );
    check(
        "bash",
        "curl -Z web",
        "",
        "curl: option -Z: is unknown\ncurl: try 'curl --help' or 'curl --manual' for more information\n",
        2,
    );
}

#[test]
fn curl_tells_what_it_does() {
    check(
        "bash",
        &serving(MISSING, "curl -sv web"),
        "none\n",
        "* Host web:80 was resolved.\n* IPv6: (none)\n* IPv4: 10.96.1.2\n*   Trying 10.96.1.2:80...\n* Connected to web (10.96.1.2) port 80\n> GET / HTTP/1.1\n> Host: web\n> User-Agent: curl/8.5.0\n> Accept: */*\n> \n< HTTP/1.1 404 Not Found\n< Content-Length: 5\n< \n* Connection #0 to host web left intact\n",
        0,
    );
    check("bash", "nc -l -p 443 & sleep 0.1; curl -s https://web", "", "", 60);
}

#[test]
fn nc() {
    check(
        "bash",
        "nc -l 80 </dev/null & sleep 0.1; nc -zv web 80",
        "",
        "Connection to web (10.96.1.2) 80 port [tcp/http] succeeded!\n",
        0,
    );
    check("bash", "nc -zv web 81", "", "nc: connect to web (10.96.1.2) port 81 (tcp) failed: Connection refused\n", 1);
    check(
        "bash",
        "nc -zv -w 2 lost 80",
        "",
        "nc: connect to lost (10.96.1.9) port 80 (tcp) timed out: Operation now in progress\n",
        1,
    );
    let sh = "busybox:sh";
    check(sh, "nc -l -p 80 </dev/null & sleep 0.1; nc -zv web 80", "", "web (10.96.1.2:80) open\n", 0);
    check(sh, "nc -zv -w 1 lost 80", "", "nc: lost (10.96.1.9:80): Connection timed out\n", 1);
    check(sh, "nc -z nosuch 80", "", "nc: bad address 'nosuch'\n", 1);
    check(sh, "sleep 1 | nc -l -p 90 > got & sleep 0.1; echo hi | nc web 90; wait; cat got", "hi\n", "", 0);
}

#[test]
fn names() {
    let server = "Server:\t\t10.96.0.10\nAddress:\t10.96.0.10:53\n\n";
    let missing = |name: &str| format!("** server can't find {name}: NXDOMAIN\n\n").repeat(2);
    let found = "Name:\tweb.default.svc.cluster.local\nAddress: 10.96.1.2\n\n\n";
    check("busybox:sh", "nslookup web.default.svc.cluster.local", &format!("{server}{found}"), "", 0);
    let others = missing("web.svc.cluster.local") + &missing("web.cluster.local");
    check("busybox:sh", "nslookup web", &format!("{server}{found}{others}"), "", 1);
    check("busybox:sh", "nslookup web.nosuch", &format!("{server}{}", missing("web.nosuch")), "", 1);
    let server = "Server:\t\t10.96.0.10\nAddress:\t10.96.0.10#53\n\n";
    let found = "Name:\tweb.default.svc.cluster.local\nAddress: 10.96.1.2\n\n";
    check("bash", "nslookup web", &format!("{server}{found}"), "", 0);
    check("bash", "nslookup nosuch", &format!("{server}** server can't find nosuch: NXDOMAIN\n\n"), "", 1);
    check("bash", "dig +short web.default.svc.cluster.local", "10.96.1.2\n", "", 0);
    check("bash", "dig nosuch | grep -c NXDOMAIN", "1\n", "", 0);
    check("bash", "getent hosts web", "10.96.1.2       web.default.svc.cluster.local\n", "", 0);
    check("bash", "getent hosts nosuch", "", "", 2);
}

#[test]
fn ping() {
    check(
        "busybox:sh",
        "ping -c 2 web",
        "PING web (10.96.1.2): 56 data bytes\n64 bytes from 10.96.1.2: seq=0 ttl=64 time=0.085 ms\n64 bytes from 10.96.1.2: seq=1 ttl=64 time=0.081 ms\n\n--- web ping statistics ---\n2 packets transmitted, 2 packets received, 0% packet loss\nround-trip min/avg/max = 0.081/0.083/0.085 ms\n",
        "",
        0,
    );
    check(
        "bash",
        "ping -c 1 -W 1 lost",
        "PING lost (10.96.1.9) 56(84) bytes of data.\n\n--- lost ping statistics ---\n1 packets transmitted, 0 received, 100% packet loss, time 1000ms\n\n",
        "",
        1,
    );
    check("busybox:sh", "ping nosuch", "", "ping: bad address 'nosuch'\n", 1);
}
