// The reader's own zone, on hover and for screen readers, beside every instant in UTC.
(function () {
  "use strict";
  const format = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "long" });
  function show(root) {
    for (const time of root.querySelectorAll("time[datetime]:not([title])")) {
      time.title = format.format(new Date(time.dateTime));
    }
  }
  show(document);
  document.addEventListener("htmx:load", (event) => show(event.detail.elt));
})();
