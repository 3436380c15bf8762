// On a phone a row of a list is a block (admin.css), in which each cell says the name of its column.
for (const table of document.querySelectorAll("#result_list")) {
  const names = Array.from(table.tHead.rows[0].cells, (cell) => cell.querySelector(".text a, .text span")?.textContent.trim());
  for (const row of table.tBodies[0].rows) {
    Array.from(row.cells, (cell, place) => { if (cell.tagName === "TD" && names[place]) cell.dataset.label = names[place]; });
  }
  table.classList.add("labelled");
}
