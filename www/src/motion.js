// Movement on the map: what changes its place glides there, what goes away fades where it was.

const GLIDE = { duration: 420, easing: "cubic-bezier(.2,.8,.2,1)" };
/** More than this many at once is a crowd, in which movement would only cost time. */
const CROWD = 150;

/** Watches the elements with `data-flip` below `root`, whose values name them across redraws. Returns how to stop. */
export function motionWatch(root) {
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  let before = places(root);
  const observer = new MutationObserver(() => {
    const after = places(root);
    if (!calm.matches && after.size <= CROWD) {
      for (const [key, place] of after) move(place, before.get(key));
    }
    before = after;
  });
  observer.observe(root, { childList: true, subtree: true });
  const resized = new ResizeObserver(() => (before = places(root)));
  resized.observe(root);
  const scrolled = () => (before = places(root));
  root.addEventListener("scroll", scrolled, { passive: true, capture: true });
  return () => {
    observer.disconnect();
    resized.disconnect();
    root.removeEventListener("scroll", scrolled, { capture: true });
  };
}

function places(root) {
  const found = new Map();
  for (const element of root.querySelectorAll("[data-flip]")) {
    found.set(element.dataset.flip, { element, box: element.getBoundingClientRect() });
  }
  return found;
}

function move({ element, box }, from) {
  if (!from) {
    element.animate([{ opacity: 0, transform: "translateY(-14px)" }, { opacity: 1, transform: "none" }], GLIDE);
    return;
  }
  const x = from.box.left - box.left;
  const y = from.box.top - box.top;
  if (Math.abs(x) + Math.abs(y) > 1 && from.box.width > 0) {
    // Above everything it passes on its way.
    element.animate([{ transform: `translate(${x}px, ${y}px)`, zIndex: 2 }, { transform: "none", zIndex: 2 }], GLIDE);
  }
}
