// What the browser keeps of a session, and which tab may work on it.
//
// IndexedDB holds two texts per exercise (checkpoint and tail) in one store, so that one transaction writes both.
// localStorage holds the tail of the last moment, because only it can be written while a page goes away.

const DATABASE = "podyard";
const SESSIONS = "sessions";
const ASIDE = "aside";
/** A database that does not answer within this time (milliseconds) is treated as absent. */
const SLOW = 4000;

let opening;

/** The texts of a session: `[checkpoint, tail, lateTail]`, each a string or undefined. Rejects without a database. */
export async function recordRead(path) {
  const late = lateRead(path);
  const store = await sessions("readonly");
  const [checkpoint, tail] = await Promise.all([done(store.get(`${path}#checkpoint`)), done(store.get(`${path}#tail`))]);
  // What is not a text is damaged; an empty text says so to whoever reads it.
  return [checkpoint, tail, late].map((text) => (text === undefined || typeof text === "string" ? text : ""));
}

/** Writes a session's texts; an undefined checkpoint stays as it is. Rejects with `full` or `none`. */
export async function recordWrite(path, checkpoint, tail) {
  try {
    const store = await sessions("readwrite");
    if (checkpoint !== undefined) store.put(checkpoint, `${path}#checkpoint`);
    store.put(tail, `${path}#tail`);
    await finished(store.transaction);
  } catch (error) {
    throw error?.name === "QuotaExceededError" ? "full" : "none";
  }
}

/** Forgets a session. */
export async function recordRemove(path) {
  lateClear(path);
  const store = await sessions("readwrite");
  store.delete(`${path}#checkpoint`);
  store.delete(`${path}#tail`);
  await finished(store.transaction);
}

/** Keeps a session's texts apart from the session, for the learner to download. */
export async function recordSetAside(path) {
  const texts = await recordRead(path);
  const db = await database();
  const transaction = db.transaction([SESSIONS, ASIDE], "readwrite");
  transaction.objectStore(ASIDE).put({ path, at: new Date().toISOString(), texts }, path);
  transaction.objectStore(SESSIONS).delete(`${path}#checkpoint`);
  transaction.objectStore(SESSIONS).delete(`${path}#tail`);
  await finished(transaction);
  lateClear(path);
}

/** What was set aside of an exercise, as one text; empty where there is nothing. */
export async function asideText(path) {
  const db = await database();
  const kept = await done(db.transaction(ASIDE).objectStore(ASIDE).get(path));
  return kept ? JSON.stringify(kept, null, 2) : "";
}

/** Keeps the tail at once; the only thing that is sure to be kept while the page goes away. */
export function lateWrite(path, tail) {
  try {
    localStorage.setItem(`podyard.late.${path}`, tail);
  } catch {
    // It is too large, or there is no storage: the record in the database stands.
  }
}

function lateRead(path) {
  try {
    return localStorage.getItem(`podyard.late.${path}`) ?? undefined;
  } catch {
    return undefined;
  }
}

function lateClear(path) {
  try {
    localStorage.removeItem(`podyard.late.${path}`);
  } catch {
    // There was nothing to clear.
  }
}

/** How long the tab that has an exercise may take to give it up, in milliseconds. */
const HANDOVER = 1500;

const held = new Map();
const tabs = typeof BroadcastChannel === "undefined" ? undefined : new BroadcastChannel("podyard");
if (tabs) tabs.onmessage = ({ data }) => held.get(data.wanted)?.lost();

/**
 * Takes the exercise for this tab: true once it has it, false when another tab has it and `steal` is false.
 * `onLost` is called when another tab takes it over; it keeps the session and calls `lockRelease`.
 */
export async function lockTake(path, steal, onLost) {
  if (!navigator.locks) return true;
  if (!steal) return request(path, { ifAvailable: true }, onLost);
  // The other tab is asked first, so that it can keep what was done there. A tab that hangs is not waited for.
  tabs?.postMessage({ wanted: path });
  const given = await request(path, { signal: AbortSignal.timeout(HANDOVER) }, onLost);
  return given || request(path, { steal: true }, onLost);
}

/** Gives the exercise free for other tabs. */
export function lockRelease(path) {
  held.get(path)?.release();
  held.delete(path);
}

function request(path, options, onLost) {
  return new Promise((resolve) => {
    let mine;
    navigator.locks
      .request(`podyard ${path}`, options, (lock) => {
        if (lock) mine = new Promise((release) => held.set(path, { release, lost: onLost }));
        resolve(lock !== null);
        return mine;
      })
      .catch(() => {
        resolve(false);
        // Stolen by another tab while this one had it.
        if (mine && held.delete(path)) onLost();
      });
  });
}

async function sessions(mode) {
  return (await database()).transaction(SESSIONS, mode).objectStore(SESSIONS);
}

function database() {
  opening ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(DATABASE, 1);
    setTimeout(() => reject(new Error("slow")), SLOW);
    request.onupgradeneeded = () => {
      request.result.createObjectStore(SESSIONS);
      request.result.createObjectStore(ASIDE);
    };
    request.onerror = () => reject(request.error);
    request.onsuccess = () => {
      // Another release may want to change the database; this page then goes on without it.
      request.result.onversionchange = () => request.result.close();
      resolve(request.result);
    };
  });
  return opening;
}

function done(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

function finished(transaction) {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error ?? new DOMException("", "QuotaExceededError"));
    transaction.onerror = () => reject(transaction.error);
  });
}
