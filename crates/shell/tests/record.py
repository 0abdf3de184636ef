#!/usr/bin/env python3
"""Runs every script of it/oracle.txt with the real bash in an empty directory, and writes down what it answered."""
import os, re, shutil, subprocess, sys, tempfile

PATH = os.path.join(os.path.dirname(os.path.abspath(__file__)), "it", "oracle.txt")


def block(text):
    lines = "".join("  %s\n" % line for line in text.split("\n")[:-1])
    if text and not text.endswith("\n"):
        lines += "  %s\n  \\no newline\n" % text.split("\n")[-1]
    return lines


def scripts():
    found, current, body = [], None, False
    for line in open(PATH).read().split("\n"):
        if line.startswith("=== "):
            current = [line[4:]]
            found.append(current)
            body = True
        elif line.startswith("|") and body:
            current.append(line[2:])
        else:
            body = False
    return ["\n".join(script) for script in found]


out = ""
for script in scripts():
    home = tempfile.mkdtemp(prefix="oracle", dir="/tmp")
    env = {"HOME": home, "PATH": "/usr/bin:/bin", "USER": "root", "TERM": "xterm", "LC_ALL": "C"}
    try:
        done = subprocess.run(["bash", "-c", script], cwd=home, env=env, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=10)
    except subprocess.TimeoutExpired:
        sys.exit("never ends: " + script)
    shutil.rmtree(home)
    fix = lambda text: text.decode("utf-8", "replace").replace(home, "/root")
    status = done.returncode if done.returncode >= 0 else 128 - done.returncode
    lines = script.split("\n")
    out += "=== " + lines[0] + "\n" + "".join("| %s\n" % line for line in lines[1:])
    out += "out:\n" + block(fix(done.stdout)) + "err:\n" + block(fix(done.stderr)) + "status: %d\n" % status
open(PATH, "w").write(out)
