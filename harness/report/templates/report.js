"use strict";
// Adds the filter and opens what a link points at. The page reads without it.
const form = document.getElementById("filter");
const said = document.getElementById("shown");
const cases = [...document.querySelectorAll("details.case")];

function matches(item, wanted) {
  return (!wanted.verdict || item.dataset.verdict === wanted.verdict)
    && (!wanted.role || item.dataset.role === wanted.role)
    && (!wanted.requirement || item.dataset.requirements.split(" ").includes(wanted.requirement))
    && wanted.words.every((word) => item.dataset.search.includes(word));
}

function apply() {
  const given = new FormData(form);
  const wanted = {
    verdict: given.get("verdict"),
    role: given.get("role"),
    requirement: given.get("requirement"),
    words: given.get("text").toLowerCase().split(/\s+/).filter(Boolean),
  };
  let count = 0;
  for (const item of cases) {
    item.hidden = !matches(item, wanted);
    count += item.hidden ? 0 : 1;
  }
  for (const feature of document.querySelectorAll(".feature")) {
    feature.hidden = !feature.querySelector("details.case:not([hidden])");
  }
  said.textContent = `${count} of ${cases.length} scenarios shown`;
}

function reveal() {
  const target = location.hash ? document.getElementById(decodeURIComponent(location.hash.slice(1))) : null;
  if (!target) return;
  for (let at = target; at; at = at.parentElement) {
    if (at.hidden) { form.reset(); apply(); }
    if (at.tagName === "DETAILS") at.open = true;
  }
  target.scrollIntoView();
}

form.hidden = false;
form.addEventListener("input", apply);
form.addEventListener("submit", (event) => event.preventDefault());
form.addEventListener("reset", () => setTimeout(apply));
document.getElementById("open-all").addEventListener("click", () => cases.forEach((one) => { one.open = !one.hidden; }));
document.getElementById("close-all").addEventListener("click", () => cases.forEach((one) => { one.open = false; }));
addEventListener("hashchange", reveal);
apply();
reveal();
