"use strict";
// Sorting: by a click or a key on a column's head; up, down, as it was.
for (const table of document.querySelectorAll("main table")) {
  const body = table.tBodies[0];
  const original = [...body.rows];
  const heads = [...table.tHead.rows[0].cells];
  const sort = (column, direction) => {
    const value = (row) => {
      const cell = row.cells[column];
      return "v" in cell.dataset ? cell.dataset.v : cell.textContent.trim();
    };
    const numeric = original.every((row) => "v" in row.cells[column].dataset);
    const rows = original.map((row, place) => ({ row, place, value: value(row) }));
    const missing = (one) => one.value === "" || one.value === "–";
    rows.sort((a, b) => {
      if (direction === 0) return a.place - b.place;
      if (missing(a) !== missing(b)) return missing(a) ? 1 : -1; // whichever way: last
      const difference = numeric
        ? Number(a.value.replace("inf", "Infinity")) - Number(b.value.replace("inf", "Infinity"))
        : a.value.localeCompare(b.value, "en", { numeric: true });
      return direction * (difference || 0) || a.place - b.place;
    });
    body.append(...rows.map((one) => one.row));
    heads.forEach((head) => head.hasAttribute("aria-sort") && head.setAttribute("aria-sort", "none"));
    if (direction !== 0) heads[column].setAttribute("aria-sort", direction > 0 ? "ascending" : "descending");
  };
  heads.forEach((head, column) => {
    const button = head.querySelector("button");
    if (!button) return;
    button.addEventListener("click", () => {
      const now = head.getAttribute("aria-sort");
      sort(column, now === "none" ? 1 : now === "ascending" ? -1 : 0);
    });
  });
}

// All digits of a number, where a pointer rests on it.
document.addEventListener("mouseover", (event) => {
  const cell = event.target.closest?.("td[data-v]");
  if (cell && cell.dataset.v !== "" && !cell.title) cell.title = cell.dataset.v;
});

// The filter: whatever belongs to runs or groups is found by their names, methods and verdicts.
const form = document.getElementById("filter");
const find = document.getElementById("find");
const group = document.getElementById("group");
const state = document.getElementById("state");
const entries = [...document.querySelectorAll("[data-find]")].map((element) => ({
  element,
  text: element.dataset.find.toLowerCase(),
}));
const apply = () => {
  const words = find.value.toLowerCase().split(/\s+/).filter(Boolean);
  let shown = 0;
  let all = 0;
  for (const { element, text } of entries) {
    const fits =
      words.every((word) => text.includes(word)) &&
      (group.value === "" || element.dataset.groups.includes(` ${group.value} `)) &&
      (state.value === "" || element.dataset.states.includes(` ${state.value} `));
    element.hidden = !fits;
    if ("run" in element.dataset) {
      all += 1;
      shown += fits ? 1 : 0;
    }
  }
  document.getElementById("count").textContent = shown === all ? `${all} runs` : `${shown} of ${all} runs`;
};
form.addEventListener("input", apply);
form.addEventListener("submit", (event) => event.preventDefault());
form.hidden = false;
apply();

// Print has no folds.
let opened = [];
addEventListener("beforeprint", () => {
  opened = [...document.querySelectorAll("details:not([open])")];
  opened.forEach((one) => (one.open = true));
});
addEventListener("afterprint", () => opened.forEach((one) => (one.open = false)));
