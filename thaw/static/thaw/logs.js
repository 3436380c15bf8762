// Logs: a range of lines is selected, and a file is checked before it is imported.
(function () {
  "use strict";
  const log = document.querySelector("ol.log");
  const form = document.querySelector("[data-upload]");

  // A range: `#l-24-l-31`, or a second line pressed with Shift; its address is the server's.
  function select(first, last) {
    const [low, high] = first < last ? [first, last] : [last, first];
    for (const line of log.children) {
      line.classList.toggle("chosen", low <= line.value && line.value <= high);
    }
    return `?from=${low}&to=${high}#l-${low}`;
  }
  function fromAddress() {
    const range = /^#l-(\d{1,9})-l-(\d{1,9})$/.exec(location.hash);
    if (!range) return;
    select(Number(range[1]), Number(range[2]));
    const first = document.getElementById(`l-${Math.min(range[1], range[2])}`);
    if (first) first.scrollIntoView();
  }
  if (log) {
    let last = 0;
    for (const hint of document.querySelectorAll(".by-script")) hint.hidden = false;
    log.addEventListener("click", (event) => {
      const at = event.target.closest("a.at");
      if (!at) return;
      const number = at.parentNode.value;
      if (event.shiftKey && last) {
        event.preventDefault();
        history.replaceState(null, "", select(last, number));
        return;
      }
      last = number;
      for (const line of log.querySelectorAll(".chosen")) line.classList.remove("chosen");
    });
    addEventListener("hashchange", fromAddress);
    fromAddress();
  }

  // A file is sent to be checked as soon as it is there; what the server answers is shown.
  function check() {
    const place = document.getElementById("checked");
    const data = new FormData(form);
    data.set("check", "1");
    const request = new XMLHttpRequest();
    const bar = document.createElement("progress");
    const words = document.createElement("p");
    bar.max = 100;
    bar.value = 0;
    bar.setAttribute("aria-label", "Sending the file");
    words.textContent = "Sending the file to be checked; nothing is stored.";
    place.replaceChildren(words, bar);
    request.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable) bar.value = (100 * event.loaded) / event.total;
      if (event.loaded === event.total) words.textContent = "Reading it…";
    });
    request.addEventListener("load", () => {
      const answer = new DOMParser().parseFromString(request.responseText, "text/html");
      const found = answer.querySelector("#checked");
      const errors = answer.querySelectorAll(".field .error, .notice[role=alert]");
      place.replaceChildren(...errors, ...(found ? found.childNodes : []));
      if (!place.childNodes.length) place.textContent = `It was not checked: the server answered ${request.status}.`;
    });
    request.addEventListener("error", () => {
      place.textContent = "It could not be sent. Is the network there? Choose the file again.";
    });
    request.open("POST", form.action || location.href);
    request.send(data);
  }
  if (form) {
    const file = form.querySelector("input[type=file]");
    const drop = form.querySelector(".drop");
    for (const hint of document.querySelectorAll(".by-script")) hint.hidden = false;
    form.addEventListener("change", () => {
      if (file.files.length) check();
    });
    for (const [name, over] of [["dragenter", true], ["dragover", true], ["dragleave", false], ["drop", false]]) {
      drop.addEventListener(name, (event) => {
        event.preventDefault();
        drop.classList.toggle("over", over);
      });
    }
    drop.addEventListener("drop", (event) => {
      if (!event.dataTransfer.files.length) return;
      file.files = event.dataTransfer.files;
      check();
    });
  }
})();
