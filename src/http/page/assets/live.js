// Keeps an open page as it would be if it were loaded now. Without it nothing is lost but that.
"use strict";
(() => {
  const live = document.getElementById("live");
  const state = document.getElementById("live-state");
  if (live === null || state === null) return;

  const AGAIN_MS = 15_000;
  const HELD_MS = 300;
  // Who has not moved the pointer for so long is not about to press anything.
  const RESTS_MS = 3_000;
  let source = null;
  let waiting = 0;
  let held = 0;
  let movedAt = 0;

  // What was done is said once: a reload, or the way back, does not do it again.
  const here = new URL(location.href);
  here.searchParams.delete("did");
  history.replaceState(history.state, "", here);

  function open() {
    close();
    const address = `${live.dataset.live}?page=${
      encodeURIComponent(live.dataset.path + here.search)
    }`;
    source = new EventSource(address);
    source.addEventListener("open", () => say("Live"));
    source.addEventListener("page", (event) => show(JSON.parse(event.data)));
    source.addEventListener("gone", () => location.reload());
    source.addEventListener("error", () => {
      say("Not up to date: trying to reach plexsync");
      // After a refusal the browser does not try again by itself.
      if (source.readyState !== EventSource.CLOSED) return;
      waiting = setTimeout(open, AGAIN_MS);
      tellWhy();
    });
  }

  /** Why a stream was refused, which the browser does not tell: it asks for the page itself. */
  async function tellWhy() {
    const wanted = { method: "HEAD", redirect: "manual" };
    const answer = await fetch(location.href, wanted).catch(() => null);
    // It leads away, to where one signs in: here, or with a proxy.
    if (answer?.type === "opaqueredirect") location.reload();
    else if (answer?.ok) say("Not up to date: too many pages are open at once");
  }

  function close() {
    clearTimeout(waiting);
    clearTimeout(held);
    if (source !== null) source.close();
    source = null;
  }

  function say(text) {
    if (state.textContent !== text) state.textContent = text;
  }

  function show(html) {
    clearTimeout(held);
    if (isAboutToPress()) {
      held = setTimeout(show, HELD_MS, html);
      return;
    }
    const fresh = new DOMParser().parseFromString(html, "text/html").body;
    patchChildren(live, fresh);
    live.dispatchEvent(new Event("patched"));
  }

  /** What is about to be pressed must not move away from under the pointer. */
  function isAboutToPress() {
    const isMoving = performance.now() - movedAt < RESTS_MS;
    return live.querySelector(isMoving ? "button:hover, a.button:hover, :active" : ":active") !==
      null;
  }

  /** Rows and parts that keep what they are wherever they stand. */
  function keyOf(node) {
    if (node.nodeType !== Node.ELEMENT_NODE) return null;
    // Not node.id: a form with a field of that name answers with the field.
    return node.getAttribute("data-key") ?? node.getAttribute("id");
  }

  function isSameKind(a, b) {
    return a.nodeType === b.nodeType && a.nodeName === b.nodeName && keyOf(a) === keyOf(b);
  }

  /** Makes the children of `old` those of `fresh`, with as little change as may be. */
  function patchChildren(old, fresh) {
    const wanted = [...fresh.childNodes];
    const keys = new Set(wanted.map(keyOf));
    const byKey = new Map([...old.children].map((child) => [keyOf(child), child]));
    let at = old.firstChild;
    const passLost = () => {
      while (at !== null && keyOf(at) !== null && !keys.has(keyOf(at))) {
        const lost = at;
        at = at.nextSibling;
        lost.remove();
      }
    };
    for (const next of wanted) {
      passLost();
      const key = keyOf(next);
      let found = key === null ? at : byKey.get(key) ?? null;
      if (found !== null && !isSameKind(found, next)) found = null;
      if (found === null) {
        old.insertBefore(document.importNode(next, true), at);
        continue;
      }
      if (found === at) at = at.nextSibling;
      else old.insertBefore(found, at);
      patch(found, next);
    }
    while (at !== null) {
      const lost = at;
      at = at.nextSibling;
      lost.remove();
    }
  }

  function patch(old, fresh) {
    if (old.nodeType !== Node.ELEMENT_NODE) {
      if (old.data !== fresh.data) old.data = fresh.data;
      return;
    }
    // Its content is drawn here, from what stands elsewhere on the page.
    if (old.hasAttribute("data-drawn")) return;
    for (const { name } of [...old.attributes]) {
      // Whether it is unfolded is up to who looks at it.
      const isTheirs = name === "open" && old.nodeName === "DETAILS";
      if (!fresh.hasAttribute(name) && !isTheirs) old.removeAttribute(name);
    }
    for (const { name, value } of [...fresh.attributes]) {
      if (old.getAttribute(name) !== value) old.setAttribute(name, value);
    }
    patchChildren(old, fresh);
  }

  function follow() {
    if (document.hidden) {
      close();
      say("Paused while nobody looks");
    } else if (source === null) open();
  }

  document.addEventListener("visibilitychange", follow);
  document.addEventListener("pointermove", () => movedAt = performance.now());
  // What is sent leads to another page; to be told meanwhile that this one is over leads back to it.
  document.addEventListener("submit", close);
  // A page that is kept for the way back holds no connection meanwhile.
  addEventListener("pagehide", close);
  addEventListener("pageshow", follow);
  follow();
})();
