// What a page does beyond showing: the reader's own zone, what is left of a deadline, and the keys.
(function () {
  "use strict";
  const full = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "long" });
  const brief = new Intl.DateTimeFormat(undefined, {
    weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", timeZoneName: "short",
  });
  const all = (root, selector) => root.querySelectorAll(selector);

  function show(root) {
    for (const time of all(root, "time[datetime]:not([title])")) {
      time.title = full.format(new Date(time.dateTime));
    }
    for (const place of all(root, "[data-local]")) {
      const at = new Date(place.dataset.local);
      // On clocks that show UTC nothing is left to say.
      if (at.getTimezoneOffset() !== 0) place.textContent = `${place.dataset.words || ""}${brief.format(at)}, where you are`;
    }
    count();
  }

  // In the words of the server: `2 d 4 h left`; in the last hour the seconds too.
  function left(seconds) {
    const days = Math.floor(seconds / 86400);
    const hours = Math.floor((seconds % 86400) / 3600);
    const minutes = Math.floor((seconds % 3600) / 60);
    const two = (number) => String(number).padStart(2, "0");
    if (seconds <= 0) return "time is up";
    if (days) return `${days} d ${hours} h left`;
    if (hours) return `${hours} h ${two(minutes)} min left`;
    return `${minutes} min ${two(Math.floor(seconds % 60))} s left`;
  }

  function count() {
    for (const time of all(document, "[data-left]")) {
      const seconds = (new Date(time.dateTime) - Date.now()) / 1000;
      const words = left(seconds);
      if (time.textContent !== words) time.textContent = words;
      time.classList.toggle("pressing", seconds < 10800);
      time.classList.toggle("soon", seconds >= 10800 && seconds < 86400);
    }
  }

  const here = all(document, ".top nav a");
  for (const link of here) {
    const own = link.pathname;
    const within = own === "/" ? location.pathname === "/" : location.pathname.startsWith(own);
    if (within) link.setAttribute("aria-current", "page");
  }

  let leading = false; // after a `g`
  function move(step) {
    const rows = [...all(document, ".list .main, .rows .main")];
    if (!rows.length) return;
    const at = rows.indexOf(document.activeElement);
    rows[Math.min(Math.max(at + step, 0), rows.length - 1)].focus();
  }
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input, textarea, select, [contenteditable]");
    if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
    const wasLeading = leading;
    leading = false;
    if (wasLeading) {
      const link = document.querySelector(`.top [data-key="${CSS.escape(event.key)}"]`);
      if (link) link.click();
    } else if (event.key === "g") {
      leading = true;
    } else if (event.key === "/") {
      const field = document.querySelector("[data-focus]");
      if (field) {
        event.preventDefault();
        field.focus();
        field.select();
      }
    } else if (event.key === "j" || event.key === "k") {
      move(event.key === "j" ? 1 : -1);
    } else if (event.key === "?") {
      const dialog = document.getElementById("keys");
      if (dialog && !dialog.open) dialog.showModal();
    }
  });

  for (const button of all(document, "[data-copy]")) {
    button.hidden = !navigator.clipboard;
    button.addEventListener("click", async () => {
      const words = button.textContent;
      try {
        await navigator.clipboard.writeText(document.querySelector(button.dataset.copy).textContent);
        button.textContent = "Copied";
      } catch {
        button.textContent = "It could not be copied: select the lines";
      }
      setTimeout(() => { button.textContent = words; }, 2000);
    });
  }

  // A page that was left open is true again as soon as somebody looks at it.
  document.addEventListener("visibilitychange", () => {
    if (document.hidden || !window.htmx) return;
    for (const live of all(document, "[data-live]")) window.htmx.trigger(live, "looked-at");
  });
  document.addEventListener("htmx:load", (event) => show(event.detail.elt.parentNode || document));
  setInterval(count, 1000);
  show(document);
})();
